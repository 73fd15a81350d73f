"""Encoder and decoder as one model: trained to predict the next word, then searched for the best sentence.

In training the decoder reads the right words, shifted by one; padding does not count, and the gradient is clipped.
In a search there are no right words: greedy search takes the likeliest word each time, beam search keeps several
sentences open.

Papers: Sutskever et al. 2014, section 3.2 and section 3.4; Graves 2012 (beam search); Pascanu et al. 2013 (clipping).
Page:   docs/topics/t06_encoder_decoder
Check:  attend check t06
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


def shift_right(targets: Int[Tensor, "B T"], bos: int) -> Int[Tensor, "B T"]:
    """What the decoder reads when it should write `targets`: bos first, then all words but the last.

    Args:
        targets: (B, T).
        bos: the token that begins a sentence.

    Returns:
        The decoder's inputs (B, T).

    >>> shift_right(torch.tensor([[5, 6, 2], [7, 2, 0]]), bos=1)
    tensor([[1, 5, 6],
            [1, 7, 2]])
    """
    raise NotImplementedError("t06.1 shift_right: see docs/topics/t06_encoder_decoder")


def sequence_loss(logits: Float[Tensor, "B T V"], targets: Int[Tensor, "B T"], pad: int) -> Float[Tensor, ""]:
    """The mean negative log-likelihood of a real word.

        −Σ log p(y_bt) / (how many y_bt are not pad)

    Args:
        logits: (B, T, V), contiguous in memory or not.
        targets: (B, T).
        pad: the token that does not count.

    Returns:
        A scalar tensor with the dtype of the logits; 0 where all is padding, and then with gradients of 0.

    >>> sequence_loss(torch.zeros(1, 3, 4), torch.tensor([[2, 3, 0]]), pad=0).round(decimals=4)  # ln 4
    tensor(1.3863)
    """
    raise NotImplementedError("t06.2 sequence_loss: see docs/topics/t06_encoder_decoder")


class Seq2Seq(nn.Module):
    """An encoder and a decoder with t04's and t05's interfaces.

    Args:
        encoder: `(tokens (B, S), lengths (B,))` → annotations (B, S, A), state (B, H).
        decoder: `(inputs (B, T), state, annotations, mask (B, S))` → logits (B, T, V), weights (B, T, S).

    Its parts are `encoder` and `decoder`, and no others.

    >>> from attend.student.helpers import TinyDecoder, TinyEncoder
    >>> model = Seq2Seq(TinyEncoder(9, 4, 5), TinyDecoder(8, 4, 5, 10))
    >>> logits, weights = model(torch.tensor([[4, 5, 6]]), torch.tensor([3]), torch.tensor([[1, 7]]))
    >>> logits.shape, weights.shape
    (torch.Size([1, 2, 8]), torch.Size([1, 2, 3]))
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module):
        super().__init__()
        raise NotImplementedError("t06.3 Seq2Seq: see docs/topics/t06_encoder_decoder")

    def forward(
        self, source: Int[Tensor, "B S"], lengths: Int[Tensor, "B"], inputs: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T V"], Float[Tensor, "B T S"]]:
        """Encode, then decode with teacher forcing; padding of the source is hidden from attention.

        Args:
            source: (B, S).
            lengths: (B,); only they say what is padding, any token may be a word.
            inputs: what the decoder reads, (B, T).

        Returns:
            logits (B, T, V) and weights (B, T, S).
        """
        raise NotImplementedError("t06.3 Seq2Seq: see docs/topics/t06_encoder_decoder")


@torch.no_grad()
def greedy_decode(
    model: nn.Module,
    source: Int[Tensor, "B S"],
    lengths: Int[Tensor, "B"],
    bos: int,
    eos: int,
    max_len: int,
) -> tuple[list[list[int]], list[Float[Tensor, "T_i S_i"]]]:
    """Translate a batch greedily: write the likeliest word at every step, until eos or `max_len` words.

    Args:
        model: a `Seq2Seq` whose decoder has t05's `step`; it attends to real words only.
        source: (B, S).
        lengths: (B,); only they say what is padding, any token may be a word.
        bos: the token that begins a sentence.
        eos: the token that ends it.
        max_len: the largest number of words to write; may be 0.

    Returns:
        Two lists. For each sentence its tokens, a list of Python's ints without bos and eos, and its alignment
        (T_i, S_i): a row of weights for each word written, a column for each word of its source; (0, S_i) for an
        empty sentence.

    >>> from attend.student.helpers import TinyDecoder, TinyEncoder
    >>> model = Seq2Seq(TinyEncoder(9, 4, 5), TinyDecoder(8, 4, 5, 10))
    >>> tokens, alignments = greedy_decode(model, torch.tensor([[4, 5, 6]]), torch.tensor([3]), 1, 2, max_len=0)
    >>> tokens, alignments[0].shape
    ([[]], torch.Size([0, 3]))
    """
    raise NotImplementedError("t06.4 greedy_decode: see docs/topics/t06_encoder_decoder")


def beam_search(
    step: Callable[[Int[Tensor, "K"], Any], tuple[Float[Tensor, "K V"], Any]],
    state: Any,
    bos: int,
    eos: int,
    beam_size: int,
    max_len: int,
) -> list[tuple[list[int], float]]:
    """Keep the `beam_size` best beginnings of sentences, and return the best sentences found.

    Each round extends every open hypothesis by every word and keeps the best continuations. Those that end in eos
    are finished and leave the beam, which shrinks. Ties go to the lower parent, then to the lower token.

    Args:
        step: `(tokens (K,), state)` → log-probabilities (K, V) and the new state; K is 1 at first.
        state: a tensor or a nested tuple of tensors, with the beam as first axis.
        bos: the token that begins a sentence.
        eos: the token that ends it.
        beam_size: how many hypotheses are kept.
        max_len: the largest number of words; what is still open then is returned too.

    Returns:
        A list of at most `beam_size` tuples, best first: the tokens, a list of Python's ints without bos and eos, and
        the log-probability, a float with eos's in it.

    >>> table = torch.tensor([[0.0, 0.0, 0.6, 0.4], [0, 0, 0, 0], [0, 0.9, 0.1, 0], [0, 1.0, 0, 0]]).log()
    >>> found = beam_search(lambda tokens, state: (table[tokens], state), torch.zeros(1), 0, 1, 2, 5)
    >>> [(tokens, round(log_prob, 4)) for tokens, log_prob in found]  # ln 0.54 and ln 0.4
    [([2], -0.6162), ([3], -0.9163)]
    """
    raise NotImplementedError("t06.5 beam_search: see docs/topics/t06_encoder_decoder")


def _reindex(state: Any, parents: list[int]) -> Any:
    """The state's rows in the order of `parents`."""
    if isinstance(state, tuple):
        return tuple(_reindex(part, parents) for part in state)
    return state[parents]


def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    source: Int[Tensor, "B S"],
    lengths: Int[Tensor, "B"],
    targets: Int[Tensor, "B T"],
    bos: int,
    pad: int,
    max_norm: float,
) -> float:
    """One step of training on one batch.

    Args:
        model: a `Seq2Seq`.
        optimizer: over the model's parameters.
        source: (B, S).
        lengths: (B,).
        targets: (B, T), each sentence with its eos.
        bos: the token that begins a sentence.
        pad: the token that does not count.
        max_norm: the gradient's norm is clipped to this before the step.

    Returns:
        The loss before the step, as Python's float.

    Source: clipping by the norm as in Pascanu et al. 2013, section 3.2.

    >>> from attend.student.helpers import TinyDecoder, TinyEncoder
    >>> model = Seq2Seq(TinyEncoder(9, 4, 5), TinyDecoder(8, 4, 5, 10))
    >>> optimizer, targets = torch.optim.SGD(model.parameters(), lr=0.1), torch.tensor([[5, 6, 2]])
    >>> batch = torch.tensor([[4, 5, 6]]), torch.tensor([3]), targets
    >>> losses = [train_step(model, optimizer, *batch, bos=1, pad=0, max_norm=1.0) for _ in range(9)]
    >>> losses[-1] < losses[0]
    True
    """
    raise NotImplementedError("t06.6 train_step: see docs/topics/t06_encoder_decoder")
