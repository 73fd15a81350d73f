"""Marché: right French, exact alignments, no leak from test to training, the same sentences everywhere."""

import os
import random
import subprocess
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from attend.lab.data import marche
from attend.lab.data.counting import counted, english
from attend.lab.data.marche import PHRASEBOOK, make_pairs, tokenise
from attend.lab.data.vocabulary import Vocabulary, batches, length_bucket
from attend.lab.data.words import ADJECTIVES, NOUNS, SUBJECTS, VERBS

spec = spec_from_file_location("french", Path(__file__).with_name("french.py"))
french = module_from_spec(spec)
spec.loader.exec_module(french)


@pytest.fixture(scope="module")
def training():
    return make_pairs(4000, seed=0)


@pytest.fixture(scope="module")
def written(training):
    """Sentences of the grammar, from every split."""
    known = {pair.source for pair in PHRASEBOOK}
    mine = [pair for pair in training if pair.source not in known]
    return mine + make_pairs(600, 1, "test") + make_pairs(200, 1, "test", long=True)


# --- the French ---


@pytest.mark.slow
def test_the_french_has_no_fault(written):
    """Agreement, elision, negation, conjugation and numbers, by a reader that does not know the grammar."""
    wrong = [(pair.source, found) for pair in written if (found := french.faults(pair.source))]
    assert wrong == []


@pytest.mark.parametrize(
    "sentence",
    [
        "je achète un livre",
        "j' vends un livre",
        "nous vendez un livre",
        "tu ne achètes pas de pommes",
        "tu n' achètes pas des pommes",
        "tu ne vends pas de oranges",
        "tu ne vends pas de pommes et de robes",
        "elle vend une livre",
        "elle vend le oiseau",
        "elle vend des jolies fleurs",
        "elle vend de fleurs bleues",
        "elle vend la robe vert",
        "elle vend deux bleues robes",
        "elle vend les journals",
        "elle vend vingt et un pommes",
        "elle vend quatre vingt pommes",
        "elle vend quatre vingts une pommes",
        "elle vend soixante onze pommes",
    ],
)
def test_the_reader_notices_faults(sentence):
    """The second opinion is worth something: it finds a fault in each of these."""
    assert french.faults(tuple(sentence.split()))


def test_each_word_of_the_lexicon_is_used(written):
    used = {word for pair in written for word in pair.source}
    nouns = {form for noun in NOUNS for form in (noun.singular, noun.plural)}
    adjectives = {adjective.french(g, p) for adjective in ADJECTIVES for g in "mf" for p in (False, True)}
    assert nouns | adjectives | {form for verb in VERBS for form in verb.french} <= used
    assert (len(NOUNS), len(ADJECTIVES), len(VERBS), len(SUBJECTS)) == (20, 10, 4, 7)
    assert sum(adjective.before for adjective in ADJECTIVES) == 3


@pytest.mark.parametrize("gender", "mf")
def test_numbers_count(gender):
    """2 to 99: both languages say the same number, which the test adds up itself."""
    for value in range(2, 100):
        pair = counted(value, gender)
        assert french.number(list(pair.source)) == value
        assert sum(french.ENGLISH_NUMBERS[word] for word in pair.target) == value
        assert list(pair.target) == english(value)


# --- the alignments ---


def test_alignments_lie_inside_and_cover_both_sides(written, training):
    for pair in [*written, *training, *PHRASEBOOK]:
        targets, sources = {t for t, _ in pair.alignment}, {s for _, s in pair.alignment}
        assert targets == set(range(len(pair.target))), pair
        assert sources == set(range(len(pair.source))), pair
        assert list(pair.alignment) == sorted(set(pair.alignment))


def test_aligned_words_mean_the_same(written):
    """Each English noun, adjective, article and pronoun is aligned with forms of its French word only."""
    for pair in written:
        for target, word in enumerate(pair.target):
            if word in french.WORDS:
                mine = {pair.source[s] for s in pair.sources_of(target)}
                assert mine and mine <= set(french.WORDS[word].split()), (word, pair)


