"""Builtins replaced while the file is loaded are the worker's own; the grader's and the next worker's stay."""

ATTACK = """
import builtins

for name in ("print", "open", "abs", "round", "pow", "eval", "exec", "input", "id", "hash"):
    setattr(builtins, name, lambda *args, **kwargs: 42)
builtins.AssertionError = builtins.ValueError = builtins.Exception
"""


def test_builtins_replaced(attack):
    attack(ATTACK).is_honest()
