"""Pictures of the attention and of the glimpses of a trained model."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from attend.course.svg import SHARE
from attend.lab.figures import drawing, picture

Shown = Sequence[Mapping[str, Any]]
ACROSS = 3


def attention_on_digits(shown: Shown, label: str) -> str:
    """Each scene with its weights over it, as orange squares of the attention's grid."""
    with drawing(480, 180 * _rows(shown), label) as (figure, done):
        for n, scene in enumerate(shown, start=1):
            axes = figure.add_subplot(_rows(shown), ACROSS, n)
            picture(axes, scene["image"], f"{scene['label']}, read as {scene['guess']}")
            weights = np.asarray(scene["weights"])
            step = len(scene["image"]) / len(weights)
            for (y, x), weight in np.ndenumerate(weights):
                corner = x * step - 0.5, y * step - 0.5
                axes.add_patch(Rectangle(corner, step, step, facecolor=SHARE, alpha=min(2 * weight, 0.7)))
    return done[0]


def glimpses_on_digits(shown: Shown, label: str) -> str:
    """Each scene with the path of the glimpses' centres; the last is marked by its number."""
    with drawing(480, 180 * _rows(shown), label) as (figure, done):
        for n, scene in enumerate(shown, start=1):
            axes = figure.add_subplot(_rows(shown), ACROSS, n)
            picture(axes, scene["image"], f"{scene['label']}, read as {scene['guesses'][-1]}")
            centres = (np.asarray(scene["centres"]) + 1) / 2 * len(scene["image"]) - 0.5
            axes.plot(centres[:, 1], centres[:, 0], color=SHARE, marker="o", markersize=4, linewidth=1.5)
            axes.plot(*centres[-1, ::-1], color=SHARE, marker="o", markersize=9)
    return done[0]


def _rows(shown: Shown) -> int:
    return max(1, -(-len(shown) // ACROSS))
