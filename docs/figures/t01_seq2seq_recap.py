"""The figures and worked numbers of t01. Each function gets the reference module and returns HTML."""

import json

import numpy as np
from coursepage import ROOT
from drawing import (
    ANNOTATION,
    CONTEXT,
    INK,
    MUTED,
    QUERY,
    Sketch,
    figure,
    html_table,
    number,
    plot,
    sub,
)

# A translator of three sentences: four hidden units, learned once and rounded to one decimal.
SOURCE = {
    "comment": np.array([1.0, 0.0, 0.0]),
    "allez": np.array([0.0, 1.0, 0.0]),
    "vous": np.array([0.0, 0.0, 1.0]),
    "bien": np.array([1.0, 1.0, 0.0]),
}
ENCODER = dict(
    W_ih=np.array([[0.4, 0.7, -0.6], [0.2, 0.1, -0.5], [-0.3, -0.6, -0.3], [-0.1, 0.2, -0.4]]),
    W_hh=np.array([[-0.4, -0.1, 0.1, -0.3], [-0.6, -0.2, 0.3, -0.3], [-0.6, -0.1, 0.4, 0.0], [0.5, 0.7, 0.3, -0.2]]),
    b=np.zeros(4),
)  # fmt: skip
TARGET = ["<bos>", "<eos>", "how", "are", "you", "well"]
DECODER = dict(
    embeddings=np.array([[0.0, 0, 0], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]]),
    W_ih=np.array([[0.1, -1.2, -0.4], [-0.6, -0.8, -0.2], [-0.6, 0.5, -0.5], [0.3, 0.2, -0.1]]),
    W_hh=np.array([[0.4, -0.7, -1.0, -0.9], [0.3, 1.7, -0.7, 0.9], [-1.2, -0.2, -1.2, 1.3], [2.1, 0.3, -0.1, -0.1]]),
    b=np.zeros(4),
    W_out=np.array([
        [0.4, 0.2, -0.2, -0.2],
        [-2.0, -2.2, -1.1, -0.9],
        [1.8, -1.0, 0.9, -1.6],
        [0.5, 0.5, -2.9, 2.5],
        [0.3, 0.5, 2.8, 2.5],
        [-0.8, 1.8, 0.8, -2.1],
    ]),
    bos=0,
    eos=1,
    max_len=10,
)  # fmt: skip
SENTENCES = ["comment allez vous", "vous allez bien", "allez vous bien"]
WORDS = SENTENCES[0].split()

# What fits into a state: lengths, hidden sizes, and how many sentences the read-out sees and is asked about.
LENGTHS, SIZES, LEARNED, ASKED = [2, 4, 8, 12, 16, 20, 24], [8, 32, 128], 600, 200
VOCABULARY = 10


def embed(sentence: str) -> np.ndarray:
    """The words of a sentence as rows."""
    return np.stack([SOURCE[word] for word in sentence.split()])


def states(reference, sentence: str) -> np.ndarray:
    """The hidden state after every word: the context of every beginning of the sentence."""
    inputs = embed(sentence)
    return np.stack([reference.encode(inputs[: s + 1], **ENCODER) for s in range(len(inputs))])


def cells(sketch, x, y, values, colour, width=64, height=28):
    """A vector as a column of cells, each as strong as its number is large."""
    for row, value in enumerate(values):
        top = y + row * height
        sketch.box(x, top, width, height, colour, fill=0.5 * min(abs(value), 1), radius=0, stroke=1)
        sketch.text(x + width / 2, top + height / 2 + 5, number(value, 2))


def tuple_of(values, digits=2) -> str:
    return f"({', '.join(number(value, digits) for value in values)})"


def whole(reference) -> str:
    """Encoder, one vector, decoder."""
    said = [
        TARGET[token]
        for token in reference.decode(reference.encode(embed(SENTENCES[0]), **ENCODER), **DECODER)
    ]
    sketch = Sketch(440, 262)
    for row, (name, words, colour, y) in enumerate(
        [("encoder", WORDS, ANNOTATION, 60), ("decoder", said, QUERY, 190)]
    ):
        for column, word in enumerate(words):
            x = 140 + 86 * column - 60 * (1 - row) + 30 * row
            sketch.box(x - 30, y - 20, 60, 40, colour, fill=0.16)
            sketch.text(x, y + 5, sub("h" if not row else "s", str(column + 1)), colour)
            if column:
                sketch.line([(x - 56, y), (x - 32, y)], colour, 2, arrow=True)
            if row:
                sketch.line([(x, y + 20), (x, y + 44)], MUTED, arrow=True)
                sketch.text(x, y + 64, word, italic=True, size=16)
            else:
                sketch.text(x, 16, word, italic=True, size=16)
                sketch.line([(x, 22), (x, y - 22)], MUTED, arrow=True)
        sketch.text(6 if row else 434, y + 5, name, MUTED, anchor="start" if row else "end")
    sketch.line([(282, 60), (320, 60), (320, 100), (290, 112)], CONTEXT, 2, curve=True, arrow=True)
    sketch.box(168, 104, 120, 40, CONTEXT, fill=0.16)
    sketch.text(228, 129, "context", CONTEXT, bold=True)
    sketch.line([(168, 124), (90, 124), (90, 170), (136, 186)], CONTEXT, 2, curve=True, arrow=True)
    return figure(
        sketch,
        alt=f"The encoder reads {' '.join(WORDS)} in three steps, each handing its state to the next. The last state "
        f"is the context, the only link to the decoder, which writes {' '.join(said)} in three steps.",
        caption="Everything that the decoder knows about the source comes through the purple box. "
        "At each step the decoder reads the word that it has just written.",
    )


