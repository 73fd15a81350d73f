"""Plots of the class report as inline SVG. Behind each stands a table with the same numbers."""

import io
import re

COLOUR = "#5a6acf"


def histogram(shares: list[float], name: str) -> str:
    """How many submissions earned which tenth of the points."""
    figure, axes = _figure(3.0)
    axes.bar([10 * tenth + 5 for tenth in range(10)], tenths(shares), width=9, color=COLOUR)
    axes.set(xlabel="share of the points (%)", ylabel="submissions", xlim=(0, 100))
    axes.set_xticks(range(0, 101, 20))
    axes.yaxis.get_major_locator().set_params(integer=True)
    return _svg(figure, axes, name, f"{len(shares)} submissions by their share of the points")


def bars(labels: list[str], percents: list[float], what: str, name: str, whole: bool = True) -> str:
    """One bar a label, from 0 to 100 per cent, or only as far as they reach."""
    figure, axes = _figure(0.9 + 0.32 * len(labels))
    axes.barh(labels, percents, color=COLOUR)
    axes.set(xlabel=what, xlim=(0, 100 if whole else 1.15 * max(percents)))
    axes.invert_yaxis()
    return _svg(figure, axes, name, what)


def tenths(shares: list[float]) -> list[int]:
    """How many shares fall into each tenth; a full share belongs to the last."""
    counts = [0] * 10
    for share in shares:
        counts[min(9, int(10 * share + 1e-9))] += 1
    return counts


def _figure(height: float):
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(7.5, height), layout="constrained")


def _svg(figure, axes, name: str, label: str) -> str:
    """The figure as SVG that takes the page's colours; `name` keeps its ids apart from other figures'."""
    import matplotlib.pyplot as plt

    axes.spines[["top", "right"]].set_visible(False)
    text = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "attend", "font.size": 10}):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    plt.close(figure)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace("#000000", "currentColor")
    svg = svg.replace("fill: #000", "fill: currentColor")
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" fill="currentColor" ', 1)
