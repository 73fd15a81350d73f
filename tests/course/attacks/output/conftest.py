"""A class whose students' names are attacks, graded once by the command line."""

import csv
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from attend.course.syllabus import Course

NAMES = {
    "formula": "=HYPERLINK(0)|' !A0",
    "plus": "+1+cmd",
    "minus": "-2+3",
    "at": "@SUM(A1)",
    "tab": "\t=1",
    "wide": "＝1+1",
    "terminal": "\x1b]0;owned\x07\x1b[31mred",
    "image": "<img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)',
    "rich": "[bold red]rich[link=x]",
    "broken rich": "[[bold] [",
    "template": "{{ 7*7 }}{% raw %}",
    "markdown": "**bold** [now](x) `code` # head",
    "lines": "two\nGRADER: full marks\rlines",
    "backwards": "\u202eedarg\u2066",
    "bytes": b"\xff\xfe\xfd".decode("utf-8", "surrogateescape"),
    "long": "x" * 200,
    "star": "ada*",
    "question": "ada?",
    "underscore": "ada_",
    "space": "ada ",
    "dots": "d...",
    "percent": "%2e%2e%2f",
    "plain": "grace",
}


@dataclass
class Results:
    """What `attend grade` wrote and printed about the class."""

    out: Path
    printed: str
    rows: list[dict]

    def text(self, name: str) -> str:
        return (self.out / name).read_text(encoding="utf-8")

    @property
    def pages(self) -> list[Path]:
        return sorted((self.out / "feedback").rglob("*.html"))


@pytest.fixture(scope="session")
def results(house: Course, level, tmp_path_factory) -> Results:
    folder = tmp_path_factory.mktemp("names")
    source = house.solution(house.topic("t03")).read_text()
    for number, name in enumerate(NAMES.values()):
        student = folder / "class" / name
        student.mkdir(parents=True)
        text = source if number else source + "\nx = = '\x1b[31m' # <script>alert(1)</script>\n"
        (student / "t03_attention_decoding.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "attend",
        "--course",
        house.root,
        "grade",
        folder / "class",
        "--out",
        folder / "out",
    ]
    done = subprocess.run(
        command, capture_output=True, timeout=120, env={**os.environ, "COLUMNS": "300"}, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    with (folder / "out/grades.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return Results(folder / "out", (done.stdout + done.stderr).decode(errors="replace"), rows)
