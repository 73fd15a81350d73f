"""Check the graders against every stub, every reference, every known wrong answer and right ones of other shapes."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from attend.authoring.fingerprint_builder import find_unseen, fingerprint_path
from attend.authoring.pairs import PairAudit, audit_pairs
from attend.authoring.small_builder import not_caught, not_shown_holes
from attend.authoring.stubs import StubError, make_stub
from attend.course import bank
from attend.course.errors import AttendError
from attend.course.source import SpliceError
from attend.course.syllabus import Course, Exercise, Topic
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.grading.course_grader import Lane
from attend.submissions.submission import Submission
from attend.testing.grader_summary import summary_path
from attend.testing.small_table import SmallTable

MIN_MISCONCEPTIONS = 3
MIN_ALTERNATES = 2
POINTS = 100
# of the pairs of mistakes one in so many is tried, if nothing else is asked for
SAMPLE = 10


@dataclass
class ExerciseAudit:
    """What is proven of one exercise; `holes` says in words what is not."""

    topic: str
    exercise: str
    hidden_tests: int = 0
    public_tests: int = 0
    misconceptions: int = 0
    killed: int = 0
    diagnosed: int = 0
    # misconceptions that a public test fails too, and those that a small call shows
    seen: int = 0
    shown: int = 0
    alternates: int = 0
    accepted: int = 0
    stub_fails: bool = False
    reference_passes: bool = False
    pairs: PairAudit = field(default_factory=PairAudit)
    holes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The audit as JSON can carry it."""
        return asdict(self)


@dataclass(frozen=True)
class _Trial:
    """One module text to grade, the exercises whose grade may differ from the reference's, and what is to be seen there."""

    name: str
    text: str
    exercises: tuple[Exercise, ...]
    judge: Callable[[Grade], None]


def audit_topic(
    course: Course,
    topic: Topic,
    lane: Lane,
    report: Callable[[str], None] = lambda name: None,
    one_in: int = SAMPLE,
) -> list[ExerciseAudit]:
    """The audit of each exercise of `topic`.

    Args:
        report: called with each trial's name.
        one_in: try one pair of mistakes in so many, the same ones each time; every pair where it is 1.
    """
    audits = {exercise.name: ExerciseAudit(topic.slug, exercise.name) for exercise in topic.exercises}
    first = next(iter(audits.values()))
    first.holes += [
        f"{path.relative_to(course.root)} does not exist"
        for path in _layers(course, topic)
        if not path.exists()
    ]
    first.holes += _todos(course, topic) + _of_the_topic(course, topic)
    if not all(path.exists() for path in _layers(course, topic)[:4]):
        return list(audits.values())
    grader = lane.grader(topic, checked=False)
    for trial in _trials(course, topic, audits):
        report(trial.name)
        submission = Submission("audit", topic.slug, f"{topic.slug}.py", trial.text)
        # nobody reads what an audit's grades say
        trial.judge(grader.grade(submission, trial.exercises, smallest=False))
    if all(audit.reference_passes for audit in audits.values()):
        report("pairs of mistakes")
        for name, pairs in audit_pairs(course, topic, grader, one_in).items():
            audits[name].pairs = pairs
            audits[name].holes += pairs.holes
    public = count_public_tests(course, topic)
    unseen = [answer.exercise for answer in find_unseen(course, topic)]
    small = SmallTable.read(course.small_calls(topic))
    unshown = not_caught(course, topic, small)
    small_holes = not_shown_holes(course, topic, unshown)
    page = course.page(topic).read_text(encoding="utf-8") if course.page(topic).exists() else ""
    for exercise in topic.exercises:
        audit = audits[exercise.name]
        audit.hidden_tests = len(grader.items[exercise.name])
        audit.public_tests = public.get(exercise.name, 0)
        audit.seen = audit.misconceptions - unseen.count(exercise.name)
        audit.shown = audit.misconceptions - len(unshown[exercise.name])
        audit.holes += _shortfalls(exercise, audit, page) + small_holes.get(exercise.name, [])
    return list(audits.values())


