"""The figures and worked numbers of t10. Each function gets the reference module and returns HTML."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from drawing import (
    ANNOTATION,
    CONTEXT,
    INK,
    MUTED,
    PAPER,
    QUERY,
    SHARE,
    WEIGHT,
    Sketch,
    figure,
    html_table,
    number,
    plot,
)

from attend.lab.data.photographs import on_grass

MEASURED = Path(__file__).resolve().parents[1] / "data" / "lab" / "vision.json"
HEAD = torch.tensor([[-0.47, -0.45]])  # the crane's head in the photograph, (y, x)
# Four places with two numbers each, set by hand: how bright, and how much of an edge.
PLACES = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]], dtype=torch.float64)
ESTIMATES = 150  # of a gradient, each from a small batch
NAMES = ["upper left", "upper right", "lower left", "lower right"]


def frame(sketch: Sketch, x, y, width, height, colour=PAPER):
    """An outline that can be seen on any photograph."""
    sketch.box(x, y, width, height, INK, radius=0, stroke=4)
    sketch.box(x, y, width, height, colour, radius=0, stroke=2)


def bird(reference) -> str:
    """A photograph of a bird, and what a glimpse of three scales around its head keeps of it."""
    photograph, size, scales = on_grass("crowned_crane"), 16, 3
    image = torch.from_numpy(photograph.image.copy()).permute(2, 0, 1)[None]  # (1, 3, 128, 128)
    patches = reference.glimpse(image, HEAD, size, scales)[0]  # (K, 3, size, size)
    side, sketch = 288, Sketch(440, 292)
    zoom = side / image.shape[-1]
    sketch.picture(0, 2, side, side, photograph.image)
    for k, patch in enumerate(patches):
        width = size * 2**k * zoom
        y, x = (HEAD[0].numpy() + 1) / 2 * side - width / 2
        frame(sketch, x, y + 2, width, width)
        sketch.picture(320, 2 + 98 * k, 92, 92, patch.permute(1, 2, 0).numpy())
        sketch.box(320, 2 + 98 * k, 92, 92, MUTED, radius=0)
        sketch.line([(288, 48 + 98 * k), (316, 48 + 98 * k)], MUTED, arrow=True)
    seen, whole = scales * size**2, 128 * 128
    share = photograph.bird.mean()
    return figure(
        sketch,
        alt="A photograph of a crowned crane on grass, with three squares around its head, each twice as wide as "
        "the one "
        f"inside it. Beside it the three patches, all of {size} by {size} pixels: the head sharp, head and neck "
        "coarser, and "
        "half of the bird as a blur.",
        caption=f"The bird covers {percent([share])} of this picture, and the grass covers the rest. One glimpse at the "
        f"bird's head keeps {seen} pixels instead of {whole:,}: sharp in the middle, coarse around it. "
        "Crowned crane: photograph by Bill Kendrick, from Tux Paint's stamps, "
        '<a href="https://www.gnu.org/licenses/old-licenses/gpl-2.0.html">GPL-2</a> or later, and so is this picture. '
        "Grass: linolafett, from scikit-image, CC0.",
    )


def two_ways(reference) -> str:
    """Soft attention reads a weighted sum of all places, hard attention one place after another."""
    weights = torch.tensor([0.02, 0.05, 0.03, 0.05, 0.40, 0.20, 0.03, 0.15, 0.07])
    sketch, cell = Sketch(440, 352), 44

    def grid(left, fills):
        for n, fill in enumerate(fills):
            x, y = left + cell * (n % 3), 74 + cell * (n // 3)
            sketch.box(x, y, cell, cell, ANNOTATION, fill=0.08, radius=0)
            if fill:
                sketch.box(x, y, cell, cell, WEIGHT, fill=fill, inside=SHARE, radius=0)

    sketch.text(90, 20, "soft", bold=True, size=17)
    sketch.text(90, 40, "every place, weighted", MUTED, size=14)
    sketch.text(90, 62, "state asks", QUERY)
    grid(24, [min(1.0, 2 * weight) for weight in weights.tolist()])
    for n in range(9):
        sketch.text(
            46 + cell * (n % 3), 101 + cell * (n // 3), f".{round(100 * weights[n].item()):02d}", size=14
        )
    sketch.line([(90, 208), (90, 234)], CONTEXT, 2, arrow=True)
    sketch.box(30, 236, 120, 38, CONTEXT, fill=0.12)
    sketch.text(90, 260, "weighted sum", CONTEXT)
    sketch.line([(90, 274), (90, 300)], MUTED, arrow=True)
    sketch.text(90, 322, "every weight has", size=14)
    sketch.text(90, 340, "a gradient", size=14)

    sketch.text(346, 20, "hard", bold=True, size=17)
    sketch.text(346, 40, "one place, then another", MUTED, size=14)
    sketch.text(346, 62, "state chooses", QUERY)
    grid(280, [0] * 9)
    path = [(302, 96), (346, 184), (390, 140), (346, 140)]
    sketch.line(path, QUERY, 2, dashed=True)
    for step, (x, y) in enumerate(path, start=1):
        sketch.circle(x, y, 12, QUERY, fill=1.0, inside=PAPER)
        sketch.text(x, y + 5, str(step), QUERY, bold=True)
    sketch.line([(346, 208), (346, 234)], CONTEXT, 2, arrow=True)
    sketch.box(286, 236, 120, 38, CONTEXT, fill=0.12)
    sketch.text(346, 260, "what was seen", CONTEXT)
    sketch.line([(346, 274), (346, 300)], MUTED, arrow=True)
    sketch.text(346, 322, "a choice has none:", size=14)
    sketch.text(346, 340, "it learns by reward", size=14)
    return figure(
        sketch,
        alt="Two grids of nine places. Left, soft: every place has a share, 0.40 in the middle and little "
        "elsewhere; the "
        "weighted sum of all is the context, and every weight has a gradient. Right, hard: a path of four "
        "numbered steps "
        "visits one place at a time; the choice has no gradient and is learned by reward.",
        caption="The same picture, divided into nine places, read in two ways. Weights and path were chosen by hand.",
    )


def a_look(reference):
    """A SoftAttention with weights set by hand: the state says whether it looks for brightness or for edges."""
    attention = reference.SoftAttention(feature_size=2, state_size=2, hidden_size=2).double()
    state = {name: torch.zeros_like(value) for name, value in attention.state_dict().items()}
    state["W_a.weight"] = torch.eye(2)
    state["W_h.weight"] = torch.tensor(
        [[-1.0, 0.0], [0.0, -1.0]]
    )  # a large number of the state lowers its feature
    state["v.weight"] = torch.tensor([[3.0, 3.0]])
    # the gate opens more for one state than for the other
    state["f_beta.weight"] = torch.tensor([[1.0, -0.5]])
    attention.load_state_dict(state)
    return attention


@torch.no_grad()
def look_table(reference) -> str:
    """Four places, the weights for two states, and both contexts."""
    attention = a_look(reference)
    states = torch.tensor([[0.0, 2.0], [2.0, 0.0]], dtype=torch.float64)
    context, weights = attention(PLACES.expand(2, 4, 2), states)
    rows = [
        [name, f"({place[0]:.0f}, {place[1]:.0f})", *weights[:, n].tolist()]
        for n, (name, place) in enumerate(zip(NAMES, PLACES[0], strict=True))
    ]
    gate = torch.sigmoid(attention.f_beta(states))[:, 0]
    pair = [
        [f"({', '.join(number(value, 2) for value in row)})" for row in many]
        for many in (weights @ PLACES[0], context)
    ]
    rows += [["weighted sum", "", *pair[0]], ["gate β", "", *gate.tolist()], ["context", "", *pair[1]]]
    head = ["place", "annotation (bright, edge)", "weights for h = (0, 2)", "weights for h = (2, 0)"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def penalty_grids(reference) -> str:
    """Three looks at four places, twice: always at one place, and at all of them; with their penalties."""
    stare = torch.tensor([[0.7, 0.1, 0.1, 0.1]] * 3)
    roam = torch.tensor([[0.7, 0.1, 0.1, 0.1], [0.1, 0.5, 0.3, 0.1], [0.1, 0.1, 0.3, 0.5]])
    sketch, cell, rows = Sketch(440, 344), 38, []
    for row, (name, looks) in enumerate((("staring", stare), ("looking around", roam))):
        y = 46 + 176 * row
        penalty = reference.doubly_stochastic_penalty(looks[None]).item()
        sketch.text(4, y - 18, name, bold=True, anchor="start")
        for column, shares in enumerate([*looks, looks.sum(dim=0)]):
            x = 8 + 106 * column + (20 if column == 3 else 0)
            for n, share in enumerate(shares.tolist()):
                left, top = x + cell * (n % 2), y + cell * (n // 2)
                sketch.box(left, top, cell, cell, WEIGHT, fill=min(0.9, 0.9 * share), inside=SHARE, radius=0)
                sketch.text(left + cell / 2, top + 24, f"{share:.1f}", bold=column == 3)
            sketch.text(x + cell, y + 96, "in all" if column == 3 else f"look {column + 1}", MUTED, size=14)
            if column < 3:
                sketch.text(x + 91, y + 44, "=" if column == 2 else "+", MUTED, size=18)
        sketch.text(436, y + 118, f"penalty {number(penalty, 2)}", bold=True, anchor="end")
        rows.append([name, *looks.sum(dim=0).tolist(), penalty])
    even = torch.full((1, 3, 4), 0.25)
    least = number(reference.doubly_stochastic_penalty(even).item(), 2)
    return figure(
        sketch,
        alt="Three looks at four places, twice. Staring, all three give 0.7 to the upper left place; in all it "
        "has 2.1 and the "
        f"others 0.3, a penalty of {number(rows[0][-1], 2)}. Looking around, the places have 0.9, 0.7, 0.7 and "
        "0.7 in all, a "
        f"penalty of {number(rows[1][-1], 2)}.",
        caption="In every look the weights add up to 1. The penalty asks for something else: the weights of each place, "
        f"summed over all looks, should be about 1. With 3 looks at 4 places the smallest possible penalty is {least}.",
        table=(["", *(f"{name} in all" for name in NAMES), "penalty"], rows),
    )


def corner(reference) -> str:
    """A glimpse on the corner of a picture of numbers."""
    image = torch.arange(1.0, 13.0).view(1, 1, 3, 4)
    patches = reference.glimpse(image, torch.tensor([[-1.0, -1.0]]), size=2, scales=2)[0, :, 0]
    sketch, cell = Sketch(440, 300), 40
    left, top = 88, 96  # the picture's corner
    for row in range(-2, 2):
        for column in range(-2, 2):
            if row < 0 or column < 0:
                sketch.text(left + cell * (column + 0.5), top + cell * row + 26, "0", MUTED)
    for row in range(3):
        for column in range(4):
            sketch.box(left + cell * column, top + cell * row, cell, cell, ANNOTATION, fill=0.1, radius=0)
            sketch.text(
                left + cell * (column + 0.5), top + cell * row + 26, f"{image[0, 0, row, column]:.0f}"
            )
    sketch.box(left - 2 * cell, top - 2 * cell, 4 * cell, 4 * cell, QUERY, radius=0, stroke=2.5, dashed=True)
    sketch.box(left - cell, top - cell, 2 * cell, 2 * cell, QUERY, radius=0, stroke=2.5)
    sketch.circle(left, top, 5, QUERY, fill=1.0)
    sketch.text(left + 2.2 * cell, top - 56, "centre (−1, −1)", QUERY, anchor="start")
    sketch.line([(left + 2.2 * cell - 6, top - 56), (left + 9, top - 7)], QUERY)
    for k, name in enumerate(("2 × 2, as it is", "4 × 4, shrunk")):
        x, y = 330, 60 + 122 * k
        for row in range(2):
            for column in range(2):
                sketch.box(x + 46 * column, y + cell * row, 46, cell, CONTEXT, fill=0.1, radius=0)
                sketch.text(x + 46 * (column + 0.5), y + cell * row + 26, f"{patches[k, row, column]:g}")
        sketch.text(x + 46, y + 100, name, MUTED, size=14)
    sketch.text(left + cell, top + 150, "a picture of 3 × 4 pixels,", MUTED, size=14)
    sketch.text(left + cell, top + 168, "with zeros around it", MUTED, size=14)
    fine, coarse = (", ".join(f"{value:g}" for value in patch.flatten()) for patch in patches)
    return figure(
        sketch,
        alt="A picture of 3 by 4 pixels numbered 1 to 12. Three quarters of a glimpse at its upper left corner are "
        "outside, where "
        f"everything is 0. The patch of 2 by 2 pixels holds {fine}; the patch of 4 by 4, shrunk to 2 by 2, holds "
        f"{coarse}.",
        caption="A glimpse centred on a corner: every pixel outside the picture is zero. Each number of the coarse "
        "patch is the mean of four pixels, zeros included.",
    )


@cache
def gradients(reference):
    """The policy's gradient from many small batches, with and without a baseline, and the exact one: one choice among
    three."""
    probabilities = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64)
    rewards = torch.tensor([9.0, 10.0, 12.0], dtype=torch.float64)
    theta = probabilities.log().requires_grad_()
    (exact,) = torch.autograd.grad(theta.softmax(dim=0) @ rewards, theta)
    generator, found = torch.Generator().manual_seed(10), {}
    for name, expected in (("no baseline", 0.0), ("baseline", (probabilities @ rewards).item())):
        estimates = []
        for _ in range(ESTIMATES):
            actions = probabilities.multinomial(16, replacement=True, generator=generator)
            log_probs = theta.log_softmax(dim=0)[actions][:, None]  # (16, 1)
            came = rewards[actions][:, None]
            policy, _ = reference.reinforce_loss(log_probs, came, torch.full_like(came, expected))
            estimates.append(-torch.autograd.grad(policy, theta)[0])
        found[name] = torch.stack(estimates)
    return exact, found


def noise(reference) -> str:
    """Estimates of the policy's gradient, with and without a baseline, and their spread."""
    exact, found = gradients(reference)
    fig, axes = plot(440, 320)
    styles = {"no baseline": (INK, "s", -0.16), "baseline": (QUERY, "o", 0.16)}
    rows = []
    for name, (colour, mark, aside) in styles.items():
        mean, spread = found[name].mean(dim=0), found[name].std(dim=0)
        at = np.arange(3) + aside
        axes.errorbar(
            at, mean, spread, fmt=mark, color=colour, capsize=6, markersize=7, label=name, linewidth=2
        )
        rows.append([f"{name}: mean of {ESTIMATES}", *mean.tolist()])
        rows.append([f"{name}: spread", *spread.tolist()])
    for n, value in enumerate(exact.tolist()):
        axes.plot(
            [n - 0.34, n + 0.34],
            [value, value],
            color=WEIGHT,
            linestyle="--",
            label="exact" if n == 0 else None,
        )
    axes.axhline(0, color=MUTED, linewidth=1)
    axes.set(
        xticks=range(3),
        xticklabels=["reward 9", "reward 10", "reward 12"],
        ylabel="gradient",
        ylim=(-2.1, 2.3),
    )
    axes.legend(loc="upper left", fontsize=14)
    wide, narrow = (found[name].std(dim=0).mean().item() for name in styles)
    return figure(
        fig,
        alt="The gradient for three choices: exact, and as estimated from batches of 16 with and without a "
        "baseline. All means "
        f"agree with the exact values; the estimates spread by about {number(wide, 2)} without a baseline and "
        f"{number(narrow, 2)} with one.",
        caption=f"Three choices with rewards of 9, 10 and 12, drawn 16 at a time. Marks: means of {ESTIMATES} "
        "estimates. Bars: the standard deviation of a single estimate. The baseline here is the expected reward.",
        table=(["", "reward 9", "reward 10", "reward 12"], [["exact", *exact.tolist()], *rows]),
    )


