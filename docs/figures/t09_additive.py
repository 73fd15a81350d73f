"""The figures and worked numbers of t09. Each function gets the reference module and returns HTML."""

import json
from pathlib import Path

import numpy as np
import torch
from addresses import up
from coursepage import Page
from drawing import (
    ANNOTATION,
    CONTEXT,
    INK,
    MUTED,
    QUERY,
    WEIGHT,
    Sketch,
    figure,
    html_table,
    number,
    plot,
)
from torch.utils.flop_counter import FlopCounterMode

MEASURED = Path(__file__).resolve().parents[1] / "data" / "scores.json"
WORDS = ["comment", "allez", "vous"]
QUERY_VECTOR = torch.tensor([1.0, 0.0], dtype=torch.float64)  # Dq = 2
# S = 3, Dk = 3
KEYS = torch.tensor([[0.0, 1.0, 0.0], [1.0, -1.0, 0.0], [-1.0, 0.0, 1.0]], dtype=torch.float64)
W_Q = torch.eye(2, dtype=torch.float64)  # H = 2
W_K = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]], dtype=torch.float64)
V = torch.tensor([1.0, -1.0], dtype=torch.float64)


def pair(vector, digits: int = 2) -> str:
    """A vector as people write it: (2, −1) or (0.96, −0.76)."""
    vector = np.asarray(vector)
    whole = np.all(vector == np.round(vector))
    return f"({', '.join(number(value, 0 if whole else digits) for value in vector)})"


def scores(reference, factor: float = 1.0) -> torch.Tensor:
    """The additive scores (S,) of the page's query, made `factor` times as long."""
    return reference.additive_score(factor * QUERY_VECTOR[None, None], KEYS[None], W_Q, W_K, V)[0, 0]


def network(reference) -> str:
    """The score of one pair, step by step, with its numbers."""
    query, key = W_Q @ QUERY_VECTOR, W_K @ KEYS[1]
    hidden = query + key
    score = scores(reference)[1].item()
    sketch = Sketch(440, 424)
    for x, colour, name, vector, matrix, projected in (
        (90, QUERY, "query q", QUERY_VECTOR, "× W<tspan dy='4' font-size='75%'>q</tspan>", query),
        (350, ANNOTATION, "key k of <tspan font-style='italic'>allez</tspan>", KEYS[1],
         "× W<tspan dy='4' font-size='75%'>k</tspan>", key),
    ):  # fmt: skip
        sketch.text(x, 22, name, colour)
        sketch.box(x - 62, 32, 124, 38, colour, fill=0.16)
        sketch.text(x, 56, pair(vector), colour, bold=True)
        sketch.line([(x, 70), (x, 108)], colour, 2, arrow=True)
        sketch.text(x + 14, 94, matrix, MUTED, anchor="start")
        sketch.box(x - 62, 110, 124, 38, colour, fill=0.08)
        sketch.text(x, 134, pair(projected), colour, bold=True)
    sketch.line([(90, 148), (90, 182), (202, 158), (209, 181)], QUERY, 2, curve=True)
    sketch.line([(350, 148), (350, 182), (238, 158), (231, 181)], ANNOTATION, 2, curve=True)
    sketch.circle(220, 194, 17, INK)
    sketch.text(220, 200, "+", size=20)
    sketch.text(220, 134, "size H both", MUTED, size=14)
    sketch.line([(220, 211), (220, 234)], MUTED, arrow=True)
    sketch.box(150, 236, 140, 38, INK, fill=0.05)
    sketch.text(220, 260, pair(hidden), bold=True)
    sketch.line([(220, 274), (220, 304)], MUTED, arrow=True)
    sketch.text(234, 294, "tanh, number by number", MUTED, anchor="start")
    sketch.box(150, 306, 140, 38, INK, fill=0.05)
    sketch.text(220, 330, pair(torch.tanh(hidden)), bold=True)
    sketch.line([(220, 344), (220, 374)], MUTED, arrow=True)
    sketch.text(234, 364, f"· v = {pair(V)}", MUTED, anchor="start")
    sketch.box(160, 376, 120, 40, INK, fill=0.05, radius=20)
    sketch.text(220, 401, f"score {number(score, 2)}", bold=True)
    return figure(
        sketch,
        alt=f"The score as a small network. The query {pair(QUERY_VECTOR)} is projected to {pair(query)}, the key of allez "
        f"{pair(KEYS[1])} to {pair(key)}. Their sum {pair(hidden)} goes through tanh and gives {pair(torch.tanh(hidden))}; "
        f"the dot product with v = {pair(V)} is the score {number(score, 2)}.",
        caption="The score of one query and one key. The two may have different sizes: each has its own matrix, which "
        "projects it to the hidden size H, here 2. Then they are added.",
    )


