"""Likeness between submissions: copydetect finds what two files share, this leaves out what everybody was given.

Left out are the stub, the public tests and the topic's page, and also passages that so many students share that
they tell nothing: an exercise of five lines has few right answers. What remains is a reason to look, never a proof.
"""

import heapq
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from attend.course.atomic_file import whole_file
from attend.course.errors import AttendError
from attend.course.notebook import code_of
from attend.course.syllabus import Course, Topic
from attend.gradebook.reports.feedback import environment
from attend.submissions import Entry
from attend.submissions.submission import read_entry

PASSAGE = 25  # characters of a shared passage, names and comments taken out: shorter ones are chance
COMMON = 0.1  # a passage that more than this share of the class has is everybody's
COMMON_AT_LEAST, COMMON_AT_MOST = 4, 50  # bounds to that number in a small and in a huge class
SHOWN = 30
SMALLEST = 80  # characters of one's own that a file must have to be compared


class SimilarError(AttendError):
    """Submissions cannot be compared."""


class Fingerprint(Protocol):
    """What is used of copydetect's CodeFingerprint, which has no type information.

    hashes: the passages of a file; hash_idx: the places of each in `filtered_code`.
    token_coverage: the characters that those passages cover.
    """

    hashes: set[int]
    hash_idx: dict[int, list[int]]
    k: int
    filtered_code: str
    token_coverage: float


# the starts and the ends of the passages that one of two files shares: shape (2, N), or (0,) where there are none
Slices = NDArray[np.generic]
Compare = Callable[[Fingerprint, Fingerprint], tuple[int, tuple[float, float], tuple[Slices, Slices]]]


@dataclass(frozen=True)
class Side:
    """One of two submissions: how much of its own code is shared, and its text in pieces, shared or not."""

    student: str
    share: float
    pieces: list[tuple[str, bool]]


@dataclass(frozen=True)
class Pair:
    topic: Topic
    shared: int  # characters, names and comments taken out
    left: Side
    right: Side

    @property
    def share(self) -> float:
        """The larger of the two shares, between 0 and 1."""
        return max(self.left.share, self.right.share)


@dataclass(frozen=True)
class Likeness:
    """The pairs of one topic, the most alike first, and how many files were compared."""

    topic: Topic
    compared: int
    skipped: int
    pairs: list[Pair]


@dataclass(order=True)
class _Found:
    """A pair that is alike enough, in the order of its rank: largest share, characters shared, order of the search."""

    rank: tuple[float, int, int]
    students: tuple[str, str] = field(compare=False)
    shares: tuple[float, float] = field(compare=False)
    slices: tuple[Slices, Slices] = field(compare=False)

    def side(self, index: int, texts: dict[str, str]) -> Side:
        """One of the two submissions; `texts` has every student's text."""
        student = self.students[index]
        return Side(student, float(self.shares[index]), _pieces(texts[student], self.slices[index]))


