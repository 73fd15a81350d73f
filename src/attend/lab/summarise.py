"""The lab `summarise`: letters to headlines; t12's pointer copies names that were not in the training data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from attend.lab.context import Bench, Outcome
from attend.lab.data.letters import Letter, make_letters, vocabulary
from attend.lab.data.pointer import LetterBatch, extended_words, letter_batches
from attend.lab.data.vocabulary import Vocabulary
from attend.lab.figures import heat_map
from attend.lab.models import EMBED, HIDDEN, project_once
from attend.lab.modules import Code, Needs
from attend.lab.parallel import side_by_side
from attend.lab.training import checkpoint_path, descend, one_cycle, parameters, train, trained

NEEDS: Needs = {
    "t04": ["source_mask", "Encoder"],
    "t05": ["attend", "step"],
    "t06": ["shift_right"],
    "t12": ["pointer_distribution"],
}
MODELS = ("pointer", "plain")
MAX_LEN = 12


@dataclass(frozen=True)
class Size:
    """How much is trained on, and how. With batches of 32 or a lower rate, plain attention did not learn to find the
    place for some seeds."""

    letters: int = 6_000
    epochs: int = 4
    test: int = 500
    batch: int = 16
    rate: float = 3e-3

    @property
    def steps(self) -> int:
        return self.epochs * -(-self.letters // self.batch)


DEFAULT = Size()


@dataclass(frozen=True)
class Headline:
    letter: Letter
    words: tuple[str, ...]
    weights: Tensor  # (T, S)
    generated: list[float]  # p_gen, word by word

    @property
    def right(self) -> bool:
        return self.words == self.letter.target


class Summariser(nn.Module):
    """t04's encoder, t05's step, and, with `pointer`, t12's pointer on top.

        p_gen = σ(gate [state; context; E y])        (See et al. 2017, eq. 8)

    Without the pointer p_gen is 1: plain attention, whose output has only words of its vocabulary.
    """

    def __init__(self, code: Code, words: int, pointer: bool):
        super().__init__()
        self.code, self.words, self.pointer = code, words, pointer
        self.encoder: Any = code["t04"].Encoder(words, EMBED, HIDDEN)
        self.decoder: Any = project_once(
            code["t05"].AttentionDecoder(words, EMBED, HIDDEN, 2 * HIDDEN), "score"
        )
        self.embedding = nn.Embedding(words, EMBED)
        self.gate = nn.Linear(HIDDEN + 2 * HIDDEN + EMBED, 1)

    def begin(self, batch: LetterBatch) -> tuple[Tensor, ...]:
        """state, context, annotations, mask."""
        lengths = torch.from_numpy(batch.lengths)
        annotations, state = self.encoder(torch.from_numpy(batch.source), lengths)
        B, S, A = annotations.shape
        return state, annotations.new_zeros(B, A), annotations, self.code["t04"].source_mask(lengths, S)

    def step(
        self, token: Int[Tensor, "B"], state: Tensor, context: Tensor, annotations: Tensor, mask: Tensor,
        batch: LetterBatch,
    ) -> tuple[Float[Tensor, "B X"], Tensor, Tensor, Float[Tensor, "B S"], Float[Tensor, "B 1"]]:  # fmt: skip
        """The probabilities of the extended vocabulary, state, context, weights and p_gen."""
        token = torch.where(token < self.words, token, Vocabulary.unk)  # a copied word has no embedding
        logits, state, context, weights = self.decoder.step(token, state, context, annotations, mask)
        if self.pointer:
            p_gen = torch.sigmoid(self.gate(torch.cat([state, context, self.embedding(token)], dim=-1)))
        else:
            p_gen = logits.new_ones(len(token), 1)
        probabilities = self.code["t12"].pointer_distribution(
            logits.softmax(dim=-1), weights, torch.from_numpy(batch.source_ids), p_gen, batch.extended_size
        )
        return probabilities, state, context, weights, p_gen

    def loss(self, batch: LetterBatch) -> Float[Tensor, ""]:
        targets = torch.from_numpy(batch.extended_targets if self.pointer else batch.targets)
        state, context, annotations, mask = self.begin(batch)
        total = annotations.new_zeros(())
        inputs = self.code["t06"].shift_right(targets, Vocabulary.bos)
        for token, wanted in zip(inputs.unbind(dim=1), targets.unbind(dim=1), strict=True):
            probabilities, state, context, *_ = self.step(token, state, context, annotations, mask, batch)
            likely = probabilities.gather(1, wanted[:, None]).squeeze(1).clamp_min(1e-9)
            total = total - (likely.log() * (wanted != Vocabulary.pad)).sum()
        return total / (targets != Vocabulary.pad).sum()

    @torch.no_grad()
    def headlines(self, batch: LetterBatch, words: Vocabulary) -> list[Headline]:
        """A headline for each letter by greedy search: the likeliest word at every step."""
        state, context, annotations, mask = self.begin(batch)
        token = torch.full((len(batch.letters),), Vocabulary.bos)
        steps = []
        for _ in range(MAX_LEN):
            probabilities, state, context, weights, p_gen = self.step(
                token, state, context, annotations, mask, batch
            )
            token = probabilities.argmax(dim=-1)
            steps.append((token, weights, p_gen.squeeze(-1)))
        tokens, weights, p_gen = (torch.stack(many, dim=1) for many in zip(*steps, strict=True))
        done = []
        for b, letter in enumerate(batch.letters):
            headline = extended_words(tokens[b].tolist(), words, batch.extra[b])
            length = len(headline)
            shown = weights[b, :length, : len(letter.source)]
            done.append(Headline(letter, tuple(headline), shown, p_gen[b, :length].tolist()))
        return done


def run(bench: Bench, size: Size = DEFAULT) -> Outcome:
    bench.code.require(NEEDS)
    found = side_by_side(bench, {name: partial(measure, name=name, size=size) for name in MODELS})
    data: dict[str, Any] = {name: figures for name, (figures, _) in found.items()}
    data["examples"] = [{"model": name, **example} for name, (_, example) in found.items()]
    line = (
        f"exact match on known places: pointer {data['pointer']['known']:.3f}, plain attention "
        f"{data['plain']['known']:.3f}; on new places: {data['pointer']['new']:.3f} and {data['plain']['new']:.3f}"
    )
    checkpoints = tuple(checkpoint_path(bench, f"summarise-{name}", NEEDS) for name in MODELS)
    return Outcome(line, data, {"summarise.svg": lambda: draw(data["examples"][0])}, checkpoints)


def measure(bench: Bench, name: str, size: Size) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train and evaluate one model: its figures, and a headline of a letter with a new place."""
    words = vocabulary()
    model = trained(
        bench,
        f"summarise-{name}",
        NEEDS,
        size,
        lambda: Summariser(bench.code, len(words), pointer=name == "pointer"),
        lambda model: fit(bench, name, model, words, size),
    )
    known, new = (
        _headlines(model, words, make_letters(size.test, bench.seed, split)) for split in ("test", "new")
    )
    figures = {"parameters": parameters(model), "known": _exact(known), "new": _exact(new)}
    return figures, as_data(new[0])


