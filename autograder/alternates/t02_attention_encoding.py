"""Correct answers to t02 of another shape than the reference: all of them get full marks."""

import numpy as np

from attend.course.bank import alternate

# t02.1 encode_all


@alternate(
    "encode_all",
    why=(
        "One product projects all words before the loop. `np.stack` copies all states, so they are in memory "
        "twice for a moment."
    ),
)
def states_in_a_list(inputs, W_ih, W_hh, b):
    states = [np.zeros_like(b)]
    for projected in np.einsum("sd,hd->sh", inputs, W_ih):
        states.append(np.tanh(projected + W_hh @ states[-1] + b))
    return np.stack(states[1:])


@alternate(
    "encode_all",
    why=(
        "The weights are joined once, and each step has one product and not two. "
        "Each step copies x and h into a new vector."
    ),
)
def one_matrix_for_both(inputs, W_ih, W_hh, b):
    W, h, rows = np.hstack([W_ih, W_hh]), np.zeros_like(b), []
    for x in inputs:
        h = np.tanh(W @ np.concatenate([x, h]) + b)
        rows.append(h)
    return np.vstack(rows)


# t02.2 pad_sequences


@alternate(
    "pad_sequences",
    why=(
        "`np.pad` says how many rows are added after each sentence. "
        "Every sentence is copied twice, by `np.pad` and by `np.stack`."
    ),
)
def padded_one_by_one(sequences, pad_value=0.0):
    if len(sequences) == 0:
        raise ValueError("sequences: at least one is needed")
    longest = max(len(sequence) for sequence in sequences)
    rows = [
        np.pad(sequence, ((0, longest - len(sequence)), (0, 0)), constant_values=pad_value)
        for sequence in sequences
    ]
    return np.stack(rows), np.array([len(sequence) for sequence in sequences]).astype(np.int64)


@alternate(
    "pad_sequences",
    why=(
        "One assignment places the words of all sentences, without a loop. "
        "It needs a mask (B, S) and a copy of all words."
    ),
)
def placed_by_a_mask(sequences, pad_value=0.0):
    if not sequences:
        raise ValueError("no sequences to pad")
    lengths = np.fromiter(map(len, sequences), dtype=np.int64)
    real = np.arange(lengths.max()) < lengths[:, None]
    batch = np.full((*real.shape, sequences[0].shape[1]), pad_value, dtype=sequences[0].dtype)
    batch[real] = np.concatenate(sequences)
    return batch, lengths


@alternate("pad_sequences")
def refused_by_python(sequences, pad_value=0.0):
    longest = max(map(len, sequences))
    batch = np.array(
        [np.vstack([each, np.full((longest - len(each), each.shape[1]), pad_value)]) for each in sequences]
    )
    return batch.astype(sequences[0].dtype), np.array([each.shape[0] for each in sequences], dtype="int64")


# t02.3 padding_mask


@alternate(
    "padding_mask",
    why="A slice shows which positions of each row are real. The loop takes B steps in Python.",
)
def mask_row_by_row(lengths, max_len=None):
    mask = np.zeros((len(lengths), max(lengths) if max_len is None else max_len), dtype=bool)
    for b, length in enumerate(lengths):
        mask[b, :length] = True
    return mask


@alternate(
    "padding_mask",
    why=(
        "`outer` compares every length with every position, so no axis is added by hand. "
        "Few readers know that a comparison has it."
    ),
)
def mask_by_an_outer_product(lengths, max_len=None):
    width = int(np.max(lengths)) if max_len is None else max_len
    return np.greater.outer(lengths, np.arange(width))


# t02.4 encode_batch


@alternate(
    "encode_batch",
    why=(
        "Each sentence is read alone, and no step is computed at padding. "
        "The loops take one step for each word of the batch, not S."
    ),
)
def sentence_by_sentence(inputs, lengths, W_ih, W_hh, b):
    B, S, _ = inputs.shape
    annotations = np.zeros((B, S, len(b)), dtype=b.dtype)
    for row, sentence, length in zip(annotations, inputs, lengths, strict=True):
        state = np.zeros_like(b)
        for s in range(length):
            row[s] = state = np.tanh(W_ih @ sentence[s] + W_hh @ state + b)
    return annotations, annotations[np.arange(B), lengths - 1]


@alternate(
    "encode_batch",
    why=(
        "It computes no step at padding, which saves work if lengths differ much. "
        "Indexing copies the running rows at every step."
    ),
)
def running_sentences_only(inputs, lengths, W_ih, W_hh, b):
    B, S, _ = inputs.shape
    state = np.zeros((B, len(b)), dtype=b.dtype)
    annotations = np.zeros((B, S, len(b)), dtype=b.dtype)
    for s in range(S):
        running = np.flatnonzero(lengths > s)
        state[running] = np.tanh(inputs[running, s] @ W_ih.T + state[running] @ W_hh.T + b)
        annotations[running, s] = state[running]
    return annotations, state


# t02.5 encode_bidirectional


@alternate(
    "encode_bidirectional",
    why=(
        "It writes both halves into one prepared array, so nothing is copied or reversed. "
        "It repeats the recurrence of `encode_all`."
    ),
)
def two_loops(inputs, forward, backward):
    S, H = len(inputs), len(forward[2])
    annotations = np.empty((S, 2 * H), dtype=forward[2].dtype)
    for (W_ih, W_hh, b), places, half in (
        (forward, range(S), slice(H)),
        (backward, reversed(range(S)), slice(H, None)),
    ):
        h = np.zeros_like(b)
        for s in places:
            h = np.tanh(W_ih @ inputs[s] + W_hh @ h + b)
            annotations[s, half] = h
    return annotations


@alternate(
    "encode_bidirectional",
    why=(
        "One loop reads both directions as a batch of two: S steps, not 2S. "
        "It copies the inputs and all weights first."
    ),
)
def both_directions_at_once(inputs, forward, backward):
    W_ih, W_hh, b = (np.stack(pair) for pair in zip(forward, backward, strict=True))
    both = np.stack([inputs, inputs[::-1]])[..., None]  # (2, S, D, 1)
    states = [np.zeros_like(b)]  # (2, H) each
    for s in range(len(inputs)):
        hidden = W_ih @ both[:, s] + W_hh @ states[-1][..., None]  # (2, H, 1)
        states.append(np.tanh(hidden[..., 0] + b))
    rightward, leftward = np.stack(states, axis=1)[:, 1:]  # (S, H) each
    return np.concatenate([rightward, leftward[::-1]], axis=1)


@alternate(
    "encode_bidirectional",
    why=(
        "`np.flip` names the axis, which a slice with step −1 does not. `np.hstack` joins the second axis, so "
        "a batch would need another call."
    ),
)
def flipped_twice(inputs, forward, backward):
    readings = encode_all(inputs, *forward), np.flip(encode_all(np.flip(inputs, axis=0), *backward), axis=0)
    return np.hstack(readings)
