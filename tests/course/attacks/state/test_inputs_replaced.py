"""An input reshaped and made read-only changes nothing that a test compares with."""

ATTACK = """
_honest = decode


def decode(state, annotations, *args, **kwargs):
    answer = _honest(state, annotations, *args, **kwargs)
    state.shape = (-1, 1)
    if annotations.flags.c_contiguous:  # NumPy lets no other array be reshaped in place
        annotations.shape = (-1,)
    annotations.flags.writeable = False
    return answer
"""


def test_inputs_replaced(attack):
    attack(ATTACK).is_honest()
