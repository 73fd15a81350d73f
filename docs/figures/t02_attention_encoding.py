"""The figures and worked numbers of t02. Each function gets the reference module and returns HTML."""

import numpy as np
from drawing import ANNOTATION, INK, MUTED, Sketch, figure, number
from t01_seq2seq_recap import ENCODER, cells, embed, tuple_of

BATCH = ["comment allez vous", "bien", "vous allez"]

# A longer sentence for an encoder that was not trained: every word and every weight is drawn at random once.
LONG = ["nous", "achetons", "trois", "livres", "rouges"]
UNITS = 16


def _random_reader(rng):
    """Weights under which a state takes in its word and keeps half of what was there."""
    turn = np.linalg.qr(rng.normal(size=(UNITS, UNITS)))[0]
    return np.eye(UNITS), 0.5 * turn, np.zeros(UNITS)


def _random_sentence():
    rng = np.random.default_rng(7)
    return 0.8 * rng.normal(size=(len(LONG), UNITS)), _random_reader(rng), _random_reader(rng)


def grid(sketch, left, top, rows, columns, values, colour=ANNOTATION, width=66, height=40):
    """A heat map: a box for each number, as strong as the number is large."""
    for column, word in enumerate(columns):
        sketch.text(left + width * (column + 0.5), top - 10, word, italic=True)
    for row, (name, line) in enumerate(zip(rows, values, strict=True)):
        y = top + height * row
        sketch.text(left - 10, y + height / 2 + 5, name, anchor="end", italic=True)
        for column, value in enumerate(line):
            x = left + width * column
            fill = 0.5 * float(np.clip(value, 0, 1))
            sketch.box(x + 1, y + 1, width - 2, height - 2, colour, fill=fill, radius=3, stroke=0.7)
            sketch.text(x + width / 2, y + height / 2 + 5, number(value, 2), bold=bool(value == max(line)))


def likeness(reference) -> str:
    """Cosine between each annotation and what each word leaves when it is read alone."""
    inputs, forward, _ = _random_sentence()
    annotations = reference.encode_all(inputs, *forward)
    alone = np.concatenate([reference.encode_all(word[None], *forward) for word in inputs])
    length = np.linalg.norm
    cosine = annotations @ alone.T / (length(annotations, axis=1)[:, None] * length(alone, axis=1))
    sketch = Sketch(440, 262)
    sketch.text(105 + 165, 18, "the state after the word, read alone", MUTED)
    grid(sketch, 105, 56, [f"after {w}" for w in LONG], LONG, cosine)
    return figure(
        sketch,
        alt="A heat map of five annotations against five words. The diagonal is brightest: "
        + ", ".join(f"{word} {number(cosine[s, s], 2)}" for s, word in enumerate(LONG))
        + ". Elsewhere no number is above "
        + number((cosine - np.eye(len(LONG)) * 9).max(), 2)
        + ".",
        caption="How similar each annotation (row) is to the state of each word read alone (column): the cosine, where "
        "1 is the same direction and 0 a right angle. In every row the word just read has the largest value. The "
        "weights are random: this needs no training.",
        table=(
            ["annotation", *LONG],
            [[f"after {word}", *row] for word, row in zip(LONG, cosine, strict=True)],
        ),
    )


