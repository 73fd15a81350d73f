"""Examples that are handed in: which file is taken, and what they earn."""

import hashlib
import zipfile
from dataclasses import replace

import pytest

from attend.course.syllabus import SyllabusError, load_course
from attend.gradebook.grade import ExamplesGrade, ExerciseGrade, Grade
from attend.gradebook.policy import totals
from attend.gradebook.publish import write_pages
from attend.gradebook.store import Gradebook
from attend.grading.course_grader import Lane
from attend.submissions.hand_in import pack
from attend.submissions.submission import read_submission

from .common import COURSE, submission

T03 = COURSE.topic("t03")
GOOD = """\
masked_softmax([0, 0], [True, False]) == [1, 0]
masked_softmax([0, 1], [False, False]) == [0, 0]
masked_softmax([7, 7], [True, True]) == [0.5, 0.5]
"""
WRONG = "softmax([0, 0]) == [1, 0]\n"


@pytest.fixture(scope="module")
def graded(level):
    """The grade of the reference with examples, where they are worth points."""
    with Lane(replace(COURSE, example_points=5.0), level) as lane:
        text = COURSE.solution(T03).read_text(encoding="utf-8")

        def grade(examples: str):
            return lane.grader(T03).grade(replace(submission(T03, text), examples=examples)).examples

        yield grade


def test_right_examples_and_the_mistakes_that_they_show_are_counted(graded):
    found = graded(GOOD)
    assert (found.right, found.wrong) == (3, 0)
    assert 5 <= found.caught < found.mistakes and found.mistakes >= 40
    assert found.share == pytest.approx(found.caught / found.mistakes)


def test_a_call_that_the_table_at_home_does_not_have_is_tried_all_the_same(graded):
    assert graded("softmax([33, 33.0]) == [0.5, 0.5]\n").right == 1


def test_an_error_is_an_answer_and_no_answer_is_none(level):
    """An example may expect the error that a function raises on purpose; a call without an answer is not None."""
    topic = COURSE.topic("t02")
    text = COURSE.solution(topic).read_text(encoding="utf-8")
    with Lane(replace(COURSE, example_points=5.0), level) as lane:

        def grade(examples: str):
            return lane.grader(topic).grade(replace(submission(topic, text), examples=examples)).examples

        right = grade("pad_sequences([]) == ValueError\npadding_mask([1]) == [[True]]\n")
        wrong = grade("pad_sequences([]) == KeyError\npad_sequences([]) == None\nencode_all([[1]]) == None\n")
    assert (right.right, right.wrong) == (2, 0) and right.caught > 0
    assert (wrong.right, wrong.wrong, wrong.caught) == (0, 3, 0)


def test_wrong_examples_show_nothing_and_cost_their_part(graded):
    both = graded(GOOD + WRONG)
    assert (both.right, both.wrong) == (3, 1)
    assert both.share == pytest.approx(0.75 * both.caught / both.mistakes)
    assert graded(WRONG).share == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello\n",
        "softmax([0] * 10) == 1\n",
        "softmax('x') == 1\n",
        "__import__('os').system('true') == 0\n",
        "softmax([1e999]) == [1]\n",
        "x" * 70_000,
        "softmax([0]) == " + "[" * 90 + "]" * 90 + "\n",
    ],
)
def test_no_text_of_a_student_s_harms_the_grader(graded, text):
    found = graded(text)
    assert found is None or found.caught == 0


def test_examples_are_not_looked_at_where_they_are_worth_nothing(lane):
    text = COURSE.solution(T03).read_text(encoding="utf-8")
    assert lane.grader(T03).grade(replace(submission(T03, text), examples=GOOD)).examples is None


def test_a_grade_without_examples_has_no_share():
    assert ExamplesGrade().share == 0.0


# which file is taken


@pytest.fixture
def written(own_tiny):
    """The tiny course with a module and examples written."""
    topic = own_tiny.topic("t01")
    path = own_tiny.examples(topic)
    path.parent.mkdir()
    path.write_text("scale([1], 2) == [2]\n", encoding="utf-8")
    return own_tiny, topic


def test_examples_are_in_the_zip_that_a_student_hands_in(written, tmp_path):
    course, topic = written
    path = pack(course, topic, tmp_path)
    assert zipfile.ZipFile(path).namelist() == ["t01_tiny.py", "attend.json", "t01_tiny.txt"]
    assert read_submission(path, topic, "ada").examples == "scale([1], 2) == [2]\n"


