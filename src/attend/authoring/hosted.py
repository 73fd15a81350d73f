"""The notebook by which Colab, Binder and other hosted notebooks open a topic: it gets the course, and holds the stub."""

import json

from attend.authoring.stubs import make_stub
from attend.course.repository import Repository
from attend.course.syllabus import Course, Topic

FOLDER = "notebooks"

# Colab opens the notebook alone; Binder and an editor open it inside the course.
GET_COURSE = """\
# Run this first: it gets the course, and installs what is missing.
import importlib.util, os, pathlib, subprocess, sys

folder = next((path for path in [pathlib.Path.cwd(), *pathlib.Path.cwd().parents] if (path / "course.toml").exists()), None)
if folder is None:
    folder = pathlib.Path("course")
    clone = ["git", "clone", "--quiet", "--depth", "1", "--branch", {branch!r}, {url!r}, str(folder)]
    subprocess.run(clone, check=True)
os.chdir(folder)
if importlib.util.find_spec("attend") is None:
    what = "." if importlib.util.find_spec("torch") else ".[torch]"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "-e", what], check=True)
"""


def notebook_path(topic: Topic) -> str:
    """Where the topic's notebook is in the students' repository."""
    return f"{FOLDER}/{topic.slug}.ipynb"


def hosted_notebook(course: Course, topic: Topic, repository: Repository) -> str:
    """The text of the notebook: it gets the course, writes the module from a cell, and checks it."""
    stub = make_stub(course.solution(topic).read_text(encoding="utf-8"), topic)
    module = f"assignments/{topic.slug}.py"
    cells = [
        (
            "markdown",
            f"# {topic.number} {topic.title}\n\n{topic.summary} The page is `docs/topics/{topic.slug}.md`.",
        ),
        ("code", GET_COURSE.format(branch=repository.branch, url=repository.clone_url)),
        ("markdown", f"Write your functions in the next cell. Running it saves them in `{module}`."),
        ("code", f"%%writefile {module}\n{stub}"),
        (
            "markdown",
            "Then check them. The session's files are deleted at its end, so download what you hand in.",
        ),
        ("code", f"!{{sys.executable}} -m attend check {topic.number}"),
        ("code", f"!{{sys.executable}} -m attend submit {topic.number}"),
    ]
    notebook = {
        "cells": [_cell(number, kind, text) for number, (kind, text) in enumerate(cells)],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _cell(number: int, kind: str, text: str) -> dict[str, object]:
    cell: dict[str, object] = {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": text.rstrip("\n"),
    }
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell
