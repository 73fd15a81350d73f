"""The labs' pictures as SVG that reads on light and dark pages and says in words what it shows.

Ink is `currentColor`; the other colours are the course's CSS variables, each with a value for files that stand
alone. Every function returns the SVG's text.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

INK, MUTED = "#000000", "#5c6675"
QUERY, ANNOTATION, WEIGHT, CONTEXT, SHARE = "#1f5fbf", "#0b7a5b", "#a85b00", "#8a3ab9", "#ef9d1a"
COLOURS = {
    INK: "currentColor",
    MUTED: f"var(--muted, {MUTED})",
    QUERY: f"var(--query, {QUERY})",
    ANNOTATION: f"var(--annotation, {ANNOTATION})",
    WEIGHT: f"var(--weight, {WEIGHT})",
    CONTEXT: f"var(--context, {CONTEXT})",
    SHARE: f"var(--share, {SHARE})",
}
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "attend lab",
    "font.size": 13,
    "axes.edgecolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 13,
    "lines.linewidth": 2.2,
    "lines.markersize": 6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
}
MARKS = ("o", "s", "^", "D")  # a curve is known by its mark too, not by its colour alone


@contextmanager
def drawing(width: float, height: float, label: str) -> Iterator[tuple[Figure, list[str]]]:
    """A figure of so many CSS pixels; after the block the list holds its SVG.

    Args:
        label: what the picture shows, in words.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        FigureCanvasSVG(figure)
        done: list[str] = []
        yield figure, done
        done.append(_svg(figure, label))


def lines(
    curves: Mapping[str, Sequence[float]],
    places: Sequence[str],
    label: str,
    across: str,
    up: str,
    bands: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    split: tuple[float, str] | None = None,
) -> str:
    """Curves over named places.

    Args:
        bands: the least and the greatest value of a curve, over seeds.
        split: a dotted line at this place, and what lies behind it.
    """
    with drawing(560, 340, label) as (figure, done):
        axes = figure.add_subplot()
        x = np.arange(len(places))
        for (name, values), colour, mark in zip(
            curves.items(), (WEIGHT, ANNOTATION, QUERY, CONTEXT), MARKS, strict=False
        ):
            if bands and name in bands:
                axes.fill_between(x, *bands[name], color=colour, alpha=0.18, linewidth=0)
            axes.plot(x, values, color=colour, marker=mark, label=name)
        if split:
            axes.axvline(split[0], color=MUTED, linestyle=":", linewidth=1.5)
            axes.text(split[0] + 0.04, 1.04, split[1], fontsize=11, va="bottom")
        axes.set_xticks(x, places)
        axes.set(xlabel=across, ylabel=up, ylim=(-0.03, 1.03))
        axes.legend(loc="center")
    return done[0]


def heat_map(
    weights: Sequence[Sequence[float]], rows: Sequence[str], columns: Sequence[str], label: str
) -> str:
    """Weights as squares, the darker the greater; rows are the words said, columns the words read."""
    with drawing(90 + 34 * len(columns), 96 + 30 * len(rows), label) as (figure, done):
        squares(figure.add_subplot(), weights, rows, columns)
    return done[0]


def heat_maps(
    panels: Sequence[tuple[str, Sequence[Sequence[float]]]],
    rows: Sequence[str],
    columns: Sequence[str],
    label: str,
    across: int = 2,
) -> str:
    """Several heat maps of the same words, each with a title."""
    down = -(-len(panels) // across)
    size = across * (80 + 24 * len(columns)), down * (96 + 22 * len(rows))
    with drawing(*size, label) as (figure, done):
        for n, (title, weights) in enumerate(panels, start=1):
            axes = figure.add_subplot(down, across, n)
            squares(axes, weights, rows, columns)
            axes.set_title(title)
    return done[0]


def squares(
    axes: Axes, weights: Sequence[Sequence[float]], rows: Sequence[str], columns: Sequence[str]
) -> None:
    for t, row in enumerate(weights):
        for s, weight in enumerate(row):
            if weight >= 0.005:
                axes.add_patch(
                    Rectangle((s - 0.48, t - 0.48), 0.96, 0.96, facecolor=SHARE, alpha=min(weight, 1.0))
                )
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(range(len(columns)), columns, rotation=55, ha="left", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_aspect("equal")
    for spine in axes.spines.values():
        spine.set_visible(False)


def picture(axes: Axes, image: Sequence[Sequence[float]], title: str) -> None:
    """A grey image, white on black as the digits were written, without axes."""
    axes.imshow(np.asarray(image), cmap="gray", interpolation="nearest")
    axes.set_title(title, fontsize=12)
    axes.set_axis_off()


def _svg(figure: Figure, label: str) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = buffer.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1; font-family: sans-serif", svg)
    for plain, variable in COLOURS.items():
        svg = svg.replace(plain, variable)
    svg = re.sub(r'(<svg[^>]*?) (width|height)="([\d.]+)pt"', r'\1 \2="\3"', svg)
    svg = re.sub(r'(<svg[^>]*?) height="([\d.]+)pt"', r'\1 height="\2"', svg)
    # black is SVG's own default where nothing is said: say currentColor
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" fill="currentColor" ', 1)
