"""The figures and worked numbers of t03. Each function gets the reference module and returns HTML."""

import numpy as np
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
    sub,
)

WORDS = ["comment", "allez", "vous"]
STATE = np.array([1.0, 1.0])
ANNOTATIONS = np.array([[2.0, 0.0], [1.0, 2.0], [-1.0, 1.0]])
SCORES = ANNOTATIONS @ STATE

# A decoder whose numbers were set by hand: after each word it looks at the source word that it needs next.
SOURCE, TARGET = ["les", "livres", "rouges"], ["<bos>", "<eos>", "the", "red", "books"]
DECODER = dict(
    state=np.zeros(3),
    annotations=3.0 * np.eye(3),
    mask=None,
    embeddings=np.array([
        [2.0, 0.0, -1.0],  # after <bos> look at les
        [0.0, 0.0, 0.0],
        [-1.0, 0.5, 1.6],  # after the look at rouges
        [-1.0, 1.5, 0.2],  # after red look at livres
        [-1.5, -1.5, -1.5],  # after books look nowhere: the end
    ]),
    W_ih=np.eye(3),
    W_hh=np.zeros((3, 3)),
    b=np.zeros(3),
    W_out=np.array([
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, -1.0, -1.0, -1.0],  # <eos> reads the state: it fires where the state is low
        [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],  # the words read the context
        [0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    ]),
    bos=0,
    eos=1,
    max_len=10,
)  # fmt: skip


def pair(vector) -> str:
    """A vector as people write it: (2, 0) or (1.19, 1.45)."""
    whole = np.all(vector == np.round(vector))
    return f"({', '.join(number(value, 0 if whole else 2) for value in vector)})"


def one_look(reference) -> str:
    """The whole of attention in one drawing, with its numbers."""
    context, weights = reference.attend(STATE, ANNOTATIONS)
    sketch, columns = Sketch(440, 496), [152, 264, 376]
    for x, word, annotation in zip(columns, WORDS, ANNOTATIONS, strict=True):
        sketch.text(x, 22, word, italic=True, size=17)
        sketch.box(x - 42, 36, 84, 36, ANNOTATION, fill=0.16)
        sketch.text(x, 59, pair(annotation), ANNOTATION, bold=True)
    sketch.text(6, 50, "annotations", ANNOTATION, anchor="start")
    sketch.text(6, 68, sub("h", "i"), ANNOTATION, anchor="start")

    sketch.text(6, 108, "1 · score", MUTED, anchor="start")
    sketch.line([(88, 152), (columns[2], 152)], QUERY, 1.5, 0.6)
    sketch.box(6, 126, 82, 52, QUERY, fill=0.16)
    sketch.text(47, 147, "state s", QUERY)
    sketch.text(47, 167, pair(STATE), QUERY, bold=True)
    for x, score in zip(columns, SCORES, strict=True):
        sketch.line([(x, 72), (x, 130)], ANNOTATION, 1.5, 0.8, arrow=True)
        sketch.circle(x, 152, 20, INK, fill=1, inside=PAPER)
        sketch.text(x, 158, number(score, 0), bold=True, size=17)
        sketch.line([(x, 172), (x, 202)], MUTED, arrow=True)

    sketch.text(6, 224, "2 · softmax", MUTED, anchor="start")
    sketch.box(104, 204, 330, 32, MUTED, fill=0.1, radius=16)
    sketch.text(269, 225, "share out one unit of attention")
    for x, weight in zip(columns, weights, strict=True):
        sketch.line([(x, 236), (x, 256)], MUTED, arrow=True)
        height = max(80 * weight, 1.5)
        sketch.box(x - 30, 338 - height, 60, height, SHARE, fill=0.85, radius=2, stroke=0)
        sketch.box(x - 30, 258, 60, 80, WEIGHT, radius=3, stroke=1)
        sketch.text(x, 358, number(weight, 2), WEIGHT, bold=True)
    sketch.text(6, 294, "weights", WEIGHT, anchor="start")
    sketch.text(6, 312, sub("α", "i"), WEIGHT, anchor="start")

    for x, weight in zip(columns, weights, strict=True):
        sketch.line([(x, 366), (x, 408), (264, 392), (264, 434)], SHARE, 1 + 18 * weight, 0.85, curve=True)
    sketch.text(6, 406, "3 · weighted sum", MUTED, anchor="start")
    sketch.box(204, 434, 120, 54, CONTEXT, fill=0.16)
    sketch.text(264, 456, "context c", CONTEXT)
    sketch.text(264, 476, pair(context), CONTEXT, bold=True)
    return figure(
        sketch,
        alt=f"Attention in three steps. The state {pair(STATE)} is compared with the annotations of comment, allez "
        f"and vous and gives the scores {', '.join(number(s, 0) for s in SCORES)}. Softmax turns them into the weights "
        f"{', '.join(number(w, 2) for w in weights)}. Their weighted sum of the annotations is the context {pair(context)}.",
        caption="One look at the source. The decoder has written <em>how</em>. Its state has the largest dot product "
        "with the annotation of <em>allez</em>, so most of the unit of attention goes there.",
    )


