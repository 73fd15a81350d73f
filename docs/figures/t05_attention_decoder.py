"""The figures and worked numbers of t05. Each function gets the reference module and returns HTML."""

import numpy as np
import torch
from drawing import (
    ANNOTATION,
    CONTEXT,
    INK,
    MUTED,
    QUERY,
    SHARE,
    WEIGHT,
    Sketch,
    figure,
    html_table,
    number,
)

WORDS = ["comment", "allez", "vous"]
STATE = torch.tensor([[1.0, 1.0]], dtype=torch.float64)  # H = 2
ANNOTATIONS = torch.tensor([[[1.0, 0, 1, -1], [0, 1, 1, 1], [0, -1, 1, 0]]], dtype=torch.float64)  # A = 4
W = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 1]], dtype=torch.float64)  # (H, A): adds the two halves

SOURCE, TARGET = ["très", "très", "bien"], ["<bos>", "<eos>", "very", "well"]
SENTENCE = [0, 2, 2, 3]  # what the decoder reads while it is taught: bos very very well


def pair(vector, digits: int = 2) -> str:
    """A vector as people write it: (2, −1) or (0.96, −0.76)."""
    vector = np.asarray(vector)
    whole = np.all(vector == np.round(vector))
    return f"({', '.join(number(value, 0 if whole else digits) for value in vector)})"


def small_decoder(reference):
    """A decoder of the worked numbers' sizes; only its matrix W is set."""
    torch.manual_seed(0)
    decoder = reference.AttentionDecoder(5, 2, 2, 4).double().requires_grad_(False)
    decoder.score.weight.copy_(W)
    return decoder


def counting_decoder(reference):
    """A decoder set by hand: a state that says at which place to look next, a word read off the context."""
    decoder = reference.AttentionDecoder(4, 4, 4, 5).double().requires_grad_(False)
    for parameter in decoder.parameters():
        parameter.zero_()
    H, E = 4, 4
    decoder.embedding.weight.copy_(torch.eye(4))
    decoder.score.weight.copy_(3 * torch.eye(5)[:H])
    decoder.score.weight[3].zero_()
    decoder.cell.bias_ih[H : 2 * H] = -20.0  # the gate z is shut: nothing of the old state stays
    proposal = decoder.cell.weight_ih[2 * H :]  # (H, E + A)
    proposal[0, 0] = 3  # after bos: place 1
    proposal[1, 2], proposal[1, E + 0], proposal[1, E + 1] = 1, 3, -4  # after very: place 2, unless just seen
    proposal[2, E + 1] = 3  # from place 2 to place 3
    proposal[3, E + 2] = 3  # from place 3 to the end
    output = decoder.output.weight  # (V, H + A)
    output[1, 3] = 6
    output[2, H + 3] = output[3, H + 4] = 5
    return decoder


def source_annotations() -> torch.Tensor:
    """Annotations set by hand: three numbers say the place, two the word."""
    annotations = torch.zeros(1, 3, 5, dtype=torch.float64)
    annotations[0, :, :3] = torch.eye(3)
    annotations[0, [0, 1, 2], [3, 3, 4]] = 1.0
    return annotations


