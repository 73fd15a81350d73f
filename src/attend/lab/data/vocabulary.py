"""Words as numbers, sentences as padded batches, lengths as buckets."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from jaxtyping import Int

from attend.lab.data.pair import SentencePair

PAD, BOS, EOS, UNK = 0, 1, 2, 3
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")
BUCKETS = ("1–10", "11–20", "21–30", "31–40", "41–50")


class HasSource(Protocol):
    """An example with the words of a source."""

    @property
    def source(self) -> Sequence[str]:
        """The words."""


T = TypeVar("T", bound=HasSource)


class Vocabulary:
    """Numbers for words: 0 padding, 1 begin, 2 end, 3 unknown, then the words in alphabetical order.

    >>> vocabulary = Vocabulary(["you", "are", "how"])
    >>> vocabulary.encode(["how", "were", "you"], eos=True)
    [5, 3, 6, 2]
    >>> vocabulary.decode([5, 4, 6, 2, 0, 0])
    ['how', 'are', 'you']
    """

    pad, bos, eos, unk = PAD, BOS, EOS, UNK

    def __init__(self, words: Iterable[str]):
        self.words = [*SPECIAL, *sorted(set(words) - set(SPECIAL))]
        self._numbers = {word: n for n, word in enumerate(self.words)}

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]]) -> "Vocabulary":
        """Every word of the sentences."""
        return cls(word for sentence in sentences for word in sentence)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._numbers

    def encode(self, words: Iterable[str], eos: bool = False) -> list[int]:
        """A number for each word, unknown words as 3; with `eos` the end's number after them."""
        return [self._numbers.get(word, UNK) for word in words] + [EOS] * eos

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The words up to the end, without padding and beginning."""
        words = []
        for number in numbers:
            if number == EOS:
                break
            if number not in (PAD, BOS):
                words.append(self.words[int(number)])
        return words


@dataclass(frozen=True)
class Batch:
    """Sentences of similar length. `targets` end in eos and have no bos; both are padded with 0."""

    source: Int[np.ndarray, "B S"]
    lengths: Int[np.ndarray, " B"]
    targets: Int[np.ndarray, "B T"]
    pairs: tuple[SentencePair, ...]


def batches(
    pairs: Sequence[SentencePair],
    sources: Vocabulary,
    targets: Vocabulary,
    batch_size: int = 64,
    seed: int | None = None,
) -> Iterator[Batch]:
    """The pairs in batches of sentences of similar length, every pair once; the last batches may be smaller.

    With a seed the pairs are shuffled, each chunk of twenty batches is sorted by length, and the batches come
    in a shuffled order; without one (for evaluation) they keep their order.

    Args:
        sources: the vocabulary of the source side; `targets`: of the target side.
        seed: use another one for each epoch.
    """
    for group in grouped(pairs, batch_size, seed):
        source = [sources.encode(pair.source) for pair in group]
        target = [targets.encode(pair.target, eos=True) for pair in group]
        lengths = np.array([len(numbers) for numbers in source], dtype=np.int64)
        yield Batch(padded(source), lengths, padded(target), tuple(group))


def grouped(items: Sequence[T], batch_size: int, seed: int | None = None, chunk: int = 20) -> list[list[T]]:
    """`items` in groups of similar source length, as `batches` describes.

    Raises:
        ValueError: `batch_size` is below 1.
    """
    if batch_size < 1:
        raise ValueError(f"a batch holds at least one pair, not {batch_size}")
    items = list(items)
    if seed is None:
        return [items[start : start + batch_size] for start in range(0, len(items), batch_size)]
    rng = np.random.default_rng(seed)
    items = [items[n] for n in rng.permutation(len(items))]
    groups = []
    for start in range(0, len(items), chunk * batch_size):
        alike = sorted(items[start : start + chunk * batch_size], key=lambda item: len(item.source))
        groups += grouped(alike, batch_size)
    return [groups[n] for n in rng.permutation(len(groups))]


def padded(rows: Sequence[Sequence[int]], value: int = PAD) -> Int[np.ndarray, "B S"]:
    """The rows as one array, `value` after their ends.

    >>> padded([[5, 6], [7]]).tolist()
    [[5, 6], [7, 0]]
    """
    array = np.full((len(rows), max(map(len, rows), default=0)), value, dtype=np.int64)
    for n, row in enumerate(rows):
        array[n, : len(row)] = row
    return array


def length_bucket(length: int) -> str:
    """The name of the bucket of a source length; "41–50" is for all lengths beyond the trained range.

    >>> [length_bucket(n) for n in (1, 10, 11, 40, 41)]
    ['1–10', '1–10', '11–20', '31–40', '41–50']
    """
    return BUCKETS[min((length - 1) // 10, len(BUCKETS) - 1)]
