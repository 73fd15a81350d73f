"""The figures and worked numbers of t12. Each function gets the reference module and returns HTML.

Costs were measured by `benchmarks/attention.py --write`, and what the pointer learns by `attend lab results`; docs/data
holds both results.
"""

import json
import math
from pathlib import Path

import torch
from addresses import up
from drawing import (
    ANNOTATION,
    CONTEXT,
    INK,
    MUTED,
    QUERY,
    SHARE,
    WEIGHT,
    Sketch,
    figure,
    html_table,
    number,
    plot,
)

DATA = Path(__file__).resolve().parents[1] / "data"
ROOT_OF_SITE = up("topics/t12_other_methods.md")
SCORES = torch.tensor([1.0, 3.0, 2.0, 5.0, 4.0, 0.0], dtype=torch.float64)  # six keys, three blocks of two
VALUES = torch.tensor([6.0, 0.0, 3.0, 9.0, 1.0, 4.0], dtype=torch.float64)


def scrolling(head, rows) -> str:
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def pairs(reference) -> str:
    """How many weights texts of four lengths have, and how much memory they take."""
    rows = []
    for words, length in (("a sentence", 30), ("a page", 500), ("a chapter", 10_000), ("a novel", 100_000)):
        size, unit = length**2 * 4 / 1024, "KiB"
        for larger in ("MiB", "GiB"):
            if size > 1024:
                size, unit = size / 1024, larger
        rows.append([words, f"{length:,}", f"{length**2:,}", f"{size:.3g} {unit}"])
    return scrolling(["text", "words T", "weights T²", "one head, float32"], rows)


