"""Likeness between submissions: copydetect finds the passages that two files share, and each passage gets a weight.

The passages of the stub, the public tests and the topic's page are left out. A passage that many students have gets a small
weight: an exercise of five lines has few right answers. What is found is a reason to look, never a proof.
"""

import heapq
import io
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from attend.course.atomic_file import write_whole
from attend.course.errors import AttendError
from attend.course.notebook import code_of
from attend.course.syllabus import Course, Topic
from attend.gradebook.reports.feedback import environment
from attend.submissions import Entry
from attend.submissions.submission import read_entry

PASSAGE = 25  # characters of a shared passage, names and comments taken out: shorter ones are chance
FEW = 5  # students who may have worked from one file
HOLDERS = 50  # passages that more students have are not compared
SHOWN = 30
# characters of one's own that a file must have to be compared, and that two must share, each weighed
SMALLEST = 80


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
    shared: int  # characters, names and comments taken out; of files that are identical, all of them
    identical: bool
    left: Side
    right: Side

    @property
    def share(self) -> float:
        """The larger of the two shares, between 0 and 1."""
        return max(self.left.share, self.right.share)


@dataclass(frozen=True)
class Likeness:
    """The pairs of one topic: identical files first, then the most alike.

    compared: how many files were compared. left_out: the students whose file was not, and why.
    identical: the students whose files are the same, byte for byte.
    """

    topic: Topic
    compared: int
    left_out: list[tuple[str, str]]
    identical: list[tuple[str, ...]]
    pairs: list[Pair]


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
    left_out: list[tuple[str, str]] = []
    for number, entry in enumerate(entries):
        report(number, len(entries))
        submission = read_entry(entry, topic)
        if submission.refusal:
            left_out.append((entry.student, submission.refusal))
            continue
        one = fingerprint(submission.text)
        _leave_out(one, given)
        if one.token_coverage < SMALLEST:
            left_out.append((entry.student, "too little of it is the student's own"))
            continue
        prints[entry.student], texts[entry.student] = one, submission.text
    groups = _same_text(texts)
    pairs = [_identical(topic, first, other, texts) for first, *others in groups for other in others]
    # of files that are the same one takes part: the others would make its passages look common
    again = {student for _, *others in groups for student in others}
    distinct = {student: one for student, one in prints.items() if student not in again}
    weights = _weights(distinct)
    for first, second, shares in _alike(distinct, weights, at_least, SHOWN - len(pairs)):
        shared, _, slices = compare(prints[first], prints[second])
        sides = [
            Side(student, share, _pieces(texts[student], places))
            for student, share, places in zip((first, second), shares, slices, strict=True)
        ]
        pairs.append(Pair(topic, int(shared), False, *sides))
    return Likeness(topic, len(prints), left_out, groups, pairs[:SHOWN])


def _same_text(texts: dict[str, str]) -> list[tuple[str, ...]]:
    """The students whose texts are the same, in groups."""
    groups: dict[str, list[str]] = defaultdict(list)
    for student, text in sorted(texts.items()):
        groups[text].append(student)
    return [tuple(students) for students in groups.values() if len(students) > 1]


def _identical(topic: Topic, first: str, second: str, texts: dict[str, str]) -> Pair:
    sides = [Side(student, 1.0, [(texts[student], True)]) for student in (first, second)]
    return Pair(topic, len(texts[first]), True, *sides)


def _weights(prints: dict[str, Fingerprint]) -> dict[int, float]:
    """The weight of each passage: 1 where one or two students have it, and less where a larger part of the class has it.

    Where more than FEW students have it, it falls with their number too: a tenth of a large class is no group that copied.
    """
    counts: Counter[int] = Counter()
    for one in prints.values():
        counts.update(one.hashes)
    total = len(prints)
    return {
        passage: (1 - max(0, count - 2) / total) ** 6 / max(1, (count - 1) / (FEW - 1)) ** 0.5
        for passage, count in counts.items()
    }


def _alike(
    prints: dict[str, Fingerprint], weights: dict[int, float], at_least: float, most: int
) -> list[tuple[str, str, tuple[float, float]]]:
    """The pairs that are alike enough with the weighed share of each side, the most alike first."""
    # a file has the root of each weight, which is larger: common passages alone never make two files alike
    own = {student: sum(weights[passage] ** 0.5 for passage in one.hashes) for student, one in prints.items()}
    found: list[tuple[float, float, int, str, str, tuple[float, float]]] = []
    for number, ((first, second), shared) in enumerate(_shared(prints, weights).items()):
        shares = (shared / own[first], shared / own[second])
        # so many characters in a row hold one passage fewer for each that the first passage takes
        if shared < SMALLEST - PASSAGE or max(shares) < at_least:
            continue
        found.append((max(shares), shared, -number, first, second, shares))
    return [(first, second, shares) for *_, first, second, shares in heapq.nlargest(max(most, 0), found)]


def _shared(prints: dict[str, Fingerprint], weights: dict[int, float]) -> dict[tuple[str, str], float]:
    """The weight of what two files share; pairs are found by the passage, never by trying all of them."""
    holders: dict[int, list[str]] = defaultdict(list)
    for student, one in sorted(prints.items()):
        for passage in one.hashes:
            holders[passage].append(student)
    shared: dict[tuple[str, str], float] = defaultdict(float)
    for passage, students in holders.items():
        if len(students) > HOLDERS:
            continue
        for index, first in enumerate(students):
            for second in students[index + 1 :]:
                shared[first, second] += weights[passage]
    return dict(sorted(shared.items(), key=lambda item: (-item[1], item[0])))


def _engine() -> tuple[Compare, Callable[[str], Fingerprint]]:
    """copydetect's comparison of two fingerprints, and what makes the fingerprint of a text."""
    try:
        from copydetect import CodeFingerprint, compare_files
    except ImportError as error:
        raise SimilarError(
            "attend similar needs copydetect; install it with `pip install 'attend-course[similar]'`."
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


def _leave_out(one: Fingerprint, passages: set[int]) -> None:
    """Take passages out of a fingerprint, and count what is left as the file's own."""
    from copydetect.utils import get_token_coverage

    one.hashes -= passages
    one.hash_idx = {passage: places for passage, places in one.hash_idx.items() if passage in one.hashes}
    one.token_coverage = float(get_token_coverage(one.hash_idx, one.k, len(one.filtered_code)))


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
    values = {"course": course, "found": found, "at_least": at_least, "smallest": SMALLEST, "shown": SHOWN}
    values["names"] = names
    write_whole(path, environment().get_template("similar.html").render(values))
