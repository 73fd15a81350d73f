"""What comes out for a sentence is its own: no padding, no order and no other sentence of its batch changes it."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attend.student.module import load_module

from ..common import COURSE

D, H, V, PAD, BOS, EOS = 3, 5, 9, 0, 1, 2
sentences = st.lists(st.lists(st.integers(3, V - 1), min_size=1, max_size=6), min_size=1, max_size=5)
batches = st.tuples(sentences, st.integers(0, 4), st.randoms(use_true_random=False))


def reference(number: str):
    path = COURSE.solution(COURSE.topic(number))
    return load_module(path.read_text(encoding="utf-8"), f"alone_{number}", str(path))


T02, T04, T05, T06 = map(reference, ("t02", "t04", "t05", "t06"))


def a_model() -> torch.nn.Module:
    torch.manual_seed(5)
    return T06.Seq2Seq(T04.Encoder(V, D, H), T05.AttentionDecoder(V, D, H, 2 * H)).double().eval()


def a_batch(drawn) -> tuple[list[list[int]], torch.Tensor, torch.Tensor]:
    """The sentences shuffled and padded further than they need, with words in the padding."""
    words, further, chance = drawn
    chance.shuffle(words)
    lengths = torch.tensor([len(sentence) for sentence in words])
    longest = int(lengths.max()) + further
    tokens = torch.tensor(
        [sentence + [chance.randrange(V) for _ in range(longest - len(sentence))] for sentence in words]
    )
    return words, tokens, lengths


@settings(deadline=None, max_examples=60)
@given(batches)
def test_t02_reads_every_sentence_alone(drawn):
    words, tokens, lengths = a_batch(drawn)
    rng = np.random.default_rng(0)
    table, *weights = (rng.normal(size=shape) for shape in ((V, D), (H, D), (H, H), (H,)))
    annotations, states = T02.encode_batch(table[tokens.numpy()], lengths.numpy(), *weights)
    for b, sentence in enumerate(words):
        alone = T02.encode_all(table[sentence], *weights)
        np.testing.assert_allclose(annotations[b, : len(sentence)], alone, rtol=0, atol=1e-12)
        np.testing.assert_allclose(states[b], alone[-1], rtol=0, atol=1e-12)
        assert not annotations[b, len(sentence) :].any()


@settings(deadline=None, max_examples=60)
@given(batches)
def test_t04_reads_every_sentence_alone(drawn):
    words, tokens, lengths = a_batch(drawn)
    encoder = a_model().encoder
    with torch.no_grad():
        annotations, states = encoder(tokens, lengths)
        for b, sentence in enumerate(words):
            alone, state = encoder(torch.tensor([sentence]), torch.tensor([len(sentence)]))
            torch.testing.assert_close(annotations[b, : len(sentence)], alone[0], rtol=0, atol=1e-12)
            torch.testing.assert_close(states[b], state[0], rtol=0, atol=1e-12)
            assert not annotations[b, len(sentence) :].any()


@settings(deadline=None, max_examples=40)
@given(batches)
def test_t06_scores_and_says_every_sentence_alone(drawn):
    words, tokens, lengths = a_batch(drawn)
    model, inputs = a_model(), torch.tensor([[BOS, 4, 7, 3]])
    with torch.no_grad():
        logits, weights = model(tokens, lengths, inputs.expand(len(words), -1))
        said, alignments = T06.greedy_decode(model, tokens, lengths, BOS, EOS, max_len=5)
        for b, sentence in enumerate(words):
            one = torch.tensor([sentence]), torch.tensor([len(sentence)])
            alone, looked = model(*one, inputs)
            torch.testing.assert_close(logits[b], alone[0], rtol=0, atol=1e-12)
            torch.testing.assert_close(weights[b, :, : len(sentence)], looked[0], rtol=0, atol=1e-12)
            assert not weights[b, :, len(sentence) :].any()
            [tokens_alone], [alignment] = T06.greedy_decode(model, *one, BOS, EOS, max_len=5)
            assert said[b] == tokens_alone
            torch.testing.assert_close(alignments[b], alignment, rtol=0, atol=1e-12)
