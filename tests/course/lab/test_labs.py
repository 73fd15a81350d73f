"""The labs on tiny data: each trains, judges and draws; a tiny translator really learns its sentences."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from attend.lab import bottleneck, sizes, summarise, transformer, translate, vision
from attend.lab.command import alignment, show_lab
from attend.lab.data.marche import make_pairs
from attend.lab.data.pair import SentencePair
from attend.lab.models import ProjectOnce, translator
from attend.lab.modules import LabError
from attend.lab.training import one_cycle, set_seed
from attend.lab.translation import Corpus, Size, Translation, bleu, evaluate, exact, gold, greedy
from attend.lab.translation import translate as translate_all

from ..common import COURSE

pytestmark = pytest.mark.training

TINY = Size(pairs=128, epochs=1, test=6, beyond=3)
LABS = {
    "bottleneck": (bottleneck, TINY),
    "sizes": (sizes, sizes.Size(pairs=64, epochs=1, test=6, contexts=(2, 4))),
    "translate": (translate, TINY),
    "transformer": (transformer, TINY),
    "vision": (vision, vision.Size(scenes=64, epochs=1, glimpse_scenes=128, glimpse_steps=2, test=8)),
    "summarise": (summarise, summarise.Size(letters=32, epochs=1, test=4)),
}


@pytest.mark.parametrize("name", LABS)
def test_a_lab_ends_with_a_line_of_figures_and_accessible_pictures(name, bench):
    lab, size = LABS[name]
    outcome = lab.run(bench, size)
    assert outcome.line and outcome.data and outcome.pictures
    for draw in outcome.pictures.values():
        svg = draw()
        root = ET.fromstring(svg)
        assert root.attrib["role"] == "img" and len(root.attrib["aria-label"]) > 40
        assert "currentColor" in svg and "#000000" not in svg


def overfit(bench, kind: str) -> tuple[Corpus, nn.Module]:
    """A small translator that has seen 24 short pairs 60 times."""
    pairs = make_pairs(24, seed=3, phrases=(1, 1))
    pairs.append(SentencePair(("comment", "allez", "vous"), ("how", "are", "you"), ((0, 0), (1, 1), (2, 2))))
    corpus = Corpus.make(Size(pairs=64, test=1, beyond=1), 3)
    corpus = replace(corpus, train=pairs)
    corpus = replace(corpus, sources=type(corpus.sources).of(p.source for p in pairs))
    corpus = replace(corpus, targets=type(corpus.targets).of(p.target for p in pairs))
    set_seed(0)
    model = translator(bench.code, kind, len(corpus.sources), len(corpus.targets), embed=24, hidden=24)
    steps = 70
    optimizer, schedule = one_cycle(model, steps, rate=2e-2)
    for batch in corpus.batches(Size(epochs=steps), 0):
        source, lengths, targets = map(torch.from_numpy, (batch.source, batch.lengths, batch.targets))
        bench.code["t06"].train_step(model, optimizer, source, lengths, targets, 1, 0, 1.0)
        schedule.step()
    return corpus, model.eval()


def test_few_short_sentences_are_short_and_none_of_the_test_was_learned():
    size = sizes.Size(pairs=60, test=20)
    corpus = sizes.few_short(size, 1)
    assert len(corpus.train) == 60 and len(set(corpus.test)) == 20
    assert not set(corpus.test) & set(corpus.train)
    assert max(len(pair.source) for pair in corpus.train + corpus.test) <= 10
    french = {word for pair in corpus.train for word in pair.source}
    english = {word for pair in corpus.train for word in pair.target}
    for pair in corpus.test:
        assert set(pair.source) <= french and set(pair.target) <= english


def test_a_larger_context_learns_few_sentences_by_heart_and_a_small_one_cannot(bench):
    """130 steps: exact match rises with the context's size, and is greater on what was learned from."""
    size = sizes.Size(pairs=40, epochs=130, test=20, contexts=(2, 96))
    data = sizes.run(bench, size).data
    (small, large), (_, unseen) = data["train"], data["held_out"]
    assert small <= 0.3 and large >= 0.9 and unseen <= large - 0.5
    assert data["contexts"] == [2, 96] and data["parameters"][0] < data["parameters"][1]


@pytest.mark.parametrize("kind", ["none", "bahdanau", "luong", "general"])
def test_every_decoder_learns_a_few_sentences_by_heart(kind, bench):
    corpus, model = overfit(bench, kind)
    said = translate_all(greedy(bench, model), corpus.train, corpus.sources, corpus.targets)
    assert exact(said) >= 0.9
    assert said[-1].words == ("how", "are", "you")
    for one in said:
        sums = one.alignment.sum(axis=1)
        assert one.alignment.shape == (len(one.words), len(one.pair.source))
        assert np.allclose(sums, 0 if kind == "none" else 1, atol=1e-5)


