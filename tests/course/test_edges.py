"""Daily commands in odd places end in a sentence, never in a traceback."""

import os
import shutil
import subprocess
import sys

import pytest

from attend.checking.progress import StudentProgress
from attend.course.atomic_file import WriteError, whole_file
from attend.course.syllabus import load_course

from .common import TINY


@pytest.fixture
def checked(attend, own_tiny):
    """A course whose first topic is done and was checked; the student's file."""
    topic = own_tiny.topic("t01")
    shutil.copy(own_tiny.solution(topic), own_tiny.assignment(topic))
    assert attend("--course", own_tiny.root, "check", "t01").returncode == 0
    return own_tiny.assignment(topic)


def removed(path):
    path.unlink()


def utf_16(path):
    path.write_bytes(path.read_text().encode("utf-16"))


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_link_to_nowhere(path):
    path.unlink()
    path.symlink_to("/nowhere")


def a_null_character(path):
    path.write_bytes(path.read_bytes() + b"\0")


CHANGES = [removed, utf_16, a_folder, a_link_to_nowhere, a_null_character]


@pytest.mark.parametrize("change", CHANGES)
def test_progress_is_told_whatever_became_of_a_file(checked, own_tiny, change):
    topic = own_tiny.topic("t01")
    assert not StudentProgress(own_tiny).is_edited(topic)
    change(checked)
    progress = StudentProgress(own_tiny)
    assert progress.is_edited(topic) and len(progress.passed(topic)) == 2


@pytest.mark.parametrize("change", [utf_16, a_null_character])
def test_what_cannot_be_read_is_not_packed(attend, checked, own_tiny, tmp_path, change):
    change(checked)
    ran = attend("--course", own_tiny.root, "submit", "t01", "--out", tmp_path / "out")
    assert ran.returncode != 0 and "Traceback" not in ran.stderr
    assert not list((tmp_path / "out").glob("*.zip"))


def below_a_file(folder):
    (folder / "file").write_text("x")
    return folder / "file" / "out"


def a_file(folder):
    (folder / "file").write_text("x")
    return folder / "file"


def a_full_folder(folder):
    (folder / "dir" / "inner").mkdir(parents=True)
    return folder / "dir"


COMMANDS = {
    "export": (["gradebook", "export", "{results}"], "is no ordinary file"),
    "report": (["report", "{results}"], "is no ordinary file"),
    "feedback": (["feedback", "{results}"], "cannot be made"),
    "submit": (["submit", "t01"], "cannot be made"),
    "sample-class": (["sample-class", "--students", "1"], "file"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_out_of_the_wrong_kind_is_named(attend, tiny_class, checked, own_tiny, tmp_path, command):
    arguments, words = COMMANDS[command]
    arguments = [each.format(results=tiny_class / "results") for each in arguments]
    takes_a_file = words == "is no ordinary file"
    for place in (below_a_file, a_full_folder if takes_a_file else a_file):
        folder = tmp_path / place.__name__
        folder.mkdir()
        before = sorted(folder.rglob("*"))
        ran = attend("--course", own_tiny.root, *arguments, "--out", place(folder))
        assert ran.returncode == 2 and ran.stderr.splitlines()[-1].startswith("attend: ")
        assert "Traceback" not in ran.stderr and len(sorted(folder.rglob("*"))) <= len(before) + 2
        if place is not below_a_file:
            assert words in ran.stderr


def test_a_file_is_never_put_in_place_of_a_device_or_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(WriteError, match="no ordinary file"), whole_file(path) as part:
            part.write_text("x")
    assert list(tmp_path.iterdir()) == [tmp_path / "pipe"] and not (tmp_path / "pipe").is_file()


def test_a_file_system_that_is_read_only_is_named(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    with pytest.raises(WriteError, match="Read-only file system"), whole_file(tmp_path / "x"):
        refuse()
    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(WriteError, match="Read-only file system"), whole_file(tmp_path / "x") as part:
        part.write_text("x")


def read_only(*command: object) -> list[str]:
    """The command line of a command for which every file system is read-only."""
    return [
        str(word) for word in ("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", *command)
    ]


def has_bubblewrap() -> bool:
    if not shutil.which("bwrap"):
        return False
    return subprocess.run(read_only("true"), capture_output=True).returncode == 0


@pytest.mark.skipif(not has_bubblewrap(), reason="without bubblewrap there is no read-only mount to try")
@pytest.mark.parametrize("command", [["submit", "t01"], ["check", "t01"], ["progress"], ["hint", "t01.1"]])
def test_a_students_commands_on_a_read_only_mount(checked, own_tiny, command):
    line = read_only(sys.executable, "-m", "attend", "--course", own_tiny.root, *command)
    ran = subprocess.run(line, capture_output=True, text=True, cwd=own_tiny.root, timeout=100)
    assert "Traceback" not in ran.stderr
    if command[0] == "submit":
        assert ran.returncode == 2 and "Read-only file system" in ran.stderr
    else:
        assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("name", ["a [red] [0]", "x[/bold]y"])
def test_square_brackets_in_paths_are_shown_as_they_are(attend, tmp_path, name):
    root = tmp_path / name
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    course = load_course(root)
    shutil.copy(course.solution(course.topic("t01")), course.assignment(course.topic("t01")))
    checked = attend("--course", root, "check", "t01")
    assert checked.returncode == 0 and "✓ t01.2 shifted" in checked.stdout
    handed_in = root / "out" / "t01_tiny.zip"
    for command, shown in [
        (["submit", "t01", "--out", root / "out"], handed_in),
        (["grade", handed_in, "--out", root / "results", "--topic", "t01"], root / "results" / "grades.csv"),
        (["gradebook", "export", root / "results"], root / "results" / "export-csv.csv"),
        (["report", root / "results"], root / "results" / "report.html"),
        (["feedback", root / "results"], root / "results" / "feedback"),
        (["sample-class", "--students", "1", "--out", root / "class"], root / "class" / "truth.csv"),
    ]:  # fmt: skip
        ran = attend("--course", root, *command)
        assert ran.returncode == 0, ran.stderr
        assert str(shown) in ran.stdout


def test_an_error_that_nobody_has_foreseen_is_one_sentence(monkeypatch, capsys):
    from attend.cli import main
    from attend.cli.settings import settings

    def fail():
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr(settings, "course", fail)
    monkeypatch.setattr(sys, "argv", ["attend", "list"])
    with pytest.raises(SystemExit) as stopped:
        main()
    said = capsys.readouterr().err
    assert stopped.value.code == 70 and said.count("\n") == 1
    assert said.startswith(
        "attend: ZeroDivisionError: division by zero. This is an error in Attend itself: please report it."
    )
    monkeypatch.setenv("ATTEND_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main()


@pytest.mark.skipif(os.name != "posix", reason="a pipe whose reader is gone")
def test_a_reader_that_has_seen_enough_is_no_error():
    line = f"{sys.executable} -m attend --course {TINY} list | true"
    ran = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=100)
    assert "Traceback" not in ran.stderr and "Exception ignored" not in ran.stderr
