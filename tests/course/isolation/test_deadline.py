"""Limits count a worker's processor time; a wall-clock limit above it ends what sleeps."""

import pytest

from attend.sandbox import deadline
from attend.sandbox.deadline import Deadline, DeadlineError, ProcessorDeadline
from attend.student.deadline import WALL


@pytest.fixture
def clock(monkeypatch):
    """A wall clock that is set by hand."""

    class Clock:
        now = 100.0

        def monotonic(self) -> float:
            return self.now

    made = Clock()
    monkeypatch.setattr(deadline, "time", made)
    return made


def test_a_plain_deadline_is_a_moment(clock):
    one = Deadline(2.0)
    assert one.left() == pytest.approx(2.0)
    clock.now += 2.0
    with pytest.raises(DeadlineError):
        one.left()


def test_a_worker_that_gets_no_processor_has_more_time_on_the_wall(clock):
    one = ProcessorDeadline(3.0, lambda: 10.5, before=10.0)
    assert one.left() == pytest.approx(3.0)
    clock.now += 3.0
    # half a second of three was used, so the next look is two and a half seconds later
    assert one.left() == pytest.approx(2.5)


def test_a_worker_that_has_used_its_time_has_none_left(clock):
    one = ProcessorDeadline(3.0, lambda: 13.0, before=10.0)
    clock.now += 3.0
    with pytest.raises(DeadlineError):
        one.left()


def test_a_worker_that_sleeps_is_ended_by_the_wall_clock(clock):
    one = ProcessorDeadline(3.0, lambda: 10.0, before=10.0)
    clock.now += WALL * 3.0
    with pytest.raises(DeadlineError):
        one.left()


def test_the_wall_clock_may_leave_less(clock):
    one = ProcessorDeadline(3.0, lambda: 10.0, before=10.0, wall=1.0)
    assert one.left() == pytest.approx(1.0)
    clock.now += 1.0
    with pytest.raises(DeadlineError):
        one.left()


def test_where_the_processor_time_is_unknown_the_wall_clock_counts(clock):
    one = ProcessorDeadline(3.0, lambda: None, before=0.0)
    clock.now += 3.0
    with pytest.raises(DeadlineError):
        one.left()
