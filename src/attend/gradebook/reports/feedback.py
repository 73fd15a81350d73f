"""A feedback page a student and topic, as Markdown and as HTML. No hidden test's code, no expected value."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from attend.course.atomic_file import write_whole
from attend.course.bank import BankAnswer
from attend.course.syllabus import Exercise, Topic
from attend.course.tables import short_number
from attend.gradebook.folders import derived_name, folder_name, owner_mark
from attend.gradebook.grade import VERDICTS, ExerciseGrade, Grade, explained_sentences
from attend.gradebook.waiting import Waiting
from attend.submissions.submission import clean


@dataclass(frozen=True)
class _Unmet:
    """One thing that was asked for and does not hold: how many tests say so, and the first one's message."""

    sentence: str
    message: str
    count: int


@dataclass(frozen=True)
class _Way:
    """Another right answer: its title, what is better about it where, and its code."""

    title: str
    why: str
    code: str


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
    link: str
    ways: list[_Way]


# what a page says about whose it is
_OWNER = re.compile(r'<meta name="student" content="([0-9a-f]+)">')


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
    made.filters["points"] = short_number
    made.filters["percent"] = lambda share: f"{100 * share:.0f} %"
    return made


def plain(text: str) -> str:
    """Text on one line, printable, and cut at a length."""
    return clean(" ".join(str(text).split()), 600)


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is: on one line, every mark-up character escaped."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-!|~&" else char for char in plain(text))


def write_feedback(
    grade: Grade,
    topic: Topic,
    out: Path,
    counts: str = "",
    site: str = "",
    wait: Waiting | None = None,
    ways: dict[str, list[BankAnswer]] | None = None,
) -> Path:
    """Write `out/STUDENT/SLUG.md` and `.html`; the HTML file's path.

    `counts` says what the course's policy makes of the points, where that is not the points themselves. `site` is the
    address of the published site, to which links lead. Where results `wait`, the page holds no points.
    `ways` are other right answers by exercise, shown where the student's own is right.
    """
    values = {
        "grade": grade,
        "topic": topic,
        "exercises": exercise_views(topic, grade, site, wait, ways or {}),
        "counts": counts,
        "wait": wait,
        "owner": owner_mark(grade.student),
    }
    folder = page_folder(out, grade.student, topic)
    for suffix in ("md", "html"):
        write_whole(
            folder / f"{topic.slug}.{suffix}", environment().get_template(f"feedback.{suffix}").render(values)
        )
    return folder / f"{topic.slug}.html"


def page_folder(out: Path, student: str, topic: Topic) -> Path:
    """The folder of a student's pages below `out`.

    A page there says whose it is. Where it is somebody else's (some file systems take `Ada` and `ada` for one name), the
    folder is another one.
    """
    folder = out / folder_name(student)
    try:
        head = (folder / f"{topic.slug}.html").read_text(encoding="utf-8", errors="replace")[:4000]
    except OSError:
        return folder
    said = _OWNER.search(head)
    return out / derived_name(student) if said and said[1] != owner_mark(student) else folder


def erase_pages(out: Path, student: str) -> int:
    """Remove all pages of a student below `out`; how many topics had one."""
    removed = 0
    for folder in {out / folder_name(student), out / derived_name(student)}:
        for page in sorted(folder.glob("*.html")):
            said = _OWNER.search(page.read_text(encoding="utf-8", errors="replace")[:4000])
            if said and said[1] == owner_mark(student):
                page.unlink()
                page.with_suffix(".md").unlink(missing_ok=True)
                removed += 1
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return removed


Ways = dict[str, list[BankAnswer]]


def exercise_views(
    topic: Topic, grade: Grade, site: str, wait: Waiting | None = None, ways: Ways | None = None
) -> list[_ExerciseView]:
    """What the templates show of each exercise of a grade; where results wait, only those with a mistake to be named."""
    if wait is None:
        return [_view(topic, row, site, ways or {}) for row in grade.exercises]
    return [_view(topic, row, site, {}) for row in grade.exercises if row.sentence and wait.named_mistake]


def _view(topic: Topic, row: ExerciseGrade, site: str, ways: Ways) -> _ExerciseView:
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
        link=f"{site}topics/{topic.slug}/#{row.exercise}" if site else "",
        ways=[
            _Way(answer.name.replace("_", " "), answer.sentence, answer.renamed(topic))
            for answer in ways.get(row.exercise, ())
            if row.outcome in ("full", "carried")
        ],
    )
