"""Find out what works on this machine, and what to do about what does not."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from attend.checking.torch_build import describe_torch

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
# extra → distribution → what it is for
PACKAGES = {
    "to learn": {
        "numpy": "the NumPy topics",
        "pytest": "attend check",
        "typer": "this command",
        "rich": "its tables",
        "jaxtyping": "the shapes in signatures",
        "watchfiles": "attend watch",
    },
    "torch": {"torch": "the PyTorch topics"},
    "grading": {
        "msgspec": "messages to the jailed worker",
        "pyseccomp": "the filter of system calls",
        "jinja2": "feedback and reports",
        "matplotlib": "plots in the report",
        "otter-grader": "otter's autograder zips",
        "pyyaml": "Gradescope's downloads",
    },
    "dask": {"distributed": "attend grade --scheduler"},
    "similar": {"copydetect": "attend similar"},
    "site": {"mkdocs-material": "make site"},
}
# what an instructor's daily work needs
NEEDED = ("to learn", "torch", "grading")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True)
class Finding:
    """The result of one test of the machine.

    detail: the version, or what is missing.
    needed: whether the daily work needs it.
    """

    part: str
    name: str
    works: bool
    detail: str
    remedy: str = ""
    needed: bool = True


def examine() -> list[Finding]:
    """All findings, in the order in which they are printed."""
    return [_python(), *_packages(), *_isolation(), *_programs()]


def examine_for_student() -> list[Finding]:
    """What a student needs: no isolation, no grading. PyTorch is for later topics."""
    packages = [
        replace(finding, needed=finding.name != "torch")
        for finding in _packages()
        if any(finding.name in PACKAGES[extra] for extra in ("to learn", "torch"))
    ]
    return [_python(), *packages]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    works = sys.version_info[:2] >= OLDEST_PYTHON
    oldest = ".".join(map(str, OLDEST_PYTHON))
    return Finding("Python", "python", works, version, f"install Python {oldest} or newer")


def _packages() -> list[Finding]:
    findings = []
    for extra, packages in PACKAGES.items():
        install = "pip install -e ." if extra == "to learn" else f"pip install -e '.[{extra}]'"
        for name, purpose in packages.items():
            if name == "pyseccomp" and sys.platform != "linux":
                continue
            try:
                detail = describe_torch() if name == "torch" else metadata.version(name)
                works = True
            except metadata.PackageNotFoundError:
                detail, works = f"not installed: {purpose} will not work", False
            findings.append(Finding("Packages", name, works, detail, install, needed=extra in NEEDED))
    return findings


def _isolation() -> list[Finding]:
    """Each step of the isolation, tried; then the level that they reach together."""
    from attend.sandbox import jail

    remedies = {
        "bubblewrap": "install bubblewrap (Debian, Ubuntu: apt install bubblewrap); containers often forbid it",
        "user": "grade as root, in a container of its own",
        "landlock": "a Linux kernel of 5.13 or newer with Landlock switched on",
        "seccomp": "install libseccomp (Debian, Ubuntu: apt install libseccomp2) and attend-course[grading]",
        "limits": "use Linux",
    }
    findings = []
    for step in jail.probe():
        detail = "holds" if step.available else f"{step.why}. Without it: {step.lost}"
        # one missing step is not a fault: the level says whether the others suffice
        findings.append(
            Finding("Isolation", step.name, step.available, detail, remedies[step.name], needed=False)
        )
    level = jail.best_level()
    strong = level not in ("process", "none")
    detail = (
        f"{level}: hidden grading works here" if strong else f"{level}: too weak, so `attend grade` refuses"
    )
    remedy = "grade with --container, by Docker or Podman, or on Linux; --isolation=none is for submissions that you trust"
    return [*findings, Finding("Isolation", "level", strong, detail, remedy)]


def _programs() -> list[Finding]:
    git = _version("git", "--version")
    node = _version("node", "--version").lstrip("v")
    new_enough = node.split(".")[0].isdigit() and int(node.split(".")[0]) >= OLDEST_NODE
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), "")
    return [
        Finding("Programs", "git", bool(git), git or "not found: attend release will not work", "install git"),
        Finding(
            "Programs", "node", new_enough, node or "not found: make site will not work",
            f"install Node {OLDEST_NODE} or newer, with npm", needed=False,
        ),
        Finding(
            "Programs", "browser", bool(browser), browser or "not found: the site's own tests are skipped",
            "install Chromium", needed=False,
        ),
        _room(),
    ]  # fmt: skip


def _version(program: str, option: str) -> str:
    path = shutil.which(program)
    if not path:
        return ""
    try:
        done = subprocess.run([path, option], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().removeprefix(f"{program} version ")


def _room() -> Finding:
    """Cores, and memory for as many lanes: each loads the libraries once and has a worker."""
    cores = os.cpu_count() or 1
    free = _free_gib()
    needed = 1.0 * cores
    enough = free is None or free >= needed
    detail = f"{cores} cores" + ("" if free is None else f", {free:.1f} GiB of memory free")
    remedy = f"grade with --jobs {max(1, int(free or 1))}: a lane needs about 1 GiB"
    return Finding("Programs", "room", enough, detail, remedy, needed=False)


def _free_gib() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        kib = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return None
    return kib / 2**20
