"""Scenes with one handwritten digit among pieces of others: where is it, and which is it?

The digits are the 1,797 of scikit-learn (8 × 8, sixteen greys; from the UCI repository's "Optical recognition
of handwritten digits", E. Alpaydin and C. Kaynak, 1998). A piece of clutter is a quarter of another digit, so
its strokes look like a digit's. Every digit whose crc32(str(n)) % 10 == 0, n its index, is for tests only,
and so are the pieces cut from it.
"""

from dataclasses import dataclass
from functools import cache
from zlib import crc32

import numpy as np
from jaxtyping import Float, Int
from sklearn.datasets import load_digits

SIDE, PIECE = 8, 4  # of a source digit, and of the part of it that becomes clutter


@dataclass(frozen=True)
class Scenes:
    """Grey images from 0 to 1. A box is (top, left, bottom, right), the last two just outside it."""

    images: Float[np.ndarray, "N 1 size size"]
    labels: Int[np.ndarray, " N"]
    boxes: Int[np.ndarray, "N 4"]

    def masks(self) -> Float[np.ndarray, "N size size"]:
        """1 inside each digit's box, 0 outside: the mass on it is the sum of mask times attention map."""
        at = np.arange(self.images.shape[-1])
        top, left, bottom, right = self.boxes.T[..., None]
        rows, columns = (at >= top) & (at < bottom), (at >= left) & (at < right)
        return (rows[:, :, None] & columns[:, None, :]).astype(np.float32)


def attention_scenes(count: int, seed: int, split: str = "train") -> Scenes:
    """For soft attention: 32 × 32, a digit of 10 × 10 among four pieces."""
    return make_scenes(count, seed, split, size=32, side=10, pieces=4)


def glimpse_scenes(count: int, seed: int, split: str = "train") -> Scenes:
    """For glimpses: 24 × 24, a digit of 12 × 12 among two pieces."""
    return make_scenes(count, seed, split, size=24, side=12, pieces=2)


def make_scenes(count: int, seed: int, split: str, size: int, side: int, pieces: int) -> Scenes:
    """`count` scenes, the same for the same arguments.

    Args:
        split: "train" or "test": made from different source digits.
        size: of the scene; `side`: of the digit in it; `pieces`: how many there are. None touches the digit's
            box.

    Raises:
        ValueError: there is no such split, or `side` is too small or too large.
    """
    if not SIDE <= side <= size // 2:
        raise ValueError(f"a digit's side is from {SIDE} to half the scene's, not {side} of {size}")
    rng = np.random.default_rng([crc32(split.encode()), seed, size, side, pieces])
    digits, labels = source_digits(split)
    digits = resized(digits, side)
    images = np.zeros((count, size, size), dtype=np.float32)
    chosen = rng.integers(len(digits), size=count)
    corners = rng.integers(size - side + 1, size=(count, 2))
    _paint(images, digits[chosen], corners)
    part = side * PIECE // SIDE
    for _ in range(pieces):
        others = (chosen + rng.integers(1, len(digits), size=count)) % len(digits)
        _paint(images, _inky_parts(digits[others], part, rng), _free_corners(corners, side, size, part, rng))
    return Scenes(images[:, None], labels[chosen], np.concatenate([corners, corners + side], axis=1))


@cache
def source_digits(split: str) -> tuple[Float[np.ndarray, "M 8 8"], Int[np.ndarray, " M"]]:
    """The source digits of a split, from 0 to 1, and their labels.

    Raises:
        ValueError: there is no such split.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split is 'train' or 'test', not {split!r}")
    data = load_digits()
    chosen = [n for n in range(len(data.images)) if (crc32(str(n).encode()) % 10 == 0) == (split == "test")]
    return (data.images[chosen] / 16).astype(np.float32), data.target[chosen].astype(np.int64)


def resized(images: Float[np.ndarray, "M 8 8"], side: int) -> Float[np.ndarray, "M side side"]:
    """Enlarged by linear interpolation between pixel centres."""
    at = np.clip((np.arange(side) + 0.5) * SIDE / side - 0.5, 0, SIDE - 1)
    weights = np.clip(1 - np.abs(at[:, None] - np.arange(SIDE)), 0, 1).astype(np.float32)  # (side, 8)
    return weights @ images @ weights.T


def _inky_parts(digits: np.ndarray, part: int, rng: np.random.Generator) -> np.ndarray:
    """Of each digit one of its four quarters, among those with at least half as much ink as its blackest."""
    far = digits.shape[-1] - part
    quarters = np.stack([digits[:, y : y + part, x : x + part] for y in (0, far) for x in (0, far)], axis=1)
    ink = quarters.sum(axis=(2, 3))
    inky = 2 * ink >= ink.max(axis=1, keepdims=True)
    return quarters[np.arange(len(digits)), (rng.random(ink.shape) * inky).argmax(axis=1)]


def _free_corners(
    digit: np.ndarray, side: int, size: int, part: int, rng: np.random.Generator
) -> Int[np.ndarray, "N 2"]:
    """Corners from which pieces do not reach into the digits' boxes, whose corners are `digit`."""
    corners = rng.integers(size - part + 1, size=digit.shape)
    while (touching := ((corners + part > digit) & (corners < digit + side)).all(axis=1)).any():
        corners[touching] = rng.integers(size - part + 1, size=(touching.sum(), 2))
    return corners


def _paint(images: np.ndarray, stamps: np.ndarray, corners: np.ndarray) -> None:
    """The brighter of the two, where a stamp meets what is there."""
    n = np.arange(len(images))[:, None, None]
    rows, columns = (corners[:, axis, None] + np.arange(stamps.shape[-1]) for axis in (0, 1))
    where = n, rows[:, :, None], columns[:, None, :]
    images[where] = np.maximum(images[where], stamps)