def patterns(reference) -> str:
    """Which positions see which, in four ways: grids of weights for equal scores."""
    T, cell = 8, 20
    near, back = (reference.local_mask(T, 2, causal).double() for causal in (False, True))
    bias = reference.alibi_bias(4, T).double()
    grids = [
        ("a window of 2", near / near.sum(dim=-1, keepdim=True)),
        ("the same, causal", back / back.sum(dim=-1, keepdim=True)),
        ("ALiBi, first of 4 heads", bias[0].softmax(dim=-1)),
        ("ALiBi, last of 4 heads", bias[3].softmax(dim=-1)),
    ]
    sketch = Sketch(440, 430)
    for index, (title, weights) in enumerate(grids):
        left, top = 24 + 222 * (index % 2), 34 + 208 * (index // 2)
        sketch.text(left + T * cell / 2, top - 12, title, bold=True)
        for t, row in enumerate(weights.tolist()):
            for s, weight in enumerate(row):
                x, y = left + s * cell, top + t * cell
                sketch.box(x + 1, y + 1, cell - 2, cell - 2, MUTED, min(2.2 * weight, 1.0), SHARE, 3, 0.5)
    sketch.text(220, 424, "a row for each query, a column for each key", MUTED, size=14)
    first, last = grids[2][1][7], grids[3][1][7]
    return figure(
        sketch,
        alt="Four grids of weights, eight words by eight. A window of 2: a band around the diagonal, five wide. The "
        "same, causal: the lower half of that band. ALiBi in the first of four heads: strongest on the diagonal, "
        f"fading; the last word gives itself {number(first[7].item(), 2)} and the first word "
        f"{number(first[0].item(), 2)}. In the last head the grid is almost even: {number(last[7].item(), 2)} and "
        f"{number(last[0].item(), 2)}.",
        caption="The weights of eight words whose scores are all equal. A window hides distant words; ALiBi gives them less "
        "weight. Scores outside a window need not be computed.",
    )


def orders(reference) -> str:
    """The two orders of one matrix product: with an intermediate result of T × T, or of D × D."""
    sketch = Sketch(440, 292)

    def matrix(x, y, width, height, colour, words, fill=0.12):
        sketch.box(x, y, width, height, colour, fill, radius=3)
        sketch.text(x + width / 2, y + height + 20, words, colour, size=14)

    sketch.text(8, 24, "first Q with K, then V", anchor="start", bold=True)
    matrix(8, 40, 22, 84, QUERY, "T × D")
    sketch.text(46, 86, "·")
    matrix(62, 71, 84, 22, ANNOTATION, "D × T")
    sketch.text(160, 86, "=")
    matrix(178, 40, 84, 84, WEIGHT, "T × T", 0.3)
    sketch.text(282, 86, "·")
    matrix(310, 40, 22, 84, INK, "T × D", 0.06)
    sketch.text(352, 86, "=")
    matrix(376, 40, 22, 84, CONTEXT, "T × D")

    sketch.text(8, 178, "first K with V, then Q", anchor="start", bold=True)
    matrix(178, 230, 22, 22, WEIGHT, "D × D", 0.3)
    matrix(8, 230, 84, 22, ANNOTATION, "D × T")
    sketch.text(106, 246, "·")
    matrix(120, 194, 22, 70, INK, "T × D", 0.06)
    sketch.text(160, 246, "=")
    sketch.text(238, 246, "with", MUTED, size=14)
    matrix(276, 194, 22, 70, QUERY, "T × D")
    sketch.text(337, 246, "=")
    matrix(376, 194, 22, 70, CONTEXT, "T × D")
    return figure(
        sketch,
        alt="Two orders of the product of queries, keys and values. Queries with keys first: T by D times D by T gives a "
        "matrix of T by T, which then meets the values. Keys with values first: D by T times T by D gives a matrix of only "
        "D by D, which then meets the queries. Both end in T by D.",
        caption="Three matrices multiplied in either order give the same result. With a softmax around the amber matrix, "
        "the order cannot be changed. With features it can, and then no matrix has T × T numbers.",
    )


def blocks(reference) -> str:
    """The running maximum, sum and output of one query, block by block."""
    queries, keys = torch.ones(1, 1, dtype=torch.float64), SCORES[:, None]
    rows = []
    for end in range(2, len(SCORES) + 1, 2):
        seen = SCORES[:end]
        m = seen.max().item()
        factor = math.exp(SCORES[: end - 2].max().item() - m) if end > 2 else "–"
        total = torch.exp(seen - m).sum().item()
        so_far = reference.online_softmax_attention(queries, keys[:end], VALUES[:end, None], 2).item()
        block = ", ".join(number(value, 0) for value in SCORES[end - 2 : end].tolist())
        rows.append([f"{end // 2}", block, number(m, 0), factor, total, total * so_far, so_far])
    whole = (SCORES.softmax(dim=0) @ VALUES).item()
    head = ["block", "its scores", "m", "old parts times", "l", "o", "o / l so far"]
    return scrolling(head, rows) + f"<p>A softmax over all six at once, then the sum: {number(whole)}.</p>"


def measured() -> dict:
    return json.loads((DATA / "attention.json").read_text(encoding="utf-8"))


STYLES = [
    ("PyTorch's own", "PyTorch's own", MUTED, ":", "."),
    ("whole matrix (t13)", "whole matrix, t13", WEIGHT, "-", "o"),
    ("blocks of 128 (t12)", "blocks of 128", ANNOTATION, "--", "s"),
    ("linear (t12)", "linear", QUERY, "-.", "^"),
]


def cost(reference) -> str:
    """Measured time and memory of four attentions, over the length."""
    data = measured()
    lengths, found = data["lengths"], data["functions"]
    fig, (upper, lower) = plot(440, 620, nrows=2, gridspec_kw=dict(hspace=0.1))
    base = found[STYLES[0][0]]["seconds"]
    for name, label, colour, dash, mark in STYLES:
        ratios = [mine / own for mine, own in zip(found[name]["seconds"], base, strict=True)]
        upper.plot(lengths, ratios, dash, marker=mark, color=colour, label=label)
        shown = [max(value, 0.1) for value in found[name]["mebibytes"]]
        lower.plot(lengths, shown, dash, marker=mark, color=colour, label=label)
    for axes, title in ((upper, "time, PyTorch's own = 1"), (lower, "peak memory in MiB")):
        axes.set(xscale="log", yscale="log", title=title)
        axes.minorticks_off()
        axes.set_xticks(lengths[::2], [f"{length:,}" for length in lengths[::2]])
    lower.set(xlabel="positions T")
    upper.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, fontsize=14, handlelength=2.4)
    last = {name: (columns["seconds"][-1], columns["mebibytes"][-1]) for name, columns in found.items()}
    told = "; ".join(
        f"{label} {number(last[name][0] / base[-1], 2)} times PyTorch's time and {last[name][1]:,.0f} MiB"
        for name, label, *_ in STYLES
    )
    rows = []
    for n, length in enumerate(lengths):
        for name in found:
            milliseconds, memory = 1000 * found[name]["seconds"][n], found[name]["mebibytes"][n]
            ratio = found[name]["seconds"][n] / base[n]
            rows.append([f"{length:,}", name, number(milliseconds, 2), number(ratio, 2), number(memory, 1)])
    return figure(
        fig,
        alt=f"Two plots over 128 to 8,192 positions, with both scales logarithmic. At {lengths[-1]:,} positions: {told}.",
        caption="Measured for one head of 64 numbers in float32 on one thread. <code>python benchmarks/attention.py</code> "
        "repeats this on your machine. With the causal form: "
        f'<a href="{ROOT_OF_SITE}assets/figures/attention.svg">a picture of all five</a>, '
        f'<a href="{ROOT_OF_SITE}data/attention.json">the numbers</a>.',
        table=(["T", "function", "ms", "× PyTorch's own", "MiB"], rows),
    )


