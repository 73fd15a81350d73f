"""Glimpses: a small eye that is moved over an image, sharp in the middle and coarse around it."""

import math

import torch
from attend.lab.data.digits import glimpse_scenes
from coursepage import reference
from drawing import ANNOTATION, INK, MUTED, QUERY, inline_svg, number

from widgets.parts import LiveSketch, frame, menu, slider

SEED, SCENES = 10, 3
SIDE, SIZE, SCALES = 24, 8, 2  # of the image, of a patch, and how many patches
CELL, PATCH_CELL, PATCH_LEFT = 11, 16, 300  # pixels
START = (-0.25, -0.25)  # the first centre, (y, x)


def first_pixel(centre: float, scale: int) -> int:
    """The first row or column of a patch, as t10's `glimpse` has it."""
    extent = SIZE * 2**scale
    return math.floor((centre + 1) / 2 * SIDE - extent / 2 + 0.5)


def inside(box: list[int], centre: tuple[float, float], scale: int) -> float:
    """The share of the digit's box (top, left, bottom, right) that a patch covers."""
    share = 1.0
    for axis in (0, 1):
        first = first_pixel(centre[axis], scale)
        low, high = max(first, box[axis]), min(first + SIZE * 2**scale, box[axis + 2])
        share *= max(high - low, 0) / (box[axis + 2] - box[axis])
    return share


def widget() -> str:
    scenes = glimpse_scenes(SCENES, SEED, split="test")
    images = scenes.images.round(2)
    patches = reference("t10_computer_vision").glimpse(
        torch.tensor(images[:1]), torch.tensor([START]), SIZE, SCALES
    )[0, :, 0]
    boxes = scenes.boxes.tolist()
    sketch = LiveSketch(440, 300)
    _pixels(sketch, "image", images[0, 0], 2, 2, CELL)
    sketch.box(2, 2, SIDE * CELL, SIDE * CELL, MUTED, radius=0, stroke=1)
    # a frame that reaches over the image's edge is drawn as far as the image goes
    sketch.raw(
        f'<clipPath id="glimpses-image"><rect width="{SIDE * CELL + 4}" height="{SIDE * CELL + 4}"/></clipPath>'
    )
    for scale, patch in enumerate(patches):
        y, x = (2 + CELL * first_pixel(centre, scale) for centre in START)
        extent = CELL * SIZE * 2**scale
        dash = ";stroke-dasharray:6 4" if scale else ""
        sketch.raw(f'<rect data-frame="{scale}" clip-path="url(#glimpses-image)" x="{x}" y="{y}" width="{extent}" height="{extent}" '
                   f'style="fill:none;stroke:{QUERY};stroke-width:2.5{dash}"/>')  # fmt: skip
        top = 2 + scale * 150
        _pixels(sketch, f"patch{scale}", patch.numpy(), PATCH_LEFT, top, PATCH_CELL)
        sketch.raw(f'<rect x="{PATCH_LEFT}" y="{top}" width="{SIZE * PATCH_CELL}" height="{SIZE * PATCH_CELL}" '
                   f'style="fill:none;stroke:{QUERY};stroke-width:2{dash}"/>')  # fmt: skip
    sketch.text(2 + SIDE * CELL / 2, 290, "drag, or use the sliders", INK, size=14)
    rows = [_row(boxes[0], START, scale, patches[scale]) for scale in range(SCALES)]
    names = [f"{n + 1}" for n in range(SCENES)]
    return frame(
        "glimpses",
        inline_svg(
            sketch,
            f"An image of {SIDE} × {SIDE} pixels with a handwritten digit among pieces of others. Two frames around one "
            f"centre, {SIZE} and {2 * SIZE} pixels wide; beside the image the two patches, {SIZE} × {SIZE} numbers each.",
        ),
        menu("scene", "Image", names)
        + slider("down", "Up or down", -1, 1, 0.05, START[0])
        + slider("across", "Left or right", -1, 1, 0.05, START[1]),
        {"images": [image[0].ravel().tolist() for image in images], "boxes": boxes, "side": SIDE, "size": SIZE,
         "scales": SCALES, "cell": CELL},
        f"One glimpse of an image of {SIDE} × {SIDE} pixels: it has {SCALES * SIZE * SIZE} numbers instead of "
        f"{SIDE * SIDE}. The patch in the solid frame is sharp. The patch in the dashed frame is twice as wide and shrunk to the "
        "same size, so it shows roughly what is around. Move the glimpse until you can read the digit, and use the coarse "
        "patch to decide where to go.",
        _told(boxes[0], START),
        (["patch", "first row", "first column", "pixels wide", "mean", "of the digit's box"], rows),
    )  # fmt: skip


def _pixels(sketch: LiveSketch, part: str, values, left: float, top: float, cell: float):
    rows, columns = values.shape
    marks = "".join(
        f'<rect x="{left + cell * x}" y="{top + cell * y}" width="{cell}" height="{cell}" fill-opacity="{values[y, x]:.2f}"/>'
        for y in range(rows)
        for x in range(columns)
    )
    sketch.raw(f'<g data-part="{part}" style="fill:{ANNOTATION}">{marks}</g>')


def _row(box: list[int], centre: tuple[float, float], scale: int, patch) -> list:
    corner = [number(first_pixel(part, scale), 0) for part in centre]
    return [
        "coarse" if scale else "sharp",
        *corner,
        SIZE * 2**scale,
        float(patch.mean()),
        inside(box, centre, scale),
    ]


def _told(box: list[int], centre: tuple[float, float]) -> str:
    sharp = number(100 * inside(box, centre, 0), 0)
    coarse = number(100 * inside(box, centre, 1), 0)
    return (
        f"Centre (y, x) = ({number(centre[0], 2)}, {number(centre[1], 2)}). The sharp patch covers {sharp} % of the digit's "
        f"box, the coarse one {coarse} %."
    )
