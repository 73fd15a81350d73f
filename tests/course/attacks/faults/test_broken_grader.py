"""A hidden grader that cannot be read is the course's fault, not the class's: one sentence, and no grade."""

import pytest


@pytest.mark.parametrize("text", ["def broken(:\n", "raise SystemExit\n"])
def test_broken_grader(start, slow_class, own_course, text):
    own_course.graders(own_course.topic("t01")).write_text(text)
    grading = start(slow_class, "--jobs", 1, course=own_course.root)
    code, error = grading.end()
    assert code in (1, 2), error
    assert "Traceback" not in error and "test_t01_tiny.py" in error
    assert grading.graded() == 0 or not [row for row in grading.rows() if row[5] != "refused"]
