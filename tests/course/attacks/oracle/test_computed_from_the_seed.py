"""Whoever knows the course's seed and the names of all hidden tests foresees no input of a test with a secret."""

import pytest

from ..conftest import solution

ATTACK = """
import hashlib

NAMES = {names}
_foreseen = set()
for _name in NAMES:
    _digest = hashlib.sha256(("{seed}:test_t03_attention_decoding:" + _name).encode()).digest()
    _rng = np.random.default_rng(int.from_bytes(_digest[:7], "big"))
    _foreseen.update(_rng.normal(size=500).tolist())
_softmax, _hits = softmax, 0


def softmax(scores, axis=-1):
    global _hits
    _hits += not _foreseen.isdisjoint(np.ravel(scores).tolist())
    return _softmax(scores, axis) if not _hits else None
"""


@pytest.mark.parametrize(("secret", "foreseen"), [("", True), ("a secret", False)], ids=["without", "with"])
def test_computed_from_the_seed(house, grader_with, secret, foreseen):
    grader = grader_with(secret, "t03")
    honest = solution(house, grader.topic)
    names = [item.name for item in grader.items["softmax"]]
    text = f"{honest.text}\n{ATTACK.format(names=names, seed=house.seed)}"
    # it gives itself away as soon as it meets a number that it foresaw
    graded = grader.grade(type(honest)("mallory", honest.topic, honest.filename, text))
    outcome = next(row.outcome for row in graded.exercises if row.exercise == "softmax")
    assert (outcome != "full") == foreseen
