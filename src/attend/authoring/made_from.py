"""Tables that say what they were made from, so that they are made again only when that has changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from attend.course.atomic_file import write_whole
from attend.course.syllabus import Course, Topic


class Table(Protocol):
    """What is written as JSON, with what it was made from under the name `made_from`."""

    def to_json(self) -> str:
        """The table as JSON."""


def write_stale(
    course: Course,
    topics: list[Topic],
    path_of: Callable[[Topic], Path],
    made_from: Callable[[Course, Topic], str],
    build: Callable[[Course, Topic], Table],
    check: bool,
) -> list[Path]:
    """Write the tables of those topics whose table was made from something else; their paths.

    Args:
        path_of: where a topic's table is.
        made_from: a digest of the files that a topic's table is made from.
        build: makes a topic's table.
        check: write nothing.
    """
    stale = [topic for topic in topics if _made_from(path_of(topic)) != made_from(course, topic)]
    for topic in stale if not check else ():
        write_whole(path_of(topic), build(course, topic).to_json())
    return [path_of(topic) for topic in stale]


def _made_from(path: Path) -> str | None:
    """What the table at `path` says it was made from; None where there is no table."""
    return json.loads(path.read_text(encoding="utf-8")).get("made_from") if path.exists() else None