def worked_table(reference) -> str:
    """All three keys, with every number in between."""
    values = scores(reference)
    weights = values.softmax(dim=-1)
    rows = []
    for word, key, score, weight in zip(WORDS, KEYS, values, weights, strict=True):
        hidden = W_Q @ QUERY_VECTOR + W_K @ key
        rows.append(
            [
                f"<em>{word}</em>",
                pair(key),
                pair(W_K @ key),
                pair(hidden),
                pair(torch.tanh(hidden)),
                score,
                weight,
            ]
        )
    head = [
        "word",
        "key k",
        "W<sub>k</sub> k",
        "W<sub>q</sub> q + W<sub>k</sub> k",
        "tanh",
        "score",
        "weight",
    ]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def nearness(reference) -> str:
    """The dot score and the additive score against a key of one number, for three queries."""
    keys = torch.linspace(-4, 4, 161, dtype=torch.float64)
    queries = torch.tensor([-2.0, 0.0, 2.0], dtype=torch.float64)
    with_one = torch.stack([queries, torch.ones_like(queries)], dim=-1)  # (T, 2): the query and a constant 1
    W_q = torch.tensor([[-1.0, 1.0], [-1.0, -1.0]], dtype=torch.float64)
    W_k = torch.ones(2, 1, dtype=torch.float64)

    def additive(at):
        return reference.additive_score(with_one[None], at[None, :, None], W_q, W_k, V)[0]

    fig, (upper, lower) = plot(440, 540, nrows=2, gridspec_kw=dict(hspace=0.12))
    styles = ["-", "--", "-."]
    for axes, lines, name in ((upper, queries[:, None] * keys, "dot"), (lower, additive(keys), "additive")):
        for query, line, style in zip(queries, lines, styles, strict=True):
            axes.plot(keys, line, color=QUERY, linestyle=style, label=f"q = {number(query, 0)}")
        axes.set(title=f"{name} score", xticks=[-4, -2, 0, 2, 4])
    lower.set(xlabel="key", yticks=[0, 1], ylim=(-0.1, 2.1))
    upper.set_yticks([-5, 0, 5])
    lower.legend(loc="upper center", ncols=3, fontsize=14, handlelength=1.6, columnspacing=1.4)
    sample = torch.tensor([-4.0, -2.0, 0.0, 2.0, 4.0], dtype=torch.float64)
    rows = [
        [f"{kind}, q = {number(query, 0)}", *line.tolist()]
        for kind, lines in (("dot", queries[:, None] * sample), ("additive", additive(sample)))
        for query, line in zip(queries, lines, strict=True)
    ]
    return figure(
        fig,
        alt="Two plots of score against key for the queries minus 2, 0 and 2. The dot scores are straight lines through the "
        "origin. The additive scores are three bumps, each highest where the key equals the query.",
        caption="Above: for every query, the dot score of a single number is a straight line, so the best key is the "
        "largest or the smallest one. Below: with two hidden units, the additive score is highest where key and query "
        "are equal.",
        table=(["score", *(f"key {number(value, 0)}" for value in sample)], rows),
    )


