"""The name of an exception's class is no channel: only builtin names are passed on."""

ATTACK = """
def decode(*args, **kwargs):
    raise type("EXFILTRATED" * 20, (Exception,), {"__module__": "builtins", "__qualname__": "ValueError"})
"""


def test_exception_name(attack):
    verdict = attack(ATTACK).loses("decode", saying="an exception of the submission's own", points=0)
    assert "EXFILTRATED" not in verdict.pages["md"] + verdict.pages["html"] + verdict.told
