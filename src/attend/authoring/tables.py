"""The tables that students get, made from the banks: fingerprints, small calls, and sealed ways."""

from pathlib import Path

from attend.authoring.fingerprint_builder import write_fingerprints
from attend.authoring.small_builder import write_small
from attend.authoring.ways_builder import write_ways
from attend.course.syllabus import Course, Topic


def write_tables(course: Course, topics: list[Topic], check: bool = False) -> list[Path]:
    """Write the tables that are out of date, and return their paths; with `check` only find them."""
    writers = (write_fingerprints, write_small, write_ways)
    return [path for write in writers for path in write(course, topics, check)]