def find_likeness(
    course: Course,
    topic: Topic,
    entries: list[Entry],
    at_least: float,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Likeness:
    """The pairs of submissions to `topic` that share at least the share `at_least` of what is their own.

    Raises:
        SimilarError: copydetect is not installed.
    """
    compare, fingerprint = _engine()
    given = _given(course, topic, fingerprint)
    prints: dict[str, Fingerprint] = {}
    texts: dict[str, str] = {}
    for number, entry in enumerate(entries):
        report(number, len(entries))
        submission = read_entry(entry, topic)
        if submission.refusal:
            continue
        text = submission.text
        prints[entry.student], texts[entry.student] = fingerprint(text), text
    common = _common(prints, given)
    for student in list(prints):
        _leave_out(prints[student], common)
        if prints[student].token_coverage < SMALLEST:
            del prints[student]
    pairs: list[_Found] = []
    for number, (first, second) in enumerate(_candidates(prints, at_least)):
        shared, shares, slices = compare(prints[first], prints[second])
        if max(shares) < at_least:
            continue
        keep = heapq.heappush if len(pairs) < SHOWN else heapq.heappushpop
        keep(pairs, _Found((max(shares), int(shared), -number), (first, second), shares, slices))
    shown = [
        Pair(topic, found.rank[1], found.side(0, texts), found.side(1, texts))
        for found in sorted(pairs, reverse=True)
    ]
    return Likeness(topic, len(prints), len(entries) - len(prints), shown)


def _engine() -> tuple[Compare, Callable[[str], Fingerprint]]:
    """copydetect's comparison of two fingerprints, and what makes the fingerprint of a text."""
    try:
        from copydetect import CodeFingerprint, compare_files
    except ImportError as error:
        raise SimilarError(
            "attend similar needs copydetect; install it with `pip install 'attend[similar]'`."
        ) from error

    def fingerprint(text: str) -> Fingerprint:
        # window 1 keeps every passage, so that the same class gives the same report
        made: Fingerprint = CodeFingerprint(
            "submission.py", PASSAGE, 1, fp=io.StringIO(text), language="python"
        )
        return made

    return compare_files, fingerprint


def _given(course: Course, topic: Topic, fingerprint: Callable[[str], Fingerprint]) -> set[int]:
    """The passages of all that students were given."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in (course.assignment(topic), course.public_tests(topic))
        if path.exists()
    ]
    notebook = course.assignment(topic).with_suffix(".ipynb")
    if notebook.exists():
        texts.append(code_of(notebook.read_text(encoding="utf-8"), topic.names))
    page = course.page(topic)
    if page.exists():  # its code blocks
        texts += page.read_text(encoding="utf-8").split("```python")[1:]
    return {passage for text in texts for passage in fingerprint(text.split("```")[0]).hashes}


def _common(prints: dict[str, Fingerprint], given: set[int]) -> set[int]:
    counts: Counter[int] = Counter()
    for one in prints.values():
        counts.update(one.hashes)
    limit = max(COMMON_AT_LEAST, min(COMMON_AT_MOST, COMMON * len(prints)))
    return given | {passage for passage, count in counts.items() if count > limit}


def _leave_out(one: Fingerprint, passages: set[int]) -> None:
    """Take passages out of a fingerprint, and count what is left as the file's own."""
    from copydetect.utils import get_token_coverage

    one.hashes -= passages
    one.hash_idx = {passage: places for passage, places in one.hash_idx.items() if passage in one.hashes}
    one.token_coverage = float(get_token_coverage(one.hash_idx, one.k, len(one.filtered_code)))


def _candidates(prints: dict[str, Fingerprint], at_least: float) -> Iterator[tuple[str, str]]:
    """The pairs that can be alike enough: they share passages, found by the passage, never by trying all pairs."""
    holders: dict[int, list[str]] = defaultdict(list)
    for student, one in sorted(prints.items()):
        for passage in one.hashes:
            holders[passage].append(student)
    shared: Counter[tuple[str, str]] = Counter()
    for students in holders.values():
        for index, first in enumerate(students):
            for second in students[index + 1 :]:
                shared[first, second] += 1
    for (first, second), count in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        smaller = min(len(prints[first].hashes), len(prints[second].hashes))
        if count >= at_least * smaller / 2:
            yield first, second


def _pieces(text: str, slices: Slices) -> list[tuple[str, bool]]:
    """The text cut into pieces that are shared and pieces that are not."""
    if not len(slices):
        return [(text, False)]
    pieces, position = [], 0
    for start, end in zip(slices[0].astype(int), slices[1].astype(int), strict=True):
        start = max(position, start)
        if end <= start:
            continue
        pieces += [(text[position:start], False), (text[start:end], True)]
        position = end
    return [piece for piece in [*pieces, (text[position:], False)] if piece[0]]


def write_likeness(course: Course, found: list[Likeness], at_least: float, path: Path, names: bool) -> None:
    """Write the HTML report; `names` says whether students are named in `found`."""
    values = {"course": course, "found": found, "at_least": at_least, "common": COMMON, "shown": SHOWN}
    values["names"] = names
    with whole_file(path) as part:
        part.write_text(environment().get_template("similar.html").render(values), encoding="utf-8")
