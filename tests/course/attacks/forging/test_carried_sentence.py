"""A step that always says the same word carries no decoder that writes it without looking."""

ATTACK = """
import numpy as np


def ramp(*shape):
    return np.linspace(0.1, 0.9, int(np.prod(shape))).reshape(shape)


def decode_step(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    logits = np.zeros(len(W_out))
    logits[3] = 1.0
    return logits, state, ramp(len(annotations)).astype(annotations.dtype)


def decode(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    rows = [ramp(len(annotations)) for _ in range(max_len)]
    return [3] * max_len, np.array(rows, dtype=annotations.dtype).reshape(max_len, len(annotations))
"""


def test_carried_sentence(attack):
    verdict = attack(ATTACK)
    assert verdict.row("decode").outcome not in ("full", "carried")
    assert verdict.row("decode").points <= 0.25 * verdict.row("decode").max_points
