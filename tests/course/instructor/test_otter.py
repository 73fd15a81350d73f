"""The zips of all topics, run by the real otter; the public tests in otter's format; hand-ins that otter exports."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from attend.authoring.sample_class import make_class
from attend.course.syllabus import Course, Topic, load_course
from attend.grading.bundle import Wheel
from attend.grading.gradescope.results_json import problems
from attend.grading.otter.build import build_zip
from attend.grading.otter.public_tests import otter_tests
from attend.submissions import Entry, take_in
from attend.submissions.hand_in import pack

from ..common import COURSE

pytestmark = [pytest.mark.otter, pytest.mark.slow]
RUNS = Path(__file__).with_name("otter_runs.py")
# otter takes half a minute for the three submissions of a topic
IN_EVERY_RUN = ("t01", "t05", "t14")
ALL_ZIPS = "ATTEND_ALL_ZIPS"


@pytest.fixture
def built(monkeypatch, tmp_path):
    """Build a topic's zip. Nothing is installed from it here, so the wheel is a stand-in."""
    wheel = Wheel("attend_course-1-py3-none-any.whl", b"a wheel")
    monkeypatch.setattr("attend.grading.otter.build.build_wheel", lambda root: wheel)
    return lambda course, topic: build_zip(course, topic, tmp_path / "zips")


@pytest.fixture
def otter_run(tmp_path):
    """Run otter on submissions, in one process; the contents of each results.json."""

    def run(autograder: Path, *submissions: Path) -> list[dict]:
        command = [sys.executable, str(RUNS), str(autograder), str(tmp_path / "json"), *map(str, submissions)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stderr[-3000:]
        names = [f"{path.parent.name}-{path.stem}.json" for path in submissions]
        return [json.loads((tmp_path / "json" / name).read_text(encoding="utf-8")) for name in names]

    return run


def students(course: Course, topic: Topic, folder: Path) -> list[Path]:
    """The reference, the stub, and the answer of a student of the sample class."""
    texts = {"reference": course.solution(topic), "stub": course.assignment(topic)}
    paths = []
    for name, source in texts.items():
        path = folder / name / f"{topic.slug}.py"
        path.parent.mkdir()
        path.write_bytes(source.read_bytes())
        paths.append(path)
    make_class(course, [topic], 2, 3, folder / "class")
    return [*paths, next((folder / "class").glob(f"*/{topic.slug}.py"))]


@pytest.mark.parametrize(
    "topic",
    [
        pytest.param(
            topic,
            id=topic.number,
            marks=pytest.mark.skipif(
                topic.number not in IN_EVERY_RUN and not os.environ.get(ALL_ZIPS),
                reason=f"half a minute for each topic: {ALL_ZIPS}=1 runs the zips of all fourteen",
            ),
        )
        for topic in COURSE.topics
    ],
)
def test_otter_gives_the_points_of_attend_grade(topic, lane, built, otter_run, tmp_path):
    paths = students(COURSE, topic, tmp_path)
    autograder = built(COURSE, topic)
    with zipfile.ZipFile(autograder) as archive:
        tests = {Path(name).name for name in archive.namelist() if name.startswith("tests/")}
    assert tests == set(otter_tests(topic)) and len(tests) == len(topic.exercises)
    for path, data in zip(paths, otter_run(autograder, *paths), strict=True):
        grade = lane.grade(Entry("ada", topic.slug, path))
        assert problems(data) == []
        found = [(test["name"], test["score"], test["max_score"]) for test in data["tests"]]
        assert found == [
            (
                f"{topic.exercise(row.exercise).label} {row.exercise}",
                pytest.approx(row.points),
                row.max_points,
            )
            for row in grade.exercises
        ]
        assert data["score"] == pytest.approx(grade.points)
        assert grade.points == {"reference": topic.points, "stub": 0}.get(path.parent.name, grade.points)


def test_the_zips_are_the_same_bytes_each_time(built):
    topic = COURSE.topic("t08")
    first = built(COURSE, topic).read_bytes()
    assert built(COURSE, topic).read_bytes() == first


def test_what_attend_submit_and_otter_export_write_is_graded_alike(
    lane, built, otter_run, own_course, tmp_path
):
    """A notebook, once packed by `attend submit` and once by the export cell of otter."""
    topic = own_course.topic("t14")
    solved = own_course.solution(topic).with_suffix(".ipynb")
    notebook = own_course.assignment(topic).with_suffix(".ipynb")
    own_course.assignment(topic).unlink(missing_ok=True)
    notebook.write_bytes(solved.read_bytes())
    packed = pack(own_course, topic, tmp_path / "submit")
    exported = tmp_path / "export" / f"{topic.slug}_2026_10_02T12_00_00_000001.zip"
    exported.parent.mkdir()
    code = (
        "import sys, otter\n"
        "grader = otter.Notebook(tests_dir=sys.argv[3])\n"
        "grader.export(sys.argv[1], export_path=sys.argv[2], pdf=False, display_link=False)"
    )
    # where a notebook runs, its folder is the working folder
    words = [notebook.name, str(exported), str(tmp_path)]
    subprocess.run([sys.executable, "-c", code, *words], cwd=notebook.parent, check=True, capture_output=True)
    for data in otter_run(built(COURSE, topic), packed, exported):
        assert data["score"] == topic.points
    for path in (packed, exported):
        [entry] = take_in(own_course, [path]).entries
        assert entry.topic == topic.slug and lane.grade(entry).points == topic.points


@pytest.fixture
def own_course(tmp_path) -> Course:
    """A copy of what a student has of the course, with the solutions of its notebook."""
    root = tmp_path / "course"
    for name in ("assignments", "solutions", "tests/public"):
        shutil.copytree(COURSE.root / name, root / name)
    for name in ("course.toml", "pyproject.toml"):
        shutil.copy(COURSE.root / name, root / name)
    return load_course(root)


def otter_check(course: Course, path: Path, tests: Path) -> str:
    """What `otter check` prints, run in the course's folder."""
    command = [sys.executable, "-m", "otter", "check", str(path), "-t", str(tests)]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        command, cwd=course.root, env=environment, check=True, capture_output=True, text=True, timeout=300
    ).stdout


@pytest.mark.parametrize("number", ["t01", "t05"])
def test_otter_check_runs_the_public_tests_of_the_zip(built, own_course, tmp_path, number):
    topic = own_course.topic(number)
    with zipfile.ZipFile(built(COURSE, topic)) as archive:
        names = [name for name in archive.namelist() if name.startswith("tests/")]
        archive.extractall(tmp_path / "given", names)
    tests = tmp_path / "given" / "tests"
    assert "All tests passed!" in otter_check(own_course, own_course.solution(topic), tests)
    stub = otter_check(own_course, own_course.assignment(topic), tests)
    assert stub.count("not done yet") == len(topic.exercises)
