"""Functions for the lab notebook: run public tests on live functions, draw, and read a trained translator's numbers.

It needs only NumPy: pictures are SVG text, and the results of training are read from docs/data/lab.
"""

import contextlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import mean
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from attend.course.errors import AttendError
from attend.course.svg import ANNOTATION, QUERY, SHARE, WEIGHT, svg_element
from attend.course.syllabus import load_course

CELL = 26  # the height of a heat map's square
COLOURS, DASHES = (WEIGHT, ANNOTATION, QUERY), ("", "7 4", "2 3")


def check(name: str) -> None:
    """Run the public tests of an exercise, named as `t14.3`, on what the notebook defines now.

    Raises:
        AttendError: there is no such exercise, or its tests cannot be run.
    """
    from rich.console import Console

    from attend.checking.checker import Checker
    from attend.checking.terminal import print_check

    course = load_course()
    [(topic, exercises)] = course.pick([name])
    names = sys._getframe(1).f_globals  # the notebook's own
    with contextlib.closing(Checker(course, topic)) as checker:
        print_check(Console(highlight=False), checker.check_live(names, exercises))


@dataclass(frozen=True)
class Picture:
    """An SVG that Jupyter shows, and the same in words."""

    svg: str
    words: str

    def _repr_html_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return self.words


def heat(
    values: Shaped[np.ndarray, "*shape"],
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    title: str = "",
    digits: int = 3,
) -> Picture:
    """A heat map: a square for each number, its colour in proportion to the number's size.

    Args:
        values: a number, a vector (drawn as a row) or a matrix.

    Raises:
        ValueError: `values` has more than two axes.
    """
    values = np.atleast_2d(np.asarray(values, dtype=float))
    if values.ndim != 2:
        raise ValueError(f"a heat map shows a matrix; values have the shape {values.shape}")
    shown = [[_plain(value, digits) for value in row] for row in values]
    width = 14 + 8 * max(len(text) for line in [*shown, columns or [""]] for text in line)
    left = 10 + 8 * max([len(name) for name in rows] or [0])
    top = (22 if title else 4) + (20 if columns else 0)
    largest = np.abs(values[np.isfinite(values)]).max(initial=0.0) or 1.0
    parts = [_text(4, 15, title, "start", bold=True)] if title else []
    parts += [_text(left + width * (s + 0.5), top - 6, name) for s, name in enumerate(columns)]
    parts += [_text(left - 6, top + CELL * t + 17, name, "end") for t, name in enumerate(rows)]
    for t, line in enumerate(shown):
        for s, text in enumerate(line):
            strength = abs(values[t, s]) / largest if np.isfinite(values[t, s]) else 0.0
            x, y = left + width * s, top + CELL * t
            parts.append(
                f'<rect x="{x + 1}" y="{y + 1}" width="{width - 2}" height="{CELL - 2}" rx="3" '
                f'fill="{SHARE}" fill-opacity="{0.75 * strength:.2f}" stroke="#888" stroke-width=".6"/>'
            )
            parts.append(_text(x + width / 2, y + 17, text))
    words = "\n".join("  ".join([*(rows[t : t + 1] if rows else ()), *line]) for t, line in enumerate(shown))
    words = "\n".join(filter(None, [title, "  ".join(columns), words]))
    wide = max(left + width * values.shape[1] + 4, 12 + 8 * len(title))
    return _picture(wide, top + CELL * len(values) + 4, parts, words)


def curves(lines: Mapping[str, Sequence[float]], places: Sequence[str], across: str, up: str) -> Picture:
    """A line chart of shares from 0 to 1 over named places."""
    left, top, width, height = 44, 30 + 20 * len(lines), 420, 200
    step = (width - left - 16) / max(len(places) - 1, 1)
    parts = [_text(4, top - 12, up, "start")]
    for share in (0, 0.5, 1):
        y = top + height * (1 - share)
        parts.append(
            f'<line x1="{left}" x2="{width - 8}" y1="{y}" y2="{y}" stroke="#888" stroke-width=".5"/>'
        )
        parts.append(_text(left - 8, y + 5, f"{share:g}", "end"))
    for n, place in enumerate(places):
        parts.append(_text(left + 8 + step * n, top + height + 20, place))
    parts.append(_text((left + width) / 2, top + height + 42, across))
    for n, (name, values) in enumerate(lines.items()):
        colour, dash = COLOURS[n % len(COLOURS)], DASHES[n % len(DASHES)]
        stroke = f'fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"'
        points = " ".join(
            f"{left + 8 + step * s:.1f},{top + height * (1 - value):.1f}" for s, value in enumerate(values)
        )
        y = 12 + 20 * n
        parts.append(f'<line x1="{left}" x2="{left + 34}" y1="{y}" y2="{y}" {stroke}/>')
        parts.append(_text(left + 42, y + 5, name, "start"))
        parts.append(f'<polyline points="{points}" {stroke}/>')
    words = [f"{up} by {across}:", f"  at {', '.join(places)}"]
    words += [f"  {name}: {', '.join(f'{value:.2f}' for value in values)}" for name, values in lines.items()]
    return _picture(width, top + height + 52, parts, "\n".join(words))


@dataclass(frozen=True)
class Look:
    """What the trained translator computed when it translated a sentence.

    states: the decoder's, one for each word of the translation.
    annotations: the encoder's, a column for each word of the source, multiplied by the matrix of the general score.
    alignment: the attention weights.
    """

    source: list[str]
    words: list[str]
    states: Float[np.ndarray, "T H"]
    annotations: Float[np.ndarray, "H S"]
    alignment: Float[np.ndarray, "T S"]


def translator() -> dict[str, Look]:
    """Sentences that the lab's translator translated, by the text of the source.

    Raises:
        AttendError: the file with them is missing.
    """
    looks = {}
    for one in _measured("looks")["sentences"]:
        look = Look(
            one["source"],
            one["words"],
            np.array(one["states"]),
            np.array(one["keys"]).T,
            np.array(one["weights"]),
        )
        looks[" ".join(look.source)] = look
    return looks


def accuracy() -> tuple[list[str], dict[str, list[float]]]:
    """How often a whole translation is right, by the source's length: the lengths, and a list for each model.

    Each is the mean over the seeds that `attend lab results` trained.

    Raises:
        AttendError: the file with the results is missing.
    """
    models = _measured("bottleneck")["models"]
    lengths = list(next(iter(models.values()))["buckets"])
    return lengths, {
        model["title"]: [mean(model["buckets"][length]["exact"]) for length in lengths]
        for model in models.values()
    }


def _measured(name: str) -> dict[str, Any]:
    path = load_course().root / "docs" / "data" / "lab" / f"{name}.json"
    if not path.is_file():
        raise AttendError(f"{path} is missing; it is part of the course.")
    measured: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return measured


def _picture(width: float, height: float, parts: Sequence[str], words: str) -> Picture:
    inside = f'<g font-size="13">{"".join(parts)}</g>'
    return Picture(svg_element(width, height, inside, words), words)


def _text(x: float, y: float, text: str, anchor: str = "middle", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


def _plain(value: float, digits: int) -> str:
    """A number without zeros at its end, as 927, 45.3, 0.119."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
