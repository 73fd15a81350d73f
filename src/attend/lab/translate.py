"""The lab `translate`: *comment allez vous* → *how are you*, by t04's encoder, t05's decoder and t06's search."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from attend.lab.context import Bench, Outcome
from attend.lab.data.marche import tokenise
from attend.lab.data.pair import SentencePair
from attend.lab.data.vocabulary import Vocabulary
from attend.lab.figures import heat_map
from attend.lab.models import translator
from attend.lab.modules import LabError, Needs
from attend.lab.training import checkpoint_path, parameters, read_checkpoint, save, set_seed
from attend.lab.translation import Corpus, Size, Translation, evaluate, fit, greedy, translate

NEEDS: Needs = {
    "t04": ["Encoder"],
    "t05": ["attend", "step", "forward"],
    "t06": ["shift_right", "sequence_loss", "Seq2Seq", "greedy_decode", "train_step"],
}
DEFAULT = Size()
EXAMPLES = (
    "comment allez vous",
    "mon père achète quatre vingt onze livres rouges",
    "nous vendons soixante et onze jolies fleurs et douze grands paniers",
)


@dataclass(frozen=True)
class Translator:
    """A trained model with its vocabularies, and its results on held-out sentences."""

    bench: Bench
    model: Any
    sources: Vocabulary
    targets: Vocabulary
    figures: dict[str, Any]

    def translate(self, text: str) -> Translation:
        """Translate any sentence; words outside the vocabulary are read as `<unk>`.

        Raises:
            LabError: the text has no words.
        """
        words = tokenise(text)
        if not words:
            raise LabError(f"there is no word to translate in {text!r}.")
        search = greedy(self.bench, self.model)
        return translate(search, [SentencePair(words, (), ())], self.sources, self.targets)[0]

    def unknown(self, text: str) -> list[str]:
        return [word for word in tokenise(text) if word not in self.sources]

    @property
    def line(self) -> str:
        figures = self.figures
        return (
            f"on {figures['sentences']} held-out sentences of up to 40 words: exact match {figures['exact']:.3f}, "
            f"BLEU {figures['bleu']:.1f}, greatest weight on the right word {_share(figures['gold'])}"
        )


def trained(bench: Bench, size: Size = DEFAULT) -> Translator:
    """The translator of this code and this seed: from its checkpoint, or trained.

    Raises:
        LabError: an exercise that it needs is not done, or its code raised.
    """
    bench.code.require(NEEDS)
    path = checkpoint_path(bench, "translate", NEEDS)
    if kept := read_checkpoint(bench, path, size):
        sources, targets = Vocabulary(kept["sources"]), Vocabulary(kept["targets"])
        model = translator(bench.code, "general", len(sources), len(targets))
        model.load_state_dict(kept["weights"])
        return Translator(bench, model.eval(), sources, targets, kept["figures"])
    return _train(bench, size, path)


def _train(bench: Bench, size: Size, path: Path) -> Translator:
    corpus = Corpus.make(size, bench.seed)
    sources, targets = corpus.sources, corpus.targets
    words = len(sources), len(targets)
    set_seed(bench.seed)
    model = translator(bench.code, "general", *words)
    fit(bench, "translate", model, corpus, size)
    model.eval()
    figures = evaluate(translate(greedy(bench, model), corpus.test + corpus.beyond, sources, targets))
    figures |= {"parameters": parameters(model), "sentences": len(corpus.test)}
    kept = {
        "size": asdict(size),
        "sources": sources.words,
        "targets": targets.words,
        "weights": model.state_dict(),
        "figures": figures,
    }
    save(path, kept)
    return Translator(bench, model, sources, targets, figures)


def run(bench: Bench, size: Size = DEFAULT) -> Outcome:
    """Train (or load), and translate the examples."""
    ready = trained(bench, size)
    translations = [ready.translate(text) for text in EXAMPLES]
    return Outcome(
        ready.line,
        {**ready.figures, "examples": [as_data(one) for one in translations]},
        {f"alignment-{n}.svg": partial(draw, one) for n, one in enumerate(translations, start=1)},
        (checkpoint_path(bench, "translate", NEEDS),),
    )


def as_data(one: Translation) -> dict[str, Any]:
    """Words and weights for JSON."""
    weights = np.round(one.alignment.astype(float), 4).tolist()
    return {"source": list(one.pair.source), "words": list(one.words), "weights": weights}


def draw(one: Translation) -> str:
    """The alignment as a heat map."""
    rows, columns = list(one.words), list(one.pair.source)
    description = "; ".join(
        f"{word} looks most at {columns[row.argmax()]}"
        for word, row in zip(rows, one.alignment, strict=True)
        if row.size
    )
    label = f"Alignment of “{' '.join(columns)}” with its translation “{' '.join(rows)}”: {description}."
    return heat_map(one.alignment.tolist(), rows, columns, label)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
