"""Make the stub modules that students edit from the finished solutions."""

import re
from dataclasses import dataclass
from pathlib import Path

from attend.course.errors import AttendError
from attend.course.source import find_definition, line_span, parse
from attend.course.stub_markers import BEGIN, END, REGION, stub_line
from attend.course.syllabus import Course, Topic
from attend.submissions.answer_file import SUFFIXES


class StubError(AttendError):
    """A solution's regions are not well formed."""


@dataclass(frozen=True)
class Drift:
    """An assignment that is not what its solution makes."""

    path: Path
    problem: str


def make_stub(solution: str, topic: Topic) -> str:
    """The stub's text: every solution region becomes one line that names the exercise.

    Raises:
        StubError: it is no Python, an exercise has no region, or a region belongs to no exercise.
    """
    try:
        tree = parse(solution)
    except SyntaxError as error:
        raise StubError(
            f"{topic.slug}: line {error.lineno} of the solution is no Python ({error.msg})."
        ) from error
    spans = []
    for exercise in topic.exercises:
        node = find_definition(tree, exercise.target)
        if node is None:
            raise StubError(f"{topic.slug}: the solution does not define {exercise.target}.")
        spans.append((*line_span(node), exercise))
    done = set()

    def replace(match: re.Match) -> str:
        line = solution.count("\n", 0, match.start())
        inside = [span for span in spans if span[0] <= line < span[1]]
        if not inside:
            raise StubError(f"{topic.slug}: the region at line {line + 1} is in no exercise.")
        exercise = min(inside, key=lambda span: span[1] - span[0])[2]
        done.add(exercise.name)
        return match[1] + stub_line(exercise)

    stub = REGION.sub(replace, solution)
    missing = [exercise.name for exercise in topic.exercises if exercise.name not in done]
    if missing:
        raise StubError(f"{topic.slug}: no {BEGIN} … {END} in {', '.join(missing)}.")
    if BEGIN in stub or END in stub:
        raise StubError(f"{topic.slug}: a {BEGIN} without its {END}, or the other way round.")
    return stub


def write_stubs(course: Course, topics: list[Topic]) -> list[Path]:
    """Write `assignments/SLUG.py` for each topic, and a lab's notebooks; the paths written."""
    written = []
    for topic in topics:
        for path, text in _made(course, topic).items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def find_drift(course: Course, topics: list[Topic]) -> list[Drift]:
    """The assignments that are missing, stray, or differ from what their solution makes."""
    drift = []
    for topic in topics:
        for path, expected in _made(course, topic).items():
            if not path.exists():
                drift.append(Drift(path, "is missing"))
            elif path.read_text(encoding="utf-8") != expected:
                drift.append(Drift(path, "differs from what its solution makes"))
    known = {course.assignment(topic) for topic in course.topics}
    known |= {
        course.assignment(topic).with_suffix(".ipynb")
        for topic in course.topics
        if has_notebook(course, topic)
    }
    for path in sorted((course.root / "assignments").glob("t[0-9][0-9]_*.*")):
        if path not in known and path.suffix in SUFFIXES:
            drift.append(Drift(path, "belongs to no topic of course.toml"))
    return drift


def has_notebook(course: Course, topic: Topic) -> bool:
    """Whether the topic is a lab: it has a master notebook."""
    return course.master(topic).exists()


def _made(course: Course, topic: Topic) -> dict[Path, str]:
    """What is made from the topic's solution: the stub; of a lab, the students' notebook and the solved one too."""
    made = {course.assignment(topic): make_stub(course.solution(topic).read_text(encoding="utf-8"), topic)}
    if has_notebook(course, topic):
        from attend.authoring.notebooks import make_notebooks

        notebooks = make_notebooks(course, topic)
        made[course.assignment(topic).with_suffix(".ipynb")] = notebooks.student
        made[course.solution(topic).with_suffix(".ipynb")] = notebooks.solved
    return made
