"""The results of exercises on their public tests, as `attend check`, `attend watch` and plain pytest report them."""

import linecache
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from attend.course.notebook import place
from attend.course.stub_markers import stub_message, stub_messages
from attend.course.syllabus import Course, Exercise, Topic
from attend.student import Student
from attend.student.local import UnloadableError, source_line
from attend.student.protocol import Step
from attend.testing.explain import Explanation, explain
from attend.testing.fingerprints import Fingerprints, digest
from attend.testing.small_table import SmallTable

PRINTED_LINES = 8


@dataclass(frozen=True)
class FailedTest:
    """One public test that failed, with the place and the text of the student's line, where it is known."""

    test: str
    sentence: str
    explanation: Explanation
    place: str = ""
    source: str = ""
    printed: str = ""


@dataclass
class ExerciseVerdict:
    """The result of one exercise so far.

    tests: how many tests were run.
    diagnosis: the sentence of the known mistake that fits the failures.
    smallest: the smallest call on which the answer is wrong, as a sentence.
    waits_for: earlier exercises that it builds on and that do not pass yet.
    skipped: why no further test was run.
    is_stub: the file still has the line that says `not done`.
    """

    exercise: Exercise
    tests: int = 0
    failures: list[FailedTest] = field(default_factory=list)
    diagnosis: str = ""
    smallest: str = ""
    waits_for: list[str] = field(default_factory=list)
    skipped: str = ""
    is_stub: bool = False

    @property
    def passed(self) -> bool:
        """Whether it has tests and all of them passed."""
        return self.tests > 0 and not self.failures and not self.skipped

    @property
    def timed_out(self) -> bool:
        """Whether a test of it ran out of time."""
        return any(failure.explanation.category == "timeout" for failure in self.failures)

    @property
    def has_own_mistake(self) -> bool:
        """Whether a small call can show what is wrong: where an earlier exercise is not right, it may be that one's."""
        return self.state == "failing" and not self.waits_for and not self.timed_out

    @property
    def needs(self) -> str:
        """The earlier exercise that this one calls and that is not done, as `t03.1 softmax`."""
        for failure in [] if self.is_stub else self.failures:
            if failure.explanation.category == "not done":
                for name in stub_messages(failure.explanation.words):
                    if name.split()[0] != self.exercise.label:
                        return name
        return ""

    @property
    def state(self) -> str:
        """passed, failing, waiting (for an exercise that is not done) or todo."""
        if self.passed:
            return "passed"
        if self.skipped and not self.failures:
            return "waiting"
        if any(failure.explanation.category != "not done" for failure in self.failures):
            return "failing"
        return "waiting" if self.needs else "todo"

    @property
    def first_failure(self) -> FailedTest | None:
        """The failure to show: the first with another reason than that something is not done, if there is one."""
        others = [failure for failure in self.failures if failure.explanation.category != "not done"]
        return next(iter(others or self.failures), None)

    @property
    def remark(self) -> str:
        """The verdict in a few words, as `3 of 5 tests`."""
        passed = self.tests - len(self.failures)
        if self.skipped and not self.failures:
            return self.skipped
        if self.state in ("waiting", "todo"):
            words = f"waits for {self.needs}" if self.needs else "not done yet"
            return f"{words}; {passed} of {self.tests} tests pass" if passed else words
        builds_on = " and ".join(self.waits_for) if self.state == "failing" else ""
        first = f"; first {builds_on}, on which it builds" if builds_on else ""
        return f"{passed} of {self.tests} tests{first}"

    def details(self) -> list[tuple[str, str]]:
        """What is shown below the verdict, as pairs of a label and a text; often nothing."""
        failure = self.first_failure
        # what it builds on comes first, and most likely has the same reason
        if failure is None or self.state == "failing" and self.waits_for and not self.diagnosis:
            return []
        if self.state == "failing" or failure.printed:
            return [("asked for", failure.sentence), *self.rows(failure)]
        return []

    def to_plain(self) -> dict[str, Any]:
        """The verdict as dicts, lists, texts and numbers, for JSON."""
        return {**asdict(self), "exercise": self.exercise.name}

    @classmethod
    def from_plain(cls, plain: dict[str, Any], topic: Topic) -> "ExerciseVerdict":
        """The verdict that `to_plain` was called on.

        Raises:
            KeyError, TypeError: a value is missing or is not one of a verdict.
            SyllabusError: the topic has no such exercise.
        """
        failures = [
            FailedTest(**{**entry, "explanation": Explanation(**entry["explanation"])})
            for entry in plain["failures"]
        ]
        return cls(**{**plain, "exercise": topic.exercise(plain["exercise"]), "failures": failures})

    def rows(self, failure: FailedTest) -> list[tuple[str, str]]:
        """Everything that is known about a failure, as pairs of a label and a text."""
        why = failure.explanation
        if why.category == "not done":
            words = f"waits for {self.needs}" if self.needs else "not done yet"
            rows = [("problem", words), ("line", failure.place), ("printed", failure.printed)]
            return [(label, text) for label, text in rows if text]
        line = f"{failure.place}  {failure.source}".strip()
        first = f"repair {' and '.join(self.waits_for)}, on which this builds" if self.waits_for else ""
        rows = [
            ("called", why.call),
            ("problem", why.words),
            ("expected", why.expected),
            ("actual", why.actual),
            ("line", line),
            ("printed", failure.printed),
            ("smallest", self.smallest),
            ("mistake", self.diagnosis),
            ("first", first),
            ("read on", f"docs/topics/{self.exercise.slug}.md#{self.exercise.name}"),
        ]
        return [(label, text) for label, text in rows if text]


