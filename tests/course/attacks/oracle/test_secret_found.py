"""The secret is in no worker, and in nothing of the results that anybody but the instructor gets."""

import pytest

from attend.course.syllabus import load_course
from attend.gradebook.exports import export
from attend.gradebook.publish import write_results
from attend.gradebook.store import Gradebook
from attend.grading.batch import grade_class
from attend.submissions import take_in

from ...common import submission

ATTACK = """
import gc
import os
import re
import sys


def scale(x, factor):
    found, seen, waiting = set(), set(), [*sys.modules.values(), *gc.get_objects(), dict(os.environ), *sys.argv]
    frame = sys._getframe()
    while frame:
        waiting.append(frame.f_locals)
        frame = frame.f_back
    while waiting and len(seen) < 300_000:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, (str, bytes)):
            text = thing if isinstance(thing, str) else thing.decode("latin-1")
            found.update(re.findall(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", text))
        elif isinstance(thing, dict):
            waiting += [*thing.keys(), *thing.values()]
        elif isinstance(thing, (list, tuple, set, frozenset)):
            waiting += thing
    return "LOOT[" + ",".join(["ran", *sorted(found)[:500]]) + "]TOOL"
"""


def test_no_worker_holds_it(grader_with, traffic):
    secret = "0123456789abcdef" * 2
    grader = grader_with(secret, "t01_tiny")
    traffic.clear()
    text = grader.course.solution(grader.topic).read_text() + ATTACK
    grader.grade(submission(grader.topic, text, "mallory"))
    assert b"LOOT[ran" in traffic.data and secret.encode() not in traffic.data


@pytest.mark.slow
def test_no_result_tells_it(own_tiny, level, tmp_path):
    toml = own_tiny.root / "course.toml"
    toml.write_text(toml.read_text().replace("[grading]\n", "[grading]\nfresh_inputs = true\n"))
    course = load_course(own_tiny.root)
    solution = course.solution(course.topic("t01")).read_text()
    texts = {"right": solution, "wrong": solution.replace("x * factor", "x / factor"), "broken": "def ("}
    for student, text in texts.items():
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "t01_tiny.py").write_text(text)
    out = tmp_path / "results"
    with Gradebook(out / "gradebook.sqlite") as book:
        grade_class(course, take_in(course, [tmp_path / "class"]).entries, book, level, 1)
        write_results(course, book, out)
        for form in ("csv", "canvas", "moodle", "gradescope"):
            export(course, book, form, out / f"{form}.csv")
        secret = book.secret().encode()
    written = [path for path in [*out.rglob("*"), *own_tiny.root.rglob("*")] if path.is_file()]
    assert [path.name for path in written if secret in path.read_bytes()] == ["gradebook.sqlite"]
    assert len(written) > 12
