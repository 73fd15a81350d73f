"""What the live figures are put together from: the frame, the controls, a heat map that the keyboard walks through."""

import json
from collections.abc import Iterable, Sequence
from html import escape

from drawing import Sketch, html_table, number

TABLE_SUMMARY = "<summary>The numbers behind the picture</summary>"


def frame(
    name: str,
    drawing: str,
    controls: str,
    data: dict,
    caption: str,
    status: str,
    table: tuple[Sequence, Iterable],
) -> str:
    """The HTML of the element <attend-NAME> in its first state.

    Args:
        drawing: SVG from `drawing.inline_svg`, or HTML.
        controls: one or more of `slider`, `choice`, `menu` and `ticks`, one after another.
        data: what the script computes from.
        caption: the sentence under the figure, as HTML.
        status: what the script keeps up to date for those who cannot see the drawing.
        table: the column names and the rows of the numbers behind the picture, in its first state.
    """
    tag = f"attend-{name.replace('_', '-')}"
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<{tag} class="live" data-search-exclude><figure class="course-figure">'
        f'<div class="live__controls">{controls}</div>'
        f'<div class="course-figure__drawing" data-part="drawing">{drawing}</div>'
        f'<p class="live__status" role="status" data-part="status">{status}</p>'
        f"<figcaption>{caption}</figcaption>"
        f'<details class="quiet">{TABLE_SUMMARY}<div class="numbers-scroll" data-part="table">{html_table(*table)}</div>'
        f'</details></figure><script type="application/json">{text}</script></{tag}>'
    )


def slider(
    name: str, label: str, low: float, high: float, step: float, value: float, shown: str | None = None
) -> str:
    """A number between two ends; the script writes its value, or words for it, behind it."""
    return (
        f'<label class="live__control">{label} <input type="range" data-control="{name}" min="{low:g}" max="{high:g}" '
        f'step="{step:g}" value="{value:g}"><output data-shows="{name}">{shown or number(value, 2)}</output></label>'
    )


def choice(figure: str, name: str, legend: str, options: dict[str, str], chosen: str) -> str:
    """One of a few, all visible: value → label."""
    radios = "".join(
        f'<label><input type="radio" name="{figure}-{name}" data-control="{name}" value="{value}"'
        f"{' checked' if value == chosen else ''}> {label}</label>"
        for value, label in options.items()
    )
    return f'<fieldset class="live__control"><legend>{legend}</legend>{radios}</fieldset>'


def menu(name: str, label: str, options: Sequence[str], chosen: int = 0) -> str:
    """One of many; its value is the place in the list."""
    items = "".join(
        f'<option value="{place}"{" selected" if place == chosen else ""}>{escape(option)}</option>'
        for place, option in enumerate(options)
    )
    return f'<label class="live__control">{label} <select data-control="{name}">{items}</select></label>'


def ticks(legend: str, options: dict[str, str], part: str) -> str:
    """Any of a few, all ticked at first: value → label."""
    boxes = "".join(
        f'<label><input type="checkbox" value="{value}" checked> {escape(label)}</label>'
        for value, label in options.items()
    )
    return f'<fieldset class="live__control" data-part="{part}"><legend>{legend}</legend>{boxes}</fieldset>'


def heat_map(label: str, columns: Sequence[str], rows: Sequence[str], weights, many: bool = False) -> str:
    """Weights as a table whose cells are as strong as their number; the arrow keys walk through it.

    With `many` columns the cells hold no digits: they are told when a cell is pointed at.
    """
    head = "".join(f'<th scope="col"><span>{escape(word)}</span></th>' for word in columns)
    body = ""
    for t, (word, line) in enumerate(zip(rows, weights, strict=True)):
        cells = "".join(
            f'<td tabindex="{-1 if t or s else 0}" style="--w:{weight:.3f}"'
            + (f' aria-label="{number(weight, 2)}"></td>' if many else f">{number(weight, 2)}</td>")
            for s, weight in enumerate(map(float, line))
        )
        body += f'<tr><th scope="row">{escape(word)}</th>{cells}</tr>'
    kind = "heat heat--many" if many else "heat"
    return (
        f'<table class="{kind}" role="grid" aria-label="{escape(label)}"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


class LiveSketch(Sketch):
    """A canvas whose parts the script can find: what is drawn inside `group` hangs together under its data."""

    def group(self, **data):
        """`with sketch.group(round=2): …` → <g data-round="2">…</g>"""
        return _Group(self, data)

    def raw(self, markup: str):
        """An element that the script changes, as SVG."""
        self._parts.append(markup)


class _Group:
    def __init__(self, sketch: LiveSketch, data: dict):
        self.sketch, self.data = sketch, data

    def __enter__(self):
        attributes = "".join(f' data-{name}="{value}"' for name, value in self.data.items())
        self.sketch.raw(f"<g{attributes}>")

    def __exit__(self, *error):
        self.sketch.raw("</g>")
