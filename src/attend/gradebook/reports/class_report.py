"""The class on one page: how points are spread, which exercises are hard, which mistakes are frequent, and what to
look at: slow submissions and those that could not be graded."""

import heapq
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from attend.course import bank
from attend.course.atomic_file import write_whole
from attend.course.syllabus import Course, Exercise, Topic
from attend.gradebook.folders import folder_name
from attend.gradebook.grade import Grade
from attend.gradebook.groups import Group, Groups
from attend.gradebook.policy import totals
from attend.gradebook.reports import plots
from attend.gradebook.reports.feedback import environment
from attend.gradebook.store import Gradebook
from attend.submissions import Person

SLOWEST = 10
FAILING = 50
MISTAKES_DRAWN = 12
STUDENTS_LISTED = 2000
GROUPS_SHOWN = 10
FAILED = ("refused", "crash", "timeout", "error")


@dataclass
class ExerciseSummary:
    exercise: Exercise
    earned: float = 0.0
    possible: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    diagnoses: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """The points earned as a share of those possible, between 0 and 1."""
        return self.earned / self.possible if self.possible else 0.0


@dataclass
class Mistake:
    """How many submissions of a topic made one known mistake."""

    name: str
    exercise: Exercise
    count: int
    share: float
    sentence: str

    @property
    def words(self) -> str:
        """The mistake's name with spaces."""
        return self.name.replace("_", " ")


@dataclass
class TopicSummary:
    topic: Topic
    shares: list[float] = field(default_factory=list)
    exercises: dict[str, ExerciseSummary] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)
    unnamed: list[Group] = field(default_factory=list)

    @property
    def mean(self) -> float:
        """The mean of the students' shares."""
        return statistics.fmean(self.shares)

    @property
    def median(self) -> float:
        """The median of the students' shares."""
        return statistics.median(self.shares)

    @property
    def tenths(self) -> list[tuple[str, int]]:
        """How many students have a share in each tenth, with the label of each."""
        return [
            (f"{10 * tenth} to {10 * tenth + 10} %", count)
            for tenth, count in enumerate(plots.tenths(self.shares))
        ]

    @property
    def unnamed_count(self) -> int:
        """How many wrong answers fit no known mistake."""
        return sum(len(group.students) for group in self.unnamed)

    @property
    def hardest_first(self) -> list[ExerciseSummary]:
        """The exercises, the one with the lowest share first."""
        return sorted(self.exercises.values(), key=lambda summary: summary.share)

    @property
    def mistakes(self) -> list[Mistake]:
        """The diagnosed mistakes, most frequent first."""
        found = [
            Mistake(name, summary.exercise, count, count / len(self.shares), self.sentences.get(name, ""))
            for summary in self.exercises.values()
            for name, count in summary.diagnoses.items()
        ]
        return sorted(found, key=lambda mistake: (-mistake.count, mistake.name))

    def draw(self) -> dict[str, str]:
        """The three plots of a topic."""
        number, hardest, mistakes = self.topic.number, self.hardest_first, self.mistakes[:MISTAKES_DRAWN]
        drawn = {
            "spread": plots.histogram(self.shares, number),
            "exercises": plots.bars(
                [summary.exercise.name for summary in hardest],
                [100 * summary.share for summary in hardest],
                "mean share of the points (%)",
                number,
            ),
        }
        if mistakes:
            drawn["mistakes"] = plots.bars(
                [mistake.words for mistake in mistakes],
                [100 * mistake.share for mistake in mistakes],
                "submissions that made the mistake (%)",
                number,
                whole=False,
            )
        return drawn


@dataclass
class StudentRow:
    """A student in the report: points as graded, and the points that count by the policy, with the reasons."""

    name: str
    section: str = ""
    points: float = 0.0
    max_points: float = 0.0
    counted: float = 0.0
    max_counted: float = 0.0
    notes: list[str] = field(default_factory=list)
    pages: list[tuple[str, str, float]] = field(default_factory=list)  # the topic's number, link, points


@dataclass(frozen=True)
class SlowSubmission:
    """How many seconds grading a submission took, and the exercise that took most of them."""

    student: str
    number: str
    seconds: float
    exercise: str


@dataclass(frozen=True)
class FailingSubmission:
    """A submission of which something could not be judged, and why."""

    student: str
    number: str
    reason: str


@dataclass
class ClassSummary:
    """All that the report shows; it never holds more than one grade at a time."""

    topics: list[TopicSummary]
    students: dict[str, StudentRow]
    submissions: int
    levels: Counter[str]
    slowest: list[SlowSubmission]
    failing: list[FailingSubmission]
    failed: int
    absent: list[str]
    unlisted: list[str]
    people: dict[str, Person]

    @property
    def sections(self) -> list[tuple[str, int, float]]:
        """Each section of the roster, how many are in it, and the mean share of their points that count."""
        shares: dict[str, list[float]] = defaultdict(list)
        for row in self.students.values():
            if row.section:
                shares[row.section].append(row.counted / row.max_counted if row.max_counted else 0.0)
        return [(name, len(found), statistics.fmean(found)) for name, found in sorted(shares.items())]


