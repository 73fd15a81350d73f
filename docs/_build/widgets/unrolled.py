"""The encoder of the lab's translator, unrolled on one sentence: hand over the last state, or all of them."""

import json

from coursepage import ROOT
from drawing import ANNOTATION, CONTEXT, INK, MUTED, QUERY, SHARE, inline_svg, number, sub

from widgets.parts import LiveSketch, choice, frame, slider

MEASURED = ROOT / "docs" / "data" / "lab" / "translate.json"
COLUMNS, CELL, ACROSS = (80, 220, 360), 7, 10  # centres of the words, and the states' cells


def _state(sketch: LiveSketch, centre: float, top: float, values: list[float], colour: str):
    """The numbers of a state as cells, ten in a row: pale is −1, strong is 1."""
    left = centre - ACROSS * CELL / 2
    cells = "".join(
        f'<rect x="{left + CELL * (n % ACROSS):g}" y="{top + CELL * (n // ACROSS):g}" width="{CELL - 1}" '
        f'height="{CELL - 1}" fill-opacity="{0.08 + 0.46 * (value + 1):.2f}"/>'
        for n, value in enumerate(values)
    )
    sketch.raw(f'<g style="fill:{colour}">{cells}</g>')


def widget() -> str:
    data = json.loads(MEASURED.read_text(encoding="utf-8"))
    trace = data["trace"]
    source, words = trace["source"], [word for word in trace["words"] if word != "<eos>"]
    weights = next(one for one in data["sentences"] if one["source"] == source)["weights"]
    step = len(source)  # at first: the first word is being said
    sketch = LiveSketch(440, 452)
    for s, (x, word) in enumerate(zip(COLUMNS, source, strict=True)):
        with sketch.group(read=s):
            sketch.text(x, 18, word, italic=True, size=17)
            sketch.line([(x, 26), (x, 46)], MUTED, arrow=True)
            sketch.box(x - 42, 48, 84, 34, INK, fill=0.05)
            sketch.text(x, 70, "rnn step")
            sketch.line([(x, 82), (x, 108)], ANNOTATION, 2, arrow=True)
            _state(sketch, x, 112, trace["forward"][s], ANNOTATION)
            sketch.text(x + 42, 128, sub("h", str(s + 1)), ANNOTATION, anchor="start", size=17)
            if s:
                before = COLUMNS[s - 1]
                sketch.line([(before + 38, 148), (before + 70, 148), (before + 70, 65), (x - 44, 65)], ANNOTATION, 2,
                            arrow=True)  # fmt: skip
    with sketch.group(mode="all"):
        for s, (x, weight) in enumerate(zip(COLUMNS, weights[0], strict=True)):
            sketch.raw(f'<path data-look="{s}" d="M{x} 172C{x} 250 220 232 220 298" '
                       f'style="fill:none;stroke:{SHARE};stroke-width:{1 + 14 * weight:.1f}"/>')  # fmt: skip
            sketch.raw(f'<text data-told="{s}" x="{x}" y="196" style="font-size:15px;text-anchor:middle;font-weight:600">'
                       f"{number(weight, 2)}</text>")  # fmt: skip
    sketch.raw('<g data-mode="one" style="visibility:hidden">')
    sketch.line(
        [(COLUMNS[-1], 172), (COLUMNS[-1], 250), (220, 232), (220, 296)], CONTEXT, 4, curve=True, arrow=True
    )
    sketch.text(340, 256, "context", CONTEXT, bold=True, anchor="start")
    sketch.raw("</g>")
    with sketch.group(part="decoder"):
        sketch.box(158, 300, 124, 34, QUERY, fill=0.1)
        sketch.text(220, 322, "decoder", QUERY)
        for t, _ in enumerate(words):
            sketch.raw(f'<g data-said="{t}"{"" if t == step - len(source) else " hidden"}>')
            _state(sketch, 220, 342, trace["decoder"][t], QUERY)
            sketch.raw("</g>")
        sketch.raw(f'<text data-part="said" x="220" y="432" style="font-size:17px;text-anchor:middle;font-style:italic">'
                   f"{words[0]}</text>")  # fmt: skip
        sketch.text(272, 362, "its state", QUERY, anchor="start")
    status = ", ".join(f"{word} {number(weight, 2)}" for word, weight in zip(source, weights[0], strict=True))
    return frame(
        "unrolled",
        inline_svg(
            sketch,
            f"The encoder reads {', '.join(source)} and computes a state of {len(trace['forward'][0])} numbers at each word. "
            f"The decoder has all three of them and writes {' '.join(words)}.",
        ),
        choice("unrolled", "mode", "Handed over", {"all": "every state", "one": "the last state only"}, "all")
        + slider("step", "Step", 0, len(source) + len(words) - 1, 1, step, shown=f"writes {words[0]}"),
        {"source": source, "words": words, "weights": weights},
        f"The states of the lab's trained translator on <em>{' '.join(source)}</em>: {len(trace['forward'][0])} numbers for "
        "every word, pale for −1 and strong for 1. Only its forward encoder is drawn. With every state handed over, the "
        "decoder takes a new weighted sum for each word; the thickness of a line is the weight that the model really gave. "
        "With the last state only, as on the page before, there is one line, the same for every word.",
        f"The decoder writes {words[0]}. It looks at {status}.",
        (["unit", *(f"after {word}" for word in source), *(f"writing {word}" for word in words)],
         [[n + 1, *values] for n, values in
          enumerate(zip(*trace["forward"], *trace["decoder"][: len(words)], strict=True))]),
    )  # fmt: skip
