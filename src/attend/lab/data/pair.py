"""A source, its translation, and which word comes from which."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class SentencePair:
    """`alignment` holds (target index, source index) pairs, sorted; every word of both sides occurs in it."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    alignment: tuple[tuple[int, int], ...]

    def sources_of(self, target_index: int) -> frozenset[int]:
        """The source positions that this target word comes from."""
        return frozenset(s for t, s in self.alignment if t == target_index)


def aligned(source: str, target: str, links: str) -> SentencePair:
    """A pair written by hand. `links` has, for each target word, its source positions joined by commas.

    >>> aligned("livres rouges", "red books", "1 0").alignment
    ((0, 1), (1, 0))
    """
    alignment = [(t, int(s)) for t, group in enumerate(links.split()) for s in group.split(",")]
    return SentencePair(tuple(source.split()), tuple(target.split()), tuple(sorted(alignment)))


def joined(parts: Iterable[SentencePair]) -> SentencePair:
    """The parts one after the other, with their alignments shifted.

    >>> joined([aligned("et", "and", "0"), aligned("fleurs bleues", "blue flowers", "1 0")]).alignment
    ((0, 0), (1, 2), (2, 1))
    """
    source: list[str] = []
    target: list[str] = []
    alignment: list[tuple[int, int]] = []
    for part in parts:
        alignment += [(t + len(target), s + len(source)) for t, s in part.alignment]
        source += part.source
        target += part.target
    return SentencePair(tuple(source), tuple(target), tuple(sorted(alignment)))
