"""The lab `bottleneck`: one encoder and three decoders; without attention, long sentences are translated badly.

t04's encoder with a decoder that has only its last states (t01's idea, as a GRU), with Bahdanau's and with
Luong's (t07): the same data, the same steps, about the same number of parameters.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attend.lab.context import Bench, Outcome
from attend.lab.data.vocabulary import BUCKETS
from attend.lab.figures import lines
from attend.lab.models import NEEDS as TRANSLATOR_NEEDS
from attend.lab.models import translator
from attend.lab.modules import Needs
from attend.lab.parallel import side_by_side
from attend.lab.training import checkpoint_path, parameters, trained
from attend.lab.translation import Corpus, Size, evaluate, fit, greedy, translate

MODELS = {"none": "no attention", "bahdanau": "Bahdanau", "luong": "Luong"}
NEEDS: Needs = {
    **TRANSLATOR_NEEDS["none"],
    "t06": ["shift_right", "sequence_loss", "Seq2Seq", "greedy_decode", "train_step"],
    "t07": ["BahdanauDecoder", "LuongDecoder"],
}
DEFAULT = Size()
ACROSS, UP = "words in the source", "exact match"


def run(bench: Bench, size: Size = DEFAULT) -> Outcome:
    bench.code.require(NEEDS)
    corpus = Corpus.make(size, bench.seed)
    data = side_by_side(
        bench, {kind: partial(measure, kind=kind, corpus=corpus, size=size) for kind in MODELS}
    )
    line = "exact match in the trained range: " + ", ".join(
        f"{title} {data[kind]['exact']:.3f}" for kind, title in MODELS.items()
    )
    checkpoints = tuple(checkpoint_path(bench, f"bottleneck-{kind}", NEEDS) for kind in MODELS)
    return Outcome(line, data, {"bottleneck.svg": lambda: draw(data)}, checkpoints)


def measure(bench: Bench, kind: str, corpus: Corpus, size: Size) -> dict[str, Any]:
    """Train and evaluate one model."""
    words = len(corpus.sources), len(corpus.targets)
    model = trained(
        bench,
        f"bottleneck-{kind}",
        NEEDS,
        size,
        lambda: translator(bench.code, kind, *words),
        lambda model: fit(bench, MODELS[kind], model, corpus, size),
    )
    translations = translate(
        greedy(bench, model), corpus.test + corpus.beyond, corpus.sources, corpus.targets
    )
    return {"parameters": parameters(model), **evaluate(translations)}


def draw(data: Mapping[str, Any]) -> str:
    """Exact match by source length, of one seed."""
    places = [name for name in BUCKETS if name in data["none"]["buckets"]]
    curves = {
        title: [data[kind]["buckets"][name]["exact"] for name in places] for kind, title in MODELS.items()
    }
    return curve(curves, places)


def curve(
    curves: Mapping[str, list[float]],
    places: list[str],
    bands: Mapping[str, tuple[list[float], list[float]]] | None = None,
) -> str:
    description = "; ".join(
        f"{title}: " + ", ".join(f"{value:.2f} at {name}" for name, value in zip(places, values, strict=True))
        for title, values in curves.items()
    )
    beyond = len(places) - 1.5 if places[-1] == BUCKETS[-1] else None
    return lines(
        curves,
        places,
        f"Exact match of translations against the number of words in the source. {description}. "
        "No training sentence is longer than 40 words.",
        ACROSS,
        UP,
        bands,
        None if beyond is None else (beyond, "beyond training"),
    )
