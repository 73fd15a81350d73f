"""Dot, general and additive scores on the same vectors: one query that can be turned and stretched, three keys."""

import math

import numpy as np
import torch
from coursepage import reference
from drawing import ANNOTATION, INK, MUTED, QUERY, SHARE, WEIGHT, inline_svg, number

from widgets.parts import LiveSketch, frame, slider

WORDS = ["comment", "allez", "vous"]
KEYS = np.array([[1.2, 0.4], [0.4, 1.8], [-1.4, 0.8]])
LENGTH, ANGLE = 1.5, 45  # of the query at first; the angle in degrees
# Set by hand. General: look a quarter turn to the left of where I point.
W = np.array([[0.0, 1.0], [-1.0, 0.0]])
# Additive: look at what is near. Two hidden units for each of the plane's axes turn on just before and just after the
# query's own number; a constant 1 behind the query's two numbers moves them apart.
W_Q = np.array([[-1.0, 0.0, 0.5], [-1.0, 0.0, -0.5], [0.0, -1.0, 0.5], [0.0, -1.0, -0.5]])
W_K = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
V = np.array([2.0, -2.0, 2.0, -2.0])
KINDS = {"dot": "q · k", "general": "q W k", "additive": "v · tanh(…)"}
CENTRE, UNIT, BARS, WIDTH = (180, 154), 62, 330, 300  # pixels


def query(length: float = LENGTH, angle: float = ANGLE) -> np.ndarray:
    return length * np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])


def scores(q: np.ndarray) -> dict[str, np.ndarray]:
    """The references' three scores of a query (2,) against the keys."""
    multiplicative, additive = reference("t08_multiplicative"), reference("t09_additive")
    with_one = torch.tensor([[[*q, 1.0]]], dtype=torch.float64)
    parts = (torch.tensor(part) for part in (W_Q, W_K, V))
    return {
        "dot": multiplicative.dot_score(q, KEYS),
        "general": multiplicative.general_score(q, KEYS, W),
        "additive": additive.additive_score(with_one, torch.tensor(KEYS)[None], *parts)[0, 0].numpy(),
    }


def _at(vector) -> tuple[float, float]:
    return CENTRE[0] + UNIT * vector[0], CENTRE[1] - UNIT * vector[1]


def widget() -> str:
    q, softmax = query(), reference("t03_attention_decoding").softmax
    found = scores(q)
    weights = {kind: softmax(values) for kind, values in found.items()}
    sketch = LiveSketch(440, BARS + 3 * 62)
    sketch.line([(10, CENTRE[1]), (350, CENTRE[1])], MUTED, 0.8, 0.6)
    sketch.line([(CENTRE[0], 8), (CENTRE[0], 300)], MUTED, 0.8, 0.6)
    for word, key in zip(WORDS, KEYS, strict=True):
        sketch.line([CENTRE, _at(key)], ANNOTATION, 1.2, 0.6)
        sketch.circle(*_at(key), 7, ANNOTATION, fill=1)
        sketch.text(_at(key)[0] + (14 if key[0] > 0 else -14), _at(key)[1] + 5, word, ANNOTATION, italic=True,
                    anchor="start" if key[0] > 0 else "end")  # fmt: skip
    (x0, y0), (x1, y1) = CENTRE, _at(q)
    sketch.raw(f'<line data-part="query" x1="{x0}" y1="{y0}" x2="{x1:.1f}" y2="{y1:.1f}" '
               f'style="stroke:{QUERY};stroke-width:3"/><circle data-part="tip" cx="{x1:.1f}" cy="{y1:.1f}" r="8" '
               f'style="fill:{QUERY}"/>')  # fmt: skip
    sketch.text(434, 296, "drag the query", QUERY, anchor="end", size=14)
    for row, (kind, formula) in enumerate(KINDS.items()):
        y, x = BARS + 62 * row, 136.0
        sketch.text(124, y + 19, kind, INK, anchor="end")
        sketch.text(124, y + 37, formula, MUTED, size=14, anchor="end")
        with sketch.group(kind=kind):
            for word, share, opacity in zip(WORDS, weights[kind], (0.75, 0.45, 0.2), strict=True):
                wide = WIDTH * share
                hidden = ' style="visibility:hidden"' if share < 0.22 else ""
                sketch.raw(
                    f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="46" style="fill:{SHARE};fill-opacity:{opacity};'
                    f'stroke:{WEIGHT}"/><g{hidden} transform="translate({x + wide / 2:.1f} {y})">'
                )
                sketch.text(0, 20, word, size=14, italic=True)
                sketch.text(0, 38, number(share, 2), size=14, bold=True)
                sketch.raw("</g>")
                x += wide
    best = {kind: WORDS[int(values.argmax())] for kind, values in found.items()}
    alt = "; ".join(
        f"{kind} {', '.join(f'{word} {number(share, 2)}' for word, share in zip(WORDS, weights[kind], strict=True))}"
        for kind in KINDS
    )
    return frame(
        "scores",
        inline_svg(sketch, f"A query and three keys in the plane, and the weights that three scores give: {alt}."),
        slider("angle", "Direction of the query", -180, 180, 5, ANGLE, shown=f"{ANGLE}°")
        + slider("length", "Length", 0, 2.4, 0.1, LENGTH),
        {"words": WORDS, "keys": KEYS.tolist(), "W": W.tolist(), "W_q": W_Q.tolist(), "W_k": W_K.tolist(),
         "v": V.tolist(), "plot": {"centre": CENTRE, "unit": UNIT, "left": 136, "width": WIDTH}},
        "The same query and the same keys with three scores. <em>Dot</em> is high for long keys in the query's direction. "
        "<em>General</em>, with this matrix, is high for long keys a quarter turn to the left of it. <em>Additive</em>, with "
        "these four hidden units, is high for keys near the query. All numbers were set by hand; a model learns them. If you "
        "make the query longer, the weights of the two products get sharper and sharper, while the additive score is bounded.",
        "Most weight: " + ", ".join(f"{kind} on {word}" for kind, word in best.items()) + ".",
        (["", *(name for kind in KINDS for name in (f"{kind}: score", "weight"))],
         [[word, *(float(value) for kind in KINDS for value in (found[kind][s], weights[kind][s]))]
          for s, word in enumerate(WORDS)]),
    )  # fmt: skip
