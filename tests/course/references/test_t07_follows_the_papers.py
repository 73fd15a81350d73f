"""t07's decoders differ where the papers differ, and each difference matters: undone, the decoder says something else."""

import re

import pytest
import torch

from ..common import COURSE

V, E, H, A, P, B, S = 11, 4, 5, 5, 6, 3, 7


def batch() -> tuple[torch.Tensor, ...]:
    mask = torch.arange(S) < torch.tensor([7, 2, 5])[:, None]
    return torch.tensor([3, 10, 6]), torch.randn(B, H).double(), torch.randn(B, S, A).double(), mask


def bahdanau_step(decoder, token, state, annotations, mask, asks="previous", readout="all", feeds="context"):
    """Eq. 4 to 6 and A.2.2 written out; each option undoes one thing in which the papers differ."""
    word = decoder.embedding(token)
    empty = torch.zeros(B, A).double()

    def looked(query):
        scores = decoder.v_a(torch.tanh(decoder.W_a(query)[:, None] + decoder.U_a(annotations))).squeeze(-1)
        weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1)
        return (weights[..., None] * annotations).sum(dim=1)

    context = looked(state)
    into = context if feeds == "context" else empty
    new = decoder.cell(torch.cat([word, into], dim=-1), state)
    if asks == "new":
        context = looked(new)
    parts = [new, word if readout == "all" else torch.zeros_like(word), context]
    return decoder.output(torch.cat(parts, dim=-1))


def luong_step(decoder, token, state, fed, annotations, mask, asks="new", squash=torch.tanh, feeding=True):
    """Eq. 5 to 7 written out, with the general score; each option undoes one thing in which the papers differ."""
    fed = fed if feeding else torch.zeros_like(fed)
    new = decoder.cell(torch.cat([decoder.embedding(token), fed], dim=-1), state)
    query = new if asks == "new" else state
    scores = (decoder.W_a(annotations) * query[:, None]).sum(dim=-1)
    weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1)
    context = (weights[..., None] * annotations).sum(dim=1)
    return decoder.W_s(squash(decoder.W_c(torch.cat([context, new], dim=-1))))


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    return (one - other).abs().max().item()


@pytest.mark.parametrize(
    "undone",
    [{"asks": "new"}, {"readout": "no word"}, {"feeds": "nothing"}],
    ids=["the previous state asks", "the readout reads the word", "the context enters the cell"],
)
def test_bahdanaus_decoder_is_the_equations_and_no_other(load, undone):
    decoder = load("t07").BahdanauDecoder(V, E, H, A, P).double()
    token, state, annotations, mask = batch()
    logits, _, _ = decoder.step(token, state, annotations, mask)
    assert difference(logits, bahdanau_step(decoder, token, state, annotations, mask)) <= 1e-10
    assert difference(logits, bahdanau_step(decoder, token, state, annotations, mask, **undone)) > 1e-3


@pytest.mark.parametrize(
    "undone",
    [{"asks": "previous"}, {"squash": lambda x: x}, {"feeding": False}],
    ids=["the new state asks", "tanh makes the attentional vector", "the attentional vector is fed back"],
)
def test_luongs_decoder_is_the_equations_and_no_other(load, undone):
    decoder = load("t07").LuongDecoder(V, E, H, A).double()
    token, state, annotations, mask = batch()
    fed = torch.randn(B, H).double()
    logits, _, _, _ = decoder.step(token, state, fed, annotations, mask)
    assert difference(logits, luong_step(decoder, token, state, fed, annotations, mask)) <= 1e-10
    assert difference(logits, luong_step(decoder, token, state, fed, annotations, mask, **undone)) > 1e-3


def test_every_place_of_the_papers_that_is_followed_is_cited():
    text = COURSE.solution(COURSE.topic("t07")).read_text(encoding="utf-8")
    cited = re.findall(r"equation \d+|appendix A\.\d\.\d|section \d\.\d", text)
    assert set(cited) >= {
        "equation 4", "equation 5", "equation 9", "equation 10", "appendix A.1.2", "appendix A.2.2", "section 3.1",
        "section 3.3",
    }  # fmt: skip
