"""The doctor says what works here, what is lost, and what to do."""

import shutil
import subprocess
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


VERSION = """from typing import Optional
__version__ = '9.9.0'
cuda: Optional[str] = {cuda}
hip: Optional[str] = {hip}
"""


def installed(folder, name: str, version: str, files: dict[str, str]) -> None:
    """A distribution in `folder`, as pip leaves one."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    files = files | {f"{info.name}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
    record = "\n".join(f"{path},," for path in [*files, f"{info.name}/RECORD"])
    for path, text in (files | {f"{info.name}/RECORD": record}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("cuda", "hip", "words"),
    [
        ("None", "None", "9.9.0, CPU build, 2 MB on disk"),
        ("'13.0'", "None", "9.9.0, CUDA 13.0 build, 5 MB on disk with 2 packages"),
        ("None", "'6.4'", "9.9.0, ROCm 6.4 build, 5 MB on disk with 2 packages"),
    ],
    ids=["CPU", "CUDA", "ROCm"],
)
def test_pytorchs_build_and_size_are_told(tmp_path, cuda, hip, words):
    """In a process of its own, which finds only the packages that this test wrote."""
    files = {"torch/__init__.py": "raise SystemExit('imported')", "torch/lib.so": "x" * 2_000_000}
    version = {"torch/version.py": VERSION.format(cuda=cuda, hip=hip)}
    installed(tmp_path, "torch", "9.9.0", files | version)
    installed(tmp_path, "nvidia-cublas-cu13", "1.0", {"nvidia/cublas.so": "x" * 2_000_000})
    installed(tmp_path, "triton", "3.0", {"triton/core.so": "x" * 1_000_000})
    installed(tmp_path, "unrelated", "1.0", {"unrelated.py": "x" * 9_000_000})
    code = (
        "import sys; from attend.checking.torch_build import describe_torch; "
        "sys.path = [sys.argv[1], *(path for path in sys.path if 'site-packages' not in path)]; print(describe_torch())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(words)
    assert ("a CPU build is enough" in done.stdout) == ("CPU build," not in words)


def test_a_machine_without_pytorch_is_told_so(monkeypatch):
    def missing():
        raise metadata.PackageNotFoundError("torch")

    monkeypatch.setattr(doctor, "describe_torch", missing)
    found = by_name(doctor.examine())["torch"]
    assert not found.works and found.detail == "not installed: the PyTorch topics will not work"
