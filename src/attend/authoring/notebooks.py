"""Make a topic's notebooks with `otter assign`, from one master: the words and tests of autograder/otter/SLUG.md.

The master's functions come from solutions/SLUG.py, so that notebook and module never differ. Fenced blocks of the
text become cells: `python` a code cell, `exercise` a function of the solution (one name), `public` and `hidden` a test
of the exercise before them in otter's own form: one function each.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attend.course.errors import AttendError
from attend.course.scratch import scratch_folder
from attend.course.source import definition_text
from attend.course.stub_markers import BEGIN, END, REGION, stub_line
from attend.course.syllabus import Course, Exercise, Topic

MARKS = re.compile(rf'^[ \t]*({BEGIN}.*|{END}|""" # BEGIN PROMPT\n.*\n.*# END PROMPT)\n?', re.MULTILINE)
FENCE = re.compile(r"^```(python|exercise|public|hidden)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# otter's own cells would need otter on the student's machine: the notebook checks itself with the public tests
CONFIG = """\
# ASSIGNMENT CONFIG
init_cell: false
export_cell: false
check_all_cell: false
tests:
    files: true
    ok_format: false
"""


class NotebookError(AttendError):
    """A master is not well formed, or otter cannot use it."""

    exit_code = 1


@dataclass(frozen=True)
class Notebooks:
    """What `otter assign` made, as texts; of the tests, the hidden ones are in `all_tests` alone."""

    student: str
    solved: str
    public_tests: dict[str, str]
    all_tests: dict[str, str]


def make_notebooks(course: Course, topic: Topic) -> Notebooks:
    """Run `otter assign` on the topic's master.

    Raises:
        NotebookError: the master is not well formed, or otter cannot use it.
    """
    with scratch_folder("notebook") as folder:
        master = folder / f"{topic.slug}.ipynb"
        master.write_text(json.dumps(make_master(course, topic)), encoding="utf-8")
        assign(master, folder / "made")
        student, solved = (folder / "made" / kind for kind in ("student", "autograder"))
        return Notebooks(
            _tidy((student / master.name).read_text(encoding="utf-8")),
            _tidy((solved / master.name).read_text(encoding="utf-8")),
            _tests(student / "tests"),
            _tests(solved / "tests"),
        )


def assign(master: Path, out: Path, *options: str) -> None:
    """The real `otter assign`, without running the notebook unless asked to."""
    command = [sys.executable, "-m", "otter", "assign", master, out, *(options or ("--no-run-tests",))]
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=master.parent)
    if run.returncode != 0:
        lines = (run.stderr or run.stdout).strip().splitlines()
        raise NotebookError(
            f"otter assign {master.name} failed: {lines[-1] if lines else 'it said nothing'}."
        )


def make_master(course: Course, topic: Topic) -> dict:
    """The master notebook, in the form that `otter assign` takes.

    Raises:
        NotebookError: an exercise is missing or comes twice, a test belongs to none.
    """
    text = course.master(topic).read_text(encoding="utf-8")
    solution = course.solution(topic).read_text(encoding="utf-8")
    cells, at, seen = [_cell("raw", CONFIG)], 0, []
    testing = False
    for fence in FENCE.finditer(text):
        words, kind, body = text[at : fence.start()].strip(), fence[1], fence[2].strip()
        at = fence.end()
        if testing and (words or kind not in ("public", "hidden")):
            cells += [_cell("raw", "# END TESTS"), _cell("raw", "# END QUESTION")]
            testing = False
        if words:
            cells.append(_cell("markdown", words))
        if kind == "python":
            cells.append(_cell("code", body))
        elif kind == "exercise":
            exercise = topic.exercise(body)
            seen.append(exercise.name)
            cells += _question(exercise, solution)
            testing = True
        elif testing:
            cells.append(_cell("code", f"# HIDDEN\n{body}" if kind == "hidden" else body))
        else:
            raise NotebookError(f"{course.master(topic).name}: a {kind} test follows no exercise.")
    if rest := text[at:].strip():
        cells.append(_cell("markdown", rest))
    if seen != [exercise.name for exercise in topic.exercises]:
        raise NotebookError(f"{course.master(topic).name} holds the exercises {', '.join(seen) or 'none'}.")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}


def _question(exercise: Exercise, solution: str) -> list[dict]:
    """An exercise's function; students get the line that says it is not done in place of each region."""
    name = f"# BEGIN QUESTION\nname: {exercise.name}\npoints: {exercise.points:g}\ncheck_cell: false"

    def both(region: re.Match) -> str:
        indent = region[1]
        inside = region[0].removeprefix(f"{indent}{BEGIN}\n")
        prompt = [
            f'{indent}""" # BEGIN PROMPT',
            f"{indent}{stub_line(exercise)}",
            f'{indent}"""; # END PROMPT',
        ]
        return "\n".join([f"{indent}{BEGIN} NO PROMPT", inside, *prompt])

    code = definition_text(REGION.sub(both, solution), exercise.target)
    if BEGIN not in code:
        raise NotebookError(f"{exercise.label} {exercise.name} has no {BEGIN} … {END} to take out.")
    parts = [
        _cell("raw", name),
        _cell("raw", "# BEGIN SOLUTION"),
        _cell("code", code),
        _cell("raw", "# END SOLUTION"),
    ]
    return [*parts, _cell("raw", "# BEGIN TESTS")]


def _cell(kind: str, source: str) -> dict[str, Any]:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **code}


def _tests(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}


def _tidy(notebook: str) -> str:
    """The notebook without otter's marks, with each line of source on a line of its own."""
    data = json.loads(notebook)
    for cell in data["cells"]:
        cell["metadata"] = {}
        cell["source"] = MARKS.sub("", "".join(cell["source"])).strip().splitlines(keepends=True)
    data["metadata"] = {"kernelspec": data["metadata"]["kernelspec"], "language_info": {"name": "python"}}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
