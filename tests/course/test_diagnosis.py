"""A mistake is called by its name when its answers are the student's, and only then."""

import numpy as np
import pytest

from attend.course import bank
from attend.course.source import splice
from attend.grading import replays
from attend.grading.diagnosis import Diagnostician
from attend.grading.replays import Cases, Record, agree, replay
from attend.student import Student
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.student.protocol import Failure, Result

from .common import outcomes, row, submission

X = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]])


@pytest.fixture
def topic(tiny):
    return tiny.topic("t01")


@pytest.fixture
def solution(tiny, topic) -> str:
    return tiny.solution(topic).read_text(encoding="utf-8")


@pytest.fixture
def diagnostician(tiny, topic, solution) -> Diagnostician:
    return Diagnostician(solution, topic, bank.misconceptions(tiny, topic))


def record(text: str, *calls: tuple, seed: int = 5) -> Record:
    """What is kept of a test that makes `calls`: each a name, arguments and keyword arguments."""
    student = Student(LocalBackend(load_module(text, "diagnosis_student", "student.py")))
    student.reset(seed)
    for name, *args in calls:
        try:
            getattr(student, name)(*args)
        except Exception:  # noqa: S110 (the record holds it)
            pass
    return Record("test", seed, student.steps)


def answered(solution: str, body: str, target: str = "scale") -> str:
    """The solution with another body of `target`."""
    parameters = {"scale": "x, factor", "shifted": "x, factor, offset"}[target]
    return splice(solution, target, f"def own({parameters}):\n    {body}\n")


def name_of(found) -> str | None:
    return found.answer.name if found.answer else None


SCALE = ("scale", X, 2.5)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param("return x + factor", "factor_added", id="the same code"),
        pytest.param("return np.add(factor, x)", "factor_added", id="other code"),
        pytest.param("return x * (1 / factor)", "divided", id="the same but for rounding"),
        pytest.param("return x * factor * 1.001", None, id="a mistake that nobody knows"),
        pytest.param("return x + factor + 1e-3", None, id="near a known mistake"),
        pytest.param("return (x + factor).astype(np.float32)", None, id="of another dtype"),
        pytest.param("return (x + factor)[None]", None, id="of another shape"),
        pytest.param("return (x + factor).tolist()", None, id="of another type"),
        pytest.param("return x * factor", None, id="right after all"),
        pytest.param("raise ValueError", None, id="raises"),
    ],
)
def test_a_mistake_is_named_by_its_answers(diagnostician, solution, body, name):
    found = diagnostician.diagnose("scale", [record(answered(solution, body), SCALE)], [])
    assert name_of(found) == name


def test_the_name_comes_with_the_sentence_of_the_bank(diagnostician, solution):
    found = diagnostician.diagnose("scale", [record(answered(solution, "return x / factor"), SCALE)], [])
    assert found.answer.sentence == "You divide by the factor."


def test_a_mistake_of_another_exercise_is_not_considered(diagnostician, solution):
    records = [record(answered(solution, "return x + factor"), SCALE)]
    assert diagnostician.diagnose("shifted", records, []).answer is None


# a half plus a half is a half over a half: here, adding the factor and dividing by it are one mistake
ALIKE = ("scale", np.array([0.5]), 0.5)


def test_where_nothing_tells_two_mistakes_apart_the_first_of_the_bank_is_named(diagnostician, solution):
    records = [record(answered(solution, "return x / factor"), ALIKE)]
    assert name_of(diagnostician.diagnose("scale", records, [])) == "factor_added"


def test_of_two_mistakes_the_one_that_explains_more_tests_is_named(diagnostician, solution):
    text = answered(solution, "return x / factor")
    records = [record(text, ALIKE), record(text, SCALE)]
    assert name_of(diagnostician.diagnose("scale", records, [])) == "divided"


def test_passing_tests_tell_mistakes_apart_that_failing_ones_do_not(diagnostician, solution):
    text = answered(solution, "return x / factor")
    failing, passed = [record(text, ALIKE)], [record(text, ("scale", X, 1.0))]
    assert name_of(diagnostician.diagnose("scale", failing, passed)) == "divided"


def test_calls_that_were_replayed_once_are_not_replayed_again(diagnostician, solution, monkeypatch):
    """Of the second student nothing is known but that the tests ask the same: answers are compared all the same."""
    for body, name in (("return x / factor", "divided"), ("return x + factor", "factor_added")):
        assert name_of(diagnostician.diagnose("scale", [record(answered(solution, body), SCALE)], [])) == name
        monkeypatch.setattr(replays, "replay", None)


def test_the_oldest_outcomes_go_where_there_is_no_room(diagnostician, solution, monkeypatch):
    monkeypatch.setattr(replays, "MAX_KEPT", 0)
    for body in ("return x / factor", "return x + factor"):
        for calls in ([SCALE], [SCALE, SCALE]):
            records = [record(answered(solution, body), *calls)]
            assert diagnostician.diagnose("scale", records, []).answer is not None


def test_every_call_of_a_test_counts(diagnostician, solution):
    """An answer that changes its mind within a test is nobody's."""
    text = answered(solution, "return x + factor if factor > 2 else x / factor")
    assert diagnostician.diagnose("scale", [record(text, SCALE, ("scale", X, 1.5))], []).answer is None


