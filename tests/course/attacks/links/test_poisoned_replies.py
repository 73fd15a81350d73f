"""Replies that a worker gives to the wrong test, twice, or to tests that were never asked, count for nobody else."""

import pytest

from ..conftest import solution
from .test_one_lane_in_any_order import comparable

ATTACK = """
import sys

_worker = sys.modules["attend.sandbox.worker"]
_bundle, _kept = _worker.bundle, []


def swapped(ready):
    _kept.extend(ready)
    return _bundle({change})


_worker.bundle = swapped
"""


@pytest.mark.parametrize(
    ("change", "loses"),
    [
        ("ready[::-1]", True),
        ("ready[1:] + ready[:1]", True),
        ("ready[:1] * len(ready)", True),
        ("(ready + ready)[: len(ready) + 1]", False),
        ("[b''.join(ready)] * len(ready)", False),
        ("_kept[: len(ready)]", True),
        ("ready[:-1]", False),
    ],
)
def test_the_next_honest_one_is_graded_as_before(house, lane, attack, change, loses):
    topic = house.topic("t03")
    honest = solution(house, topic)
    before = comparable(lane.grader(topic).grade(honest))
    for _ in range(2):
        grade = attack(ATTACK.format(change=change)).grade
        assert not loses or any(row.points < row.max_points for row in grade.exercises)
        assert comparable(lane.grader(topic).grade(honest)) == before
