"""Models trained in processes of their own, and kept: the same figures as one after another, errors with their names."""

import os
from dataclasses import replace
from functools import partial

import pytest

from attend.lab import bottleneck, summarise, vision
from attend.lab.modules import LabError
from attend.lab.parallel import side_by_side

from .test_labs import LABS

pytestmark = pytest.mark.training


def test_two_lanes_find_what_one_finds(bench, tmp_path):
    size = LABS["bottleneck"][1]
    alone = bottleneck.run(bench, size)
    together = bottleneck.run(replace(bench, lanes=2, folder=tmp_path / "other"), size)
    assert together.data == alone.data
    assert all(path.exists() for path in (*alone.checkpoints, *together.checkpoints))
    shown = bench.screen.file.getvalue()
    assert all(title in shown for title in bottleneck.MODELS.values())


@pytest.mark.parametrize("lab", [bottleneck, vision, summarise])
def test_what_was_trained_is_read_again_and_tells_the_same(lab, bench):
    size = LABS[lab.__name__.split(".")[-1]][1]
    first = lab.run(bench, size)
    written = {path: path.stat().st_mtime_ns for path in first.checkpoints}
    assert len(written) >= 2
    assert lab.run(bench, size).data == first.data
    assert {path: path.stat().st_mtime_ns for path in first.checkpoints} == written
    lab.run(replace(bench, retrain=True), size)
    assert all(path.stat().st_mtime_ns > before for path, before in written.items())


def vanish(bench, code: int) -> None:
    os._exit(code)


def stumble(bench) -> None:
    bench.code["t06"].shift_right(None, 1)


def test_a_process_that_ends_early_is_named(bench):
    with pytest.raises(LabError, match="the process that trained 'second' ended; is there enough memory"):
        side_by_side(replace(bench, lanes=2), {"first": len_of_folder, "second": partial(vanish, code=3)})


def len_of_folder(bench) -> int:
    return len(bench.folder.name)


def test_an_error_in_a_students_function_is_told_with_its_line(bench):
    with pytest.raises(LabError, match=r"t06_\w+.py, line \d+, in shift_right: \w+Error"):
        side_by_side(replace(bench, lanes=2), {"one": stumble})
