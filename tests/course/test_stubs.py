"""Stubs are made from solutions, and drift is noticed."""

import ast
import shutil

import pytest

from attend.authoring.stubs import StubError, find_drift, make_stub, write_stubs
from attend.course.stub_markers import stub_message, stub_messages
from attend.course.syllabus import Exercise, Topic

from .common import COURSE


def topic_with(*targets: str) -> Topic:
    exercises = tuple(
        Exercise(target.split(".")[-1], number, "t07_x", 10, 5, 1, target)
        for number, target in enumerate(targets, start=1)
    )
    return Topic("t07_x", "X", "numpy", exercises)


ONE = '''\
"""A module."""


def double(x):
    """Twice x."""
    # BEGIN SOLUTION
    # a comment
    y = x + x

    return y
    # END SOLUTION


AFTER = 3
'''

A_CLASS = """\
class Box:
    def __init__(self, size):
        self.size = size

    def open(self):
        # BEGIN SOLUTION
        return 1
        # END SOLUTION

    def shut(self):
        if self.size:
            # BEGIN SOLUTION
            return 2
            # END SOLUTION
"""


def test_a_region_becomes_one_line_that_names_the_exercise_and_its_page():
    assert (
        make_stub(ONE, topic_with("double"))
        == '''\
"""A module."""


def double(x):
    """Twice x."""
    raise NotImplementedError("t07.1 double: see docs/topics/t07_x")


AFTER = 3
'''
    )


@pytest.mark.parametrize("topic", COURSE.topics, ids=lambda topic: topic.number)
def test_the_message_of_every_stub_is_recognised(topic):
    stub = make_stub(COURSE.solution(topic).read_text(encoding="utf-8"), topic)
    expected = {f"{each.label} {each.name}": stub_message(each) for each in topic.exercises}
    assert stub_messages(stub) == expected
    for each in topic.exercises:
        assert stub_messages(stub_message(each)) == {f"{each.label} {each.name}": stub_message(each)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not done",
        "t03.1 softmax",
        "see docs/topics/t03_x",
        "t3.1 f: see docs/topics/t03_x",
        f"t03.1 {'f' * 41}: see docs/topics/t03_x",
    ],
)
def test_other_texts_are_no_stub_messages(text):
    assert stub_messages(text) == {}


def test_every_region_of_a_class_raises_at_its_own_indentation():
    stub = make_stub(A_CLASS, topic_with("Box"))
    line = 'raise NotImplementedError("t07.1 Box: see docs/topics/t07_x")'
    assert f"        {line}\n\n    def shut" in stub
    assert stub.endswith(f"        if self.size:\n            {line}\n")
    assert "self.size = size" in stub


def test_a_region_belongs_to_the_method_before_the_class():
    stub = make_stub(A_CLASS, topic_with("Box", "Box.shut"))
    names = [node.exc.args[0].value for node in ast.walk(ast.parse(stub)) if isinstance(node, ast.Raise)]
    assert sorted(names) == ["t07.1 Box: see docs/topics/t07_x", "t07.2 shut: see docs/topics/t07_x"]


def test_what_stands_in_no_region_is_kept_to_the_letter():
    solution = ONE.replace("AFTER = 3", "AFTER = [3,  4]  # BEGIN with")
    before, after = solution.split("    # BEGIN SOLUTION\n")[0], solution.split("# END SOLUTION\n")[1]
    stub = make_stub(solution, topic_with("double"))
    assert stub.startswith(before) and stub.endswith(after)


@pytest.mark.parametrize(
    ("solution", "problem"),
    [
        pytest.param(ONE.replace("def double", "def triple"), "does not define double", id="no definition"),
        pytest.param("def double(x):\n    return x\n", "no # BEGIN SOLUTION", id="no region"),
        pytest.param(
            ONE + "\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n",
            "line 16 is in no exercise",
            id="region outside",
        ),
        pytest.param(ONE.replace("    # END SOLUTION\n", ""), "# BEGIN SOLUTION", id="begin without end"),
        pytest.param(ONE + "# END SOLUTION\n", "without its # END SOLUTION", id="end without begin"),
        pytest.param(ONE.replace("x + x", "x +"), "line 8", id="no Python"),
    ],
)
def test_a_solution_that_is_not_well_formed_is_named(solution, problem):
    with pytest.raises(StubError, match=problem) as caught:
        make_stub(solution, topic_with("double"))
    assert "t07_x" in str(caught.value)


def test_a_stub_that_was_just_written_has_no_drift(own_tiny):
    written = write_stubs(own_tiny, list(own_tiny.topics))
    assert written == [own_tiny.assignment(topic) for topic in own_tiny.topics]
    assert find_drift(own_tiny, list(own_tiny.topics)) == []


def test_writing_stubs_twice_changes_nothing(own_tiny):
    path, _ = write_stubs(own_tiny, list(own_tiny.topics))
    first = path.read_bytes()
    write_stubs(own_tiny, list(own_tiny.topics))
    assert path.read_bytes() == first


def test_stubs_are_written_where_there_was_no_folder(own_tiny):
    topic = own_tiny.topic("t01")
    shutil.rmtree(own_tiny.root / "assignments")
    assert [path.name for path in write_stubs(own_tiny, [topic])] == ["t01_tiny.py"]


def test_a_solution_that_changed_is_drift(own_tiny):
    topic = own_tiny.topic("t01")
    path = own_tiny.solution(topic)
    path.write_text(path.read_text().replace("Multiply every number", "Multiply each number"))
    (drift,) = find_drift(own_tiny, [topic])
    assert (drift.path, drift.problem) == (
        own_tiny.assignment(topic),
        "differs from what its solution makes",
    )


def test_a_change_inside_a_region_is_no_drift(own_tiny):
    topic = own_tiny.topic("t01")
    path = own_tiny.solution(topic)
    path.write_text(path.read_text().replace("return x * factor", "return factor * x"))
    assert find_drift(own_tiny, [topic]) == []


def test_a_stub_that_is_missing_is_drift(own_tiny):
    own_tiny.assignment(own_tiny.topics[0]).unlink()
    assert [drift.problem for drift in find_drift(own_tiny, list(own_tiny.topics))] == ["is missing"]


def test_a_stub_of_no_topic_is_drift(own_tiny):
    stray = own_tiny.root / "assignments" / "t03_stray.py"
    stray.write_text("")
    (drift,) = find_drift(own_tiny, list(own_tiny.topics))
    assert (drift.path, drift.problem) == (stray, "belongs to no topic of course.toml")
