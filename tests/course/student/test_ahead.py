"""Exercises that a fork tries ahead get the verdicts that they get without it."""

import contextlib
import os

import pytest

from attend.checking.checker import Checker

from .conftest import SHIFTED

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="nothing is tried ahead where processes cannot fork"
)


def verdicts(course, **answer) -> list[dict]:
    path = course.assignment(course.topics[0])
    with contextlib.closing(Checker(course, course.topics[0], **answer)) as checker:
        return [verdict.to_plain() for verdict in checker.check(path).verdicts]


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"scale": "return x"},
        {"scale": "return x", "shifted": "return x + factor + offset"},
        {"scale": "raise ValueError('no')"},
        {"shifted": "print('seen'); return offset"},
        {"shifted": "raise NotImplementedError"},
    ],
)
def test_the_verdicts_are_the_same(home, write_answers, answers):
    write_answers(**answers)
    assert verdicts(home, with_fork=True) == verdicts(home)


def test_an_exercise_whose_fork_ended_is_tried_here(home, write_answers):
    write_answers(
        shifted=f"\n    import os\n    if os.getpid() != {os.getpid()}:\n        os._exit(3)\n    {SHIFTED}"
    )
    assert all(not verdict["failures"] for verdict in verdicts(home, with_fork=True))


def test_the_last_exercise_is_tried_in_the_fork(home, write_answers, tmp_path):
    told = tmp_path / "told"
    noted = f"\n    import os, time\n    open({str(told)!r}, 'a').write(str(os.getpid()) + ' ')\n    "
    # the first exercise's tests wait, for at most 4 s, until another process has begun the last exercise
    others = f"len(set(open({str(told)!r}).read().split())) > 1"
    wait = f"end = time.monotonic() + 4\n    while not ({others}) and time.monotonic() < end: time.sleep(0.01)\n    "
    write_answers(
        scale=f"{noted}{wait}return x * factor",
        shifted=f"{noted}return x * factor + offset",
    )
    verdicts(home, with_fork=True)
    assert len(set(told.read_text().split())) == 2
