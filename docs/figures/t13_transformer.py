"""The figures and worked numbers of t13. Each function gets the reference module and returns HTML."""

import torch
from addresses import up
from drawing import (
    ANNOTATION,
    CONTEXT,
    INK,
    MUTED,
    PAPER,
    QUERY,
    SHARE,
    WEIGHT,
    Sketch,
    figure,
    html_table,
    number,
    plot,
)
from torch.utils._python_dispatch import TorchDispatchMode

WORDS = ["les", "livres", "rouges"]
BASE = dict(d_model=512, num_heads=8, d_ff=2048)  # the paper's base model: six layers a side


def model(reference) -> str:
    """The whole model in one drawing: every sublayer, in order."""
    sketch = Sketch(440, 560)
    left, right, width = 105, 335, 150

    def block(centre, y, height, words, colour=INK, fill=0.05, inside=None):
        sketch.box(centre - width / 2, y, width, height, colour, fill=fill, inside=inside)
        sketch.text(centre, y + height / 2 + 5, words, colour)

    def down(centre, start, end, colour=MUTED):
        sketch.line([(centre, start), (centre, end)], colour, arrow=True)

    def sublayer(centre, y, words, colour=INK, attends=False):
        """A sublayer, its residual connection around it, and the norm after it."""
        fill, inside = (0.2, SHARE) if attends else (0.05, None)
        block(centre, y, 36, words, WEIGHT if attends else INK, fill, inside)
        down(centre, y + 36, y + 52)
        block(centre, y + 52, 28, "add &amp; norm")
        side = centre - 88 if centre == left else centre + 88
        edge = centre - width / 2 if centre == left else centre + width / 2
        sketch.line([(centre, y - 9), (side, y - 9), (side, y + 66), (edge, y + 66)], colour, arrow=True)

    for centre, words, colour in ((left, "source", ANNOTATION), (right, "target so far", QUERY)):
        sketch.text(centre, 20, words, colour, bold=True)
        down(centre, 26, 40)
        block(centre, 40, 32, "embedding × √D", colour, 0.1)
        sketch.circle(centre, 92, 10, INK, fill=1, inside=PAPER)
        sketch.text(centre, 97, "+", size=17)
        down(centre, 72, 82)
        down(centre, 102, 128)
    sketch.text(220, 88, "posi-", MUTED, size=14)
    sketch.text(220, 104, "tions", MUTED, size=14)
    sketch.line([(200, 92), (left + 12, 92)], MUTED, arrow=True)
    sketch.line([(240, 92), (right - 12, 92)], MUTED, arrow=True)

    sketch.box(8, 110, 192, 212, MUTED, dashed=True)
    sketch.box(240, 110, 192, 326, MUTED, dashed=True)
    sublayer(left, 128, "self-attention", ANNOTATION, attends=True)
    down(left, 208, 236)
    sublayer(left, 236, "feed-forward", ANNOTATION)
    down(left, 316, 344)
    block(left, 344, 38, "memory", ANNOTATION, 0.16)
    sketch.text(left, 408, "dashed: one layer,", MUTED, size=14)
    sketch.text(left, 426, "six in a row", MUTED, size=14)

    sublayer(right, 128, "self-attention", QUERY, attends=True)
    down(right, 208, 240)
    sublayer(right, 240, "cross-attention", QUERY, attends=True)
    down(right, 320, 350)
    sublayer(right, 350, "feed-forward", QUERY)
    sketch.line([(180, 363), (220, 363), (220, 258), (258, 258)], ANNOTATION, 2.5, arrow=True)
    down(right, 430, 462)
    block(right, 462, 34, "linear")
    down(right, 496, 518)
    sketch.text(right, 538, "logits: the next word", CONTEXT, bold=True)
    return figure(
        sketch,
        alt="Two columns. Left, the encoder: embeddings of the source times the root of D, plus positions; then, "
        "in each layer, self-attention, add and norm, feed-forward, add and norm; the last layer's output is the "
        "memory. Right, the decoder: embeddings of the target so far plus positions; in each layer "
        "self-attention, cross-attention that reads the memory, and feed-forward, each followed by add and norm. "
        "Then a linear layer gives the logits of the next word. A line leads around every sublayer: its input is "
        "added to its output.",
        caption="The model, here with the norms after the sums, as in the paper. Only in the three amber boxes does a word "
        "depend on other words; all other boxes work on each word separately. The lines around the boxes are the "
        "residual connections.",
    )


