"""What of a class is still to be graded, and what is tried again: the same for lanes of one machine and for a cluster.

The unit of work is a submission, read once and passed on as a value.
"""

import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from attend.course.syllabus import Course
from attend.gradebook.grade import Grade
from attend.gradebook.graders import grader_digest
from attend.gradebook.receipts import ReceiptBook
from attend.gradebook.store import Gradebook
from attend.grading.ungraded import refused
from attend.submissions import BatchError, Entry
from attend.submissions.submission import Submission, read_entry

# A submission with which so many processes died, it being alone in them, is given up with a row of its own.
MAX_DEATHS = 3
# So many given up one after the other: it is not the submissions, it is the machine.
MAX_GIVEN_UP = 3


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    grade: Grade | None


class Work:
    """What is still to be graded. The same text handed in twice is graded once."""

    def __init__(
        self,
        course: Course,
        entries: list[Entry],
        gradebook: Gradebook,
        report: Callable[[Progress], None],
        again: bool = False,
        receipts: ReceiptBook | None = None,
    ):
        self._receipts = receipts
        self._course, self._entries, self._gradebook, self._report = course, entries, gradebook, report
        self._graders = {
            slug: grader_digest(course, course.by_slug[slug]) for slug in {entry.topic for entry in entries}
        }
        self._known = set() if again else gradebook.known()
        self._known_earlier = set() if again else gradebook.known_earlier() | self._known
        self._total = sum(1 + len(entry.earlier) for entry in entries)
        # by topic and digest: who has the same text, with the notes about it, and whether it is an earlier attempt
        self._waiting: dict[tuple[str, str], list[tuple[Submission, bool]]] = {}
        self._finished: dict[tuple[str, str], Submission] = {}  # whose grade is in the gradebook
        self._done = 0

    def ungraded(self) -> Iterator[Submission]:
        """The submissions that are to be graded, read as they are asked for."""
        for entry in self._entries:
            topic = self._course.by_slug[entry.topic]
            last = read_entry(entry, topic)
            for each in entry.earlier:
                submission = read_entry(each, topic)
                self._gradebook.note_attempt(each, submission.digest)
                if submission.digest == last.digest:
                    self._report_progress(None)
                else:
                    yield from self._to_grade(submission, earlier=True)
            self._gradebook.note_attempt(entry, last.digest)
            yield from self._to_grade(last, earlier=False)

    def _to_grade(self, submission: Submission, earlier: bool) -> Iterator[Submission]:
        """The submission, if it has to be graded; otherwise its grade is taken from what is known."""
        key = (submission.topic, submission.digest)
        known = self._known_earlier if earlier else self._known
        if (submission.student, *key, self._graders[submission.topic]) in known:
            self._report_progress(None)
        elif submission.refusal:
            self._add(submission, refused(self._course, submission), earlier)
        elif key in self._finished:
            first = self._finished[key]
            grade = self._gradebook.grade(first.student, *key)
            self._add(submission, _of_twin(submission, first, grade), earlier)
        elif key in self._waiting:
            self._waiting[key].append((submission, earlier))
        else:
            self._waiting[key] = [(submission, earlier)]
            yield submission

    def finish(self, submission: Submission, grade: Grade) -> None:
        """Take in the grade of a submission that `ungraded` gave out: it is that of all who have the same text."""
        key = (submission.topic, submission.digest)
        for each, earlier in self._waiting.pop(key):
            self._add(each, _of_twin(each, submission, grade), earlier)
        self._finished[key] = submission

    def _add(self, submission: Submission, grade: Grade, earlier: bool) -> None:
        add = self._gradebook.add_earlier if earlier else self._gradebook.add
        add(grade, self._graders[submission.topic])
        if self._receipts is not None:
            self._receipts.write(grade, submission.text, submission.examples)
        self._report_progress(grade)

    def _report_progress(self, grade: Grade | None) -> None:
        self._done += 1
        self._report(Progress(self._done, self._total, grade))


def _of_twin(submission: Submission, first: Submission, grade: Grade) -> Grade:
    """The grade of `first` as that of another submission of the same text: what was noted about the file is its own."""
    notes = [*submission.notes, *grade.notes[len(first.notes) :]]
    return replace(grade, student=submission.student, notes=notes, filename=submission.filename)


class Queue:
    """Submissions to be graded; those that were under way when a process died come again, each alone.

    So the one that kills is known, and given up after MAX_DEATHS more tries.
    """

    def __init__(self, work: Iterator[Submission]):
        self._work = work
        self._suspects: deque[Submission] = deque()
        self._losses: dict[Submission, int] = defaultdict(int)
        self._given_up = 0  # in turn

    @property
    def has_suspects(self) -> bool:
        """Whether submissions wait that were being graded when a process died."""
        return bool(self._suspects)

    def take(self, count: int = 1) -> list[Submission]:
        """One that is to be graded alone, or else the next `count`; none where nothing is left at the moment."""
        return [self._suspects.popleft()] if self._suspects else list(itertools.islice(self._work, count))

    def put_back(self, submission: Submission) -> None:
        """Have a submission that no process got come again."""
        self._suspects.append(submission)

    def losses(self, submissions: list[Submission]) -> int:
        """How often processes died with these."""
        return sum(self._losses[submission] for submission in submissions)

    def finished(self) -> None:
        """Take note that something was graded."""
        self._given_up = 0

    def lost(self, submissions: list[Submission]) -> list[Submission]:
        """Take note that a process died with these; those among them that are given up.

        Raises:
            BatchError: so many were given up in turn that it must be the machine.
        """
        given_up = []
        for submission in submissions:
            self._losses[submission] += 1
            if self._losses[submission] <= MAX_DEATHS:
                self._suspects.append(submission)
            else:
                given_up.append(submission)
        self._given_up += len(given_up)
        if self._given_up > MAX_GIVEN_UP:
            last = given_up[-1]
            raise BatchError(
                f"the grading processes die again and again, lastly at {last.student}'s {last.topic}; is there enough "
                "memory? What is graded is kept: start again to go on."
            )
        return given_up
