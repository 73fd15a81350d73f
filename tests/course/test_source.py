"""Definitions are found in a module's text, and replaced there."""

import pytest

from attend.course.source import SpliceError, definition_text, splice

MODULE = '''\
"""A module."""

import numpy as np


@decorated(1)
def first(x):
    return x


class Box:
    """A box."""

    def open(self, x):
        return first(x)

    @staticmethod
    def shut(x):
        return 2 * x


def last(x):
    return first(x) + 1
'''


def run(text: str) -> dict:
    names = {"decorated": lambda _: lambda function: function}
    exec(text, names)
    return names


def test_a_function_is_replaced_with_its_decorators():
    text = splice(MODULE, "first", "def mistake(x):\n    return x * 10\n")
    assert "@decorated" not in text
    assert run(text)["last"](1) == 11


def test_a_replacement_is_renamed_to_what_it_replaces():
    text = splice(MODULE, "last", "def mistake(x):\n    mistake_count = 3\n    return mistake_count\n")
    assert "mistake(" not in text and "mistake_count = 3" in text
    assert run(text)["last"](1) == 3


def test_a_method_is_replaced_at_its_own_indentation():
    text = splice(MODULE, "Box.open", "def mistake(self, x):\n    return -x\n")
    assert run(text)["Box"]().open(4) == -4
    assert run(text)["Box"].shut(4) == 8


def test_a_class_is_replaced_and_its_super_calls_follow():
    init = "    def __init__(self):\n        super(Mistake, self).__init__()\n        self.own = 1\n"
    text = splice("class Base:\n    pass\n\n\n" + MODULE, "Box", "class Mistake(Base):\n" + init)
    assert run(text)["Box"]().own == 1


def test_decorators_of_a_replacement_are_left_behind():
    text = splice(MODULE, "last", "@misconception('last', 'No.')\ndef mistake(x):\n    return 0\n")
    assert "misconception" not in text
    assert run(text)["last"](1) == 0


def test_the_rest_of_the_text_stays_to_the_letter():
    text = splice(MODULE, "Box.shut", "def other(x):\n    return 0\n")
    before = MODULE[: MODULE.index("    @staticmethod")]
    after = MODULE[MODULE.index("\n\ndef last") :]
    assert text.startswith(before) and text.endswith(after)


def test_of_two_definitions_the_last_counts():
    text = "def f():\n    return 1\n\n\ndef f():\n    return 2\n"
    assert definition_text(text, "f") == "def f():\n    return 2"


def test_a_definition_comes_dedented_and_with_its_decorators():
    assert definition_text(MODULE, "Box.shut") == "@staticmethod\ndef shut(x):\n    return 2 * x"


@pytest.mark.parametrize("target", ["missing", "Box.missing", "first.inner", "np"])
def test_what_is_not_defined_cannot_be_replaced(target):
    with pytest.raises(SpliceError, match=f"no definition of {target}"):
        splice(MODULE, target, "def f():\n    return 0\n")


@pytest.mark.parametrize("replacement", ["x = 1\n", "def f():\n    pass\n\n\ndef g():\n    pass\n", ""])
def test_a_replacement_is_one_definition(replacement):
    with pytest.raises(SpliceError, match="exactly one"):
        splice(MODULE, "first", replacement)