def heads_by_hand(reference):
    """A layer with two heads whose weights were set by hand, and three words whose vectors hold their kind and place."""
    attention = reference.MultiHeadAttention(d_model=6, num_heads=2)
    ask_noun, ask_before = torch.zeros(3, 3), torch.zeros(3, 3)
    ask_noun[1, :] = 5.0  # a word of any kind looks for kind number 1
    ask_before[0, 0] = ask_before[0, 1] = ask_before[1, 2] = 5.0  # from place 1 look at 0, from 2 at 1
    state = {name: torch.zeros_like(value) for name, value in attention.state_dict().items()}
    state |= {f"{part}_proj.weight": torch.eye(6) for part in ("k", "v", "out")}
    state["q_proj.weight"] = torch.block_diag(ask_noun, ask_before)
    attention.load_state_dict(state)
    x = torch.cat([torch.eye(3), torch.eye(3)], dim=1)  # kind: article, noun, adjective; place: 0, 1, 2
    return attention, x.unsqueeze(0)


def grids(titles, weights, note, alt, caption) -> str:
    """Two square grids of weights next to each other, with a row for each query."""
    cell, top, sketch = 50, 66, Sketch(440, 66 + 50 * 3 + 30)
    for left, title, grid in zip((58, 284), titles, weights, strict=True):
        sketch.text(left + 1.5 * cell, 20, title, bold=True)
        for index, word in enumerate(WORDS):
            sketch.text(left + cell * (index + 0.5), 52, word, ANNOTATION, italic=True, size=14)
            sketch.text(
                left - 6, top + cell * (index + 0.5) + 5, word, QUERY, italic=True, size=14, anchor="end"
            )
        for t, row in enumerate(grid):
            for s, weight in enumerate(row.tolist()):
                x, y = left + s * cell, top + t * cell
                sketch.box(x + 2, y + 2, cell - 4, cell - 4, WEIGHT, 0.9 * weight, SHARE, stroke=0.7)
                sketch.text(x + cell / 2, y + cell / 2 + 5, number(weight, 2) if weight else "–", size=14)
    sketch.text(220, top + 3 * cell + 22, note, MUTED, size=14)
    rows = [
        [f"{title}: {word}", *row.tolist()]
        for title, grid in zip(titles, weights, strict=True)
        for word, row in zip(WORDS, grid, strict=True)
    ]
    return figure(sketch, alt, caption, (["", *WORDS], rows))


def heads(reference) -> str:
    """The weights of two heads of one layer, each with its own question."""
    attention, x = heads_by_hand(reference)
    _, weights = attention(x, x, x)
    weights = weights[0].detach()
    return grids(
        ["where is the noun?", "what is before me?"],
        weights,
        "a row for each query, a column for each key",
        alt=f"Two grids of weights, three words by three words. In the first head every word gives "
        f"{number(weights[0, 0, 1], 2)} to livres. In the second, les looks at itself, livres at les and rouges at livres, "
        f"each with {number(weights[1, 2, 1], 2)}.",
        caption="Two heads of one layer, set by hand. The vector of each word holds its kind and its place. The projections "
        "of the first head keep the kind, those of the second the place. A single set of weights could not do both.",
    )


def hidden_future(reference) -> str:
    """The weights of the same two heads with the causal mask."""
    attention, x = heads_by_hand(reference)
    _, weights = attention(x, x, x, reference.causal_mask(3))
    weights = weights[0].detach()
    return grids(
        ["where is the noun?", "what is before me?"],
        weights,
        "with the causal mask",
        alt="The same two grids with everything above the diagonal empty. In the first head les, which may see "
        "only itself, gives itself the whole unit; the other words still look at livres. The second head has "
        "hardly changed.",
        caption="The same heads in a decoder. A word may not look ahead, so its weights add up to one over the words up to "
        "its own place.",
    )


