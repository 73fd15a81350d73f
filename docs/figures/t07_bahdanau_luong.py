"""The figures and worked numbers of t07. Each function gets the reference module and returns HTML."""

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

WORDS = ["comment", "allez", "vous"]
V, E, H, A = 6, 3, 4, 4


def decoders(reference):
    """One of each kind, never trained, and a source to look at: (bahdanau, luong, annotations, state)."""
    torch.manual_seed(10)
    bahdanau = reference.BahdanauDecoder(V, E, H, A, 5).double().requires_grad_(False)
    luong = reference.LuongDecoder(V, E, H, A, score="general").double().requires_grad_(False)
    bahdanau.v_a.weight.mul_(6)  # its scores stretched, so that its weights differ visibly
    annotations = 2 * torch.randn(1, 3, A, dtype=torch.float64)
    state = torch.randn(1, H, dtype=torch.float64).tanh()
    return bahdanau, luong, annotations, state


def side_by_side(reference) -> str:
    """One step of either decoder, its equations beside its arrows."""
    sketch = Sketch(440, 500)
    sketch.line([(220, 4), (220, 496)], MUTED, 1, 0.5, dashed=True)

    def box(x, y, words, colour, fill=0.16, inside=None, dashed=False, width=104):
        sketch.box(x - width / 2, y, width, 40, colour, fill=fill, inside=inside, dashed=dashed)
        sketch.text(x, y + 25, words, colour, bold=not dashed)

    for x, name in ((108, "Bahdanau"), (332, "Luong")):
        sketch.text(x, 20, name, bold=True, size=17)

    # Bahdanau: old state → attend → context → cell → new state → output
    box(62, 40, "old state", QUERY, fill=0.06, dashed=True, width=92)
    box(62, 128, "attend", WEIGHT, fill=0.2, inside=SHARE, width=92)
    box(62, 216, "context", CONTEXT, width=92)
    box(108, 312, "GRU cell", INK, fill=0.05)
    box(108, 386, "new state", QUERY)
    box(108, 456, "output", INK, fill=0.05)
    sketch.line([(62, 80), (62, 126)], QUERY, 2, arrow=True)
    sketch.text(72, 108, "attends, (6)", MUTED, anchor="start", size=14)
    sketch.line([(62, 168), (62, 214)], CONTEXT, 2, arrow=True)
    sketch.text(72, 196, "(5)", MUTED, anchor="start", size=14)
    sketch.line([(80, 256), (80, 310)], CONTEXT, 2, arrow=True)
    box(166, 216, "last word", INK, fill=0.05, dashed=True, width=86)
    sketch.line([(136, 256), (136, 310)], MUTED, arrow=True)
    sketch.line([(108, 352), (108, 384)], QUERY, 2, arrow=True)
    sketch.line([(108, 426), (108, 454)], QUERY, 2, arrow=True)
    sketch.text(118, 445, "(4)", MUTED, anchor="start", size=14)
    sketch.line([(26, 256), (26, 476), (54, 476)], CONTEXT, 1.5, arrow=True)
    sketch.line([(204, 256), (204, 476), (162, 476)], MUTED, 1.5, arrow=True)
    sketch.line([(16, 60), (8, 60), (8, 332), (54, 332)], QUERY, 1.5, arrow=True)

    # Luong: last word and h̃ → cell → new state → attend → context → h̃ → output
    box(278, 40, "last word", INK, fill=0.05, dashed=True, width=86)
    box(382, 40, "last h̃", CONTEXT, fill=0.06, dashed=True, width=86)
    box(332, 128, "GRU cell", INK, fill=0.05)
    box(332, 202, "new state", QUERY)
    box(286, 290, "attend", WEIGHT, fill=0.2, inside=SHARE, width=92)
    box(332, 380, "h̃", CONTEXT)
    box(332, 456, "output", INK, fill=0.05)
    sketch.line([(278, 80), (310, 126)], MUTED, arrow=True)
    sketch.line([(382, 80), (352, 126)], CONTEXT, 2, arrow=True)
    sketch.line([(332, 168), (332, 200)], QUERY, 2, arrow=True)
    sketch.line([(296, 242), (296, 288)], QUERY, 2, arrow=True)
    sketch.text(306, 270, "attends, (7)", MUTED, anchor="start", size=14)
    sketch.line([(296, 330), (296, 378)], CONTEXT, 2, arrow=True)
    sketch.text(306, 356, "context", CONTEXT, anchor="start", size=14)
    sketch.line([(384, 222), (404, 222), (404, 400), (386, 400)], QUERY, 1.5, arrow=True)
    sketch.text(252, 405, "(5)", MUTED, anchor="start", size=14)
    sketch.line([(332, 420), (332, 454)], CONTEXT, 2, arrow=True)
    sketch.text(342, 442, "(6)", MUTED, anchor="start", size=14)
    sketch.line([(384, 408), (432, 408), (432, 60), (427, 60)], CONTEXT, 1.5, arrow=True, dashed=True)
    return figure(
        sketch,
        alt="Two decoders. Bahdanau: the old state attends, the context enters the GRU cell with the last word, and "
        "the output reads the new state, the context and the last word. Luong: the GRU cell reads the last word and "
        "the last attentional vector h̃, the new state attends, context and state make the new h̃, the output reads it "
        "alone, and it is fed back.",
        caption="One step of each decoder, from top to bottom. On the left, attention comes <em>before</em> the "
        "recurrence; on the right, after it. The numbers in parentheses are the equations' numbers in the two papers.",
    )


