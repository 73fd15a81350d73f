"""Translate Marché: the pairs and vocabularies, a translator's training, its search and its evaluation."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sacrebleu import corpus_bleu
from torch import Tensor, nn

from attend.lab.context import Bench
from attend.lab.data.marche import LONGEST_TRAINED, make_pairs
from attend.lab.data.pair import SentencePair
from attend.lab.data.vocabulary import BUCKETS, Batch, Vocabulary, batches, length_bucket, padded
from attend.lab.training import CLIP, one_cycle, train

BATCH, MAX_LEN = 64, 60
# source, lengths → tokens, alignments
Search = Callable[[Tensor, Tensor], tuple[list[list[int]], list[Tensor]]]


@dataclass(frozen=True)
class Size:
    """How much is trained on and tested on. `beyond`: sentences longer than any trained on."""

    pairs: int = 20_000
    epochs: int = 3
    test: int = 800
    beyond: int = 150

    @property
    def steps(self) -> int:
        return self.epochs * -(-self.pairs // BATCH)


@dataclass(frozen=True)
class Corpus:
    train: list[SentencePair]
    test: list[SentencePair]
    beyond: list[SentencePair]
    sources: Vocabulary
    targets: Vocabulary

    @classmethod
    def make(cls, size: Size, seed: int) -> "Corpus":
        pairs = make_pairs(size.pairs, seed)
        return cls(
            train=pairs,
            test=make_pairs(size.test, seed, "test"),
            beyond=make_pairs(size.beyond, seed, "test", long=True),
            sources=Vocabulary.of(pair.source for pair in pairs),
            targets=Vocabulary.of(pair.target for pair in pairs),
        )

    def batches(self, size: Size, seed: int) -> Iterator[Batch]:
        """The batches of all epochs, each epoch shuffled with a seed of its own."""
        for epoch in range(size.epochs):
            yield from batches(self.train, self.sources, self.targets, BATCH, seed=1000 * seed + epoch)


@dataclass(frozen=True)
class Translation:
    """A model's translation of a pair's source; `alignment` has a row for each of its words, or is empty."""

    pair: SentencePair
    words: tuple[str, ...]
    alignment: np.ndarray

    @property
    def right(self) -> bool:
        return self.words == self.pair.target


def tensors(batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    return torch.from_numpy(batch.source), torch.from_numpy(batch.lengths), torch.from_numpy(batch.targets)


def fit(bench: Bench, title: str, model: nn.Module, corpus: Corpus, size: Size) -> None:
    """Train a Seq2Seq with t06's train_step."""
    optimizer, schedule = one_cycle(model, size.steps)
    train_step = bench.code["t06"].train_step

    def step(batch: Batch) -> float:
        source, lengths, targets = tensors(batch)
        return train_step(
            model, optimizer, source, lengths, targets, Vocabulary.bos, Vocabulary.pad, max_norm=CLIP
        )

    train(bench, title, corpus.batches(size, bench.seed), size.steps, step, schedule)


def greedy(bench: Bench, model: nn.Module) -> Search:
    """t06's greedy_decode of a Seq2Seq."""
    decode = bench.code["t06"].greedy_decode
    return lambda source, lengths: decode(
        model, source, lengths, Vocabulary.bos, Vocabulary.eos, max_len=MAX_LEN
    )


def translate(
    search: Search, pairs: Sequence[SentencePair], sources: Vocabulary, targets: Vocabulary
) -> list[Translation]:
    """The translation of every pair's source, in the order of the pairs. Sentences of similar length form a batch."""
    done: dict[int, Translation] = {}
    order = sorted(range(len(pairs)), key=lambda n: len(pairs[n].source))
    for start in range(0, len(order), 100):
        chosen = order[start : start + 100]
        numbers = [sources.encode(pairs[n].source) for n in chosen]
        lengths = torch.tensor([len(row) for row in numbers])
        with torch.no_grad():
            tokens, alignments = search(torch.from_numpy(padded(numbers)), lengths)
        for n, words, weights in zip(chosen, tokens, alignments, strict=True):
            done[n] = Translation(pairs[n], tuple(targets.decode(words)), np.asarray(weights))
    return [done[n] for n in range(len(pairs))]


def evaluate(translations: Sequence[Translation]) -> dict[str, Any]:
    """Exact match and BLEU, over all sentences of trained lengths, and for each bucket of the source's length.

    `gold` is the share of target words, in right translations, whose greatest weight is on a word that they come
    from; None without attention.
    """
    buckets = {}
    for name in BUCKETS:
        inside = [one for one in translations if length_bucket(len(one.pair.source)) == name]
        if inside:
            buckets[name] = {"sentences": len(inside), "exact": exact(inside), "bleu": bleu(inside)}
    trained = [one for one in translations if len(one.pair.source) <= LONGEST_TRAINED]
    return {"exact": exact(trained), "bleu": bleu(trained), "gold": gold(trained), "buckets": buckets}


def exact(translations: Sequence[Translation]) -> float:
    return round(sum(one.right for one in translations) / max(len(translations), 1), 4)


def bleu(translations: Sequence[Translation]) -> float:
    """sacrebleu's corpus BLEU, on the grammar's own tokens."""
    translated = [" ".join(one.words) for one in translations]
    wanted = [" ".join(one.pair.target) for one in translations]
    return round(corpus_bleu(translated, [wanted], tokenize="none").score, 1) if translated else 0.0


def gold(translations: Sequence[Translation]) -> float | None:
    hits = [
        int(row.argmax()) in one.pair.sources_of(t)
        for one in translations
        if one.right and one.alignment.any()
        for t, row in enumerate(one.alignment)
    ]
    return round(sum(hits) / len(hits), 4) if hits else None