def growth(reference) -> str:
    """How time and memory grow when the length doubles, from the last two lengths measured."""
    data = measured()
    rows = []
    for name, columns in data["functions"].items():
        (t0, t1), (m0, m1) = columns["seconds"][-2:], columns["mebibytes"][-2:]
        taught = name.replace("t13", f'<a href="{ROOT_OF_SITE}topics/t13_transformer/">t13</a>')
        rows.append([taught, f"× {number(t1 / t0, 1)}", f"× {number(m1 / m0, 1)}", f"{m1:,.0f} MiB"])
    before, after = data["lengths"][-2:]
    return scrolling(
        [f"from {before:,} to {after:,} positions", "time", "memory", f"memory at {after:,}"], rows
    )


def turning(reference) -> str:
    """A query and a key at two pairs of positions with the same distance: the angle between them is the same."""
    query = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    key = torch.tensor([[math.cos(0.4), math.sin(0.4)]], dtype=torch.float64)
    sketch, products = Sketch(440, 250), []
    for centre, (ask, stand) in ((112, (1, 0)), (328, (4, 3))):
        turned = [
            reference.rotary_embedding(x, torch.tensor([place]))[0]
            for x, place in ((query, ask), (key, stand))
        ]
        products.append((turned[0] @ turned[1]).item())
        sketch.circle(centre, 120, 84, MUTED)
        for arrow, colour, name in ((turned[0], QUERY, "q"), (turned[1], ANNOTATION, "k")):
            x, y = arrow.tolist()
            sketch.line([(centre, 120), (centre + 82 * x, 120 - 82 * y)], colour, 2.6, arrow=True)
            sketch.text(centre + 99 * x, 125 - 99 * y, name, colour, italic=True, bold=True)
        sketch.text(centre, 238, f"q at {ask}, k at {stand}: q · k = {number(products[-1], 2)}", size=15)
    return figure(
        sketch,
        alt="Two circles, each with an arrow for a query and one for a key. On the left the query is at position 1 and the "
        "key at 0, on the right at 4 and 3: both arrows are rotated further, and the angle between them is the same. "
        f"The dot product is {number(products[0], 2)} in both.",
        caption="One pair of numbers as an arrow. Moving both words by three positions rotates both arrows by the same "
        "angle. The dot product depends only on the angle between them.",
    )


