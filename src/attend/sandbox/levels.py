"""Choose how strongly to confine, and refuse to grade unconfined unless asked to by name."""

from attend.course.errors import AttendError
from attend.sandbox import jail


class NoConfinementError(AttendError):
    """This machine cannot confine students' code."""

    exit_code = 1


def choose_level(asked: str | None) -> str:
    """The level asked for by name, or the strongest that this machine gives.

    Raises:
        NoConfinementError: none was asked for and the machine gives none.
        AttendError: the name is no level.
    """
    if asked is not None:
        if asked not in jail.LEVELS:
            raise AttendError(f"--isolation {asked!r} is unknown; the levels are {', '.join(jail.LEVELS)}.")
        return asked
    level = jail.best_level()
    if level in ("process", "none"):
        raise NoConfinementError(
            "this machine cannot confine students' code, so nothing was graded; run `attend doctor` to see what is "
            "missing, grade with --container where Docker or Podman is installed, or ask for --isolation=none if you "
            "trust every submission."
        )
    return level
