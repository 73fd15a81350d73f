"""A clone that a student wrote starts no program, gives out no object of another repository, and costs one row at most."""

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from attend.submissions import take_in
from attend.submissions.submission import read_entry

from ...instructor.test_git_clones import commit

MOMENT = datetime(2026, 10, 2, tzinfo=UTC)
SLUG = "t01_tiny.py"


@pytest.fixture
def clone(tmp_path, tiny):
    """Mallory's clone, with the reference in it, beside one of Ada."""
    text = tiny.solution(tiny.topic("t01")).read_text()
    for student in ("ada", "mallory"):
        commit(tmp_path / "class" / student, {SLUG: text}, MOMENT)
    return tmp_path / "class" / "mallory"


@pytest.fixture
def read(tiny, clone):
    """The submissions of the class, by student: Ada's is always right."""

    def take():
        intake = take_in(tiny, [clone.parent], ["t01"])
        found = {entry.student: read_entry(entry, tiny.topic("t01")) for entry in intake.entries}
        assert not found["ada"].refusal and "def scale" in found["ada"].text
        return found["mallory"]

    return take


def git(folder: Path, *words: str, given: bytes | None = None) -> str:
    person = ("-c", "user.name=M", "-c", "user.email=m@localhost")
    command = ["git", *person, "-C", str(folder), *words]
    return subprocess.run(command, input=given, check=True, capture_output=True).stdout.decode().strip()


def point_to(clone: Path, tree: str) -> None:
    """Make a commit of a tree, and check it out without touching files."""
    name = git(clone, "commit-tree", tree, "-m", "x")
    (clone / ".git" / "refs" / "heads" / "main").write_text(f"{name}\n")


