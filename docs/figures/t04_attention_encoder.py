"""The figures and worked numbers of t04. Each function gets the reference module and returns HTML."""

import torch
from drawing import (
    ANNOTATION,
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

WORDS = ["comment", "allez", "vous"]
BATCH = [["comment", "allez", "vous"], ["merci"], ["les", "livres", "rouges", "sont", "ici"]]
VOCABULARY = ["<pad>", *dict.fromkeys(word for sentence in BATCH for word in sentence)]
LENGTHS = torch.tensor([len(sentence) for sentence in BATCH])
TOKENS = torch.tensor(
    [
        [VOCABULARY.index(word) for word in sentence] + [0] * (int(LENGTHS.max()) - len(sentence))
        for sentence in BATCH
    ]
)
HIDDEN = 8


def encoder(reference):
    """An encoder that was never trained: its seed is fixed."""
    torch.manual_seed(4)
    return reference.Encoder(len(VOCABULARY), 6, HIDDEN).double().requires_grad_(False)


def two_readers(reference) -> str:
    """Three words, two readers, three annotations, one bridge."""
    sketch, columns = Sketch(440, 410), [118, 236, 354]
    for index, (x, word) in enumerate(zip(columns, WORDS, strict=True), start=1):
        sketch.box(x - 46, 12, 92, 62, ANNOTATION, fill=0.16)
        sketch.text(x, 38, sub("h", str(index)), ANNOTATION, bold=True, size=17)
        sketch.text(x, 62, f"[→{index}; ←{index}]", ANNOTATION, size=14)
        for left, y, arrow in ((x - 54, 122, "→"), (x - 12, 192, "←")):
            # the two states that have read everything
            whole = (arrow == "→" and index == 3) or (arrow == "←" and index == 1)
            sketch.box(left, y, 66, 40, ANNOTATION, fill=0.3 if whole else 0.06, stroke=2.5 if whole else 1.5)
            sketch.text(left + 33, y + 26, f"{arrow}{index}", ANNOTATION, bold=whole)
        sketch.line([(x - 21, 122), (x - 21, 76)], ANNOTATION, arrow=True)
        sketch.line([(x + 33, 192), (x + 33, 76)], ANNOTATION, arrow=True)
        sketch.line([(x - 33, 258), (x - 33, 164)], MUTED, arrow=True)
        sketch.line([(x + 21, 258), (x + 21, 234)], MUTED, arrow=True)
        sketch.text(x, 276, word, italic=True, size=17)
    for left, right in zip(columns, columns[1:], strict=False):
        sketch.line([(left + 12, 142), (right - 56, 142)], ANNOTATION, 2, arrow=True)
        sketch.line([(right - 12, 212), (left + 56, 212)], ANNOTATION, 2, arrow=True)
    sketch.text(4, 34, "kept", ANNOTATION, anchor="start")
    sketch.text(4, 138, "reads", ANNOTATION, anchor="start")
    sketch.text(4, 155, "forward", ANNOTATION, anchor="start", size=14)
    sketch.text(4, 204, "reads", ANNOTATION, anchor="start")
    sketch.text(4, 221, "backward", ANNOTATION, anchor="start", size=14)
    # the bridge: both whole readings, then the decoder's first state
    sketch.line([(366, 142), (424, 142), (424, 334), (300, 334)], ANNOTATION, 2.5, arrow=True)
    sketch.line([(106, 222), (74, 222), (74, 334), (170, 334)], ANNOTATION, 2.5, arrow=True)
    sketch.box(172, 312, 126, 44, INK, fill=0.05)
    sketch.text(235, 339, "bridge, tanh")
    sketch.line([(235, 356), (235, 370)], QUERY, 2, arrow=True)
    sketch.box(148, 372, 174, 34, QUERY, fill=0.16)
    sketch.text(235, 394, "decoder's first state", QUERY, bold=True, size=14)
    return figure(
        sketch,
        alt="Two rows of states below three annotations. The upper row reads comment, allez, vous from left to right, "
        "the lower row from right to left. Each annotation joins the forward and the backward state of its word. The "
        "last forward state and the first backward state, the two that have read the whole sentence, go through the "
        "bridge and a tanh into the decoder's first state.",
        caption="Two encoders read the sentence, one from each end. At each word their two states are joined to its "
        "annotation. The two states in strong boxes have read the whole sentence: the bridge computes the decoder's "
        "first state from them.",
    )


def _changes(reference) -> torch.Tensor:
    """How far each half of each annotation moves when one word is exchanged: (half, annotation, word)."""
    model, tokens, lengths = encoder(reference), TOKENS[:1, :3], LENGTHS[:1]
    before, _ = model(tokens, lengths)
    table = torch.zeros(2, 3, 3, dtype=torch.float64)
    for word in range(3):
        other = tokens.clone()
        other[0, word] = VOCABULARY.index("merci")
        after, _ = model(other, lengths)
        change = (after - before)[0].unflatten(-1, (2, HIDDEN)).norm(dim=-1)  # (S, 2)
        table[:, :, word] = change.T
    return table


def who_heard_whom(reference) -> str:
    """Exchange a word, and see which halves of which annotations change."""
    changes = _changes(reference)
    cell, left, top = 58, 82, 62
    sketch = Sketch(440, 256)
    for half, (x0, name) in enumerate(((left, "forward half"), (left + 3 * cell + 8, "backward half"))):
        sketch.text(x0 + 1.5 * cell, 20, name, ANNOTATION, bold=True)
        for column, word in enumerate(WORDS):
            sketch.text(x0 + cell * (column + 0.5), 48, word, italic=True, size=13)
        for row in range(3):
            for column in range(3):
                change = changes[half, row, column].item()
                x, y = x0 + cell * column, top + cell * row
                share = 0.8 * change / changes.max().item()
                sketch.box(x + 2, y + 2, cell - 4, cell - 4, ANNOTATION, fill=share, stroke=0.7)
                sketch.text(x + cell / 2, y + 35, number(change, 2) if change else "0", bold=change > 0)
    for row in range(3):
        sketch.text(left - 12, top + cell * row + 35, sub("h", str(row + 1)), ANNOTATION, anchor="end")
    rows = [
        [f"{name}, annotation {row + 1}", *changes[half, row].tolist()]
        for half, name in enumerate(("forward", "backward"))
        for row in range(3)
    ]
    return figure(
        sketch,
        alt="Two grids, a row for each annotation and a column for each exchanged word. In the forward half everything "
        "right of the diagonal is exactly 0; in the backward half everything left of it. No cell is 0 in both.",
        caption="One word (column) is exchanged for <em>merci</em>; each cell shows how much one half of an annotation "
        "(row) changes. The zeros are exact: a forward state does not depend on later words, nor a backward state on "
        "earlier ones. Together the two halves depend on every word. (The model was never trained: the zeros follow "
        "from its structure.)",
        table=(["half", *(f"{word} exchanged" for word in WORDS)], rows),
    )


def packing(reference) -> str:
    """A padded batch, and the steps that are really taken."""
    packed = torch.nn.utils.rnn.pack_padded_sequence(TOKENS, LENGTHS, batch_first=True, enforce_sorted=False)
    sizes = packed.batch_sizes.tolist()
    order = packed.sorted_indices.tolist()
    mask = reference.source_mask(LENGTHS)
    width, height = 82, 34
    sketch = Sketch(440, 340)
    sketch.text(4, 18, "the batch, padded", MUTED, anchor="start")
    for row, sentence in enumerate(BATCH):
        for column in range(5):
            x, y = 4 + (width + 4) * column, 28 + (height + 4) * row
            real = bool(mask[row, column])
            sketch.box(
                x, y, width, height, ANNOTATION if real else MUTED, fill=0.16 if real else 0, dashed=not real
            )
            sketch.text(
                x + width / 2,
                y + 22,
                sentence[column] if real else "pad",
                INK if real else MUTED,
                size=14,
                italic=real,
            )
    sketch.text(4, 172, "what the forward encoder computes", MUTED, anchor="start")
    for column, size in enumerate(sizes):
        x = 4 + (width + 4) * column
        for row, sentence in enumerate(order[:size]):
            y = 182 + (height + 4) * row
            sketch.box(x, y, width, height, ANNOTATION, fill=0.3)
            sketch.text(x + width / 2, y + 22, BATCH[sentence][column], size=14, italic=True)
        sketch.text(x + width / 2, 316, f"step {column + 1}", MUTED, size=14)
        sketch.text(x + width / 2, 334, f"{size} row{'s' if size > 1 else ''}", MUTED, size=14)
    return figure(
        sketch,
        alt=f"Above a batch of three sentences of {', '.join(str(n) for n in LENGTHS.tolist())} words, "
        "padded to five columns. "
        f"Below the same words sorted by length and packed: the five steps work on {', '.join(map(str, sizes))} rows, "
        f"{sum(sizes)} cells instead of {TOKENS.numel()}.",
        caption=f"In a packed batch, a sentence takes no more steps after its last word: {sum(sizes)} cells are "
        f"computed instead of {TOKENS.numel()}, and none of them is padding. PyTorch sorts the sentences by length "
        "inside; the results come back in your order.",
    )


def drift(reference) -> str:
    """The state of one sentence as its padding grows: packed, and not packed."""
    model = encoder(reference)
    sentence, length = TOKENS[:1, :3], LENGTHS[:1]
    alone = model(sentence, length)[1]

    def moved(count: int) -> tuple[float, float]:
        padded = torch.cat([sentence, torch.zeros(1, count, dtype=torch.long)], dim=1)
        packed = model(padded, length)[1]
        _, last = model.rnn(model.embedding(padded))  # the padding is read as if it were words
        unpacked = torch.tanh(model.bridge(last.transpose(0, 1).flatten(1)))
        return (unpacked - alone).norm().item(), (packed - alone).norm().item()

    counts = list(range(21))
    curves = [moved(count) for count in counts]
    fig, axes = plot(440, 290)
    axes.plot(counts, [curve[0] for curve in curves], color=INK, linestyle="--")
    axes.plot(counts, [curve[1] for curve in curves], color=ANNOTATION)
    axes.annotate("not packed", (10, curves[10][0]), (0, -24), textcoords="offset points", color=INK)
    axes.annotate("packed", (10, 0), (0, 10), textcoords="offset points", color=ANNOTATION)
    axes.set(xlabel="columns of padding", ylabel="change of the state", xticks=range(0, 21, 5), xlim=(0, 20))
    axes.set_ylim(-0.02, 1.15 * max(curve[0] for curve in curves))
    marks = (0, 1, 2, 5, 10, 20)
    return figure(
        fig,
        alt=f"How much the state of comment allez vous changes as columns of padding are added. Not packed it changes "
        f"by {number(curves[1][0], 2)} with one column and {number(curves[20][0], 2)} with twenty. "
        "Packed it does not change.",
        caption="The same sentence with more and more padding. Without packing its state depends on the length of the "
        "longest sentence in its batch. The embedding of padding is all zeros, but the recurrence still takes its steps.",
        table=(["padding", "not packed", "packed"], [[str(n), *curves[n]] for n in marks]),
    )


def reversed_source(reference) -> str:
    """The distance from each word to its translation, in the order given and in reverse."""
    source, target = WORDS, ["how", "are", "you"]
    S = len(source)
    turned = reference.reverse_padded(torch.arange(S)[None], torch.tensor([S]))[0].tolist()
    sketch, step = Sketch(440, 316), 72
    distances = {}
    for name, order, top in (("as it is", list(range(S)), 8), ("reversed", turned, 166)):
        sketch.text(4, top + 14, name, MUTED, anchor="start")
        base = top + 122
        for place, word in enumerate(order):
            x = 40 + step * place
            sketch.text(x, base + 20, source[word], ANNOTATION, italic=True, size=15)
            other = 40 + step * (S + word)
            apart = S + word - place
            distances.setdefault(name, {})[word] = apart
            high = base - 4 - 17 * apart
            sketch.line([(x, base), (x, high), (other, high), (other, base)], ANNOTATION, 2, 0.8, curve=True)
            middle = (x + other) / 2
            sketch.text(middle, base - 9 - 13.2 * apart, str(apart), bold=True, size=14)
        for place, word in enumerate(target):
            sketch.text(40 + step * (S + place), base + 20, word, QUERY, italic=True, size=15)
    shown = {name: [values[word] for word in range(S)] for name, values in distances.items()}
    plain, swapped = shown["as it is"], shown["reversed"]
    return figure(
        sketch,
        alt=f"Arcs from each source word to its translation. In the given order each spans {plain[0]} "
        "steps. With the source "
        f"reversed the arcs are nested and span {', '.join(map(str, swapped))}.",
        caption=f"Steps between a word and its translation. In the reversed source the mean is the same, "
        f"{number(sum(swapped) / S, 0)}, but the distance of the first word has fallen from {plain[0]} to {swapped[0]}, "
        "which makes it easier to learn how source and target belong together.",
        table=(["", *source, "mean"], [[name, *values, sum(values) / S] for name, values in shown.items()]),
    )


def shapes(reference) -> str:
    """What comes out of the encoder for the batch of the page."""
    annotations, state = encoder(reference)(TOKENS, LENGTHS)
    rows = [
        ["tokens", "(B, S)", str(tuple(TOKENS.shape))],
        ["annotations", "(B, S, 2H)", str(tuple(annotations.shape))],
        ["state", "(B, H)", str(tuple(state.shape))],
    ]
    return f'<div class="numbers-scroll">{html_table(["", "shape", "here"], rows)}</div>'
