"""A link in place of the file is refused, wherever it leads, and what it leads to is not read."""

import os

import pytest


@pytest.mark.parametrize("target", ["solution", "/dev/zero", "/etc/passwd", "nothing", "itself"])
def test_link(hand_in, house, tmp_path, target):
    path = tmp_path / "t03_attention_decoding.py"
    to = {"solution": house.solution(house.topic("t03")), "itself": path}.get(target, target)
    os.symlink(to, path)
    verdict = hand_in(path)
    assert verdict.grade.points == 0
    assert {row.outcome for row in verdict.grade.exercises} == {"refused"}