def test_no_program_that_a_clone_names_is_run(clone, read, tmp_path):
    """Hooks, fsmonitor, pagers, filters, aliases, credential helpers, diff drivers, includes: none leaves its mark."""
    mark = tmp_path / "mark"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    script.chmod(0o755)
    included = tmp_path / "included"
    included.write_text(f"[core]\n\tfsmonitor = {script}\n")
    keys = (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "core.askPass",
        "core.alternateRefsCommand", "credential.helper", "diff.external", "filter.x.smudge", "filter.x.clean",
        "filter.x.process", "diff.x.textconv", "gpg.program", "uploadpack.packObjectsHook", "remote.origin.uploadpack",
        "alias.cat-file", "alias.rev-list", "alias.ls-tree",
    )  # fmt: skip
    # `git config` writes them as git reads them
    for key in keys:
        subprocess.run(["git", "config", "--file", str(tmp_path / "keys"), key, str(script)], check=True)
    config = (tmp_path / "keys").read_text()
    (clone / ".git" / "config").write_text(
        f"[core]\n\trepositoryformatversion = 1\n\thooksPath = {tmp_path}\n[include]\n\tpath = {included}\n"
        f'[extensions]\n\tpartialClone = origin\n\tworktreeConfig = true\n[remote "origin"]\n\turl = ext::{script}\n'
        f"\tpromisor = true\n{config}"
    )
    (clone / ".git" / "config.worktree").write_text(f"[core]\n\tfsmonitor = {script}\n")
    (clone / ".gitattributes").write_text("* filter=x diff=x\n")
    (clone / ".git" / "info").mkdir(exist_ok=True)
    (clone / ".git" / "info" / "attributes").write_text("* filter=x diff=x\n")
    hooks = clone / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "fsmonitor-watchman",
        "pre-auto-gc",
    ):
        shutil.copy(script, hooks / name)
    assert "def scale" in read().text
    # an object that is missing would be fetched from the remote
    blob = git_blob(clone)
    (clone / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert "damaged" in read().refusal
    assert not mark.exists()


def git_blob(clone: Path) -> str:
    """The object of the answer, found without the clone's own configuration."""
    moved = clone / ".git" / "config"
    text = moved.read_text()
    moved.write_text("[core]\n\trepositoryformatversion = 0\n")
    found = git(clone, "rev-parse", f"HEAD:{SLUG}")
    moved.write_text(text)
    return found


@pytest.fixture
def secret(tmp_path):
    """Another repository of this machine, with a file whose object a clone can name."""
    commit(tmp_path / "course", {SLUG: "# the solution\ndef scale(x, factor):\n    return x\n"}, MOMENT)
    return tmp_path / "course"


@pytest.mark.parametrize("way", ["alternates", "objects", "shard", "pack", "file", "loose"])
def test_no_object_of_another_repository_is_given_out(clone, read, secret, way):
    theirs, mine = secret / ".git" / "objects", clone / ".git" / "objects"
    tree = git(secret, "rev-parse", "HEAD^{tree}")
    commit_name = git(secret, "rev-parse", "HEAD")
    (clone / ".git" / "refs" / "heads" / "main").write_text(f"{commit_name}\n")
    if way == "alternates":
        (mine / "info").mkdir(exist_ok=True)
        (mine / "info" / "alternates").write_text(f"{theirs}\n")
    elif way == "objects":
        shutil.rmtree(mine)
        mine.symlink_to(theirs)
    elif way == "shard":
        for shard in theirs.iterdir():
            if len(shard.name) == 2 and not (mine / shard.name).exists():
                (mine / shard.name).symlink_to(shard)
    elif way == "pack":
        git(secret, "gc", "-q")
        shutil.rmtree(mine / "pack", ignore_errors=True)
        (mine / "pack").symlink_to(theirs / "pack")
    elif way == "loose":
        for name in (tree, commit_name, git(secret, "rev-parse", f"HEAD:{SLUG}")):
            (mine / name[:2]).mkdir(exist_ok=True)
            (mine / name[:2] / name[2:]).symlink_to(theirs / name[:2] / name[2:])
    else:
        shutil.rmtree(clone / ".git")
        (clone / ".git").write_text(f"gitdir: {secret / '.git'}\n")
    found = read()
    assert found.refusal and "solution" not in found.text


@pytest.mark.parametrize(
    "head",
    [
        "", "ref: refs/heads/../../../../course/.git/refs/heads/main", "ref: /etc/passwd", "ref: refs/heads/",
        "ref: HEAD", "0" * 40, "--help", "ref: refs/heads/--upload-pack=x", "x" * 5_000_000,
    ],
)  # fmt: skip
def test_a_head_that_names_something_else_is_refused(clone, read, secret, head):
    (clone / ".git" / "HEAD").write_text(f"{head}\n")
    assert read().refusal


def test_links_in_git_are_not_followed(clone, read, secret):
    for name in ("HEAD", "refs/heads/main"):
        path = clone / ".git" / name
        text = path.read_text()
        path.unlink()
        path.symlink_to(secret / ".git" / name)
        assert read().refusal
        path.unlink()
        path.write_text(text)
    assert not read().refusal


def test_links_and_submodules_of_a_commit_are_not_followed(clone, read, tmp_path):
    (tmp_path / "private.py").write_text("def scale(x, factor): return 'private'")
    link = git(clone, "hash-object", "-w", "--stdin", given=str(tmp_path / "private.py").encode())
    other = git(clone, "rev-parse", "HEAD")
    listing = f"120000 blob {link}\t{SLUG}\n160000 commit {other}\tmodule\n"
    point_to(clone, git(clone, "mktree", "--missing", given=listing.encode()))
    found = read()
    assert "is a link" in found.refusal and "private" not in found.text


def test_a_tree_that_unpacks_without_end_costs_one_row(clone, read):
    """Ten folders in each of ten folders, and so on, of the same few objects."""
    blob = git(clone, "hash-object", "-w", "--stdin", given=b"x = 1\n")
    tree = git(clone, "mktree", given="".join(f"100644 blob {blob}\tf{n}.py\n" for n in range(10)).encode())
    for _ in range(10):
        tree = git(clone, "mktree", given="".join(f"040000 tree {tree}\td{n}\n" for n in range(10)).encode())
    point_to(clone, tree)
    start = time.monotonic()
    assert read().refusal
    assert time.monotonic() - start < 120


def test_a_file_that_unpacks_to_much_is_refused(clone, read):
    blob = git(clone, "hash-object", "-w", "--stdin", given=b"#" * (64 << 20))
    point_to(clone, git(clone, "mktree", given=f"100644 blob {blob}\t{SLUG}\n".encode()))
    assert "more than 1,048,576 bytes" in read().refusal


@pytest.mark.parametrize("name", ["HEAD", "objects", "packed"])
def test_a_damaged_clone_costs_one_row(clone, read, name):
    if name == "HEAD":
        (clone / ".git" / "HEAD").unlink()
    elif name == "objects":
        for path in (clone / ".git" / "objects").rglob("*"):
            if path.is_file():
                path.chmod(0o644)
                path.write_bytes(b"\0" * 50)
    else:
        git(clone, "gc", "-q")
        for path in (clone / ".git" / "objects" / "pack").glob("*.pack"):
            path.chmod(0o644)
            path.write_bytes(path.read_bytes()[:40])
    assert read().refusal


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_in_git_is_not_waited_for(clone, read):
    path = clone / ".git" / "HEAD"
    path.unlink()
    os.mkfifo(path)
    assert read().refusal


def test_the_environment_names_no_other_repository(clone, read, secret, monkeypatch):
    """Attend itself may run in a hook of git, which sets such variables."""
    monkeypatch.setenv("GIT_DIR", str(secret / ".git"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(secret / ".git" / "objects"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "alias.x")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "!false")
    assert "solution" not in read().text


def test_times_that_cannot_be_cost_nothing(clone, read):
    tree = git(clone, "rev-parse", "HEAD^{tree}")
    text = f"tree {tree}\nauthor M <m@l> 99999999999999999 +0000\ncommitter M <m@l> 99999999999999999 +0000\n\nx\n"
    name = git(clone, "hash-object", "-w", "-t", "commit", "--stdin", "--literally", given=text.encode())
    (clone / ".git" / "refs" / "heads" / "main").write_text(f"{name}\n")
    assert "def scale" in read().text or read().refusal
