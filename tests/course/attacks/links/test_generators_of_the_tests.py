"""A hidden test that draws from the generators of its process draws the same, however much an earlier one drew."""

import numpy as np
import pytest

from attend.grading.prefetch import Recorder, digest
from attend.student import Student

TESTS = '''

import random


@pytest.mark.exercise("scale")
def test_draws_while_it_passes(student):
    """It draws once more after each right answer."""
    for _ in range(5):
        x = np.random.normal(size=4)
        check.close(student.scale(x, random.random()), x * random.random(), what="scaled", rtol=9e9)


@pytest.mark.exercise("scale")
def test_draws(student):
    """It draws its inputs."""
    x, factor = np.random.normal(size=4), random.random()
    check.close(student.scale(x, factor), x * factor, what="scaled")
'''


@pytest.mark.parametrize(
    "before",
    [
        "",
        "def scale(x, factor):\n    return None\n",
        "def scale(x, factor):\n    raise ValueError\n",
        "def scale(x, factor):\n    return np.random.normal(size=x.shape)\n",
    ],
    ids=["right", "of no value", "raises", "draws itself"],
)
def test_inputs_do_not_depend_on_who_came_before(tiny_with, hand_in_tiny, before):
    grader = tiny_with(TESTS)
    first = inputs(grader, hand_in_tiny().text)
    np.random.seed(3)
    grader.grade(hand_in_tiny(before))
    assert inputs(grader, hand_in_tiny().text) == first


def inputs(grader, text: str) -> list[bytes]:
    """A digest of all that the tests of `scale` ask of `text`."""
    backend = grader._backend(text)
    try:
        asked = []
        for item in grader.items["scale"]:
            recorder = Recorder(backend)
            grader._tests.run(item, Student(recorder))
            asked.append(digest(recorder._requests))
        return asked
    finally:
        backend.close()