def test_order_crosses_and_does_not():
    """livres rouges → red books crosses; jolies fleurs → pretty flowers does not."""
    red, pretty = ADJECTIVES[3], ADJECTIVES[2]
    crossing = marche.noun_phrase("number", NOUNS[0], red, 71)
    assert crossing.source == ("soixante", "et", "onze", "livres", "rouges")
    assert crossing.target == ("seventy", "one", "red", "books")
    assert crossing.alignment == ((0, 0), (0, 2), (1, 1), (1, 2), (2, 4), (3, 3))
    straight = marche.noun_phrase("some", NOUNS[11], pretty)
    assert (straight.source, straight.target) == (("de", "jolies", "fleurs"), ("some", "pretty", "flowers"))
    assert straight.alignment == ((0, 0), (1, 1), (2, 2))


def test_seventies_and_nineties_need_the_teen_for_both_words():
    """soixante quatorze → seventy four: *seventy* can't be told without *quatorze*."""
    assert counted(74, "m").alignment == ((0, 0), (0, 1), (1, 1))
    assert counted(64, "m").alignment == ((0, 0), (1, 1))
    assert counted(80, "m").alignment == ((0, 0), (0, 1))


# --- the splits ---


@pytest.mark.slow
def test_training_and_test_share_nothing(training):
    """Whatever the seeds, and in range as beyond it."""
    seen = {pair.source for pair in training + make_pairs(3000, 5) + make_pairs(200, 5, long=True)}
    unseen = [make_pairs(500, seed, "test", phrases=(1, 2)) for seed in (0, 5)]
    unseen += [make_pairs(500, 0, "test"), make_pairs(200, 5, "test", long=True)]
    assert seen.isdisjoint(pair.source for pairs in unseen for pair in pairs)


def test_a_tenth_of_training_is_the_phrasebook(training):
    phrases = {pair.source: pair for pair in PHRASEBOOK}
    found = Counter(pair.source for pair in training if pair.source in phrases)
    assert len(phrases) == 36
    assert found.total() == 400
    assert set(found) == set(phrases) and max(found.values()) - min(found.values()) <= 1
    assert all(pair == phrases[pair.source] for pair in training if pair.source in phrases)
    assert phrases["comment", "allez", "vous"].target == ("how", "are", "you")


def test_the_test_knows_no_phrasebook():
    phrases = {pair.source for pair in PHRASEBOOK}
    assert phrases.isdisjoint(pair.source for pair in make_pairs(400, 0, "test", phrases=(1, 1)))


# --- lengths and seeds ---


def test_lengths_stay_in_range_and_fill_it(training):
    lengths = Counter(length_bucket(len(pair.source)) for pair in training)
    assert max(len(pair.source) for pair in training) <= 40
    assert all(lengths[bucket] >= 0.05 * len(training) for bucket in ("1–10", "11–20", "21–30", "31–40"))
    assert {length_bucket(len(pair.source)) for pair in make_pairs(100, 2, "test", long=True)} == {"41–50"}
    assert max(len(pair.source) for pair in make_pairs(100, 2, "test", long=True)) <= 50


def test_six_noun_phrases_take_at_most_44_words():
    phrase = marche.noun_phrase("number", NOUNS[0], ADJECTIVES[3], 97)
    opening = marche.clause(SUBJECTS[6], VERBS[0], negated=False)
    assert len(opening.source) + 6 * len(phrase.source) + 5 == 44
    rng = random.Random(3)
    assert all(len(marche.sentence(rng, 6).source) <= 44 for _ in range(2000))


@pytest.mark.parametrize("phrases", [(1, 1), (2, 3), (5, 5)])
def test_the_number_of_noun_phrases_is_kept(phrases):
    for pair in make_pairs(200, 3, "test", phrases=phrases):
        assert (
            phrases[0]
            <= sum(word in french.WORDS for word in pair.target if word in NOUN_WORDS)
            <= phrases[1]
        )


NOUN_WORDS = {word for noun in NOUNS for word in (noun.english, noun.english_plural)}


def test_the_same_seed_gives_the_same_pairs_in_another_process():
    code = "from attend.lab.data.marche import make_pairs; print(make_pairs(20, 4), make_pairs(9, 4, 'test'))"
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "77",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert out.stdout.strip() == f"{make_pairs(20, 4)} {make_pairs(9, 4, 'test')}"
    assert make_pairs(20, 4) != make_pairs(20, 5)


def test_what_cannot_be_made_is_refused():
    with pytest.raises(ValueError, match="'train' or 'test', not 'dev'"):
        make_pairs(3, 0, "dev")
    for phrases in ((0, 2), (4, 2)):
        with pytest.raises(ValueError, match="phrases"):
            make_pairs(3, 0, phrases=phrases)


