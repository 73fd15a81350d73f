"""Make the labs' results for the site: `attend lab results --code solutions` (or `make lab-results`).

Every lab is run on three seeds; each run is kept in .attend/lab, so that the command continues where it was stopped.
The numbers go to docs/data/lab/*.json, the central curve to docs/assets/figures/bottleneck.svg.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from attend.lab import bottleneck, sizes, translate
from attend.lab.context import Bench
from attend.lab.data.vocabulary import BUCKETS, Vocabulary
from attend.lab.models import translator
from attend.lab.training import parameters, trained
from attend.lab.translate import Translator
from attend.lab.translation import Corpus, Size, evaluate, fit, greedy
from attend.lab.translation import translate as translate_all

COMMAND = "attend lab results --code solutions"
SEEDS = (0, 1, 2)
# the settings of the larger model without attention, and the size of its states
LARGER = Size(pairs=40_000, epochs=3), 192
# words of the longest sentence in the lab notebook
LONGEST_IN_NOTEBOOK = 7
SENTENCES = {
    "comment allez vous": "how are you",
    "comment vous appelez vous": "what is your name",
    "je ne comprends pas": "i do not understand",
    "mon père achète un livre rouge": "my father buys a red book",
    "nous avons soixante et onze livres": "we have seventy one books",
    "elle vend quatre vingt dix sept oranges": "she sells ninety seven oranges",
    "ils n' ont pas de fleurs bleues": "they do not have any blue flowers",
    "j' achète quatre vingt une jolies pommes": "i buy eighty one pretty apples",
    "tu veux trente grands chapeaux": "you want thirty big hats",
    "mon père vend soixante et onze livres rouges et deux jolies fleurs": (
        "my father sells seventy one red books and two pretty flowers"
    ),
    "vous vendez douze chemises blanches , deux petites boîtes et quatre vingt seize oiseaux jaunes": (
        "you sell twelve white shirts , two small boxes and ninety six yellow birds"
    ),
    "nous achetons soixante dix sept paniers neufs , quatre vingt onze robes vertes , vingt et une jolies fleurs , "
    "trois couteaux et quatre vingt dix neuf petits sacs": (
        "we buy seventy seven new baskets , ninety one green dresses , twenty one pretty flowers , three knives and "
        "ninety nine small bags"
    ),
}
FLAT = re.compile(r"\[\s([^\[\]{}]*?)\s*\]")  # a list without lists or tables in it
Runs = Sequence[Mapping[str, Any]]


def make_again(bench: Bench, docs: Path) -> None:
    """Run all labs whose results are not kept yet, and write every file.

    Args:
        bench: its seed is not used.
        docs: the site's folder.
    """
    data, figures = docs / "data" / "lab", docs / "assets" / "figures"
    makers: dict[str, Callable[[Bench], Mapping[str, Any]]] = {
        "bottleneck": bottleneck_data,
        "sizes": sizes_data,
        "translate": translate_data,
        "looks": looks_data,
        "transformer": transformer_data,
        "vision": vision_data,
        "summarise": summarise_data,
    }
    for name, make in makers.items():
        with bench.code.named_errors():
            content = make(bench)
        write(data / f"{name}.json", content)
        bench.screen.print(f"written: {data / name}.json")
    figures.mkdir(parents=True, exist_ok=True)
    (figures / "bottleneck.svg").write_text(
        draw_bottleneck(json.loads((data / "bottleneck.json").read_text(encoding="utf-8"))), encoding="utf-8"
    )


def runs(bench: Bench, name: str) -> list[dict[str, Any]]:
    """The lab's data for every seed."""
    return [
        cached(bench, name, seed, lambda one: import_module(f"attend.lab.{name}").run(one).data)
        for seed in SEEDS
    ]


def cached(bench: Bench, name: str, seed: int, make: Callable[[Bench], dict[str, Any]]) -> dict[str, Any]:
    """What `make` returns; it is kept in the bench's folder until the code or the lab's size changes."""
    path = _path(bench, name, seed)
    if not path.exists():
        bench.screen.print(f"{name}, seed {seed}")
        write(path, make(replace(bench, seed=seed)), remake=False)
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def _path(bench: Bench, name: str, seed: int) -> Path:
    lab = import_module(f"attend.lab.{name.split('-')[0]}")
    made_of = f"{bench.code.digest(tuple(lab.NEEDS))} {lab.DEFAULT}"
    return (
        bench.folder
        / "results"
        / f"{name}-seed{seed}-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.json"
    )