def _layers(course: Course, topic: Topic) -> list[Path]:
    return [
        course.solution(topic),  # the first four are what trials are made of
        course.graders(topic),
        course.misconceptions(topic),
        course.alternates(topic),
        course.assignment(topic),
        course.public_tests(topic),
        course.page(topic),
        course.quiz(topic),
    ]


def _of_the_topic(course: Course, topic: Topic) -> list[str]:
    """What does not fit together among the topic's files."""
    holes = []
    for path in (fingerprint_path(course, topic), summary_path(course, topic)):
        if not path.exists():
            holes.append(f"{path.relative_to(course.root)} is missing; `attend fingerprints` makes it")
    if course.solution(topic).exists() and course.assignment(topic).exists():
        try:
            stub = make_stub(course.solution(topic).read_text(encoding="utf-8"), topic)
        except StubError as error:
            holes.append(str(error))
        else:
            if stub != course.assignment(topic).read_text(encoding="utf-8"):
                holes.append("the stub differs from what the solution makes; `attend stubs` makes it")
    if round(topic.points, 2) != POINTS:
        holes.append(f"its points add up to {topic.points:g}, not to {POINTS}")
    site = course.root / "mkdocs.yml"
    if site.exists() and f"topics/{topic.slug}.md" not in site.read_text(encoding="utf-8"):
        holes.append(f"topics/{topic.slug}.md is not in the site's index (nav in mkdocs.yml)")
    return holes


def _todos(course: Course, topic: Topic) -> list[str]:
    """What `attend new-topic` left to be written, in every layer but the stub, which is made from another."""
    holes = []
    for path in (
        each for each in _layers(course, topic) if each.exists() and each != course.assignment(topic)
    ):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if "TODO" in line:
                holes.append(f"{path.relative_to(course.root)}, line {number}: {line.strip()[:80]}")
    words = [topic.title, topic.summary, *(hint for each in topic.exercises for hint in each.hints)]
    if any("TODO" in text for text in words):
        holes.append("course.toml: its summary or a hint is still a TODO")
    return holes


def _trials(course: Course, topic: Topic, audits: dict[str, ExerciseAudit]) -> Iterator[_Trial]:
    solution = course.solution(topic).read_text(encoding="utf-8")
    yield _Trial("stub", make_stub(solution, topic), topic.exercises, partial(_judge_stub, audits=audits))
    yield _Trial("reference", solution, topic.exercises, partial(_judge_reference, audits=audits))
    for answer in bank.misconceptions(course, topic):
        audit = _of(audits, answer, topic)
        audit.misconceptions += 1
        yield _Trial(
            f"misconception {answer.name}",
            _spliced(answer, solution, topic),
            _touched(topic, answer),
            partial(_judge_misconception, answer=answer, audit=audit),
        )
    for answer in bank.alternates(course, topic):
        audit = _of(audits, answer, topic)
        audit.alternates += 1
        yield _Trial(
            f"alternate {answer.name}",
            _spliced(answer, solution, topic),
            _with_dependents(topic, _touched(topic, answer)),
            partial(_judge_alternate, answer=answer, audit=audit),
        )


def _touched(topic: Topic, answer: bank.BankAnswer) -> tuple[Exercise, ...]:
    """The exercises whose own code `answer` takes the place of: a class holds the methods of others."""
    target = f"{answer.target(topic)}."
    return tuple(
        exercise
        for exercise in topic.exercises
        if f"{exercise.target}.".startswith(target) or target.startswith(f"{exercise.target}.")
    )


def _with_dependents(topic: Topic, exercises: tuple[Exercise, ...]) -> tuple[Exercise, ...]:
    """The exercises and all that build on them, directly or through others."""
    names = {exercise.name for exercise in exercises}
    for exercise in topic.exercises:  # earlier ones come first
        if names & set(exercise.builds_on):
            names.add(exercise.name)
    return tuple(exercise for exercise in topic.exercises if exercise.name in names)


