"""Grade one submission in Gradescope's container: `python -m attend.grading.gradescope.run`.

Root reads what was handed in, without running or unpacking it. A second process takes it over, starts the zygote,
gives up root and grades; the student's code runs in workers of that zygote, under yet other users. Root checks what
comes back, and writes results.json last and whole.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from attend.course.atomic_file import write_whole
from attend.course.errors import AttendError
from attend.course.scratch import scratch_folder
from attend.course.syllabus import Course, Topic
from attend.gradebook.grade import Grade
from attend.grading.bundle import open_unpacked, unpack_course
from attend.grading.course_grader import Lane
from attend.grading.gradescope.results_json import Results, failure, problems, results
from attend.grading.showing import showing
from attend.grading.ungraded import refused
from attend.sandbox.levels import choose_level
from attend.submissions import Entry
from attend.submissions.submission import Submission, read_entry

ROOT = "ATTEND_AUTOGRADER"  # the variable that names another folder than Gradescope's
BUNDLE, CONFIG, METADATA = "course.zip", "attend.json", "submission_metadata.json"
GRADER = 61183  # the user that grades: none of a worker's (attend.sandbox.privileges), and nobody's account
RESULT_LIMIT = 8 << 20


@dataclass(frozen=True)
class Config:
    """What `attend build` writes for the container, as the file CONFIG.

    isolation: a level by name, where the container does not give one that grading is content with.
    seconds: how long grading may take; Gradescope stops it without a message after ten minutes.
    """

    topic: str
    isolation: str | None = None
    seconds: float = 540


def main() -> None:
    """Grade what was handed in and write results.json; an error of the autograder becomes its text."""
    root = Path(os.environ.get(ROOT, "/autograder"))
    topic = None
    try:
        config = _read_config(root)
        _close_to_others(root / "source", root / "submission")
        with scratch_folder("course") as folder:
            course = unpack_course(root / "source" / BUNDLE, folder)
            topic = course.topic(config.topic)
            data = _grade(course, topic, config, root)
    except AttendError as error:
        data = failure(topic, str(error))
    except Exception as error:
        traceback.print_exc()  # instructors see it
        data = failure(topic, f"{type(error).__name__} in the autograder.")
    wrong = problems(data)
    if wrong:
        print("\n".join(wrong))
        data = failure(topic, "the autograder's results are not what Gradescope reads.")
    print(data["output"])
    write_whole(root / "results" / "results.json", json.dumps(data, ensure_ascii=False))


def _read_config(root: Path) -> Config:
    return Config(**json.loads((root / "source" / CONFIG).read_text(encoding="utf-8")))


def _close_to_others(*folders: Path) -> None:
    """Only root reads the graders and what was handed in; the walls of the cage are a second reason."""
    for folder in folders:
        if os.geteuid() == 0 and folder.is_dir():
            folder.chmod(0o700)


def _grade(course: Course, topic: Topic, config: Config, root: Path) -> Results:
    shown = showing(course, topic, _metadata(root / METADATA))
    submission = read_entry(Entry("submission", topic.slug, root / "submission"), topic)
    if submission.refusal:
        return results(topic, refused(course, submission), shown)
    grade = _grade_in_child(submission, config, course.root)
    _check_grade(grade, topic)
    return results(topic, grade, shown)


def _metadata(path: Path) -> dict[str, Any]:
    """What Gradescope says of the hand-in and of earlier ones; nothing where the file is not there or not JSON."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _grade_in_child(submission: Submission, config: Config, course: Path) -> Grade:
    """The grade that a process without root's rights gives.

    Raises:
        AttendError: it did not come to an end, or said nothing that is a grade.
    """
    task = json.dumps({"submission": asdict(submission), "isolation": config.isolation})
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answered:
        python = [sys.executable, "-s", "-P", "-m", "attend.grading.gradescope.run"]
        command = [*python, "--grade", str(answered.fileno()), str(course)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, pass_fds=(answered.fileno(),), text=True
        ) as child:
            try:
                child.communicate(task, timeout=config.seconds)
            except subprocess.TimeoutExpired as error:
                child.kill()
                raise AttendError(f"grading took longer than {config.seconds} seconds.") from error
        answered.seek(0)
        text = answered.read(RESULT_LIMIT)
    if not text:
        raise AttendError(f"the process that grades ended with code {child.returncode}.")
    answer = json.loads(text)
    if "error" in answer:
        raise AttendError(answer["error"])
    return Grade.from_json(answer["grade"])


def _check_grade(grade: Grade, topic: Topic) -> None:
    """Root believes no number that the topic does not allow."""
    expected = [(exercise.name, exercise.points) for exercise in topic.exercises]
    rows = [(row.exercise, row.max_points) for row in grade.exercises]
    if rows != expected or not all(0 <= row.points <= row.max_points for row in grade.exercises):
        raise AttendError("the grade does not fit the topic.")


def grade_one(answer_fd: int, course_folder: Path) -> None:
    """The child: read a submission from stdin, write its grade to the file that root holds open."""
    task = json.load(sys.stdin)
    try:
        course = open_unpacked(course_folder)
        submission = Submission(**task["submission"])
        _hand_over(course_folder)
        lane = Lane(course, choose_level(task["isolation"]))
        # still as root: it alone can give workers another user
        lane.grader(course.topic(submission.topic)).zygote.start()
        give_up_root()
        answer = {"grade": lane.grade_submission(submission).to_json()}
    except AttendError as error:
        answer = {"error": str(error)}
    with open(answer_fd, "w", encoding="utf-8") as file:
        json.dump(answer, file)
    os._exit(0)  # the zygote is another user's: it ends with this process, not at its word


def _hand_over(folder: Path) -> None:
    """The course's copy belongs to the user that grades, and to nobody else."""
    if os.geteuid() != 0:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, GRADER, GRADER)
        path.chmod(0o700 if path.is_dir() else 0o600)


def give_up_root() -> None:
    """Make this process the user GRADER's, where it is root's."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(GRADER, GRADER, GRADER)
        os.setresuid(GRADER, GRADER, GRADER)


def check() -> None:
    """Run when the image is built: everything that grading needs is there, and the cage's level is told."""
    root = Path(os.environ.get(ROOT, "/autograder"))
    config = _read_config(root)
    with scratch_folder("course") as folder:
        course = unpack_course(root / "source" / BUNDLE, folder)
        topic = course.topic(config.topic)
        text = course.solution(topic).read_text(encoding="utf-8")
        grade = _grade_in_child(Submission("check", topic.slug, f"{topic.slug}.py", text), config, folder)
        print(
            f"{topic.slug}: the reference earns {grade.points:g} of {grade.max_points:g}; isolation: {grade.isolation}"
        )
        if grade.points != grade.max_points:
            raise AttendError(grade.problem or "the reference does not earn full points in this image.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--grade"]:
        grade_one(int(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1:2] == ["--check"]:
        check()
    else:
        main()