def test_examples_beside_the_module_in_a_folder_are_taken(written, tmp_path):
    course, topic = written
    (tmp_path / "ada" / "examples").mkdir(parents=True)
    (tmp_path / "ada" / "t01_tiny.py").write_text(course.solution(topic).read_text())
    (tmp_path / "ada" / "examples" / "t01_tiny.txt").write_text("scale([1], 2) == [2]\n")
    read = read_submission(tmp_path / "ada", topic, "ada")
    assert read.examples and read.digest != replace(read, examples="").digest


def test_without_examples_the_digest_is_that_of_the_text_alone(tiny):
    text = "x = 1\n"
    assert submission(tiny.topic("t01"), text).digest == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"x" * (65 << 10)])
def test_a_file_of_examples_that_cannot_be_read_is_left_out_with_a_note(written, tmp_path, data):
    course, topic = written
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "t01_tiny.py").write_text(course.solution(topic).read_text())
    (tmp_path / "ada" / "t01_tiny.txt").write_bytes(data)
    read = read_submission(tmp_path / "ada", topic, "ada")
    assert read.examples == "" and "its examples were left out" in " ".join(read.notes)


@pytest.mark.parametrize("value", ["-1", '"five"', "true"])
def test_points_for_examples_are_a_number(own_tiny, value):
    with (own_tiny.root / "course.toml").open("a") as file:
        file.write(f"\n[examples]\npoints = {value}\n")
    with pytest.raises(SyllabusError, match=r"\[examples\] points"):
        load_course(own_tiny.root)


# what they count


@pytest.fixture
def counted(own_tiny, tmp_path):
    """What t01 counts for a student with full points whose examples did so well, where examples are worth 5 points."""

    def count(examples: ExamplesGrade | None, **policy):
        course = replace(own_tiny, example_points=5.0, policy=replace(own_tiny.policy, **policy))
        topic = course.topic("t01")
        rows = [ExerciseGrade(each.name, each.points, each.points, "full") for each in topic.exercises]
        grade = Grade("ada", topic.slug, "1", 7, "digest", "none", rows, examples=examples)
        with Gradebook(tmp_path / "gradebook.sqlite") as gradebook:
            gradebook.add(grade, "grader")
            [total] = totals(course, gradebook)
        return total.topics[0]

    return count


def test_points_for_examples_are_added_and_said(counted):
    found = counted(ExamplesGrade(right=3, wrong=1, caught=5, mistakes=10))
    assert found.counted == pytest.approx(100 + 5 * 0.5 * 0.75, abs=0.01)
    assert "examples: 1.88 of 5 points" in found.notes or "examples: 1.87 of 5 points" in found.notes


def test_without_examples_nothing_is_added(counted):
    assert counted(None).counted == 100 and not counted(None).notes


def test_the_feedback_page_tells_of_examples_and_shows_other_ways(own_tiny, tmp_path):
    path = own_tiny.alternates(own_tiny.topic("t01"))
    text = path.read_text(encoding="utf-8").replace(
        '@alternate("scale")', '@alternate("scale", why="It is short.")', 1
    )
    path.write_text(text, encoding="utf-8")
    topic = own_tiny.topic("t01")
    outcomes = ("full", "wrong")
    rows = [
        ExerciseGrade(each.name, 0.0, each.points, outcome)
        for each, outcome in zip(topic.exercises, outcomes, strict=True)
    ]
    rows[1].smallest = "shifted([0], 1, 1) must be [1]; yours is [0]"
    grade = Grade("ada", topic.slug, "1", 7, "digest", "none", rows, examples=ExamplesGrade(1, 0, 2, 6))
    with Gradebook(tmp_path / "results" / "gradebook.sqlite") as gradebook:
        gradebook.add(grade, "grader")
        write_pages(own_tiny, gradebook, tmp_path / "results" / "feedback")
    page = (tmp_path / "results" / "feedback" / "ada" / "t01_tiny.html").read_text(encoding="utf-8")
    assert "1 of your 1 examples are right, and they catch 2 of 6 known mistakes." in page
    assert page.count("Other ways to write it") == 1 and "It is short." in page
    assert "shifted([0], 1, 1) must be [1]; yours is [0]" in page
