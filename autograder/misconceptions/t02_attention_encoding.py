"""Wrong answers to t02 that students really write, each with what its author is told."""

import numpy as np

from attend.course.bank import misconception

# t02.1 encode_all


@misconception(
    "encode_all",
    "Every row holds the last state. Attention needs the state after each word, not the same one S times.",
)
def last_state_repeated(inputs, W_ih, W_hh, b):
    h = np.zeros(b.shape, dtype=b.dtype)
    for x in inputs:
        h = np.tanh(x @ W_ih.T + h @ W_hh.T + b)
    return np.tile(h, (len(inputs), 1))


@misconception(
    "encode_all",
    "Your annotations are the states *before* each word, so the first is all zeros. Keep the state after each word.",
)
def states_before_the_words(inputs, W_ih, W_hh, b):
    h, annotations = np.zeros(b.shape, dtype=b.dtype), []
    for x in inputs:
        annotations.append(h)
        h = np.tanh(x @ W_ih.T + h @ W_hh.T + b)
    return np.array(annotations)


@misconception(
    "encode_all",
    "Each word starts from a state of zero, so its annotation does not depend on the words before it.",
)
def words_read_alone(inputs, W_ih, W_hh, b):
    return np.tanh(inputs @ W_ih.T + b)


@misconception(
    "encode_all",
    "You add up the states as you go. An annotation is one state, not the sum of all states so far.",
)
def states_added_up(inputs, W_ih, W_hh, b):
    h, annotations = np.zeros(b.shape, dtype=b.dtype), []
    for x in inputs:
        h = np.tanh(x @ W_ih.T + h @ W_hh.T + b)
        annotations.append(h)
    return np.cumsum(annotations, axis=0)


@misconception(
    "encode_all",
    "Your states are in reverse order: you put each new state in front of the earlier ones. Row s belongs to word s.",
)
def new_states_in_front(inputs, W_ih, W_hh, b):
    h, annotations = np.zeros(b.shape, dtype=b.dtype), []
    for x in inputs:
        h = np.tanh(x @ W_ih.T + h @ W_hh.T + b)
        annotations.insert(0, h)
    return np.array(annotations)


@misconception(
    "encode_all",
    "Your annotations are always float64: an array of zeros is float64 unless you give it a dtype.",
)
def annotations_in_float64(inputs, W_ih, W_hh, b):
    h, annotations = np.zeros(b.shape, dtype=b.dtype), np.zeros((len(inputs), len(b)))
    for s, x in enumerate(inputs):
        annotations[s] = h = np.tanh(x @ W_ih.T + h @ W_hh.T + b)
    return annotations


# t02.2 pad_sequences


@misconception(
    "pad_sequences",
    "You put the padding in front. Here a sentence begins at position 0, and padding follows its end.",
)
def padded_in_front(sequences, pad_value=0.0):
    if not sequences:
        raise ValueError("sequences is empty")
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    batch = np.full(
        (len(sequences), lengths.max(), sequences[0].shape[1]), pad_value, dtype=sequences[0].dtype
    )
    for row, sequence in zip(batch, sequences, strict=True):
        row[len(row) - len(sequence) :] = sequence
    return batch, lengths


@misconception(
    "pad_sequences",
    "You cut all sentences to the length of the shortest, so words are lost. The batch is as long as the longest.",
)
def cut_to_the_shortest(sequences, pad_value=0.0):
    if not sequences:
        raise ValueError("sequences is empty")
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    return np.stack([sequence[: lengths.min()] for sequence in sequences]), lengths


@misconception("pad_sequences", "You always pad with zero and ignore `pad_value`.")
def pad_value_ignored(sequences, pad_value=0.0):
    if not sequences:
        raise ValueError("sequences is empty")
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    batch = np.zeros((len(sequences), lengths.max(), sequences[0].shape[1]), dtype=sequences[0].dtype)
    for row, sequence in zip(batch, sequences, strict=True):
        row[: len(sequence)] = sequence
    return batch, lengths


@misconception(
    "pad_sequences",
    "Every length that you return is the padded one: real words and padding can no longer be told apart.",
)
def padded_lengths(sequences, pad_value=0.0):
    if not sequences:
        raise ValueError("sequences is empty")
    longest = max(map(len, sequences))
    batch = np.full((len(sequences), longest, sequences[0].shape[1]), pad_value, dtype=sequences[0].dtype)
    for row, sequence in zip(batch, sequences, strict=True):
        row[: len(sequence)] = sequence
    return batch, np.full(len(sequences), longest, dtype=np.int64)


@misconception(
    "pad_sequences",
    "Your batch is always float64: an array filled with a float is float64 unless you give it a dtype.",
)
def batch_in_float64(sequences, pad_value=0.0):
    if not sequences:
        raise ValueError("sequences is empty")
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    batch = np.full((len(sequences), lengths.max(), sequences[0].shape[1]), pad_value, dtype=np.float64)
    for row, sequence in zip(batch, sequences, strict=True):
        row[: len(sequence)] = sequence
    return batch, lengths


# t02.3 padding_mask


@misconception(
    "padding_mask",
    "Your mask is inverted: it marks the padding. In this course True means that a position is real.",
)
def mask_inverted(lengths, max_len=None):
    return np.arange(lengths.max() if max_len is None else max_len) >= lengths[:, None]


@misconception(
    "padding_mask",
    "Your mask is off by one: it lets one position of padding through. Positions are counted from 0.",
)
def one_too_many(lengths, max_len=None):
    return np.arange(lengths.max() if max_len is None else max_len) <= lengths[:, None]


