"""Whatever the students are called, each has a row for every exercise, and nobody's points went to another."""

from .conftest import NAMES


def test_every_name_has_its_rows(results):
    students = {row["student"] for row in results.rows}
    assert len(students) == len(NAMES)
    assert len(results.rows) == 6 * len(NAMES)
    lost = {row["student"] for row in results.rows if row["outcome"] != "full"}
    assert len(lost) == 1 and lost.pop().startswith("'=HYPERLINK")
