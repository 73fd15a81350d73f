"""StopIteration does not end a test's loop over its inputs before anything was compared."""

from attend.student import StudentRaised
from attend.student.handle import to_error
from attend.student.protocol import Failure

ATTACK = """
def decode(*args, **kwargs):
    raise StopIteration
"""


def test_stop_iteration(attack):
    attack(ATTACK).loses("decode", outcome="error", saying="an exception of the submission's own", points=0)
    for name in ("StopIteration", "StopAsyncIteration", "GeneratorExit"):
        assert type(to_error(Failure("raised", name))) is StudentRaised
