"""The doctor says what works here, what is lost, and what to do."""

import shutil
import sys
from importlib import metadata

import pytest

from attend.checking import doctor
from attend.course.syllabus import load_course
from attend.sandbox import probe


def by_name(findings) -> dict:
    return {finding.name: finding for finding in findings}


def test_everything_is_looked_at_and_what_fails_has_a_remedy():
    found = by_name(doctor.examine())
    assert {
        "python",
        "numpy",
        "torch",
        "copydetect",
        "bubblewrap",
        "seccomp",
        "level",
        "git",
        "node",
        "browser",
    } <= set(found)
    assert found["python"].works
    assert all(finding.remedy for finding in found.values())


def test_a_step_that_is_missing_says_what_is_lost(monkeypatch):
    monkeypatch.setenv(probe.DENY, "bubblewrap")
    found = by_name(doctor.examine())
    assert not found["bubblewrap"].works and "process table" in found["bubblewrap"].detail
    assert "apt install bubblewrap" in found["bubblewrap"].remedy
    assert not found["bubblewrap"].needed  # the next level does


def test_without_confinement_grading_does_not_work_and_the_exit_code_says_so(attend, tiny, monkeypatch):
    monkeypatch.setenv(probe.DENY, "bubblewrap,landlock,seccomp")
    ran = attend(tiny, "doctor")
    assert ran.code == 1
    assert "too weak" in ran.out and "Repair first: level" in ran.out


def test_a_package_that_is_missing_says_what_it_is_for(monkeypatch):
    version = metadata.version

    def missing(name):
        if name == "copydetect":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(doctor.metadata, "version", missing)
    found = by_name(doctor.examine())["copydetect"]
    assert not found.works and not found.needed
    assert "attend similar" in found.detail and "[similar]" in found.remedy


@pytest.mark.parametrize("program", ["git", "node"])
def test_a_program_that_is_missing_says_what_will_not_work(monkeypatch, program):
    which = doctor.shutil.which
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None if name == program else which(name))
    found = by_name(doctor.examine())[program]
    assert not found.works and "will not work" in found.detail


def test_a_student_is_told_only_what_a_student_needs(attend, tiny, tmp_path, monkeypatch):
    folder = tmp_path / "students"
    shutil.copytree(tiny.root, folder, ignore=shutil.ignore_patterns("solutions", "autograder"))
    monkeypatch.setenv(probe.DENY, "bubblewrap,landlock,seccomp")  # no concern of theirs
    ran = attend(load_course(folder), "doctor")
    assert ran.code == 0
    assert "watchfiles" in ran.out and "torch" in ran.out
    assert "Isolation" not in ran.out and "otter" not in ran.out


@pytest.mark.parametrize("command", [("grade", "x", "--out", "y"), ("audit", "t01")])
def test_a_students_copy_is_told_what_it_is_before_what_is_not_installed(
    attend, tiny, tmp_path, monkeypatch, command
):
    folder = tmp_path / "students"
    shutil.copytree(tiny.root, folder, ignore=shutil.ignore_patterns("solutions", "autograder"))
    for name in ("attend.authoring.audit", "attend.cli.instructor_output"):
        monkeypatch.setitem(sys.modules, name, None)  # as where an extra is missing
    ran = attend(load_course(folder), *command)
    assert ran.code == 2 and "is a students' copy of the course" in ran.err
