"""Tables that say what they were made from, so that they are made again only when that has changed."""

import json
from collections.abc import Callable
from pathlib import Path

from attend.course.atomic_file import write_whole


def write_stale(path: Path, made_from: str, build: Callable[[], str], check: bool) -> bool:
    """Write the table that `build` makes to `path`, if the one there was made from something else; whether that is so.

    Args:
        made_from: a digest of the files that the table is made from; a table has it under this name.
        check: write nothing.
    """
    if path.exists() and json.loads(path.read_text(encoding="utf-8")).get("made_from") == made_from:
        return False
    if not check:
        write_whole(path, build())
    return True
