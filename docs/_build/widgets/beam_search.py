"""Beam search, round by round, and what length and coverage penalties make of its result."""

import math

import torch
from addresses import up
from coursepage import reference
from drawing import CONTEXT, MUTED, QUERY, html_table, inline_svg, number
from t06_encoder_decoder import BOS, EOS, NAMES, TABLE, say

from widgets.parts import LiveSketch, choice, frame, slider

SIZES, ROUNDS = (1, 2, 3), 4
SOURCE = ["les", "livres", "rouges"]
# Where each word looked, set by hand as the table is: a row for each of NAMES, a column for each source word.
LOOKS = torch.tensor([[0, 0, 0], [0.20, 0.45, 0.35], [0.90, 0.06, 0.04], [0.03, 0.12, 0.85], [0.04, 0.86, 0.10]],
                     dtype=torch.float64)  # fmt: skip
WIDTH, STEP, BOX, ROW = 92, 112, 40, 46  # of a box and a column, and of a box and a line, in pixels


def search(size: int) -> tuple[list, list]:
    """What the reference finds, and for every round all continuations of its open beginnings with their fate.

    Returns:
        The hypotheses (tokens, log-probability), best first, and a list a round of (tokens, log-probability, fate).
    """
    opened = []

    def step(tokens, prefixes):
        # the state carries the beginning itself: it is re-indexed by parent, as any state is
        prefixes = torch.cat([prefixes, tokens[:, None]], dim=1)
        opened.append([tuple(prefix[1:]) for prefix in prefixes.tolist()])
        return TABLE[tokens].log(), prefixes

    begin = torch.zeros(1, 0, dtype=torch.long)
    found = reference("t06_encoder_decoder").beam_search(step, begin, BOS, EOS, size, ROUNDS)
    finished = {tuple(tokens) for tokens, _ in found}
    live = {prefix for prefixes in opened for prefix in prefixes}
    rounds = []
    for prefixes in opened:
        candidates = []
        for prefix in prefixes:
            for word in (*range(EOS + 1, len(NAMES)), EOS):
                tokens = (*prefix, word)
                if TABLE[(BOS, *prefix)[-1], word] > 0:
                    # what is still open at the end is returned too, and is kept as it stands
                    kept = prefix in finished if word == EOS else tokens in live or tokens in finished
                    fate = "finished" if kept and word == EOS else "kept" if kept else "dropped"
                    candidates.append((tokens, log_probability(tokens), fate))
        rounds.append(candidates)
    return found, rounds


def log_probability(tokens) -> float:
    chain = [BOS, *tokens]
    return sum(math.log(TABLE[a, b]) for a, b in zip(chain, chain[1:], strict=False))


def hypothesis(tokens: list[int], log_prob: float) -> dict:
    """What the ranking needs to know: |Y| counts eos, and eos looks once more before the sentence is over."""
    ended = abs(log_probability([*tokens, EOS]) - log_prob) < 1e-9
    said = [*tokens, EOS] if ended else tokens
    covered = LOOKS[said].sum(dim=0).tolist()
    return {"words": say(tokens), "log_prob": log_prob, "length": len(said), "covered": covered}


def score(one: dict, alpha: float, beta: float) -> list[float]:
    """The length penalty, the coverage penalty and the score, by t11's functions."""
    gnmt = reference("t11_gnmt")
    # one row holds all that each source word got: the penalty only asks for sums
    penalty = gnmt.length_penalty(one["length"], alpha)
    coverage = float(gnmt.coverage_penalty(torch.tensor([one["covered"]]), beta))
    return [penalty, coverage, one["log_prob"] / penalty + coverage]


