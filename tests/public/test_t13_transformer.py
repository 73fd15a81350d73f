"""Public tests of t13: small worked examples, properties, and PyTorch's own modules to compare with.

Run them with `attend check t13`, or with `pytest tests/public/test_t13_transformer.py`.
The graders ask for more of the same: other sizes, masks of every rank, padding that must not matter, gradients.
"""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from attend.testing import check


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def in_pytorchs_names(state):
    """The weights of one of our layers, under the names that PyTorch's layer has for them."""
    named = {}
    for name, value in state.items():
        if "k_proj" in name or "v_proj" in name:
            continue
        if "q_proj" in name:  # PyTorch keeps the three in one
            value = torch.cat(
                [state[name.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
            )
            name = name.replace("q_proj.", "in_proj_")
        name = name.replace("self_attention", "self_attn").replace("cross_attention", "multihead_attn")
        named[name.replace("feed_forward.", "")] = value
    return named


# t13.1 scaled_dot_product_attention


@pytest.mark.exercise("scaled_dot_product_attention")
def test_attention_of_a_worked_example(student):
    """The dot products are 0 and 2 ln 3, halved by √4; so the weights are 1/4 and 3/4, and ¼ · 8 + ¾ · 4 = 5."""
    output, weights = student.scaled_dot_product_attention(
        queries=torch.tensor([[2.0, 0.0, 0.0, 0.0]]),
        keys=torch.tensor([[0.0, 1.0, 1.0, 1.0], [math.log(3.0), 0.0, 5.0, 0.0]]),
        values=torch.tensor([[8.0], [4.0]]),
    )
    check.close(weights, torch.tensor([[0.25, 0.75]]), what="weights", rtol=1e-5)
    check.close(output, torch.tensor([[5.0]]), what="output", rtol=1e-5)


@pytest.mark.exercise("scaled_dot_product_attention")
def test_attention_hides_what_the_mask_hides(student, torch_rng):
    """Where the mask is False there is no weight; a query with nothing to attend to gets zeros."""
    queries, keys, values = (normal(torch_rng, length, 4) for length in (3, 2, 2))
    mask = torch.tensor([[True, True], [False, True], [False, False]])
    output, weights = student.scaled_dot_product_attention(queries, keys, values, mask)
    check.close(weights[~mask], torch.zeros(3).double(), what="weights of hidden positions")
    check.close(weights.sum(dim=-1), torch.tensor([1.0, 1.0, 0.0]).double(), what="sums of the weights")
    check.close(output[1:], torch.stack([values[1], torch.zeros(4)]), what="output of the last two queries")


@pytest.mark.exercise("scaled_dot_product_attention")
def test_attention_takes_a_mask_with_a_row_for_each_query(student, torch_rng):
    """A mask (T, S) holds for all sentences, here also with as many queries as sentences."""
    queries, keys, values = (normal(torch_rng, 2, length, 4) for length in (2, 3, 3))
    mask = torch.tensor([[True, True, False], [False, True, True]])
    _, weights = student.scaled_dot_product_attention(queries, keys, values, mask)
    check.equal(weights > 0, mask.expand(2, 2, 3), what="where weights are above zero")


@pytest.mark.exercise("scaled_dot_product_attention")
def test_attention_to_scores_far_below_zero(student):
    """Two scores of −20,000 share the weight; the third is 0, and hidden."""
    queries, keys = torch.tensor([[100.0]]), torch.tensor([[-200.0], [-200.0], [0.0]])
    mask = torch.tensor([[True, True, False]])
    _, weights = student.scaled_dot_product_attention(queries, keys, torch.ones(3, 1), mask)
    check.close(weights, torch.tensor([[0.5, 0.5, 0.0]]), what="weights")


@pytest.mark.exercise("scaled_dot_product_attention")
def test_attention_gives_what_pytorch_gives(student, torch_rng):
    """The output is that of torch.nn.functional.scaled_dot_product_attention."""
    queries, keys, values = (normal(torch_rng, 2, *size) for size in [(3, 5), (4, 5), (4, 6)])
    output, _ = student.scaled_dot_product_attention(queries, keys, values)
    check.close(output, F.scaled_dot_product_attention(queries, keys, values), what="output")


# t13.2 causal_mask


@pytest.mark.exercise("causal_mask")
def test_causal_mask_of_three(student):
    """The first position sees itself, the second two, the third all three."""
    expected = torch.tensor([[True, False, False], [True, True, False], [True, True, True]])
    check.equal(student.causal_mask(3), expected, what="the mask")


# t13.3 MultiHeadAttention


@pytest.mark.exercise("MultiHeadAttention")
def test_heads_have_four_projections(student):
    """q_proj, k_proj, v_proj and out_proj, each D × D with a bias."""
    state = student.MultiHeadAttention(6, 3).state_dict()
    shapes = {name: tuple(value.shape) for name, value in sorted(state.items())}
    parts = ("k_proj", "out_proj", "q_proj", "v_proj")
    expected = {
        f"{part}.{kind}": size for part in parts for kind, size in (("bias", (6,)), ("weight", (6, 6)))
    }
    check.equal(shapes, expected, what="the shapes in the state dict")


@pytest.mark.exercise("MultiHeadAttention")
def test_heads_of_unequal_size_are_refused(student):
    """Six numbers cannot be shared out to four heads."""
    with pytest.raises(ValueError):
        student.MultiHeadAttention(6, 4)


@pytest.mark.exercise("MultiHeadAttention")
def test_heads_give_what_pytorchs_give(student, torch_rng):
    """With the same weights, nn.MultiheadAttention has the same output and the same weights in every head."""
    ours = student.MultiHeadAttention(6, 3).double()
    theirs = nn.MultiheadAttention(6, 3, batch_first=True).double()
    theirs.load_state_dict(in_pytorchs_names(ours.state_dict()))
    queries, keys, values = (normal(torch_rng, 2, length, 6) for length in (4, 5, 5))
    expected = theirs(queries, keys, values, average_attn_weights=False)
    check.close(ours(queries, keys, values), expected, what=("output", "weights"))


@pytest.mark.exercise("MultiHeadAttention")
@pytest.mark.parametrize("shape", [(4, 5), (2, 1, 5), (2, 3, 4, 5)], ids=str)
def test_heads_hide_what_the_mask_hides(student, torch_rng, shape):
    """A mask is (T, S) for all, (B, T, S) for each sentence or (B, N, T, S) for each head."""
    attention = student.MultiHeadAttention(6, 3).double()
    x, memory = normal(torch_rng, 2, 4, 6), normal(torch_rng, 2, 5, 6)
    mask = torch.rand(shape, generator=torch_rng) < 0.5
    _, weights = attention(x, memory, memory, mask)
    for_each_head = mask.unsqueeze(1) if mask.ndim == 3 else mask
    check.equal(weights > 0, for_each_head.expand(2, 3, 4, 5), what="where weights are above zero")


@pytest.mark.exercise("MultiHeadAttention")
def test_heads_with_nothing_to_attend_to(student, torch_rng):
    """A query that may see nothing has weights of zero, and the bias of out_proj as its output."""
    attention, x = student.MultiHeadAttention(6, 3).double(), normal(torch_rng, 1, 2, 6)
    mask = torch.tensor([[True, True], [False, False]])
    output, weights = attention(x, x, x, mask)
    check.close(weights[:, :, 1], torch.zeros(1, 3, 2).double(), what="weights of the second query")
    check.close(output[0, 1], attention.state_dict()["out_proj.bias"], what="output of the second query")


@pytest.mark.exercise("MultiHeadAttention")
def test_heads_with_scores_far_below_zero(student):
    """Two scores of −200 · 200 / √2 share the weight; the third is 0, and hidden."""
    attention = student.MultiHeadAttention(2, 1)
    state = {name: value * 0 for name, value in attention.state_dict().items()}
    attention.load_state_dict(
        {name: torch.eye(2) if "weight" in name else value for name, value in state.items()}
    )
    queries, keys = torch.tensor([[[200.0, 0.0]]]), torch.tensor([[[-200.0, 0.0], [-200.0, 0.0], [0.0, 0.0]]])
    _, weights = attention(queries, keys, keys, torch.tensor([[True, True, False]]))
    check.close(weights, torch.tensor([[[[0.5, 0.5, 0.0]]]]), what="weights")


# t13.4 sinusoidal_positions


@pytest.mark.exercise("sinusoidal_positions")
def test_positions_of_a_worked_example(student):
    """With D = 4 the wavelengths are 2π and 200π: sine and cosine of t, then of t / 100."""
    s, c = math.sin, math.cos
    expected = torch.tensor([[0.0, 1.0, 0.0, 1.0]] + [[s(t), c(t), s(t / 100), c(t / 100)] for t in (1, 2)])
    check.close(student.sinusoidal_positions(3, 4), expected, what="positions", atol=1e-6)


@pytest.mark.exercise("sinusoidal_positions")
def test_positions_of_an_odd_size(student):
    """With D = 3 there are two sines and one cosine; the last one's angle is t over the cube root of 10000²."""
    last = [math.sin(t / 10000 ** (2 / 3)) for t in (0, 1)]
    expected = torch.tensor([[0.0, 1.0, last[0]], [math.sin(1), math.cos(1), last[1]]])
    check.close(student.sinusoidal_positions(2, 3), expected, what="positions", atol=1e-6)


@pytest.mark.exercise("sinusoidal_positions")
def test_positions_know_their_distance(student):
    """The dot product of two positions depends on how far apart they are, not on where."""
    positions = student.sinusoidal_positions(9, 8)
    check.shape(positions, (9, 8), what="positions")
    products = positions @ positions.T
    check.close(
        products[3, 5:8], products[0, 2:5], what="the products with positions 2, 3, 4 further on", rtol=1e-5
    )


# t13.5 LayerNorm


@pytest.mark.exercise("LayerNorm")
def test_norm_of_a_worked_example(student):
    """0, 4, 8 have mean 4 and variance 32/3; so they become −√(3/2), 0 and √(3/2)."""
    norm = student.LayerNorm(3).double()
    expected = torch.tensor([[-1.0, 0.0, 1.0]], dtype=torch.float64) * math.sqrt(1.5)
    check.close(norm(torch.tensor([[0.0, 4.0, 8.0]], dtype=torch.float64)), expected, what="y", rtol=1e-5)


@pytest.mark.exercise("LayerNorm")
def test_norm_gives_what_pytorchs_gives(student, torch_rng):
    """With the same weight, bias and ε, nn.LayerNorm gives the same."""
    weights = {"weight": normal(torch_rng, 5), "bias": normal(torch_rng, 5)}
    ours = student.LayerNorm(5, eps=0.1).double().load_state_dict(weights)
    theirs = nn.LayerNorm(5, eps=0.1).double()
    theirs.load_state_dict(weights)
    x = normal(torch_rng, 2, 3, 5)
    check.close(ours(x), theirs(x), what="y")


# t13.6 FeedForward


@pytest.mark.exercise("FeedForward")
def test_network_of_a_worked_example(student):
    """x and −x enter a ReLU, which keeps one of them; they are read out with 10 and 100, and 30 is taken away."""
    network = student.FeedForward(1, 2).load_state_dict({
        "linear1.weight": torch.tensor([[1.0], [-1.0]]),
        "linear1.bias": torch.zeros(2),
        "linear2.weight": torch.tensor([[10.0, 100.0]]),
        "linear2.bias": torch.tensor([-30.0]),
    })  # fmt: skip
    check.close(network(torch.tensor([[2.0], [-3.0]])), torch.tensor([[-10.0], [270.0]]), what="output")


# t13.7 EncoderLayer

NORM_ORDERS = pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])


