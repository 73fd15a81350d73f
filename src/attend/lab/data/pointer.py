"""Letters as batches for a pointer: a word that the vocabulary lacks gets a number after it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from attend.lab.data.letters import Letter
from attend.lab.data.vocabulary import Vocabulary, grouped, padded


def extended(source: Sequence[str], vocabulary: Vocabulary) -> tuple[list[int], list[str]]:
    """The source's numbers for a pointer: an unknown word gets the next number after the vocabulary's.

    >>> words = Vocabulary(["in", "from", "to"])           # numbers 0 to 6
    >>> extended(["from", "ulanby", "to", "norwick", "in", "ulanby"], words)
    ([4, 7, 6, 8, 5, 7], ['ulanby', 'norwick'])
    """
    extra = list(dict.fromkeys(word for word in source if word not in vocabulary))
    return extended_target(source, vocabulary, extra), extra


def extended_target(words: Sequence[str], vocabulary: Vocabulary, extra: Sequence[str]) -> list[int]:
    """Numbers that may point at the source's `extra` words; what is in neither is unknown (3)."""
    numbers = vocabulary.encode(words)
    for n, word in enumerate(words):
        if word not in vocabulary and word in extra:
            numbers[n] = len(vocabulary) + extra.index(word)
    return numbers


def extended_words(numbers: Sequence[int], vocabulary: Vocabulary, extra: Sequence[str]) -> list[str]:
    """The words up to the end, as `Vocabulary.decode`, with the source's `extra` words.

    >>> extended_words([7, 4, 8, 2, 4], Vocabulary(["orders", "red", "two"]), ["ulanby", "norwick"])
    ['ulanby', 'orders', 'norwick']
    """
    words = []
    for number in map(int, numbers):
        if number == vocabulary.eos:
            break
        inside = number < len(vocabulary)
        words += vocabulary.decode([number]) if inside else [extra[number - len(vocabulary)]]
    return words


@dataclass(frozen=True)
class LetterBatch:
    """Letters of about one length. All that is padded is padded with 0, and both kinds of targets end in eos.

    `source` and `targets` write unknown words as 3; `source_ids` and `extended_targets` number them from the
    vocabulary's size on, below `extended_size`; `extra` has their words, letter by letter.
    """

    source: Int[np.ndarray, "B S"]
    lengths: Int[np.ndarray, " B"]
    source_ids: Int[np.ndarray, "B S"]
    targets: Int[np.ndarray, "B T"]
    extended_targets: Int[np.ndarray, "B T"]
    extended_size: int
    extra: tuple[tuple[str, ...], ...]
    letters: tuple[Letter, ...]


def letter_batches(
    letters: Sequence[Letter], vocabulary: Vocabulary, batch_size: int = 64, seed: int | None = None
) -> Iterator[LetterBatch]:
    """The letters in batches of like length, every letter once; shuffled when there is a seed."""
    for group in grouped(letters, batch_size, seed):
        pointed = [extended(letter.source, vocabulary) for letter in group]
        source = [vocabulary.encode(letter.source) for letter in group]
        targets = [vocabulary.encode(letter.target, eos=True) for letter in group]
        extended_targets = [
            [*extended_target(letter.target, vocabulary, extra), vocabulary.eos]
            for letter, (_, extra) in zip(group, pointed, strict=True)
        ]
        yield LetterBatch(
            source=padded(source),
            lengths=np.array([len(numbers) for numbers in source], dtype=np.int64),
            source_ids=padded([numbers for numbers, _ in pointed]),
            targets=padded(targets),
            extended_targets=padded(extended_targets),
            extended_size=len(vocabulary) + max(len(extra) for _, extra in pointed),
            extra=tuple(tuple(extra) for _, extra in pointed),
            letters=tuple(group),
        )