def differences(reference) -> str:
    """What differs, line by line."""
    rows = [
        ["what attends", "the previous state", "the current state"],
        ["at that point it has", "not read the last word", "read the last word"],
        ["score", "additive", "dot, general or concat"],
        ["the context goes", "into the GRU cell", "into h̃"],
        ["the output reads", "state, word, context", "h̃ alone"],
        ["handed on", "the state", "the state and h̃"],
    ]
    return f'<div class="numbers-scroll">{html_table(["", "Bahdanau", "Luong"], rows)}</div>'


def who_knows_the_word(reference) -> str:
    """The weights of one step under different last words."""
    bahdanau, luong, annotations, state = decoders(reference)
    zeros = torch.zeros(1, H, dtype=torch.float64)
    rows = []
    for token in (1, 3, 5):
        word = torch.tensor([token])
        rows.append(("Bahdanau", token, bahdanau.step(word, state, annotations, None)[-1][0].tolist()))
    for token in (1, 3, 5):
        word = torch.tensor([token])
        rows.append(("Luong", token, luong.step(word, state, zeros, annotations, None)[-1][0].tolist()))
    width, height, left = 92, 40, 150
    sketch = Sketch(440, 306)
    for column, word in enumerate(WORDS):
        sketch.text(left + width * (column + 0.5), 18, word, ANNOTATION, italic=True)
    for index, (name, token, weights) in enumerate(rows):
        y = 28 + 44 * index + (14 if index >= 3 else 0)
        if index % 3 == 0:
            sketch.text(4, y + 25, name, bold=True, anchor="start")
        sketch.text(left - 12, y + 25, f"word {token}", QUERY, anchor="end")
        for column, weight in enumerate(weights):
            x = left + width * column
            sketch.box(x + 2, y, width - 4, height, WEIGHT, fill=0.9 * weight, inside=SHARE, stroke=0.7)
            sketch.text(x + width / 2, y + 25, number(weight, 3))
    return figure(
        sketch,
        alt="Weights on three annotations after three different last words. Bahdanau's three rows are "
        "equal; Luong's differ.",
        caption="The same state and three different last words, in decoders that were never trained. Bahdanau's "
        "weights do not depend on the last word, because the state that attends has not read it. Luong's weights do.",
        table=(["", *WORDS], [[f"{name}, word {token}", *weights] for name, token, weights in rows]),
    )


def input_feeding(reference) -> str:
    """How much the next step changes when what was attended to is not fed back."""
    _, luong, annotations, state = decoders(reference)
    zeros = torch.zeros(1, H, dtype=torch.float64)
    word = torch.tensor([1])
    _, state, attentional, first = luong.step(word, state, zeros, annotations, None)
    rows = [["step 1", *first[0].tolist()]]
    for name, fed in (("step 2, h̃ fed back", attentional), ("step 2, zeros instead", zeros)):
        rows.append([name, *luong.step(word, state, fed, annotations, None)[-1][0].tolist()])
    return f'<div class="numbers-scroll">{html_table(["weights", *WORDS], rows)}</div>'


SCORES = torch.tensor([[0.2, 0.5, 0.1, 0.9, 1.6, 1.2, 1.0, 0.3, 2.4, 0.4, 0.1, 0.6]], dtype=torch.float64)
LENGTH, CENTRE, WINDOW = 12, 4.6, 3.0


def _local(reference):
    lengths, centre = torch.tensor([LENGTH]), torch.tensor([CENTRE], dtype=torch.float64)
    places = torch.arange(LENGTH, dtype=torch.float64)
    inside = (places - CENTRE).abs() <= WINDOW
    windowed = reference.masked_softmax(SCORES, inside[None])[0]
    bell = torch.exp(-((places - CENTRE) ** 2) / (2 * (WINDOW / 2) ** 2))
    result = reference.local_attention(SCORES, lengths, centre, WINDOW)[0]
    return SCORES.softmax(-1)[0], windowed, bell, result


