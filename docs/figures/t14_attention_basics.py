"""The figures and worked numbers of t14. Each function gets the reference module and returns HTML."""

import json
from pathlib import Path

import numpy as np
from drawing import ANNOTATION, CONTEXT, INK, MUTED, QUERY, SHARE, WEIGHT, Sketch, figure, html_table, number

MEASURED = Path(__file__).resolve().parents[1] / "data" / "lab" / "translate.json"

STATE = np.array([5, 1, 20])
# (H, S): an annotation is a column
ANNOTATIONS = np.array([[3, 12, 45], [59, 2, 5], [1, 43, 5], [4, 3, 45.3]]).T
NAMES = ["1", "2", "3", "4"]
LEFT, WIDE, HIGH = 116, 78, 36


def plain(value: float, digits: int = 1) -> str:
    """927, 45.3, 0.119: as many digits as the number needs."""
    return number(value, 0 if digits == 1 and float(value).is_integer() else digits)


def heat(sketch, x, y, values, colour, digits=1, inside=None, width=WIDE):
    """A heat map of boxes: as strong as the number is large beside the largest of them."""
    largest, strongest = np.abs(values).max() or 1.0, 0.2 if colour == INK else 0.75 if inside else 0.5
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            left, top = x + width * column, y + HIGH * row
            sketch.box(
                left + 1,
                top + 1,
                width - 2,
                HIGH - 2,
                colour,
                strongest * abs(value) / largest,
                inside,
                3,
                stroke=0.7,
            )
            sketch.text(left + width / 2, top + HIGH / 2 + 5, plain(value, digits))


def _head(sketch, y, colour=ANNOTATION):
    for column, name in enumerate(NAMES):
        sketch.text(LEFT + WIDE * (column + 0.5), y, f"annotation {name}" if not column else name, colour)


def _results(reference):
    scores = reference.dot_attention_score(STATE, ANNOTATIONS)
    weights = reference.softmax(scores)
    applied = reference.apply_attention_scores(weights, ANNOTATIONS)
    return scores, weights, applied, reference.calculate_attention_vector(applied)


def overview(reference) -> str:
    """All steps, one below the other, with a column for each annotation."""
    scores, weights, applied, vector = _results(reference)
    sketch = Sketch(440, 424)
    _head(sketch, 18)
    heat(sketch, LEFT, 28, ANNOTATIONS, ANNOTATION)
    sketch.text(6, 20, "state", QUERY, anchor="start")
    heat(sketch, 4, 28, STATE[:, None], QUERY, width=52)
    sketch.text(84, 86, "·", size=22)
    sketch.text(6, 182, "1 · scores", anchor="start")
    heat(sketch, LEFT, 158, scores[None], INK)
    sketch.text(6, 246, "2 · weights", WEIGHT, anchor="start")
    heat(sketch, LEFT, 222, weights[None], WEIGHT, 3, SHARE)
    heat(sketch, LEFT, 286, applied, ANNOTATION, 2)
    sketch.text(LEFT + 2 * WIDE, 416, "3 · scaled", ANNOTATION)
    heat(sketch, 4, 286, vector[:, None], CONTEXT, 2, width=64)
    sketch.text(36, 416, "4 · sum", CONTEXT, bold=True)
    for row in range(3):
        y = 286 + HIGH * (row + 0.5)
        sketch.line([(LEFT - 4, y), (72, y)], CONTEXT, 2, arrow=True)
    for column in range(4):
        x = LEFT + WIDE * (column + 0.5)
        for top in (136, 194, 258):
            sketch.line([(x, top + 2), (x, top + 20)], MUTED, arrow=True)
    return figure(
        sketch,
        alt=f"Heat maps of each step. Four annotations as columns, the state {list(map(int, STATE))} beside them. Scores "
        f"{', '.join(map(plain, scores))}. Weights {', '.join(number(w) for w in weights)}. The scaled annotations: only "
        f"the first and the fourth are left. Their sum is {', '.join(number(v, 2) for v in vector)}.",
        caption="Each column shows an annotation, its score, its weight and the scaled annotation. Then the columns are "
        "added up. In each map, the strongest colour marks the largest number of that map.",
        table=(
            ["annotation", "score", "weight", "scaled 1", "scaled 2", "scaled 3"],
            [[name, plain(scores[s]), weights[s], *applied[:, s]] for s, name in enumerate(NAMES)],
        ),
    )