def test_a_translator_is_trained_once_and_then_loaded(bench):
    first = translate.trained(bench, TINY)
    (path,) = bench.folder.glob("translate-solutions-seed0-*.pt")
    written = path.stat().st_mtime_ns
    again = translate.trained(bench, TINY)
    assert path.stat().st_mtime_ns == written
    one, other = (ready.translate("Comment allez-vous ?") for ready in (first, again))
    assert one.words == other.words and np.array_equal(one.alignment, other.alignment)
    assert again.figures == first.figures
    translate.trained(replace(bench, retrain=True), TINY)
    assert path.stat().st_mtime_ns > written


def test_a_sentence_without_words_and_unknown_words_are_told(bench):
    ready = translate.trained(bench, TINY)
    assert ready.unknown("nous achetons le zèbre") == ["zèbre"]
    with pytest.raises(LabError, match="no word to translate"):
        ready.translate(" ?! ")


def test_the_command_prints_the_words_the_alignment_and_where_the_picture_is(monkeypatch, screen, tmp_path):
    monkeypatch.setattr(translate, "DEFAULT", TINY)
    monkeypatch.setattr(translate.trained, "__defaults__", (TINY,))
    root = tmp_path / "course"
    code = COURSE.root / "solutions"
    show_lab(screen, root, "translate", "comment allez vous", code, 0, tmp_path / "out")
    shown = screen.file.getvalue()
    assert "held-out sentences" in shown and "BLEU" in shown
    assert (tmp_path / "out" / "alignment.svg").read_text(encoding="utf-8").startswith("<svg ")
    with pytest.raises(LabError, match="there is no folder"):
        show_lab(screen, root, "translate", None, tmp_path / "nowhere", 0, tmp_path / "out")


def test_an_alignment_shows_numbers_for_short_sources_and_shades_for_long_ones(screen):
    weights = np.array([[0.1, 0.9], [0.8, 0.2]])
    screen.print(
        alignment(Translation(SentencePair(("livres", "rouges"), (), ()), ("red", "books"), weights))
    )
    assert "0.90" in screen.file.getvalue() and "livres" in screen.file.getvalue()
    words = tuple(f"w{n}" for n in range(20))
    screen.print(alignment(Translation(SentencePair(words, (), ()), ("red",), np.eye(20)[7:8])))
    assert "w7 1.00" in screen.file.getvalue() and "█" in screen.file.getvalue()


def test_figures_are_counted_as_they_are_defined():
    pair = SentencePair(tuple("abcdefghijkl"), ("x", "y"), ((0, 3), (1, 5)))
    short = SentencePair(("a",), ("x",), ((0, 0),))
    looks = np.zeros((2, 12))
    looks[0, 3] = looks[1, 4] = 1.0  # the first is on its word, the second beside it
    said = [Translation(pair, ("x", "y"), looks), Translation(short, ("z",), np.ones((1, 1)))]
    assert exact(said) == 0.5 and gold(said) == 0.5 and bleu(said[:0]) == 0.0
    judged = evaluate(said)
    assert judged["buckets"]["1–10"]["exact"] == 0.0 and judged["buckets"]["11–20"]["exact"] == 1.0
    assert gold([Translation(short, ("x",), np.zeros((1, 1)))]) is None  # no attention


def test_annotations_are_projected_once_and_with_gradients():
    layer = ProjectOnce(3, 2, bias=False)
    plain = nn.Linear(3, 2, bias=False)
    plain.load_state_dict(layer.state_dict())
    annotations, others = torch.randn(2, 4, 3), torch.randn(2, 4, 3)
    assert layer(annotations) is layer(annotations)
    torch.testing.assert_close(layer(others), plain(others))
    (layer(annotations).sum() + layer(annotations).pow(2).sum()).backward()
    (plain(annotations).sum() + plain(annotations).pow(2).sum()).backward()
    torch.testing.assert_close(layer.weight.grad, plain.weight.grad)
    with torch.no_grad():
        layer.weight.mul_(2)
        fresh = layer(annotations)  # another mode: made anew
    torch.testing.assert_close(fresh, 2 * plain(annotations))


@pytest.mark.parametrize("package", ["torch", "num2words", "sacrebleu", "matplotlib"])
def test_a_package_that_is_missing_is_named_with_what_installs_it(package):
    code = f"import sys; sys.modules[{package!r}] = None; sys.argv = ['attend', 'lab', 'translate', '--code', 'solutions']"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nfrom attend.cli import main; main()"],
        cwd=COURSE.root,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 2 and run.stdout == ""
    assert run.stderr == f"attend: the labs need {package}, which is not installed: pip install -e '.[lab]'\n"


def test_an_unknown_lab_is_answered_with_those_that_there_are(attend):
    run = attend("lab", "nosuch")
    assert run.returncode == 2
    assert (
        "'nosuch' is not a lab; the labs are bottleneck, sizes, translate, transformer, vision, summarise"
        in run.stderr
    )