def spreading(reference) -> str:
    """The weights of four places, spread over a row of sixteen pixels."""
    weights = torch.tensor([[0.1, 0.6, 0.1, 0.2]], dtype=torch.float64)
    pixels = reference.attention_map(weights, (1, 4), (1, 16))[0, 0]
    fig, axes = plot(440, 270)
    axes.step(
        np.arange(17) / 4,
        [*weights[0].repeat_interleave(4) / 4, 0.2 / 4],
        where="post",
        color=MUTED,
        linestyle=":",
    )
    axes.plot((np.arange(16) + 0.5) / 4, pixels, "o-", color=WEIGHT, markersize=6)
    axes.set(
        xticks=range(5), xlabel="places (each four pixels wide)", ylabel="share of a pixel", ylim=(0, 0.17)
    )
    return figure(
        fig,
        alt="Weights of four places, 0.1, 0.6, 0.1 and 0.2, on sixteen pixels. The map changes in straight lines "
        "between the "
        "centres of the places and stays level outside the first and last centre.",
        caption="Dots: the shares of the pixels, which add up to 1. Dotted line: the same weights as blocks, with edges "
        "that the picture does not have.",
        table=(["place", "weight", "shares of its four pixels"],
               [[str(n + 1), weights[0, n].item(), ", ".join(number(value) for value in pixels[4 * n : 4 * n + 4])]
                for n in range(4)]),
    )  # fmt: skip


