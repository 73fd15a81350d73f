"""Copies of what a student wrote, made before a command writes over it."""

import shutil
from itertools import count
from pathlib import Path

FOLDER = "kept"


def keep(root: Path, path: Path) -> Path:
    """Copy a file to `kept/NAME.1.py` below `root`, or the next free number; the copy's path.

    Raises:
        OSError: it cannot be copied.
    """
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    for number in count(1):
        copy = folder / f"{path.stem}.{number}{path.suffix}"
        if not copy.exists():
            shutil.copyfile(path, copy)
            return copy
    raise AssertionError("count never ends")
