"""Public tests of the tiny course."""

import numpy as np
import pytest

from attend.testing import check


@pytest.mark.exercise("scale")
def test_scale_of_a_worked_example(student):
    """[1, 2] times 3 is [3, 6]."""
    check.close(student.scale(np.array([1.0, 2.0]), 3.0), np.array([3.0, 6.0]), what="scaled")


@pytest.mark.exercise("shifted")
def test_shifted_of_a_worked_example(student):
    """[1, 2] times 3 plus 1 is [4, 7]."""
    check.close(student.shifted(np.array([1.0, 2.0]), 3.0, 1.0), np.array([4.0, 7.0]), what="shifted")
