"""Grade submissions of one topic: the hidden tests are collected once and run again for each submission."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from attend.course import bank
from attend.course.notebook import is_notebook, place
from attend.course.syllabus import Course, Exercise, Topic
from attend.gradebook.grade import ExerciseGrade, Grade, TestGrade, round_points
from attend.grading.carry_forward import Earlier, is_carried
from attend.grading.diagnosis import Diagnostician, Record
from attend.grading.hidden_tests import Judge, Verdict
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.client import Zygote
from attend.student.protocol import Failure
from attend.submissions.submission import Submission, clean
from attend.testing.plugin import sentence
from attend.testing.session import TopicTests

# after this many time-outs an exercise's remaining tests are not tried: one endless loop must not cost
# minutes; an exercise on top of one that timed out gets a single try
PATIENCE = 2
NO_RIGHT_ANSWER = ("not done", "missing", "timeout", "crash", "syntax")


class TopicGrader:
    """A topic's hidden tests, ready to be run on one submission after another."""

    def __init__(self, course: Course, topic: Topic, zygote: Zygote):
        self.course, self.topic, self.zygote = course, topic, zygote
        self._tests = TopicTests(course, topic, course.graders(topic))
        self.items = self._tests.items
        solution = course.solution(topic).read_text(encoding="utf-8")
        self._diagnostician = Diagnostician(solution, topic, bank.misconceptions(course, topic))
        self._judge = Judge(self._tests, lambda: self._backend(solution))

    def close(self) -> None:
        self._tests.close()

    def grade(self, submission: Submission, exercises: Sequence[Exercise] = ()) -> Grade:
        """The grade of one submission; nothing that its code does ends in an exception here.

        `exercises` are those to grade, in their order; all when left out. What they build on without being
        among them is taken to be right.
        """
        start = time.perf_counter()
        backend = self._backend(submission.text)
        grade = Grade(
            student=submission.student,
            topic=self.topic.slug,
            course_version=self.course.version,
            seed=self.course.seed,
            digest=submission.digest,
            isolation=self.zygote.level,
            exercises=[],
        )
        try:
            failure = backend.worker_failure
            for exercise in exercises or self.topic.exercises:
                if failure is not None:
                    outcome = "timeout" if failure.kind == "timeout" else "error"
                    grade.exercises.append(ExerciseGrade(exercise.name, 0.0, exercise.points, outcome))
                else:
                    grade.exercises.append(self._grade_exercise(exercise, backend, grade.exercises))
        finally:
            backend.close()
        grade.problem = load_problem(failure, submission) if failure is not None else ""
        grade.seconds = time.perf_counter() - start
        return grade

    def _grade_exercise(
        self, exercise: Exercise, backend: RemoteBackend, earlier: list[ExerciseGrade]
    ) -> ExerciseGrade:
        played = self._judge.begin(exercise.name, backend)
        verdicts: list[Verdict] = []
        slow = any(_outcome(earlier, name) == "timeout" for name in self._foundations(exercise))
        patience = 1 if slow else PATIENCE
        for item in self.items[exercise.name]:
            if item.name in played:
                verdicts.append(played[item.name])
            elif sum(verdict.test.outcome == "timeout" for verdict in verdicts) < patience:
                verdicts.append(self._judge.ask(item, backend))
            else:
                words = "not tried: the exercise timed out before"
                verdicts.append(Verdict(TestGrade(item.name, sentence(item), "timeout", words)))
        tests = [by_cell(verdict.test, backend.text) for verdict in verdicts]
        grade = self._score(exercise, tests)
        if edited := {name for verdict in verdicts for name in verdict.edited}:
            names = ", ".join(sorted(edited))
            grade.notes.append(
                f"advice: your code seems to change its input in place ({names}); work on a copy."
            )
        if grade.outcome != "full" and any(
            test.outcome not in ("passed", *NO_RIGHT_ANSWER) for test in tests
        ):
            records = [verdict.record() for verdict in verdicts if verdict.record]
            backend.undisturbed(lambda: self._look_closer(exercise, grade, records, backend, earlier))
        return grade

    def _backend(self, text: str) -> RemoteBackend:
        rules = self.course.grading
        filename = f"{self.topic.slug}.py"
        return RemoteBackend(self.zygote, filename, text, rules.call_seconds, rules.exercise_seconds)

    def _score(self, exercise: Exercise, tests: list[TestGrade]) -> ExerciseGrade:
        passed = sum(test.passed for test in tests)
        points = round_points(exercise.points * share_passed(tests))
        failing = [test.outcome for test in tests if not test.passed]
        if not failing:
            outcome = "full"
        elif all(kind in ("not done", "missing") for kind in failing) and not passed:
            outcome = "missing"
        elif "timeout" in failing:
            outcome = "timeout"
        elif "crash" in failing:
            outcome = "crash"
        elif passed:
            outcome = "partial"
        else:
            outcome = "error" if set(failing) == {"raised"} else "wrong"
        return ExerciseGrade(exercise.name, points, exercise.points, outcome, tests=tests)

    def _look_closer(
        self,
        exercise: Exercise,
        grade: ExerciseGrade,
        records: list[Record],
        backend: RemoteBackend,
        earlier: list[ExerciseGrade],
    ) -> None:
        """Carry earlier mistakes forward, or name this one."""
        wrong = [name for name in self._foundations(exercise) if _outcome(earlier, name) != "full"]
        usable = bool(wrong) and not any(_outcome(earlier, name) in NO_RIGHT_ANSWER for name in wrong)
        own = Earlier(backend, [self.topic.exercise(name).target for name in wrong])
        if usable:
            rivals = self._diagnostician.rivals(exercise.name)
            if is_carried(records, self._diagnostician.module(), rivals, own):
                grade.points, grade.outcome = grade.max_points, "carried"
                grade.notes.append(f"carried forward: right, given your {' and '.join(wrong)}")
                return
        answer = self._diagnostician.diagnose(exercise.name, records)
        if answer is None and usable:
            answer = self._diagnostician.diagnose(exercise.name, records, own.plugged)
        if answer is not None:
            grade.diagnosis, grade.sentence = answer.name, answer.sentence

    def _foundations(self, exercise: Exercise) -> Iterator[str]:
        """The exercises that this one builds on, directly or through others, in order."""
        names: set[str] = set()
        todo = list(exercise.builds_on)
        while todo:
            name = todo.pop()
            if name not in names:
                names.add(name)
                todo.extend(self.topic.exercise(name).builds_on)
        return (other.name for other in self.topic.exercises if other.name in names)


