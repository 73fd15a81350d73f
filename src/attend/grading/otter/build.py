"""Build a topic's otter autograder zip with `otter generate`."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import otter
from otter.run.run_autograder.autograder_config import AutograderConfig

from attend.course.archives import write_zip
from attend.course.atomic_file import whole_file
from attend.course.scratch import scratch_folder
from attend.course.syllabus import Course, Topic
from attend.grading.bundle import BuildError, build_wheel, pack_course, requirements, run_tool
from attend.grading.otter.plugin import BUNDLE
from attend.grading.otter.public_tests import otter_tests

PLUGIN = "attend.grading.otter.plugin.AttendPlugin"
# keys of otter's configuration that no table may set, and why
SET_HERE = {
    "show_hidden": "when students see hidden results is set in [release]",
    "show_all_public": "when students see hidden results is set in [release]",
    "print_score": "when students see hidden results is set in [release]",
    "show_stdout": "the output of grading names points and hidden results",
    "grade_from_log": "no code and no log of a student is run in otter",
    "lang": "the course is in Python",
    "autograder_dir": "otter itself chooses it",
    "token": "course.toml is in every release of the course, and a token is a secret",
}


def build_zip(course: Course, topic: Topic, out: Path, index: str | None = None) -> Path:
    """Write `out/SLUG.zip`, which `otter run -a` and Gradescope take; its path. The same bytes from the same course.

    The zip holds the topic's hidden graders as one bundle, a wheel of this package, and the public tests in otter's format:
    the grading is done by the plugin. `index` names another package index for pip in the container.
    """
    target = out / f"{topic.slug}.zip"
    wheel = build_wheel(course.root)
    with scratch_folder("build") as folder:
        (folder / BUNDLE).write_bytes(pack_course(course, topic))
        (folder / wheel.name).write_bytes(wheel.data)
        (folder / "otter_config.json").write_text(json.dumps(otter_config(course, topic), indent=2))
        path = f"/autograder/source/files/{wheel.name}"
        (folder / "requirements.txt").write_text(requirements(course, topic, path, ["otter"], index))
        made = folder / target.name
        tests = folder / "public"
        tests.mkdir()
        for name, text in otter_tests(topic).items():
            (tests / name).write_text(text, encoding="utf-8")
        options = ("-t", tests, "-o", made, "-c", "otter_config.json", "-r", "requirements.txt")
        run_tool([sys.executable, "-m", "otter", "generate", *options, BUNDLE, wheel.name], folder)
        # otter notes the time at each member, and takes files in the order of the file system
        with zipfile.ZipFile(made) as archive, whole_file(target) as part:
            write_zip(part, [(member, archive.read(member)) for member in sorted(archive.namelist())])
    return target


def otter_config(course: Course, topic: Topic) -> dict[str, Any]:
    """Otter's configuration: our plugin, students see their results as `[release]` says, and the keys of `[otter]`.

    Raises:
        BuildError: `[otter]` has a key that otter does not know or a value that it does not take, or one that Attend sets.
    """
    waits = bool(course.release.why_waiting(topic.slug, is_due=False, looks=course.release.looks_per_day))
    own: dict[str, Any] = {
        "plugins": [{PLUGIN: {"topic": topic.slug}}],
        "points_possible": topic.points,  # otherwise the results have no score of their own
        "show_hidden": not waits,
        "show_all_public": not waits,
        "show_stdout": False,
        "print_summary": False,
        # every exercise has an entry of its own
        "force_public_test_summary": False,
        "print_score": not waits,
    }
    wanted = course.otter
    for key, why in SET_HERE.items():
        if key in wanted:
            raise BuildError(f"[otter] sets {key!r}: {why}.")
    kinds = get_type_hints(AutograderConfig)
    for key, value in wanted.items():
        if key not in kinds or key == "otter_run":
            raise BuildError(f"[otter] has the key {key!r}, which otter {otter.__version__} does not know.")
        try:
            msgspec.convert(value, kinds[key])
        except msgspec.ValidationError as error:
            raise BuildError(f"[otter] {key} is {value!r}, which otter does not take ({error}).") from error
    further = wanted.get("plugins", [])
    return {**own, **wanted, "plugins": [*own["plugins"], *further]}