def _draw(sketch: LiveSketch, rounds: list):
    """The rounds as columns; a line leads from every box to the beginning that it continues."""
    height = ROW * max(map(len, rounds))
    places = {(): (0, 28 + height / 2)}
    for depth, candidates in enumerate(rounds):
        x = 4 + STEP * depth
        candidates = sorted(candidates, key=lambda one: places[one[0][:-1]][1])
        top = 28 + (height - ROW * len(candidates)) / 2
        with sketch.group(round=depth + 1):
            sketch.text(x + WIDTH / 2, 16, f"round {depth + 1}", MUTED, size=14)
            for tokens, log_prob, fate in candidates:
                colour = {"kept": QUERY, "finished": CONTEXT, "dropped": MUTED}[fate]
                kept = fate != "dropped"
                middle = top + BOX / 2
                if depth:
                    sketch.line(
                        [places[tokens[:-1]], (x, middle)], colour, 2.5 if kept else 1, dashed=not kept
                    )
                sketch.box(x, top, WIDTH, BOX, colour, fill=0.16 if kept else 0, dashed=not kept)
                sketch.text(x + WIDTH / 2, top + 17, NAMES[tokens[-1]], colour, italic=True, bold=kept)
                sketch.text(x + WIDTH / 2, top + 34, number(log_prob, 2), colour, size=14)
                places[tokens] = (x + WIDTH, middle)
                top += ROW


def widget() -> str:
    searches = {size: search(size) for size in SIZES}
    height = 28 + ROW * max(len(candidates) for _, rounds in searches.values() for candidates in rounds)
    drawings = []
    for size, (found, rounds) in searches.items():
        sketch = LiveSketch(440, height if size == max(SIZES) else 28 + ROW * max(map(len, rounds)))
        _draw(sketch, rounds)
        told = "; ".join(
            f"round {n}: "
            + ", ".join(f"{say(tokens)} {number(log_prob, 2)} {fate}" for tokens, log_prob, fate in many)
            for n, many in enumerate(rounds, start=1)
        )
        hidden = "" if size == 2 else " hidden"
        drawings.append(
            f'<div data-beam="{size}"{hidden}>{inline_svg(sketch, f"A beam of {size}. {told}.")}</div>'
        )
    data = {
        "searches": {
            size: {
                "hypotheses": [hypothesis(*one) for one in found],
                "rounds": [
                    [[say(tokens), log_prob, fate] for tokens, log_prob, fate in many] for many in rounds
                ],
            }
            for size, (found, rounds) in searches.items()
        }
    }
    first = data["searches"][2]
    ranked = [[one["words"], one["log_prob"], *score(one, 0, 0)] for one in first["hypotheses"]]
    head = ["found", "log p", "÷ length", "+ coverage", "score"]
    ranking = f'<div class="numbers-scroll" data-part="ranking">{html_table(head, ranked)}</div>'
    rows = [[words, str(n), log_prob, fate] for n, many in enumerate(first["rounds"], start=1)
            for words, log_prob, fate in many]  # fmt: skip
    return frame(
        "beam_search",
        "".join(drawings) + ranking,
        choice("beam_search", "beam", "Beam", {"1": "1, greedy", "2": "2", "3": "3"}, "2")
        + slider("round", "Round", 1, ROUNDS, 1, ROUNDS, shown=f"{ROUNDS} of {ROUNDS}")
        + slider("alpha", "Length penalty α", 0, 1, 0.1, 0)
        + slider("beta", "Coverage penalty β", 0, 0.4, 0.02, 0),
        data,
        "Each box is a beginning: the word it ends in, and its log-probability so far. The best ones are kept (blue), or "
        "finished if they end in eos (purple); the others are dropped (dashed). The table under the tree ranks what was "
        "found: log p divided by the length penalty, plus the coverage penalty, as in "
        f"<a href=\"{up('topics/t11_gnmt.md')}references/#wu2016\">Google's system</a>. With both penalties at 0 this is log p itself. The coverage "
        "penalty is for source words that were hardly looked at, as <em>les</em> was by <em>red books</em>. The weights of "
        "each word were set by hand, and so were the probabilities.",
        f"Beam of 2, round {ROUNDS}. Best: {ranked[0][0]}, score {number(ranked[0][-1], 2)}.",
        (["beginning", "round", "log p", "fate"], rows),
    )  # fmt: skip
