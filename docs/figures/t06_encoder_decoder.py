"""The figures and worked numbers of t06. Each function gets the reference module and returns HTML."""

import importlib.util
import json
import math
from functools import cache
from itertools import product
from pathlib import Path

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
    plot,
)

ROOT = Path(__file__).resolve().parents[2]
BOS, EOS, THE, RED, BOOKS = range(5)
NAMES = ["bos", "eos", "the", "red", "books"]
# The next word's probability given the last one, set by hand: a row for each last word.
TABLE = torch.tensor(
    [
        [0.00, 0.05, 0.55, 0.40, 0.00],
        [0.00, 0.00, 0.00, 0.00, 0.00],
        [0.00, 0.10, 0.00, 0.50, 0.40],
        [0.00, 0.10, 0.00, 0.00, 0.90],
        [0.00, 0.95, 0.00, 0.05, 0.00],
    ],
    dtype=torch.float64,
)
PAIRS = {
    "comment allez vous": "how are you",
    "merci": "thank you",
    "les livres": "the books",
    "les livres rouges": "the red books",
    "les livres noirs": "the black books",
    "les chats noirs": "the black cats",
    "les chats": "the cats",
    "vous lisez": "you are reading",
    "vous lisez les livres": "you are reading the books",
    "comment": "how",
}


def next_word(tokens, state):
    """A step that looks up the table; the state remembers nothing."""
    return TABLE[tokens].log(), state


def say(tokens) -> str:
    return " ".join(NAMES[token] for token in tokens) or "(nothing)"


def shifting(reference) -> str:
    """What is read while each word is written."""
    words = ["how", "are", "you", "eos"]
    ids = torch.tensor([[3, 4, 5, 2]])
    names = {1: "bos", 2: "eos", 3: "how", 4: "are", 5: "you"}
    inputs = [names[token] for token in reference.shift_right(ids, bos=1)[0].tolist()]
    sketch, width = Sketch(440, 190), 78
    for index, (read, said) in enumerate(zip(inputs, words, strict=True)):
        x = 122 + 88 * index
        sketch.box(x - width / 2, 8, width, 36, QUERY, fill=0.16)
        sketch.text(x, 31, said, QUERY, italic=True)
        sketch.box(x - width / 2, 74, width, 42, INK, fill=0.05)
        sketch.text(x, 100, f"step {index + 1}")
        sketch.box(x - width / 2, 146, width, 36, ANNOTATION, fill=0.16)
        sketch.text(x, 169, read, ANNOTATION, italic=True)
        sketch.line([(x, 146), (x, 118)], MUTED, arrow=True)
        sketch.line([(x, 74), (x, 46)], MUTED, arrow=True)
        if index < 3:
            sketch.line([(x + width / 2, 95), (x + 88 - width / 2 - 1, 95)], MUTED)
    sketch.text(4, 31, "target", QUERY, anchor="start")
    sketch.text(4, 169, "reads", ANNOTATION, anchor="start")
    return figure(
        sketch,
        alt=f"Four steps. The decoder reads {', '.join(inputs)}; the targets are {', '.join(words)}.",
        caption="The same words twice, one step apart: the target of a step is the input of the next one. The last "
        "target, eos, is never read.",
    )


def _quality():
    """Logits for a short sentence that the model knows well and a longer one that it does not, padded to 6."""
    targets = torch.tensor([[3, 2, 0, 0, 0, 0], [4, 5, 6, 7, 8, 2]])
    lead = torch.tensor([[4.0, 4, 0, 0, 0, 0], [1.0, 1, 1, 1, 1, 1]])
    logits = torch.zeros(2, 6, 9).scatter(2, targets[..., None], lead[..., None])
    return logits, targets


def averages(reference) -> str:
    """One batch, four ways of dividing."""
    logits, targets = _quality()
    loss = reference.sequence_loss(logits, targets, pad=0).item()
    nll = -logits.log_softmax(-1).gather(2, targets[..., None])[..., 0]
    real = targets != 0
    total = nll[real].sum().item()
    each = [nll[row][real[row]] for row in range(2)]
    # six more columns of padding, whose words are drawn at random
    wide = torch.nn.functional.pad(nll, (0, 6), value=math.log(9))
    rows = [
        ["per real word", f"{number(total, 2)} / {int(real.sum())}", f"<strong>{number(loss)}</strong>"],
        ["padding counted", f"{number(nll.sum().item(), 2)} / {nll.numel()}", nll.mean().item()],
        ["the same, six columns wider", f"{number(wide.sum().item(), 2)} / {wide.numel()}", wide.mean().item()],
        ["per sentence", f"{number(total, 2)} / 2", total / 2],
        ["mean of the sentences' means", " and ".join(number(one.mean().item(), 2) for one in each),
         sum(one.mean().item() for one in each) / 2],
    ]  # fmt: skip
    return f'<div class="numbers-scroll">{html_table(["divided how", "sum / count", "loss"], rows)}</div>'


