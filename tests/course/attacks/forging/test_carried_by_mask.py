"""An answer that depends on the mask but on no score is not carried by a softmax that ignores scores."""

ATTACK = """
import numpy as np


def softmax(scores, axis=-1):
    return np.linspace(0.1, 0.9, scores.size, dtype=scores.dtype).reshape(scores.shape)


def masked_softmax(scores, mask, axis=-1):
    weights = softmax(scores)
    return weights if mask is None else weights * mask
"""


def test_carried_by_mask(attack):
    assert attack(ATTACK).row("masked_softmax").outcome not in ("full", "carried")
