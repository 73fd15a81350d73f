"""A folder of clones is a class: the last commit before the due date counts, and its time is the hand-in time."""

import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from attend.course.rules import Policy
from attend.submissions import BatchError, take_in
from attend.submissions.submission import read_entry

from ..common import read_rows

DUE = datetime(2026, 10, 2, 21, 59, tzinfo=UTC)
POLICY = Policy(due={"t01_tiny": DUE}, late_percent_per_day=10, grace_minutes=5)


def commit(folder: Path, files: dict[str, str | bytes], moment: datetime) -> str:
    """Commit files at a moment in the repository `folder`, which is made where it is not there; the commit."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = moment.isoformat()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp, "GIT_CONFIG_GLOBAL": os.devnull}
    person = ("-c", "user.name=A", "-c", "user.email=a@localhost", "-c", "init.defaultBranch=main")

    def git(*words: str) -> str:
        command = ["git", *person, "-C", str(folder), *words]
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    if not (folder / ".git").exists():
        git("init", "-q")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "work")
    return git("rev-parse", "HEAD")


@pytest.fixture
def clones(tmp_path, answers):
    """`t01-submissions`, as GitHub Classroom's tools clone it: each begins with the stub."""
    root = tmp_path / "t01-submissions"

    def begin(student: str) -> Path:
        commit(root / f"t01-{student}", {"t01_tiny.py": answers["stub"]}, DUE - timedelta(days=9))
        return root / f"t01-{student}"

    begin.root = root
    return begin


def taken(course, path: Path, *topics: str, **rules):
    course = replace(course, policy=replace(POLICY, **rules))
    intake = take_in(course, [path], list(topics) or None)
    return {entry.student: entry for entry in intake.entries}, intake


def text_of(course, entry) -> str:
    return read_entry(entry, course.by_slug[entry.topic]).text


@pytest.mark.parametrize("topics", [("t01",), ()])
def test_the_last_commit_before_the_due_date_counts(clones, tiny, answers, topics):
    ada = clones("ada")
    commit(ada, {"t01_tiny.py": answers["wrong"]}, DUE - timedelta(days=1))
    name = commit(ada, {"t01_tiny.py": answers["right"]}, DUE + timedelta(minutes=4))
    commit(ada, {"t01_tiny.py": answers["wrong"]}, DUE + timedelta(minutes=6))
    # what is not committed does not count
    (ada / "t01_tiny.py").write_text("raise SystemExit")
    found, intake = taken(tiny, clones.root, *topics)
    assert intake.shapes == [f"{clones.root}: clones of git, 1 of 1 entries taken"]
    assert text_of(tiny, found["ada"]) == answers["right"]
    assert (found["ada"].submitted, found["ada"].reference) == (DUE + timedelta(minutes=4), name)
    assert intake.notes == [f"ada: 1 commit after the due date of t01 did not count; {name[:10]} counts."]


def test_where_nothing_is_written_in_time_the_latest_commit_counts_late(clones, tiny, answers):
    ada = clones("ada")
    commit(ada, {"t01_tiny.py": answers["right"]}, DUE + timedelta(days=2))
    found, intake = taken(tiny, clones.root)
    assert found["ada"].submitted == DUE + timedelta(days=2) and intake.notes == []
    assert text_of(tiny, found["ada"]) == answers["right"]


def test_where_the_best_attempt_counts_both_are_attempts(clones, tiny, answers):
    ada = clones("ada")
    commit(ada, {"t01_tiny.py": answers["wrong"]}, DUE - timedelta(days=1))
    commit(ada, {"t01_tiny.py": answers["right"]}, DUE + timedelta(days=1))
    found, _ = taken(tiny, clones.root, attempts="best")
    assert text_of(tiny, found["ada"]) == answers["right"]
    assert [text_of(tiny, each) for each in found["ada"].earlier] == [answers["wrong"]]


def test_each_topic_has_its_own_commit(clones, tiny, answers):
    ada = clones("ada")
    gate = tiny.solution(tiny.topic("t02")).read_text()
    commit(ada, {"t01_tiny.py": answers["right"]}, DUE - timedelta(hours=1))
    commit(ada, {"t01_tiny.py": answers["wrong"], "week 2/t02_gate.py": gate}, DUE + timedelta(days=3))
    due = {"t01_tiny": DUE, "t02_gate": DUE + timedelta(days=7)}
    course = replace(tiny, policy=replace(POLICY, due=due))
    entries = {entry.topic: entry for entry in take_in(course, [clones.root]).entries}
    assert text_of(tiny, entries["t01_tiny"]) == answers["right"]
    assert text_of(tiny, entries["t02_gate"]) == gate
    assert entries["t02_gate"].submitted == DUE + timedelta(days=3)