def sharing(reference) -> str:
    """Which query heads read which keys: each its own, in two groups, or one for all."""
    N, gap, left, sketch = 8, 42, 120, Sketch(440, 336)
    for row, (G, title) in enumerate(((8, "as in t13"), (2, "two groups"), (1, "one for all"))):
        top = 26 + 106 * row
        sketch.text(8, top + 34, title, anchor="start", bold=True)
        sketch.text(8, top + 54, f"G = {G}", MUTED, anchor="start", size=14)
        for n in range(N):
            x, target = left + gap * n, left + gap * ((n * G // N + 0.5) * N / G - 0.5)
            sketch.line([(x + 12, top + 24), (target + 12, top + 56)], MUTED, 1.4)
            sketch.box(x, top, 24, 24, QUERY, 0.16, radius=4)
        for g in range(G):
            sketch.box(left + gap * ((g + 0.5) * N / G - 0.5), top + 56, 24, 24, ANNOTATION, 0.2, radius=4)
    sketch.text(left + 3.5 * gap + 12, 18, "query heads above, keys and values below", MUTED, size=14)
    return figure(
        sketch,
        alt="Three rows of eight query heads. In the first, each head has keys of its own. In the second, heads 0 to 3 "
        "share one head of keys and heads 4 to 7 another. In the third, all eight share one.",
        caption="Eight query heads with eight, two or one heads of keys and values. Neighbouring query heads share.",
    )


def cache(reference) -> str:
    """How many numbers a decoder keeps for the words so far: keys and values of all layers."""
    N, D, layers, T = 32, 128, 32, 8192
    rows = []
    for G in (32, 8, 1):
        numbers = 2 * layers * G * T * D
        rows.append([f"{G}", f"{numbers // T:,}", f"{numbers * 2 / (1 << 30):.3g} GiB"])
    note = f"{layers} layers, {N} heads of {D} numbers, two bytes each, one text of {T:,} words."
    head = ["heads of keys and values G", "numbers kept for each word", "kept for the text"]
    return scrolling(head, rows) + f"<p>{note}</p>"


def stretched(reference) -> str:
    """The largest tensor that two ways to share keys make, counted while they run."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Largest(TorchDispatchMode):
        numbers = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor):
                self.numbers = max(self.numbers, result.untyped_storage().nbytes() // result.element_size())
            return result

    N, G, T, S, D = 32, 4, 1, 1000, 64
    queries, keys, values = torch.ones(1, N, T, D), torch.ones(1, G, S, D), torch.ones(1, G, S, D)
    stretches = queries.unflatten(1, (G, N // G)), keys.unsqueeze(2).mT
    rows = []
    for name, call in (
        ("the keys themselves", lambda: keys.clone()),
        ("grouped_query_attention", lambda: reference.grouped_query_attention(queries, keys, values)),
        ("a product that broadcasts the keys", lambda: stretches[0] @ stretches[1]),
    ):
        with Largest() as largest:
            call()
        rows.append([name, f"{largest.numbers:,}"])
    note = f"N = {N} heads, G = {G}, one query, {S:,} keys of {D} numbers."
    return scrolling(["", "numbers in the largest tensor made"], rows) + f"<p>{note}</p>"


def summaries() -> dict:
    return json.loads((DATA / "lab" / "summarise.json").read_text(encoding="utf-8"))


def letter(reference) -> str:
    """The letter of the example, with the copied words marked."""
    example = next(one for one in summaries()["examples"] if one["model"] == "pointer")
    copied = {
        max(range(len(row)), key=row.__getitem__)
        for row, generated in zip(example["weights"], example["generated"], strict=True)
        if generated < 0.5
    }
    words = " ".join(
        f'<b class="annotation">{word}</b>' if place in copied else word
        for place, word in enumerate(example["source"])
    )
    return f"<blockquote><p>{words}</p></blockquote><p>Headline: <strong>{' '.join(example['words'])}</strong></p>"


def headline(reference) -> str:
    """The pointer's headline word by word, beside that of a model without a pointer."""
    pointer, plain = (
        next(one for one in summaries()["examples"] if one["model"] == model)
        for model in ("pointer", "plain")
    )
    rows = []
    for word, row, generated, other in zip(
        pointer["words"], pointer["weights"], pointer["generated"], plain["words"], strict=True
    ):
        place = max(range(len(row)), key=row.__getitem__)
        unknown = other.replace("<", "&lt;").replace(">", "&gt;")
        rows.append([word, f"<em>{pointer['source'][place]}</em>", row[place], generated, unknown])
    head = ["word", "largest weight on", "weight", "p<sub>gen</sub>", "without a pointer"]
    return scrolling(head, rows)


def exact(reference) -> str:
    """The share of headlines that are right to the word, as the lab measured it."""
    data = summaries()
    rows = []
    for name, title in (("pointer", "with a pointer"), ("plain", "plain attention")):
        one = data[name]
        cells = [", ".join(number(value, 3) for value in one[split]) for split in ("known", "new")]
        rows.append([title, f"{one['parameters']:,}", *cells])
    seeds = f"{len(data['seeds'])} run{'s' if len(data['seeds']) > 1 else ''} of each"
    note = f"Share of headlines that are right to the word, {seeds}. <code>attend lab summarise</code> trains both."
    return scrolling(["model", "weights", "places seen in training", "new places"], rows) + f"<p>{note}</p>"