def gaussian(reference) -> str:
    """Global weights, the window's softmax, the Gaussian, and their product."""
    everywhere, windowed, _, result = _local(reference)
    places = range(LENGTH)
    fine = torch.linspace(CENTRE - WINDOW, CENTRE + WINDOW, 121, dtype=torch.float64)
    curve = torch.exp(-((fine - CENTRE) ** 2) / (2 * (WINDOW / 2) ** 2))
    fig, panels = plot(440, 560, nrows=3, sharex=True)
    top = 1.25 * windowed.max().item()
    for axes, values, title in zip(
        panels,
        (everywhere, windowed, result),
        ("softmax over all words", "softmax over the window", "times the Gaussian"),
        strict=True,
    ):
        axes.bar(places, values, color=SHARE, edgecolor=WEIGHT, linewidth=1)
        axes.set(title=title, ylim=(0, top), xticks=list(places))
    for axes in panels[1:]:
        axes.axvspan(CENTRE - WINDOW, CENTRE + WINDOW, color=QUERY, alpha=0.08, linewidth=0)
        axes.axvline(CENTRE, color=QUERY, linestyle=":", linewidth=1.6)
    panels[2].plot(fine, curve * windowed.max().item(), color=QUERY, linestyle="--", linewidth=1.8)
    panels[1].annotate("p", (CENTRE, top * 0.87), (6, 0), textcoords="offset points", color=QUERY)
    panels[2].set_xlabel("position in the source")
    rows = [
        [f"position {place}", everywhere[place].item(), windowed[place].item(), result[place].item()]
        for place in places
    ]
    rows.append(["sum", everywhere.sum().item(), windowed.sum().item(), result.sum().item()])
    return figure(
        fig,
        alt=f"Three bar charts over {LENGTH} positions. The softmax over all words gives position 8 most. In the "
        f"window around p = {CENTRE} with D = {WINDOW:g}, positions 2 to 7 share the unit. Times the Gaussian, "
        f"positions 4 and 5 keep most of their weight and the window's ends almost none; the sum is "
        f"{number(result.sum().item(), 2)}.",
        caption="The same scores three times. The largest, at position 8, is outside the window and has no influence. "
        "The Gaussian (dashed, drawn to the height of the bars) has σ = D/2 and is not normalised: the weights add up "
        f"to {number(result.sum().item(), 2)}.",
        table=(["", "all words", "window", "times Gaussian"], rows),
    )


def parameters(module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def compared(reference) -> str:
    """Dot, general and concat: counted on the reference's own modules, and multiplications for one sentence."""
    hidden, S, T = 512, 40, 30

    def own(kind: str) -> int:
        decoder = reference.LuongDecoder(10, 8, hidden, hidden, score=kind)
        return sum(
            parameters(getattr(decoder, name))
            for name in ("W_a", "v_a")
            if isinstance(getattr(decoder, name, None), torch.nn.Module)
        )

    pairs = T * S
    rows = [
        ["dot", "0", f"{own('dot'):,}", f"{pairs * hidden:,}", "–"],
        ["general", "H A", f"{own('general'):,}", f"{S * hidden * hidden + pairs * hidden:,}", "–"],
        ["concat", "H (H + A) + H", f"{own('concat'):,}",
         f"{S * hidden * hidden + T * hidden * hidden + pairs * hidden:,}", f"{pairs * hidden:,}"],
    ]  # fmt: skip
    head = ["score", "parameters", f"at H = A = {hidden}", f"multiplications, T = {T}, S = {S}", "tanh"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def whole_sizes(reference) -> str:
    """What each whole decoder has to learn."""
    vocabulary, embed, hidden, size = 10_000, 256, 512, 1024
    makers = {
        "Bahdanau": lambda words: reference.BahdanauDecoder(words, embed, hidden, size, hidden),
        "Luong, general": lambda words: reference.LuongDecoder(words, embed, hidden, size, score="general"),
        "Luong, concat": lambda words: reference.LuongDecoder(words, embed, hidden, size, score="concat"),
    }
    rows = []
    for name, make in makers.items():
        few, one_more = parameters(make(10)), parameters(make(11))  # each further word adds the same number
        rows.append([name, f"{few + (vocabulary - 10) * (one_more - few):,}"])
    head = ["decoder", "parameters"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'


def positions(reference) -> str:
    """From the output of the small network to a position in the source."""
    verdicts = torch.tensor([-4.0, -1.0, 0.0, 1.0, 4.0])
    rows = []
    for verdict in verdicts:
        state, W_p = torch.tensor([[1.0], [1.0]]), torch.full((1, 1), 20.0)  # tanh 20 is 1
        places = reference.predictive_position(state, W_p, verdict[None], torch.tensor([6, 30]))
        rows.append(
            [number(verdict, 0), torch.sigmoid(verdict).item(), *[number(p, 2) for p in places.tolist()]]
        )
    head = ["v<sub>p</sub> · tanh(W<sub>p</sub> s)", "sigmoid", "p, six words", "p, thirty words"]
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>'
