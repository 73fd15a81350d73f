"""A sample class whose truth is known, and the grades that the real command gives it."""

import zipfile
from collections import Counter
from pathlib import Path

import pytest

from attend.authoring.sample_class import HOSTILE, endless, make_class
from attend.authoring.stubs import make_stub
from attend.submissions.submission import read_submission

from .common import COURSE, WHOLE, read_rows

# What is right itself. `blocked` is right too, but calls an earlier function that never answers.
RIGHT = ("reference", "alternate", "blocked")
STUDENTS = 10


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def made(tiny, tmp_path):
    """A class of the tiny course: where it is, and the truth about it."""

    def make(seed: int = 4, students: int = 30, name: str = "class"):
        return tmp_path / name, make_class(tiny, list(tiny.topics), students, seed, tmp_path / name)

    return make


def test_the_same_seed_makes_the_same_class_to_the_byte(made):
    first, second = made(name="first")[0], made(name="second")[0]
    assert tree(first) == tree(second)


def test_another_seed_makes_another_class(made):
    assert tree(made(seed=4, name="first")[0]) != tree(made(seed=5, name="second")[0])


def test_every_exercise_of_every_student_has_a_truth(made, tiny):
    folder, truths = made()
    rows = read_rows(folder / "truth.csv")
    assert list(rows[0]) == ["student", "topic", "exercise", "truth"]
    assert [tuple(row.values()) for row in rows] == [
        (truth.student, truth.topic, truth.exercise, truth.truth) for truth in truths
    ]
    expected = [(topic.slug, exercise.name) for topic in tiny.topics for exercise in topic.exercises]
    assert Counter((row["topic"], row["exercise"]) for row in rows) == dict.fromkeys(expected, 30)
    assert len({row["student"] for row in rows}) == 30


def test_every_kind_of_answer_occurs(made):
    _, truths = made()
    kinds = {truth.truth.split(" ")[0] for truth in truths}
    assert kinds == {
        "reference", "alternate", "misconception", "stub", "loop", "blocked", "syntax", "hostile"
    }  # fmt: skip


def test_every_student_has_one_file_a_topic_and_some_are_zips(made, tiny):
    folder, truths = made()
    for student in {truth.student for truth in truths}:
        names = sorted(path.name for path in (folder / student).iterdir())
        assert [name.split(".")[0] for name in names] == [topic.slug for topic in tiny.topics]
    assert len(list(folder.glob("*/*.zip"))) == 20 and len(list(folder.glob("*/*.py"))) == 40


def test_the_files_hold_what_the_truth_says(made, tiny):
    folder, truths = made()
    for truth in truths:
        topic = tiny.by_slug[truth.topic]
        text = read_submission(folder / truth.student, topic, truth.student).text
        solution = tiny.solution(topic).read_text(encoding="utf-8")
        if truth.truth == "stub" and text == make_stub(solution, topic):
            continue
        target = topic.exercise(truth.exercise).target.split(".")[-1]
        if truth.truth == "hostile":
            assert text == HOSTILE
        elif truth.truth == "syntax error":
            with pytest.raises(SyntaxError):
                compile(text, "x", "exec")
        elif truth.truth == "loop":
            assert "while True:" in text
        else:
            assert f"def {target}(" in text


@pytest.mark.parametrize("target", ["f", "Box", "Box.open"])
def test_an_endless_loop_stands_before_the_work(target):
    text = 'def f(x):\n    """Doc."""\n    return x\n\n\nclass Box:\n    def open(self):\n        return 1\n'
    lines = endless(text, target).splitlines()
    position = lines.index(next(line for line in lines if "while True:" in line))
    assert lines[position + 2].strip().startswith("return")
    compile("\n".join(lines), "x", "exec")


# graded with the real command


@pytest.fixture(scope="module")
def graded(attend, tmp_path_factory) -> dict[tuple[str, str, str], dict[str, str]]:
    """The truth and the grade of every exercise of a class that took every second topic of this course."""
    folder = tmp_path_factory.mktemp("graded")
    make_class(COURSE, WHOLE[::2], STUDENTS, 11, folder / "class")
    run = attend("grade", folder / "class", "--out", folder / "results")
    assert run.returncode == 0, run.stderr
    truths = read_rows(folder / "class" / "truth.csv")
    grades = read_rows(folder / "results" / "grades.csv")
    rows = {(row["student"], row["topic"], row["exercise"]): row for row in truths}
    assert len(grades) == len(rows)
    for grade in grades:
        rows[grade["student"], grade["topic"], grade["exercise"]] |= grade
    return rows


def told(rows) -> list[str]:
    return [
        f"{row['student']} {row['topic']} {row['exercise']}: {row['truth']} is {row['outcome']}"
        for row in rows
    ]


def test_what_is_right_is_full(graded):
    """Also on top of a mistake: `carried` is full points, with the course's earlier functions in its place."""
    right = [row for row in graded.values() if row["truth"].split(" ")[0] in RIGHT]
    assert len(right) > STUDENTS
    assert told(row for row in right if row["points"] != row["max_points"]) == []
    assert {row["outcome"] for row in right} == {"full", "carried"}


def test_what_calls_something_that_never_answers_is_carried(graded):
    blocked = [row for row in graded.values() if row["truth"] == "blocked"]
    assert blocked and told(row for row in blocked if row["outcome"] != "carried") == []


def test_what_is_not_right_earns_less(graded):
    wrong = [row for row in graded.values() if row["truth"].split(" ")[0] not in RIGHT]
    assert len(wrong) > STUDENTS
    assert told(row for row in wrong if float(row["points"]) >= float(row["max_points"])) == []


def test_what_never_answers_earns_nothing(graded):
    kinds = ("stub", "syntax error", "hostile")
    dead = [row for row in graded.values() if row["truth"] in kinds]
    assert {row["truth"] for row in dead} == set(kinds)
    assert told(row for row in dead if float(row["points"]) > 0) == []


def test_a_known_mistake_is_called_by_its_name(graded):
    """Also on top of another mistake."""
    known = [row for row in graded.values() if row["truth"].startswith("misconception ")]
    assert len(known) > STUDENTS
    assert [row for row in known if f"misconception {row['diagnosis']}" != row["truth"]] == []


def test_every_kind_of_answer_is_in_the_class(graded):
    kinds = {row["truth"].split(" ")[0] for row in graded.values()}
    assert kinds == {
        "reference", "alternate", "misconception", "stub", "loop", "blocked", "syntax", "hostile"
    }  # fmt: skip


def test_the_tiny_class_is_graded_as_its_truth_says(tiny_class):
    truths = {tuple(row.values())[:3]: row["truth"] for row in read_rows(tiny_class / "class" / "truth.csv")}
    for row in read_rows(tiny_class / "results" / "grades.csv"):
        truth = truths[row["student"], row["topic"], row["exercise"]]
        right = truth.split(" ")[0] in RIGHT
        assert (row["points"] == row["max_points"]) is right, (row, truth)


def test_a_zip_of_the_class_holds_the_file_alone(tiny_class):
    path = next((tiny_class / "class").glob("*/*.zip"))
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [f"{path.stem}.py"]
