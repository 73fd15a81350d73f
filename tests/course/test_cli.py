"""The `attend` command: exit codes, errors in one sentence, and nothing heavy imported to parse a line."""

import os
import shutil
import signal
import subprocess
import sys
import zipfile

import pytest

from .common import TINY, graded_so_far, wait_until

# exit codes


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["-h"],
        ["grade", "--help"],
        ["list"],
        ["check", "--code", "{tiny}/solutions"],
        ["check", "t01", "--code", "{tiny}/solutions"],
        ["check", "t01.2", "--code", "{tiny}/solutions"],
        ["stubs", "--check"],
        ["sample-class", "--students", "1", "--out", "{tmp}/class"],
    ],
    ids=" ".join,
)
def test_all_well_is_0(attend, tmp_path, arguments):
    run = attend("--course", TINY, *(each.format(tiny=TINY, tmp=tmp_path) for each in arguments))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout or "--check" in arguments


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["check"], "t01", id="stubs are not done"),
        pytest.param(["check", "--code", "{tmp}"], "not in {tmp}", id="no code"),
        pytest.param(["stubs", "--check"], "t01_tiny.py differs from what its solution makes", id="drift"),
    ],
)
def test_something_that_fails_a_check_is_1(attend, own_tiny, tmp_path, arguments, words):
    solution = own_tiny.solution(own_tiny.topic("t01"))
    solution.write_text(solution.read_text(encoding="utf-8") + "\nMORE = 1\n", encoding="utf-8")
    run = attend("--course", own_tiny.root, *(each.format(tmp=tmp_path) for each in arguments))
    assert run.returncode == 1
    assert words.format(tmp=tmp_path) in run.stdout


WRONG_USE = [
    pytest.param(["gradebook"], "missing command", id="half a command"),
    pytest.param(["chekc"], "no such command 'chekc'", id="unknown command"),
    pytest.param(["check", "--colour"], "no such option: --colour", id="unknown option"),
    pytest.param(["grade"], "missing argument 'PATH'", id="no argument"),
    pytest.param(["grade", "{tiny}"], "missing option '--out'", id="no --out"),
    pytest.param(
        ["check", "t09"], "there is no topic 't09'; the topics are: t01_tiny, t02_gate", id="unknown topic"
    ),
    pytest.param(["check", "t01.7"], "t01_tiny has no exercise", id="unknown exercise"),
    pytest.param(
        ["submit", "t09", "--out", "{tmp}"], "there is no topic 't09'", id="unknown topic to submit"
    ),
    pytest.param(["grade", "{tmp}/nowhere", "--out", "{tmp}/o"], "nowhere does not exist", id="no such path"),
    pytest.param(["grade", "{tmp}", "--out", "{tmp}/o"], "holds no submission", id="nothing handed in"),
    pytest.param(
        ["grade", "{tmp}", "--out", "{tmp}/o", "--jobs", "0"], "invalid value for '--jobs'", id="no lane"
    ),
    pytest.param(
        ["grade", "{tmp}", "--out", "{tmp}/o", "--jobs", "x"], "invalid value for '--jobs'", id="no number"
    ),
    pytest.param(
        ["grade", "{tmp}/class", "--out", "{tmp}/o", "--isolation", "cardboard"],
        "'cardboard' is unknown; the levels are namespaces",
        id="unknown isolation",
    ),
    pytest.param(["grade", "{tmp}/class", "--out", "{tmp}/file"], "name another --out", id="out is a file"),
    pytest.param(
        ["sample-class", "--students", "0", "--out", "{tmp}/c"], "'--students'", id="a class of nobody"
    ),
]


@pytest.fixture
def somewhere(tmp_path):
    """A folder with a class of one and a file that is no folder."""
    (tmp_path / "class" / "ada").mkdir(parents=True)
    shutil.copy(TINY / "solutions" / "t01_tiny.py", tmp_path / "class" / "ada")
    (tmp_path / "file").write_text("")
    return tmp_path


@pytest.mark.parametrize(("arguments", "words"), WRONG_USE)
def test_wrong_use_is_2_and_told_in_one_sentence_on_stderr(attend, somewhere, arguments, words):
    folder = somewhere / "empty" if words == "holds no submission" else somewhere
    folder.mkdir(exist_ok=True)
    run = attend("--course", TINY, *(each.format(tiny=TINY, tmp=folder) for each in arguments))
    assert run.returncode == 2
    assert words in run.stderr
    assert run.stderr.startswith("attend: ") and run.stderr.count("\n") == 1
    assert "Traceback" not in run.stdout


