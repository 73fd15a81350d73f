"""The figures and worked numbers of t11. Each function gets the reference module and returns HTML."""

import itertools
import math

import torch
from drawing import (
    ANNOTATION,
    CONTEXT,
    INK,
    MUTED,
    PAPER,
    QUERY,
    SHARE,
    WEIGHT,
    Sketch,
    figure,
    html_table,
    number,
    plot,
)

# The pieces of the paper's example sentence, some shorter ones, and the letters it takes.
SENTENCE = "Jet makers feud over seat width with big orders at stake"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PIECES = [
    *"_J et _makers _fe ud _over _seat _width _with _big _orders _at _stake s er ing".split(),
    *LETTERS,
    *(f"_{letter}" for letter in LETTERS),
]

BOS, EOS, THE, RED, BOOKS = range(5)
NAMES = ["bos", "eos", "the", "red", "books"]
SOURCE = ["les", "livres", "rouges"]
ALPHA, BETA = 0.6, 0.4
# The next word's probability given the last one, and where the model looks meanwhile: set by hand.
TABLE = torch.tensor(
    [
        [0.0, 0.00, 0.70, 0.00, 0.30],
        [0.0, 0.00, 0.00, 0.00, 0.00],
        [0.0, 0.00, 0.00, 0.45, 0.55],
        [0.0, 0.10, 0.00, 0.00, 0.90],
        [0.0, 0.90, 0.00, 0.10, 0.00],
    ],
    dtype=torch.float64,
)
LOOKS = torch.tensor(
    [
        [0.90, 0.05, 0.05],
        [0.00, 0.00, 0.00],
        [0.05, 0.65, 0.30],
        [0.00, 0.50, 0.50],
        [0.40, 0.50, 0.10],
    ],
    dtype=torch.float64,
)


def next_word(tokens, state):
    """A step that looks up both tables; the state remembers nothing."""
    return TABLE[tokens].log(), state, LOOKS[tokens]


def say(tokens) -> str:
    return " ".join(NAMES[token] for token in tokens) or "(nothing)"


def walked(tokens) -> tuple[float, torch.Tensor]:
    """log P and the weights (T, S) of a finished sentence, eos included."""
    path = [BOS, *tokens, EOS]
    log_prob = sum(math.log(TABLE[last, word]) for last, word in itertools.pairwise(path))
    return log_prob, LOOKS[path[:-1]]


def found(reference, alpha: float, beta: float) -> list[tuple[list[int], float]]:
    return reference.beam_search(next_word, torch.zeros(1), BOS, EOS, 4, 6, alpha, beta)


class Asked(list):
    """A vocabulary that records every look-up."""

    def __init__(self, pieces):
        super().__init__(pieces)
        self.questions: list[tuple[str, bool]] = []

    def __contains__(self, piece):
        known = super().__contains__(piece)
        self.questions.append((piece, known))
        return known


def cutting(reference) -> str:
    """Every look-up in the vocabulary while one word is cut."""
    vocabulary = Asked(PIECES)
    pieces = reference.wordpieces("feud", vocabulary)
    left, step, top = 74, 34, 44
    sketch = Sketch(440, top + step * len(vocabulary.questions) + 10)
    sketch.text(left, 24, "the rest", MUTED, anchor="start")
    sketch.text(300, 24, "known?", MUTED)
    start, word = 0, "_feud"
    for row, (piece, known) in enumerate(vocabulary.questions):
        y = top + step * row
        for place, letter in enumerate(word):
            x = left + 30 * place
            tried = start <= place < start + len(piece)
            colour = ANNOTATION if tried and known else INK if tried else MUTED
            if place >= start:
                sketch.box(x, y, 26, 28, colour, fill=0.16 if tried and known else 0.04 if tried else 0, radius=4,
                           dashed=not tried, stroke=1.5 if tried else 1)  # fmt: skip
                sketch.text(x + 13, y + 19, letter, colour, bold=tried and known)
        sketch.text(300, y + 19, "yes" if known else "no", ANNOTATION if known else MUTED, bold=known)
        if known:
            sketch.text(380, y + 19, piece, ANNOTATION, bold=True, size=16)
            start += len(piece)
    told = "; ".join(f"{piece} {'yes' if known else 'no'}" for piece, known in vocabulary.questions)
    return figure(
        sketch,
        alt=f"Cutting feud. Is each beginning of what is left known? {told}. The pieces are {' and '.join(pieces)}.",
        caption=f"<em>feud</em> becomes {' '.join(pieces)}: the longest known beginning is taken, and the rest is cut in "
        "the same way. Solid boxes: the piece that is looked up; dashed boxes: letters that are not part of this look-up.",
    )


