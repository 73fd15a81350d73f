"""t06's searches: exhaustive where the beam is wide, greedy where it is one, by rule on ties, and always at an end."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from .test_alone_in_any_batch import BOS, EOS, T06, V, a_model

NEVER = -1e9
seeds = st.integers(0, 2**31)


class Language:
    """A small random language: the next word depends on the whole sentence so far, which the state counts up."""

    def __init__(self, seed: int, words: int, mayend: bool = True):
        self.words, self.mayend = words, mayend
        self.table = torch.randn(
            97, words, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
        )

    def step(self, tokens, state):
        history, other = state
        history = (5 * history + tokens + 1) % 97
        logits = self.table[history].clone()
        if not self.mayend:
            logits[:, 1] = NEVER
        return logits.log_softmax(dim=-1), (history, (other[0] + 1,))

    @property
    def start(self):
        return torch.zeros(1, dtype=torch.long), (torch.zeros(1),)

    def score(self, sentence: list[int]) -> float:
        """The log-probability of all of it, eos included where it stands."""
        state, total, last = self.start, 0.0, 0
        for word in sentence:
            log_probs, state = self.step(torch.tensor([last]), state)
            total += log_probs[0, word].item()
            last = word
        return total

    def everything(self, max_len: int) -> list[tuple[list[int], float]]:
        """Every sentence of the language, best first: ended by eos, or as long as is allowed."""
        found = []
        for length in range(max_len + 1):
            for words in itertools.product([0, *range(2, self.words)], repeat=length):
                sentence = list(words)
                if length == max_len:
                    found.append((sentence, self.score(sentence)))
                else:
                    found.append((sentence, self.score([*sentence, 1])))
        return sorted(found, key=lambda one: -one[1])


def same(found, expected) -> None:
    assert [tokens for tokens, _ in found] == [tokens for tokens, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-10)


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(2, 4), st.integers(1, 3))
def test_a_wide_beam_finds_every_sentence_in_the_right_order(seed, words, max_len):
    language = Language(seed, words)
    expected = language.everything(max_len)
    same(T06.beam_search(language.step, language.start, 0, 1, 500, max_len), expected)


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(3, 7), st.integers(0, 6), st.booleans())
def test_a_beam_of_one_is_greedy(seed, words, max_len, mayend):
    language = Language(seed, words, mayend)
    said, state, last, total = [], language.start, 0, 0.0
    for _ in range(max_len):
        log_probs, state = language.step(torch.tensor([last]), state)
        last = int(log_probs[0].argmax())
        total += log_probs[0, last].item()
        if last == 1:
            break
        said.append(last)
    same(T06.beam_search(language.step, language.start, 0, 1, 1, max_len), [(said, total)])


def test_a_beam_of_one_says_what_greedy_decode_says_with_a_whole_model():
    model = a_model()
    for length in (1, 2, 4, 6):
        source, lengths = torch.randint(3, V, (1, length)), torch.tensor([length])
        with torch.no_grad():
            annotations, state = model.encoder(source, lengths)
            mask = torch.ones(1, length, dtype=torch.bool)
            context = annotations.new_zeros(1, annotations.shape[-1])

            def step(tokens, state, annotations=annotations, mask=mask):
                logits, hidden, context, _ = model.decoder.step(tokens, *state, annotations, mask)
                return logits.log_softmax(dim=-1), (hidden, context)

            [(tokens, _)] = T06.beam_search(step, (state, context), BOS, EOS, 1, 5)
        [greedy], _ = T06.greedy_decode(model, source, lengths, BOS, EOS, max_len=5)
        assert tokens == greedy


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(3, 6), st.integers(1, 5), st.integers(1, 8))
def test_a_model_that_never_says_eos_ends_at_max_len(seed, words, beam_size, max_len):
    language = Language(seed, words, mayend=False)
    found = T06.beam_search(language.step, language.start, 0, 1, beam_size, max_len)
    likely = [tokens for tokens, score in found if score > NEVER / 2]
    assert likely and all(len(tokens) == max_len for tokens in likely)
    assert len(found) <= beam_size


def test_greedy_decode_ends_on_a_model_that_never_says_eos():
    model = a_model()
    with torch.no_grad():
        model.decoder.output.bias[EOS] = -1e9
    said, _ = T06.greedy_decode(model, torch.tensor([[3, 4], [5, 0]]), torch.tensor([2, 1]), BOS, EOS, 7)
    assert [len(tokens) for tokens in said] == [7, 7]


def test_ties_go_to_the_lower_parent_and_then_to_the_lower_token():
    """Everything is equally likely, and eos is word 4. The first round keeps all five, and eos leaves the beam; the five
    places that are left go to the words of the lowest parent, of which eos is the last."""

    def step(tokens, state):
        return torch.full((len(tokens), 5), 0.2, dtype=torch.float64).log(), state

    found = T06.beam_search(step, torch.zeros(1), 0, 4, 6, 2)
    assert found[0][0] == []
    assert sorted(tokens for tokens, _ in found) == [[], [0], [0, 0], [0, 1], [0, 2], [0, 3]]
    assert [tokens for tokens, _ in found if len(tokens) == 2] == [[0, 0], [0, 1], [0, 2], [0, 3]]
    narrow = T06.beam_search(step, torch.zeros(1), 0, 4, 3, 2)
    assert [tokens for tokens, _ in narrow] == [[0, 0], [0, 1], [0, 2]]
