"""Letters to a shop and their headlines: summarisation, where names must be copied.

*dear sir , the fair in dorawick is over . please send twelve red lamps to our shop in velemont by friday .
yours , anna* → *velemont orders twelve red lamps by friday*. A letter names two places and the headline needs
the right one; whether the shop orders, cancels or returns is said in other words than the headline's.

The places are made up. Some are known (in the vocabulary and in training), some rare (in training, but cut
from the vocabulary, as a real vocabulary cuts its tail), and some new: those whose crc32 % 10 == 0 occur in
no training letter. Letters whose text has crc32 % 10 == 0 are held out too, so "test" and "new" share nothing
with "train".
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from zlib import crc32

from attend.lab.data.vocabulary import Vocabulary

FIRST = "bel dor fen gar hal kel lor mar nor pel quil ros sel tor ul vel wes zan".split()
LAST = "anby aford awick emont ostad owood ubury aville ehaven odale".split()
PEOPLE = "anna boris clara david emma felix greta henry".split()
NUMBERS = "two three four five six seven eight nine ten twelve twenty thirty forty fifty".split()
COLOURS = "red green blue white black yellow".split()
GOODS = "lamps chairs tables clocks mirrors carpets kettles plates ladders baskets".split()
DAYS = "monday tuesday wednesday thursday friday saturday".split()
GREETINGS = ("dear sir ,", "dear madam ,", "dear friends ,", "good morning ,")
ASIDES = (
    "your postcard from {other} came this morning .",
    "the fair in {other} is over .",
    "my sister in {other} sends her love .",
    "the road to {other} is closed again .",
)
REQUESTS = {
    "orders": (
        "please send {goods} to our shop in {place} by {day} .",
        "our shop in {place} would like {goods} by {day} .",
        "could we have {goods} for our shop in {place} by {day} ?",
    ),
    "cancels": (
        "we no longer need {goods} that you promised to {place} by {day} .",
        "do not send {goods} to {place} by {day} after all .",
    ),
    "returns": (
        "{goods} that came to {place} are broken and go back by {day} .",
        "our driver leaves {place} and brings {goods} back by {day} .",
    ),
}
CLOSINGS = ("with kind regards , {person}", "yours , {person}", "many thanks from {person}")
SHARE_OF_RARE = 0.1
NUMBER_OF_KNOWN = 24


@dataclass(frozen=True)
class Letter:
    """`place` is the one of the two places that the headline names."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    place: str


def places(kind: str) -> tuple[str, ...]:
    """The made-up names that are "known", "rare" or "new".

    Raises:
        ValueError: `kind` is another word.
    """
    names = sorted(("".join(parts) for parts in product(FIRST, LAST)), key=lambda name: crc32(name.encode()))
    seen = [name for name in names if not held_out(name)]
    match kind:
        case "known":
            return tuple(seen[:NUMBER_OF_KNOWN])
        case "rare":
            return tuple(seen[NUMBER_OF_KNOWN:])
        case "new":
            return tuple(name for name in names if held_out(name))
    raise ValueError(f"places are 'known', 'rare' or 'new', not {kind!r}")


def held_out(text: str) -> bool:
    return crc32(text.encode()) % 10 == 0


def make_letters(count: int, seed: int, split: str = "train") -> list[Letter]:
    """`count` letters, the same for the same arguments.

    Args:
        split: "train" (known places, and rare ones in a tenth of the letters), "test" (known places in
            letters not trained on) or "new" (the same, with places that no training letter names).

    Raises:
        ValueError: there is no such split.
    """
    if split not in ("train", "test", "new"):
        raise ValueError(f"split is 'train', 'test' or 'new', not {split!r}")
    rng = random.Random(f"letters {seed} {split}")
    written = _letters(rng, split)
    return [next(written) for _ in range(count)]


def _letters(rng: random.Random, split: str) -> Iterator[Letter]:
    known, rare, new = places("known"), places("rare"), places("new")
    while True:
        names = new if split == "new" else known
        if split == "train" and rng.random() < SHARE_OF_RARE:
            names = rare
        letter = write(rng, *rng.sample(names, 2))
        if held_out(" ".join(letter.source)) == (split != "train"):
            yield letter


def write(rng: random.Random, place: str, other: str) -> Letter:
    """A letter about `place` that mentions `other`, with its headline."""
    act = rng.choice(tuple(REQUESTS))
    colour = [rng.choice(COLOURS)] if rng.random() < 0.5 else []
    goods, day = " ".join([rng.choice(NUMBERS), *colour, rng.choice(GOODS)]), rng.choice(DAYS)
    the_goods = goods if act == "orders" else f"the {goods}"
    middle = [
        rng.choice(ASIDES).format(other=other),
        rng.choice(REQUESTS[act]).format(goods=the_goods, place=place, day=day),
    ]
    rng.shuffle(middle)
    text = [rng.choice(GREETINGS), *middle, rng.choice(CLOSINGS).format(person=rng.choice(PEOPLE))]
    return Letter(tuple(" ".join(text).split()), tuple(f"{place} {act} {goods} by {day}".split()), place)


def vocabulary() -> Vocabulary:
    """One vocabulary for letters and headlines: every word but the rare and the new places."""
    templates = [*GREETINGS, *ASIDES, *CLOSINGS, *(text for texts in REQUESTS.values() for text in texts)]
    words = {word for text in templates for word in text.split() if not word.startswith("{")}
    for group in (REQUESTS, PEOPLE, NUMBERS, COLOURS, GOODS, DAYS, places("known"), ("the",)):
        words |= set(group)
    return Vocabulary(words)