def where(path: Path, line: int | None) -> str:
    """A place in a student's file as `assignments/t03….py:12`, which editors open; in a notebook the cell and its line."""
    if not line:
        return ""
    if path.suffix == ".ipynb":
        return f"assignments/{path.name}, {place(''.join(linecache.getlines(str(path))), line)}"
    return f"assignments/{path.name}:{line}"


def place_of(error: UnloadableError) -> str:
    """The place and text of the line because of which a student's file cannot be loaded; empty where it is unknown."""
    return f"{where(error.path, error.line)}  {error.source}".strip() if error.path else ""


@dataclass
class TopicCheck:
    """The results of a topic's exercises.

    path: the checked file; None where no file was looked at.
    problem: why no test could be run, and `line` where.
    code: the text that was checked.
    notes: what of the file was left out, a sentence each.
    """

    topic: Topic
    path: Path | None = None
    verdicts: list[ExerciseVerdict] = field(default_factory=list)
    problem: str = ""
    line: str = ""
    code: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the file loads and every exercise passes."""
        return not self.problem and all(verdict.passed for verdict in self.verdicts)


class TopicVerdicts:
    """The verdicts on a topic's exercises, made from the results of its public tests one by one."""

    def __init__(self, course: Course, topic: Topic, code: Path):
        tests = course.public_tests(topic)
        self._code = code
        self._fingerprints = Fingerprints.read(tests.parent / "fingerprints" / f"{topic.slug}.json")
        self._course, self._topic = course, topic
        self._digests: dict[str, dict[str, str | None]] = {}
        self.exercises: dict[str, ExerciseVerdict] = {}

    def of(self, exercise: Exercise) -> ExerciseVerdict:
        """The exercise's verdict so far."""
        if exercise.name not in self.exercises:
            is_stub = stub_message(exercise) in "".join(linecache.getlines(str(self._code)))
            self.exercises[exercise.name] = ExerciseVerdict(exercise, is_stub=is_stub)
        return self.exercises[exercise.name]

    def add(
        self,
        exercise: Exercise,
        test: str,
        sentence: str,
        error: BaseException | None,
        steps: list[Step],
        printed: str = "",
    ) -> FailedTest | None:
        """Add the result of one test of `exercise`: what it raised, if anything, and the calls that it had made.

        Returns:
            The failure; None where the test passed.
        """
        verdict = self.of(exercise)
        verdict.tests += 1
        digests = self._digests.setdefault(exercise.name, {})
        digests[test] = None
        if error is None:
            return None
        digests[test] = digest(steps)
        why = explain(error, steps, with_values=True)
        source = source_line(self._code, why.line) if why.line else ""
        failure = FailedTest(test, sentence, why, where(self._code, why.line), source, _shortened(printed))
        verdict.failures.append(failure)
        verdict.waits_for = self._unfinished(exercise)
        # with a wrong earlier exercise the values do not show a mistake of this one
        name = None if verdict.waits_for else self._fingerprints.name(digests)
        verdict.diagnosis = self._fingerprints.sentences[name] if name else ""
        return failure

    @cached_property
    def _small(self) -> SmallTable:
        return SmallTable.read(self._course.small_calls(self._topic))

    def find_smallest(self, exercise: Exercise, fresh: Callable[[], Student]) -> None:
        """Find the smallest call that shows what is wrong with an exercise; `fresh` loads the student's code anew.

        Raises:
            StudentTimeout: the code's time is used up.
        """
        found = self._small.counterexample(exercise.name, fresh)
        self.of(exercise).smallest = found.sentence if found else ""

    def add_verdict(self, verdict: ExerciseVerdict) -> None:
        """Add a verdict from another process, which did not know the verdicts on the exercises before it."""
        self.exercises[verdict.exercise.name] = verdict
        if verdict.failures:
            verdict.waits_for = self._unfinished(verdict.exercise)

    def _unfinished(self, exercise: Exercise) -> list[str]:
        before = [self.exercises[name] for name in exercise.builds_on if name in self.exercises]
        return [earlier.exercise.name for earlier in before if not earlier.passed]

    def reason_to_skip(self, exercise: Exercise) -> str:
        """Why no further test of `exercise` is run: it, or one that it builds on, did not return in time. Often empty."""
        for name in (exercise.name, *self._all_it_builds_on(exercise)):
            if name in self.exercises and self.exercises[name].timed_out:
                label = self._topic.exercise(name).label
                return f"not tried: {label} {name} did not return in time"
        return ""

    def _all_it_builds_on(self, exercise: Exercise) -> list[str]:
        names = list(exercise.builds_on)
        for name in names:
            names += [other for other in self._topic.exercise(name).builds_on if other not in names]
        return names


def failure_text(verdict: ExerciseVerdict, failure: FailedTest) -> str:
    """A failure as lines of text."""
    lines = [f"{verdict.exercise.label} {verdict.exercise.name}: {failure.sentence}"]
    for label, text in verdict.rows(failure):
        lines.append(f"  {label:<9} " + text.replace("\n", "\n" + " " * 12))
    return "\n".join(lines)


def _shortened(printed: str) -> str:
    lines = printed.rstrip().splitlines()
    more = [f"… and {len(lines) - PRINTED_LINES} more lines"] if len(lines) > PRINTED_LINES else []
    return "\n".join([line[:200] for line in lines[:PRINTED_LINES]] + more)
