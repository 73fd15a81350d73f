"""Drawings as SVG in the course's colours: on pages, in reports, in notebooks and in files of their own.

Ink is `currentColor`; the other colours are the CSS variables of the site, each with its value in light pages, so that
a drawing follows a page's colours and reads without any page too.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The colour code of the whole course. The values are those of light pages; docs/assets/attend.css holds both.
INK = "#000000"
QUERY = "#1f5fbf"  # the state that asks
ANNOTATION = "#0b7a5b"  # what is looked at
WEIGHT = "#a85b00"  # how much
CONTEXT = "#8a3ab9"  # what comes back
SHARE = "#ef9d1a"  # the fill of a weight
MUTED = "#5c6675"  # axes, helping lines
PAPER = "#fffffe"  # the page itself
_NAMES = {
    QUERY: "query",
    ANNOTATION: "annotation",
    WEIGHT: "weight",
    CONTEXT: "context",
    SHARE: "share",
    MUTED: "muted",
    PAPER: "md-default-bg-color",
}
# matplotlib's settings
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "attend",
    "font.size": 13,
    "text.color": INK,
    "axes.titlesize": 13,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "lines.linewidth": 2.2,
    "lines.markersize": 6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
}


def svg_element(width: float, height: float, inside: str, description: str) -> str:
    """The `svg` element of `width` × `height` CSS pixels; `description` says in words what it shows."""
    for value, name in _NAMES.items():
        inside = inside.replace(value, f"var(--{name}, {value})")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" aria-label="{escape(description)}" '
        f'font-family="sans-serif" fill="currentColor">{inside.replace(INK, "currentColor")}</svg>'
    )


@contextmanager
def styled_figure(width: float, height: float) -> Iterator[Figure]:
    """A matplotlib figure of so many CSS pixels; what is drawn in the block has the course's style."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        yield Figure(figsize=(width / 72, height / 72), layout="constrained")


def figure_svg(figure: Figure, description: str) -> str:
    """A matplotlib figure as an `svg` element, a point as a CSS pixel; figures with other descriptions share no id."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = buffer.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    # the face is the page's own
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg))
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    own = hashlib.sha256(f"{description}{svg}".encode()).hexdigest()[:8]
    svg = re.sub(r' id="([^"]+)"', lambda match: f' id="{own}-{match[1]}"' if match[1] in used else "", svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{own}-", svg)
    width, height = 72 * figure.get_size_inches()
    inside = svg.partition(">")[2].rpartition("</svg>")[0]
    inside = re.sub(r">\s+<", "><", inside).strip()
    return svg_element(width, height, inside, description)
