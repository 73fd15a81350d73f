"""Releases: the students' tree and the solutions, cloned and used as a student would."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from attend.authoring.release import HIDDEN, ReleaseError, release_to_branch, release_to_folder, without_marks
from attend.course.syllabus import load_course

from ..common import ROOT
from .conftest import git

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="a release is made with git")


@pytest.fixture
def repository(own_tiny):
    """The tiny course in a repository of its own, with a README and a package to install."""
    (own_tiny.root / "README.md").write_text("for instructors\n")
    (own_tiny.root / "tests" / "course").mkdir()
    (own_tiny.root / "tests" / "course" / "test_secret.py").write_text("def test_secret():\n    pass\n")
    (own_tiny.root / "Makefile").write_text("test:\n")
    git(own_tiny.root, "init", "--quiet")
    commit(own_tiny.root)
    return own_tiny


def commit(root: Path, message: str = "A commit") -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD")


def files(folder: Path) -> set[str]:
    return set(git(folder, "ls-files").splitlines())


def objects(folder: Path) -> set[str]:
    """Every path that any commit of any branch ever had, and every blob."""
    lines = git(folder, "rev-list", "--objects", "--all").splitlines()
    kept = git(folder, "cat-file", "--batch-check", "--batch-all-objects").splitlines()
    return {word for line in lines for word in line.split(" ", 1)} | {line.split()[0] for line in kept}


def hidden_blobs(root: Path) -> set[str]:
    tree = git(root, "ls-tree", "-r", "HEAD").splitlines()
    blobs = {line.split()[2] for line in tree if line.split("\t")[1].startswith(HIDDEN)}
    return blobs - {git(root, "hash-object", "-t", "blob", "/dev/null")}  # an empty file is like any other


def test_students_get_stubs_and_nothing_hidden_is_in_it_or_its_history(repository, tmp_path):
    made = release_to_folder(repository, "student", tmp_path / "student")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(tmp_path / "student"), str(clone))
    assert git(clone, "rev-parse", "HEAD") == made.commit and git(clone, "branch", "--show-current") == "main"
    assert files(clone) >= {
        "assignments/t01_tiny.py",
        "tests/public/test_t01_tiny.py",
        "course.toml",
        "README.md",
    }
    assert not any(path.startswith(HIDDEN) or path == "Makefile" for path in files(clone))
    everything = objects(tmp_path / "student")
    assert not hidden_blobs(repository.root) & everything
    assert not any(word.startswith(HIDDEN) for word in everything)
    assert (clone / "assignments/t01_tiny.py").read_text() == repository.assignment(
        repository.topics[0]
    ).read_text()
    assert "instructors" not in (clone / "README.md").read_text()
    assert git(clone, "status", "--porcelain") == ""


def test_the_same_input_gives_the_same_hash(repository, tmp_path, monkeypatch):
    first = release_to_folder(repository, "student", tmp_path / "first")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody else")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    git(repository.root, "config", "core.autocrlf", "true")
    (repository.root / "course.toml").write_text("not committed")
    second = release_to_folder(repository, "student", tmp_path / "second")
    branch = release_to_branch(repository, "student", "student")
    assert first.commit == second.commit == branch.commit
    solutions = {release_to_folder(repository, "solutions", tmp_path / name).commit for name in ("a", "b")}
    assert len(solutions) == 1 and first.commit not in solutions


def test_a_release_leaves_no_trace_beside_its_branch(repository, tmp_path):
    before = git(repository.root, "for-each-ref"), git(repository.root, "status", "--porcelain")
    release_to_folder(repository, "student", tmp_path / "student")
    assert (git(repository.root, "for-each-ref"), git(repository.root, "status", "--porcelain")) == before


def test_a_branch_grows_by_a_commit_when_something_changed(repository):
    first = release_to_branch(repository, "student", "student")
    assert not release_to_branch(repository, "student", "student").changed
    hidden = repository.graders(repository.topics[0])
    hidden.write_text(hidden.read_text() + "\n# stricter\n")
    commit(repository.root)
    same = release_to_branch(repository, "student", "student")  # students see no difference, and get none
    assert (same.commit, same.changed) == (first.commit, False)
    page = repository.page(repository.topics[0])
    page.write_text(page.read_text() + "\nA correction.\n")
    commit(repository.root)
    second = release_to_branch(repository, "student", "student")
    assert second.changed and git(repository.root, "rev-parse", f"{second.commit}^") == first.commit
    assert not any(
        word.startswith(HIDDEN) for word in git(repository.root, "log", "--name-only", "student").split()
    )


def test_a_branch_whose_history_holds_something_hidden_is_refused(repository):
    git(repository.root, "branch", "student")
    with pytest.raises(ReleaseError, match="history of student holds solutions/"):
        release_to_branch(repository, "student", "student")


def test_a_branch_that_is_checked_out_is_refused(repository):
    with pytest.raises(ReleaseError, match="checked out"):
        release_to_branch(repository, "student", git(repository.root, "branch", "--show-current"))


@pytest.mark.parametrize("source", ["solutions/t02_gate.py", "autograder/misconceptions/t02_gate.py"])
def test_a_page_that_quotes_an_answer_stops_the_release(repository, tmp_path, source):
    lines = [
        "total = 0.0",
        "for number in self.layer(x).flatten().tolist():",
        "    total += number",
        "return total",
    ]
    path = repository.root / source
    text = path.read_text()
    if "solutions" in source:
        body = "\n".join(f"        {line}" for line in lines)
        text = text.replace("        return torch.sigmoid(self.layer(x))", body)
    else:
        body = "\n".join(f"    {line}" for line in lines)
        text += (
            f'\n\n@misconception("open", "You add up.")\ndef added_up(self, x):\n    """Words."""\n{body}\n'
        )
    path.write_text(text)
    page = repository.page(repository.topics[0])
    quoted = "\n".join(lines)
    page.write_text(page.read_text() + f"\n```python\n{quoted}\n```\n")
    commit(repository.root)
    with pytest.raises(ReleaseError, match=r"docs/topics/t01_tiny.md quotes"):
        release_to_folder(repository, "student", tmp_path / "student")


def test_one_line_that_is_a_whole_solution_stops_the_release(repository, tmp_path):
    page = repository.page(repository.topics[0])
    page.write_text(page.read_text() + "\nWrite `return torch.sigmoid(self.layer(x))`.\n")
    commit(repository.root)
    with pytest.raises(ReleaseError, match=r"t01_tiny.md quotes solutions/t02_gate.py, region"):
        release_to_folder(repository, "student", tmp_path / "student")
    assert not (tmp_path / "student").exists()
    # who is given the solutions may read this page
    release_to_folder(repository, "solutions", tmp_path / "solutions")


def test_a_solved_assignment_does_not_leave(repository, tmp_path):
    topic = repository.topics[0]
    repository.assignment(topic).write_text(repository.solution(topic).read_text())
    commit(repository.root)
    release_to_folder(repository, "student", tmp_path / "student")
    assert "NotImplementedError" in (tmp_path / "student" / "assignments" / "t01_tiny.py").read_text()


def test_tables_of_people_and_tests_of_no_topic_stay_at_home(repository, tmp_path):
    toml = repository.root / "course.toml"
    toml.write_text(
        toml.read_text().replace(
            "[grading]", '[policy]\nextensions = "extensions.csv"\nadjustments = "adjusted.csv"\n\n[grading]'
        )
    )
    (repository.root / "extensions.csv").write_text("student,days\nada,3\n")
    (repository.root / "adjusted.csv").write_text("student,topic,exercise,points,reason\n")
    (repository.root / "tests" / "public" / "test_t09_draft.py").write_text("")
    commit(repository.root)
    release_to_folder(load_course(repository.root), "student", tmp_path / "student")
    assert not {"extensions.csv", "adjusted.csv", "tests/public/test_t09_draft.py"} & files(
        tmp_path / "student"
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("student",), "name the target"),
        (("student", "--out", "here", "--branch", "there"), "name the target"),
        (("student", "--out", "full"), "not empty"),
        (("student", "--out", "new", "--commit", "nonsense"), "no commit 'nonsense'"),
    ],
)
def test_the_command_says_what_is_wrong(attend, repository, tmp_path, monkeypatch, arguments, problem):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    ran = attend(repository, "release", *arguments)
    assert ran.code in (1, 2) and problem in ran.err


def test_a_folder_that_is_no_repository_is_named(attend, own_tiny, tmp_path):
    ran = attend(own_tiny, "release", "student", "--out", tmp_path / "student")
    assert ran.code == 1 and "is no git repository" in ran.err


def test_solutions_are_read_without_the_marks():
    assert without_marks("a\n    # BEGIN SOLUTION\n    b\n    # END SOLUTION\nc\n") == "a\n    b\nc\n"


# The real course, as it stands in the last commit.


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Both releases of the real course, cloned, and a virtual environment that sees this one's packages."""
    if not (ROOT / ".git").exists():
        pytest.skip("this copy of the course is no repository")
    folder = tmp_path_factory.mktemp("releases")
    git(folder, "clone", "--quiet", str(ROOT), "instructors")
    course = load_course(folder / "instructors")
    for kind in ("student", "solutions"):
        release_to_branch(course, kind, kind)
        git(
            folder,
            "clone",
            "--quiet",
            "--no-local",
            "--branch",
            kind,
            "--single-branch",
            str(folder / "instructors"),
            kind,
        )
    return folder


