"""Scenes of digits in clutter, and the birds: boxes are true, splits are apart, the pictures carry their licence."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from attend.lab.data.digits import attention_scenes, glimpse_scenes, make_scenes, resized, source_digits
from attend.lab.data.photographs import BIRDS, FOLDER, cut_out, on_grass


def test_source_digits_are_split_once():
    (train, train_labels), (test, test_labels) = source_digits("train"), source_digits("test")
    assert len(train) + len(test) == 1797 == len(train_labels) + len(test_labels)
    assert 0.08 <= len(test) / 1797 <= 0.12
    assert set(test_labels) == set(range(10)) == set(train_labels)
    distinct = {image.tobytes() for image in train}
    assert distinct.isdisjoint(image.tobytes() for image in test)
    mine = {(image.astype(np.float32) / 16).tobytes() for image in load_digits().images}
    assert distinct <= mine
    with pytest.raises(ValueError, match="'train' or 'test', not 'dev'"):
        source_digits("dev")


@pytest.mark.parametrize("scenes, size, side", [(attention_scenes, 32, 10), (glimpse_scenes, 24, 12)])
@pytest.mark.parametrize("split", ["train", "test"])
def test_the_digit_lies_in_its_box(scenes, size, side, split):
    """What is in the box is one of the split's source digits, untouched, and its label is right."""
    made = scenes(150, 3, split)
    digits, labels = source_digits(split)
    label_of = {image.tobytes(): label for image, label in zip(resized(digits, side), labels, strict=True)}
    assert made.images.shape == (150, 1, size, size) and made.images.dtype == np.float32
    assert made.labels.dtype == made.boxes.dtype == np.int64
    for image, label, (top, left, bottom, right) in zip(made.images, made.labels, made.boxes, strict=True):
        assert (bottom - top, right - left) == (side, side)
        assert 0 <= top and bottom <= size and 0 <= left and right <= size
        assert label_of[image[0, top:bottom, left:right].copy().tobytes()] == label


def test_every_scene_has_clutter_outside_the_box():
    made = attention_scenes(200, 0)
    outside = made.images[:, 0] * (1 - made.masks())
    ink = outside.sum(axis=(1, 2))
    assert (ink > 5).all()
    bare = make_scenes(50, 0, "train", size=32, side=10, pieces=0)
    assert not (bare.images[:, 0] * (1 - bare.masks())).any()


def test_boxes_are_everywhere():
    """A digit may stand in any place, so that where to look has to be seen."""
    boxes = attention_scenes(3000, 0).boxes
    assert set(boxes[:, 0]) == set(boxes[:, 1]) == set(range(32 - 10 + 1))
    assert abs(np.corrcoef(boxes[:, 0], boxes[:, 1])[0, 1]) < 0.1


def test_masks_are_the_boxes():
    made = glimpse_scenes(40, 1)
    for mask, (top, left, bottom, right) in zip(made.masks(), made.boxes, strict=True):
        assert mask[top:bottom, left:right].all() and mask.sum() == (bottom - top) * (right - left)


def test_values_are_greys():
    for made in (attention_scenes(300, 2), glimpse_scenes(300, 2, "test")):
        assert made.images.min() == 0 and 0.9 < made.images.max() <= 1


def test_the_seed_decides():
    first, again, other = (attention_scenes(20, seed) for seed in (5, 5, 6))
    assert (first.images == again.images).all() and (first.boxes == again.boxes).all()
    assert (first.images != other.images).any()
    assert (attention_scenes(20, 5, "test").images != first.images).any()


def test_resizing_keeps_flat_and_sloping_greys():
    """By hand: from 8 to 16 pixels, inner values lie a quarter and three quarters between neighbours."""
    slope = np.tile(np.arange(8, dtype=np.float32), (8, 1))[None]
    larger = resized(slope, 16)[0, 5]
    np.testing.assert_allclose(larger[:4], [0, 0.25, 0.75, 1.25], rtol=1e-6)
    np.testing.assert_allclose(larger[-2:], [6.75, 7], rtol=1e-6)
    np.testing.assert_array_equal(resized(slope, 8), slope)


def test_sides_that_do_not_fit_are_refused():
    for side in (7, 13):
        with pytest.raises(ValueError, match="side"):
            make_scenes(3, 0, "train", size=24, side=side, pieces=2)


@pytest.mark.parametrize("name", BIRDS)
def test_a_bird_and_its_background(name):
    bare, scene = cut_out(name), on_grass(name, size=96, height=64, top=20, left=10)
    assert bare.image.shape[:2] == bare.bird.shape and {0.0, 1.0} <= set(np.unique(bare.bird))
    assert scene.image.shape == (96, 96, 3) and scene.bird.shape == (96, 96)
    for values in (scene.image, scene.bird):
        assert values.dtype == np.float32 and 0 <= values.min() <= values.max() <= 1
    assert not scene.bird[:18].any() and not scene.bird[86:].any() and scene.bird[20:84].max() == 1
    without = on_grass(name, size=96, height=64, top=96, left=96)
    grass = scene.bird == 0
    assert grass.mean() > 0.5 and not without.bird.any()
    np.testing.assert_array_equal(scene.image[grass], without.image[grass])


def test_unknown_birds_and_sizes_are_refused():
    for wrong in (lambda: cut_out("dodo"), lambda: on_grass("dodo"), lambda: on_grass(BIRDS[0], size=300)):
        with pytest.raises(ValueError, match="there is no 'dodo'|256"):
            wrong()


def test_every_photograph_stands_in_the_notice():
    """Licence and author beside the files, and small enough to ship."""
    notice = (FOLDER / "NOTICE").read_text(encoding="utf-8")
    pictures = sorted(FOLDER.glob("*.png"))
    assert {picture.stem for picture in pictures} == {*BIRDS, "grass"}
    assert all(picture.name in notice for picture in pictures)
    assert "Bill Kendrick" in notice and "GNU General Public License" in notice and "CC0" in notice
    assert "Version 2, June 1991" in (FOLDER / "GPL-2.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 400_000