def one_step(reference) -> str:
    """One step: the cell reads, the new state attends, the output gives logits; state and context are handed on."""
    sketch = Sketch(440, 440)
    sketch.text(190, 20, "annotations of the source", ANNOTATION)
    sketch.line([(190, 28), (190, 56)], ANNOTATION, 2, arrow=True)
    sketch.box(132, 58, 116, 44, WEIGHT, fill=0.2, inside=SHARE)
    sketch.text(190, 85, "2 · attend", WEIGHT, bold=True)
    sketch.line([(248, 80), (304, 80)], CONTEXT, 2, arrow=True)
    sketch.box(306, 58, 104, 44, CONTEXT, fill=0.16)
    sketch.text(358, 85, "context", CONTEXT, bold=True)

    sketch.line([(190, 160), (190, 104)], QUERY, 2, arrow=True)
    sketch.box(132, 160, 116, 44, QUERY, fill=0.16)
    sketch.text(190, 187, "new state", QUERY, bold=True)
    sketch.line([(190, 262), (190, 206)], QUERY, 2, arrow=True)
    sketch.box(132, 262, 116, 44, INK, fill=0.05)
    sketch.text(190, 289, "1 · GRU cell", bold=True)

    sketch.box(4, 160, 98, 44, QUERY, fill=0.06, dashed=True)
    sketch.text(53, 187, "last state", QUERY)
    sketch.line([(53, 204), (53, 284), (130, 284)], QUERY, arrow=True)
    sketch.box(54, 352, 124, 44, INK, fill=0.05)
    sketch.text(116, 379, "last word")
    sketch.box(202, 352, 124, 44, CONTEXT, fill=0.06, dashed=True)
    sketch.text(264, 379, "last context", CONTEXT)
    sketch.line([(116, 352), (116, 330), (168, 330), (168, 308)], MUTED, arrow=True)
    sketch.line([(264, 352), (264, 330), (212, 330), (212, 308)], CONTEXT, 2, arrow=True)

    sketch.line([(248, 182), (304, 182)], QUERY, 2, arrow=True)
    sketch.line([(358, 102), (358, 158)], CONTEXT, 2, arrow=True)
    sketch.box(306, 160, 104, 44, INK, fill=0.05)
    sketch.text(358, 187, "3 · output", bold=True)
    sketch.line([(358, 204), (358, 232)], MUTED, arrow=True)
    sketch.text(358, 252, "logits", bold=True)
    sketch.line([(410, 80), (430, 80), (430, 374), (328, 374)], CONTEXT, 2, arrow=True, dashed=True)
    sketch.text(190, 428, "dashed: handed to the next step", MUTED, size=14)
    return figure(
        sketch,
        alt="One decoder step. The GRU cell reads the last word beside the last context, and the last state; it gives "
        "the new state. The new state attends to the annotations, which gives the new context. State and context "
        "together go through the output layer to the logits. The new context is handed to the next "
        "step as its last context.",
        caption="One step, in three parts. The difference from t03 is the dashed line on the right: together with the "
        "last word, the cell reads what the decoder looked at when it wrote that word.",
    )


