"""Letters and headlines: new places are new, headlines are right, the pointer's numbers go there and back."""

import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from attend.lab.data.letters import NUMBERS, REQUESTS, make_letters, places, vocabulary
from attend.lab.data.pointer import extended, extended_target, extended_words, letter_batches

PLACES = {name for kind in ("known", "rare", "new") for name in places(kind)}


@pytest.fixture(scope="module")
def training():
    return make_letters(3000, seed=0)


@pytest.fixture(scope="module")
def new():
    return make_letters(300, seed=0, split="new")


def test_the_three_kinds_of_places_are_apart():
    assert Counter(len(places(kind)) > 0 for kind in ("known", "rare", "new")) == {True: 3}
    assert len(PLACES) == sum(len(places(kind)) for kind in ("known", "rare", "new"))
    with pytest.raises(ValueError, match="'known', 'rare' or 'new'"):
        places("old")


def test_no_training_letter_names_a_new_place(training, new):
    named = {word for letter in training + make_letters(1000, 7) for word in letter.source + letter.target}
    assert named.isdisjoint(places("new"))
    assert all(PLACES & set(letter.source) <= set(places("new")) for letter in new)


def test_training_and_test_share_no_letter(training, new):
    seen = {letter.source for letter in training + make_letters(3000, 7)}
    for letters in (new, make_letters(1000, 0, "test"), make_letters(1000, 7, "test")):
        assert seen.isdisjoint(letter.source for letter in letters)


def test_the_test_has_known_places_only():
    letters = make_letters(300, 0, "test")
    assert all(PLACES & set(letter.source) <= set(places("known")) for letter in letters)


def test_training_has_rare_places_in_a_tenth(training):
    share = sum(letter.place in places("rare") for letter in training) / len(training)
    assert 0.07 <= share <= 0.13


def test_a_letter_names_two_places_and_the_headline_one(training, new):
    for letter in training + new:
        assert len(PLACES & set(letter.source)) == 2
        assert PLACES & set(letter.target) == {letter.place} == {letter.target[0]}
    first = sum(min(map(letter.source.index, PLACES & set(letter.source))) == letter.source.index(letter.place)
                for letter in training)  # fmt: skip
    assert 0.4 <= first / len(training) <= 0.6  # which of the two it is can't be told from the order


def test_a_headline_is_the_letter_in_short(training):
    """Its goods stand in the letter as they are; its verb does not, it says what the letter asks for."""
    for letter in training:
        _, act, *goods, by, day = letter.target
        source = " ".join(letter.source)
        assert " ".join(goods) in source and f"by {day}" in source and by == "by"
        assert act in REQUESTS and act not in letter.source and goods[0] in NUMBERS
        wanted = (
            "cancels"
            if "no longer" in source or "do not" in source
            else "returns"
            if "back" in source
            else "orders"
        )
        assert act == wanted


def test_lengths(training):
    assert 25 <= np.mean([len(letter.source) for letter in training]) <= 30
    assert 6 <= np.mean([len(letter.target) for letter in training]) <= 7


def test_the_vocabulary_lacks_rare_and_new_places_and_nothing_else(training, new):
    words = vocabulary()
    lacking = {
        word for letter in training + new for word in letter.source + letter.target if word not in words
    }
    assert lacking <= set(places("rare")) | set(places("new"))
    assert not any(place in words for place in places("rare") + places("new"))
    assert all(place in words for place in places("known"))


def test_extended_numbers_go_there_and_back(training, new):
    words = vocabulary()
    for letter in training[:200] + new:
        numbers, extra = extended(letter.source, words)
        assert tuple(extended_words(numbers, words, extra)) == letter.source
        target = extended_target(letter.target, words, extra)
        assert 3 not in target
        assert tuple(extended_words([*target, words.eos, 0], words, extra)) == letter.target
        assert sorted(set(n for n in numbers if n >= len(words))) == [
            len(words) + n for n in range(len(extra))
        ]


def test_a_headline_word_that_the_letter_lacks_stays_unknown():
    words = vocabulary()
    assert extended_target(["ulanby", "orders"], words, ["norawick"])[0] == words.unk


@pytest.mark.parametrize("seed", [None, 3])
def test_batches(new, seed):
    words = vocabulary()
    made = list(letter_batches(new, words, batch_size=32, seed=seed))
    assert Counter(letter for batch in made for letter in batch.letters) == Counter(new)
    for batch in made:
        assert batch.source.shape == batch.source_ids.shape == (len(batch.letters), batch.lengths.max())
        assert batch.targets.shape == batch.extended_targets.shape
        assert batch.source.max() < len(words) and batch.targets.max() < len(words)
        assert batch.source_ids.max() == batch.extended_size - 1
        unknown = batch.source_ids >= len(words)
        assert (batch.source[unknown] == words.unk).all()
        assert (batch.source[~unknown] == batch.source_ids[~unknown]).all()
        for letter, extra, numbers in zip(batch.letters, batch.extra, batch.extended_targets, strict=True):
            assert tuple(extended_words(numbers, words, extra)) == letter.target


def test_the_same_seed_gives_the_same_letters_in_another_process():
    code = "from attend.lab.data.letters import *; print(make_letters(9, 4), make_letters(9, 4, 'new'), places('known'))"
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "77",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert out.stdout.strip() == f"{make_letters(9, 4)} {make_letters(9, 4, 'new')} {places('known')}"
    assert make_letters(9, 4) != make_letters(9, 5)


def test_another_split_is_refused():
    with pytest.raises(ValueError, match="'train', 'test' or 'new', not 'dev'"):
        make_letters(3, 0, "dev")
