"""The same text is graded by the tests, the settings and the course that it was handed in to, in one process too."""

import re
import shutil
from dataclasses import replace

import pytest

from attend.course.syllabus import Course, load_course
from attend.gradebook.store import Gradebook
from attend.grading.batch import grade_class
from attend.grading.course_grader import Lane
from attend.grading.dask_cluster import LaneHolder, bundle
from attend.submissions import take_in

from ...common import TINY, outcomes, submission


def doubled(text: str) -> str:
    """A solution or its tests, where every product is twice as large."""
    return re.sub(r"x \* (factor|[123]\.5)", r"2 * x * \1", text)


@pytest.fixture
def twins(own_tiny) -> Course:
    """The tiny course with a third topic that asks for twice as much of functions of the same names."""
    root = own_tiny.root
    for folder, prefix in (
        ("solutions", ""),
        ("autograder/graders", "test_"),
        ("autograder/misconceptions", ""),
    ):
        text = (root / folder / f"{prefix}t01_tiny.py").read_text()
        (root / folder / f"{prefix}t03_twin.py").write_text(doubled(text))
    toml = root / "course.toml"
    first = toml.read_text().split("[[topics]]\n")[1]
    toml.write_text(f"{toml.read_text()}\n[[topics]]\n{first.replace('t01_tiny', 't03_twin')}")
    return load_course(root)


@pytest.mark.parametrize("order", [("t01", "t03"), ("t03", "t01")])
def test_in_one_lane(twins, level, order):
    texts = {number: twins.solution(twins.topic(number)).read_text() for number in order}
    with Lane(twins, level) as lane:
        for number in order * 2:
            for handed_in in order:
                graded = lane.grade_submission(submission(twins.topic(number), texts[handed_in]))
                assert (set(outcomes(graded).values()) == {"full"}) == (handed_in == number)


@pytest.mark.slow
def test_in_one_class(twins, level, tmp_path):
    text = twins.solution(twins.topic("t01")).read_text()
    for student in ("ada", "bela"):
        for slug in ("t01_tiny", "t03_twin"):
            path = tmp_path / "class" / student / f"{slug}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    with Gradebook(tmp_path / "out" / "gradebook.sqlite") as book:
        grade_class(twins, take_in(twins, [tmp_path / "class"]).entries, book, level, 2)
        found = {(student, topic): set() for student, topic, *_ in book.rows()}
        for student, topic, _, _, _, outcome, _ in book.rows():
            found[student, topic].add(outcome)
    assert {key: outcomes == {"full"} for key, outcomes in found.items()} == {
        ("ada", "t01_tiny"): True,
        ("bela", "t01_tiny"): True,
        ("ada", "t03_twin"): False,
        ("bela", "t03_twin"): False,
    }


@pytest.fixture
def changed(tmp_path) -> Course:
    """A later state of the tiny course: another solution, and hidden tests that ask for it."""
    root = tmp_path / "changed"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    for path in root.rglob("*t01_tiny.py"):
        path.write_text(doubled(path.read_text()))
    return load_course(root)


@pytest.mark.parametrize("turned", [False, True], ids=["the old one first", "the new one first"])
def test_two_courses_in_one_worker_of_a_cluster(tiny, changed, level, turned):
    """A worker of a cluster stays when a run ends, and the next run may be of the course with a test mended."""
    texts = {course.root: course.solution(course.topic("t01")).read_text() for course in (tiny, changed)}
    for course in (changed, tiny, changed) if turned else (tiny, changed, tiny):
        holder = LaneHolder(bundle(course), level)
        holder.setup()
        try:
            for root, text in texts.items():
                graded = holder.lane.grade_submission(submission(course.topic("t01"), text))
                assert graded.problem == ""
                assert (set(outcomes(graded).values()) == {"full"}) == (root == course.root)
        finally:
            holder.teardown()


@pytest.mark.parametrize("turned", [False, True], ids=["placed last", "placed first"])
def test_two_settings_in_one_process(tiny, level, turned):
    """With `reference_classes = false` nobody's method is judged on the reference's class."""
    topic = tiny.topic("t02")
    text = tiny.solution(topic).read_text()
    wrong = submission(topic, text.replace("torch.sigmoid(", "torch.tanh("))
    assert wrong.text != text
    settings = {False: replace(tiny, policy=replace(tiny.policy, reference_classes=False)), True: tiny}
    seen = {}
    for allowed in (True, False) if turned else (False, True):
        with Lane(settings[allowed], level) as lane:
            seen[allowed] = outcomes(lane.grade_submission(wrong))["gated"]
    assert seen[True] == "carried" and seen[False] != "carried"