def sentence(reference) -> str:
    """The paper's example sentence and three other words, cut into pieces."""
    rows = []
    for word in [*SENTENCE.split(), "seated", "widths", "Överland"]:
        pieces = reference.wordpieces(word, PIECES)
        rows.append(
            [
                f"<em>{word}</em>",
                "&ensp;".join(piece.replace("<", "&lt;") for piece in pieces),
                str(len(pieces)),
            ]
        )
    return f'<div class="numbers-scroll">{html_table(["word", "pieces", "how many"], rows)}</div>'


def stack(reference) -> str:
    """Four layers of both stacks, from the bottom up, with their residual connections and the context."""
    sketch = Sketch(440, 452)
    left, right, width, height = 100, 336, 132, 36
    tops = [346, 262, 178, 94]  # layers 1 to 4

    def layer(centre, y, words, colour):
        sketch.box(centre - width / 2, y, width, height, colour, fill=0.1)
        sketch.text(centre, y + 23, words, colour)

    def up(centre, start, end, colour=MUTED):
        sketch.line([(centre, start), (centre, end)], colour, arrow=True)

    def added(centre, y, side, colour):
        """The way around the layer at `y`, and the sum above it."""
        sketch.circle(centre, y - 16, 10, INK, fill=1, inside=PAPER)
        sketch.text(centre, y - 11, "+", size=17)
        edge = centre + side * (width / 2 + 14)
        sketch.line(
            [(centre, y + height + 11), (edge, y + height + 11), (edge, y - 16), (centre + side * 11, y - 16)],
            colour, 2, arrow=True,
        )  # fmt: skip

    sketch.text(left, 20, "encoder", ANNOTATION, bold=True)
    sketch.text(right, 20, "decoder", QUERY, bold=True)
    # the encoder's bottom layer reads in both directions
    for x, words in ((left - width / 2, "LSTM →"), (left + 3, "LSTM ←")):
        sketch.box(x, tops[0], width / 2 - 3, height, ANNOTATION, fill=0.1)
        sketch.text(x + width / 4, tops[0] + 23, words, ANNOTATION, size=14)
    for number_, y in enumerate(tops[1:], start=2):
        layer(left, y, f"LSTM {number_}", ANNOTATION)
    for number_, y in enumerate(tops, start=1):
        layer(right, y, f"LSTM {number_}", QUERY)
    for centre, colour, side in ((left, ANNOTATION, -1), (right, QUERY, 1)):
        up(centre, 420, tops[0] + height + 2)
        up(centre, tops[0], tops[1] + height + 2)
        up(centre, tops[1], tops[2] + height + 2)
        for y, above in ((tops[2], tops[3] + height + 2), (tops[3], 52)):
            up(centre, y, y - 5)
            up(centre, y - 27, above)
            added(centre, y, side, colour)
    sketch.text(left, 438, "source, in pieces", ANNOTATION, size=14)
    sketch.text(right, 438, "the last piece", QUERY, size=14)
    sketch.text(left, 44, "annotations", ANNOTATION, size=14)
    sketch.text(right, 44, "to the softmax", QUERY, size=14)
    # attention between the stacks: the bottom layer asks, every layer reads the answer
    sketch.box(186, 130, 64, 40, WEIGHT, fill=0.2, inside=SHARE)
    sketch.text(218, 147, "atten-", WEIGHT, size=14)
    sketch.text(218, 163, "tion", WEIGHT, size=14)
    sketch.line([(146, 40), (198, 40), (198, 128)], ANNOTATION, 2, arrow=True)
    sketch.line([(right - width / 2, 370), (200, 370), (200, 172)], QUERY, 2, arrow=True)
    for y, words in ((400, "query, for the"), (417, "next step")):
        sketch.text(196, y, words, QUERY, size=13, anchor="start")
    sketch.line([(236, 170), (236, tops[0] + 12)], CONTEXT, 2)
    sketch.line([(236, 130), (236, tops[3] + 18)], CONTEXT, 2)
    for y in tops:
        at = y + (12 if y == tops[0] else 18)
        sketch.line([(236, at), (right - width / 2 - 2, at)], CONTEXT, 2, arrow=True)
    return figure(
        sketch,
        alt="Two stacks of four LSTM layers, drawn from the bottom up. The encoder's bottom layer reads in both directions. "
        "In both stacks lines lead around the third and the fourth layer, whose input is added to their output; the first "
        "two have none. The encoder's top gives the annotations. The output of the decoder's bottom layer is the query for "
        "the context of the next step, and the context goes to all four layers of the decoder.",
        caption="Four of the paper's eight layers. The residual connections begin at the third layer; in the encoder it is "
        "the first whose input is as long as its output. Purple: every decoder layer reads the context that was computed in "
        "the step before.",
    )


