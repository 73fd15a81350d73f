"""The worker's own code, found and rewritten, can send the submission's answers only."""

ATTACK = """
import gc

from attend.sandbox import worker
from attend.student import executor, values
from attend.student.protocol import Result

values.leaves = values.is_tensor = lambda value: True
executor.Executor.failure = lambda *args: Result(None)
for thing in gc.get_objects():
    if type(thing) is executor.Executor:
        thing.run = lambda request: Result(True)
worker._failure_tree = lambda failure: ["passed", None, "", None]


def decode(*args, **kwargs):
    raise ValueError
"""


def test_patched_worker(attack):
    assert attack(ATTACK).grade.points == 0
