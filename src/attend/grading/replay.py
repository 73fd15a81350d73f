"""Grade a submission again from its receipt, and say what differs."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from attend.course.syllabus import Course
from attend.gradebook.grade import Grade
from attend.gradebook.receipts import EXAMPLES, TEXT, Receipt, ReceiptError, make_receipt, secret_digest
from attend.gradebook.store import open_gradebook
from attend.grading.course_grader import Lane
from attend.submissions import GRADEBOOK, Entry, take_in
from attend.submissions.submission import Submission, read_entry

# what is the same in every grading of a submission, and how each is called
CIRCUMSTANCES = {
    "course_version": "the course's version",
    "course_digest": "course.toml",
    "graders": "the hidden tests, the solution, the known mistakes or the rules of grading",
    "seed": "the seed",
    "isolation": "the level of isolation",
}


@dataclass
class Replayed:
    """The result of grading again.

    differences: in what the grade is another one; none where it is the same to the bit.
    circumstances: what else is not as it was when the receipt was written.
    """

    grade: Grade
    differences: list[str] = field(default_factory=list)
    circumstances: list[str] = field(default_factory=list)


def replay(
    course: Course, path: Path, receipt: Receipt, handed_in: Path | None, results: Path | None, level: str
) -> Replayed:
    """Grade again what the receipt at `path` is about.

    Args:
        handed_in: what was handed in; the text beside the receipt when left out.
        results: the folder of results with the secret of `fresh_inputs`; the one in which the receipt is when left out.
        level: how the worker is confined.

    Raises:
        ReceiptError: it is another submission, or the submission or the secret is not there.
    """
    submission = _submission(course, path, receipt, handed_in)
    if submission.digest != receipt.submission:
        raise ReceiptError(
            f"{submission.filename} is not what the receipt is about: its digest is {submission.digest[:12]}…, and the "
            f"receipt's {receipt.submission[:12]}…."
        )
    if receipt.secret:
        course = replace(course, secret=_secret(path, receipt, results))
    with Lane(course, level) as lane:
        grade = lane.grade_submission(submission)
    now = make_receipt(course, grade)
    return Replayed(grade, list(_differences(receipt, now)), list(_circumstances(receipt, now)))


def _submission(course: Course, path: Path, receipt: Receipt, handed_in: Path | None) -> Submission:
    topic = course.topic(receipt.topic)
    if handed_in is not None:
        if not handed_in.exists():
            raise ReceiptError(f"{handed_in} does not exist.")
        submission = read_entry(Entry(receipt.student, topic.slug, handed_in), topic)
        if submission.digest == receipt.submission:
            return submission
        # a class, as a platform gives it out
        entries = take_in(course, [handed_in], [topic.slug]).entries
        mine = [read_entry(entry, topic) for entry in entries if entry.student == receipt.student]
        return next((each for each in mine if each.digest == receipt.submission), submission)
    beside, written = path.with_suffix(TEXT), path.with_suffix(EXAMPLES)
    try:
        text = beside.read_bytes().decode("utf-8")
        examples = written.read_bytes().decode("utf-8") if written.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ReceiptError(f"{beside} cannot be read; name what was handed in after the receipt.") from error
    return Submission(receipt.student, topic.slug, receipt.file or beside.name, text, examples=examples)


def _secret(path: Path, receipt: Receipt, results: Path | None) -> str:
    folders = (
        [results]
        if results
        else [folder for folder in path.resolve().parents if (folder / GRADEBOOK).is_file()]
    )
    if not folders:
        raise ReceiptError(
            "this was graded with fresh inputs, and their secret is in the gradebook; name its folder with --results."
        )
    with open_gradebook(folders[0]) as gradebook:
        secret = gradebook.secret()
    if secret_digest(secret) != receipt.secret:
        raise ReceiptError(
            f"the gradebook in {folders[0]} has another secret than the one it was graded with."
        )
    return secret


def _differences(before: Receipt, now: Receipt) -> Iterator[str]:
    if (before.points, before.max_points) != (now.points, now.max_points):
        yield f"points: {before.points:g} of {before.max_points:g} → {now.points:g} of {now.max_points:g}"
    if before.problem != now.problem:
        yield (
            "why the file could not be graded"
            if before.problem and now.problem
            else "whether the file can be graded"
        )
    old = {row.exercise: row for row in before.exercises}
    new = {row.exercise: row for row in now.exercises}
    for name in dict.fromkeys((*old, *new)):
        if name not in old or name not in new:
            yield f"{name}: the exercise is {'new' if name in new else 'gone'}"
            continue
        first, second = old[name], new[name]
        if (first.points, first.max_points) != (second.points, second.max_points):
            yield f"{name}: {first.points:g} of {first.max_points:g} points → {second.points:g} of {second.max_points:g}"
        for key in ("outcome", "diagnosis"):
            if getattr(first, key) != getattr(second, key):
                yield f"{name}: {key} {getattr(first, key) or 'none'} → {getattr(second, key) or 'none'}"
        if first.tests != second.tests:
            yield f"{name}: the outcome of a test, or its message"


def _circumstances(before: Receipt, now: Receipt) -> Iterator[str]:
    for key, what in CIRCUMSTANCES.items():
        old, new = str(getattr(before, key)), str(getattr(now, key))
        if old != new:
            yield f"{what}: {old} → {new}" if len(old) < 20 else f"{what} changed"
    for name in dict.fromkeys((*before.versions, *now.versions)):
        old, new = before.versions.get(name, "not used"), now.versions.get(name, "not used")
        if old != new:
            yield f"{name}: {old} → {new}"
