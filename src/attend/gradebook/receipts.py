"""Receipts: what a grade was computed from and what came out, so that anyone with the course can compute it again."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from attend.course.atomic_file import write_whole
from attend.course.errors import AttendError
from attend.course.syllabus import COURSE_FILE, Course
from attend.gradebook.folders import folder_name
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.gradebook.graders import grader_digest

FOLDER = "receipts"
# of the files beside a receipt, with what was graded
TEXT, EXAMPLES = ".py", ".txt"
FORM = 1
MIN_KEY = 32  # bytes


class ReceiptError(AttendError):
    """A receipt or a key cannot be read, or a receipt is not what was signed."""


@dataclass(frozen=True)
class ExerciseReceipt:
    """What an exercise earned; `tests` is a digest of every test's outcome and message, and of all that was said."""

    exercise: str
    points: float
    max_points: float
    outcome: str
    diagnosis: str
    tests: str


@dataclass(frozen=True)
class Receipt:
    """One graded submission. Digests are SHA-256 in hexadecimal.

    submission: digest of the text that was graded, or of why there is none.
    graders: digest of all that the grade depends on besides the submission: hidden tests, solution, known mistakes, rules.
    course_digest: digest of course.toml.
    secret: digest of what was added to the seed, or ""; the secret itself is 128 random bits, which no digest gives away.
    versions: of Python and of the libraries with which it was graded.
    problem: digest of why nothing could be graded, or "".
    signature: HMAC-SHA-256 of the rest with the instructor's key, or "".
    """

    student: str
    topic: str
    file: str
    graded: str
    course: str
    course_version: str
    course_digest: str
    graders: str
    submission: str
    seed: int
    secret: str
    isolation: str
    versions: dict[str, str]
    points: float
    max_points: float
    exercises: list[ExerciseReceipt]
    problem: str = ""
    key: str = ""
    signature: str = ""
    form: int = FORM

    def to_json(self) -> str:
        """The receipt as JSON."""
        return json.dumps(msgspec.to_builtins(self), indent=1, ensure_ascii=False) + "\n"

    def signed(self, key: bytes) -> "Receipt":
        """The receipt with a signature; as it is where the key is empty."""
        if not key:
            return self
        named = replace(self, key=key_name(key), signature="")
        return replace(named, signature=_signature(named, key))

    def check(self, key: bytes) -> None:
        """See that the receipt was signed with this key and was not changed since.

        Raises:
            ReceiptError: it was not.
        """
        if not self.signature:
            raise ReceiptError("the receipt is not signed.")
        if self.key != key_name(key):
            raise ReceiptError("the receipt was signed with another key.")
        if not hmac.compare_digest(_signature(replace(self, signature=""), key), self.signature):
            raise ReceiptError("the signature does not fit: the receipt was changed after it was signed.")


def _signature(receipt: Receipt, key: bytes) -> str:
    plain = json.dumps(msgspec.to_builtins(receipt), sort_keys=True, separators=(",", ":"))
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()


def key_name(key: bytes) -> str:
    """A name by which a key is recognised, and which does not give it away."""
    return digest("attend receipt key", key.hex())[:16]


def digest(*parts: object) -> str:
    """A digest of plain values."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def read_key(path: Path) -> bytes:
    """The key in a file.

    Raises:
        ReceiptError: it cannot be read, or is so short that it could be guessed.
    """
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise ReceiptError(f"the key {path} cannot be read ({error.strerror}).") from error
    if len(key) < MIN_KEY:
        raise ReceiptError(
            f"the key {path} has {len(key)} bytes, and {MIN_KEY} are needed; make one with "
            'python -c "import secrets; print(secrets.token_hex(32))".'
        )
    return key


def read_receipt(path: Path) -> Receipt:
    """The receipt in a file.

    Raises:
        ReceiptError: it cannot be read, or is none.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipt)
    except OSError as error:
        raise ReceiptError(f"{path} cannot be read ({error.strerror}).") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReceiptError(f"{path} is no receipt of Attend ({error}).") from error


def secret_digest(secret: str) -> str:
    """What a receipt says of a secret: two can be compared, and none can be read."""
    return digest("attend receipt secret", secret) if secret else ""


def make_receipt(course: Course, grade: Grade) -> Receipt:
    """The receipt of a grade that was given now, with the course as it is now."""
    topic = course.by_slug[grade.topic]
    return Receipt(
        student=grade.student,
        topic=grade.topic,
        file=grade.filename,
        graded=datetime.now(UTC).isoformat(timespec="seconds"),
        course=course.name,
        course_version=grade.course_version,
        course_digest=hashlib.sha256((course.root / COURSE_FILE).read_bytes()).hexdigest(),
        graders=grader_digest(course, topic),
        submission=grade.digest,
        seed=grade.seed,
        secret=secret_digest(course.secret),
        isolation=grade.isolation,
        versions=grade.versions,
        points=grade.points,
        max_points=grade.max_points,
        exercises=[_exercise(row) for row in grade.exercises],
        problem=digest(grade.problem) if grade.problem else "",
    )


def _exercise(row: ExerciseGrade) -> ExerciseReceipt:
    tests: list[Any] = [[test.name, test.outcome, test.message, test.explained] for test in row.tests]
    said = digest(row.sentence, row.notes, tests)
    return ExerciseReceipt(
        # a course may write 40 for 40.0
        row.exercise,
        float(row.points),
        float(row.max_points),
        row.outcome,
        row.diagnosis,
        said,
    )


@dataclass(frozen=True)
class ReceiptBook:
    """The folder of a class's receipts.

    key: signs them; empty for receipts without a signature.
    """

    course: Course
    folder: Path
    key: bytes = field(default=b"", repr=False)

    def write(self, grade: Grade, text: str, examples: str = "") -> Path:
        """Write `STUDENT/SLUG-DIGEST.json`, and beside it the text and the examples that were graded, if there are any."""
        folder = self.folder / folder_name(grade.student)
        path = folder / f"{grade.topic}-{grade.digest[:12]}.json"
        write_whole(path, make_receipt(self.course, grade).signed(self.key).to_json())
        for suffix, content in ((TEXT, text), (EXAMPLES, examples)):
            if content:
                path.with_suffix(suffix).write_bytes(content.encode())
        return path


def erase_receipts(folder: Path, student: str) -> int:
    """Remove all receipts of a student and the files beside them; how many there were."""
    removed = 0
    for path in sorted((folder / folder_name(student)).glob("*.json")):
        if read_receipt(path).student == student:
            path.unlink()
            for suffix in (TEXT, EXAMPLES):
                path.with_suffix(suffix).unlink(missing_ok=True)
            removed += 1
    own = folder / folder_name(student)
    if own.is_dir() and not any(own.iterdir()):
        own.rmdir()
    return removed
