"""The figures and worked numbers of t08. Each function gets the reference module and returns HTML."""

import numpy as np
from addresses import up
from drawing import (
    ANNOTATION,
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

ASKING, ASKED = ["are", "you"], ["comment", "allez", "vous"]
QUERIES = np.array([[1.0, 1.0, 0.0, 2.0], [0.0, 1.0, 2.0, -1.0]])  # (T, D) = (2, 4)
KEYS = np.array([[2.0, 0.0, 1.0, 0.0], [0.0, 2.0, 0.0, 2.0], [0.0, 2.0, 3.0, 0.0]])  # (S, D) = (3, 4)

SIZES = [2**power for power in range(11)]  # D from 1 to 1024


def pair(vector) -> str:
    """A vector of whole numbers as people write it: (1, 0, −2)."""
    return f"({', '.join(number(value, 0) for value in vector)})"


def three_products(reference) -> str:
    """What is multiplied in the dot, the general and the low-rank score."""
    cell, sketch = 20, Sketch(440, 382)

    def grid(x, middle, rows, columns, colour, name, size):
        """A matrix of cells around the height `middle`; returns where it ends."""
        top = middle - rows * cell / 2
        for row in range(rows):
            for column in range(columns):
                left = x + column * cell
                sketch.box(left, top + row * cell, cell, cell, colour, fill=0.16, radius=0, stroke=1)
        centre = x + columns * cell / 2
        sketch.text(centre, top - 8, name, colour, italic=True)
        sketch.text(centre, top + rows * cell + 17, size, MUTED, size=14)
        return x + columns * cell + 20

    query, key = ("q", QUERY), ("k", ANNOTATION)
    kinds = [
        ("dot", 70, [(1, 4, *query, "D"), (4, 1, *key, "D")]),
        ("general", 194, [(1, 3, *query, "Dq"), (3, 4, "W", INK, "Dq × Dk"), (4, 1, *key, "Dk")]),
        (
            "low rank",
            318,
            [
                (1, 3, *query, "Dq"),
                (3, 1, "U", INK, "Dq × R"),
                (1, 4, "Vᵀ", INK, "R × Dk"),
                (4, 1, *key, "Dk"),
            ],
        ),
    ]
    for kind, middle, parts in kinds:
        sketch.text(6, middle + 5, kind, anchor="start", bold=True)
        x = 84
        for rows, columns, name, colour, size in parts:
            x = grid(x, middle, rows, columns, colour, name, size)
        sketch.text(x - 2, middle + 6, "=", size=18)
        sketch.box(x + 14, middle - 15, 66, 30, INK, fill=0.05, radius=15)
        sketch.text(x + 47, middle + 5, "score")
    return figure(
        sketch,
        alt="Three rows of blocks. Dot: a query of D numbers times a key of D numbers. General: a query of Dq numbers, "
        "a matrix Dq by Dk, a key of Dk numbers. Low rank: a query of Dq numbers, a matrix Dq by R, a matrix R by Dk, "
        "a key of Dk numbers. Each product is one score.",
        caption="Each product of a row, the matrices and a column is a single number. The low-rank score works like the "
        "general one, but all information passes through only R numbers; here R is 1.",
    )


def worked_table(reference) -> str:
    """Every query with every key: product, scaled score, weight."""
    scores = reference.score_matrix(QUERIES, KEYS)
    _, weights = reference.multiplicative_attention(QUERIES, KEYS, KEYS)
    rows = [
        [
            f"<em>{asking}</em>",
            pair(QUERIES[t]),
            f"<em>{asked}</em>",
            pair(KEYS[s]),
            number(scores[t, s], 0),
            number(reference.scaled_dot_score(QUERIES[t], KEYS)[s], 0),
            weights[t, s],
        ]
        for t, asking in enumerate(ASKING)
        for s, asked in enumerate(ASKED)
    ]
    head = ["writing", "query q", "looking at", "key k", "q · k", "÷ √4", "weight"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def _random_vectors(D, rng, T, S):
    """Queries (T, D) and for each of them S keys (T, S, D), all independent with mean 0 and variance 1."""
    return rng.normal(size=(T, D)), rng.normal(size=(T, S, D))


def variance(reference) -> str:
    """The variance of dot products of random vectors against their size, plain and scaled."""
    rng, rows = np.random.default_rng(20_170_612), []
    for D in SIZES:
        query, keys = _random_vectors(D, rng, T=3000, S=1)
        plain, scaled = reference.dot_score(query, keys), reference.scaled_dot_score(query, keys)
        rows.append([D, plain.var(), plain.std(), scaled.var()])
    table = np.array(rows)
    fig, axes = plot(440, 320)
    axes.plot(SIZES, SIZES, color=MUTED, linewidth=1, linestyle=":")
    axes.plot(SIZES, table[:, 1], "o", color=INK, markersize=7)
    axes.plot(SIZES, table[:, 3], "s", color=INK, markersize=7, markerfacecolor="none")
    axes.annotate("q · k", (64, 64), (-16, 8), textcoords="offset points", color=INK, ha="right")
    axes.annotate("q · k ÷ √D", (64, 1), (0, 12), textcoords="offset points", color=INK, ha="center")
    axes.annotate("variance = D", (256, 256), (10, -16), textcoords="offset points", color=MUTED)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    ticks = [1, 4, 16, 64, 256, 1024]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    axes.set(xlabel="D, the numbers in a vector", ylabel="variance of the scores", ylim=(0.4, 2048))
    axes.minorticks_off()
    return figure(
        fig,
        alt="The measured variance of dot products of random vectors against their size D, from 1 to 1024, on doubling "
        "axes. The plain products follow the line where the variance equals D. The scaled ones stay at 1.",
        caption="3,000 pairs of random vectors for each size. The dotted line is not fitted: it is the prediction of "
        "the footnote. After division by √D, the variance is the same for every size.",
        table=(["D", "variance of q · k", "its root", "variance of q · k ÷ √D"], rows),
    )


def sharpness(reference) -> str:
    """The mean of the largest weight among ten random keys, and of the slope there."""
    rng, rows = np.random.default_rng(3), []
    for D in SIZES:
        query, keys = _random_vectors(D, rng, T=300, S=10)
        row = [D]
        for stretch in (np.sqrt(D), 1.0):  # a query √D times as long undoes the scale
            _, weights = reference.multiplicative_attention(stretch * query[:, None], keys, keys[..., :1])
            largest = weights.max(axis=-1)
            row += [largest.mean(), (largest * (1 - largest)).mean()]
        rows.append(row)
    table = np.array(rows)
    fig, axes = plot(440, 300)
    axes.plot(SIZES, table[:, 1], color=INK, linestyle="--")
    axes.plot(SIZES, table[:, 3], color=WEIGHT)
    axes.annotate("q · k", (64, table[6, 1]), (0, -24), textcoords="offset points", color=INK)
    axes.annotate("q · k ÷ √D", (64, table[6, 3]), (0, 12), textcoords="offset points", color=WEIGHT)
    axes.set_xscale("log", base=2)
    ticks = [1, 4, 16, 64, 256, 1024]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set(xlabel="D, the numbers in a vector", ylabel="largest of ten weights", ylim=(0, 1.05))
    axes.minorticks_off()
    return figure(
        fig,
        alt="The largest of ten weights, averaged over 300 random queries, against the size D of the vectors. Unscaled "
        f"it climbs from {number(table[0, 1], 2)} at size 1 to {number(table[-1, 1], 2)} at size 1024. Scaled it stays "
        f"between {number(table[:, 3].min(), 2)} and {number(table[:, 3].max(), 2)}.",
        caption="Ten random keys, none of which is a better match than the others. Without scaling, the softmax of long "
        "vectors still gives nearly all the weight to one of them. In the table, the slope α(1 − α) is the derivative of "
        "the largest weight with respect to its score. Learning needs this derivative, and it shrinks without scaling.",
        table=(["D", "q · k: weight", "slope", "q · k ÷ √D: weight", "slope"], rows),
    )


def masks(reference) -> str:
    """The two kinds of mask, by the weights that they leave where all scores are equal."""
    length = 4
    blank = np.zeros((length, 1))
    padding = np.arange(length) < 3  # (S,)
    past = np.tril(np.full((length, length), True))  # (T, S)
    cell, top, sketch = 46, 62, Sketch(440, 62 + 46 * length + 30)
    shares = {}
    for left, title, mask in ((22, "(S,)", padding), (250, "(T, S)", past)):
        _, weights = reference.multiplicative_attention(blank, blank, blank, mask=mask)
        shares[title] = weights
        sketch.text(left + 2 * cell, 20, title, bold=True)
        sketch.text(left + 2 * cell, 46, "keys", ANNOTATION)
        sketch.text(left - 8, top + 2 * cell + 5, "q", QUERY, italic=True, anchor="end")
        for t, s in np.ndindex(length, length):
            x, y, weight = left + s * cell, top + t * cell, weights[t, s]
            sketch.box(x + 2, y + 2, cell - 4, cell - 4, WEIGHT, fill=0.9 * weight, inside=SHARE, stroke=0.7)
            sketch.text(x + cell / 2, y + 28, number(weight, 2) if weight else "–", INK if weight else MUTED)
    sketch.text(22 + 2 * cell, top + 4 * cell + 22, "one row for all queries", MUTED)
    sketch.text(250 + 2 * cell, top + 4 * cell + 22, "a row for each query", MUTED)
    return figure(
        sketch,
        alt="Two grids of weights, four queries by four keys, where all scores are equal. With a mask of one row the "
        "last key is hidden from every query, and the other three get a third each. With a mask that has a row for each "
        "query, query number t shares its unit equally over the first t keys.",
        caption="Equal scores with two kinds of mask. Left: a padding mask, which hides the last key from every query. "
        "Right: a causal mask, where each query sees only the keys up to its own position. t13 needs it when it computes "
        "all words of a decoder at once.",
        table=(
            ["query", *(f"{title} key {s + 1}" for title in shares for s in range(length))],
            [[t + 1, *shares["(S,)"][t], *shares["(T, S)"][t]] for t in range(length)],
        ),
    )


def cost(reference) -> str:
    """Parameters, multiply-adds and numbers held by four scores of every query with every key."""
    T, S, D, R, H = 30, 40, 512, 64, 256
    rows = [
        ["dot", ("none", 0), ("T S D", T * S * D), ("T S", T * S)],
        ["general", ("D²", D * D), ("T D² + T S D", T * D * D + T * S * D), ("T D + T S", T * D + T * S)],
        [
            "low rank",
            ("2 D R", 2 * D * R),
            ("(T + S) D R + T S R", (T + S) * D * R + T * S * R),
            ("(T + S) R + T S", (T + S) * R + T * S),
        ],
        [
            "additive",
            ("2 D H + H", 2 * D * H + H),
            ("(T + S) D H + T S H", (T + S) * D * H + T * S * H),
            ("(T + S) H + T S H + T S", (T + S) * H + T * S * H + T * S),
        ],
    ]
    rows[-1][0] = f'<a href="{up("topics/t08_multiplicative.md")}topics/t09_additive/">additive</a>'
    body = [[name, *(f"{formula}<br>{count:,}" for formula, count in cells)] for name, *cells in rows]
    head = ["score", "parameters", "multiply-adds", "numbers held"]
    sizes = f"T = {T} queries, S = {S} keys, all of size D = {D}; R = {R}, H = {H}."
    return f'<div class="numbers-scroll">{html_table(head, body)}</div>\n<p>{sizes}</p>'