def waves(reference) -> str:
    """Three of the sines in the table of positions."""
    D, length = 16, 41
    table = reference.sinusoidal_positions(length, D)
    columns = [(0, "-"), (4, "--"), (8, "-.")]
    fig, axes = plot(440, 280)
    for column, style in columns:
        axes.plot(
            range(length),
            table[:, column],
            color=INK,
            linestyle=style,
            label=f"{column}",
        )
    axes.set(
        xlabel="position t",
        ylabel="number in the vector",
        ylim=(-1.15, 1.6),
        xlim=(0, length - 1),
        yticks=[-1, 0, 1],
    )
    axes.legend(title="column", loc="upper center", ncols=3, fontsize=14, title_fontsize=14, handlelength=2)
    shown = [0, 1, 2, 3, 10, 20, 40]
    return figure(
        fig,
        alt="Three sine curves over positions 0 to 40. Column 0 has a wave about every 6 positions, column 4 "
        "about every 63, column 8 has only begun its first wave.",
        caption=f"Three of the eight sines for D = {D}; each has a cosine in the next column. Fast columns distinguish "
        "neighbours. Slow columns say roughly where in the text a position is, like the leading digits of a number.",
        table=(
            ["t", *(f"column {column}" for column, _ in columns)],
            [[t, *table[t, [0, 4, 8]].tolist()] for t in shown],
        ),
    )


def rate(reference) -> str:
    """The learning rate over the steps, for two lengths of the warm-up."""
    D, steps = 512, [*range(1, 20_001, 50)]
    fig, axes = plot(440, 280)
    lines = [(2000, "--"), (4000, "-")]
    for warmup, style in lines:
        rates = [1000 * reference.noam_rate(step, D, warmup) for step in steps]
        axes.plot(steps, rates, color=INK, linestyle=style, label=f"warm-up of {warmup}")
    axes.set(
        xlabel="step",
        ylabel="rate × 1000",
        xlim=(0, 20_000),
        ylim=(0, 1.15),
        xticks=[0, 4000, 8000, 12_000, 16_000, 20_000],
    )
    axes.legend(loc="upper right", fontsize=14)
    shown = [1, 1000, 2000, 4000, 8000, 16_000]
    rows = [
        [f"{step:,}", *(1000 * reference.noam_rate(step, D, warmup) for warmup, _ in lines)] for step in shown
    ]
    peaks = [1000 * reference.noam_rate(warmup, D, warmup) for warmup, _ in lines]
    return figure(
        fig,
        alt="Two curves that rise in a straight line and then fall ever more slowly. With a warm-up of 2000 "
        f"steps the peak is {number(peaks[0], 2)} thousandths, with 4000 steps {number(peaks[1], 2)}; "
        "from step 4000 on the curves are one.",
        caption="The paper's rate for D = 512. A longer warm-up rises more slowly and to a lower peak. After it, both "
        "curves follow the same 1/√step.",
        table=(["step", *(f"warm-up {warmup}, × 1000" for warmup, _ in lines)], rows),
    )


def smoothing(reference) -> str:
    """The loss against the probability of the right word, with and without smoothing."""
    V, pad = 12, 0
    p = torch.cat([torch.linspace(0.05, 0.98, 94), torch.linspace(0.981, 0.999, 19)]).double()
    rest = ((1 - p) / (V - 2)).unsqueeze(-1).expand(-1, V - 2)
    nothing = torch.full_like(p, 1e-12).unsqueeze(-1)  # for pad
    logits = torch.cat([nothing, p.unsqueeze(-1), rest], dim=-1).log()
    target = torch.tensor([[1]])

    def losses(epsilon):
        return torch.stack(
            [reference.label_smoothing_loss(row[None, None], target, epsilon, pad) for row in logits]
        )

    plain, smooth = losses(0.0), losses(0.1)
    best = p[smooth.argmin()].item()
    fig, axes = plot(440, 280)
    axes.plot(p, plain, color=INK, linestyle="--", label="ε = 0")
    axes.plot(p, smooth, color=INK, label="ε = 0.1")
    axes.plot(best, smooth.min(), "o", color=INK, markersize=7)
    axes.set(xlabel="probability of the right word", ylabel="loss", xlim=(0, 1), ylim=(0, 3.2))
    axes.legend(loc="upper right", fontsize=14)
    shown = [5, 45, 75, 85, 93, 112]
    return figure(
        fig,
        alt="Loss against the probability of the right word. Without smoothing it falls all the way to 0 at "
        f"certainty. With a smoothing of 0.1 it is lowest at a probability of {number(best, 2)} and rises after that.",
        caption=f"The loss for one right word of {V}, with the other words equally likely. Plain cross-entropy keeps "
        "falling up to probability 1, so training pushes the logits further and further apart. With smoothing, the loss "
        "is lowest at 1 − ε and rises after that.",
        table=(
            ["probability", "ε = 0", "ε = 0.1"],
            [[p[i].item(), plain[i].item(), smooth[i].item()] for i in shown],
        ),
    )


