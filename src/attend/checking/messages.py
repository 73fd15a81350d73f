"""The messages between `attend watch` and the process that checks for it: data classes, sent as lines of JSON."""

import json
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, get_args

from attend.course.rules import SyllabusError
from attend.course.syllabus import Course
from attend.testing.verdict import ExerciseVerdict

T = TypeVar("T")


@dataclass(frozen=True)
class CheckRequest:
    """Check the file at `path` as the answer to the topic `slug`; `number` is in every event of this check."""

    number: int
    slug: str
    path: str


@dataclass(frozen=True)
class ServerReady:
    """The process takes requests. With `forks` it takes many, otherwise one, after which it ends."""

    forks: bool


@dataclass(frozen=True)
class ServerFailed:
    """The process cannot go on."""

    why: str


@dataclass(frozen=True)
class ExerciseStarted:
    """The tests of an exercise begin."""

    number: int
    exercise: str


@dataclass(frozen=True)
class ExerciseFinished:
    """The tests of an exercise were run."""

    number: int
    verdict: ExerciseVerdict


@dataclass(frozen=True)
class CheckFinished:
    """The check is complete; `code` is the text that was checked.

    problem: why no test could be run; empty where they were. `line` is the student's line that is the reason.
    notes: what of the file was left out.
    """

    number: int
    code: str = ""
    problem: str = ""
    line: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CheckStuck:
    """The student's code did not end when its time was used up; its process was ended."""

    number: int


@dataclass(frozen=True)
class CheckCrashed:
    """The student's code ended the process; `how` names the signal, or says that it exited."""

    number: int
    how: str


Event = (
    ServerReady
    | ServerFailed
    | ExerciseStarted
    | ExerciseFinished
    | CheckFinished
    | CheckStuck
    | CheckCrashed
)
_EVENTS: dict[str, type] = {kind.__name__: kind for kind in get_args(Event)}


def encode(message: CheckRequest | Event) -> bytes:
    """The message as a line of JSON."""
    data = {each.name: getattr(message, each.name) for each in fields(message)}
    if isinstance(message, ExerciseFinished):
        data |= {"slug": message.verdict.exercise.slug, "verdict": message.verdict.to_plain()}
    return json.dumps({"message": type(message).__name__, **data}).encode() + b"\n"


def decode_request(line: bytes) -> CheckRequest:
    """The request that `encode` wrote.

    Raises:
        ValueError: the line holds another thing.
    """
    return _made(CheckRequest, _data(line)[1])


def decode_event(line: bytes, course: Course) -> Event:
    """The event that `encode` wrote, about a topic of `course`.

    Raises:
        ValueError: the line holds another thing.
    """
    name, data = _data(line)
    if name not in _EVENTS:
        raise ValueError(f"{name!r} is not an event")
    if _EVENTS[name] is ExerciseFinished:
        try:
            topic = course.topic(data.pop("slug"))
            data["verdict"] = ExerciseVerdict.from_plain(data["verdict"], topic)
        except (KeyError, TypeError, AttributeError, SyllabusError) as error:
            raise ValueError("not a verdict") from error
    event: Event = _made(_EVENTS[name], data)
    return event


def _data(line: bytes) -> tuple[str, dict[str, Any]]:
    """The name of a message's class and its fields."""
    data = json.loads(line)
    if not isinstance(data, dict):
        raise ValueError("a message is a JSON object")
    return str(data.pop("message", "")), data


def _made(kind: type[T], data: dict[str, Any]) -> T:
    try:
        return kind(**data)
    except TypeError as error:
        raise ValueError(f"not the fields of {kind.__name__}") from error
