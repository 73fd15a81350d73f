"""Check one exercise in a page of the site: `attend check` on the text of an editor, in a browser's Python.

All that this module imports is packed into the site. So it imports nothing that a browser does not have: processes,
threads, and the libraries that print to terminals. The page ends a check that takes too long.
"""

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from attend.checking.checker import Checker
from attend.course.source import get_definition, line_span
from attend.course.syllabus import Course, Exercise, Topic, load_course
from attend.testing.verdict import ExerciseVerdict, TopicCheck


@dataclass(frozen=True)
class Composed:
    """A module made of a stub and the texts of editors.

    parts: the lines (counted from 1) of the module that come from the editor of each exercise.
    """

    text: str
    parts: dict[str, range]

    def place(self, line: int, exercise: str) -> str:
        """The place of a line of the module for the reader of a page: the editor, unless it is that of `exercise`, and
        the line in it."""
        for name, lines in self.parts.items():
            if line in lines:
                number = f"line {line - lines.start + 1}"
                return number if name == exercise else f"{name}, {number}"
        return f"line {line} of the module"


def compose(stub: str, topic: Topic, codes: Mapping[str, str]) -> Composed:
    """The stub's text with `codes[name]`, any text, in the place of the exercise called `name`.

    Raises:
        SyllabusError: the topic has no such exercise.
        SpliceError: the stub does not define it.
    """
    lines = stub.splitlines()
    places = []
    for name, code in codes.items():
        node = get_definition(stub, topic.exercise(name).target)
        places.append((*line_span(node), name, textwrap.indent(code.rstrip("\n"), " " * node.col_offset)))
    parts: dict[str, range] = {}
    made: list[str] = []
    position = 0
    for first, last, name, code in sorted(places):
        made += lines[position:first]
        parts[name] = range(len(made) + 1, len(made) + 1 + len(code.split("\n")))
        made += code.split("\n")
        position = last
    return Composed("\n".join([*made, *lines[position:]]) + "\n", parts)


@cache
def _open(root: str, slug: str) -> tuple[Course, Topic, Checker]:
    course = load_course(Path(root))
    topic = course.topic(slug)
    return course, topic, Checker(course, topic)


def check(
    root: str, slug: str, name: str, codes: Mapping[str, str], on_ready: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """The result of the exercise `name` on its public tests, for a page.

    Args:
        root: the folder with course.toml, the stubs and the public tests.
        codes: the text of the exercise's editor, and of every other exercise that is to be used with it.
        on_ready: is called when everything is loaded and the student's code is about to run.

    Returns:
        `state` as in `ExerciseVerdict.state`, a `remark`, and `rows` of a label and a text.

    Raises:
        SyllabusError: there is no such topic or exercise.
        SpliceError: the stub does not define an exercise.
    """
    course, topic, checker = _open(root, slug)
    exercise = topic.exercise(name)
    module = compose(course.assignment(topic).read_text(encoding="utf-8"), topic, codes)
    on_ready()
    result = checker.check(course.assignment(topic), (exercise,), module.text)
    if result.problem:
        return _unloadable(result, exercise, module)
    (verdict,) = result.verdicts
    rows = [*_rows(verdict, module), *(["note", _note(note, exercise, module)] for note in result.notes)]
    return {"state": verdict.state, "remark": verdict.remark, "rows": rows}


def _note(note: str, exercise: Exercise, module: Composed) -> str:
    """A note with the line in the page's editor in the place of the line in the composed module."""
    file = re.escape(f"assignments/{exercise.slug}.py")
    return re.sub(rf"^{file}:(\d+)", lambda match: module.place(int(match[1]), exercise.name), note)


def _unloadable(result: TopicCheck, exercise: Exercise, module: Composed) -> dict[str, Any]:
    rows = [["problem", result.problem.replace(f"{exercise.slug}.py", "your code")]]
    if result.line:
        number, _, source = result.line.partition(":")[2].partition("  ")
        rows.append(["line", f"{module.place(int(number), exercise.name)}  {source}".rstrip()])
    return {"state": "failing", "remark": "cannot be loaded", "rows": rows}


def _rows(verdict: ExerciseVerdict, module: Composed) -> list[list[str]]:
    """What `attend check` shows below a verdict, without what the page shows anyway."""
    failure, name = verdict.first_failure, verdict.exercise.name
    file = re.escape(f"{verdict.exercise.slug}.py")
    rows = []
    for label, text in verdict.details():
        if label == "line" and failure and failure.explanation.line:
            text = f"{module.place(failure.explanation.line, name)}  {failure.source}".rstrip()
        # a printed warning names the file and the line
        if label == "printed":
            text = re.sub(rf"\S*{file}:(\d+)", lambda match: module.place(int(match[1]), name), text)
        if label != "read on":
            rows.append([label, text])
    if verdict.needs:
        rows.append(["first", f"pass {verdict.needs} on this page: what has passed is used by what calls it"])
    return rows