def depth(reference) -> str:
    """The gradient that reaches the words below stacks of 2 to 12 layers, with residual connections and without."""
    H, S, depths, rows = 16, 6, (2, 4, 6, 8, 12), []
    for layers in depths:
        norms = []
        for residual in (True, False):
            torch.manual_seed(5)
            encoder = reference.GNMTEncoder(H, H, layers)
            x = words = torch.randn(4, S, H, requires_grad=True)
            if residual:
                x = encoder(words, torch.full((4,), S))
            else:
                for lstm in encoder.layers:
                    x = lstm(x)[0]
            (x * torch.randn(4, S, H)).sum().backward()
            norms.append(words.grad.norm().item())
        rows.append((layers, *norms))
    first = rows[0][1]
    shares = [(layers, one / first, other / first) for layers, one, other in rows]
    fig, axes = plot(440, 310)
    axes.semilogy([row[0] for row in shares], [row[1] for row in shares], color=QUERY, marker="o")
    axes.semilogy(
        [row[0] for row in shares], [row[2] for row in shares], color=INK, marker="s", linestyle="--"
    )
    axes.annotate("residual", (8, shares[3][1]), (0, 14), textcoords="offset points", color=QUERY)
    axes.annotate("plain", (6, shares[2][2]), (12, 4), textcoords="offset points", color=INK)
    axes.set(xlabel="layers", ylabel="gradient, two layers = 1", xticks=depths)
    last = shares[-1]
    return figure(
        fig,
        alt="The gradient that reaches the words, on a logarithmic axis, from 2 to 12 layers. With residual connections it "
        f"ends at {number(last[1], 2)} of what two layers let through; without them it falls to {last[2]:.1e}.",
        caption="The same untrained LSTMs, with and without residual connections: how much of a gradient at the top arrives "
        "at the words. Without them, the gradient shrinks in every layer. With them, a part of it is passed on unchanged.",
        table=(
            ["layers", "residual", "plain"],
            [[str(n), one, f"{other:.2e}"] for n, one, other in shares],
        ),
    )


def lengths(reference) -> str:
    """The length penalty for several α."""
    words = list(range(1, 41))
    fig, axes = plot(440, 300)
    styles = {0.0: ":", 0.2: "-.", 0.6: "--", 1.0: "-"}
    for alpha, style in styles.items():
        axes.plot(words, [reference.length_penalty(n, alpha) for n in words], style, color=WEIGHT)
        place = (40, reference.length_penalty(40, alpha))
        below = -18 if alpha == 0 else 6
        axes.annotate(
            f"α = {alpha:g}", place, (0, below), textcoords="offset points", ha="right", color=WEIGHT
        )
    axes.set(xlabel="length |Y|, eos included", ylabel="lp(Y)", xlim=(0, 41), ylim=(0, 8.3))
    marks = (1, 2, 7, 19, 40)
    rows = [[f"{alpha:g}", *(reference.length_penalty(n, alpha) for n in marks)] for alpha in styles]
    return figure(
        fig,
        alt="The length penalty from one word to forty for α of 0, 0.2, 0.6 and 1. All start at 1. α = 0 stays there, α = 1 "
        f"is a straight line up to {number(reference.length_penalty(40, 1.0), 1)}, the others bend in between.",
        caption="The number that divides a log-probability. With α = 1 it grows in proportion to 5 + |Y|; with α = 0 it is "
        "always 1.",
        table=(["α", *(f"|Y| = {n}" for n in marks)], rows),
    )


