"""The lab notebook: made by the real `otter assign`, run, handed in as a student would, graded by the real `otter run`."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from attend.authoring.notebooks import NotebookError, assign, make_master, make_notebooks
from attend.authoring.stubs import find_drift
from attend.course.archives import EPOCH
from attend.course.syllabus import load_course
from attend.grading.bundle import build_wheel
from attend.grading.gradescope.results_json import problems
from attend.grading.otter.build import build_zip
from attend.lab.notebook import accuracy, curves, heat, translator
from attend.submissions import Entry

from ..common import COURSE

pytestmark = pytest.mark.otter

TOPIC = COURSE.topic("t14")
BLANK = COURSE.root / "assignments" / f"{TOPIC.slug}.ipynb"
SOLVED = COURSE.root / "solutions" / f"{TOPIC.slug}.ipynb"
NO_SHIFT = "    e = np.exp(np.asarray(x, dtype=float))\n    return e / e.sum(axis=0)"  # overflows
TREES = ("assignments", "docs/data", "tests/public")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """What `otter assign` makes of the master; otter itself runs every test on the solved notebook."""
    folder = tmp_path_factory.mktemp("assign")
    master = folder / f"{TOPIC.slug}.ipynb"
    master.write_text(json.dumps(make_master(COURSE, TOPIC)), encoding="utf-8")
    assign(master, folder / "made", "-v")
    return folder / "made"


@pytest.fixture(scope="module")
def ours(tmp_path_factory) -> Path:
    """The autograder zip of `attend build t14`."""
    return build_zip(COURSE, TOPIC, tmp_path_factory.mktemp("zip"))


@pytest.fixture
def student_tree(tmp_path) -> Path:
    """What a student has: no solutions, no graders."""
    root = tmp_path / "course"
    for name in TREES:
        shutil.copytree(COURSE.root / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("course.toml", "pyproject.toml"):
        shutil.copy(COURSE.root / name, root)
    return root


def otter_run(submission: Path, autograder: Path, out: Path) -> dict:
    out.mkdir()
    words = [sys.executable, "-m", "otter", "run", submission, "-a", autograder, "-o", out, "--no-logo"]
    subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=300)
    return json.loads((out / "results.json").read_text())


def earned(results: dict) -> float:
    return sum(test["score"] for test in results["tests"] if "max_score" in test)


def cells(path: Path) -> list[str]:
    data = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in data["cells"] if cell["cell_type"] == "code"]


def changed(source: Path, path: Path, change) -> Path:
    """A copy of a notebook with `change(cell's source)` in place of each code cell's source."""
    data = json.loads(source.read_text(encoding="utf-8"))
    for cell in data["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = change("".join(cell["source"]))
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def overflowing(source: str) -> str:
    """The solved softmax without its shift."""
    head, _, _ = source.partition("    x = np.asarray")
    return head + NO_SHIFT if source.startswith("def softmax") else source


# how it is made


def test_the_notebooks_are_those_that_the_master_makes():
    assert find_drift(COURSE, [TOPIC]) == []


def test_otter_makes_a_notebook_to_solve_a_solved_one_and_tests_of_which_students_get_the_public_ones():
    notebooks = make_notebooks(COURSE, TOPIC)
    names = {f"{exercise.name}.py" for exercise in TOPIC.exercises}
    assert set(notebooks.public_tests) == set(notebooks.all_tests) == names
    for name in names:
        assert "hidden=True" in notebooks.all_tests[name]
        assert notebooks.public_tests[name].count("def test_") == 1
        assert notebooks.all_tests[name].count("def test_") == 2
        assert "hidden=True" not in notebooks.public_tests[name]
    assert notebooks.student.count("raise NotImplementedError") == len(TOPIC.exercises)
    assert "NotImplementedError" not in notebooks.solved
    for mark in ("SOLUTION", "PROMPT", "float128", "otter"):
        assert mark not in notebooks.student + notebooks.solved


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```exercise\nsoftmax\n```\n", "holds the exercises softmax"),
        ("```hidden\ndef test(x):\n    pass\n```\n", "a hidden test follows no exercise"),
    ],
)
def test_a_master_that_is_not_well_formed_is_named(tmp_path, text, words):
    for name in ("solutions", "autograder/otter"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(COURSE.root / "course.toml", tmp_path)
    shutil.copy(COURSE.solution(TOPIC), tmp_path / "solutions")
    course = load_course(tmp_path)
    course.master(TOPIC).write_text(text, encoding="utf-8")
    with pytest.raises(NotebookError, match=words):
        make_master(course, TOPIC)


def test_otters_own_tests_fail_the_blank_notebook_and_its_hidden_ones_a_softmax_that_overflows(
    made, tmp_path
):
    """For a platform where otter has to do without our graders; `assign` has run them on the solved notebook."""
    zips = sorted((made / "autograder").glob("*.zip"))
    assert len(zips) == 1
    blank = otter_run(BLANK, zips[0], tmp_path / "blank")
    assert earned(blank) == 0
    wrong = changed(SOLVED, tmp_path / f"{TOPIC.slug}.ipynb", overflowing)
    found = otter_run(wrong, zips[0], tmp_path / "wrong")
    full = TOPIC.points - TOPIC.exercise("softmax").points
    assert full < earned(found) < TOPIC.points


# what a student does with it


def run_all(path: Path, folder: Path) -> list[list[dict]]:
    """Every code cell's outputs, by a real kernel; a cell that raises ends no run."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, 4)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, allow_errors=True, resources=resources).execute()
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def test_the_solved_notebook_runs_in_a_students_tree_and_reads_the_trained_translator(student_tree):
    outputs = run_all(SOLVED, student_tree / "assignments")
    errors = [output for many in outputs for output in many if output.output_type == "error"]
    assert errors == []
    shown = [output.data for many in outputs for output in many if "data" in output]
    pictures = [data["text/html"] for data in shown if "<svg" in data.get("text/html", "")]
    assert len(pictures) == 9 and all('role="img" ' in picture for picture in pictures)
    text = "\n".join(data["text/plain"] for data in shown)
    assert text.count("✓") == len(TOPIC.exercises)
    assert "0.119  0  0  0.881" in text and "comment  allez  vous" in text and "Bahdanau: 1.00" in text
    (printed,) = [
        output.text
        for many in outputs
        for output in many
        if output.output_type == "stream" and "difference" in output.text
    ]
    assert float(printed.split(":")[1]) <= 0.001


def test_the_blank_notebook_says_what_is_not_done(student_tree):
    outputs = run_all(BLANK, student_tree / "assignments")
    names = {output.ename for many in outputs for output in many if output.output_type == "error"}
    assert names <= {"NotImplementedError", "NameError"}
    text = "\n".join(output.data["text/plain"] for many in outputs for output in many if "data" in output)
    assert text.count("not done yet") == len(TOPIC.exercises) and "✓" not in text


@pytest.mark.parametrize("where", ["module", "notebook", "both"])
def test_check_and_submit_take_the_file_that_was_written_in(attend, student_tree, where):
    """The module wins once it is written in: here it is all right, the notebook beside it is wrong."""
    folder = student_tree / "assignments"
    if where != "notebook":
        shutil.copy(COURSE.solution(TOPIC), folder)
    if where == "notebook":
        shutil.copy(SOLVED, folder)
    if where == "both":
        changed(SOLVED, folder / SOLVED.name, overflowing)
    run = attend("--course", student_tree, "check", "t14", cwd=student_tree)
    assert run.returncode == 0, run.stdout
    run = attend("--course", student_tree, "submit", "t14", "--out", student_tree / "out", cwd=student_tree)
    assert run.returncode == 0, run.stdout
    from attend.submissions.submission import read_submission

    text = read_submission(student_tree / "out" / f"{TOPIC.slug}.zip", TOPIC, "ada").text
    assert text.startswith("# the code cells of a notebook") == (where == "notebook")


def test_a_mistake_in_a_notebook_is_put_down_to_its_cell(attend, student_tree):
    folder = student_tree / "assignments"
    changed(
        SOLVED,
        folder / SOLVED.name,
        lambda source: source.replace("return dec_hidden_state @", "return oops @"),
    )
    run = attend("--course", student_tree, "check", "t14", cwd=student_tree)
    number = 1 + next(n for n, source in enumerate(cells(SOLVED)) if "def dot_attention_score" in source)
    assert run.returncode == 1
    assert f"assignments/{SOLVED.name}, code cell {number}, line " in run.stdout
    assert "return oops @ annotations" in run.stdout


# how it is graded


def test_the_zip_for_otter_is_the_same_each_time_and_leaves_nothing_behind(ours, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    build_wheel.cache_clear()
    again = build_zip(COURSE, TOPIC, tmp_path / "zip")
    assert again.read_bytes() == ours.read_bytes()
    with zipfile.ZipFile(again) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {EPOCH}
    assert list((tmp_path / "temporary").iterdir()) == []


def test_otter_run_grades_solved_and_blank_notebooks_with_our_graders(ours, lane, tmp_path):
    for name, source, points in (("solved", SOLVED, 100), ("blank", BLANK, 0)):
        data = otter_run(source, ours, tmp_path / name)
        assert problems(data) == []
        assert data["score"] == points
        assert lane.grade(Entry("ada", TOPIC.slug, source)).points == points


def test_a_wrong_notebook_is_diagnosed_by_otter_run_as_by_attend_grade(ours, lane, tmp_path):
    wrong = changed(SOLVED, tmp_path / f"{TOPIC.slug}.ipynb", overflowing)
    grade = lane.grade(Entry("ada", TOPIC.slug, wrong))
    softmax = grade.exercises[2]
    assert softmax.outcome in ("wrong", "partial") and "overflow" in softmax.sentence
    data = otter_run(wrong, ours, tmp_path / "out")
    assert data["score"] == pytest.approx(grade.points)
    assert softmax.sentence in json.dumps(data, ensure_ascii=False)


def test_a_line_of_a_graded_notebook_is_told_by_its_cell(lane, tmp_path):
    """A module that fails on the same line of its text is told the line, whichever was graded first."""
    breaking = lambda source: source.replace("return dec_hidden_state @", "return oops @")  # noqa: E731
    notebook = changed(SOLVED, tmp_path / f"{TOPIC.slug}.ipynb", breaking)
    number = 1 + next(n for n, source in enumerate(cells(SOLVED)) if "def dot_attention_score" in source)
    module = tmp_path / f"{TOPIC.slug}.py"
    module.write_text(breaking(COURSE.solution(TOPIC).read_text(encoding="utf-8")), encoding="utf-8")
    for path, words in (
        (notebook, f"(code cell {number}, line "),
        (module, "(line "),
        (notebook, f"(code cell {number}, "),
    ):
        [*_, last] = lane.grade(Entry("ada", TOPIC.slug, path)).exercises[1].tests
        assert words in last.message and ("of your file" in last.message) == (path == module)


def test_a_class_of_modules_and_notebooks_is_graded(attend, tmp_path):
    """Where both lie in one hand-in, the one that was written in counts."""
    people = {"ada": [SOLVED], "ben": [COURSE.solution(TOPIC)], "cyd": [COURSE.assignment(TOPIC), SOLVED]}
    people["dan"] = [COURSE.solution(TOPIC), BLANK]
    for name, files in people.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        for file in files:
            shutil.copy(file, tmp_path / "class" / name)
    run = attend("grade", tmp_path / "class", "--topic", "t14", "--out", tmp_path / "out", "--jobs", 1)
    assert run.returncode == 0, run.stderr
    rows = (tmp_path / "out" / "grades.csv").read_text().splitlines()[1:]
    assert len(rows) == 20 and all(",full," in row for row in rows)


# what it is made of


def test_a_heat_map_says_its_numbers_in_words_and_draws_what_is_no_number():
    picture = heat(np.array([[1.0, -0.5], [0.25, np.nan]]), ["a", "b"], ["c<", "d"], "a title")
    assert picture.words == "a title\nc<  d\na  1  -0.5\nb  0.25  nan"
    assert "c&lt;" in picture.svg and 'fill-opacity="0.38"' in picture.svg
    assert repr(heat(927)) == "927"
    with pytest.raises(ValueError, match="shape"):
        heat(np.zeros((2, 2, 2)))


def test_curves_have_a_dash_each_and_words():
    picture = curves({"one": [0.0, 1.0], "two": [0.5, 0.5]}, ["short", "long"], "words", "right")
    assert picture.words == "right by words:\n  at short, long\n  one: 0.00, 1.00\n  two: 0.50, 0.50"
    assert 'stroke-dasharray="7 4"' in picture.svg


def test_the_translators_numbers_give_its_alignment_and_show_what_attention_is_worth():
    for look in translator().values():
        scores = look.states @ look.annotations
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        assert np.abs(weights - look.alignment).max() < 1e-3
    assert look.states.shape[1] == look.annotations.shape[0]
    lengths, shares = accuracy()
    assert shares["no attention"][lengths.index("21–30")] <= 0.05 < 0.95 <= shares["Luong"][2]


def test_the_notebook_needs_no_more_than_numpy(student_tree):
    """Its imports, in a process where PyTorch and matplotlib cannot be imported."""
    code = (
        "import sys\nfor name in ('torch', 'matplotlib', 'otter'): sys.modules[name] = None\n"
        + cells(SOLVED)[0]
    )
    code += "\ntranslator(); accuracy(); heat(np.eye(2)); check('t14.5')"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=student_tree / "assignments",
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert run.returncode == 0, run.stderr