def test_where_there_is_no_course_it_says_how_to_name_one(attend, tmp_path):
    run = attend("list", cwd=tmp_path)
    assert run.returncode == 2
    assert "no course.toml in" in run.stderr and "--course DIR" in run.stderr


def test_a_course_that_does_not_exist_is_wrong_use(attend, tmp_path):
    run = attend("--course", tmp_path / "nowhere", "list")
    assert run.returncode == 2 and "course.toml does not exist" in run.stderr


def test_a_broken_course_is_wrong_use(attend, own_tiny):
    (own_tiny.root / "course.toml").write_text("[course", encoding="utf-8")
    run = attend("--course", own_tiny.root, "list")
    assert run.returncode == 2 and "cannot be read as TOML" in run.stderr


def test_the_course_is_found_from_a_folder_below(attend, own_tiny):
    run = attend("list", cwd=own_tiny.root / "docs" / "topics")
    assert run.returncode == 0 and "t01_tiny" in run.stdout


# what a machine without much can do


def imported(arguments: list[str], *heavy: str) -> set[str]:
    """Which of the `heavy` modules the command had imported when it was done."""
    program = (
        "import sys\nfrom attend.cli import main\n"
        f"sys.argv = ['attend', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print(*[name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return set(run.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["grade", "--help"], ["check", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(arguments):
    assert (
        imported(arguments, "torch", "numpy", "rich", "pytest", "sqlite3", "asyncio", "jinja2", "tomllib")
        == set()
    )


def test_the_list_imports_neither_numpy_nor_torch():
    assert imported(["--course", str(TINY), "list"], "torch", "numpy", "pytest") == set()


def test_a_numpy_topic_is_checked_without_torch(attend):
    arguments = ["--course", str(TINY), "check", "t01", "--code", str(TINY / "solutions")]
    assert imported(arguments, "torch", "numpy") == {"numpy"}


# what the commands do


def test_submit_packs_the_students_file(attend, own_tiny, tmp_path):
    run = attend("--course", own_tiny.root, "submit", "t01", "--out", tmp_path / "out")
    path = tmp_path / "out" / "t01_tiny.zip"
    assert run.returncode == 0 and f"Hand in {path}" in run.stdout
    with zipfile.ZipFile(path) as archive:
        assert archive.read("t01_tiny.py") == (own_tiny.root / "assignments" / "t01_tiny.py").read_bytes()


def test_what_was_packed_twice_is_the_same_to_the_byte(attend, own_tiny, tmp_path):
    packed = []
    for out in ("first", "second"):
        attend("--course", own_tiny.root, "submit", "t01", "--out", tmp_path / out)
        packed.append((tmp_path / out / "t01_tiny.zip").read_bytes())
    assert packed[0] == packed[1]


@pytest.mark.slow
def test_what_was_packed_can_be_graded(attend, own_tiny, tmp_path):
    shutil.copy(own_tiny.root / "solutions" / "t01_tiny.py", own_tiny.root / "assignments")
    attend("--course", own_tiny.root, "submit", "t01", "--out", tmp_path / "class" / "ada")
    run = attend("--course", own_tiny.root, "grade", tmp_path / "class", "--out", tmp_path / "results")
    assert run.returncode == 0 and "100 of 100" in run.stdout


def test_grading_ends_with_a_table_and_the_paths_of_what_was_written(tiny_class):
    output = (tiny_class / "output.txt").read_text(encoding="utf-8")
    assert "28 graded, 0 known before" in output and "isolation: " in output
    for name in ("grades.csv", "feedback", "report.html", "gradebook.sqlite"):
        assert str(tiny_class / "results" / name) in output
        assert (tiny_class / "results" / name).exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="an interrupt is sent")
def test_an_interrupted_batch_says_that_what_is_finished_is_kept(somewhere):
    solution = (TINY / "solutions" / "t01_tiny.py").read_text(encoding="utf-8")
    slow = f"{solution}\nimport time\ntime.sleep(1.5)\n"
    for number in range(20):
        folder = somewhere / "class" / f"slow-{number:02}"
        folder.mkdir()
        (folder / "t01_tiny.py").write_text(f"{slow}# {number}\n", encoding="utf-8")
    out = somewhere / "out"
    arguments = ["--course", str(TINY), "grade", str(somewhere / "class"), "--out", str(out), "--jobs", "1"]
    running = subprocess.Popen(
        [sys.executable, "-m", "attend", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    wait_until(lambda: graded_so_far(out) > 0)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does it: to everybody in the foreground
    _, errors = running.communicate(timeout=120)
    assert running.returncode == 130
    assert errors.rstrip().endswith("attend: stopped; what was finished is kept.")
    assert "Traceback" not in errors
    assert 0 < graded_so_far(out) < 21
