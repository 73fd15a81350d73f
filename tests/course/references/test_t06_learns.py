"""The reference of t06: a step is the loop written out, to the bit, and two hundred steps learn ten pairs by heart."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

pytestmark = pytest.mark.training


def ten_pairs() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Sources of three and four words, targets of three and eos."""
    lengths = torch.tensor([3, 4] * 5)
    source = torch.randint(3, 9, (10, 4)).masked_fill(torch.arange(4) >= lengths[:, None], 0)
    return source, lengths, torch.cat([torch.randint(3, 9, (10, 3)), torch.full((10, 1), 2)], dim=1)


def a_model(load) -> nn.Module:
    encoder = load("t04").Encoder(9, 8, 12)
    return load("t06").Seq2Seq(encoder, load("t05").AttentionDecoder(9, 8, 12, 24))


def test_ten_pairs_are_learned_by_heart_and_said_again(load):
    torch.manual_seed(0)
    t06, model = load("t06"), a_model(load)
    source, lengths, targets = ten_pairs()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = [t06.train_step(model, optimizer, source, lengths, targets, 1, 0, 1.0) for _ in range(200)]
    assert losses[-1] < 0.05
    tokens, alignments = t06.greedy_decode(model, source, lengths, bos=1, eos=2, max_len=6)
    assert tokens == targets[:, :3].tolist()
    assert [tuple(alignment.shape) for alignment in alignments] == [(3, int(length)) for length in lengths]


def test_every_step_is_the_loop_written_out_to_the_bit(load):
    """Thirty steps on batches whose targets are padded: the same losses and weights, not only close ones."""
    ours = a_model(load)
    theirs = copy.deepcopy(ours)
    steps = torch.optim.Adam(ours.parameters(), lr=0.02), torch.optim.Adam(theirs.parameters(), lr=0.02)
    clipped = 0
    for number in range(30):
        source, lengths, targets = ten_pairs()
        if number % 2:
            targets = torch.cat([targets, torch.zeros(10, 1, dtype=torch.long)], dim=1)
            targets[::2, 1:] = torch.tensor([2, 0, 0, 0])
        loss = load("t06").train_step(ours, steps[0], source, lengths, targets, 1, 0, 0.5)

        steps[1].zero_grad()
        inputs = torch.cat([torch.ones(10, 1, dtype=torch.long), targets[:, :-1]], dim=1)
        annotations, state = theirs.encoder(source, lengths)
        mask = torch.arange(source.shape[1]) < lengths[:, None]
        logits, _ = theirs.decoder(inputs, state, annotations, mask)
        total = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0, reduction="sum")
        expected = total / (targets != 0).sum()
        expected.backward()
        clipped += nn.utils.clip_grad_norm_(theirs.parameters(), 0.5).item() > 0.5
        steps[1].step()

        assert loss == expected.item()
    assert 0 < clipped < 30
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(one, other)
