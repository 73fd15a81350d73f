"""Check one exercise in a page of the site: `attend check`, on the text of its editor, in a browser's Python.

Everything this module imports goes into the site as it is, so it stays free of what a browser lacks: processes,
threads, and the libraries that draw terminals. The page ends what does not come back.
"""

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from attend.checking.checker import Checker
from attend.course.source import find_definition, line_span, parse
from attend.course.syllabus import Course, Exercise, Topic, load_course
from attend.testing.verdict import ExerciseVerdict, TopicCheck


@dataclass(frozen=True)
class Composed:
    """A module made of a stub and what stands in editors: its text, and the lines (from 1) of each editor's part."""

    text: str
    parts: dict[str, range]

    def place(self, line: int, exercise: str) -> str:
        """A line of the module in the words of the page: editors count their own lines."""
        for name, lines in self.parts.items():
            if line in lines:
                number = f"line {line - lines.start + 1}"
                return number if name == exercise else f"{name}, {number}"
        return f"line {line} of the module"


def compose(stub: str, topic: Topic, codes: Mapping[str, str]) -> Composed:
    """The stub's text with `codes[exercise]` in the place of each exercise named, whatever that text is."""
    tree, lines = parse(stub), stub.splitlines()
    places = []
    for name, code in codes.items():
        node = find_definition(tree, topic.exercise(name).target)
        places.append((*line_span(node), name, textwrap.indent(code.rstrip("\n"), " " * node.col_offset)))
    parts, made, position = {}, [], 0
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
    root: str, slug: str, name: str, codes: Mapping[str, str], begun: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """How the exercise `name` does on its public tests, as a page can show it.

    Args:
        root: the folder with course.toml, the stubs and the public tests.
        codes: the text of the exercise's editor, and of every other exercise that is to be used with it.
        begun: called when everything is ready and the student's code is about to run.

    Returns:
        `state` as in `ExerciseVerdict.state`, a `remark`, and `rows` of a label and a text.
    """
    course, topic, checker = _open(root, slug)
    exercise = topic.exercise(name)
    module = compose(course.assignment(topic).read_text(encoding="utf-8"), topic, codes)
    begun()
    result = checker.check(course.assignment(topic), (exercise,), module.text)
    if result.problem:
        return _unloadable(result, exercise, module)
    (verdict,) = result.verdicts
    return {"state": verdict.state, "remark": verdict.remark, "rows": _rows(verdict, module)}


def _unloadable(result: TopicCheck, exercise: Exercise, module: Composed) -> dict[str, Any]:
    rows = [["problem", result.problem.replace(f"{exercise.slug}.py", "your code")]]
    if result.line:
        number, _, source = result.line.partition(":")[2].partition("  ")
        rows.append(["line", f"{module.place(int(number), exercise.name)}  {source}".rstrip()])
    return {"state": "failing", "remark": "cannot be loaded", "rows": rows}


def _rows(verdict: ExerciseVerdict, module: Composed) -> list[list[str]]:
    """What `attend check` tells below a verdict, less what the reader of the page has before his eyes."""
    failure, name = verdict.first_failure, verdict.exercise.name
    file = re.escape(f"{verdict.exercise.slug}.py")
    rows = []
    for label, text in verdict.details():
        if label == "line":
            text = f"{module.place(failure.explanation.line, name)}  {failure.source}".rstrip()
        if label == "printed":  # a warning names the file and the line
            text = re.sub(rf"\S*{file}:(\d+)", lambda match: module.place(int(match[1]), name), text)
        if label != "read on":
            rows.append([label, text])
    if verdict.needs:
        rows.append(["first", f"pass {verdict.needs} on this page: what has passed is used by what calls it"])
    return rows