class Multiplications(TorchDispatchMode):
    """Counts the multiplications of matrix products while they are done."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function.__name__.partition(".")[0] in ("mm", "addmm", "bmm"):
            left, right = args[-2:]
            self.count += left.numel() * right.shape[-1]
        return function(*args, **(kwargs or {}))


def cost(reference) -> str:
    """The multiplications of one encoder layer for a sentence, counted, beside those of a recurrent layer."""
    D, d_ff = BASE["d_model"], BASE["d_ff"]
    rows = []
    with torch.device("meta"):  # sizes without numbers: counting needs no more
        layer = reference.EncoderLayer(**BASE)
        for T in (10, 40, 256, 4096):
            x = torch.empty(1, T, D)
            with Multiplications() as attention:
                layer.self_attention(x, x, x)
            with Multiplications() as network:
                layer.feed_forward(x)
            pairs = attention.count - 4 * T * D * D
            assert pairs == 2 * T * T * D and network.count == 2 * T * D * d_ff
            parts = 4 * T * D * D, pairs, network.count, 2 * T * D * D
            rows.append([f"{T:,}", *(millions(part) for part in parts), f"1 / {T:,}"])
    head = ["T", "projections<br>4 T D²", "scores and sums<br>2 T² D", "feed-forward<br>2 T D d<sub>ff</sub>"]
    head += [
        f'a <a href="{up("topics/t13_transformer.md")}topics/t01_seq2seq_recap/">recurrent layer</a><br>2 T D²',
        "steps in a row<br>attention / recurrent",
    ]
    sizes = f"D = {D}, d<sub>ff</sub> = {d_ff}, {BASE['num_heads']} heads"
    note = f"Millions of multiplications for one sentence of T words; {sizes}."
    return f'<div class="numbers-scroll">{html_table(head, rows)}</div>\n<p>{note}</p>'


def millions(count: int) -> str:
    return f"{count / 1e6:,.0f}" if count > 1e7 else f"{count / 1e6:.1f}"


def parameters(reference) -> str:
    """The parameters of the paper's base model, counted part by part."""
    with torch.device("meta"):
        base = reference.Transformer(37_000, 37_000, num_layers=6, **BASE)
        attention = reference.MultiHeadAttention(BASE["d_model"], BASE["num_heads"])
        network = reference.FeedForward(BASE["d_model"], BASE["d_ff"])
        norm = reference.LayerNorm(BASE["d_model"])

    def count(*modules):
        return sum(parameter.numel() for module in modules for parameter in module.parameters())

    rows = [
        ["multi-head attention", "18", f"{count(attention):,}", f"{18 * count(attention):,}"],
        ["feed-forward network", "12", f"{count(network):,}", f"{12 * count(network):,}"],
        ["layer norm", "30", f"{count(norm):,}", f"{30 * count(norm):,}"],
        [
            "embedding",
            "2",
            f"{count(base.source_embedding):,}",
            f"{count(base.source_embedding, base.target_embedding):,}",
        ],
        ["output", "1", f"{count(base.output):,}", f"{count(base.output):,}"],
    ]
    assert sum(int(row[3].replace(",", "")) for row in rows) == count(base)
    shared = count(base) - count(base.source_embedding, base.target_embedding)
    rows += [["all", "", "", f"{count(base):,}"], ["all, with one table for words", "", "", f"{shared:,}"]]
    return f'<div class="numbers-scroll">{html_table(["part", "how many", "each", "together"], rows)}</div>'


def residual_sizes(reference) -> str:
    """The standard deviation of the numbers after each layer, for post-norm and pre-norm."""
    D, layers = 32, 12
    rows = []
    with torch.random.fork_rng():
        torch.manual_seed(13)
        x = torch.randn(16, 10, D)
        for norm_first in (False, True):
            y, sizes = x, [x.std().item()]
            with torch.no_grad():
                for _ in range(layers):
                    y = reference.EncoderLayer(D, 4, 4 * D, norm_first=norm_first)(y)
                    sizes.append(y.std().item())
            rows.append(
                ["pre-norm" if norm_first else "post-norm", *(sizes[index] for index in (0, 1, 2, 4, 8, 12))]
            )
    return f'<div class="numbers-scroll">{html_table(["after layer", "0", "1", "2", "4", "8", "12"], rows)}</div>'