def trace(reference) -> str:
    """The hidden state after each of three words; the third is the context."""
    sketch, columns = Sketch(440, 330), [34, 142, 250]
    kept = states(reference, SENTENCES[0])
    for s, (x, word, state) in enumerate(zip(columns, WORDS, kept, strict=True)):
        centre = x + 32
        sketch.text(centre, 18, word, italic=True, size=17)
        sketch.line([(centre, 26), (centre, 52)], MUTED, 1.5, arrow=True)
        sketch.box(x - 6, 54, 76, 38, INK, fill=0.05)
        sketch.text(centre, 78, "rnn step")
        sketch.line([(centre, 92), (centre, 148)], ANNOTATION, 2, arrow=True)
        cells(sketch, x, 150, state, ANNOTATION)
        sketch.text(centre, 284, sub("h", str(s + 1)), ANNOTATION, size=17)
        if s < 2:
            sketch.line(
                [(x + 64, 206), (x + 84, 206), (x + 84, 73), (columns[s + 1] - 8, 73)],
                ANNOTATION,
                2,
                arrow=True,
            )
    sketch.line([(314, 206), (364, 206)], CONTEXT, 2, arrow=True)
    cells(sketch, 366, 150, kept[-1], CONTEXT)
    sketch.text(398, 138, "context", CONTEXT, bold=True)
    sketch.text(220, 318, "three states are computed, one is handed over", MUTED)
    return figure(
        sketch,
        alt="The encoder's trace. "
        + " ".join(
            f"After {word} the state is {tuple_of(state)}." for word, state in zip(WORDS, kept, strict=True)
        )
        + " The third state is the context.",
        caption="Each step takes the next word <em>and</em> the previous state. The state after the last word is the "
        "context; the first two states are dropped.",
        table=(
            ["after", "unit 1", "unit 2", "unit 3", "unit 4"],
            [[w, *row] for w, row in zip(WORDS, kept, strict=True)],
        ),
    )