def stretching(reference) -> str:
    """The weight of one key as the query gets longer, with the dot score and with the additive score."""
    factors = np.linspace(0, 6, 121)
    keys = KEYS @ W_K.T  # the same projected keys for both

    def shares(factor):
        dot = (keys @ (factor * QUERY_VECTOR)).softmax(dim=-1)
        return dot[1].item(), scores(reference, factor).softmax(dim=-1)[1].item()

    curves = np.array([shares(factor) for factor in factors])
    fig, axes = plot(440, 300)
    axes.plot(factors, curves[:, 0], color=INK, linestyle="--")
    axes.plot(factors, curves[:, 1], color=WEIGHT)
    axes.annotate("dot", (4.2, 1.0), (0, -22), textcoords="offset points", color=INK)
    axes.annotate("additive", (4.2, curves[84, 1]), (0, -22), textcoords="offset points", color=WEIGHT)
    axes.set(xlabel="the query, times", ylabel="weight of allez", ylim=(0, 1.05), xlim=(0, 6))
    marks = (0, 1, 2, 4, 6)
    return figure(
        fig,
        alt="The weight of allez against the length of the query. With the dot product it climbs from one third to 1. "
        "With the additive score it starts at 0.87 and settles near 0.70.",
        caption="The same projected vectors, scored in two ways, while the query is made longer. With the dot product, one "
        "word gets all the weight in the end. With the additive score, the weights at length 0 depend on the keys alone, "
        "and for long queries they hardly change: tanh is flat there.",
        table=(["query", "dot", "additive"], [[f"× {factor}", *shares(factor)] for factor in marks]),
    )


def blocks(reference) -> str:
    """The matrix of the concat score is the additive score's two, side by side."""
    sketch = Sketch(440, 180)
    cell, top = 24, 42

    def grid(x, y, columns, rows, colour):
        for row in range(rows):
            for column in range(columns):
                sketch.box(
                    x + cell * column, y + cell * row, cell, cell, colour, fill=0.16, radius=0, stroke=1
                )

    grid(2, top + 18, 2, 3, QUERY)
    grid(50, top + 18, 3, 3, ANNOTATION)
    sketch.text(62, 32, "W", bold=True)
    sketch.text(62, top + 118, "H × (Dq + Dk)", MUTED, size=14)
    grid(134, top - 12, 1, 2, QUERY)
    grid(134, top + 40, 1, 3, ANNOTATION)
    sketch.text(172, top + 18, "q", QUERY, italic=True)
    sketch.text(172, top + 82, "k", ANNOTATION, italic=True)
    sketch.text(200, top + 60, "=", size=20)
    grid(224, top + 18, 2, 3, QUERY)
    sketch.text(248, 32, "W<tspan dy='4' font-size='75%'>q</tspan>", QUERY, bold=True)
    sketch.text(248, top + 118, "H × Dq", MUTED, size=14)
    sketch.text(284, top + 60, "q", QUERY, italic=True)
    sketch.text(308, top + 60, "+", size=20)
    grid(330, top + 18, 3, 3, ANNOTATION)
    sketch.text(366, 32, "W<tspan dy='4' font-size='75%'>k</tspan>", ANNOTATION, bold=True)
    sketch.text(366, top + 118, "H × Dk", MUTED, size=14)
    sketch.text(414, top + 60, "k", ANNOTATION, italic=True)
    return figure(
        sketch,
        alt="A matrix with two columns for the query and three for the key is multiplied by the query and the key, stacked. "
        "The result equals the first two columns times the query plus the last three columns times the key.",
        caption="The first columns of W are only ever multiplied by the query, the others only by the key. So multiplying "
        "the concatenated vector by W is the same as multiplying the two parts separately and adding.",
    )