def test_gitlabs_folders_and_packed_and_shallow_clones(tmp_path, tiny, answers):
    """A folder a student with a clone in it; objects in packs, references in one file, a history that is cut off."""
    source = tmp_path / "source"
    commit(source, {"t01_tiny.py": answers["stub"]}, DUE - timedelta(days=5))
    commit(source, {"t01_tiny.py": answers["right"]}, DUE - timedelta(days=1))
    root = tmp_path / "group"
    for student, options in {"ada": (), "bela": ("--depth", "1"), "chen": ("--no-checkout",)}.items():
        command = ["git", "clone", "-q", *options, f"file://{source}", str(root / student / "homework")]
        subprocess.run(command, check=True, capture_output=True)
    subprocess.run(["git", "-C", str(root / "ada" / "homework"), "pack-refs", "--all"], check=True)
    subprocess.run(["git", "-C", str(root / "ada" / "homework"), "gc", "-q"], check=True)
    found, _ = taken(tiny, root)
    assert list(found) == ["ada", "bela", "chen"]
    for entry in found.values():
        assert text_of(tiny, entry) == answers["right"]
        assert entry.submitted == DUE - timedelta(days=1)


def test_a_class_of_clones_is_graded_with_extensions(attend, clones, own_tiny, answers, tmp_path):
    for student in ("ada", "bela"):
        folder = clones(student)
        commit(folder, {"t01_tiny.py": answers["wrong"]}, DUE - timedelta(days=1))
        commit(folder, {"t01_tiny.py": answers["right"]}, DUE + timedelta(days=1))
    (clones.root / "notes").mkdir()
    toml = own_tiny.root / "course.toml"
    rules = 'extensions = "extensions.csv"\n[policy.due]\nt01 = 2026-10-02T21:59:00Z\n'
    toml.write_text(f"{toml.read_text()}\n[policy]\n{rules}")
    (own_tiny.root / "extensions.csv").write_text("student,topic,days\nAda,t01,2\n")
    ran = attend(own_tiny, "grade", clones.root, "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert "notes is no clone and holds none; it was not taken." in ran.out
    points = {}
    for row in read_rows(tmp_path / "out" / "grades.csv"):
        points[row["student"]] = points.get(row["student"], 0) + float(row["points"])
    assert points["ada"] == 100 and points["bela"] < 100


def test_names_keep_what_is_no_classrooms_prefix(tmp_path, tiny, answers):
    for name in ("ada-byron", "ada-lovelace"):
        commit(tmp_path / "class" / name, {"t01_tiny.py": answers["right"]}, DUE)
    found, _ = taken(tiny, tmp_path / "class")
    assert list(found) == ["ada-byron", "ada-lovelace"]


def test_a_single_clone_and_other_folders_are_named(clones, tiny, answers, tmp_path):
    commit(clones("ada"), {"t01_tiny.py": answers["right"]}, DUE)
    course = replace(tiny, policy=POLICY)
    [entry] = take_in(course, [clones.root / "t01-ada"], None, "git").entries
    assert (entry.student, entry.submitted) == ("t01-ada", DUE)
    (tmp_path / "plain" / "ada").mkdir(parents=True)
    (tmp_path / "file.py").write_text("")
    for path in ("plain", "file.py"):
        with pytest.raises(BatchError, match="clone"):
            take_in(course, [tmp_path / path], None, "git")


def test_a_folder_of_plain_hand_ins_with_one_clone_stays_one(tmp_path, tiny, answers):
    for name in ("ada", "bela", "chen"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "t01_tiny.py").write_text(answers["right"])
    commit(tmp_path / "class" / "chen", {}, DUE)
    _, intake = taken(tiny, tmp_path / "class")
    assert intake.shapes == [f"{tmp_path / 'class'}: a folder a student, 3 of 3 entries taken"]


def test_a_platforms_download_stays_one_where_students_hand_in_clones(tmp_path, tiny, answers):
    for name in ("Ada Eliot_201_assignsubmission_file_", "Bela Oe_202_assignsubmission_file_"):
        commit(tmp_path / "class" / name, {"t01_tiny.py": answers["stub"]}, DUE - timedelta(days=1))
        (tmp_path / "class" / name / "t01_tiny.py").write_text(answers["right"])
    found, intake = taken(tiny, tmp_path / "class")
    assert "a download of Moodle" in intake.shapes[0]
    assert text_of(tiny, found["Ada Eliot_201"]) == answers["right"]
