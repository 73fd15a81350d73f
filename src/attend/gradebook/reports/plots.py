"""Plots of the class report as inline SVG. Behind each is a table with the same numbers."""

from attend.course.svg import figure_svg, styled_figure

COLOUR = "#5a6acf"


def histogram(shares: list[float], topic: str) -> str:
    """How many submissions to the topic earned which tenth of the points."""
    from matplotlib.ticker import MaxNLocator

    with styled_figure(720, 288) as figure:
        axes = figure.add_subplot()
        axes.bar([10 * tenth + 5 for tenth in range(10)], tenths(shares), width=9, color=COLOUR)
        axes.set(xlabel="share of the points (%)", ylabel="submissions", xlim=(0, 100))
        axes.set_xticks(range(0, 101, 20))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        return figure_svg(figure, f"{topic}: {len(shares)} submissions by their share of the points")


def bars(labels: list[str], percents: list[float], what: str, topic: str, whole: bool = True) -> str:
    """One bar a label, from 0 to 100 per cent, or only as far as they reach."""
    with styled_figure(720, 86 + 31 * len(labels)) as figure:
        axes = figure.add_subplot()
        axes.barh(labels, percents, color=COLOUR)
        axes.set(xlabel=what, xlim=(0, 100 if whole else 1.15 * max(percents)))
        axes.invert_yaxis()
        return figure_svg(figure, f"{topic}: {what}")


def tenths(shares: list[float]) -> list[int]:
    """How many shares fall into each tenth; a full share belongs to the last."""
    counts = [0] * 10
    for share in shares:
        counts[min(9, int(10 * share + 1e-9))] += 1
    return counts
