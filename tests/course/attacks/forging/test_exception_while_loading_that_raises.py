"""A file whose loading ends in an exception without a text is reported like any other."""

ATTACK = """
class Slippery(BaseException):
    def __str__(self):
        raise SystemExit


raise Slippery
"""


def test_exception_while_loading_that_raises(attack):
    attack(ATTACK).fails_whole("loading the file raised an exception")
