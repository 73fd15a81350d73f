"""Three photographed birds, and grass to set them on: to know that it is a bird one may ignore the
background.

The pictures are not under the program's licence: see photographs/NOTICE (birds: GPL-2 or later; grass: CC0).
The birds come without a background, so which pixels are bird is known exactly.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image

FOLDER = Path(__file__).parent / "photographs"
BIRDS = ("crowned_crane", "magellanic_penguin", "pink_flamingo")
GREEN = (0.55, 0.85, 0.35)  # grass.png is grey


@dataclass(frozen=True)
class Photograph:
    """Colours from 0 to 1; `bird` says how much of each pixel belongs to the bird, 0 to 1."""

    image: Float[np.ndarray, "height width 3"]
    bird: Float[np.ndarray, "height width"]


def cut_out(name: str) -> Photograph:
    """The bird as it is shipped, on nothing."""
    return _split(_opened(name))


def on_grass(name: str, size: int = 128, height: int = 96, top: int = 16, left: int = 24) -> Photograph:
    """A square picture of the bird on grass.

    Args:
        size: of the picture, at most 256; `height`: of the bird in it.
        top: with `left`, the place of the bird's upper left corner; what is outside the picture is cut off.

    Raises:
        ValueError: there is no such bird, or `size` is too large.
    """
    if not 1 <= size <= 256:
        raise ValueError(f"the grass is 256 pixels wide, so size is from 1 to 256, not {size}")
    stamp = _opened(name)
    stamp = stamp.resize(
        (max(1, round(stamp.width * height / stamp.height)), height), Image.Resampling.LANCZOS
    )
    picture = Image.new("RGBA", (size, size))
    picture.paste(stamp, (left, top))
    bird = _split(picture)
    grass = np.asarray(Image.open(FOLDER / "grass.png").crop((0, 0, size, size)), dtype=np.float32) / 255
    background = np.clip(1.2 * grass[..., None] * np.array(GREEN, dtype=np.float32), 0, 1)
    share = bird.bird[..., None]
    return Photograph(share * bird.image + (1 - share) * background, bird.bird)


def _opened(name: str) -> Image.Image:
    if name not in BIRDS:
        raise ValueError(f"the birds are {', '.join(BIRDS)}; there is no {name!r}")
    return Image.open(FOLDER / f"{name}.png").convert("RGBA")


def _split(picture: Image.Image) -> Photograph:
    pixels = np.asarray(picture, dtype=np.float32) / 255
    return Photograph(pixels[..., :3].copy(), pixels[..., 3].copy())