def summarise(course: Course, gradebook: Gradebook) -> ClassSummary:
    """Everything in the gradebook that is of this course."""
    topics: dict[str, TopicSummary] = {}
    students: dict[str, StudentRow] = {}
    levels: Counter[str] = Counter()
    slow: list[tuple[float, int, SlowSubmission]] = []
    failing: list[FailingSubmission] = []
    failed = 0
    groups = Groups()
    for number, grade in enumerate(gradebook.grades()):
        topic = course.by_slug.get(grade.topic)
        if topic is None:
            continue
        _add(topics.setdefault(grade.topic, TopicSummary(topic)), grade)
        groups.add(topic, grade)
        _add_student(students.setdefault(grade.student, StudentRow(grade.student)), topic, grade)
        levels[grade.isolation] += 1
        keep = heapq.heappush if len(slow) < SLOWEST else heapq.heappushpop
        keep(slow, (grade.seconds, number, _slow(grade, topic)))
        reason = _failure(grade)
        if reason:
            failed += 1
            if len(failing) < FAILING:
                failing.append(FailingSubmission(grade.student, topic.number, reason))
    for total in totals(course, gradebook):
        row = students.setdefault(total.student, StudentRow(total.student))
        row.counted, row.max_counted, row.notes = total.points, total.max_points, total.notes
        row.section = total.section
    members = gradebook.members()
    ordered = [topics[topic.slug] for topic in course.topics if topic.slug in topics]
    for summary in ordered:
        path = course.misconceptions(summary.topic)
        answers = bank.misconceptions(course, summary.topic) if path.exists() else []
        summary.sentences = {answer.name: answer.sentence for answer in answers}
        summary.unnamed = groups.of(summary.topic)
    levels.pop("none", None) if set(levels) - {"none"} else None  # refused files never ran
    slowest = [row for _, _, row in sorted(slow, reverse=True)]
    return ClassSummary(
        topics=ordered,
        students=students,
        submissions=sum(map(len, _shares(ordered))),
        levels=levels,
        slowest=slowest,
        failing=failing,
        failed=failed,
        absent=members.absent,
        unlisted=members.unlisted,
        people=members.people,
    )


def _shares(topics: list[TopicSummary]) -> list[list[float]]:
    return [summary.shares for summary in topics]


def _add(summary: TopicSummary, grade: Grade) -> None:
    summary.shares.append(grade.points / grade.max_points if grade.max_points else 0.0)
    rows = {row.exercise: row for row in grade.exercises}
    for exercise in summary.topic.exercises:
        row = rows.get(exercise.name)
        if row is None:
            continue
        entry = summary.exercises.setdefault(exercise.name, ExerciseSummary(exercise))
        entry.earned += row.points
        entry.possible += row.max_points
        entry.outcomes[row.outcome] += 1
        if row.diagnosis:
            entry.diagnoses[row.diagnosis] += 1


def _add_student(row: StudentRow, topic: Topic, grade: Grade) -> None:
    row.points += grade.points
    row.max_points += grade.max_points
    link = f"feedback/{folder_name(grade.student)}/{topic.slug}.html"
    row.pages.append((topic.number, link, grade.points))


def _slow(grade: Grade, topic: Topic) -> SlowSubmission:
    seconds: dict[str, float] = defaultdict(float)
    for row in grade.exercises:
        seconds[row.exercise] += sum(test.seconds for test in row.tests)
    most = max(seconds, key=lambda name: seconds[name], default="")
    return SlowSubmission(grade.student, topic.number, grade.seconds, most)


def _failure(grade: Grade) -> str:
    """Why nothing, or not everything, of a submission could be judged; empty where it could."""
    if grade.problem:
        return grade.problem
    kinds = Counter(row.outcome for row in grade.exercises if row.outcome in FAILED)
    if kinds["crash"] or kinds["timeout"]:
        return ", ".join(
            f"{row.exercise}: {row.outcome}" for row in grade.exercises if row.outcome in ("crash", "timeout")
        )
    return "every exercise raised an error" if kinds["error"] == len(grade.exercises) else ""


def write_report(course: Course, gradebook: Gradebook, path: Path) -> None:
    """Write the HTML report of everything in the gradebook."""
    text = (
        environment()
        .get_template("report.html")
        .render(
            course=course,
            report=summarise(course, gradebook),
            listed=STUDENTS_LISTED,
            groups_shown=GROUPS_SHOWN,
        )
    )
    write_whole(path, text)