@NORM_ORDERS
@pytest.mark.exercise("EncoderLayer")
def test_encoder_layer_gives_what_pytorchs_gives(student, torch_rng, norm_first):
    """With the same weights, nn.TransformerEncoderLayer gives the same; its masks are True where ours are False."""
    ours = student.EncoderLayer(6, 3, 7, norm_first=norm_first).double()
    norms = {f"norm{number}.weight": normal(torch_rng, 6) for number in (1, 2)}  # they are all one at first
    ours.load_state_dict(ours.state_dict() | norms)
    options = {"dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    theirs = nn.TransformerEncoderLayer(6, 3, 7, **options).double()
    theirs.load_state_dict(in_pytorchs_names(ours.state_dict()))
    x, mask = normal(torch_rng, 2, 5, 6), torch.ones(5, 5, dtype=torch.bool).tril()
    check.close(ours(x, mask), theirs(x, src_mask=~mask), what="output")


@pytest.mark.exercise("EncoderLayer")
def test_encoder_layer_drops_what_sublayers_return(student, torch_rng):
    """With a dropout of 1, in training, nothing is left of both sublayers: a pre-norm layer returns x itself."""
    layer, x = (
        student.EncoderLayer(6, 3, 7, dropout=1.0, norm_first=True).double(),
        normal(torch_rng, 2, 5, 6),
    )
    check.close(layer(x), x, what="output in training")
    layer.eval()
    check.true(not torch.allclose(layer(x), x), "dropout is at work in eval mode as well")


# t13.8 DecoderLayer


@NORM_ORDERS
@pytest.mark.exercise("DecoderLayer")
def test_decoder_layer_gives_what_pytorchs_gives(student, torch_rng, norm_first):
    """With the same weights, nn.TransformerDecoderLayer gives the same; its masks are True where ours are False."""
    ours = student.DecoderLayer(6, 3, 7, norm_first=norm_first).double()
    options = {"dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    theirs = nn.TransformerDecoderLayer(6, 3, 7, **options).double()
    theirs.load_state_dict(in_pytorchs_names(ours.state_dict()))
    x, memory = normal(torch_rng, 2, 4, 6), normal(torch_rng, 2, 5, 6)
    self_mask, memory_mask = (torch.ones(4, length, dtype=torch.bool).tril() for length in (4, 5))
    expected = theirs(x, memory, tgt_mask=~self_mask, memory_mask=~memory_mask)
    check.close(ours(x, memory, self_mask, memory_mask), expected, what="output")


@pytest.mark.exercise("DecoderLayer")
def test_decoder_layer_drops_what_sublayers_return(student, torch_rng):
    """With a dropout of 1, in training, nothing is left of the three sublayers: a pre-norm layer returns x itself."""
    layer = student.DecoderLayer(6, 3, 7, dropout=1.0, norm_first=True).double()
    x, memory = normal(torch_rng, 2, 4, 6), normal(torch_rng, 2, 5, 6)
    check.close(layer(x, memory), x, what="output in training")


# t13.9 Transformer

SOURCE, INPUTS = torch.tensor([[3, 5, 4, 7], [6, 8, 0, 0]]), torch.tensor([[1, 9, 2], [1, 4, 0]])


def a_model(student, num_layers=1):
    return student.Transformer(10, 12, 6, 3, num_layers, 7).double()


@pytest.mark.exercise("Transformer")
def test_model_without_layers_embeds(student):
    """With no layer in the encoder, the memory is √D times the embeddings, plus the positions; pad is masked."""
    model = a_model(student, num_layers=0)
    memory, mask = model.encode(SOURCE)
    embeddings = model.state_dict()["source_embedding.weight"][SOURCE]
    expected = math.sqrt(6) * embeddings + student.sinusoidal_positions(4, 6)
    check.close(memory, expected, what="memory", atol=1e-5)
    check.equal(mask, SOURCE != 0, what="source mask")


@pytest.mark.exercise("Transformer")
def test_model_has_its_parts(student):
    """The state dict holds both embeddings, the layers of encoder and decoder, and the output."""
    state = a_model(student, num_layers=2).state_dict()
    parts = sorted({".".join(name.split(".")[:2]) for name in state})
    expected = ["decoder.0", "decoder.1", "encoder.0", "encoder.1", "output.bias", "output.weight"]
    expected += ["source_embedding.weight", "target_embedding.weight"]
    check.equal(parts, expected, what="the parts in the state dict")
    check.shape(state["target_embedding.weight"], (12, 6), what="target_embedding.weight")


@pytest.mark.exercise("Transformer")
def test_model_cannot_see_the_future(student):
    """Another last word changes the logits of the last position, and of no other."""
    model, others = a_model(student), INPUTS.clone()
    others[:, 2] = 11
    before, after = model(SOURCE, INPUTS), model(SOURCE, others)
    check.shape(before, (2, 3, 12), what="logits")
    check.close(after[:, :2], before[:, :2], what="logits of the first two positions")
    check.true(not torch.allclose(after[:, 2], before[:, 2]), "the last position does not see its own word")


@pytest.mark.exercise("Transformer")
def test_model_cannot_see_padding(student):
    """A source that is padded further gives the same logits."""
    model, further = a_model(student), F.pad(SOURCE, (0, 3))
    check.close(model(further, INPUTS), model(SOURCE, INPUTS), what="logits")


@pytest.mark.exercise("Transformer")
def test_model_cannot_see_padding_among_its_inputs(student):
    """Where the padding's own vector is another, the word behind it has the same logits."""
    model, inputs = a_model(student), torch.tensor([[1, 0, 4], [1, 0, 7]])
    before, state = model(SOURCE, inputs).detach(), model.state_dict()
    state["target_embedding.weight"][0] += torch.arange(6)
    model.load_state_dict(state)
    check.close(model(SOURCE, inputs)[:, 2].detach(), before[:, 2], what="logits behind the padding")


@pytest.mark.exercise("Transformer")
def test_model_ends_in_its_output_layer(student, torch_rng):
    """Where the matrix of `output` is zero, the logits of every word are its bias."""
    model, bias = a_model(student), normal(torch_rng, 12)
    state = model.state_dict()
    model.load_state_dict(state | {"output.weight": 0 * state["output.weight"], "output.bias": bias})
    check.close(model(SOURCE, INPUTS).detach(), bias.expand(2, 3, 12), what="logits")


# t13.10 noam_rate


@pytest.mark.exercise("noam_rate")
def test_rate_rises_then_falls(student):
    """With D = 16 and 4 steps of warm-up: 1/32 at steps 0 and 1, 1/8 at step 4 and half of that at step 16."""
    rates = [student.noam_rate(step, d_model=16, warmup=4) for step in (0, 1, 4, 16)]
    check.close(rates, [1 / 32, 1 / 32, 1 / 8, 1 / 16], what="the rates")


# t13.11 label_smoothing_loss


@pytest.mark.exercise("label_smoothing_loss")
def test_loss_of_a_worked_example(student):
    """Probabilities 1/8, 1/8, 1/4, 1/2 and ε = 0.2: in bits 0.1 · 3 + 0.1 · 2 + 0.8 · 1, and nothing for padding."""
    logits = torch.tensor([[[1.0, 1.0, 2.0, 4.0], [9.0, 8.0, 7.0, 6.0]]], dtype=torch.float64).log()
    loss = student.label_smoothing_loss(logits, torch.tensor([[3, 0]]), smoothing=0.2, pad=0)
    check.close(loss / math.log(2.0), torch.tensor(1.3, dtype=torch.float64), what="loss in bits")


@pytest.mark.exercise("label_smoothing_loss")
def test_loss_without_smoothing_is_the_cross_entropy(student, torch_rng):
    """With ε = 0 it is F.cross_entropy with padding ignored."""
    logits, targets = normal(torch_rng, 2, 3, 5), torch.tensor([[3, 1, 4], [2, 0, 0]])
    expected = F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=0)
    check.close(student.label_smoothing_loss(logits, targets, smoothing=0.0, pad=0), expected, what="loss")


@pytest.mark.exercise("label_smoothing_loss")
def test_loss_stays_finite(student):
    """A word that is e^−10000 times as likely as three others costs 10000 + ln 3, here by half; padding alone costs 0."""
    logits = torch.tensor([[[0.0, -10000.0, 0.0, 0.0]]], dtype=torch.float64)
    loss = student.label_smoothing_loss(logits, torch.tensor([[1]]), smoothing=0.5, pad=0)
    check.close(loss, torch.tensor(5000 + math.log(3), dtype=torch.float64), what="loss")
    nothing = student.label_smoothing_loss(logits, torch.tensor([[0]]), smoothing=0.5, pad=0)
    check.close(nothing, torch.tensor(0.0, dtype=torch.float64), what="loss of padding alone")