def _outcome(grades: list[ExerciseGrade], name: str) -> str:
    return next((grade.outcome for grade in grades if grade.exercise == name), "full")


def share_passed(tests: list[TestGrade]) -> float:
    """Every test function weighs the same, and its cases share its weight: many cases make no test heavier."""
    functions: dict[str, list[bool]] = {}
    for test in tests:
        functions.setdefault(test.name.partition("[")[0], []).append(test.passed)
    return sum(sum(cases) / len(cases) for cases in functions.values()) / len(functions)


def by_cell(test: TestGrade, text: str) -> TestGrade:
    """Verdicts serve all submissions that answer alike; of a notebook, the cell is told and not the line of its text."""
    if not test.message or not is_notebook(text):
        return test
    line = r"\(line (\d{1,6}) of your file\)"
    return replace(test, message=re.sub(line, lambda line: f"({place(text, int(line[1]))})", test.message))


def load_problem(failure: Failure, submission: Submission) -> str:
    """Why the file cannot be loaded at all, with the student's line."""
    what = {
        "syntax": "Python cannot read the file: a syntax error",
        "timeout": "the file did not finish loading: does a loop outside any function never end?",
        "crash": f"the process ended while the file was loaded: {failure.message}",
    }.get(failure.kind, f"loading the file raised {failure.type_name or 'an exception'}")
    return what + student_line(submission.text, failure.line)


def student_line(text: str, line: int | None) -> str:
    """`; line 12: return x @ y`, or nothing."""
    lines = text.splitlines()
    if not line or line > len(lines):
        return ""
    return f"; {place(text, line) or f'line {line}'}: {clean(lines[line - 1].strip())}"
