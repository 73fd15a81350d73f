"""A worker on right ground that asks the grader for the exercise itself, or for what is no function, is ended."""

import pytest

from .wire import WIRE

ATTACK = """
import numpy as np


def softmax(scores, axis=-1):
    return np.zeros_like(scores)


def masked_softmax(scores, mask, axis=-1):
    for number in range(200):
        send(number, "reference", {request}, [])
    return np.zeros_like(scores)
"""
REQUESTS = {
    "the exercise itself": '["l", "call", "masked_softmax", None, ["t"], ["d"], ["t"], None]',
    "an operation on objects": '["l", "state_shapes", "", 0, ["t"], ["d"], ["t"], None]',
    "no request": '["l", 1, 2]',
    "an open door": '["l", "call", "__import__", None, ["t", "os"], ["d"], ["t"], None]',
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_reference_asked_for_the_answer(attack, request_):
    verdict = attack(WIRE + ATTACK.format(request=request_))
    row = verdict.row("masked_softmax")
    assert row.outcome not in ("full", "carried") and row.points <= 0.35 * row.max_points