def bottleneck_data(bench: Bench) -> dict[str, Any]:
    many = runs(bench, "bottleneck")
    models = {
        kind: {"title": title, **by_length([run[kind] for run in many])}
        for kind, title in bottleneck.MODELS.items()
    }
    return {
        "about": "Exact match and BLEU by the source's length; a list has one value for each seed. Nothing longer "
        "than 40 words was trained on, and beyond that attention falls too. `larger`, where it stands, is a model "
        "without attention with more of everything, on one seed: it does better and still falls with length.",
        "seeds": list(SEEDS),
        "models": models,
        **larger(bench),
    }


def larger(bench: Bench) -> dict[str, Any]:
    """The larger model's figures, if `attend lab larger` has measured them, which takes longer than all other labs."""
    path = _path(bench, "bottleneck-larger", SEEDS[0])
    return {"larger": json.loads(path.read_text(encoding="utf-8"))} if path.exists() else {}


def by_length(many: Runs) -> dict[str, Any]:
    """A model's figures over the seeds."""
    return {
        "parameters": many[0]["parameters"],
        **{key: [run[key] for run in many] for key in ("exact", "bleu", "gold")},
        "buckets": {
            name: {key: [run["buckets"][name][key] for run in many] for key in ("sentences", "exact", "bleu")}
            for name in BUCKETS
        },
    }


def measure_larger(bench: Bench) -> dict[str, Any]:
    """The model without attention, much larger and trained for longer."""
    size, hidden = LARGER
    corpus = Corpus.make(size, bench.seed)
    words = len(corpus.sources), len(corpus.targets)
    model = trained(
        bench,
        "bottleneck-larger",
        bottleneck.NEEDS,
        size,
        lambda: translator(bench.code, "none", *words, hidden=hidden),
        lambda model: fit(bench, "no attention, larger", model, corpus, size),
    )
    translations = translate_all(
        greedy(bench, model), corpus.test + corpus.beyond, corpus.sources, corpus.targets
    )
    return {
        "parameters": parameters(model),
        "pairs": size.pairs,
        "epochs": size.epochs,
        **evaluate(translations),
    }


def sizes_data(bench: Bench) -> dict[str, Any]:
    many = runs(bench, "sizes")
    return {
        "about": "Exact match on the few short sentences that a model learned from (`train`) and on others "
        "(`held_out`), by how many numbers its fixed context has: for each context a list with one "
        "value for each seed. `attention` is a model with Luong's attention on the same sentences. "
        "Parameters are the first seed's.",
        "seeds": list(SEEDS),
        "pairs": sizes.DEFAULT.pairs,
        "contexts": many[0]["contexts"],
        "parameters": many[0]["parameters"],
        **{
            key: [list(values) for values in zip(*(run[key] for run in many), strict=True)]
            for key in sizes.TITLES
        },
        "attention": _together([run["attention"] for run in many]),
    }


def translate_data(bench: Bench) -> dict[str, Any]:
    many = runs(bench, "translate")
    ready = translate.trained(replace(bench, seed=SEEDS[0]))
    sentences = [
        {**translate.as_data(ready.translate(text)), "wanted": wanted.split()}
        for text, wanted in SENTENCES.items()
    ]
    return {
        "about": "t04's encoder, t05's decoder, t06's training and search. A list of figures has one value for each "
        "seed; `weights` has a row for each word of the translation and a column for each word of the source.",
        "seeds": list(SEEDS),
        **by_length(many),
        "sentences": sentences,
        "trace": trace(ready, next(iter(SENTENCES))),
    }


def looks_data(bench: Bench) -> dict[str, Any]:
    """The data of the lab notebook: the inputs of a trained translator's attention."""
    ready = translate.trained(replace(bench, seed=SEEDS[0]))
    return {
        "about": "The translator of `translate`, first seed. `states`: the decoder's, a row for each word said. `keys`: "
        "the annotations after the general score's matrix, a row for each word read. The softmax of their dot "
        "products is `weights`, up to rounding.",
        "sentences": [look(ready, text) for text in SENTENCES if len(text.split()) <= LONGEST_IN_NOTEBOOK],
    }