def test_a_test_that_the_reference_would_fail_as_well_says_nothing(diagnostician, solution):
    """It may have failed for a reason that lies outside the answers."""
    assert diagnostician.diagnose("scale", [record(solution, SCALE)], []).answer is None


def test_a_replay_starts_from_the_seed_of_its_test():
    text = "import numpy as np\n\n\ndef noise(x):\n    return x + np.random.rand(3)\n"
    kept = record(text, ("noise", X), seed=5)
    module = load_module(text, "diagnosis_noise", "noise.py")
    cases = Cases()
    for seed, agrees in ((5, True), (6, False), (5, True)):
        again = Record("test", seed, kept.steps)
        case = cases.of(again)
        assert case.agrees(again, case.of_reference(again, lambda: module)) is agrees


def test_a_replay_prints_no_warnings_of_numpy(recwarn):
    """Known mistakes divide by zero; whoever grades a class need not read that."""
    kept = record("import numpy as np\n\n\ndef f(x):\n    return x / 0\n", ("f", X))
    recwarn.clear()
    replay(kept.steps, 5, load_module("def f(x):\n    return x / 0\n", "diagnosis_zero", "f.py"))
    assert [str(warning.message) for warning in recwarn] == []


def test_a_replay_calls_the_functions_of_the_test():
    text = "def apply(f, x):\n    return f(x) + 1\n"
    kept = record(text, ("apply", lambda x: 2 * x, X))
    (outcome,) = replay(kept.steps, 5, load_module(text.replace("+ 1", "+ 2"), "diagnosis_apply", "apply.py"))
    np.testing.assert_array_equal(outcome.value, 2 * X + 2)


def test_a_replay_of_an_answer_that_does_not_fit_is_a_failure_and_no_exception():
    kept = record("def f(x):\n    return x\n", ("f", X))
    (outcome,) = replay(kept.steps, 5, load_module("def f():\n    return 1\n", "diagnosis_f", "f.py"))
    assert isinstance(outcome, Failure) and outcome.kind == "raised"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), True),
        (np.array([1.0]), np.array([1.0 + 1e-10]), True),
        (np.array([1.0]), np.array([1.0 + 1e-6]), False),
        (np.float32([1.0]), np.float32([1.0 + 1e-5]), True),
        (np.array([1.0]), np.float32([1.0]), False),
        (np.array([1.0]), [1.0], False),
        ([1, 2], [1, 2], True),
        ([1, 2], (1, 2), False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        (1, True, False),
        (None, None, True),
        ("a", "b", False),
    ],
)
def test_two_answers_agree_when_type_shape_dtype_and_values_do(first, second, same):
    assert agree(Result(first), Result(second)) is same
    assert agree(Result(second), Result(first)) is same


def test_failures_agree_when_they_are_of_one_kind():
    value, index = Failure("raised", "ValueError", "one"), Failure("raised", "IndexError")
    assert agree(value, Failure("raised", "ValueError", "two"))
    assert not agree(value, index) and not agree(value, Result(None)) and not agree(Result(None), value)


# graded for real


def test_a_graded_mistake_carries_its_name_and_its_sentence(tiny_lane, topic, solution):
    text = answered(solution, "return np.add(x, factor)")
    graded = row(tiny_lane.grader(topic).grade(submission(topic, text)), "scale")
    assert (graded.diagnosis, graded.sentence) == ("factor_added", "You add the factor, and it multiplies.")


def test_a_right_answer_has_no_diagnosis(tiny_lane, topic, solution):
    grade = tiny_lane.grader(topic).grade(submission(topic, solution))
    assert outcomes(grade) == {"scale": "full", "shifted": "full"}
    assert {graded.diagnosis for graded in grade.exercises} == {""}


def test_a_mistake_in_a_class_is_named_by_its_gradients_too(tiny_lane, tiny):
    """A forward pass that is right with a graph that is cut is not the reference's answer."""
    gate = tiny.topic("t02")
    solution = tiny.solution(gate).read_text(encoding="utf-8")
    text = splice(solution, "Gate.open", "def own(self, x):\n    return torch.tanh(self.layer(x))\n")
    graded = row(tiny_lane.grader(gate).grade(submission(gate, text)), "open")
    assert graded.diagnosis == "tanh_for_sigmoid"


@pytest.mark.parametrize(
    ("body", "named"),
    [("return ((1 - weights.sum(dim=1)) ** 2).sum()", "added_up_over_the_batch"),
     ("return 2 * ((1 - weights.sum(dim=1)) ** 2).sum(dim=-1).mean()", "")],
    ids=["the sum over a batch", "twice the mean"],
)  # fmt: skip
def test_twice_the_mean_is_not_called_the_sum_over_a_batch_of_two(lane, course, body, named):
    topic = course.topic("t10")
    name = "doubly_stochastic_penalty"
    text = course.solution(topic).read_text(encoding="utf-8")
    grade = lane.grader(topic).grade(
        submission(topic, splice(text, name, f"def own(weights):\n    {body}\n"))
    )
    assert row(grade, name).outcome == "partial"
    assert row(grade, name).diagnosis == named
