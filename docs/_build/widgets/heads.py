"""The heads of the transformer that the lab trained, one at a time."""

import json

from coursepage import ROOT
from drawing import number

from widgets.parts import choice, frame, heat_map, menu

MEASURED = ROOT / "docs" / "data" / "lab" / "transformer.json"
KINDS = {"encoder": "encoder on itself", "decoder": "decoder on itself", "cross": "decoder on the source"}


def widget() -> str:
    data = json.loads(MEASURED.read_text(encoding="utf-8"))
    examples = [{part: one[part] for part in ("source", "words", *KINDS)} for one in data["examples"]]
    chosen = len(examples) - 1
    source, words = examples[chosen]["source"], examples[chosen]["words"]
    weights = examples[chosen]["cross"][0]
    heads = {str(n): str(n) for n in range(1, len(examples[chosen]["cross"]) + 1)}
    most = max(range(len(source)), key=weights[0].__getitem__)
    exact = number(100 * sum(data["exact"]) / len(data["exact"]), 1)
    return frame(
        "heads",
        heat_map(
            "Weights: a row for each query, a column for each key",
            source,
            words,
            weights,
            True,
        ),
        menu("sentence", "Sentence", [" ".join(one["source"]) for one in examples], chosen)
        + choice("heads", "attention", "Attention", KINDS, "cross")
        + choice("heads", "head", "Head", heads, "1"),
        {"examples": examples},
        f"The last layer of the transformer that the course's lab trained; it translates {exact} % of new sentences of "
        "trained lengths exactly. In the decoder, a row belongs to the word that is <em>written</em>. In its self-attention, "
        "a column belongs to a word that was <em>read</em>: bos, and the words written before. Compare the heads on a number "
        "or on <em>livres rouges</em>: some follow the words that change places, others look elsewhere.",
        f"Head 1: {words[0]} looks most at {source[most]}, weight {number(weights[0][most], 2)}.",
        (["", *source], [[word, *line] for word, line in zip(words, weights, strict=True)]),
    )
