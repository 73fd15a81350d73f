"""The labs' pictures as SVG that says in words what it shows. Every function returns the SVG's text."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from attend.course.svg import ANNOTATION, CONTEXT, MUTED, QUERY, SHARE, WEIGHT, figure_svg, styled_figure

MARKS = ("o", "s", "^", "D")  # a curve is known by its mark too, not by its colour alone


@contextmanager
def drawing(width: float, height: float, label: str) -> Iterator[tuple[Figure, list[str]]]:
    """A figure of so many CSS pixels; after the block the list holds its SVG.

    Args:
        label: what the picture shows, in words.
    """
    with styled_figure(width, height) as figure:
        done: list[str] = []
        yield figure, done
        done.append(figure_svg(figure, label))


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
        split: a dotted line at this place, and what is to the right of it.
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
    """Weights as squares, the darker the greater; rows are words of the translation, columns words of the source."""
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