@misconception(
    "padding_mask",
    "Your mask is off by one: it hides each sentence's last word. Positions are counted from 0.",
)
def one_too_few(lengths, max_len=None):
    return np.arange(lengths.max() if max_len is None else max_len) < lengths[:, None] - 1


@misconception(
    "padding_mask",
    "Your mask is always as wide as the longest sentence. If `max_len` is given, it sets the width.",
)
def max_len_ignored(lengths, max_len=None):
    return np.arange(lengths.max()) < lengths[:, None]


@misconception(
    "padding_mask",
    "Your mask holds numbers. A mask is boolean, so that it can be inverted and used as an index.",
)
def zeros_and_ones(lengths, max_len=None):
    return (np.arange(lengths.max() if max_len is None else max_len) < lengths[:, None]).astype(np.float64)


# t02.4 encode_batch


@misconception(
    "encode_batch",
    "The recurrence also reads the padding, and you take the state at the padded end. Take it after each sentence's last word.",
)
def padding_read(inputs, lengths, W_ih, W_hh, b):
    B, S, _ = inputs.shape
    h, annotations = np.zeros((B, len(b)), dtype=b.dtype), np.zeros((B, S, len(b)), dtype=b.dtype)
    for s in range(S):
        h = np.tanh(inputs[:, s] @ W_ih.T + h @ W_hh.T + b)
        annotations[:, s] = np.where(s < lengths[:, None], h, 0)
    return annotations, h


@misconception(
    "encode_batch",
    "Your annotations are not zero at padding, so a decoder could look there and find something.",
)
def padding_annotated(inputs, lengths, W_ih, W_hh, b):
    B, S, _ = inputs.shape
    h, annotations = np.zeros((B, len(b)), dtype=b.dtype), np.zeros((B, S, len(b)), dtype=b.dtype)
    for s in range(S):
        h = np.where(s < lengths[:, None], np.tanh(inputs[:, s] @ W_ih.T + h @ W_hh.T + b), h)
        annotations[:, s] = h
    return annotations, h


@misconception(
    "encode_batch",
    "You take the state from the last column, which is zero for every shorter sentence. Each sentence has an end of its own.",
)
def state_from_the_last_column(inputs, lengths, W_ih, W_hh, b):
    B, S, _ = inputs.shape
    h, annotations = np.zeros((B, len(b)), dtype=b.dtype), np.zeros((B, S, len(b)), dtype=b.dtype)
    for s in range(S):
        h = np.where(s < lengths[:, None], np.tanh(inputs[:, s] @ W_ih.T + h @ W_hh.T + b), 0)
        annotations[:, s] = h
    return annotations, annotations[:, -1]


@misconception(
    "encode_batch",
    "You set the inputs at padding to zero, but the recurrence still steps over them and the state changes.",
)
def padding_set_to_zero(inputs, lengths, W_ih, W_hh, b):
    B, S, _ = inputs.shape
    real = padding_mask(lengths, S)
    h, annotations = np.zeros((B, len(b)), dtype=b.dtype), np.zeros((B, S, len(b)), dtype=b.dtype)
    for s in range(S):
        h = np.tanh((inputs[:, s] * real[:, s, None]) @ W_ih.T + h @ W_hh.T + b)
        annotations[:, s] = np.where(real[:, s, None], h, 0)
    return annotations, h


@misconception(
    "encode_batch",
    "You take every position whose inputs are all zero for padding. A real word's inputs may be zero too: only "
    "`lengths` says where a sentence ends.",
)
def zero_inputs_taken_for_padding(inputs, lengths, W_ih, W_hh, b):
    B, S, _ = inputs.shape
    real = padding_mask(lengths, S) & inputs.any(axis=-1)
    h, annotations = np.zeros((B, len(b)), dtype=b.dtype), np.zeros((B, S, len(b)), dtype=b.dtype)
    for s in range(S):
        h = np.where(real[:, s, None], np.tanh(inputs[:, s] @ W_ih.T + h @ W_hh.T + b), h)
        annotations[:, s] = np.where(real[:, s, None], h, 0)
    return annotations, h


# t02.5 encode_bidirectional


@misconception(
    "encode_bidirectional",
    "Your backward states are still in the order in which they were read: the first row holds the backward state of the last word.",
)
def backward_not_turned_round(inputs, forward, backward):
    return np.concatenate([encode_all(inputs, *forward), encode_all(inputs[::-1], *backward)], axis=-1)


@misconception("encode_bidirectional", "The halves are swapped: the forward state comes first.")
def halves_swapped(inputs, forward, backward):
    return np.concatenate([encode_all(inputs[::-1], *backward)[::-1], encode_all(inputs, *forward)], axis=-1)


@misconception(
    "encode_bidirectional",
    "Your backward encoder also reads from left to right, so neither half depends on the words that follow.",
)
def both_read_forward(inputs, forward, backward):
    return np.concatenate([encode_all(inputs, *forward), encode_all(inputs, *backward)], axis=-1)


@misconception(
    "encode_bidirectional",
    "Both directions use the forward weights. Each direction has weights of its own.",
)
def weights_shared(inputs, forward, backward):
    return np.concatenate([encode_all(inputs, *forward), encode_all(inputs[::-1], *forward)[::-1]], axis=-1)


@misconception(
    "encode_bidirectional", "You add the two directions. Joined end to end, (S, 2H), neither loses anything."
)
def directions_added(inputs, forward, backward):
    return encode_all(inputs, *forward) + encode_all(inputs[::-1], *backward)[::-1]
