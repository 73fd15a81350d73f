"""Which attempt of a topic counts: the last one, or the one that counts most."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from attend.course.rules import Policy
from attend.gradebook.adjustments import Earned
from attend.gradebook.grade import Grade
from attend.gradebook.records import Attempt, SubmissionTime
from attend.gradebook.store import Gradebook


@dataclass(frozen=True)
class Candidate:
    """An attempt that may count.

    digest: "" for the last one.
    number: its place among `of` attempts, by time; 0 where only the last one is looked at.
    """

    rows: list[Earned]
    time: SubmissionTime
    grade: Callable[[], Grade]
    digest: str = ""
    number: int = 0
    of: int = 1

    @property
    def notes(self) -> list[str]:
        """Which attempt it is, where there are several."""
        if self.of < 2:
            return []
        return [f"attempt {self.number} of {self.of} counts"]


class Candidates:
    """The attempts of a class that may count by the policy."""

    def __init__(self, policy: Policy, gradebook: Gradebook):
        self._gradebook = gradebook
        self._times = gradebook.hand_ins()
        self._several = gradebook.several_attempts() if policy.attempts == "best" else set()

    def of(self, student: str, slug: str, rows: list[Earned]) -> list[Candidate]:
        """The attempts of a student at a topic, of which `rows` are the exercises of the last one; the oldest first."""
        time = self._times.get((student, slug), SubmissionTime())
        last = Candidate(rows, time, partial(self._gradebook.grade, student, slug))
        if (student, slug) not in self._several:
            return [last]
        found = list(_latest_grades(self._gradebook.attempts(student, slug)))
        current = found[-1].grade.digest
        if found[-1].time == SubmissionTime():
            found[-1] = replace(found[-1], time=time)
        # of the same text, the first time it was handed in counts
        found.sort(key=lambda each: each.time.submitted.timestamp() if each.time.submitted else 0.0)
        return [
            Candidate(
                _earned(each.grade),
                each.time,
                partial(lambda grade: grade, each.grade),
                "" if each.grade.digest == current else each.grade.digest,
                number,
                len(found),
            )
            for number, each in enumerate(found, start=1)
        ]


def _latest_grades(attempts: Iterator[Attempt]) -> Iterator[Attempt]:
    """The latest grade of each text, in the order in which those came; the one that is graded now last."""
    found: dict[str, Attempt] = {}
    for attempt in attempts:
        found.pop(attempt.grade.digest, None)
        found[attempt.grade.digest] = attempt
    yield from found.values()


def _earned(grade: Grade) -> list[Earned]:
    return [(row.exercise, row.points, row.max_points, row.outcome) for row in grade.exercises]


def outdated_attempts(gradebook: Gradebook) -> list[str]:
    """A sentence for each topic in which earlier attempts were graded with other tests than the last one."""
    behind: dict[str, int] = {}
    for student, slug in sorted(gradebook.several_attempts()):
        *earlier, last = _latest_grades(gradebook.attempts(student, slug))
        if any(each.grader != last.grader for each in earlier):
            behind[slug] = behind.get(slug, 0) + 1
    return [
        f"{slug[:3]}: {count} student{'s have' if count > 1 else ' has'} earlier attempts that were graded with other "
        "tests than the last one; grade all downloads together again."
        for slug, count in behind.items()
    ]