def coverage(reference) -> str:
    """The weights of two translations, their sums for each source word, and the coverage penalty."""
    sentences, cell, top, left = ([THE, BOOKS], [THE, RED, BOOKS]), 82, 30, 104
    sketch, y, parts, rows = Sketch(440, 486), 0, [], []
    for tokens in sentences:
        _, weights = walked(tokens)
        penalty = reference.coverage_penalty(weights, 1.0).item()
        for column, word in enumerate(SOURCE):
            sketch.text(left + cell * (column + 0.5), y + 20, word, ANNOTATION, italic=True)
        for row, (token, line) in enumerate(zip([*tokens, EOS], weights.tolist(), strict=True)):
            line_y = y + top + 36 * row
            sketch.text(left - 10, line_y + 23, NAMES[token], QUERY, italic=True, anchor="end")
            for column, weight in enumerate(line):
                x = left + cell * column
                sketch.box(x + 2, line_y + 2, cell - 4, 32, WEIGHT, 0.9 * weight, SHARE, stroke=0.7)
                sketch.text(x + cell / 2, line_y + 23, number(weight, 2))
            rows.append([f"{say(tokens)}: {NAMES[token]}", *line])
        sums = weights.sum(dim=0).tolist()
        y += top + 36 * len(weights)
        sketch.line([(left, y + 4), (left + 3 * cell, y + 4)], MUTED, 1)
        sketch.text(left - 10, y + 26, "sum", MUTED, anchor="end")
        for column, total in enumerate(sums):
            short = total < 1
            x = left + cell * (column + 0.5)
            sketch.text(x, y + 26, number(total, 2), CONTEXT if short else INK, bold=short)
        sketch.text(left - 10, y + 50, "log min", MUTED, anchor="end")
        for column, total in enumerate(sums):
            sketch.text(left + cell * (column + 0.5), y + 50, number(math.log(min(total, 1.0)), 2), MUTED)
        sketch.text(left + 3 * cell + 42, y + 50, number(penalty, 2), CONTEXT, bold=True)
        sketch.text(left + 3 * cell + 42, y + 26, "cp", CONTEXT, bold=True)
        rows.append([f"{say(tokens)}: sum", *sums])
        got = ", ".join(number(total, 2) for total in sums)
        parts.append(
            f"{say(tokens)} gives les, livres and rouges {got}, so its penalty is {number(penalty, 2)}"
        )
        y += 76
    return figure(
        sketch,
        alt=f"Two alignments with the sums of their columns. {'; '.join(parts)}.",
        caption="A row for each target word, a column for each source word. Purple: columns that add up to less than 1. "
        "<em>The books</em> has hardly looked at <em>rouges</em>. The penalty cp is for β = 1.",
        table=(["", *SOURCE], rows),
    )


