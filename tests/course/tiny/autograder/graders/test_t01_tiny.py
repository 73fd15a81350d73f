"""Hidden graders of the tiny course."""

import numpy as np
import pytest

from attend.testing import check


@pytest.mark.exercise("scale")
def test_each_number_meets_the_factor(student, rng):
    """Every number is multiplied by the factor."""
    x = rng.normal(size=5)
    check.close(student.scale(x, 2.5), x * 2.5, what="scaled")


@pytest.mark.exercise("scale")
def test_no_number_no_answer(student):
    """An empty array stays empty."""
    check.close(student.scale(np.zeros(0), 2.5), np.zeros(0), what="scaled")


@pytest.mark.exercise("shifted")
def test_the_offset_comes_last(student, rng):
    """The offset is added after scaling."""
    x = rng.normal(size=(2, 3))
    check.close(student.shifted(x, 1.5, 7.25), x * 1.5 + 7.25, what="shifted")


@pytest.mark.exercise("shifted")
def test_without_numbers(student):
    """An empty array stays empty."""
    check.close(student.shifted(np.zeros(0), 1.5, 7.25), np.zeros(0), what="shifted")


@pytest.mark.exercise("shifted")
def test_no_offset(student, rng):
    """An offset of zero leaves the scaled numbers."""
    x = rng.normal(size=4)
    check.close(student.shifted(x, 3.5, 0.0), x * 3.5, what="shifted")
