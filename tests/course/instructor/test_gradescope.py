"""Our own Gradescope zip, run in the folders that Gradescope has; its results, and otter's, as Gradescope documents them."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

from attend.grading.bundle import Wheel, needs_torch
from attend.grading.gradescope.build import build_gradescope_zip
from attend.grading.gradescope.results_json import failure, problems, results
from attend.grading.otter import build as otter_build

from .conftest import grade_of

ZIP = "t01_tiny-gradescope.zip"
WHEEL = Wheel("attend_course-1-py3-none-any.whl", b"a wheel")


@pytest.fixture(scope="session")
def packed(tiny, tmp_path_factory):
    """The zip of t01 of the tiny course. The tiny course has no package of its own, so the wheel is a stand-in."""
    folder = tmp_path_factory.mktemp("gradescope")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("attend.grading.gradescope.build.build_wheel", lambda root: WHEEL)
        return build_gradescope_zip(tiny, tiny.topic("t01"), folder)


@pytest.fixture
def autograder(packed, tmp_path):
    """Gradescope's folders below a root of our own; run with a submission, the results."""
    root = tmp_path / "autograder"
    tmp_path.chmod(0o755)
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(root / "source")
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())

    def run(files: dict[str, str], config: dict | None = None, python: str = sys.executable) -> dict:
        for name, text in files.items():
            path = root / "submission" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if config:
            path = root / "source" / "attend.json"
            path.write_text(json.dumps({**json.loads(path.read_text()), **config}))
        environment = {**os.environ, "ATTEND_AUTOGRADER": str(root), "ATTEND_PYTHON": python}
        done = subprocess.run(
            ["bash", str(root / "run_autograder")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert [path.name for path in (root / "results").iterdir()] == ["results.json"], done.stderr
        data = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
        assert problems(data) == []
        return data

    return run


def scores(data: dict) -> dict[str, float]:
    return {test["name"]: test["score"] for test in data["tests"]}


def test_the_zip_is_lean_and_the_same_each_time(packed, tiny, tmp_path, monkeypatch):
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        requirements = archive.read("requirements.txt").decode()
    assert set(names) >= {"setup.sh", "run_autograder"}  # at the root, as Gradescope wants them
    assert len(names) == 6 and modes["run_autograder"] & 0o111 and modes["setup.sh"] & 0o111
    assert requirements == "./attend_course-1-py3-none-any.whl[autograder]\n"
    monkeypatch.setattr("attend.grading.gradescope.build.build_wheel", lambda root: WHEEL)
    assert build_gradescope_zip(tiny, tiny.topic("t01"), tmp_path).read_bytes() == packed.read_bytes()


def test_an_image_has_pytorch_only_where_a_topic_needs_it(tiny, course):
    assert not needs_torch(tiny, tiny.topic("t01")) and needs_torch(tiny, tiny.topic("t02"))
    assert [topic.number for topic in course.topics if not needs_torch(course, topic)] == [
        topic.number for topic in course.topics if topic.library == "numpy"
    ]


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash(packed, script, tmp_path):
    with zipfile.ZipFile(packed) as archive:
        (tmp_path / script).write_bytes(archive.read(script))
    subprocess.run(["bash", "-n", str(tmp_path / script)], check=True)


def test_right_answers_earn_everything(autograder, answers):
    data = autograder({"t01_tiny.py": answers["right"]})
    assert scores(data) == {"t01.1 scale": 40.0, "t01.2 shifted": 60.0}
    assert data["score"] == 100.0 and data["stdout_visibility"] == "hidden"
    assert [test["status"] for test in data["tests"]] == ["passed", "passed"]
    assert [test["number"] for test in data["tests"]] == ["1.1", "1.2"]
    assert data["extra_data"]["isolation"] in ("namespaces", "landlock", "seccomp")


def test_a_known_mistake_is_told_and_no_value_is(autograder, answers):
    data = autograder({"homework.py": answers["wrong"]})  # under another name, too
    assert scores(data)["t01.1 scale"] < 40.0
    assert "You add the factor, and it multiplies." in data["tests"][0]["output"]
    assert "right, given your earlier answers" in data["tests"][1]["output"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "holds no t01_tiny.py"),
        ({"t01_tiny.py": "def scale(:"}, "a syntax error; line 1"),
        ({"notes.txt": "hello"}, "no Python file"),
        ({"t01_tiny.py": "import os\nos._exit(0)"}, "ended"),
    ],
    ids=["nothing", "syntax", "no code", "exit"],
)
def test_what_cannot_be_graded_gets_rows_and_words(autograder, files, words):
    data = autograder(files)
    assert words in data["output"]
    assert scores(data) == {"t01.1 scale": 0.0, "t01.2 shifted": 0.0}