@torch.no_grad()
def look(ready: Translator, text: str) -> dict[str, Any]:
    """A sentence's translation with the decoder's states and the keys of its attention."""
    found = trace(ready, text)
    translation = translate.as_data(ready.translate(text))
    annotations = torch.cat([torch.tensor(found["forward"]), torch.tensor(found["backward"])], dim=-1)
    keys = ready.model.decoder.score(annotations)  # (S, H)
    return {**translation, "states": found["decoder"][: len(translation["words"])], "keys": _rounded(keys)}


@torch.no_grad()
def trace(ready: Translator, text: str) -> dict[str, Any]:
    """The hidden states of a sentence: both directions of the encoder, and the decoder's after each word."""
    source = text.split()
    lengths = torch.tensor([len(source)])
    model = ready.model
    annotations, state = model.encoder(torch.tensor([ready.sources.encode(source)]), lengths)
    forward, backward = annotations[0].chunk(2, dim=-1)
    mask = torch.ones(1, len(source), dtype=torch.bool)
    context, token = annotations.new_zeros(1, annotations.shape[-1]), torch.tensor([Vocabulary.bos])
    words: list[str] = []
    states = []
    while len(words) < 10:
        logits, state, context, _ = model.decoder.step(token, state, context, annotations, mask)
        states.append(state[0])
        token = logits.argmax(dim=-1)
        words.append(ready.targets.words[int(token)])
        if token == Vocabulary.eos:
            break
    return {
        "source": source,
        "words": words,
        "forward": _rounded(forward),
        "backward": _rounded(backward),
        "decoder": _rounded(torch.stack(states)),
    }


def vision_data(bench: Bench) -> dict[str, Any]:
    many = runs(bench, "vision")
    return {
        "about": "A digit in clutter. A list of figures has one value for each seed; `mass` is the attention in the "
        "digit's box, `area` the box's share of the picture, `on_digit` how often the last glimpse's centre is in the "
        "box. Images are grey from 0 to 15; centres are (y, x) from −1 to 1.",
        "seeds": list(SEEDS),
        "soft": _together([run["soft"] for run in many]),
        "glimpses": {
            where: _together([run["glimpses"][where] for run in many]) for where in ("learned", "random")
        },
    }


def summarise_data(bench: Bench) -> dict[str, Any]:
    many = runs(bench, "summarise")
    return {
        "about": "Letters to headlines: exact match on letters with known places and with places that no training "
        "letter names; one value for each seed. `generated` is p_gen, word by word; 1 − p_gen is copied.",
        "seeds": list(SEEDS),
        **{name: _together([run[name] for run in many]) for name in ("pointer", "plain")},
        "examples": many[0]["examples"],
    }


def transformer_data(bench: Bench) -> dict[str, Any]:
    many = runs(bench, "transformer")
    return {
        "about": "The task of `translate` with t13's Transformer; one value for each seed. `encoder`, `decoder` and "
        "`cross` are the weights of the last layer's heads: (head, row, column).",
        "seeds": list(SEEDS),
        **by_length(many),
        "examples": many[0]["examples"],
    }


def draw_bottleneck(data: Mapping[str, Any]) -> str:
    """The course's central figure: the mean over the seeds, and from the least to the greatest."""
    curves, bands = {}, {}
    for model in data["models"].values():
        values = [model["buckets"][name]["exact"] for name in BUCKETS]
        curves[model["title"]] = [mean(many) for many in values]
        bands[model["title"]] = [min(many) for many in values], [max(many) for many in values]
    return bottleneck.curve(curves, list(BUCKETS), bands)


def write(path: Path, content: Mapping[str, Any], remake: bool = True) -> None:
    """Write a JSON file that is small and can be compared line by line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {"remake": COMMAND} if remake else {}
    text = json.dumps({**head, **content}, ensure_ascii=False, indent=1)
    path.write_text(_short_lists(text) + "\n", encoding="utf-8")


def _short_lists(text: str) -> str:
    """Lists of numbers or words on one line."""
    return FLAT.sub(lambda found: "[" + " ".join(found[1].split()) + "]", text)


def _together(many: Runs) -> dict[str, Any]:
    """Numbers as lists over the seeds; other values are those of the first seed."""
    return {
        key: [run[key] for run in many] if isinstance(value, float) else value
        for key, value in many[0].items()
    }


def _rounded(values: torch.Tensor) -> list[list[float]]:
    return [[round(value, 3) for value in row] for row in values.tolist()]
