"""Builtins that the worker itself needs, replaced by nonsense, cost the submission its answers and nobody else."""

ATTACK = """
import builtins

_honest = {name: getattr(builtins, name) for name in ("isinstance", "type", "len", "list", "getattr")}


def decode(*args, **kwargs):
    for name in _honest:
        setattr(builtins, name, lambda *args: True)
"""


def test_builtins_the_worker_needs(attack):
    attack(ATTACK).loses("decode", points=0)
