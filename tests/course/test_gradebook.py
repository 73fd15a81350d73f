"""Nothing is lost and nothing is counted twice: the gradebook, and a batch that is stopped and started again."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from attend.authoring.sample_class import make_class
from attend.course.syllabus import load_course
from attend.course.tables import write_csv
from attend.gradebook.grade import ExerciseGrade, Grade, TestGrade
from attend.gradebook.graders import grader_digest
from attend.gradebook.store import COLUMNS, Gradebook

from .common import TINY, graded_so_far, read_rows, wait_until


def grade_of(student: str, points: float = 4.0, digest: str = "d", topic: str = "t01_tiny") -> Grade:
    tests = [
        TestGrade("test_x", "It holds.", "passed", "", 0.1),
        TestGrade("test_y", "So it is.", "values", "no", 0.2),
    ]
    rows = [
        ExerciseGrade("scale", points, 40.0, "partial", "divided", "You divide.", ["a note"], tests),
        ExerciseGrade("shifted", 60.0, 60.0, "carried"),
    ]
    return Grade(student, topic, "1", 7, digest, "landlock", rows, 0.5)


@pytest.fixture
def gradebook(tmp_path):
    with Gradebook(tmp_path / "gradebook.sqlite") as opened:
        yield opened


def test_a_grade_comes_out_as_it_went_in(gradebook):
    gradebook.add(grade_of("ada"), "g")
    assert list(gradebook.grades()) == [grade_of("ada")]


def test_every_exercise_has_a_row_in_its_order(gradebook):
    gradebook.add(grade_of("ada"), "g")
    assert list(gradebook.rows()) == [
        ("ada", "t01_tiny", "scale", 4.0, 40.0, "partial", "divided"),
        ("ada", "t01_tiny", "shifted", 60.0, 60.0, "carried", ""),
    ]


def test_the_same_grade_twice_changes_nothing(gradebook):
    gradebook.add(grade_of("ada"), "g")
    before = (list(gradebook.rows()), gradebook.known(), gradebook.count())
    gradebook.add(grade_of("ada"), "g")
    assert (list(gradebook.rows()), gradebook.known(), gradebook.count()) == before


def test_a_new_grade_takes_the_place_of_the_old_one(gradebook):
    gradebook.add(grade_of("ada", 4.0, "old"), "g")
    gradebook.add(grade_of("ada", 8.0, "new"), "g")
    assert [row[3] for row in gradebook.rows()] == [8.0, 60.0]
    assert gradebook.known() == {("ada", "t01_tiny", "new", "g")}


def test_students_and_topics_are_kept_apart(gradebook):
    for student, topic in (("ada", "t01_tiny"), ("ada", "t02_gate"), ("bo", "t01_tiny")):
        gradebook.add(grade_of(student, topic=topic), "g")
    assert [(grade.student, grade.topic) for grade in gradebook.grades()] == [
        ("ada", "t01_tiny"),
        ("ada", "t02_gate"),
        ("bo", "t01_tiny"),
    ]
    assert len(list(gradebook.rows())) == 6


def test_a_grade_is_in_whole_or_not_at_all(gradebook):
    gradebook.add(grade_of("ada", 4.0), "g")
    broken = grade_of("ada", 8.0)
    broken.exercises.append(broken.exercises[0])  # the same exercise twice cannot be kept
    with pytest.raises(Exception, match="what is in it is kept"):
        gradebook.add(broken, "g")
    assert [row[3] for row in gradebook.rows()] == [4.0, 60.0]


def test_what_is_in_outlives_the_process(tmp_path):
    with Gradebook(tmp_path / "gradebook.sqlite") as first:
        first.add(grade_of("ada"), "g")
    with Gradebook(tmp_path / "gradebook.sqlite") as second:
        assert list(second.grades()) == [grade_of("ada")]


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="name another --out"):
        Gradebook(tmp_path / "file" / "gradebook.sqlite")


@pytest.mark.parametrize("layer", ["graders", "solution", "misconceptions"])
def test_a_grader_that_changed_is_another_grader(own_tiny, layer):
    topic = own_tiny.topic("t01")
    before = grader_digest(own_tiny, topic)
    path = getattr(own_tiny, layer)(topic)
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert grader_digest(own_tiny, topic) != before
    assert grader_digest(own_tiny, own_tiny.topic("t02")) == grader_digest(
        load_course(TINY), own_tiny.topic("t02")
    )


# tables


def test_text_that_a_spreadsheet_would_run_is_quoted(tmp_path):
    cells = ("=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "plain", "a=1", 3, 2.5, 2.0, 1 / 3)
    write_csv(tmp_path / "x.csv", tuple("abcdefghijkl"), iter([cells]))
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8") as file:
        _, row = csv.reader(file)
    assert row == [
        "'=1+1", "'+1", "'-1", "'@a", "'\t=1", "'\r=1", "plain", "a=1", "3", "2.5", "2", "0.33"
    ]  # fmt: skip


def test_a_table_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "x.csv"
    write_csv(path, ("a",), iter([("old",)]))

    def rows():
        yield ("new",)
        raise KeyError("half way")

    with pytest.raises(KeyError):
        write_csv(path, ("a",), rows())
    assert path.read_text(encoding="utf-8").split() == ["a", "old"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.csv"]


# a batch


@pytest.fixture
def small_class(tmp_path, own_tiny) -> Path:
    """Eight students of the NumPy topic, the last of whom takes a few seconds."""
    topic = own_tiny.topic("t01")
    make_class(own_tiny, [topic], 8, 2, tmp_path / "class")
    slow = (
        own_tiny.solution(topic)
        .read_text(encoding="utf-8")
        .replace("return x *", "import time; time.sleep(0.8)\n    return x *")
    )
    (tmp_path / "class" / "zz-slow").mkdir()
    (tmp_path / "class" / "zz-slow" / "t01_tiny.py").write_text(slow, encoding="utf-8")
    return tmp_path / "class"


def command(handed_in: Path, out: Path) -> list[str]:
    arguments = ["--course", str(TINY), "grade", str(handed_in), "--out", str(out), "--jobs", "1"]
    return [sys.executable, "-m", "attend", *arguments]


@pytest.mark.skipif(os.name != "posix", reason="a whole group of processes is killed")
def test_a_batch_that_was_killed_goes_on_where_it_stopped(attend, small_class, tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    running = subprocess.Popen(
        command(small_class, cut),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(lambda: graded_so_far(cut) >= 2 or running.poll() is not None, seconds=300)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    known = graded_so_far(cut)
    assert 2 <= known < 9, "the batch was to be killed half way"
    again = subprocess.run(
        command(small_class, cut), capture_output=True, text=True, encoding="utf-8", timeout=600
    )
    assert again.returncode == 0, again.stderr
    assert f"{9 - known} graded, {known} known before" in again.stdout
    subprocess.run(command(small_class, whole), capture_output=True, timeout=600, check=True)
    assert read_rows(cut / "grades.csv") == read_rows(whole / "grades.csv")
    assert len(read_rows(whole / "grades.csv")) == 2 * 9


def test_grading_the_same_class_again_grades_nothing_and_changes_no_file(attend, tiny_class):
    results = tiny_class / "results"
    before = {
        path: path.read_bytes() for path in results.rglob("*") if path.suffix in (".csv", ".md", ".html")
    }
    again = attend("--course", TINY, "grade", tiny_class / "class", "--out", results)
    assert again.returncode == 0 and "0 graded, 28 known before" in again.stdout
    assert {path: path.read_bytes() for path in before} == before


def test_only_what_changed_is_graded_again(attend, small_class, tmp_path):
    out = tmp_path / "out"
    subprocess.run(command(small_class, out), capture_output=True, timeout=600, check=True)
    before = {row["student"]: row for row in read_rows(out / "grades.csv") if row["exercise"] == "scale"}
    (small_class / "zz-slow" / "t01_tiny.py").write_text(
        "def scale(x, factor):\n    return x / factor\n", encoding="utf-8"
    )
    again = subprocess.run(
        command(small_class, out), capture_output=True, text=True, encoding="utf-8", timeout=600
    )
    assert "1 graded, 8 known before" in again.stdout
    after = {row["student"]: row for row in read_rows(out / "grades.csv") if row["exercise"] == "scale"}
    assert (before.pop("zz-slow")["outcome"], after.pop("zz-slow")["diagnosis"]) == (
        "full",
        "divided",
    )
    assert after == before


def test_the_table_has_the_columns_that_others_rely_on(tiny_class):
    rows = read_rows(tiny_class / "results" / "grades.csv")
    assert tuple(rows[0]) == COLUMNS == (
        "student", "topic", "exercise", "points", "max_points", "outcome", "diagnosis"
    )  # fmt: skip
    keys = [(row["student"], row["topic"], row["exercise"]) for row in rows]
    assert len(keys) == len(set(keys)) == 14 * 4
