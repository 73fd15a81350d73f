"""Inputs edited in place are the worker's copies: the answer counts, and the report advises against it."""

ATTACK = """
_honest = decode


def decode(state, annotations, *args, **kwargs):
    answer = _honest(state.copy(), annotations.copy(), *args, **kwargs)
    annotations[...] = 0.0
    state.fill(7.0)
    return answer
"""


def test_inputs_edited_in_place(attack):
    verdict = attack(ATTACK).is_honest()
    assert "change its input in place (annotations, state)" in verdict.messages
