"""A file without functions, whose every missing name is an object equal to everything, earns nothing."""

ATTACK = """
class Always:
    __eq__ = lambda self, other: True
    __call__ = __getattr__ = lambda self, *args, **kwargs: self


for name in ("softmax", "masked_softmax", "context_vector", "attend", "decode_step", "decode"):
    del globals()[name]


def __getattr__(name):
    return Always()
"""


def test_file_of_one_answer(attack):
    verdict = attack(ATTACK)
    assert verdict.grade.points == 0