def cost(reference) -> str:
    """Multiplications for one source sentence, with keys projected at every step or once."""
    T, S, Dk, H = 30, 40, 512, 256
    once = S * Dk * H
    rows = [
        ["keys projected at every step", f"{T * once:,}"],
        ["keys projected once", f"{once:,}"],
        ["multiplying by v at every step", f"{T * S * H:,}"],
    ]
    head = ["work", f"multiplications (T = {T}, S = {S}, Dk = {Dk}, H = {H})"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def _four_scores(reference, size: int, hidden: int) -> dict:
    """Each score as a function of queries and keys, the numbers it learns, and the tanhs of a pair."""
    multiplicative = Page("t08_multiplicative").reference
    W = torch.randn(size, size)
    W_q, W_k, v = torch.randn(hidden, size), torch.randn(hidden, size), torch.randn(hidden)
    joined = torch.cat([W_q, W_k], dim=1)
    return {
        "dot": (multiplicative.score_matrix, 0, 0),
        "general": (lambda q, k: multiplicative.score_matrix(q, k, W), W.numel(), 0),
        "additive": (
            lambda q, k: reference.additive_score(q, k, W_q, W_k, v),
            W_q.numel() + W_k.numel() + v.numel(),
            hidden,
        ),
        "concat": (lambda q, k: reference.concat_score(q, k, joined, v), joined.numel() + v.numel(), hidden),
    }


def multiplications(score, *arguments) -> int:
    """How many numbers are multiplied with each other in matrix products while `score` is computed."""

    def matrix_times_vector(matrix, vector, out_shape=None, **_options) -> int:
        return 2 * matrix[0] * matrix[1]  # PyTorch's counter leaves these out

    with FlopCounterMode(display=False, custom_mapping={torch.ops.aten.mv: matrix_times_vector}) as counter:
        score(*arguments)
    return counter.get_total_flops() // 2  # it counts a product and its sum as two


def counted(reference) -> str:
    """Parameters, and the multiplications that PyTorch counts while each score is computed once."""
    T, S, size, hidden = 30, 40, 512, 512
    queries, keys = torch.randn(1, T, size), torch.randn(1, S, size)
    rows = []
    for name, (score, parameters, tanhs) in _four_scores(reference, size, hidden).items():
        products = multiplications(score, queries, keys)
        taught = (
            f'<a href="{up("topics/t09_additive.md")}topics/t08_multiplicative/">{name}</a>'
            if tanhs == 0
            else name
        )
        rows.append([taught, f"{parameters:,}", f"{products:,}", f"{T * S * tanhs:,}" if tanhs else "–"])
    head = ["score", "parameters", "multiplications", "tanh"]
    sizes = f"T = {T} queries, S = {S} keys, vectors of {size} numbers, H = {hidden}."
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>\n<p>{sizes}</p>'


def speed(reference) -> str:
    """The time of each score on growing sentences, as benchmarks/scores.py measured it."""
    data = json.loads(MEASURED.read_text(encoding="utf-8"))
    sizes, taken = data["sizes"], data["seconds"]
    fig, axes = plot(440, 340)
    styles = {
        "dot": (CONTEXT, "o-"),
        "general": (QUERY, "s--"),
        "additive": (WEIGHT, "^-."),
        "concat": (ANNOTATION, "D:"),
    }
    for name, (colour, style) in styles.items():
        axes.plot(
            sizes, [1e6 * value for value in taken[name]], style, color=colour, markersize=6, label=name
        )
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(sizes, map(str, sizes))
    axes.minorticks_off()
    axes.set(xlabel="queries, and as many keys", ylabel="microseconds")
    axes.legend(loc="upper left", handlelength=3)
    longest = {name: taken[name][-1] / taken["dot"][-1] for name in styles}
    told = ", ".join(
        f"{name} {number(longest[name], 0 if longest[name] >= 10 else 1)} times as long"
        for name in ("general", "additive", "concat")
    )
    return figure(
        fig,
        alt="The time of one call against the number of queries and keys, both axes logarithmic. "
        f"At {sizes[-1]}, compared with dot: {told}.",
        caption=f"Measured by <code>benchmarks/scores.py</code>: one sentence, vectors of {data['vector']} "
        f"numbers, H = {data['hidden']}, processor time of one thread. At {sizes[-1]}, compared with "
        f"dot: {told}. On another machine the times differ; the ratios should be similar.",
        table=(
            ["n", *(f"{name}, µs" for name in styles)],
            [[n, *(number(1e6 * taken[name][place], 0) for name in styles)] for place, n in enumerate(sizes)],
        ),
    )
