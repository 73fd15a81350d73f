"""Open helper classes for tests and labs: small stand-ins with the interfaces of other topics' classes.

They are no solutions: the encoder averages, the decoder has no recurrent cell. A test of topic t06 can so
train and search with any code that keeps to t04's and t05's interfaces, and give nothing away.
"""

import torch
from torch import Tensor, nn


class TinyEncoder(nn.Module):
    """t04's interface: `forward(tokens (B, S), lengths (B,))` → annotations (B, S, 2H), state (B, H)."""

    def __init__(self, vocab_size: int, embed_size: int, hidden_size: int, pad: int = 0):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size, padding_idx=pad)
        self.annotate = nn.Linear(embed_size, 2 * hidden_size)
        self.bridge = nn.Linear(2 * hidden_size, hidden_size)

    def forward(self, tokens: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        real = torch.arange(tokens.shape[1]) < lengths[:, None]  # (B, S)
        places = 0.5 + 0.1 * torch.arange(tokens.shape[1], dtype=self.annotate.weight.dtype)
        annotations = torch.tanh(self.annotate(self.embedding(tokens))) * places[:, None]  # order matters
        annotations = annotations * real[..., None]
        mean = annotations.sum(dim=1) / lengths[:, None].clamp(min=1)
        return annotations, torch.tanh(self.bridge(mean))


class TinyDecoder(nn.Module):
    """t05's interface: `step(token, state, context, annotations, mask)` and `forward(inputs, state, annotations, mask)`."""

    def __init__(self, vocab_size: int, embed_size: int, hidden_size: int, annotation_size: int):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.annotation_size = annotation_size
        self.query = nn.Linear(hidden_size, annotation_size, bias=False)
        self.update = nn.Linear(embed_size + annotation_size + hidden_size, hidden_size)
        self.output = nn.Linear(hidden_size + annotation_size, vocab_size)

    def attend(self, state: Tensor, annotations: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        scores = (annotations @ self.query(state)[..., None]).squeeze(-1)  # (B, S)
        raised = torch.where(mask, scores.sigmoid() + 0.1, torch.zeros_like(scores))
        weights = raised / raised.sum(dim=-1, keepdim=True).clamp(min=1e-9)
        return (weights[:, None] @ annotations).squeeze(1), weights

    def step(self, token: Tensor, state: Tensor, context: Tensor, annotations: Tensor, mask: Tensor) -> tuple:
        state = torch.tanh(self.update(torch.cat([self.embedding(token), context, state], dim=-1)))
        context, weights = self.attend(state, annotations, mask)
        return self.output(torch.cat([state, context], dim=-1)), state, context, weights

    def forward(
        self, inputs: Tensor, state: Tensor, annotations: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        nothing_read = torch.zeros(len(inputs), self.annotation_size, dtype=annotations.dtype)
        steps = [(None, state, nothing_read, None)]
        for column in range(inputs.shape[1]):
            steps.append(self.step(inputs[:, column], *steps[-1][1:3], annotations, mask))
        return tuple(torch.stack([step[part] for step in steps[1:]], dim=1) for part in (0, 3))


class TinySeq2Seq(nn.Module):
    """The two joined, for tests of what trains and searches with a model: its attention sees padding too."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, source: Tensor, lengths: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor]:
        words, first = self.encoder(source, lengths)
        everywhere = torch.full(source.shape, True)
        return self.decoder(inputs, first, words, everywhere)
