"""What `attend watch` and the process that checks send each other arrives as it was sent."""

import json

import pytest

from attend.checking.messages import (
    CheckCrashed,
    CheckFinished,
    CheckRequest,
    CheckStuck,
    ExerciseFinished,
    ExerciseStarted,
    ServerFailed,
    ServerReady,
    decode_event,
    decode_request,
    encode,
)
from attend.testing.explain import Explanation
from attend.testing.verdict import ExerciseVerdict, FailedTest

WORDS = 'two\nlines, "quotes", é \x1b[0m'


def finished(course) -> ExerciseFinished:
    exercise = course.topics[0].exercise("shifted")
    why = Explanation("values", WORDS, "shifted((2,))", 3, "[1.]", "[2.]")
    failure = FailedTest("test_x", WORDS, why, "assignments/t01.py:3", "return x", WORDS)
    return ExerciseFinished(4, ExerciseVerdict(exercise, 2, [failure], "You add.", ["scale"], "", True))


@pytest.mark.parametrize(
    "event",
    [
        ServerReady(True),
        ServerFailed(WORDS),
        ExerciseStarted(4, "scale"),
        CheckFinished(4, WORDS),
        CheckFinished(4, problem=WORDS, line="assignments/t01.py:3"),
        CheckFinished(4, WORDS, notes=[WORDS]),
        CheckStuck(4),
        CheckCrashed(4, "by signal SIGKILL"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_arrives_as_it_was_sent(home, event):
    line = encode(event)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert decode_event(line, home) == event


def test_a_verdict_arrives_as_it_was_sent(home):
    event = finished(home)
    assert decode_event(encode(event), home) == event


def test_a_request_arrives_as_it_was_sent():
    request = CheckRequest(3, "t01_tiny", "/a folder/t01_tiny.py")
    assert decode_request(encode(request)) == request


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"message": "Nothing"},
        {"message": "dict"},
        {"message": "CheckRequest", "number": 1, "slug": "t01", "path": "x"},
        {"message": "CheckStuck"},
        {"message": "CheckStuck", "number": 1, "more": 2},
        {"message": "ExerciseFinished", "number": 1},
        {"message": "ExerciseFinished", "number": 1, "slug": "t01_tiny", "verdict": {}},
        {"message": "ExerciseFinished", "number": 1, "slug": "t99", "verdict": {}},
    ],
    ids=str,
)
def test_another_thing_is_refused(home, data):
    """The student's code runs in the process that sends: it may write anything."""
    with pytest.raises(ValueError):
        decode_event(json.dumps(data).encode(), home)


@pytest.mark.parametrize("line", [b"", b"{", b"\xff", b"seen\n"], ids=repr)
def test_what_is_not_json_is_refused(home, line):
    with pytest.raises(ValueError):
        decode_event(line, home)
    with pytest.raises(ValueError):
        decode_request(line)


def test_a_verdict_with_an_exercise_of_no_topic_is_refused(home):
    data = json.loads(encode(finished(home)))
    data["verdict"]["exercise"] = "nothing"
    with pytest.raises(ValueError):
        decode_event(json.dumps(data).encode(), home)