@cache
def measured() -> dict | None:
    """What the vision lab measured, or None if it has not been run."""
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else None


def percent(values) -> str:
    """As 91–93 %."""
    low, high = (f"{100 * value:.0f}" for value in (min(values), max(values)))
    return f"{low}\u00a0%" if low == high else f"{low}–{high}\u00a0%"


def trained_soft(reference) -> str:
    """Handwritten digits among pieces of others, and where a trained model looks."""
    if measured() is None:
        return ""
    soft, side = measured()["soft"], 140
    shown = soft["shown"][:3]
    sketch = Sketch(440, 2 * side + 42)
    colour = np.array([int(SHARE[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    for column, scene in enumerate(shown):
        x = 150 * column
        grey = np.asarray(scene["image"], dtype=float) / 15
        weights = torch.tensor(scene["weights"]).flatten()[None]
        spread = reference.attention_map(weights / weights.sum(), (8, 8), grey.shape)[0].numpy()
        veil = 0.8 * (spread / spread.max())[..., None]
        sketch.picture(x, 2, side, side, grey)
        sketch.picture(x, side + 8, side, side, (1 - veil) * grey[..., None] + veil * colour)
        sketch.text(x + side / 2, 2 * side + 32, f"{scene['label']}, read as {scene['guess']}")
    said = "; ".join(f"a {scene['label']}, read as {scene['guess']}" for scene in shown)
    return figure(
        sketch,
        alt=f"Three dark scenes with a handwritten digit among four pieces of other digits: {said}. Below, the "
        "same scenes with "
        "the trained attention in orange: in each it covers the digit and none of the pieces.",
        caption="Above: test scenes, made from digits that the model was not trained on. Below: its attention, enlarged by "
        f"<code>attention_map</code>. With three seeds it reads {percent(soft['accuracy'])} of 1,000 such scenes "
        f"correctly, and {percent(soft['mass'])} of its attention falls into the digit's box, which covers "
        f"{percent(soft['area'])} of the picture. "
        "Digits: E. Alpaydin and C. Kaynak, UCI repository, as scikit-learn ships them (BSD-3-Clause).",
    )


def trained_glimpses(reference) -> str:
    """The paths of five glimpses, and what they saw in one of the scenes."""
    if measured() is None:
        return ""
    glimpses, side = measured()["glimpses"], 140
    learned, random = glimpses["learned"], glimpses["random"]
    sketch = Sketch(440, 2 * (side + 28) + 4)
    for n, scene in enumerate(learned["shown"]):
        x, y = 150 * (n % 3), 2 + (side + 28) * (n // 3)
        grey = np.asarray(scene["image"], dtype=float) / 15
        sketch.picture(x, y, side, side, grey)
        path = [(x + side * (cx + 1) / 2, y + side * (cy + 1) / 2) for cy, cx in scene["centres"]]
        sketch.line(path, SHARE, 2.5)
        for px, py in path[:-1]:
            sketch.circle(px, py, 3.5, SHARE, fill=1.0)
        sketch.circle(*path[-1], 7, SHARE, fill=1.0)
        sketch.text(x + side / 2, y + side + 20, f"{scene['label']}, read as {scene['guesses'][-1]}")
    said = "; ".join(f"a {scene['label']}, read as {scene['guesses'][-1]}" for scene in learned["shown"])
    return figure(
        sketch,
        alt="Six dark scenes with a digit and two pieces of others, and on each the path of five glimpses from "
        "the centre of the "
        f"scene; a larger dot marks the last one. {said}.",
        caption="Test scenes with the path of five glimpses; the large dot is the last glimpse. With three seeds, the "
        f"model that learned where to look reads {percent(learned['accuracy'])} of 1,000 scenes correctly, and "
        f"{percent(learned['on_digit'])} of its last glimpses have their centre in the digit's box. The same model "
        f"looking at random places: {percent(random['accuracy'])} and {percent(random['on_digit'])}. Digits as above.",
    )


def seen(reference) -> str:
    """What the model saw in its second scene, glimpse by glimpse, with its guess after each."""
    if measured() is None:
        return ""
    scene, side = measured()["glimpses"]["learned"]["shown"][1], 78
    image = torch.tensor(scene["image"], dtype=torch.float32)[None, None] / 15
    centres = torch.tensor(scene["centres"])
    patches = reference.glimpse(image.expand(len(centres), 1, 24, 24), centres, 8, 2)[:, :, 0]  # (T, K, 8, 8)
    sketch = Sketch(440, 2 * side + 56)
    for t, guess in enumerate(scene["guesses"]):
        x = 88 * t
        sketch.text(x + side / 2, 18, f"glimpse {t + 1}", MUTED, size=14)
        for k in range(2):
            sketch.picture(x, 26 + (side + 4) * k, side, side, patches[t, k].numpy())
        sketch.text(x + side / 2, 2 * side + 52, f"“{guess}”", bold=guess == scene["label"])
    said = ", ".join(str(guess) for guess in scene["guesses"])
    return figure(
        sketch,
        alt=f"Five glimpses at a scene with a {scene['label']}, each of two patches of 8 by 8 pixels: a sharp one "
        "and a blurred one "
        f"twice as wide. Its guesses after them are {said}.",
        caption="The second of these scenes as the model saw it: each glimpse has two patches of 8 × 8 pixels. Below them "
        f"is the model's guess after that glimpse. It never gets the picture itself. The digit is a {scene['label']}.",
    )
