"""One mistake costs once: an exercise on a wrong earlier one is judged with the course's function in its place."""

from dataclasses import replace

import pytest

from attend.authoring.sample_class import HOSTILE
from attend.course import bank
from attend.course.source import definition_text, splice
from attend.grading.right_ground import Grounds

from .common import COURSE, WHOLE, outcomes, row, submission

SHIFTED = "def own(x, factor, offset):\n    {}\n"
SCALE = "def own(x, factor):\n    {}\n"


@pytest.fixture
def grade(tiny, tiny_lane):
    """Grade the tiny topic's solution with other bodies of its two functions."""

    def graded(**bodies: str):
        topic = tiny.topic("t01")
        text = tiny.solution(topic).read_text(encoding="utf-8")
        for target, body in bodies.items():
            text = splice(text, target, {"scale": SCALE, "shifted": SHIFTED}[target].format(body))
        return tiny_lane.grader(topic).grade(submission(topic, text))

    return graded


WRONG_SCALE = [
    pytest.param("return x / factor", id="a known mistake"),
    pytest.param("return x * factor + 0.25", id="an unknown mistake"),
]


@pytest.mark.parametrize("scale", WRONG_SCALE)
def test_what_is_right_on_top_of_a_mistake_earns_its_points(grade, scale):
    graded = row(grade(scale=scale), "shifted")
    assert (graded.outcome, graded.points) == ("carried", 60)
    assert graded.notes == ["right, with the course's `scale` in place of yours: correct scale first"]


@pytest.mark.parametrize("scale", WRONG_SCALE)
def test_the_mistake_itself_costs(grade, scale):
    graded = row(grade(scale=scale), "scale")
    assert graded.points < 40 and graded.outcome in ("wrong", "partial")


def test_what_does_not_build_on_the_mistake_is_simply_right(grade):
    grade_ = grade(scale="return x / factor", shifted="return x * factor + offset")
    assert row(grade_, "shifted").outcome == "full"


def test_a_second_mistake_costs_as_well_and_is_named(grade):
    graded = row(grade(scale="return x / factor", shifted="return scale(x, factor) - offset"), "shifted")
    assert graded.points < 60
    assert graded.diagnosis == "offset_taken_away"


def test_a_second_mistake_that_nobody_knows_costs_too(grade):
    graded = row(grade(scale="return x / factor", shifted="return scale(x, factor) + 2 * offset"), "shifted")
    assert graded.points < 60 and graded.outcome != "carried"


@pytest.mark.parametrize("body", ["return np.zeros_like(x)", "raise ValueError", "return object()"])
def test_two_functions_without_an_answer_earn_nothing_by_each_other(grade, body):
    graded = row(grade(scale=body, shifted=body), "shifted")
    assert graded.outcome not in ("full", "carried") and graded.points < 60


@pytest.mark.slow
@pytest.mark.parametrize("topic", WHOLE, ids=lambda topic: topic.number)
def test_a_file_that_gives_one_object_for_everything_earns_nothing(lane, topic):
    grade = lane.grader(topic).grade(submission(topic, HOSTILE))
    assert {row.exercise: row.points for row in grade.exercises if row.points} == {}


def test_an_exercise_that_is_its_own_earlier_function_carries_nothing(grade):
    """`shifted` must show: a copy of what the earlier function gives is not enough."""
    graded = row(grade(scale="return x / factor", shifted="return scale(x, factor)"), "shifted")
    assert graded.outcome != "carried" and graded.points < 60


@pytest.mark.parametrize(
    ("scale", "outcome"),
    [
        pytest.param(
            'raise NotImplementedError("t01.1 scale: see docs/topics/t01_tiny")', "missing", id="stub"
        ),
        pytest.param("while True:\n        pass", "timeout", id="endless loop"),
        pytest.param("import os\n    os._exit(1)", "crash", id="crash"),
        pytest.param("raise ValueError", "error", id="error"),
        pytest.param("return object()", "wrong", id="no answer"),
        pytest.param("return np.zeros_like(x)", "partial", id="constant"),
    ],
)
def test_what_stands_on_code_without_an_answer_loses_nothing(grade, scale, outcome):
    graded = grade(scale=scale)
    assert row(graded, "scale").outcome == outcome
    assert (row(graded, "shifted").outcome, row(graded, "shifted").points) == ("carried", 60)


def test_an_exercise_that_is_left_out_costs_itself_alone(tiny, tiny_lane):
    topic = tiny.topic("t01")
    text = tiny.solution(topic).read_text(encoding="utf-8")
    without = text.replace(definition_text(text, "scale"), "")
    assert outcomes(tiny_lane.grader(topic).grade(submission(topic, without))) == {
        "scale": "missing",
        "shifted": "carried",
    }


