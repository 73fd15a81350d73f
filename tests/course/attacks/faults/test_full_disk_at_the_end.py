"""A disk that is full when the results are written: the file is named, none is left half-written, all is graded."""

import os

import pytest

from .conftest import whole


@pytest.mark.parametrize("name", ["grades.csv", "report.html"])
def test_full_disk_at_the_end(start, slow_class, tmp_path, name):
    out = tmp_path / "out"
    out.mkdir()
    os.symlink("/dev/full", out / f".{name}.part")  # writes fail there as on a disk without room
    first = start(slow_class, out=out)
    code, error = first.end()
    assert code == 2, error
    assert "Traceback" not in error
    assert f"{name} cannot be written (No space left on device)" in error
    assert whole(out) and not (out / name).exists()
    assert first.graded() == 12