def one_step(reference) -> str:
    """What happens between two words: first the new state, then the look."""
    sketch = Sketch(440, 336)
    sketch.text(220, 20, "annotations of the source", ANNOTATION)
    sketch.line([(220, 28), (220, 58)], ANNOTATION, 2, arrow=True)
    sketch.box(168, 60, 104, 42, WEIGHT, fill=0.2, inside=SHARE)
    sketch.text(220, 86, "attend", WEIGHT, bold=True)
    sketch.line([(272, 81), (330, 81)], CONTEXT, 2, arrow=True)
    sketch.box(332, 60, 102, 42, CONTEXT, fill=0.16)
    sketch.text(383, 86, "context", CONTEXT, bold=True)

    sketch.line([(220, 154), (220, 104)], QUERY, 2, arrow=True)
    sketch.box(168, 154, 104, 42, QUERY, fill=0.16)
    sketch.text(220, 180, "new state", QUERY, bold=True)
    sketch.line([(220, 236), (220, 198)], QUERY, 2, arrow=True)
    sketch.box(160, 236, 120, 42, INK, fill=0.05)
    sketch.text(220, 262, "recurrent step")

    sketch.box(6, 154, 112, 42, QUERY, fill=0.06, dashed=True)
    sketch.text(62, 180, "previous state", QUERY)
    sketch.line([(62, 196), (62, 248), (158, 248)], QUERY, arrow=True)
    sketch.box(6, 284, 112, 42, INK, fill=0.05)
    sketch.text(62, 310, "previous word")
    sketch.line([(118, 305), (140, 305), (140, 268), (158, 268)], MUTED, arrow=True)

    sketch.line([(272, 175), (330, 175)], QUERY, 2, arrow=True)
    sketch.line([(383, 102), (383, 152)], CONTEXT, 2, arrow=True)
    sketch.box(332, 154, 102, 42, INK, fill=0.05)
    sketch.text(383, 180, "logits", bold=True)
    sketch.line([(383, 196), (383, 318), (120, 318)], MUTED, 1.5, arrow=True, dashed=True)
    sketch.text(258, 310, "the best word is read next", MUTED, size=14)
    return figure(
        sketch,
        alt="One decoder step. The embedding of the previous word and the previous state enter the recurrent step and "
        "give the new state. The new state attends to the annotations, which gives the context. Context and new state "
        "together give the logits; the best word is fed back as the previous word of the next step.",
        caption="One step of the decoder, from the bottom up. It first reads the word that it has just written. Then "
        "it looks at the source with the <em>new</em> state. The logits are computed from the context and the new state.",
    )