def test_data_needs_no_torch():
    code = "import sys, attend.lab.data.marche, attend.lab.data.pointer; print('torch' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert out.stdout.strip() == "False"


# --- tokens, vocabulary, batches ---


@pytest.mark.parametrize(
    "text, tokens",
    [
        ("Comment allez-vous ?", "comment allez vous"),
        ("J’achète quatre-vingts pommes et l'horloge.", "j' achète quatre vingts pommes et l' horloge"),
        ("Il fait chaud aujourd'hui !", "il fait chaud aujourd'hui"),
        ("s'il vous plaît", "s' il vous plaît"),
        ("un livre, une pomme", "un livre , une pomme"),
    ],
)
def test_typed_text_becomes_tokens(text, tokens):
    assert tokenise(text) == tuple(tokens.split())


def test_every_source_is_in_its_own_tokens(written):
    for pair in [*written, *PHRASEBOOK]:
        assert tokenise(" ".join(pair.source)) == pair.source
        assert tokenise(" ".join(pair.source).replace("' ", "'")) == pair.source


def test_vocabulary_goes_there_and_back(training):
    vocabulary = Vocabulary.of(pair.target for pair in training)
    for pair in training[:200]:
        assert tuple(vocabulary.decode(vocabulary.encode(pair.target, eos=True) + [0, 0])) == pair.target
    assert vocabulary.words[:4] == ["<pad>", "<bos>", "<eos>", "<unk>"]
    assert (vocabulary.pad, vocabulary.bos, vocabulary.eos, vocabulary.unk) == (0, 1, 2, 3)
    assert vocabulary.encode(["zebra"]) == [3] and "zebra" not in vocabulary
    assert len(vocabulary) == len(set(vocabulary.words))
    assert type(vocabulary.encode(["red"])) is list


@pytest.mark.slow
def test_unseen_sentences_use_no_unseen_word():
    vocabulary = Vocabulary.of(pair.source for pair in make_pairs(20_000, 0))
    test = make_pairs(1000, 0, "test") + make_pairs(200, 0, "test", long=True)
    assert all(word in vocabulary for pair in test for word in pair.source)


def test_batches_hold_every_pair_once_and_are_of_like_length(training):
    sources = Vocabulary.of(pair.source for pair in training)
    targets = Vocabulary.of(pair.target for pair in training)
    made = list(batches(training, sources, targets, batch_size=64, seed=1))
    assert Counter(pair for batch in made for pair in batch.pairs) == Counter(training)
    padding = sum((batch.source == 0).sum() for batch in made) / sum(batch.source.size for batch in made)
    assert padding < 0.08
    for batch in made:
        assert batch.source.dtype == batch.lengths.dtype == batch.targets.dtype == np.int64
        assert batch.source.shape == (len(batch.pairs), batch.lengths.max())
        assert ((batch.source != 0).sum(axis=1) == batch.lengths).all()
        for pair, source, target in zip(batch.pairs, batch.source, batch.targets, strict=True):
            assert tuple(sources.decode(source)) == pair.source
            assert tuple(targets.decode(target)) == pair.target
            assert target[len(pair.target)] == targets.eos and not target[len(pair.target) + 1 :].any()
    again, other = (list(batches(training, sources, targets, 64, seed)) for seed in (1, 2))
    assert (
        [batch.pairs for batch in again]
        == [batch.pairs for batch in made]
        != [batch.pairs for batch in other]
    )


def test_batches_without_a_seed_keep_the_order(training):
    vocabulary = Vocabulary.of(side for pair in training for side in (pair.source, pair.target))
    made = batches(training[:50], vocabulary, vocabulary, batch_size=7)
    assert [pair for batch in made for pair in batch.pairs] == training[:50]
    with pytest.raises(ValueError, match="at least one pair"):
        next(batches(training, vocabulary, vocabulary, batch_size=0))


def test_length_buckets():
    names = [length_bucket(n) for n in (1, 10, 11, 20, 21, 30, 31, 40, 41, 50, 51)]
    assert names == ["1–10", "1–10", "11–20", "11–20", "21–30", "21–30", "31–40", "31–40"] + ["41–50"] * 3