def second_step(reference) -> str:
    """One step with every number in between."""
    first, second = states(reference, SENTENCES[0])[:2]
    from_word, from_state = ENCODER["W_ih"] @ SOURCE["allez"], ENCODER["W_hh"] @ first
    rows = [
        [
            f"unit {unit + 1}",
            number(a, 1),
            number(before),
            number(b),
            number(a + b),
            f"<strong>{number(h)}</strong>",
        ]
        for unit, (a, before, b, h) in enumerate(zip(from_word, first, from_state, second, strict=True))
    ]
    head = ["", "word: W_ih x", "previous state", "state: W_hh h", "sum", "tanh: new state"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def three_contexts(reference) -> str:
    """Three sentences, three contexts, three translations."""
    sketch = Sketch(440, 194)
    table = []
    for column, sentence in enumerate(SENTENCES):
        context = reference.encode(embed(sentence), **ENCODER)
        said = " ".join(TARGET[token] for token in reference.decode(context, **DECODER))
        centre = 74 + 146 * column
        sketch.text(centre, 18, sentence, italic=True, size=15)
        cells(sketch, centre - 32, 36, context, CONTEXT)
        sketch.line([(centre, 150), (centre, 168)], MUTED, arrow=True)
        sketch.text(centre, 186, said, QUERY, italic=True, size=16)
        table.append([f"<em>{sentence}</em>", *context, f"<em>{said}</em>"])
    return figure(
        sketch,
        alt="Three contexts of four numbers and what the decoder writes from them: "
        + "; ".join(f"{row[0][4:-5]} gives {row[-1][4:-5]}" for row in table)
        + ".",
        caption="The same decoder, with the same weights, starts from three different contexts. The last two sentences "
        "have the same words in another order, so the context also encodes the order.",
        table=(["source", "1", "2", "3", "4", "translation"], table),
    )


def room(reference) -> str:
    """How many words of a sentence can still be told from its context, by length and hidden size."""
    kept = {size: _recall(reference, size) for size in SIZES}
    fig, axes = plot(440, 320)
    for size, dash, mark in zip(SIZES, [":", "--", "-"], "^so", strict=True):
        axes.plot(LENGTHS, kept[size], mark + dash, color=CONTEXT, markersize=7, label=f"{size}")
    axes.legend(title="numbers in the context", reverse=True, alignment="left", handlelength=3)
    axes.axhline(1 / VOCABULARY, color=MUTED, linewidth=1)
    axes.annotate(
        "guessing", (24, 1 / VOCABULARY), (0, -17), textcoords="offset points", color=MUTED, ha="right"
    )
    axes.set(
        xlabel="words in the sentence", ylabel="share of words recovered", ylim=(0, 1.04), xticks=LENGTHS
    )
    long = {size: number(kept[size][-1], 2) for size in SIZES}
    return figure(
        fig,
        alt="Three falling curves: the share of words recovered from the context against the sentence's length. All "
        f"are high at two words. At {LENGTHS[-1]} words it is {', '.join(f'{long[n]} with {n} numbers' for n in SIZES)}; "
        "guessing gives 0.1.",
        caption=f"An encoder with random weights reads random sentences over ten words. A linear read-out then has to "
        f"name every word of a sentence from its context. It was trained on {LEARNED} sentences and is tested on {ASKED} "
        "others. Every curve falls; with a larger context it falls later.",
        table=(
            ["words", *(f"{size} numbers" for size in SIZES)],
            [[s, *(kept[size][i] for size in SIZES)] for i, s in enumerate(LENGTHS)],
        ),
    )


def _recall(reference, size: int) -> list[float]:
    rng, one_hot = np.random.default_rng(2014), np.eye(VOCABULARY)
    words = rng.integers(VOCABULARY, size=(LEARNED + ASKED, LENGTHS[-1]))
    W_ih = 0.5 * rng.normal(size=(size, VOCABULARY))
    W_hh = 0.98 * np.linalg.qr(rng.normal(size=(size, size)))[0]
    h, found = np.zeros((len(words), size)), []
    for s in range(1, LENGTHS[-1] + 1):
        h = reference.rnn_step(one_hot[words[:, s - 1]], h, W_ih, W_hh, np.zeros(size))
        if s in LENGTHS:
            wanted, known = one_hot[words[:, :s]].reshape(len(words), -1), np.c_[h, np.ones(len(words))]
            gram = known[:LEARNED].T @ known[:LEARNED] + 1e-9 * np.eye(size + 1)
            readout = np.linalg.solve(gram, known[:LEARNED].T @ wanted[:LEARNED])
            told = (known[LEARNED:] @ readout).reshape(ASKED, s, VOCABULARY).argmax(-1)
            found.append(float((told == words[LEARNED:, :s]).mean()))
    return found


def price(reference) -> str:
    """What a wider state costs: weights of one LSTM whose words are as wide as its state."""
    rows = []
    for size in (128, 256, 512, 1024, 2048):
        products = 4 * size * (size + size)  # a bias is added, not multiplied
        rows.append([str(size), f"{products + 4 * size:,}", f"{products * 3:,}", f"{products * 50:,}"])
    head = ["numbers in the context", "weights and biases", "products for 3 words", "for 50 words"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def by_heart(reference) -> str:
    """Exact match by the context's size, on the few short sentences that were learned from and on others."""
    measured = json.loads((ROOT / "docs" / "data" / "lab" / "sizes.json").read_text(encoding="utf-8"))
    sizes, attention = measured["contexts"], measured["attention"]
    styles = {"train": ("learned from", "s--"), "held_out": ("never seen", "o-")}
    fig, axes = plot(440, 320)
    means = {}
    for key, (name, style) in styles.items():
        values = np.array(measured[key])  # (sizes, seeds)
        means[key] = values.mean(axis=1)
        axes.fill_between(
            range(len(sizes)), values.min(1), values.max(1), color=CONTEXT, alpha=0.18, linewidth=0
        )
        axes.plot(range(len(sizes)), means[key], style, color=CONTEXT, markersize=7, label=name)
    looking = np.mean(attention["held_out"])
    axes.axhline(looking, color=QUERY, linestyle=":")
    place = (len(sizes) - 1, looking)
    axes.annotate(
        "never seen, with attention", place, (0, 6), textcoords="offset points", color=QUERY, ha="right"
    )
    axes.legend(title="sentences", loc="upper left", alignment="left", handlelength=3)
    axes.set_xticks(range(len(sizes)), sizes)
    axes.set(xlabel="numbers in the context", ylabel="translated exactly", ylim=(-0.03, 1.04))
    last = {key: number(values[-1], 2) for key, values in means.items()}
    return figure(
        fig,
        alt=f"Two rising curves against the size of the context, from {sizes[0]} to {sizes[-1]} numbers. On sentences the "
        f"model learned from, the share translated exactly rises from {number(means['train'][0], 2)} to {last['train']}; on "
        f"sentences it has never seen only to {last['held_out']}. A line at {number(looking, 2)} marks what a model with "
        "attention reaches on those.",
        caption=f"The course's lab <code>sizes</code>: translators without attention, learned from {measured['pairs']} "
        f"sentences of at most nine words. The lines are means over {len(measured['seeds'])} runs, and bands go from the "
        f"worst run to the best. The dotted line is a model with attention and {attention['parameters']:,} weights; "
        f"the largest model without it has {measured['parameters'][-1]:,}.",
        table=(
            ["numbers", "weights to learn", *(f"{name} (mean)" for name, _ in styles.values())],
            [
                [str(size), f"{weights:,}", *(means[key][n] for key in styles)]
                for n, (size, weights) in enumerate(zip(sizes, measured["parameters"], strict=True))
            ],
        ),
    )