def _of(audits: dict[str, ExerciseAudit], answer: bank.BankAnswer, topic: Topic) -> ExerciseAudit:
    if answer.exercise not in audits:
        raise AttendError(
            f"the bank of {topic.slug} holds {answer.name} for {answer.exercise!r}, which is no exercise."
        )
    return audits[answer.exercise]


def _spliced(answer: bank.BankAnswer, solution: str, topic: Topic) -> str:
    try:
        return answer.spliced(solution, topic)
    except SpliceError as error:
        raise AttendError(f"{topic.slug}: {answer.name} cannot be put in place: {error}.") from error


def _row(grade: Grade, exercise: str) -> ExerciseGrade:
    return next(row for row in grade.exercises if row.exercise == exercise)


def _judge_stub(grade: Grade, audits: dict[str, ExerciseAudit]) -> None:
    for name, audit in audits.items():
        audit.stub_fails = _row(grade, name).points == 0
        if not audit.stub_fails:
            audit.holes.append("the stub earns points")


def _judge_reference(grade: Grade, audits: dict[str, ExerciseAudit]) -> None:
    for name, audit in audits.items():
        row = _row(grade, name)
        audit.reference_passes = row.outcome == "full"
        if not audit.reference_passes:
            audit.holes.append(f"the reference fails: {grade.problem or first_failure(row)}")


def _judge_misconception(grade: Grade, answer: bank.BankAnswer, audit: ExerciseAudit) -> None:
    row = _row(grade, answer.exercise)
    killed, named = row.points < row.max_points, row.diagnosis == answer.name
    audit.killed += killed
    audit.diagnosed += named
    if not killed:
        audit.holes.append(f"misconception {answer.name} earns full points")
    elif not named:
        audit.holes.append(f"misconception {answer.name} is diagnosed as {row.diagnosis or 'nothing'}")


def _judge_alternate(grade: Grade, answer: bank.BankAnswer, audit: ExerciseAudit) -> None:
    accepted = all(row.outcome == "full" for row in grade.exercises)
    audit.accepted += accepted
    if not accepted:
        row = next(row for row in grade.exercises if row.outcome != "full")
        audit.holes.append(
            f"alternate {answer.name} fails {row.exercise}: {grade.problem or first_failure(row)}"
        )


def first_failure(row: ExerciseGrade) -> str:
    """The name and message of the first failed test of an exercise; its outcome where no test failed."""
    return next((f"{test.name}: {test.message}" for test in row.tests if not test.passed), row.outcome)


def _shortfalls(exercise: Exercise, audit: ExerciseAudit, page: str) -> list[str]:
    holes = []
    if audit.misconceptions < MIN_MISCONCEPTIONS:
        holes.append(f"has {audit.misconceptions} misconceptions, needs {MIN_MISCONCEPTIONS}")
    if audit.alternates < MIN_ALTERNATES:
        holes.append(f"has {audit.alternates} alternates, needs {MIN_ALTERNATES}")
    if audit.public_tests == 0:
        holes.append("has no public test")
    if f"#{exercise.name} " not in page and f"#{exercise.name}}}" not in page:
        holes.append("has no anchor on its page")
    if len(exercise.hints) != 3 or not all(exercise.hints):
        holes.append("has no three hints")
    return holes


def count_public_tests(course: Course, topic: Topic) -> dict[str, int]:
    """How many public test functions each exercise has, read from the marks in the file's text."""
    import ast

    counts: dict[str, int] = {}
    path = course.public_tests(topic)
    tree = ast.parse(path.read_text(encoding="utf-8") if path.exists() else "")
    for node in tree.body:
        for mark in getattr(node, "decorator_list", []):
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.exercise":
                name = ast.literal_eval(mark.args[0])
                counts[name] = counts.get(name, 0) + 1
    return counts
