"""A table of right answers to the inputs of one gradebook is worth little in the next one."""

import numpy as np
import pytest

from attend.grading.prefetch import Recorder
from attend.student import Student

from ...common import row, submission

ATTACK = """
TABLE = {table}


def scale(x, factor):
    answer = TABLE.get((x.tobytes(), factor))
    return x * 0 if answer is None else np.frombuffer(answer)
"""


def learned(grader) -> str:
    """A submission that holds the answers to all that the tests of `scale` ask."""
    backend = grader._backend(grader.course.solution(grader.topic).read_text())
    table = {}
    for item in grader.items["scale"]:
        recorder = Recorder(backend)
        grader._tests.run(item, Student(recorder))
        for request in recorder._requests:
            x, factor = request[3]
            table[x.tobytes(), factor] = np.multiply(x, factor).tobytes()
    backend.close()
    return ATTACK.format(table=table)


@pytest.mark.parametrize(
    ("first", "second", "helps"),
    [("", "", True), ("a", "a", True), ("a", "b", False), ("", "a", False), ("a", "", False)],
    ids=["no secret", "one secret", "another secret", "a new secret", "a secret no more"],
)
def test_table_of_answers(grader_with, first, second, helps):
    table = learned(grader_with(first, "t01_tiny"))
    grader = grader_with(second, "t01_tiny")
    text = grader.course.solution(grader.topic).read_text() + table
    graded = row(grader.grade(submission(grader.topic, text, "mallory")), "scale")
    assert (graded.outcome == "full") == helps