def products(reference) -> str:
    """The products of state and annotations, and their sums, the scores."""
    parts = STATE[:, None] * ANNOTATIONS
    scores = reference.dot_attention_score(STATE, ANNOTATIONS)
    sketch = Sketch(440, 196)
    _head(sketch, 18)
    for row, value in enumerate(STATE):
        sketch.text(LEFT - 12, 28 + HIGH * (row + 0.5) + 5, f"{value} ×", QUERY, anchor="end")
    heat(sketch, LEFT, 28, parts, ANNOTATION)
    sketch.text(LEFT - 12, 174, "score", anchor="end", bold=True)
    heat(sketch, LEFT, 150, scores[None], INK)
    return figure(
        sketch,
        alt="A heat map of the products of state and annotations: "
        + "; ".join(
            f"annotation {name}: {' + '.join(map(plain, parts[:, s]))} = {plain(scores[s])}"
            for s, name in enumerate(NAMES)
        )
        + ".",
        caption="State and annotation are multiplied number by number, and each column is added up. The state's 20 matters "
        "most: annotations with a large third number get the highest scores.",
        table=(
            ["annotation", "5 × first", "1 × second", "20 × third", "score"],
            [[name, *map(plain, parts[:, s]), plain(scores[s])] for s, name in enumerate(NAMES)],
        ),
    )


def sharing(reference) -> str:
    """The scores, their differences from the largest one, the exponentials, and the weights."""
    scores, weights, _, _ = _results(reference)
    away = scores - scores.max()
    rows = [
        [name, plain(score), plain(gap), _power(gap), f"<strong>{number(weight)}</strong>"]
        for name, score, gap, weight in zip(NAMES, scores, away, weights, strict=True)
    ]
    head = ["annotation", "score", "below the largest", "exp of that", "weight"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def _power(gap: float) -> str:
    """exp(gap), as a power of ten where it is small."""
    if gap > -9:
        return number(np.exp(gap))
    exponent = int(np.floor(gap / np.log(10)))
    return f"{number(np.exp(gap - exponent * np.log(10)), 1)} · 10<sup>{number(exponent, 0)}</sup>"


def applied(reference) -> str:
    """The annotations multiplied by their weights, and their sum."""
    _, weights, scaled, vector = _results(reference)
    sketch, width = Sketch(440, 206), 74
    for column, weight in enumerate(weights):
        centre = 6 + width * (column + 0.5)
        sketch.text(centre, 20, f"{number(weight)} ×", WEIGHT, bold=weight > 0.5)
        sketch.text(centre, 176, f"({', '.join(map(plain, ANNOTATIONS[:, column]))})", ANNOTATION, size=14)
    heat(sketch, 6, 34, scaled, ANNOTATION, 2, width=width)
    for row in range(3):
        sketch.text(320, 34 + HIGH * (row + 0.5) + 5, "=", size=18)
    sketch.text(382, 20, "sum", CONTEXT, bold=True)
    heat(sketch, 340, 34, vector[:, None], CONTEXT, 2, width=84)
    sketch.text(154, 198, "the annotations before", MUTED, size=14)
    return figure(
        sketch,
        alt=f"The four columns after scaling by {', '.join(number(w) for w in weights)}; the middle two are zero. Each "
        f"row adds up to one number of the attention vector: {', '.join(number(v, 2) for v in vector)}.",
        caption="Each weight scales its column; then each row is added up. The attention vector is close to annotation 4, "
        "with a small part of annotation 1.",
        table=(["", *NAMES, "sum"], [[f"number {h + 1}", *scaled[h], vector[h]] for h in range(3)]),
    )


def trained(reference) -> str:
    """An alignment of the lab's trained translator, if its numbers exist."""
    if not MEASURED.exists():
        return ""
    sentences = json.loads(MEASURED.read_text(encoding="utf-8"))["sentences"]
    fitting = [
        one
        for one in sentences
        if 5 <= len(one["source"]) <= 7 and one["words"] and one["words"] == one["wanted"]
    ]
    if not fitting:
        return ""
    source, words, weights = (fitting[0][key] for key in ("source", "words", "weights"))
    left, width, height, top = 76, 362 / len(source), 40, 92
    sketch = Sketch(440, top + height * len(words) + 4)
    for column, word in enumerate(source):
        y = 24 if column % 2 else 64
        x = left + width * (column + 0.5)
        sketch.text(x, y, word, ANNOTATION, italic=True)
        sketch.line([(x, y + 6), (x, top - 2)], MUTED, 1, 0.5)
    for row, (word, line) in enumerate(zip(words, weights, strict=True)):
        sketch.text(left - 8, top + height * row + 25, word, QUERY, anchor="end", italic=True)
        for column, weight in enumerate(line[: len(source)]):
            x, y = left + width * column, top + height * row
            sketch.box(x + 1, y + 1, width - 2, height - 2, WEIGHT, 0.9 * weight, SHARE, 3, 0.7)
            sketch.text(x + width / 2, y + 25, number(weight, 2), bold=weight > 0.5)
    looks = [
        f"{word} at {source[int(np.argmax(line[: len(source)]))]}"
        for word, line in zip(words, weights, strict=True)
    ]
    return figure(
        sketch,
        alt=f"The alignment of {' '.join(source)} with its translation {' '.join(words)}. Most weight: {', '.join(looks)}.",
        caption="The alignment of a translator that the course's lab trained, with additive scores. Its training data does "
        "not say which words belong together.",
        table=(
            ["", *source],
            [[word, *line[: len(source)]] for word, line in zip(words, weights, strict=True)],
        ),
    )