def probabilities(reference) -> str:
    """The two tables of the tiny model: next-word probabilities and weights."""
    rows = [
        [f"after <em>{NAMES[last]}</em>",
         *(number(value, 2) if value else "–" for value in TABLE[last, 1:].tolist()),
         *(number(value, 2) for value in LOOKS[last].tolist())]
        for last in (BOS, THE, RED, BOOKS)
    ]  # fmt: skip
    head = ["", *NAMES[1:], *(f"<em>{word}</em>" for word in SOURCE)]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def ranking(reference) -> str:
    """Every sentence that a beam of four finishes, with its score under each part of the formula."""
    settings = [(0.0, 0.0), (ALPHA, 0.0), (0.0, BETA), (ALPHA, BETA)]
    scores = [{tuple(tokens): score for tokens, score in found(reference, *setting)} for setting in settings]
    rows = []
    for tokens, _ in found(reference, ALPHA, BETA):
        cells = [f"<em>{say(tokens)}</em>", str(len(tokens) + 1)]
        for column in scores:
            best = max(column.values()) == column[tuple(tokens)]
            value = number(column[tuple(tokens)], 3)
            cells.append(f"<strong>{value}</strong>" if best else value)
        rows.append(cells)
    head = ["sentence", "|Y|", "log P", f"α = {ALPHA}", f"β = {BETA}", "both"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def turned_over(reference) -> str:
    """The order of the finished sentences without and with penalties, joined by lines."""
    plain, judged = found(reference, 0.0, 0.0), found(reference, ALPHA, BETA)
    step, top, width, height = 62, 40, 168, 46
    sketch = Sketch(440, top + step * len(plain) + 4)
    sketch.text(4 + width / 2, 22, "by log P", MUTED)
    sketch.text(436 - width / 2, 22, "by score", MUTED)
    told, rows = [], []
    for place, (tokens, log_prob) in enumerate(plain):
        after, score = next((at, score) for at, (words, score) in enumerate(judged) if words == tokens)
        wins = after == 0
        colour = CONTEXT if wins else MUTED
        y, z = top + step * place, top + step * after
        sketch.line([(4 + width, y + height / 2), (436 - width, z + height / 2)], colour, 2.5 if wins else 1.5,
                    dashed=not wins)  # fmt: skip
        for x, line, value in ((4, y, log_prob), (436 - width, z, score)):
            sketch.box(x, line, width, height, colour, fill=0.16 if wins else 0.03)
            sketch.text(
                x + width / 2, line + 19, say(tokens), colour if wins else INK, italic=True, bold=wins
            )
            sketch.text(x + width / 2, line + 38, number(value, 3), colour if wins else MUTED, size=14)
        told.append(f"{say(tokens)}, number {place + 1} by log P with {number(log_prob, 3)}, is number {after + 1} by score "
                    f"with {number(score, 3)}")  # fmt: skip
        rows.append([f"<em>{say(tokens)}</em>", str(place + 1), log_prob, str(after + 1), score])
    return figure(
        sketch,
        alt=f"Two rankings joined by lines. {'; '.join(told)}.",
        caption=f"The finished sentences of a beam of four, ranked by probability and by score, with α = {ALPHA} and "
        f"β = {BETA}.",
        table=(["sentence", "rank by log P", "log P", "rank by score", "score"], rows),
    )


def pruned(reference) -> str:
    """How many tokens a search over a random model of 200 words considers, for several thresholds."""
    generator = torch.Generator().manual_seed(3)
    table = 2.0 * torch.randn(200, 200, generator=generator, dtype=torch.float64)
    table[:, EOS] += 3
    table[:, BOS], table[BOS, EOS] = -math.inf, -math.inf
    table = table.log_softmax(dim=-1)
    rows = []
    for prune in (math.inf, 3.0, 2.0, 1.0):
        steps, near = [], []

        def step(tokens, state, prune=prune, steps=steps, near=near):
            log_probs = table[tokens]
            best = log_probs.amax(dim=-1, keepdim=True)
            near.append(int(((log_probs >= best - prune) & log_probs.isfinite()).sum()))
            steps.append(len(tokens))
            return log_probs, state, torch.ones(len(tokens), 1, dtype=torch.float64)

        hypotheses = reference.beam_search(step, torch.zeros(1), BOS, EOS, 8, 30, ALPHA, BETA, prune)
        words, score = hypotheses[0]
        kept = "nothing" if prune == math.inf else f"{prune:g}"
        rows.append([kept, f"{sum(near):,}", str(sum(steps)), str(len(hypotheses)), str(len(words)), score])
    head = [
        "prune",
        "tokens considered",
        "decoder steps",
        "sentences returned",
        "words of the best",
        "its score",
    ]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'
