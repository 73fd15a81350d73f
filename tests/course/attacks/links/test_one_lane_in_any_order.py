"""Whatever was graded before in the same lane, a submission gets the grade that it gets alone, to the last bit."""

import random
from dataclasses import replace

import msgspec
import pytest

from attend.course import bank
from attend.course.source import definition_text, splice
from attend.grading.topic_grader import TopicGrader
from attend.sandbox.client import Zygote

from ..conftest import solution
from ..forging.wire import WIRE

# right answers until the exercise has been asked a few times, then others
TURNS = """
turns = 0
as_handed_in = {name}


def {name}(*args, **kwargs):
    global turns
    turns += 1
    answer = as_handed_in(*args, **kwargs)
    return {then} if turns > {count} else answer
"""
HOSTILE = {
    "wrong later": TURNS.format(name="softmax", count=3, then="answer * 2"),
    "wrong at last": TURNS.format(name="attend", count=9, then="(answer[0], answer[1] + 1)"),
    "raises later": TURNS.format(name="context_vector", count=2, then="1 / 0"),
    "ends later": TURNS.format(name="decode", count=2, then="__import__('os')._exit(0)"),
    "never ends": TURNS.format(name="masked_softmax", count=1, then="[None for _ in iter(int, 1)]"),
    "raises in another line": "\n" * 40 + TURNS.format(name="context_vector", count=2, then="1 / 0"),
    "edits its input": """
_softmax = softmax


def softmax(scores, axis=-1):
    answer = _softmax(scores, axis)
    if scores.flags.writeable:
        scores += 1
    return answer
""",
    "sends frames of its own": WIRE
    + """
def context_vector(*args, **kwargs):
    answer(lambda number: (number, "result", ["l", ["a", 0, "float64", ["l", 1]], None, ["l"]], [8]), bytes(8))
    return np.zeros(1)
""",
    "zero of the other sign": TURNS.format(name="softmax", count=0, then="answer * 1.0 + -0.0"),
    "not a number": TURNS.format(name="softmax", count=0, then="answer * np.nan"),
    "lists": TURNS.format(name="softmax", count=0, then="answer.tolist()"),
    "tuples": TURNS.format(name="softmax", count=0, then="tuple(answer)"),
    "axes in another order": TURNS.format(name="softmax", count=0, then="np.asfortranarray(answer)"),
    "a long answer handed on": TURNS.format(
        name="decode_step", count=0, then="(answer[0], np.zeros(2000), answer[2])"
    ),
}
WRONG_EARLIER = {
    "softmax": "def softmax(scores, axis=-1):\n    return scores * 0 + 0.5\n",
    "attend": "def attend(state, annotations, mask=None):\n    return annotations[..., 0, :], annotations[..., 0]\n",
}


def submissions(course, topic) -> dict:
    """Right and wrong ones, on their own ground and on right ground, and such as answer now so and now otherwise."""
    honest = solution(course, topic)
    texts = {"honest": honest.text, "honest, later in the file": "\n\n" + honest.text}
    for name, source in WRONG_EARLIER.items():
        texts[f"wrong {name}"] = splice(honest.text, name, source)
        # fits its own mistake only, and asks in another way
        inline = definition_text(honest.text, "decode").replace("decode_step(", "_step(")
        texts[f"wrong {name}, decode of its own"] = splice(texts[f"wrong {name}"], "decode", inline) + (
            "\n\n" + definition_text(honest.text, "decode_step").replace("def decode_step", "def _step")
        )
    for answer in bank.misconceptions(course, topic)[::18]:
        texts[answer.name] = answer.spliced(honest.text, topic)
    for name, source in HOSTILE.items():
        texts[name] = f"{honest.text}\n\n{source}"
    return {name: replace(honest, student=name, text=text) for name, text in texts.items()}


def comparable(grade) -> dict:
    """A grade without what a clock said."""
    plain = msgspec.to_builtins(grade)
    del plain["seconds"]
    for exercise in plain["exercises"]:
        for test in exercise["tests"]:
            del test["seconds"]
    return plain


@pytest.fixture(scope="module")
def grading(house, level):
    """The course with short limits, a topic, and a way to make a grader of it."""
    rules = replace(house.grading, call_seconds=0.3, exercise_seconds=2.0)
    course, topic = replace(house, grading=rules), house.topic("t03")
    with Zygote(topic.library, level) as zygote:
        yield course, topic, lambda: TopicGrader(course, topic, zygote)


@pytest.fixture(scope="module")
def alone(grading) -> dict:
    """Each submission's grade by a grader that has seen no other one."""
    course, topic, make = grading
    grades = {}
    for name, submission in submissions(course, topic).items():
        grader = make()
        grades[name] = comparable(grader.grade(submission))
        grader.close()
    return grades


@pytest.mark.slow
def test_they_are_not_all_alike(alone):
    outcomes = {tuple(row["outcome"] for row in grade["exercises"]) for grade in alone.values()}
    assert len(outcomes) > len(alone) / 3
    assert {row["outcome"] for row in alone["honest"]["exercises"]} == {"full"}
    assert any("carried" in outcome for outcome in outcomes)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["reversed", "shuffled"])
def test_one_lane_in_any_order(grading, alone, order):
    course, topic, make = grading
    everybody = submissions(course, topic)
    names = [*everybody][::-1]
    if order == "shuffled":
        random.Random(1).shuffle(names)
    grader = make()
    try:
        for position, name in enumerate(names):
            assert comparable(grader.grade(everybody[name])) == alone[name], (
                f"{name}, after {names[:position]}"
            )
    finally:
        grader.close()
