"""A function that a test passes in answers when it is asked, and tells nothing of itself when it raises."""

import pytest

from attend.sandbox.backend import RemoteBackend
from attend.student import Student, StudentTimeout

SUBMISSION = """
def curious(step):
    found = [step(2)]
    for wrong in (((), {}), ((1, 2, 3), {}), (("x" * 100,), {}), ((None,), {"key": 1})):
        try:
            found.append(step(*wrong[0], **wrong[1]))
        except Exception as error:
            found.append(f"{type(error).__name__}: {error}, {error.__traceback__.tb_next is None}")
    for name in ("__globals__", "__closure__", "__code__", "__self__", "__wrapped__"):
        found.append(str(getattr(step, name, None))[:200])
    return found


def tireless(step):
    while True:
        step(1)
"""


@pytest.fixture
def student(lane, house):
    zygote = lane.grader(house.topic("t03")).zygote
    backend = RemoteBackend(zygote, "t03.py", SUBMISSION, call_seconds=1.0)
    yield Student(backend)
    backend.close()


def test_callbacks(student, traffic):
    secret = "canary-of-the-test"

    def step(*args, **kwargs):
        if args != (2,):
            raise ValueError(secret)
        return 3

    traffic.clear()
    with pytest.raises(ValueError, match=secret):  # the test's own failure stays the test's own
        student.curious(step)
    assert secret.encode() not in traffic.data
    with pytest.raises(StudentTimeout):
        student.tireless(lambda number: number)
