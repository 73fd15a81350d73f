"""A file that loads as slowly as it may, and ends each worker, loads no more often than its exercises have time for."""

import pytest

ATTACK = """
import os
import time

{load}


def decode(*args, **kwargs):
    {end}
"""

LOADS = {
    "sleeps": "time.sleep(0.4)",
    "computes": "end = time.process_time() + 0.2\nwhile time.process_time() < end:\n    pass",
}
ENDS = {"exits": "os._exit(0)", "closes": "os.closerange(3, 99)"}


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("end", ENDS)
def test_each_load_just_in_time(attack, load, end):
    source = ATTACK.format(load=LOADS[load], end=ENDS[end])
    verdict = attack(source, load_seconds=0.5, exercise_seconds=0.7).loses("decode", points=0)
    # six exercises load once, and the last one as often as it has time
    assert verdict.grade.seconds < 15