def fit(bench: Bench, title: str, model: Summariser, words: Vocabulary, size: Size) -> None:
    optimizer, schedule = one_cycle(model, size.steps, size.rate)
    letters = make_letters(size.letters, bench.seed)

    def batches() -> Iterator[LetterBatch]:
        for epoch in range(size.epochs):
            yield from letter_batches(letters, words, size.batch, seed=1000 * bench.seed + epoch)

    def step(batch: LetterBatch) -> float:
        return descend(model, optimizer, model.loss(batch))

    train(bench, title, batches(), size.steps, step, schedule)


def as_data(one: Headline) -> dict[str, Any]:
    return {
        "source": list(one.letter.source),
        "target": list(one.letter.target),
        "words": list(one.words),
        "weights": [[round(value, 3) for value in row] for row in one.weights.tolist()],
        "generated": [round(value, 3) for value in one.generated],
    }


def draw(one: Mapping[str, Any]) -> str:
    """The attention weights of the headline on the letter."""
    label = (
        f"Attention of a headline on its letter. The letter: “{' '.join(one['source'])}”. The headline: "
        f"“{' '.join(one['words'])}”. The place’s name was in no training letter and was copied."
    )
    return heat_map(one["weights"], one["words"], one["source"], label)


def _headlines(model: Summariser, words: Vocabulary, letters: Sequence[Letter]) -> list[Headline]:
    return [one for batch in letter_batches(letters, words, 50) for one in model.headlines(batch, words)]


def _exact(headlines: Sequence[Headline]) -> float:
    return round(sum(one.right for one in headlines) / max(len(headlines), 1), 4)
