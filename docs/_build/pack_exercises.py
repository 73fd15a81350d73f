"""Packs what exercises in the page run on: the part of `attend` that checks, pytest, the NumPy topics' stubs and
public tests. Usage: python pack_exercises.py SITE   (writes SITE/assets/exercise/attend.zip)

The archive holds `packages/`, which the browser's Python imports from, and `course/`, a course's folder. Libraries come
from the environment that runs the build; the same environment gives the same bytes.
"""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from attend.course.archives import write_zip
from attend.course.syllabus import COURSE_FILE, Course, load_course

ROOT = Path(__file__).resolve().parents[2]
BROWSER = {
    "python_version": "3.12",
    "python_full_version": "3.12.7",
    "sys_platform": "emscripten",
    "extra": "",
}
LIBRARIES = ("pytest", "jaxtyping")  # with all that they require; numpy comes with Pyodide
# Pygments colours a terminal's tracebacks, which no page shows: these parts of it are large and never imported.
LEFT_OUT = ("pygments/lexers/", "pygments/styles/", "pygments/formatters/")
KEPT = ("__init__.py", "_mapping.py", "python.py", "diff.py", "terminal.py", "html.py", "default.py")
# What `attend.checking.browser_work` imports, found by importing it (`browser` is a part of that); the plugin is named to
# pytest by name. A module's old name has no spec: it has no file of its own.
IMPORTED = """
import sys, attend.checking.browser_work, attend.testing.plugin
modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "attend" and module.__spec__]
print(*[module.__spec__.origin for module in modules], sep="\\n")
"""


def libraries() -> list[Distribution]:
    """The installed distributions that LIBRARIES need in the browser."""
    found, names = {}, [*LIBRARIES]
    for name in names:
        if name in found:
            continue
        found[name] = distribution(name)
        for line in found[name].requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate(BROWSER):
                names.append(canonicalize_name(requirement.name))
    return [found[name] for name in sorted(found)]


def library_files(library: Distribution) -> Iterator[tuple[str, Path]]:
    for file in library.files:
        name = file.as_posix()
        if name.startswith(LEFT_OUT) and not name.endswith(KEPT):
            continue
        # METADATA because a few packages ask for their own version.
        if name.endswith((".py", "/METADATA")) or ".dist-info/licenses/" in name:
            yield f"packages/{name}", Path(library.locate_file(file))


def own_files() -> Iterator[tuple[str, Path]]:
    listing = subprocess.run(
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True
    ).stdout
    source = ROOT / "src"
    for line in listing.split():
        yield f"packages/{Path(line).resolve().relative_to(source).as_posix()}", Path(line)


def course_files(course: Course) -> Iterator[tuple[str, Path]]:
    paths = [course.root / COURSE_FILE, course.root / "pyproject.toml"]
    for topic in course.topics:
        # examples are checked without the topic's library
        paths.append(course.small_calls(topic))
        if topic.library == "numpy":
            tests = course.public_tests(topic)
            paths += [course.assignment(topic), tests, course.ways(topic)]
            paths.append(tests.parent / "fingerprints" / f"{topic.slug}.json")
    for path in filter(Path.exists, paths):
        yield f"course/{path.relative_to(course.root).as_posix()}", path


def main() -> None:
    archive = Path(sys.argv[1]) / "assets" / "exercise" / "attend.zip"
    files = [*own_files(), *course_files(load_course(ROOT))]
    for library in libraries():
        files += library_files(library)
    archive.parent.mkdir(parents=True, exist_ok=True)
    write_zip(archive, [(name, path.read_bytes()) for name, path in sorted(files)])
    print(f"{len(files)} files packed for exercises in the page, {archive.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
