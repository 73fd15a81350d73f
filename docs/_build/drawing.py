"""Figures as inline SVG that follow the page's light and dark colours.

Two ways to draw: `plot()` gives a matplotlib figure for data, `Sketch` a small canvas for diagrams. Both use the
course's colours (attend.course.svg). `figure()` puts either on the page with its description, its caption and the
numbers behind it.
"""

import base64
import io
from collections.abc import Iterable, Sequence

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from attend.course.svg import (  # noqa: F401 (pages take the colours from here)
    ANNOTATION,
    CONTEXT,
    INK,
    MUTED,
    PAPER,
    QUERY,
    SHARE,
    STYLE,
    WEIGHT,
    figure_svg,
    svg_element,
)

plt.rcParams.update(
    {**STYLE, "font.size": 15, "axes.titlesize": 15, "axes.titlepad": 10, "lines.linewidth": 2.4}
)


def plot(width: float = 440, height: float = 320, **subplots):
    """A matplotlib figure and its axes, `width` × `height` CSS pixels, in the course's style."""
    return plt.subplots(figsize=(width / 72, height / 72), layout="constrained", **subplots)


class Sketch:
    """A canvas for a diagram: boxes, labels, arrows. Coordinates are CSS pixels, y grows downwards.

    Stay within 440 pixels of width: a phone then still shows 15 pixel letters as 12.
    """

    def __init__(self, width: float, height: float):
        self.width, self.height = width, height
        self._parts: list[str] = []

    def box(self, x, y, width, height, colour=INK, fill=0.0, inside=None, radius=6, stroke=1.5, dashed=False):
        """A rounded rectangle from its top left corner; `fill` is the opacity of its inside."""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius}" style="'
            f"fill:{inside or colour};fill-opacity:{fill:.3f};stroke:{colour};stroke-width:{stroke}"
            f'{";stroke-dasharray:4 4" if dashed else ""}"/>'
        )

    def text(self, x, y, words, colour=INK, size=15, anchor="middle", bold=False, italic=False):
        """Words on the base line `y`; `words` may hold <tspan> made by `sub`."""
        style = f"fill:{colour};font-size:{size}px;text-anchor:{anchor}"
        style += ";font-weight:600" if bold else ""
        style += ";font-style:italic" if italic else ""
        self._parts.append(f'<text x="{x:.1f}" y="{y:.1f}" style="{style}">{words}</text>')

    def line(self, points, colour=MUTED, width=1.5, opacity=1.0, arrow=False, dashed=False, curve=False):
        """A line through the points (x, y); with `curve`, four points make a cubic curve."""
        start, *others = (f"{x:.1f} {y:.1f}" for x, y in points)
        path = f"M{start}C{' '.join(others)}" if curve else f"M{start}L{' '.join(others)}"
        style = f"fill:none;stroke:{colour};stroke-width:{width:.2f};stroke-opacity:{opacity:.3f};stroke-linejoin:round"
        style += ";stroke-dasharray:4 5" if dashed else ""
        self._parts.append(f'<path d="{path}" style="{style}"/>')
        if arrow:
            self._head(points[-2], points[-1], colour, opacity, width)

    def _head(self, start, end, colour, opacity, width):
        (x0, y0), (x1, y1) = start, end
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 or 1.0
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        size = 5 + width
        left = (x1 - size * ux - 0.6 * size * uy, y1 - size * uy + 0.6 * size * ux)
        right = (x1 - size * ux + 0.6 * size * uy, y1 - size * uy - 0.6 * size * ux)
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (left, (x1, y1), right))
        self._parts.append(f'<polygon points="{points}" style="fill:{colour};fill-opacity:{opacity:.3f}"/>')

    def circle(self, x, y, radius, colour=INK, fill=0.0, inside=None, stroke=1.5):
        self._parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" '
            f'style="fill:{inside or colour};fill-opacity:{fill:.3f};stroke:{colour};stroke-width:{stroke}"/>'
        )

    def picture(self, x, y, width, height, pixels):
        """A photograph, or a digit as it was scanned: (rows, columns) grey or (rows, columns, 3), from 0 to 1.

        The only drawing that does not follow light and dark: what was seen by a camera looks the same in both.
        """
        image = Image.fromarray(np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8))
        # what is small is shown pixel by pixel; a large photograph would weigh more than its page
        kind, options = ("jpeg", {"quality": 60}) if image.width > 64 else ("png", {"optimize": True})
        file = io.BytesIO()
        image.save(file, kind, **options)
        self._parts.append(
            f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" style="image-rendering:pixelated" '
            f'href="data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"/>'
        )

    def svg(self, alt: str) -> str:
        return svg_element(self.width, self.height, "".join(self._parts), alt)


def sub(letter: str, index: str) -> str:
    """A letter with a subscript, for `Sketch.text`."""
    return (
        f'<tspan font-style="italic">{letter}</tspan><tspan dy="4" font-size="75%">{index}</tspan>'
        '<tspan dy="-4">\u200b</tspan>'
    )


def figure(
    drawing, alt: str, caption: str = "", table: tuple[Sequence, Iterable[Sequence]] | None = None
) -> str:
    """The HTML of a figure.

    Args:
        drawing: a `Sketch`, or a matplotlib figure from `plot()`.
        alt: what the picture shows, in words, for who cannot see it.
        caption: the sentence under it, as HTML.
        table: the column names and the rows of the numbers behind a plot.
    """
    svg = inline_svg(drawing, alt)
    parts = [f'<figure class="course-figure"><div class="course-figure__drawing">{svg}</div>']
    if caption:
        parts.append(f"<figcaption>{caption}</figcaption>")
    if table:
        summary = "<summary>The numbers behind the picture</summary>"
        parts.append(f'<details class="quiet">{summary}{_scrolling(table)}</details>')
    return "".join(parts) + "</figure>"


def inline_svg(drawing, alt: str) -> str:
    """A drawing with its description, in colours that follow the page's."""
    if isinstance(drawing, Sketch):
        return drawing.svg(alt)
    plt.close(drawing)
    return figure_svg(drawing, alt)


def html_table(head: Sequence, rows: Iterable[Sequence], classes: str = "numbers") -> str:
    """An HTML table; floats get three decimals, the first cell of a row heads it."""
    body = "".join(
        f'<tr><th scope="row">{_cell(row[0])}</th>'
        + "".join(f"<td>{_cell(value)}</td>" for value in row[1:])
        + "</tr>"
        for row in rows
    )
    columns = "".join(f'<th scope="col">{name}</th>' if name else "<td></td>" for name in head)
    return f'<table class="{classes}"><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>'


def _scrolling(table) -> str:
    return f'<div class="numbers-scroll">{html_table(*table)}</div>'


def number(value: float, digits: int = 3) -> str:
    """A number with a real minus sign, and no minus before zero."""
    text = f"{value:.{digits}f}"
    return (text.lstrip("-") if not float(text) else text).replace("-", "\u2212")


def _cell(value) -> str:
    return str(value) if isinstance(value, str | int) else number(float(value))
