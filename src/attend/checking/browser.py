"""Exercises in a page of the site, in a browser's Python: what `attend check`, `attend ways` and `attend examples` do,
on the texts of editors.

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

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from attend.checking.checker import Checker
from attend.checking.solved import opened_ways
from attend.course.source import get_definition, line_span
from attend.course.syllabus import Course, Exercise, Topic, load_course
from attend.student.local import UnloadableError
from attend.testing.examples import judge, read_examples
from attend.testing.small_table import SmallTable
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
    """The text of a stub, or of a module, with `codes[name]`, any text, in the place of the exercise called `name`.

    Raises:
        SyllabusError: the topic has no such exercise.
        SpliceError: the stub does not define it.
    """
    # as Python counts lines, and nothing else of the stub changes
    lines = stub.split("\n")
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
    return Composed("\n".join([*made, *lines[position:]]), parts)


@cache
def open_course(root: str) -> Course:
    """The course in a folder."""
    return load_course(Path(root))


@cache
def _checker(root: str, slug: str) -> Checker:
    course = open_course(root)
    return Checker(course, course.topic(slug))


def composed(course: Course, topic: Topic, codes: Mapping[str, str], base: str) -> Composed:
    """The module of these codes. Raises as `compose` does.

    Args:
        base: a reader's own module, whose lines outside the exercises are used; the stub where it is empty.
    """
    return compose(base or course.assignment(topic).read_text(encoding="utf-8"), topic, codes)


def _ignore() -> None:
    """Do nothing."""


def check(
    root: str,
    slug: str,
    name: str,
    codes: Mapping[str, str],
    base: str = "",
    on_ready: Callable[[], None] = _ignore,
) -> dict[str, Any]:
    """The result of the exercise `name` on its public tests, for a page.

    Args:
        root: the folder with course.toml, the stubs and the public tests.
        codes: the text of the exercise's editor, and of every other exercise that is to be used with it.
        base: as for `composed`.
        on_ready: is called when everything is loaded and the student's code is about to run.

    Returns:
        `state` as in `ExerciseVerdict.state`, a `remark`, and `rows` of a label and a text.

    Raises:
        SyllabusError: there is no such topic or exercise.
        SpliceError: the stub does not define an exercise.
    """
    course, checker = open_course(root), _checker(root, slug)
    topic = checker.topic
    exercise = topic.exercise(name)
    module = composed(course, topic, codes, base)
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


def ways(
    root: str,
    slug: str,
    name: str,
    codes: Mapping[str, str],
    base: str = "",
    on_ready: Callable[[], None] = _ignore,
) -> list[dict[str, str]]:
    """Other ways to write an exercise: the title of each, why it is good, and its code as HTML.

    Nothing where the answer in `codes` is not right, or there are no other ways. For the arguments see `check`.
    """
    course, checker = open_course(root), _checker(root, slug)
    module = composed(course, checker.topic, codes, base)
    path = course.assignment(checker.topic)
    on_ready()
    try:
        found = opened_ways(course, checker.tests, checker.topic.exercise(name), path, module.text)
    except UnloadableError:
        return []
    return [
        {"title": way.name.replace("_", " "), "why": way.why, "code": _as_html(way.code)}
        for way in found or ()
    ]


def _as_html(code: str) -> str:
    """Code in the colours of the site's other code, where names and operators have none."""
    html = highlight(code, PythonLexer(), HtmlFormatter(nowrap=True))
    return re.sub(r'<span class="(?:n|o|p|w)">([^<]*)</span>', r"\1", html)


def examples(
    root: str, slug: str, name: str, text: str, on_ready: Callable[[], None] = _ignore
) -> dict[str, Any]:
    """What `attend examples` says about a reader's examples of one exercise, one on each line.

    Returns:
        `state` (passed, failing, or todo where there is no example), and `lines`, sentences.
    """
    course = open_course(root)
    topic = course.topic(slug)
    exercise = topic.exercise(name)
    found = read_examples(text)
    on_ready()
    [judged] = [
        each
        for each in judge(topic, SmallTable.read(course.small_calls(topic)), found)
        if each.exercise == exercise
    ]
    known = {each.line for each in [*judged.right, *judged.wrong, *(each for each, _ in judged.unknown)]}
    foreign = {each.line: f"{each.call} is no example of {name}" for each in found if each.line not in known}
    unread = {each.line: each.problem for each in found if each.problem}
    problems = sorted({**foreign, **unread, **judged.remarks}.items())
    if not found:
        return {"state": "todo", "lines": ["no example yet"]}
    words = [f"line {line}: {problem}" for line, problem in problems]
    return {"state": "failing" if problems else "passed", "lines": [judged.summary, *words]}
