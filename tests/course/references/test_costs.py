"""What the pages say a score costs is what is counted while the reference computes it; the measured speeds are there."""

import json
import re

import pytest
import torch

from ..common import COURSE
from ..site.build import build_modules

DOCS = COURSE.root / "docs"


@pytest.fixture(scope="module")
def figures():
    """The figures' modules, found as the site's build finds them."""
    with build_modules("t07_bahdanau_luong", "t08_multiplicative", "t09_additive") as modules:
        yield modules


def numbers(html: str) -> dict[str, list[int]]:
    """Each row's whole numbers, by the row's first word."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
    return {
        re.sub("<[^>]*>", "", row[0]): [
            int(text.replace(",", ""))
            for cell in row[1:]
            for text in re.findall(r"(?:^|<br>)([\d,]+)$", cell)
        ]
        for row in cells
        if row
    }


def test_t09_counts_parameters_and_multiplications(figures, load):
    shown = numbers(figures.t09_additive.counted(load("t09")))
    T, S, D, H = 30, 40, 512, 512
    assert shown["dot"] == [0, T * S * D]
    assert shown["general"] == [D * D, T * D * D + T * S * D]
    assert shown["additive"] == [2 * D * H + H, (T + S) * D * H + T * S * H, T * S * H]
    assert shown["concat"] == [2 * D * H + H, T * S * 2 * D * H + T * S * H, T * S * H]


def test_t08s_formulas_are_what_is_counted(figures, load):
    t08, t09, count = load("t08"), load("t09"), figures.t09_additive.multiplications
    T, S, D, R, H = 30, 40, 512, 64, 256
    shown = numbers(figures.t08_multiplicative.cost(t08))
    queries, keys = torch.randn(T, D), torch.randn(S, D)
    W, U, V = torch.randn(D, D), torch.randn(D, R), torch.randn(D, R)
    parts = torch.randn(H, D), torch.randn(H, D), torch.randn(H)
    found = {
        "dot": (0, count(t08.score_matrix, queries, keys)),
        "general": (W.numel(), count(t08.score_matrix, queries, keys, W)),
        "low rank": (U.numel() + V.numel(), count(lambda: t08.score_matrix(queries @ U, keys @ V))),
        "additive": (
            sum(part.numel() for part in parts),
            count(lambda: t09.additive_score(queries[None], keys[None], *parts)),
        ),
    }
    assert {name: tuple(row[:2]) for name, row in shown.items() if name in found} == found


def test_t07s_table_is_what_is_counted(figures, load):
    """Its concat is counted with the two halves apart, as t09's additive score computes it."""
    T, S, H = 30, 40, 512
    shown = numbers(figures.t07_bahdanau_luong.compared(load("t07")))
    count = figures.t09_additive.multiplications
    states, annotations = torch.randn(1, T, H), torch.randn(1, S, H)
    W, v = torch.randn(H, H), torch.randn(H)
    dot = count(lambda: states @ annotations.mT)
    assert shown["dot"][-1] == dot
    assert shown["general"][-1] == count(lambda: states @ (annotations @ W.T).mT)
    additive = count(lambda: load("t09").additive_score(states, annotations, W, W, v))
    assert shown["concat"][-2:] == [additive, T * S * H]


def test_speeds_were_measured_on_growing_sizes_and_a_hidden_layer_for_each_pair_costs_most():
    data = json.loads((DOCS / "data" / "scores.json").read_text(encoding="utf-8"))
    assert data["sizes"] == sorted(data["sizes"]) and data["sizes"][-1] >= 32 * data["sizes"][0]
    assert set(data["seconds"]) == {"dot", "general", "additive", "concat"}
    longest = {name: values[-1] for name, values in data["seconds"].items()}
    assert all(len(values) == len(data["sizes"]) for values in data["seconds"].values())
    assert longest["dot"] <= longest["general"] < longest["additive"] < longest["concat"]
    assert (COURSE.root / data["remake"].split()[1]).is_file()
