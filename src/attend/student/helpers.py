"""Helper classes for tests and labs that students may read: small models with the interfaces of other topics' classes.

They are not solutions: the encoder averages, the decoder has no recurrent cell. With them a test of topic t06 trains
and searches with models of t04's and t05's interfaces without showing their solutions. `TightMemory` limits memory, so
that a test of t12 can ask for a function that holds no large matrix.
"""

import contextlib
import ctypes
from typing import Any

import torch
from torch import Tensor, nn


class TinyEncoder(nn.Module):
    """t04's interface: `forward(tokens (B, S), lengths (B,))` → annotations (B, S, 2H), state (B, H)."""

    def __init__(self, vocab_size: int, embed_size: int, hidden_size: int, pad: int = 0):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size, pad)
        self.annotate = nn.Linear(embed_size, 2 * hidden_size)
        self.bridge = nn.Linear(2 * hidden_size, hidden_size)

    def forward(self, tokens: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """tokens (B, S), lengths (B,) → annotations (B, S, 2H), zero beyond the lengths, and a state (B, H)."""
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
        """state (B, H), annotations (B, S, A), mask (B, S) → context (B, A), weights (B, S)."""
        scores = (annotations @ self.query(state)[..., None]).squeeze(-1)  # (B, S)
        raised = torch.where(mask, scores.sigmoid() + 0.1, torch.zeros_like(scores))
        weights = raised / raised.sum(dim=-1, keepdim=True).clamp(min=1e-9)
        return (weights[:, None] @ annotations).squeeze(1), weights

    def step(
        self, token: Tensor, state: Tensor, context: Tensor, annotations: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """One token (B,) → logits (B, V), state (B, H), context (B, A), weights (B, S)."""
        state = torch.tanh(self.update(torch.cat([self.embedding(token), context, state], dim=-1)))
        found, weights = self.attend(state, annotations, mask)
        logits = self.output(torch.cat([state, found], dim=-1))
        return logits, state, found, weights

    def forward(
        self, inputs: Tensor, state: Tensor, annotations: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """inputs (B, T) → logits (B, T, V), weights (B, T, S)."""
        nothing_read = torch.zeros(len(inputs), self.annotation_size, dtype=annotations.dtype)
        said: list[tuple[Tensor, Tensor]] = []
        context = nothing_read
        for token in inputs.unbind(dim=1):
            scores, state, context, attention = self.step(token, state, context, annotations, mask)
            said.append((scores, attention))
        first, second = zip(*said, strict=True)
        return torch.stack(first, dim=1), torch.stack(second, dim=1)


class TinySeq2Seq(nn.Module):
    """An encoder and a decoder together, for tests of training and search; padding gets no attention."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, source: Tensor, lengths: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """source (B, S), lengths (B,), inputs (B, T) → logits (B, T, V), weights (B, T, S)."""
        words, first = self.encoder(source, lengths)
        real = words.ne(0).any(dim=-1)  # (B, S): annotations are zero at padding alone
        return self.decoder(inputs, first, words, real)


class TinyStep(nn.Module):
    """A step for `beam_search` in which no two sentences are equally likely; the state is the word before the last.

    After the words a, b the next word v has the score `scale` · sin(1 + a + 2b + 4v), and its log-probability is the
    log-softmax of the scores.
    """

    def __init__(self, vocab_size: int, scale: float = 1.0):
        super().__init__()
        self.vocab_size, self.scale = vocab_size, scale

    def forward(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """tokens (K,), state (K,) → log-probabilities (K, V) and the new state (K,)."""
        words = 4 * torch.arange(self.vocab_size)
        angles = (1 + state + 2 * tokens)[:, None].double() + words
        return (self.scale * angles.sin()).log_softmax(dim=-1), tokens


class TableStep(nn.Module):
    """A step for `beam_search` that looks up the next word by the last two; only the state knows the one before the last.

    table (V, V, V): log-probabilities by the word before the last, the last and the next; (V, V) where the last alone
    counts. looks (V, V, S) or (V, S): weights in the same way, for a step that returns them too.

    Its state is nested, as that of a model may be: `start()` gives the first one. With `flat` it is one tensor.
    """

    def __init__(self, table: Tensor, looks: Tensor | None = None, flat: bool = False):
        super().__init__()
        self.table, self.looks, self.flat = table, looks, flat

    @staticmethod
    def start(flat: bool = False) -> Any:
        """The state before the first word: (1,), or ((1,), ((1,),))."""
        before = torch.zeros(1, dtype=torch.long)
        return before if flat else (before, (torch.zeros(1, dtype=torch.float64),))

    def forward(self, tokens: Tensor, state: Any) -> tuple[Any, ...]:
        """tokens (K,), state → log-probabilities (K, V), the new state, and weights (K, S) where there are any."""
        before, counted = (state, []) if self.flat else state
        log_probs = self._row(self.table, before, tokens)
        weights = () if self.looks is None else (self._row(self.looks, before, tokens),)
        if self.flat:
            return log_probs, tokens, *weights
        (count,) = counted
        # where the states are not as many as the words, this raises an error
        return log_probs + 0 * count[:, None], (tokens, (count + 1,)), *weights

    @staticmethod
    def _row(table: Tensor, before: Tensor, tokens: Tensor) -> Tensor:
        return table[before, tokens] if table.ndim == 3 else table[tokens]


class TightMemory(nn.Module):
    """Leaves a worker `mebibytes` of address space until the test ends: a larger allocation raises an error.

    It allocates the rest without writing to it, so that no physical memory is used. Where no limit is set (public
    tests, replays, a worker that nothing confines) it does nothing.
    """

    def __init__(self, mebibytes: int):
        super().__init__()
        self.taken: list[Tensor] = []
        if not _memory_is_limited():
            return
        _give_back_memory()
        room = _address_space(mebibytes << 20)
        size = 1 << 30
        # a system may have such a limit and not enforce it: end after 64 allocations
        while size >= 1 << 20 and len(self.taken) < 64:
            try:
                self.taken.append(_address_space(size))
            # PyTorch raises it in the place of MemoryError
            except RuntimeError:
                size //= 2
        del room


class TinyAttendingStep(nn.Module):
    """A step for t11's `beam_search`: a `TinyStep` that also attends to the words of a source.

    After the words a, b source word s has the score 4 · sin(2 + a + 3b + 5s); the weights are the softmax of the scores.
    """

    def __init__(self, vocab_size: int, source_size: int, scale: float = 1.0):
        super().__init__()
        self.words = TinyStep(vocab_size, scale)
        self.source_size = source_size

    def forward(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """tokens (K,), state (K,) → log-probabilities (K, V), the new state (K,), weights (K, S)."""
        log_probs, new_state = self.words(tokens, state)
        angles = (2 + state + 3 * tokens)[:, None].double() + 5 * torch.arange(self.source_size)
        return log_probs, new_state, (4 * angles.sin()).softmax(dim=-1)


def _address_space(size: int) -> Tensor:
    return torch.empty(size, dtype=torch.uint8)


def _give_back_memory() -> None:
    """Return to the system what the process has freed: a large allocation might find room there."""
    # of glibc alone
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _memory_is_limited() -> bool:
    with contextlib.suppress(ImportError):  # Windows
        import resource

        return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
    return False
