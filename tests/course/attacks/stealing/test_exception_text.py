"""The text, the notes, the chain and the attributes of an exception reach no page of feedback."""

ATTACK = """
def decode(*args, **kwargs):
    error = ValueError("EXFILTRATED-TEXT")
    error.add_note("EXFILTRATED-NOTE")
    error.filename = "EXFILTRATED-NAME"
    try:
        raise KeyError("EXFILTRATED-CAUSE")
    except KeyError as cause:
        raise error from cause
"""


def test_exception_text(attack):
    verdict = attack(ATTACK).loses("decode", outcome="error", saying="it raised ValueError", points=0)
    assert b"EXFILTRATED-TEXT" in verdict.sent
    assert "EXFILTRATED" not in verdict.pages["md"] + verdict.pages["html"] + verdict.told
