"""The versions of what a grade is computed with."""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import attend


@cache
def _known() -> dict[str, str]:
    found = {"attend": attend.__version__, "python": platform.python_version(), "system": platform.machine()}
    for name in ("numpy", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def versions(library: str) -> dict[str, str]:
    """The versions of Attend, of Python, and of the libraries of a topic that is written with `library`."""
    return {name: value for name, value in _known().items() if name != "torch" or library == "torch"}