def clipping(reference) -> str:
    """Three gradients and what clipping leaves of them."""
    gradients = torch.tensor([[3.0, 4.0], [6.0, 1.5], [0.6, 0.4]])
    limit, scale, x0, y0 = 2.0, 56, 44, 288
    sketch, rows = Sketch(440, 330), []
    quarter = [(x0 + scale * limit * math.cos(a), y0 - scale * limit * math.sin(a)) for a in
               [k * math.pi / 60 for k in range(31)]]  # fmt: skip
    sketch.line([(x0, y0), (428, y0)], MUTED, 1)
    sketch.line([(x0, y0), (x0, 20)], MUTED, 1)
    sketch.line(quarter, WEIGHT, 2, dashed=True)
    sketch.text(x0 + scale * limit, y0 + 22, "max_norm", WEIGHT)
    for gradient, label in zip(gradients, "ABC", strict=True):
        parameter = torch.nn.Parameter(torch.zeros(2))
        parameter.grad = gradient.clone()
        torch.nn.utils.clip_grad_norm_([parameter], limit)
        clipped = parameter.grad
        rows.append([label, f"({gradient[0]:g}, {gradient[1]:g})", gradient.norm().item(),
                     f"({clipped[0]:.2f}, {clipped[1]:.2f})", clipped.norm().item()])  # fmt: skip
        end = (x0 + scale * gradient[0].item(), y0 - scale * gradient[1].item())
        near = (x0 + scale * clipped[0].item(), y0 - scale * clipped[1].item())
        sketch.line([(x0, y0), end], MUTED, 1.5, dashed=True, arrow=True)
        sketch.line([(x0, y0), near], CONTEXT, 3, arrow=True)
        sketch.text(end[0] + 8, end[1] - 8, label, bold=True)
    return figure(
        sketch,
        alt="Three gradients as arrows. A and B reach beyond the quarter circle of radius max_norm and are shortened "
        "to it without turning; C, shorter than max_norm, stays as it is.",
        caption="Before clipping (dashed) and after it (solid). A gradient that is too long is shortened and keeps its "
        "direction; a short one does not change. The norm is that of all parameters together: clipping them one by one "
        "would change the direction.",
        table=(["", "gradient", "norm", "clipped", "norm"], rows),
    )


def probability(tokens) -> float:
    """Of a beginning, which may end in eos."""
    chain = [BOS, *tokens]
    return math.prod(TABLE[a, b].item() for a, b in zip(chain, chain[1:], strict=False))


def beam_sizes(reference) -> str:
    """What each size of the beam finds, and what trying everything finds."""
    rows = []
    for size in (1, 2, 3):
        tokens, log_prob = reference.beam_search(next_word, torch.zeros(1), BOS, EOS, size, 6)[0]
        name = "1, greedy" if size == 1 else str(size)
        rows.append([name, f"<em>{say(tokens)}</em>", log_prob, math.exp(log_prob)])
    everything = (words for length in range(6) for words in product((THE, RED, BOOKS), repeat=length))
    best = max(everything, key=lambda words: probability((*words, EOS)))
    chance = probability((*best, EOS))
    rows.append(["all sentences", f"<em>{say(best)}</em>", math.log(chance), chance])
    head = ["beam", "best sentence", "log-probability", "probability"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def probabilities(reference) -> str:
    """The table that the search walks on."""
    rows = [
        [
            f"after <em>{NAMES[last]}</em>",
            *(number(value, 2) if value else "–" for value in TABLE[last, 1:].tolist()),
        ]
        for last in (BOS, THE, RED, BOOKS)
    ]
    return f'<div class="numbers-scroll">{html_table(["", *NAMES[1:]], rows)}</div>'


def _other(slug: str):
    """Another topic's finished module."""
    spec = importlib.util.spec_from_file_location(f"reference_{slug}", ROOT / "solutions" / f"{slug}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def words_of():
    sources = ["<pad>", *dict.fromkeys(word for source in PAIRS for word in source.split())]
    targets = [
        "<pad>",
        "<bos>",
        "<eos>",
        *dict.fromkeys(word for target in PAIRS.values() for word in target.split()),
    ]
    return sources, targets


_trained = {}


def trained(reference):
    """A small model on ten pairs, 120 steps: (model, source, lengths, losses)."""
    if "model" not in _trained:
        sources, targets = words_of()
        source = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor([sources.index(word) for word in text.split()]) for text in PAIRS], batch_first=True
        )
        lengths = torch.tensor([len(text.split()) for text in PAIRS])
        target = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor([*(targets.index(word) for word in text.split()), 2]) for text in PAIRS.values()],
            batch_first=True,
        )
        torch.manual_seed(0)
        encoder = _other("t04_attention_encoder").Encoder(len(sources), 12, 16)
        decoder = _other("t05_attention_decoder").AttentionDecoder(len(targets), 12, 16, 32)
        model = reference.Seq2Seq(encoder, decoder)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        losses = [
            reference.train_step(model, optimizer, source, lengths, target, bos=1, pad=0, max_norm=1.0)
            for _ in range(120)
        ]
        _trained.update(model=model, source=source, lengths=lengths, losses=losses)
    return _trained


