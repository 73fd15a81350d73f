"""A bidirectional recurrent encoder: every word's annotation depends on the whole sentence.

Sentences of a batch differ in length. They are packed, so that the recurrence stops at the end of each sentence and
padding never reaches a hidden state.

Papers: Bahdanau et al. 2015, section 3.2; Sutskever et al. 2014, section 3.3 (reversed sources); Cho et al. 2014,
section 2.3 (the GRU).
Page:   docs/topics/t04_attention_encoder
Check:  attend check t04
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


def source_mask(lengths: Int[Tensor, "B"], max_len: int | None = None) -> Bool[Tensor, "B S"]:
    """True on a sentence's real positions, False on its padding.

    Args:
        lengths: how many words each sentence has, (B,), each 0 or more.
        max_len: S; the longest sentence's length when left out.

    Returns:
        The mask (B, S).

    >>> source_mask(torch.tensor([3, 1]))
    tensor([[ True,  True,  True],
            [ True, False, False]])
    """
    # BEGIN SOLUTION
    S = int(lengths.max()) if max_len is None else max_len
    return torch.arange(S, device=lengths.device) < lengths[:, None]
    # END SOLUTION


def reverse_padded(tokens: Int[Tensor, "B S"], lengths: Int[Tensor, "B"]) -> Int[Tensor, "B S"]:
    """Reverse each sentence within its own length; padding stays where it is.

    Args:
        tokens: (B, S), any numbers.
        lengths: (B,).

    Returns:
        The reversed tokens (B, S); the tokens after a sentence's end are unchanged.

    Source: Sutskever et al. 2014, section 3.3.

    >>> reverse_padded(torch.tensor([[5, 6, 7], [8, 9, 0]]), torch.tensor([3, 2]))
    tensor([[7, 6, 5],
            [9, 8, 0]])
    """
    # BEGIN SOLUTION
    places = torch.arange(tokens.shape[1], device=tokens.device)  # (S,)
    last = lengths[:, None] - 1
    source = torch.where(places <= last, last - places, places)  # (B, S)
    return tokens.gather(1, source)
    # END SOLUTION


class Encoder(nn.Module):
    """A bidirectional GRU over embedded words; the bridge computes the decoder's first state.

        →h_s = GRU(→h_{s−1}, E x_s)    ←h_s = GRU(←h_{s+1}, E x_s)    annotation_s = [→h_s; ←h_s]
        state = tanh(bridge [→h_last; ←h_first])

    Args:
        vocab_size: how many words there are.
        embed_size: the embedding's size.
        hidden_size: H, of each direction.
        pad: the padding token; its embedding is zero and is never trained.

    Its parts are `embedding` (nn.Embedding), `rnn` (nn.GRU, one layer, batch first) and `bridge` (nn.Linear, 2H → H).

    Source: Bahdanau et al. 2015, section 3.2 and appendix A.2.2 (there the bridge reads ←h_first alone). The GRU is
    PyTorch's, which applies the reset gate after the product; Bahdanau et al. 2015, appendix A.1.1, apply it before.

    >>> encoder = Encoder(vocab_size=9, embed_size=4, hidden_size=5)
    >>> annotations, state = encoder(torch.tensor([[4, 7, 3], [6, 2, 0]]), torch.tensor([3, 2]))
    >>> annotations.shape, state.shape, annotations[1, 2].abs().sum().item()
    (torch.Size([2, 3, 10]), torch.Size([2, 5]), 0.0)
    """

    def __init__(self, vocab_size: int, embed_size: int, hidden_size: int, pad: int = 0):
        super().__init__()
        # BEGIN SOLUTION
        self.embedding = nn.Embedding(vocab_size, embed_size, padding_idx=pad)
        self.rnn = nn.GRU(embed_size, hidden_size, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * hidden_size, hidden_size)
        # END SOLUTION

    def forward(
        self, tokens: Int[Tensor, "B S"], lengths: Int[Tensor, "B"]
    ) -> tuple[Float[Tensor, "B S 2*H"], Float[Tensor, "B H"]]:
        """Encode a padded batch; the lengths come in any order.

        Args:
            tokens: (B, S).
            lengths: (B,), each at least 1; only they say where a sentence ends, `pad` may stand in it as a word.

        Returns:
            The annotations (B, S, 2H), zero at padding, and the state (B, H), with the dtype of the weights. A
            sentence's results do not depend on how far its batch is padded, nor on its place in the batch.
        """
        # BEGIN SOLUTION
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(tokens), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        annotations, last = self.rnn(packed)  # last (2, B, H): forward at each end, backward at each start
        annotations, _ = nn.utils.rnn.pad_packed_sequence(
            annotations, batch_first=True, total_length=tokens.shape[1]
        )
        state = torch.tanh(self.bridge(torch.cat([last[0], last[1]], dim=-1)))
        return annotations, state
        # END SOLUTION
