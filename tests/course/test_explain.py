"""The category and the words in which a failed test is explained."""

import pytest

from attend.student import NotDone, NotPlain, StudentCrashed, StudentMissing, StudentTimeout
from attend.student.errors import raised
from attend.testing.check import CheckFailedError
from attend.testing.explain import explain


def raised_by(test) -> BaseException:
    """What a test raised."""
    try:
        test()
    except BaseException as error:
        return error
    raise AssertionError("the test passed")


def asserts():
    assert [] == [1]


def expects_an_exception():
    with pytest.raises(ValueError):
        pass


def expects_another_message():
    with pytest.raises(ValueError, match="sequences"):
        raise ValueError("no")


@pytest.mark.parametrize("test", [asserts, expects_an_exception, expects_another_message])
@pytest.mark.parametrize("with_values", [False, True])
def test_what_a_test_asks_for_is_a_property(test, with_values):
    why = explain(raised_by(test), [], with_values)
    assert (why.category, why.words) == ("property", "what the test asks for does not hold")
    assert not why.raised_by_test


def test_an_error_in_the_test_itself_is_marked():
    why = explain(raised_by(lambda: None + 1), [], with_values=False)
    assert why.category == "type" and why.raised_by_test


@pytest.mark.parametrize(
    ("error", "category", "words"),
    [
        (CheckFailedError("shape", "rows: shape (2,)"), "shape", "rows: shape (2,)"),
        (
            NotDone("t03.1 f: see docs/topics/t03_x"),
            "not done",
            # no stub's names are known here
            "it raises NotImplementedError: not done yet",
        ),
        (NotDone("secret"), "not done", "it raises NotImplementedError: not done yet"),
        (NotPlain("a set of 3"), "type", "it returned a set of 3, which no exercise asks for"),
        (StudentMissing("f is not in the file"), "missing", "f is not in the file"),
        (StudentTimeout(), "timeout", "no answer before the deadline: does a loop never end?"),
        (StudentCrashed("by signal 9"), "crash", "the process that ran your code ended: by signal 9"),
        (raised("KeyError", "secret", 3), "raised", "it raised KeyError"),
    ],
)
def test_an_error_of_the_students_code(error, category, words):
    why = explain(error, [], with_values=False)
    assert (why.category, why.words) == (category, words)
    assert not why.raised_by_test


def test_a_stubs_own_message_is_shown():
    """To the author of the code; in a hidden test only where the name is one of the course's stubs."""
    stub = NotDone("t03.1 f: see docs/topics/t03_x")
    assert explain(stub, [], with_values=True).words == "needs t03.1 f: see docs/topics/t03_x"
    assert explain(stub, [], with_values=False).words == "it raises NotImplementedError: not done yet"


def test_values_and_texts_are_shown_only_where_they_may_be():
    error = CheckFailedError("values", "sum: the value is wrong", expected=2.0, actual=3.0)
    shown, hidden = explain(error, [], True), explain(error, [], False)
    assert (shown.expected, shown.actual) == ("2.0", "3.0")
    assert (hidden.expected, hidden.actual) == ("", "")
    assert explain(raised("KeyError", "text", 3), [], True).words.startswith("it raised KeyError: ")
