"""Grade submissions of one topic: the hidden tests are collected once and run again for each submission."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial

from attend.course import bank
from attend.course.syllabus import Course, Exercise, Topic
from attend.gradebook.grade import ExerciseGrade, Grade, TestGrade
from attend.grading.about_file import left_out, load_problem, placed
from attend.grading.asking import Answers, Asker, Workers
from attend.grading.diagnosis import Diagnosis, Diagnostician
from attend.grading.examples import ExamplesGrader
from attend.grading.hidden_tests import HiddenTests, UngradedError
from attend.grading.right_ground import Grounds
from attend.grading.score import about_ground, score
from attend.grading.smallest import smallest_call
from attend.grading.unnamed import unnamed
from attend.grading.versions import versions
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.client import Zygote
from attend.sandbox.ground import Ground
from attend.submissions.submission import Submission
from attend.testing.plugin import sentence
from attend.testing.session import TopicTests
from attend.testing.small_calls import SmallCalls
from attend.testing.small_table import SmallTable

NOT_TRIED = "not tried: a test of this exercise did not finish in time"
NOT_LOADED = "the file could not be loaded beside the course's functions"
WITHOUT_MESSAGE = "it does not hold with the course's earlier classes in place of yours"
NO_ANSWER = ("not done", "missing", "timeout", "crash", "syntax")


class TopicGrader:
    """A topic's hidden tests, ready to be run on one submission after another."""

    def __init__(self, course: Course, topic: Topic, zygote: Zygote):
        self.course, self.topic, self.zygote = course, topic, zygote
        self._tests = TopicTests(course, topic, course.graders(topic))
        self.items = self._tests.items
        self._solution = course.solution(topic).read_text(encoding="utf-8")
        self._mistakes = bank.misconceptions(course, topic)
        self._diagnostician = Diagnostician(self._solution, topic, self._mistakes)
        self._hidden = HiddenTests(self._tests, self._solution, lambda: self._backend(self._solution))
        self._grounds = Grounds(self._solution, topic, course.policy.reference_classes)
        self._reference = self._backend(self._solution)
        self._asker = Asker(self._hidden, self._reference)
        self._small = SmallTable.read(course.small_calls(topic))
        # read now: a grader that gives up root's rights may not be able to read the installed packages
        self._versions = versions(topic.library)

    @cached_property
    def _examples(self) -> ExamplesGrader:
        """Grades students' own examples; few courses give points for them."""
        # not in the bundles that platforms grade with
        has_alternates = self.course.alternates(self.topic).exists()
        return ExamplesGrader(
            self.topic,
            self._solution,
            bank.alternates(self.course, self.topic) if has_alternates else [],
            self._mistakes,
            SmallCalls(self._small.signatures, self.topic.library),
            lambda text, seconds: self._backend(text, None, seconds),
        )

    def close(self) -> None:
        """End the tests' session."""
        self._tests.close()

    def check_reference(self) -> None:
        """See that the course's own solution earns everything.

        Raises:
            ReferenceFailsError: it does not, so that nobody's grade would mean anything.
        """
        self._hidden.check_reference()

    def grade(
        self, submission: Submission, exercises: Sequence[Exercise] = (), smallest: bool = True
    ) -> Grade:
        """The grade of one submission; nothing that its code does ends in an exception here.

        Args:
            exercises: those to grade, in their order; all when left out. What they build on without being among them is
                taken to be right.
            smallest: whether to look for the smallest call that shows what is wrong, where something is.
        """
        start = time.perf_counter()
        grade = Grade(
            student=submission.student,
            topic=self.topic.slug,
            course_version=self.course.version,
            seed=self.course.seed,
            digest=submission.digest,
            isolation=self.zygote.level,
            exercises=[],
            versions=self._versions,
        )
        with self._opened(submission.text) as workers:
            failure = workers.own.worker_failure
            grade.notes += left_out(workers.own.left_out, submission.text)
            for exercise in exercises or self.topic.exercises:
                if failure is not None:
                    outcome = "timeout" if failure.kind == "timeout" else "error"
                    grade.exercises.append(ExerciseGrade(exercise.name, 0.0, exercise.points, outcome))
                else:
                    outcomes = {row.exercise: row.outcome for row in grade.exercises}
                    grade.exercises.append(self._grade_exercise(exercise, workers, outcomes, smallest))
        grade.problem = load_problem(failure, submission) if failure is not None else ""
        if submission.examples and self.course.example_points:
            grade.examples = self._examples.grade(submission.examples)
        grade.seconds = time.perf_counter() - start
        return grade

    def grade_one(
        self, submission: Submission, exercise: Exercise, outcomes: dict[str, str]
    ) -> ExerciseGrade:
        """The grade of one exercise, without the smallest call that shows what is wrong.

        `outcomes` are those of earlier ones, by name: one that is missing is full.
        """
        with self._opened(submission.text) as workers:
            return self._grade_exercise(exercise, workers, outcomes, smallest=False)

    @contextmanager
    def _opened(self, text: str) -> Iterator[Workers]:
        """What makes the workers of one submission; in the end they are closed, and the reference's too."""
        workers = Workers(text, self._backend)
        try:
            yield workers
        finally:
            workers.close()
            self._reference.close()

    def _grade_exercise(
        self, exercise: Exercise, workers: Workers, outcomes: dict[str, str], smallest: bool
    ) -> ExerciseGrade:
        """Judge an exercise with the student's own earlier functions; where one of those is wrong, on right ground."""
        backend = workers.own
        not_full = {name for name, outcome in outcomes.items() if outcome != "full"}
        foundations = self._grounds.foundations(exercise, backend.text) if not_full else []
        wrong = [other for other in foundations if other.name in not_full]
        ground = self._grounds.of(wrong)
        try:
            if ground is None:
                own = judged = self._asker.ask(exercise, backend)
                tests = self._test_grades(exercise, judged)
            else:
                judged = self._asker.ask_on(ground, exercise, workers)
                # where an earlier function never ends or ends the process, every test would take its full time
                ends = any(outcomes[other.name] in ("timeout", "crash") for other in wrong)
                own = Answers() if ends else self._asker.ask_own(exercise, backend).kept()
                tests = self._test_grades_on(ground, exercise, judged, own)
        except UngradedError as error:
            note = f"not graded, for a reason on the grader's side; an instructor has to look ({error})"
            return ExerciseGrade(exercise.name, 0.0, exercise.points, "ungraded", notes=[note])
        grade = score(exercise, [placed(test, backend.text) for test in tests])
        self._add_advice(grade, own)
        if ground is not None and grade.outcome != "full":
            fits_own = all(map(own.passed, self.items[exercise.name]))
            grade.notes.append(about_ground(grade, wrong, fits_own))
        if grade.outcome not in ("full", "carried", "missing"):
            self._name_mistake(exercise, grade, judged, backend)
            # what a worker answers in which classes of the reference were placed is not shown; and what does not end in
            # time would not do so here either
            if smallest and grade.outcome not in ("timeout", "crash") and not (ground and ground.classes):
                self._reference.begin()
                worker = partial(self._backend, backend.text, ground)
                grade.smallest = smallest_call(self._small, exercise.name, worker)
        return grade

    def _test_grades(self, exercise: Exercise, answers: Answers) -> list[TestGrade]:
        """The grade of each test, also of those that were not asked."""
        outcome, words = ("timeout", NOT_TRIED) if answers.timed_out else ("crash", NOT_LOADED)
        return [
            answers.verdicts[item.name].test
            if item.name in answers.verdicts
            else TestGrade(item.name, sentence(item), outcome, words)
            for item in self.items[exercise.name]
        ]

    def _test_grades_on(
        self, ground: Ground, exercise: Exercise, answers: Answers, own: Answers
    ) -> list[TestGrade]:
        """The grade of each test on right ground.

        Of a worker in which classes of the reference were placed nothing is passed on but whether a test passed: what
        is said about a failure is what the student's own ground shows.
        """
        tests = self._test_grades(exercise, answers)
        for index, (item, test) in enumerate(zip(self.items[exercise.name], tests, strict=True)):
            if test.passed and not own.passed(item):
                tests[index] = replace(test, outcome="carried")
            elif not test.passed and ground.classes:
                shown = own.verdicts[item.name].test.message if item.name in own.verdicts else ""
                tests[index] = replace(test, message=shown or WITHOUT_MESSAGE)
        return tests

    def _backend(
        self, text: str, ground: Ground | None = None, seconds: float | None = None
    ) -> RemoteBackend:
        """A worker for `text`; all calls of an exercise may take `seconds` together, as the course says if left out."""
        rules = self.course.grading
        return RemoteBackend(
            self.zygote,
            f"{self.topic.slug}.py",
            text,
            rules.call_seconds,
            rules.exercise_seconds if seconds is None else seconds,
            ground,
            self._reference if ground is not None else None,
            rules.load_seconds,
        )

    def _add_advice(self, grade: ExerciseGrade, own: Answers) -> None:
        edited = {name for verdict in own.verdicts.values() for name in verdict.edited}
        if edited:
            names = ", ".join(sorted(edited))
            grade.notes.append(
                f"advice: your code seems to change its input in place ({names}); work on a copy."
            )

    def _name_mistake(
        self, exercise: Exercise, grade: ExerciseGrade, answers: Answers, backend: RemoteBackend
    ) -> None:
        """Name the mistake, if the answers on the ground that counts are evidence of one."""
        verdicts = list(answers.verdicts.values())
        if all(verdict.test.outcome in ("passed", *NO_ANSWER) for verdict in verdicts):
            return

        def diagnose() -> Diagnosis:
            failing = [verdict.record() for verdict in verdicts if not verdict.test.passed]
            passed = (verdict.record() for verdict in verdicts if verdict.test.passed)
            return self._diagnostician.diagnose(exercise.name, failing, passed)

        found = backend.undisturbed(diagnose)
        if found.answer is not None:
            grade.diagnosis, grade.sentence = found.answer.name, found.answer.sentence
            grade.tests = [replace(test, explained=test.name in found.tests) for test in grade.tests]
        else:
            grade.unnamed = unnamed(verdicts, backend.text, exercise, self._solution, found.nearest)
