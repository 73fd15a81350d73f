"""A short code for which exercises have passed, to carry progress between a browser and a copy of the course.

A code is `attend-` and letters and digits in groups of four. They hold three bytes that depend on the course's exercises
and on the rest of the code, and one bit for each exercise of the course, in order.
"""

import base64
import binascii
import hashlib
from collections.abc import Collection

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Exercise

PREFIX = "attend-"
CHECK_BYTES = 3
GROUP = 4


class ProgressCodeError(AttendError):
    """The text is no progress code of this course."""


def encode(course: Course, passed: Collection[Exercise]) -> str:
    """The code that says that exactly these exercises have passed."""
    bits = sum(1 << place for place, exercise in enumerate(_exercises(course)) if exercise in passed)
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    letters = base64.b32encode(_check(course, data) + data).decode().rstrip("=").lower()
    groups = [letters[start : start + GROUP] for start in range(0, len(letters), GROUP)]
    return PREFIX + "-".join(groups)


def decode(course: Course, text: str) -> list[Exercise]:
    """The exercises that have passed according to a code. Capital letters, spaces and line breaks do not matter.

    Raises:
        ProgressCodeError: it is no code, it is damaged, or it is of a course with other exercises.
    """
    word = "".join(text.split()).lower()
    letters = word.removeprefix(PREFIX).replace("-", "").upper()
    try:
        data = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError) as error:
        raise _refusal(course) from error
    check, data = data[:CHECK_BYTES], data[CHECK_BYTES:]
    exercises = _exercises(course)
    bits = int.from_bytes(data, "little")
    if not word.startswith(PREFIX) or check != _check(course, data) or bits >> len(exercises):
        raise _refusal(course)
    return [exercise for place, exercise in enumerate(exercises) if bits >> place & 1]


def looks_like_code(text: str) -> bool:
    """Whether a text begins as progress codes do."""
    return text.strip().lower().startswith(PREFIX)


def _exercises(course: Course) -> list[Exercise]:
    return [exercise for topic in course.topics for exercise in topic.exercises]


def _check(course: Course, data: bytes) -> bytes:
    names = [f"{exercise.slug}.{exercise.name}" for exercise in _exercises(course)]
    return hashlib.sha256("\n".join([course.name, *names, ""]).encode() + data).digest()[:CHECK_BYTES]


def _refusal(course: Course) -> ProgressCodeError:
    return ProgressCodeError(
        f"this is no progress code of {course.name} {course.version}: copy the whole code. "
        "A code of a version with other exercises cannot be used."
    )
