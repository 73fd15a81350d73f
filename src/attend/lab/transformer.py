"""The lab `transformer`: the task of `translate` with t13's Transformer, and the attention weights of its heads."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from attend.lab.context import Bench, Outcome
from attend.lab.data.marche import tokenise
from attend.lab.data.vocabulary import Batch, Vocabulary
from attend.lab.figures import heat_maps
from attend.lab.modules import Needs
from attend.lab.training import checkpoint_path, descend, one_cycle, parameters, train, trained
from attend.lab.translation import MAX_LEN, Corpus, Search, Size, evaluate, tensors, translate

NEEDS: Needs = {
    "t06": ["shift_right"],
    "t13": [
        "scaled_dot_product_attention",
        "causal_mask",
        "MultiHeadAttention",
        "sinusoidal_positions",
        "LayerNorm",
        "FeedForward",
        "EncoderLayer",
        "DecoderLayer",
        "Transformer",
        "label_smoothing_loss",
    ],
}
D_MODEL, HEADS, LAYERS, D_FF, SMOOTHING = 64, 4, 2, 128, 0.0
DEFAULT = Size(epochs=4)
EXAMPLES = ("comment allez vous", "mon père achète quatre vingt onze livres rouges et deux jolies fleurs")


@dataclass(frozen=True)
class Heads:
    """One sentence: the weights of the last layer's heads, (N, S, S), (N, T, T) and (N, T, S)."""

    source: list[str]
    words: list[str]
    encoder: Tensor
    decoder: Tensor
    cross: Tensor


def run(bench: Bench, size: Size = DEFAULT) -> Outcome:
    bench.code.require(NEEDS)
    corpus = Corpus.make(size, bench.seed)
    model = trained(
        bench,
        "transformer",
        NEEDS,
        size,
        lambda: build(bench, corpus),
        lambda model: fit(bench, model, corpus, size),
    )
    search = greedy(bench, model)
    figures = evaluate(translate(search, corpus.test + corpus.beyond, corpus.sources, corpus.targets))
    heads = [look(bench, model, corpus, text) for text in EXAMPLES]
    data = {"parameters": parameters(model), **figures, "examples": [as_data(one) for one in heads]}
    line = (
        f"on {len(corpus.test)} held-out sentences of up to 40 words: exact match {figures['exact']:.3f}, "
        f"BLEU {figures['bleu']:.1f}; {data['parameters']:,} parameters"
    )
    pictures = {f"heads-{n}.svg": partial(draw, one) for n, one in enumerate(heads, start=1)}
    return Outcome(line, data, pictures, (checkpoint_path(bench, "transformer", NEEDS),))


def build(bench: Bench, corpus: Corpus) -> Any:
    """t13's Transformer.

    Embeddings are initialised with a standard deviation of D^−½, as in the paper's code: multiplied by √D they are
    then as large as the positions.
    """
    words = len(corpus.sources), len(corpus.targets)
    model = bench.code["t13"].Transformer(*words, D_MODEL, HEADS, LAYERS, D_FF)
    for embedding in (model.source_embedding, model.target_embedding):
        nn.init.normal_(embedding.weight, std=D_MODEL**-0.5)
    return model


def fit(bench: Bench, model: Any, corpus: Corpus, size: Size) -> None:
    """Train it with t13's loss."""
    t13, shift_right = bench.code["t13"], bench.code["t06"].shift_right
    optimizer, schedule = one_cycle(model, size.steps)

    def step(batch: Batch) -> float:
        source, _, targets = tensors(batch)
        logits = model(source, shift_right(targets, Vocabulary.bos))
        loss = t13.label_smoothing_loss(logits, targets, SMOOTHING, Vocabulary.pad)
        return descend(model, optimizer, loss)

    train(bench, "transformer", corpus.batches(size, bench.seed), size.steps, step, schedule)


def greedy(bench: Bench, model: Any) -> Search:
    """Greedy search: the likeliest word at every step; the alignment is the mean of the last layer's heads."""

    def search(
        source: Int[Tensor, "B S"], lengths: Int[Tensor, " B"]
    ) -> tuple[list[list[int]], list[Tensor]]:
        memory, mask = model.encode(source)
        output = source.new_full((len(source), 1), Vocabulary.bos)
        ended = torch.zeros(len(source), dtype=torch.bool)
        with recorded(model.decoder[-1].cross_attention) as calls:
            while not ended.all() and output.shape[1] <= MAX_LEN:
                token = model.decode(output, memory, mask)[:, -1].argmax(dim=-1)
                ended |= token == Vocabulary.eos
                output = torch.cat([output, token[:, None]], dim=1)
        weights = calls[-1].mean(dim=1)  # (B, T, S)
        tokens, alignments = [], []
        for row, row_weights, length in zip(output[:, 1:].tolist(), weights, lengths.tolist(), strict=True):
            words = row[: row.index(Vocabulary.eos)] if Vocabulary.eos in row else row
            tokens.append(words)
            alignments.append(row_weights[: len(words), :length])
        return tokens, alignments

    return search


@contextmanager
def recorded(attention: nn.Module) -> Iterator[list[Float[Tensor, "B N T S"]]]:
    """A list to which every call of a MultiHeadAttention in the block adds its weights."""
    weights: list[Tensor] = []

    def record(_module: nn.Module, _inputs: tuple[Any, ...], result: tuple[Tensor, Tensor]) -> None:
        weights.append(result[1].detach())

    hook = attention.register_forward_hook(record)
    try:
        yield weights
    finally:
        hook.remove()


@torch.no_grad()
def look(bench: Bench, model: Any, corpus: Corpus, text: str) -> Heads:
    """Translate a sentence and record the weights of the last layers' heads."""
    source = tokenise(text)
    numbers = torch.tensor([corpus.sources.encode(source)])
    (tokens,), _ = greedy(bench, model)(numbers, torch.tensor([len(source)]))
    inputs = torch.tensor([[Vocabulary.bos, *tokens]])
    last_encoder, last_decoder = model.encoder[-1], model.decoder[-1]
    with (
        recorded(last_encoder.self_attention) as encoder,
        recorded(last_decoder.self_attention) as decoder,
        recorded(last_decoder.cross_attention) as cross,
    ):
        model(numbers, inputs[:, :-1] if tokens else inputs)
    return Heads(list(source), corpus.targets.decode(tokens), encoder[-1][0], decoder[-1][0], cross[-1][0])


def as_data(one: Heads) -> dict[str, Any]:
    rounded = {
        name: [[[round(value, 3) for value in row] for row in head] for head in getattr(one, name).tolist()]
        for name in ("encoder", "decoder", "cross")
    }
    return {"source": one.source, "words": one.words, **rounded}


def draw(one: Heads) -> str:
    """The cross-attention of every head of the last layer."""
    panels = [(f"head {n}", head.tolist()) for n, head in enumerate(one.cross, start=1)]
    label = (
        f"Cross-attention of the {len(panels)} heads of the last decoder layer while “{' '.join(one.source)}” "
        f"becomes “{' '.join(one.words)}”; each row is a word of the translation, each column a word of the source."
    )
    return heat_maps(panels, one.words, one.source, label)