def test_an_answer_that_fits_a_wrong_earlier_function_only_is_wrong_and_it_says_so(grade):
    graded = row(
        grade(scale="return x * factor + 1", shifted="return scale(x, factor) + offset - 1"), "shifted"
    )
    assert graded.points < 60
    assert "passes with your own `scale` only" in graded.notes[-1]


def test_a_function_that_is_used_without_being_in_the_syllabus_is_replaced_too(tiny):
    """The student's code may build on an earlier exercise where the reference does not, and through a helper."""
    scale, shifted = tiny.topic("t01").exercises
    alone = replace(shifted, builds_on=())
    topic = replace(tiny.topic("t01"), exercises=(scale, alone))
    grounds = Grounds(tiny.solution(topic).read_text(encoding="utf-8"), topic)
    text = "def help(x):\n    return scale(x, 2)\n\n\ndef shifted(x, factor, offset):\n    return help(x)\n"
    assert grounds.foundations(alone, text) == [scale]
    assert grounds.foundations(alone, text.replace("scale(x, 2)", "x")) == []


@pytest.mark.parametrize(
    "shifted",
    [
        pytest.param("return inner(x, factor) + offset", id="another name for it"),
        pytest.param("return globals()['scale'](x, factor) + offset", id="by its name"),
    ],
)
def test_every_way_to_the_earlier_function_leads_to_the_courses(tiny, tiny_lane, shifted):
    topic = tiny.topic("t01")
    text = tiny.solution(topic).read_text(encoding="utf-8")
    text = splice(text, "scale", SCALE.format("return x / factor"))
    text = splice(text, "shifted", SHIFTED.format(shifted))
    text = text.replace("def shifted", "inner = scale\n\n\ndef shifted")
    assert row(tiny_lane.grader(topic).grade(submission(topic, text)), "shifted").outcome == "carried"


def test_a_method_is_carried_on_top_of_a_wrong_method(tiny, tiny_lane):
    topic = tiny.topic("t02")
    text = tiny.solution(topic).read_text(encoding="utf-8")
    text = splice(text, "Gate.open", "def own(self, x):\n    return torch.sigmoid(0.5 * self.layer(x))\n")
    graded = row(tiny_lane.grader(topic).grade(submission(topic, text)), "gated")
    assert (graded.outcome, graded.points) == ("carried", 50)


def test_a_wrong_method_on_top_of_a_wrong_method_is_not_carried(tiny, tiny_lane):
    topic = tiny.topic("t02")
    text = tiny.solution(topic).read_text(encoding="utf-8")
    text = splice(text, "Gate.open", "def own(self, x):\n    return torch.sigmoid(0.5 * self.layer(x))\n")
    text = splice(text, "Gate.forward", "def own(self, x):\n    return self.open(x) + x\n")
    graded = row(tiny_lane.grader(topic).grade(submission(topic, text)), "gated")
    assert graded.points < 50 and graded.diagnosis == "gate_added"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            "weights = np.exp(scores - scores.max())\n    return weights / weights.sum()", id="one unit"
        ),
        pytest.param(
            "weights = np.exp2(scores - scores.max(axis, keepdims=True))\n"
            "    return weights / weights.sum(axis, keepdims=True)",
            id="an unknown mistake",
        ),
    ],
)
def test_in_this_course_a_mistake_in_softmax_costs_the_points_of_softmax_alone(lane, body):
    topic = COURSE.topic("t03")
    text = COURSE.solution(topic).read_text(encoding="utf-8")
    text = splice(text, "softmax", f"def own(scores, axis=-1):\n    {body}\n")
    grade = lane.grader(topic).grade(submission(topic, text))
    wrong = {name: outcome for name, outcome in outcomes(grade).items() if outcome not in ("full", "carried")}
    assert list(wrong) == ["softmax"]
    assert "carried" in outcomes(grade).values()


def test_a_right_answer_is_carried_though_it_rounds_otherwise(lane):
    """A scale in float64 widens float32 scores; what is then added up in another order differs in the eighth digit."""
    topic = COURSE.topic("t03")
    text = COURSE.solution(topic).read_text(encoding="utf-8")
    for answer in (*bank.misconceptions(COURSE, topic), *bank.alternates(COURSE, topic)):
        if answer.name in ("scaled_scores", "decode_step_with_w_out_in_two_halves"):
            text = answer.spliced(text, topic)
    graded = outcomes(lane.grader(topic).grade(submission(topic, text)))
    assert (graded["attend"], graded["decode_step"], graded["decode"]) == ("partial", "carried", "carried")
