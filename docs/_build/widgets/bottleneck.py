"""The course's central curve: how well translators do on longer and longer sentences, with attention and without."""

import json
from functools import reduce
from operator import add

from coursepage import ROOT
from drawing import ANNOTATION, CONTEXT, INK, MUTED, QUERY, inline_svg, number

from widgets.parts import LiveSketch, choice, frame, slider, ticks

MEASURED = ROOT / "docs" / "data" / "lab" / "bottleneck.json"
STYLES = {
    "none": ("one context", CONTEXT, ""),
    "bahdanau": ("Bahdanau", ANNOTATION, "9 4"),
    "luong": ("Luong", QUERY, "2 4"),
}
LEFT, STEP, TOP, HEIGHT = 62, 82, 64, 220  # of the plot, in pixels


def place(share: float) -> float:
    """Where a share between 0 and 1 stands; the script has the same line."""
    return TOP + HEIGHT * (1 - share)


def mean(values: list[float]) -> float:
    """Added up one after the other, as the script does it: an exact sum may round to another last digit."""
    return reduce(add, values) / len(values)


def widget(caption: str = "") -> str:
    data = json.loads(MEASURED.read_text(encoding="utf-8"))
    models, seeds = data["models"], len(data["seeds"])
    lengths = list(models["none"]["buckets"])
    series = {
        kind: {
            measure: [
                [value / scale for value in models[kind]["buckets"][length][measure]] for length in lengths
            ]
            for measure, scale in (("exact", 1), ("bleu", 100))
        }
        for kind in STYLES
    }
    sketch, xs = LiveSketch(440, 340), [LEFT + STEP * (n + 0.5) - 16 for n in range(len(lengths))]
    for share in (0, 0.25, 0.5, 0.75, 1):
        sketch.line([(LEFT - 8, place(share)), (434, place(share))], MUTED, 0.6, 0.5)
        sketch.text(LEFT - 14, place(share) + 5, f"{100 * share:.0f} %", anchor="end", size=14)
    for x, length in zip(xs, lengths, strict=True):
        sketch.text(x, TOP + HEIGHT + 24, length, size=14)
    sketch.text(250, TOP + HEIGHT + 48, "words in the source")
    for n, (name, colour, dash) in enumerate(STYLES.values()):
        sketch.raw(
            f'<path d="M{62 + 136 * n} 20h34" style="stroke:{colour};stroke-width:3;stroke-dasharray:{dash}"/>'
        )
        sketch.text(102 + 136 * n, 25, name, colour, anchor="start")
    sketch.raw(f'<line data-part="ruler" x1="{xs[1]}" x2="{xs[1]}" y1="{TOP - 14}" y2="{TOP + HEIGHT}" '
               f'style="stroke:{INK};stroke-dasharray:3 3"/>')  # fmt: skip
    for kind, (_, colour, dash) in STYLES.items():
        values = series[kind]["exact"]
        band = [*zip(xs, map(max, values), strict=True), *reversed([*zip(xs, map(min, values), strict=True)])]
        with sketch.group(series=kind):
            corners = " ".join(f"{x:.1f},{place(share):.1f}" for x, share in band)
            sketch.raw(f'<polygon points="{corners}" style="fill:{colour};fill-opacity:.15"/>')
            corners = " ".join(
                f"{x:.1f},{place(mean(share)):.1f}" for x, share in zip(xs, values, strict=True)
            )
            sketch.raw(f'<polyline points="{corners}" style="fill:none;stroke:{colour};stroke-width:3;'
                       f'stroke-dasharray:{dash}"/>')  # fmt: skip
            for x, share in zip(xs, values, strict=True):
                sketch.circle(x, place(mean(share)), 4.5, colour, fill=1)
    means = {kind: [mean(share) for share in series[kind]["exact"]] for kind in STYLES}
    told = "; ".join(
        f"{STYLES[kind][0]} {', '.join(f'{number(100 * value, 0)} %' for value in means[kind])}"
        for kind in STYLES
    )
    return frame(
        "bottleneck",
        inline_svg(
            sketch, f"The share of sentences translated exactly against the source's length ({', '.join(lengths)} words): {told}."
        ),
        choice("bottleneck", "measure", "Measure", {"exact": "translated exactly", "bleu": "BLEU"}, "exact")
        + slider("length", "Words in the source", 0, len(lengths) - 1, 1, 1, shown=lengths[1])
        + ticks("Shown", {kind: STYLES[kind][0] for kind in STYLES}, "shown"),
        {"series": series, "lengths": lengths, "names": {kind: STYLES[kind][0] for kind in STYLES},
         "plot": {"top": TOP, "height": HEIGHT, "xs": xs}},
        caption
        or f"Measured by the course's lab, {seeds} runs for each model: the line is the mean, the band goes from the worst run "
        "to the best. All models learned from the same sentences, for the same number of steps. No training sentence was "
        "longer than 40 words, and beyond that length attention does not help either. Weights to learn: "
        f"{models['none']['parameters']:,} with one context, {models['bahdanau']['parameters']:,} (Bahdanau) and "
        f"{models['luong']['parameters']:,} (Luong) with attention.",
        f"{lengths[1]} words: " + ", ".join(f"{STYLES[kind][0]} {number(100 * means[kind][1], 1)} %" for kind in STYLES) + ".",
        (["words", *(name for name, _, _ in STYLES.values())],
         [[length, *(means[kind][n] for kind in STYLES)] for n, length in enumerate(lengths)]),
    )  # fmt: skip
