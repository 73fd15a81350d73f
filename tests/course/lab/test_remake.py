"""A remake of the results goes on where it was, and takes nothing that was made otherwise."""

import json
import shutil
from dataclasses import replace

import pytest

from attend.lab import summarise
from attend.lab.modules import Code
from attend.lab.site_data import by_length, cached

from ..common import COURSE


@pytest.fixture
def made():
    """The seeds that were really run."""
    return []


@pytest.fixture
def make(made):
    def run(bench):
        made.append(bench.seed)
        return {"known": 0.5 + bench.seed}

    return run


def test_a_run_is_made_once_for_each_seed(bench, make, made):
    for seed in (0, 1, 0, 1):
        assert cached(bench, "summarise", seed, make) == {"known": 0.5 + seed}
    assert made == [0, 1]


def test_a_run_that_was_stopped_leaves_nothing_behind(bench, make, made):
    def stopped(bench):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached(bench, "summarise", 0, stopped)
    assert cached(bench, "summarise", 0, make) == {"known": 0.5} and made == [0]


@pytest.mark.parametrize("changed", [{"epochs": 9}, {"batch": 99}, {"rate": 9e-3}])
def test_a_run_with_other_settings_is_not_taken_for_this_one(bench, make, made, monkeypatch, changed):
    cached(bench, "summarise", 0, make)
    monkeypatch.setattr(summarise, "DEFAULT", replace(summarise.DEFAULT, **changed))
    cached(bench, "summarise", 0, make)
    assert made == [0, 0]


def test_a_run_of_other_code_is_not_taken_for_this_one_but_a_comment_changes_nothing(
    bench, make, made, tmp_path
):
    folder = shutil.copytree(COURSE.root / "solutions", tmp_path / "solutions")
    module = next(folder.glob("t12_*.py"))
    text = module.read_text(encoding="utf-8")
    for more, times in (("", 1), ("# a remark\n", 1), ("EXTRA = 1\n", 2)):
        module.write_text(text + more, encoding="utf-8")
        cached(replace(bench, code=Code(folder)), "summarise", 0, make)
        assert made == [0] * times


def test_figures_of_the_seeds_stand_in_the_seeds_order():
    names = ("1–10", "11–20", "21–30", "31–40", "41–50")
    runs = [
        {
            "parameters": 7,
            "exact": 0.1 * seed,
            "bleu": 10.0 * seed,
            "gold": None,
            "buckets": {name: {"sentences": seed, "exact": 0.2 * seed, "bleu": 1.0} for name in names},
        }
        for seed in (1, 2, 3)
    ]
    data = json.loads(json.dumps(by_length(runs)))
    assert data["parameters"] == 7 and data["bleu"] == [10.0, 20.0, 30.0] and data["gold"] == [None] * 3
    assert data["buckets"]["31–40"]["sentences"] == [1, 2, 3]
