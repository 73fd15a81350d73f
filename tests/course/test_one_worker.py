"""One worker answers all exercises of a submission, and what one exercise leaves behind costs no other."""

import pytest

from attend.sandbox.backend import RemoteBackend
from attend.sandbox.client import Zygote
from attend.student import Student, StudentTimeout

from .common import outcomes, row, submission

# each with what it leaves behind: what `scale` did, `shifted` meets
LEAVES = {
    "a name of the module": ("global left\n    left = True", "left"),
    "a list of the module": ("notes.append(1)", "notes"),
    "a function of NumPy": ("np.left = True", "hasattr(np, 'left')"),
}
TEXT = """
import numpy as np

left, notes = False, []


def scale(x, factor):
    {act}
    return x * factor


def shifted(x, factor, offset):
    return {answer} if {condition} else {other}
"""
RIGHT, WRONG = "x * factor + offset", "x - 1"


@pytest.fixture
def graded(tiny, tiny_lane, monkeypatch):
    """What grades a text; with the number of workers that it took."""

    topic = tiny.topic("t01")
    # what the reference answers is learned once
    tiny_lane.grader(topic)

    def grade(text: str):
        forks = []
        fork = Zygote.fork
        monkeypatch.setattr(Zygote, "fork", lambda zygote, *names: forks.append(1) or fork(zygote, *names))
        found = tiny_lane.grader(topic).grade(submission(topic, text))
        monkeypatch.undo()
        return found, len(forks)

    return grade


def test_right_answers_take_one_worker(graded, tiny):
    solution = tiny.solution(tiny.topic("t01")).read_text(encoding="utf-8")
    found, workers = graded(solution + "\n# of one worker\n")
    assert set(outcomes(found).values()) == {"full"} and workers == 1


@pytest.mark.parametrize("name", LEAVES)
def test_what_is_right_alone_is_right(graded, name):
    act, condition = LEAVES[name]
    found, workers = graded(TEXT.format(act=act, condition=condition, answer=WRONG, other=RIGHT))
    assert outcomes(found) == {"scale": "full", "shifted": "full"}
    assert workers == 2, "what failed was asked of a fresh worker"


def test_what_is_wrong_is_wrong_in_a_fresh_worker_too(graded):
    found, _ = graded(TEXT.format(act="pass", condition="True", answer=WRONG, other=RIGHT))
    assert row(found, "scale").outcome == "full"
    assert row(found, "shifted").outcome == "partial"


def test_an_endless_loop_in_a_used_worker_is_not_waited_for_twice(zygote):
    """A call there gets little time; a fresh worker gives it all of it."""
    backend = RemoteBackend(
        zygote, "x.py", "def f():\n    return 1\n\n\ndef g():\n    while True:\n        pass\n", 9.0
    )
    assert Student(backend).f() == 1
    backend.begin()
    worker = backend.worker
    with pytest.raises(StudentTimeout):
        Student(backend).g()
    assert worker.used < 3.0, "seconds of its processor time, of the nine that a call may take"
    backend.close()
