"""The alignment explorer: what becomes of a decoder's scores under another temperature and another mask."""

import numpy as np
import torch
from coursepage import reference
from t03_attention_decoding import DECODER, SOURCE, TARGET
from t06_encoder_decoder import PAIRS, trained, words_of

from widgets.parts import frame, heat_map, menu, slider, ticks

TRAINED = ["vous lisez les livres", "les livres noirs"]
HINT = "Point at a cell, or step through the grid with the arrow keys."


def by_hand() -> dict:
    """The scores of t03's decoder, whose numbers were set by hand: t03's own step, word by word."""
    module, state, token = reference("t03_attention_decoding"), DECODER["state"], DECODER["bos"]
    layers = {name: DECODER[name] for name in ("W_ih", "W_hh", "b", "W_out")}
    words, scores = [], []
    while True:
        embedding = DECODER["embeddings"][token]
        logits, state, _ = module.decode_step(
            embedding, state, DECODER["annotations"], DECODER["mask"], **layers
        )
        token = int(logits.argmax())
        if token == DECODER["eos"]:
            return {"source": SOURCE, "words": words, "scores": scores}
        words.append(TARGET[token])
        scores.append((DECODER["annotations"] @ state).tolist())


def learned(sentence: str) -> dict:
    """The scores of t06's translator, which learned ten pairs, before its softmax."""
    parts, (_, targets) = trained(reference("t06_encoder_decoder")), words_of()
    row = list(PAIRS).index(sentence)
    length = parts["lengths"][row : row + 1]
    with torch.no_grad():
        return _scores_of(
            parts["model"], parts["source"][row : row + 1, : int(length)], length, sentence, targets
        )


def _scores_of(model, source, length, sentence: str, targets: list[str]) -> dict:
    annotations, state = model.encoder(source, length)
    mask = torch.ones(annotations.shape[:2], dtype=torch.bool)
    context, token = torch.zeros_like(annotations[:, 0]), torch.tensor([targets.index("<bos>")])
    words, scores = [], []
    while len(words) < 10:
        logits, state, context, _ = model.decoder.step(token, state, context, annotations, mask)
        token = logits.argmax(dim=-1)
        if targets[int(token)] == "<eos>":
            break
        words.append(targets[int(token)])
        scores.append((model.decoder.score(annotations) @ state[0])[0].tolist())
    return {"source": sentence.split(), "words": words, "scores": scores}


def widget() -> str:
    sentences = [by_hand(), *map(learned, TRAINED)]
    for one in sentences:
        one["scores"] = [[round(score, 4) for score in line] for line in one["scores"]]
    names = [f"{' '.join(SOURCE)} (set by hand)", *(f"{sentence} (trained)" for sentence in TRAINED)]
    source, words, scores = (sentences[0][part] for part in ("source", "words", "scores"))
    weights = reference("t03_attention_decoding").softmax(np.array(scores))
    head = ["", *(name for word in source for name in (f"{word}: score", "weight"))]
    rows = [
        [word, *(value for pair in zip(line, shares, strict=True) for value in map(float, pair))]
        for word, line, shares in zip(words, scores, weights, strict=True)
    ]
    return frame(
        "alignment",
        heat_map("Weights: a row for each word written, a column for each word read", source, words, weights),
        menu("sentence", "Sentence", names)
        + slider("temperature", "Temperature", 0.2, 5, 0.1, 1, shown="1.00")
        + ticks("May be looked at", {str(s): word for s, word in enumerate(source)}, "mask"),
        {"sentences": sentences, "hint": HINT},
        "The alignment, with a row for each word written. English puts the adjective before the noun, so the large weights "
        "leave the diagonal: at each step the decoder looks at the word that it needs. Scores are divided by the "
        "<em>temperature</em> before the softmax. Below 1 the weights get more extreme, above 1 more equal. The share of a "
        "word that may not be looked at goes to the others. The first decoder was set by hand, so that you can check it; the "
        "other sentences come from a small translator that was trained on them.",
        HINT,
        (head, rows),
    )