def learning(reference) -> str:
    """The loss of the ten pairs, step by step."""
    losses = trained(reference)["losses"]
    chance = math.log(len(words_of()[1]))
    fig, axes = plot(440, 280)
    axes.axhline(chance, color=MUTED, linestyle=":", linewidth=1.5)
    axes.annotate("guessing", (118, chance), (0, -18), textcoords="offset points", color=MUTED, ha="right")
    axes.plot(range(len(losses)), losses, color=QUERY)
    axes.set(xlabel="training step", ylabel="loss per word", ylim=(0, 1.15 * chance), xlim=(0, 120))
    marks = (0, 10, 20, 40, 80, 119)
    return figure(
        fig,
        alt=f"The loss per word over 120 steps on ten pairs falls from {number(losses[0], 2)} to {number(losses[-1], 3)}; "
        f"guessing among all words would be {number(chance, 2)}.",
        caption=f"Ten pairs, shown 120 times. The first loss is close to the logarithm of the vocabulary's size, "
        f"{number(chance, 2)}, because an untrained model guesses. If your loss starts far above it, look "
        "for a mistake first.",
        table=(["step", "loss"], [[str(step), losses[step]] for step in marks]),
    )


def ten_pairs(reference) -> str:
    """What the small model makes of each of its sentences."""
    parts, targets = trained(reference), words_of()[1]
    tokens, _ = reference.greedy_decode(parts["model"], parts["source"], parts["lengths"], 1, 2, 10)
    rows = [
        [f"<em>{text}</em>", " ".join(targets[token] for token in said)]
        for text, said in zip(PAIRS, tokens, strict=True)
    ]
    return f'<div class="numbers-scroll">{html_table(["source", "greedy translation"], rows)}</div>'


def heat_map(source, words, weights, alt: str, caption: str) -> str:
    """An alignment as a grid of boxes."""
    left, top, height = 84, 44, 56
    width = min(112, (440 - left - 4) / len(source))
    sketch = Sketch(left + width * len(source) + 4, top + height * len(words) + 4)
    for column, word in enumerate(source):
        sketch.text(left + width * (column + 0.5), 28, word, ANNOTATION, italic=True, size=16)
    for row, (word, line) in enumerate(zip(words, weights, strict=True)):
        y = top + row * height
        sketch.text(left - 14, y + 34, word, QUERY, italic=True, size=16, anchor="end")
        for column, weight in enumerate(line):
            x = left + width * column
            sketch.box(
                x + 2, y + 2, width - 4, height - 4, WEIGHT, fill=0.9 * weight, inside=SHARE, stroke=0.7
            )
            sketch.text(x + width / 2, y + 34, number(weight, 2), bold=weight > 0.5)
    rows = [[word, *map(float, line)] for word, line in zip(words, weights, strict=True)]
    return figure(sketch, alt, caption, (["", *source], rows))


def payoff(reference) -> str:
    """Comment allez vous from the lab's trained model, or nothing where the lab has not been run."""
    path = ROOT / "docs" / "data" / "lab" / "translate.json"
    if not path.exists():
        return ""
    sentences = json.loads(path.read_text(encoding="utf-8")).get("sentences", [])
    found = [one for one in sentences if one["source"] == ["comment", "allez", "vous"]]
    if not found:
        return ""
    one = found[0]
    looks = ", ".join(
        f"{word} looks most at {one['source'][max(range(len(line)), key=line.__getitem__)]}"
        for word, line in zip(one["words"], one["weights"], strict=True)
    )
    return heat_map(
        one["source"],
        one["words"],
        one["weights"],
        alt=f"Alignment of comment allez vous with its translation {' '.join(one['words'])}: {looks}.",
        caption=f"<em>comment allez vous</em> → <em>{' '.join(one['words'])}</em>, by a model that was trained with "
        "the code of t04, t05 and this page. The training data do not say which word belongs to which.",
    )