def worked_table(reference) -> str:
    """The general score with every number in between."""
    context, weights = small_decoder(reference).attend(STATE, ANNOTATIONS, None)
    rows = []
    for word, annotation, weight in zip(WORDS, ANNOTATIONS[0], weights[0], strict=True):
        key = W @ annotation
        rows.append([f"<em>{word}</em>", pair(annotation), pair(key), number(STATE[0] @ key, 0), weight])
    rows.append(["context", f"<strong>{pair(context[0])}</strong>", "", "", weights.sum()])
    head = ["word", "annotation h", "W h", "score s · W h", "weight α"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def _both(reference):
    """The weights and the favourite words of the sentence, with the context fed back and with zeros in its place."""
    decoder, annotations = counting_decoder(reference), source_annotations()
    zero_state, zero_context = torch.zeros(1, 4, dtype=torch.float64), torch.zeros(1, 5, dtype=torch.float64)
    results = {}
    logits, weights = decoder(torch.tensor([SENTENCE]), zero_state, annotations, None)
    results["context fed back"] = (logits[0].argmax(-1).tolist(), weights[0])
    words, rows, state = [], [], zero_state
    for token in SENTENCE:
        step_logits, state, _, step_weights = decoder.step(
            torch.tensor([token]), state, zero_context, annotations, None
        )
        words.append(step_logits.argmax().item())
        rows.append(step_weights[0])
    results["zeros instead"] = (words, torch.stack(rows))
    return results


def feeding_back(reference) -> str:
    """Très très bien, with and without the last context."""
    results = _both(reference)
    cell, height, left, top = 45, 50, 62, 62
    sketch = Sketch(440, top + 4 * height + 28)
    for index, (name, (words, weights)) in enumerate(results.items()):
        x0 = left + index * (3 * cell + 54)
        sketch.text(x0 + 1.5 * cell, 18, name, bold=True)
        for column, word in enumerate(SOURCE):
            sketch.text(x0 + cell * (column + 0.5), 48, word, ANNOTATION, italic=True)
        for row, line in enumerate(weights):
            y = top + height * row
            for column, weight in enumerate(line.tolist()):
                x = x0 + cell * column
                sketch.box(
                    x + 2, y + 2, cell - 4, height - 4, WEIGHT, fill=0.9 * weight, inside=SHARE, stroke=0.7
                )
                sketch.text(x + cell / 2, y + 31, number(weight, 2), bold=weight > 0.5)
            sketch.text(
                x0 + 3 * cell + 4, y + 31, TARGET[words[row]].strip("<>"), QUERY, italic=True, anchor="start"
            )
    for row, token in enumerate(SENTENCE):
        sketch.text(
            left - 10, top + height * row + 31, TARGET[token].strip("<>"), QUERY, italic=True, anchor="end"
        )
    sketch.text(4, 48, "reads", MUTED, anchor="start", size=14)
    for x in (left, left + 3 * cell + 54):
        sketch.text(x + 3 * cell + 4, 48, "writes", MUTED, anchor="start", size=14)
    rows = [
        [f"{name}: reads {TARGET[token].strip('<>')}, writes {TARGET[said].strip('<>')}", *line.tolist()]
        for name, (words, weights) in results.items()
        for token, said, line in zip(SENTENCE, words, weights, strict=True)
    ]
    said = {
        name: " ".join(TARGET[word].strip("<>") for word in words) for name, (words, _) in results.items()
    }
    return figure(
        sketch,
        alt="Two grids of weights, a row for each word read. With the context fed back the largest weight moves from "
        f"the first très to the second and to bien, and the decoder writes {said['context fed back']}. With zeros "
        f"instead, both rows that read very are the same, and it writes {said['zeros instead']}.",
        caption="One decoder, set by hand, reads the right words, <em>very</em> twice. With the last context it moves "
        "on to the next position. Its state keeps nothing else, so with zeros instead the two steps are the same and "
        "give the same result.",
        table=(["", *SOURCE], rows),
    )


def teaching(reference) -> str:
    """What an untrained decoder reads: taught, and left alone."""
    names = ["<bos>", "<eos>", "how", "are", "you", "red", "books"]
    torch.manual_seed(18)
    decoder = reference.AttentionDecoder(len(names), 6, 8, 5).double().requires_grad_(False)
    annotations, state = source_annotations(), torch.zeros(1, 8, dtype=torch.float64)
    inputs = [0, 2, 3, 4]
    taught = decoder(torch.tensor([inputs]), state, annotations, None)[0][0].argmax(-1).tolist()
    alone, reads, context, token = [], [], torch.zeros(1, 5, dtype=torch.float64), torch.tensor([0])
    for _ in inputs:
        reads.append(token.item())
        logits, state, context, _ = decoder.step(token, state, context, annotations, None)
        token = logits.argmax(-1)
        alone.append(token.item())

    def show(token):
        return names[token].strip("<>")

    sketch, columns, width = Sketch(440, 330), [118, 200, 282, 364], 72
    for top, name, read, said in ((34, "taught", inputs, taught), (196, "alone", reads, alone)):
        sketch.text(4, top + 4, name, bold=True, anchor="start", size=16)
        sketch.text(4, top + 44, "writes", QUERY, anchor="start")
        sketch.text(4, top + 104, "reads", MUTED, anchor="start")
        for index, (x, word, answer) in enumerate(zip(columns, read, said, strict=True)):
            sketch.box(x - width / 2, top + 22, width, 34, QUERY, fill=0.16)
            sketch.text(x, top + 44, show(answer), QUERY, italic=True)
            sketch.box(x - width / 2, top + 82, width, 34, INK, fill=0.05)
            sketch.text(x, top + 104, show(word), italic=True)
            sketch.line([(x, top + 82), (x, top + 58)], MUTED, arrow=True)
            if name == "alone" and index < 3:
                following = columns[index + 1] - 26
                sketch.line([(x + 26, top + 56), (following, top + 80)], QUERY, arrow=True)
    sketch.text(4, 16, "target", MUTED, anchor="start", size=14)
    for x, word in zip(columns, ["how", "are", "you", "eos"], strict=True):
        sketch.text(x, 16, word, ANNOTATION, italic=True)
    return figure(
        sketch,
        alt=f"Two rows of four steps of an untrained decoder. Taught, it reads bos how are you although it writes "
        f"{' '.join(map(show, taught))}. Alone, it reads what it has written: {' '.join(map(show, reads))}.",
        caption="A decoder that was never trained. Taught, it reads the right word after every mistake, so each of its "
        "four steps is trained on a right beginning. Alone, it reads its own words, and after the first wrong one its "
        "inputs are nonsense.",
    )


def shapes(reference) -> str:
    """The shapes of one call of forward."""
    B, T, S, V, E, H, A = 2, 4, 5, 9, 3, 6, 12
    decoder = reference.AttentionDecoder(V, E, H, A)
    annotations, state = torch.randn(B, S, A), torch.zeros(B, H)
    inputs = torch.ones(B, T, dtype=torch.long)
    logits, weights = decoder(inputs, state, annotations, None)
    rows = [
        ["inputs", "(B, T)", str(tuple(inputs.shape))],
        ["state", "(B, H)", str(tuple(state.shape))],
        ["annotations", "(B, S, A)", str(tuple(annotations.shape))],
        ["mask", "(B, S)", str((B, S))],
        ["logits", "(B, T, V)", str(tuple(logits.shape))],
        ["weights", "(B, T, S)", str(tuple(weights.shape))],
    ]
    return f'<div class="numbers-scroll">{html_table(["", "shape", "for example"], rows)}</div>'
