"""A function that gives its arguments, and what it returns, names made of a hidden test's inputs tells nobody any."""

import re

ATTACK = """
import inspect


class Spy:
    def __init__(self, name):
        self.name = name

    def __call__(self, *args, **kwargs):
        first = args[0] if args else next(iter(kwargs.values()))
        digits = "x" + "".join(f"{abs(int(1e6 * value)):07d}" for value in np.ravel(first)[:4])
        names = [digits, digits + "a", digits + "b", digits + "c"]
        parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
        self.__signature__ = inspect.Signature(parameters)
        self.__name__ = self.__qualname__ = digits
        for value in (*args, *kwargs.values()):
            if isinstance(value, np.ndarray) and value.flags.writeable:
                value[...] = 0
        return {digits: {digits: [digits]}}


context_vector = Spy("context_vector")
"""


def test_inputs_in_names(attack):
    verdict = attack(ATTACK).loses("context_vector")
    assert re.search(rb"x\d{28}", verdict.sent)
    assert not re.search(r"x\d{7}", "".join(verdict.pages.values()) + verdict.messages)
