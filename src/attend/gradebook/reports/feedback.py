"""A feedback page a student and topic, as Markdown and as HTML. No hidden test's code, no expected value."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from attend.course.atomic_file import whole_file
from attend.course.syllabus import Exercise, Topic
from attend.gradebook.grade import VERDICTS, ExerciseGrade, Grade, explained_sentences
from attend.submissions.submission import clean


@dataclass(frozen=True)
class _Unmet:
    """One thing that was asked for and does not hold: how many tests say so, and the first one's message."""

    sentence: str
    message: str
    count: int


@dataclass(frozen=True)
class _ExerciseView:
    """What a page shows of one exercise. The templates read these names."""

    row: ExerciseGrade
    exercise: Exercise
    verdict: str
    passed: int
    explained: str
    failures: list[_Unmet]
    read_on: str


@cache
def environment() -> jinja2.Environment:
    """The templates of this package. HTML is escaped automatically, Markdown by the filter `md`."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    made = jinja2.Environment(
        loader=loader,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["md"] = escape_markdown
    made.filters["plain"] = plain
    made.filters["points"] = format_points
    made.filters["percent"] = lambda share: f"{100 * share:.0f} %"
    return made


def plain(text: str) -> str:
    """Text on one line, printable, and cut at a length."""
    return clean(" ".join(str(text).split()), 600)


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is: on one line, every mark-up character escaped."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-!|~&" else char for char in plain(text))


def format_points(points: float) -> str:
    """`7`, `7.5`, `6.67`."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def write_feedback(grade: Grade, topic: Topic, out: Path, counts: str = "") -> Path:
    """Write `out/STUDENT/SLUG.md` and `.html`; the HTML file's path.

    `counts` says what the course's policy makes of the points, where that is not the points themselves.
    """
    rows = [_view(topic, row) for row in grade.exercises]
    values = {"grade": grade, "topic": topic, "exercises": rows, "counts": counts}
    folder = out / folder_name(grade.student)
    for suffix in ("md", "html"):
        with whole_file(folder / f"{topic.slug}.{suffix}") as part:
            part.write_text(environment().get_template(f"feedback.{suffix}").render(values), encoding="utf-8")
    return folder / f"{topic.slug}.html"


def folder_name(student: str) -> str:
    """The student's name as one folder, whatever characters it holds; no two names share one."""
    safe = "".join(char if char.isalnum() or char in "-_.@ " else "_" for char in student).strip(". ")[:100]
    if safe and safe == student:
        return safe
    return f"{safe}_{hashlib.sha256(student.encode(errors='surrogatepass')).hexdigest()[:8]}"


def _view(topic: Topic, row: ExerciseGrade) -> _ExerciseView:
    """The view of one exercise: each thing that was asked for once, with the first message about it."""
    exercise = topic.exercise(row.exercise)
    failures: dict[str, list[str]] = {}
    for test in row.tests:
        if not test.passed and not test.explained:
            failures.setdefault(test.sentence, []).append(test.message)
    return _ExerciseView(
        row=row,
        exercise=exercise,
        verdict=VERDICTS[row.outcome],
        passed=sum(test.passed for test in row.tests),
        explained="; ".join(explained_sentences(row)),
        failures=[_Unmet(asked, messages[0], len(messages)) for asked, messages in failures.items()],
        read_on=f"docs/topics/{topic.slug}.md#{row.exercise}",
    )
