"""The lab `vision`: classify a digit among pieces of others, with t10's soft attention and with glimpses."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from attend.lab.context import Bench, Outcome
from attend.lab.data.digits import Scenes, attention_scenes, glimpse_scenes
from attend.lab.parallel import side_by_side
from attend.lab.training import checkpoint_path, descend, one_cycle, train, trained
from attend.lab.vision_models import GRID, GlimpseReader, SoftReader, glimpse_loss

NEEDS = {
    "t10": ["spatial_annotations", "SoftAttention", "attention_map", "glimpse", "reinforce_loss"],
}
SOFT_BATCH, GLIMPSE_BATCH = 64, 128
# The locator's rate is lower: Adam would cancel a smaller weight of its loss.
READER_RATE, LOCATOR_RATE = 2e-3, 2e-4
SHOWN = 6


@dataclass(frozen=True)
class Size:
    scenes: int = 12_800
    epochs: int = 2
    glimpse_scenes: int = 60_000
    glimpse_steps: int = 4_000
    test: int = 1_000


DEFAULT = Size()


def run(bench: Bench, size: Size = DEFAULT) -> Outcome:
    bench.code.require(NEEDS)
    found = side_by_side(
        bench,
        {
            "learned": partial(take_glimpses, size=size, where="learned"),
            "random": partial(take_glimpses, size=size, where="random"),
            "soft": partial(look_softly, size=size),
        },
    )
    learned, random, soft = found.values()
    data = {"soft": soft, "glimpses": {"learned": learned, "random": random}}
    line = (
        f"soft attention: accuracy {soft['accuracy']:.3f}, {soft['mass']:.2f} of the attention in the digit's box, "
        f"which is {soft['area']:.2f} of the picture; five glimpses: {learned['accuracy']:.3f} where they learned to "
        f"look ({learned['on_digit']:.2f} of the last on the digit), {random['accuracy']:.3f} at random places"
    )
    return Outcome(
        line,
        data,
        {"vision-soft.svg": lambda: draw_soft(soft), "vision-glimpses.svg": lambda: draw_glimpses(learned)},
        tuple(checkpoint_path(bench, f"vision-{name}", NEEDS) for name in found),
    )


def look_softly(bench: Bench, size: Size) -> dict[str, Any]:
    """Train and test the soft reader: accuracy, and how much of the attention is on the digit."""
    model = trained(
        bench,
        "vision-soft",
        NEEDS,
        size,
        lambda: SoftReader(bench.code),
        lambda model: fit_soft(bench, model, size),
    )
    test = attention_scenes(size.test, bench.seed, "test")
    images, labels = _tensors(test)
    with torch.no_grad():
        logits, weights = model(images)
        maps = bench.code["t10"].attention_map(weights, GRID, images.shape[2:])
    masks = torch.from_numpy(test.masks())
    guesses = logits.argmax(dim=-1)
    return {
        "accuracy": _mean(guesses == labels),
        "mass": _mean((maps * masks).sum(dim=(1, 2))),
        "area": _mean(masks.mean(dim=(1, 2))),
        "shown": [
            {**_scene(test, n), "guess": int(guesses[n]), "weights": _rounded(weights[n].view(GRID))}
            for n in range(min(SHOWN, len(images)))
        ],
    }


def take_glimpses(bench: Bench, size: Size, where: str) -> dict[str, Any]:
    """Train and test a glimpse reader: accuracy, and how often its last glimpse is centred on the digit."""
    model = trained(
        bench,
        f"vision-{where}",
        NEEDS,
        size,
        lambda: GlimpseReader(bench.code, where),
        lambda model: fit_glimpses(bench, model, size, where),
    )
    test = glimpse_scenes(size.test, bench.seed, "test")
    images, labels = _tensors(test)
    with torch.no_grad():
        looks = model(images)
    side = images.shape[-1]
    boxes = torch.from_numpy(test.boxes)
    pixels = (looks.centres[:, -1] + 1) / 2 * side  # (B, 2)
    inside = ((pixels >= boxes[:, :2]) & (pixels <= boxes[:, 2:])).all(dim=1)
    guesses = looks.logits.argmax(dim=-1)  # (B, T)
    return {
        "accuracy": _mean(guesses[:, -1] == labels),
        "on_digit": _mean(inside),
        "area": _mean(torch.from_numpy(test.masks()).mean(dim=(1, 2))),
        "shown": [
            {**_scene(test, n), "guesses": guesses[n].tolist(), "centres": _rounded(looks.centres[n])}
            for n in range(min(SHOWN, len(images)))
        ],
    }


def fit_soft(bench: Bench, model: SoftReader, size: Size) -> None:
    images, labels = _tensors(attention_scenes(size.scenes, bench.seed))
    steps = size.epochs * (len(images) // SOFT_BATCH)
    optimizer, schedule = one_cycle(model, steps, rate=5e-3)

    def step(rows: Tensor) -> float:
        return descend(model, optimizer, F.cross_entropy(model(images[rows])[0], labels[rows]))

    rows = _shuffled(len(images), SOFT_BATCH, steps)
    train(bench, "soft attention", rows, steps, step, schedule)


def fit_glimpses(bench: Bench, model: GlimpseReader, size: Size, where: str) -> None:
    images, labels = _tensors(glimpse_scenes(size.glimpse_scenes, bench.seed))
    locator = [model.locator.weight, model.locator.bias]
    others = [one for one in model.parameters() if all(one is not other for other in locator)]
    optimizer = torch.optim.Adam(
        [{"params": others, "lr": READER_RATE}, {"params": locator, "lr": LOCATOR_RATE}]
    )
    steps = size.glimpse_steps
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

    def step(rows: Tensor) -> float:
        loss = glimpse_loss(bench.code, model(images[rows]), labels[rows], where == "learned")
        return descend(model, optimizer, loss, max_norm=5.0)

    rows = _shuffled(len(images), GLIMPSE_BATCH, steps)
    train(bench, f"glimpses, {where}", rows, steps, step, schedule)


def draw_soft(result: dict[str, Any]) -> str:
    from attend.lab.vision_figures import attention_on_digits

    return attention_on_digits(
        result["shown"],
        f"Six test scenes. The attention of a trained reader, in orange, is on the digit: {result['mass']:.2f} of it is "
        f"in the digit's box. It reads {result['accuracy']:.1%} of the digits.",
    )


def draw_glimpses(result: dict[str, Any]) -> str:
    from attend.lab.vision_figures import glimpses_on_digits

    return glimpses_on_digits(
        result["shown"],
        "Six test scenes with the path of five glimpses, from the centre to the digit. "
        f"After the last one {result['accuracy']:.1%} of the digits are read.",
    )


def _tensors(scenes: Scenes) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(scenes.images), torch.from_numpy(scenes.labels)


def _shuffled(count: int, batch: int, steps: int) -> Iterator[Tensor]:
    """The rows of `steps` batches, epoch after epoch."""
    done = 0
    while True:
        for rows in torch.randperm(count).split(batch):
            if len(rows) == batch or count < batch:
                if done == steps:
                    return
                done += 1
                yield rows


def _scene(scenes: Scenes, n: int) -> dict[str, Any]:
    """As small data: grey from 0 to 15."""
    return {
        "image": (scenes.images[n, 0] * 15).round().astype(int).tolist(),
        "label": int(scenes.labels[n]),
        "box": scenes.boxes[n].tolist(),
    }


def _mean(values: Tensor) -> float:
    return round(values.float().mean().item(), 4)


def _rounded(values: Tensor) -> list[list[float]]:
    return [[round(value, 4) for value in row] for row in values.tolist()]