def test_code_that_writes_results_of_its_own_does_not_get_them(autograder, answers, tmp_path):
    forged = (
        "import os\n"
        "for path in ('results/results.json', 'source/attend.json', 'source/course.zip'):\n"
        "    try:\n"
        f"        open(os.path.join({str(tmp_path / 'autograder')!r}, path), 'w').write('{{\"score\": 1000}}')\n"
        "    except OSError:\n"
        "        pass\n"
    )
    data = autograder({"t01_tiny.py": forged + answers["stub"]})
    assert data["score"] == 0.0


def test_where_time_runs_out_it_is_nobodys_fault(autograder, answers):
    slow = answers["right"].replace("    return x * factor", "    while True:\n        pass")
    data = autograder({"t01_tiny.py": slow}, {"seconds": 0.05})
    assert "not your code's fault: grading took longer" in data["output"]
    assert scores(data) == {"t01.1 scale": 0.0, "t01.2 shifted": 0.0}


def test_where_the_autograder_itself_fails_nobody_is_left_without_a_word(autograder, answers, tmp_path):
    assert "did not start" in autograder({"t01_tiny.py": answers["right"]}, python="/bin/false")["output"]
    (tmp_path / "autograder" / "source" / "course.zip").write_bytes(b"no zip")
    data = autograder({"t01_tiny.py": answers["right"]})
    assert "BadZipFile in the autograder" in data["output"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_the_process_that_grades_has_given_up_root(tmp_path):
    code = (
        "import os; from attend.grading.gradescope.run import give_up_root; give_up_root()\n"
        "print(os.getuid(), os.geteuid(), os.getgid(), os.getgroups())\n"
        "try:\n    os.setuid(0)\nexcept PermissionError:\n    print('for good')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["61183 61183 61183 []", "for good"]


def test_only_documented_fields_pass(tiny):
    grade = grade_of("ada", {"scale": ("full", 40.0, 40.0), "shifted": ("wrong", 0.0, 60.0)})
    good = results(tiny.topic("t01"), grade)
    assert problems(good) == []
    assert problems(failure(None, "the disk is full.")) == []
    assert problems({**good, "grade": 1}) == ["the results has 'grade', which is not documented"]
    assert problems({**good, "visibility": "shown"})
    assert problems({**good, "score": "100"})
    assert problems({"tests": [{"name": "t"}]})
    assert problems([]) == ["the results are no object"]
    assert problems({**good, "tests": [{**good["tests"][0], "status": "maybe"}]})


@pytest.mark.otter
def test_otters_results_are_what_gradescope_documents_and_the_same_points(course, lane, tmp_path):
    """The other zip, through the real `otter run`."""
    from attend.submissions import Entry

    topic = course.topic("t03")
    zip_path = otter_build.build_zip(course, topic, tmp_path / "otter")
    text = course.solution(topic).read_text(encoding="utf-8").replace("axis=axis", "axis=0", 1)
    handed_in = tmp_path / f"{topic.slug}.py"
    handed_in.write_text(text, encoding="utf-8")
    (tmp_path / "out").mkdir()
    command = [
        sys.executable,
        "-m",
        "otter",
        "run",
        handed_in,
        "-a",
        zip_path,
        "-o",
        tmp_path / "out",
        "--no-logo",
    ]
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=300)
    data = json.loads((tmp_path / "out" / "results.json").read_text())
    assert problems(data) == []
    grade = lane.grade(Entry("ada", topic.slug, handed_in))
    found = {test["name"]: test["score"] for test in data["tests"] if "max_score" in test}
    for row in grade.exercises:
        assert any(
            row.exercise in name and score == pytest.approx(row.points) for name, score in found.items()
        )
