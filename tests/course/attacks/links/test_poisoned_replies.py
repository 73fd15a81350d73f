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
        pytest.param("_kept[:1]", True, id="the first test's for all"),
        pytest.param("_kept[-2:-1] or ready", True, id="those of the test before"),
        pytest.param("ready + ready", False, id="twice"),
        pytest.param("ready + _kept[:3]", False, id="for tests that were not asked"),
        pytest.param("[b''.join(_kept)]", False, id="all so far as one"),
        pytest.param("[ready[0][:-1]]", False, id="cut short"),
        pytest.param("[]", False, id="none"),
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