def padded(reference) -> str:
    """Three sentences in one array, and the mask that separates words from padding."""
    batch, lengths = reference.pad_sequences([embed(sentence) for sentence in BATCH])
    mask = reference.padding_mask(lengths)
    sketch, width, height = Sketch(440, 172), 80, 40
    sketch.text(2 + 1.5 * width, 16, "words and padding", MUTED)
    sketch.text(326, 16, "mask", MUTED)
    sketch.text(418, 16, "length", MUTED)
    for row, sentence in enumerate(BATCH):
        words, y = sentence.split(), 28 + 47 * row
        for column in range(mask.shape[1]):
            real, x = bool(mask[row, column]), 2 + width * column
            sketch.box(
                x, y, width - 5, height, ANNOTATION if real else MUTED, fill=0.16 * real, dashed=not real
            )
            sketch.text(
                x + width / 2 - 2, y + 25, words[column] if real else "0", INK if real else MUTED, italic=real
            )
            sketch.box(266 + 42 * column, y, 37, height, ANNOTATION if real else MUTED, fill=0.5 * real)
            sketch.text(284 + 42 * column, y + 25, "✓" if real else "–", INK if real else MUTED)
        sketch.text(418, y + 25, str(lengths[row]), bold=True)
    return figure(
        sketch,
        alt=f"A batch of {len(BATCH)} sentences padded to {batch.shape[1]} positions: {'; '.join(BATCH)}. The mask is "
        f"true on the words only; the lengths are {', '.join(map(str, lengths))}.",
        caption="Words come first, padding after them. True means that a position is <em>real</em>, and that a decoder "
        "may look at it.",
    )


def padding_read(reference) -> str:
    """What happens to a sentence's last state when the padding is read as well."""
    batch, lengths = reference.pad_sequences([embed(sentence) for sentence in BATCH])
    _, states = reference.encode_batch(batch, lengths, **ENCODER)
    _, wrong = reference.encode_batch(batch, np.full_like(lengths, batch.shape[1]), **ENCODER)
    alone = reference.encode_all(embed("bien"), **ENCODER)[-1]
    sketch = Sketch(440, 150)
    for column, (title, state, colour) in enumerate(
        [
            ("alone", alone, ANNOTATION),
            ("in the batch", states[1], ANNOTATION),
            ("padding read too", wrong[1], MUTED),
        ]
    ):
        sketch.text(74 + 146 * column, 16, title)
        cells(sketch, 42 + 146 * column, 30, state, colour)
    return figure(
        sketch,
        alt=f"The last state of bien. Read alone: {tuple_of(alone)}. In the padded batch: {tuple_of(states[1])}, the "
        f"same. With the two positions of padding read as well: {tuple_of(wrong[1])}.",
        caption="The last state of <em>bien</em>, the sentence of one word. Without a mask the recurrence reads the "
        "zeros too: each step multiplies and squashes the state again, and after two steps "
        "it has changed beyond recognition.",
    )


def reach(reference) -> str:
    """How much each half of each annotation changes when a word is replaced."""
    inputs, forward, backward = _random_sentence()
    other = 0.8 * np.random.default_rng(11).normal(size=inputs.shape)
    before = reference.encode_bidirectional(inputs, forward, backward)
    change = np.zeros((2, len(LONG), len(LONG)))
    for k in range(len(LONG)):
        changed = inputs.copy()
        changed[k] = other[k]
        moved = reference.encode_bidirectional(changed, forward, backward) - before
        for half in (0, 1):
            change[half, :, k] = np.linalg.norm(moved[:, half * UNITS : (half + 1) * UNITS], axis=1)
    change /= change.max()
    sketch = Sketch(440, 560)
    for half, title in enumerate(["forward half", "backward half"]):
        top = 282 * half
        sketch.text(105 + 165, top + 18, f"{title}: the word that is replaced", MUTED)
        grid(sketch, 105, top + 56, [f"at {word}" for word in LONG], LONG, change[half])
    return figure(
        sketch,
        alt="Two heat maps of five annotations against five replaced words. The forward half changes only for words at "
        "or before its own: a lower triangle. The backward half only for words at or after its own: an upper triangle. "
        "In both the diagonal is brightest.",
        caption="How much each half of an annotation (row) changes when one word (column) is replaced, as a share of "
        "the largest change. The zeros are exact: a state cannot depend on words that it has not read. Together the "
        "two halves depend on the whole sentence, and most on their own word.",
        table=(
            ["", *LONG],
            [
                [f"{name}, at {w}", *change[i, s]]
                for i, name in enumerate(["forward", "backward"])
                for s, w in enumerate(LONG)
            ],
        ),
    )