@pytest.fixture(scope="module")
def installed(real):
    """The students' release, installed as it says, but without asking any registry."""
    home = real / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    packages = sysconfig.get_path("purelib", vars={"base": str(home)})
    Path(packages, "outside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    run(python, "-m", "pip", "install", *options, ".", cwd=real / "student")
    return python


def run(*command, cwd: Path, check: bool = True, **more) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    environment = {**kept, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        **more,
    )
    assert not check or done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done


def test_the_real_release_holds_nothing_hidden(real):
    everything = objects(real / "student")
    assert not hidden_blobs(real / "instructors") & everything
    assert not any(word.startswith(HIDDEN) for word in everything)


def test_the_real_release_installs_and_every_stub_fails(real, installed):
    student = real / "student"
    done = run(installed, "-m", "attend", "check", cwd=student, check=False)
    assert done.returncode == 1
    where = run(installed, "-c", "import attend; print(attend.__file__)", cwd=real).stdout
    assert str(real / "venv") in where
    course = load_course(student)
    assert not re.search("✓", done.stdout) and "not begun" in done.stdout, done.stdout
    for topic in course.topics:
        assert course.assignment(topic).read_text().count("raise NotImplementedError") >= len(topic.exercises)


def test_in_the_solutions_every_public_test_passes(real):
    solutions = real / "solutions"
    course = load_course(solutions)
    assert not (solutions / "autograder").exists() and not (solutions / "solutions").exists()
    for topic in course.topics:
        assert "BEGIN SOLUTION" not in course.assignment(topic).read_text()
    done = run(
        sys.executable,
        "-m",
        "pytest",
        "tests/public",
        "-q",
        "-p",
        "no:cacheprovider",
        cwd=solutions,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    "words",
    [
        ("grade", "assignments/t01_tiny.py", "--out", "out"),
        ("audit",),
        ("build",),
        ("stubs",),
        ("sample-class", "--out", "out"),
        ("release", "student", "--out", "out"),
        ("new-topic", "t15_new"),
    ],
    ids=lambda words: words[0],
)
def test_instructors_commands_say_that_a_students_copy_is_one(
    attend, repository, tmp_path, monkeypatch, words
):
    release_to_folder(repository, "student", tmp_path / "student")
    monkeypatch.chdir(tmp_path / "student")
    ran = attend(load_course(tmp_path / "student"), *words)
    assert ran.code == 2 and "students' copy of the course" in ran.err