def worked_table(reference) -> str:
    """The three steps with every number in between."""
    context, weights = reference.attend(STATE, ANNOTATIONS)
    rows = [
        [f"<em>{word}</em>", pair(annotation), f"{number(score, 0)}", number(np.exp(score)), number(weight),
         pair(weight * annotation)]
        for word, annotation, score, weight in zip(WORDS, ANNOTATIONS, SCORES, weights, strict=True)
    ]  # fmt: skip
    rows.append(
        [
            "sum",
            "",
            "",
            number(np.exp(SCORES).sum()),
            number(weights.sum()),
            f"<strong>{pair(context)}</strong>",
        ]
    )
    head = ["word", "annotation h", "score s · h", "exp(score)", "weight α", "α h"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def _shares(rows, alt, caption) -> str:
    """One unit of attention a row, cut into the words' shares. A row: (label, note, weights)."""
    sketch, left, width = Sketch(440, 62 * len(rows) + 4), 136, 300
    for index, (label, note, weights) in enumerate(rows):
        y = 62 * index + 6
        sketch.text(left - 12, y + 20, label, anchor="end")
        sketch.text(left - 12, y + 38, note, MUTED, size=14, anchor="end")
        sketch.box(left, y, width, 46, WEIGHT, radius=3, stroke=1, dashed=not weights.any())
        x = left
        for word, weight, fill in zip(WORDS, weights, (0.75, 0.45, 0.2), strict=True):
            share = width * weight
            if share:
                sketch.box(x, y, share, 46, WEIGHT, fill=fill, inside=SHARE, radius=3, stroke=1)
            if weight > 0.2:
                sketch.text(x + share / 2, y + 20, word, italic=True, size=14)
                sketch.text(x + share / 2, y + 38, number(weight), size=14, bold=True)
            x += share
        if not weights.any():
            sketch.text(left + width / 2, y + 28, "all weights are zero", MUTED, size=14)
    table = (["", *WORDS], [[f"{label} {note}", *weights] for label, note, weights in rows])
    return figure(sketch, alt, caption, table)


def sharing(reference) -> str:
    """What softmax keeps and what it changes."""
    softmax = reference.softmax
    rows = [
        ("2, 3, 0", "the scores above", softmax(SCORES)),
        ("1002, 1003, 1000", "1000 added", softmax(SCORES + 1000)),
        ("0.5, 0.75, 0", "divided by four", softmax(SCORES / 4)),
        ("6, 9, 0", "times three", softmax(SCORES * 3)),
        ("0, 0, 0", "no difference", softmax(SCORES * 0)),
    ]
    return _shares(
        rows,
        alt="Five bars of the same length, each cut into the shares of comment, allez and vous. Adding 1000 to all "
        "scores changes nothing. Dividing the scores by four makes the shares more equal, tripling them gives allez 95 "
        "per cent, and equal scores give equal shares.",
        caption="Each bar is one unit of attention. Adding the same number to all scores changes nothing. Larger "
        "differences between the scores make the shares less equal, and equal scores give equal shares.",
    )


def masking(reference) -> str:
    """What a mask does to the shares."""

    def weights(*allowed):
        return reference.masked_softmax(SCORES, np.array(allowed))

    rows = [
        ("✓ ✓ ✓", "all allowed", weights(True, True, True)),
        ("✓ ✓ –", "vous hidden", weights(True, True, False)),
        ("✓ – ✓", "allez hidden", weights(True, False, True)),
        ("– – –", "all hidden", weights(False, False, False)),
    ]
    return _shares(
        rows,
        alt="Four bars of one unit of attention under four masks. With vous hidden, comment and allez share the whole "
        "unit. With allez, which has the largest score, hidden, comment gets 88 per cent. With everything hidden all "
        "weights are zero.",
        caption="The same scores under four masks. The share of a hidden word goes to the others, in proportion to "
        "their own shares. The bar is empty only where nothing is allowed.",
    )


def triangle(reference) -> str:
    """Where the context can go: inside the annotations' hull, nearer to the best match as the state grows."""
    factors = np.linspace(0, 4, 81)
    path = np.array([reference.attend(k * STATE, ANNOTATIONS)[0] for k in factors])
    fig, axes = plot(440, 284)
    axes.fill(*ANNOTATIONS.T, facecolor=ANNOTATION, alpha=0.1)
    axes.plot(*np.vstack([ANNOTATIONS, ANNOTATIONS[:1]]).T, color=ANNOTATION, linewidth=1, alpha=0.6)
    axes.plot(*ANNOTATIONS.T, "o", color=ANNOTATION, markersize=9)
    for word, (x, y), shift in zip(WORDS, ANNOTATIONS, [(12, -4), (10, 4), (-12, -4)], strict=True):
        axes.annotate(word, (x, y), shift, textcoords="offset points", color=ANNOTATION, style="italic",
                      ha="left" if shift[0] > 0 else "right")  # fmt: skip
    axes.annotate(
        "", STATE, (0, 0), arrowprops=dict(arrowstyle="-|>", color=QUERY, linewidth=2.2, shrinkA=0, shrinkB=0)
    )
    axes.annotate("state", (0.47, 0.33), color=QUERY)
    axes.plot(*path.T, color=CONTEXT)
    marks = [0.0, 1.0, 2.0]
    table = []
    for k in marks:
        context, weights = reference.attend(k * STATE, ANNOTATIONS)
        axes.plot(*context, "o", color=CONTEXT, markersize=7)
        axes.annotate(
            f"state × {k:g}",
            context,
            (-10, 4),
            textcoords="offset points",
            color=CONTEXT,
            ha="right",
            fontsize=13,
        )
    for k in (0.0, 0.5, 1.0, 2.0, 4.0):
        context, weights = reference.attend(k * STATE, ANNOTATIONS)
        table.append([f"× {k:g}", *weights, pair(context)])
    axes.set(xlim=(-2.0, 3.1), ylim=(-0.35, 2.45), aspect="equal", xticks=range(-1, 4), yticks=range(3))
    return figure(
        fig,
        alt="A triangle with corners at the annotations of comment, allez and vous. The context starts in its middle "
        "when the state is multiplied by 0, and moves along a curve towards the corner allez as the state grows.",
        caption="The three annotations are points in the plane, and the context is always inside their triangle. A "
        "longer state makes the differences between the scores larger, and the context moves towards the best match.",
        table=(["state", *WORDS, "context"], table),
    )
