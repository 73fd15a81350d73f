"""Tests that were seen on some answers are not run on them again, and nobody can tell by the grade."""

import numpy as np
import pytest

from attend.grading.memo import KnownTest, Room
from attend.student import Student
from attend.student.local import LocalBackend
from attend.student.module import load_module

RIGHT = "def scale(x, factor):\n    return x * factor\n\n\ndef apply(f, x):\n    return f(x)\n"
WRONG_LATER = RIGHT.replace("return x * factor", "return x * factor if factor > 1 else x")


class Counted:
    """A module of this process that counts what it is asked."""

    def __init__(self, text: str):
        self._backend, self.asked = LocalBackend(load_module(text, "known_module", "known_module.py")), []

    def run(self, request, callbacks):
        self.asked.append(request)
        return self._backend.run(request, callbacks)


def back_again(student: Student) -> None:
    x = np.array([1.0, 2.0])
    assert np.array_equal(student.scale(student.scale(x, 4.0), 0.25), x)


def known_of(text: str, test=back_again) -> KnownTest:
    """A test that ran once, on `text`."""
    known = KnownTest(Room())
    row = known.follow(Counted(text))
    test(Student(row))
    row.conclude("passed")
    return known


def test_the_same_answers_are_asked_for_alike_and_come_to_the_same_verdict():
    known, other = known_of(RIGHT), Counted(RIGHT.replace("x * factor", "factor * x"))
    row = known.follow(other)
    assert row.verdict() == "passed"
    assert [request.args[1] for request in other.asked] == [4.0, 0.25]
    assert other.asked[1].args[0].tolist() == [4.0, 8.0]
    assert row.asked == other.asked, "a record is made from what was asked and answered"
    assert [answer.value.tolist() for answer in row.answers] == [[4.0, 8.0], [1.0, 2.0]]


def known_right() -> KnownTest:
    """A test that ran once, on the reference."""
    known = KnownTest(Room())
    row = known.follow(Counted(RIGHT))
    back_again(Student(row))
    row.conclude("passed")
    row.is_right()
    return known


@pytest.mark.parametrize("off", [2e-16, -5e-14])
def test_what_differs_from_the_reference_by_rounding_counts_as_its_answer(off):
    text = RIGHT.replace("x * factor", f"x * factor * {1 + off!r}")
    row = known_right().follow(Counted(text))
    assert row.verdict() == "passed" and row.is_rounded
    exact = known_right().follow(Counted(text), exactly=True)
    assert exact.verdict() is None and not exact.is_rounded and len(exact.asked) == 1


@pytest.mark.parametrize("off", [1e-9, -1e-12])
def test_what_differs_by_more_is_new(off):
    row = known_right().follow(Counted(RIGHT.replace("x * factor", f"x * factor * {1 + off!r}")))
    assert row.verdict() is None and not row.is_rounded


def test_a_verdict_on_other_answers_takes_the_place_of_no_right_one():
    known = known_right()
    row = known.follow(Counted(RIGHT.replace("x * factor", "x * factor * 1.0000000000000002")), exactly=True)
    back_again_loosely(Student(row))
    row.conclude("failed")
    assert known.follow(Counted(RIGHT)).verdict() == "passed"


def back_again_loosely(student: Student) -> None:
    x = np.array([1.0, 2.0])
    student.scale(student.scale(x, 4.0), 0.25)


def test_where_an_answer_is_new_the_test_goes_on_from_there():
    known, other = known_of(RIGHT), Counted(WRONG_LATER)
    row = known.follow(other)
    assert row.verdict() is None and len(other.asked) == 2
    with pytest.raises(AssertionError):
        back_again(Student(row))
    row.conclude("failed")
    assert len(other.asked) == 2, "no request is made twice"
    assert known.follow(Counted(WRONG_LATER)).verdict() == "failed"
    assert known.follow(Counted(RIGHT)).verdict() == "passed"


def test_an_error_is_an_answer_too():
    broken = "def scale(x, factor):\n    raise ValueError('no')\n"
    known, other = known_of(RIGHT), Counted(broken)
    row = known.follow(other)
    assert row.verdict() is None and len(other.asked) == 1
    row.conclude("raised")
    assert known.follow(Counted(broken)).verdict() == "raised"
    assert known.follow(Counted(broken.replace("no", "another"))).verdict() is None


def test_what_the_test_does_to_its_arrays_later_changes_no_request():
    def spoils(student):
        x = np.array([1.0, 2.0])
        student.scale(x, 2.0)
        x += 1
        student.scale(x, 3.0)

    known, other = known_of(RIGHT, spoils), Counted(RIGHT)
    known.follow(other)
    assert [request.args[0].tolist() for request in other.asked] == [[1.0, 2.0], [2.0, 3.0]]


def test_a_test_whose_function_is_called_back_is_always_run():
    def calls_back(student):
        assert student.apply(lambda x: x + 1, np.ones(2)).tolist() == [2.0, 2.0]

    known, other = known_of(RIGHT, calls_back), Counted(RIGHT)
    assert known.follow(other).verdict() is None and not other.asked


def test_a_request_that_holds_a_huge_answer_is_not_kept():
    """It may be as large as a submission likes, and there may be many of them."""
    huge = "import numpy as np\n\n\ndef scale(x, factor):\n    return np.zeros(200_000)\n"
    known = KnownTest(Room(1_000_000))

    def chained(student):
        student.scale(student.scale(np.ones(2), 4.0), 0.25)

    chained(Student(known.follow(Counted(huge))))
    assert [request.args[0].shape for request in known.requests.values()] == [(2,)]
