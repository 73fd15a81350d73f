"""The lab `sizes`: does a larger context help when there are few short sentences to learn from?

The lab `bottleneck`'s model without attention, with contexts of 8 to 512 numbers, and its model with Luong's attention.
All learn from the same few sentences of one noun phrase, for as many steps. They translate these sentences, and others
that they have not seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from attend.lab.bottleneck import NEEDS
from attend.lab.context import Bench, Outcome
from attend.lab.data.marche import make_pairs
from attend.lab.data.pair import SentencePair
from attend.lab.data.vocabulary import Vocabulary
from attend.lab.figures import lines
from attend.lab.models import HIDDEN, translator
from attend.lab.parallel import side_by_side
from attend.lab.training import checkpoint_path, parameters, trained
from attend.lab.translation import Corpus, exact, fit, greedy, translate
from attend.lab.translation import Size as TranslatorSize

TITLES = {"train": "sentences it learned from", "held_out": "sentences it had not seen"}
PHRASES = (1, 1)  # noun phrases in a sentence


@dataclass(frozen=True)
class Size(TranslatorSize):
    """`contexts`: how many numbers the fixed contexts have, even because two readers share them."""

    pairs: int = 300
    epochs: int = 50
    test: int = 300
    beyond: int = 0
    contexts: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 512)


DEFAULT = Size()


def run(bench: Bench, size: Size = DEFAULT) -> Outcome:
    bench.code.require(NEEDS)
    corpus = few_short(size, bench.seed)
    models = {str(numbers): ("none", numbers // 2) for numbers in size.contexts} | {
        "attention": ("luong", HIDDEN)
    }
    # the slow ones first, so that no lane waits for them at the end
    jobs = {
        name: partial(measure, name=name, kind=kind, hidden=hidden, corpus=corpus, size=size)
        for name, (kind, hidden) in reversed(models.items())
    }
    found = side_by_side(bench, jobs)
    data = {
        "contexts": list(size.contexts),
        **{key: [found[str(n)][key] for n in size.contexts] for key in ("parameters", *TITLES)},
        "attention": found["attention"],
    }
    line = f"exact match with a context of {size.contexts[-1]} numbers: " + ", ".join(
        f"{title} {data[key][-1]:.3f}" for key, title in TITLES.items()
    )
    checkpoints = tuple(checkpoint_path(bench, f"sizes-{name}", NEEDS) for name in models)
    return Outcome(line, data, {"sizes.svg": lambda: draw(data)}, checkpoints)


def few_short(size: Size, seed: int) -> Corpus:
    """The sentences; every word of a test sentence, French and English, occurs in the training sentences."""
    pairs = make_pairs(size.pairs, seed, phrases=PHRASES)
    sources = Vocabulary.of(pair.source for pair in pairs)
    targets = Vocabulary.of(pair.target for pair in pairs)

    def known(pair: SentencePair) -> bool:
        return all(word in sources for word in pair.source) and all(word in targets for word in pair.target)

    written = make_pairs(2 * size.test, seed, "test", phrases=PHRASES)
    test = list(islice(filter(known, dict.fromkeys(written)), size.test))
    return Corpus(pairs, test, [], sources, targets)


def measure(bench: Bench, name: str, kind: str, hidden: int, corpus: Corpus, size: Size) -> dict[str, Any]:
    """One model trained, and judged on what it learned from and on what it did not."""
    words = len(corpus.sources), len(corpus.targets)
    model = trained(
        bench,
        f"sizes-{name}",
        NEEDS,
        size,
        lambda: translator(bench.code, kind, *words, hidden=hidden),
        lambda model: fit(bench, name, model, corpus, size),
    )
    search = greedy(bench, model)
    return {
        "parameters": parameters(model),
        "train": exact(translate(search, corpus.train, corpus.sources, corpus.targets)),
        "held_out": exact(translate(search, corpus.test, corpus.sources, corpus.targets)),
    }


def draw(data: Mapping[str, Any]) -> str:
    """Exact match by the context's size, of one seed."""
    places = [str(numbers) for numbers in data["contexts"]]
    curves = {title: data[key] for key, title in TITLES.items()}
    shown = "; ".join(
        f"{title}: "
        + ", ".join(f"{value:.2f} with {name}" for name, value in zip(places, values, strict=True))
        for title, values in curves.items()
    )
    label = f"Exact match of translations against how many numbers the context has. {shown}."
    return lines(curves, places, label, "numbers in the context", "exact match")
