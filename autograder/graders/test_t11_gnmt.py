"""Hidden graders of t11.

Oracles: the paper's own example, numbers worked by hand, loops over single numbers and words (`…_by_hand`), plain chains of
PyTorch's LSTM, exhaustive search over small models, gradients, and what must always hold.
"""

import itertools
import math

import pytest
import torch
from torch import nn

from attend.student import helpers as given
from attend.testing import check

D, H = 4, 5
TIGHT = {"rtol": 1e-9, "atol": 1e-10}
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # float32 has seven digits, and sums may cancel
UNMOVED = {"rtol": 1e-12, "atol": 1e-15}  # the same sum in another order
STEP = ("output", "states", "context", "weights")
BOS, EOS = 0, 1
INFINITY = math.inf
LOWEST = 1e-8  # what a source word's attention counts at the least


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def some_weights(torch_rng, T, S, dtype=torch.float64):
    """Rows that add up to one, some columns of which get little."""
    return (2 * normal(torch_rng, T, S)).softmax(dim=-1).to(dtype)


def detached(value):
    if isinstance(value, list | tuple):
        return type(value)(detached(part) for part in value)
    return value.detach()


# t11.1 wordpieces

SENTENCE = "Jet makers feud over seat width with big orders at stake"
PIECES = "_J et _makers _fe ud _over _seat _width _with _big _orders _at _stake"


def cut_by_hand(rest, vocabulary):
    """Recursively: the longest known beginning, then the rest; None where that gets stuck."""
    if not rest:
        return []
    known = [piece for piece in vocabulary if rest.startswith(piece)]
    if not known:
        return None
    longest = max(known, key=len)
    behind = cut_by_hand(rest[len(longest) :], vocabulary)
    return None if behind is None else [longest, *behind]


@pytest.mark.exercise("wordpieces")
@pytest.mark.parametrize("kind", [list, tuple, dict.fromkeys], ids=["list", "tuple", "dict"])
def test_the_sentence_of_the_paper(student, kind):
    """The example sentence of section 4.1, whatever kind of collection the vocabulary is."""
    vocabulary = kind([*dict.fromkeys(PIECES.split()), *"_f _o e t u d J over width makers _Jo".split()])
    pieces = [piece for word in SENTENCE.split() for piece in student.wordpieces(word, vocabulary)]
    check.equal(pieces, PIECES.split(), what="pieces")


@pytest.mark.exercise("wordpieces")
@pytest.mark.parametrize("word", ["abcd", "ab", "abcab", "a"])
def test_the_longest_piece_comes_first(student, word):
    """At every place the longest known piece is taken, also where shorter ones are known."""
    vocabulary = ["_a", "_ab", "_abc", "a", "b", "c", "d", "ab", "cd", "_abcdef"]
    check.equal(student.wordpieces(word, vocabulary), cut_by_hand(f"_{word}", vocabulary), what="pieces")


@pytest.mark.exercise("wordpieces")
def test_only_the_first_piece_carries_the_marker(student):
    """Pieces that begin a word and pieces that go on inside one are not the same."""
    vocabulary = ["_over", "over", "_sea", "_t", "t", "_makers", "makers", "_take", "take"]
    check.equal(student.wordpieces("takeover", vocabulary), ["_take", "over"], what="pieces of takeover")
    check.equal(student.wordpieces("overt", vocabulary), ["_over", "t"], what="pieces of overt")
    check.equal(student.wordpieces("makers", vocabulary), ["_makers"], what="pieces of makers")


@pytest.mark.exercise("wordpieces")
@pytest.mark.parametrize("word", ["zeud", "fezud", "feuz", "z", "ud"])
def test_a_word_with_something_unknown_is_unknown(student, word):
    """Where a word cannot be cut whole, at its beginning, in its middle or at its end, it is unknown altogether."""
    pieces = student.wordpieces(word, ["_fe", "_fez", "ud", "u", "d", "e"])
    check.equal(pieces, ["_fez", "ud"] if word == "fezud" else ["<unk>"], what="pieces")


@pytest.mark.exercise("wordpieces")
def test_the_unknown_word_is_as_asked(student):
    """`unknown` is what the call says."""
    check.equal(student.wordpieces("sea", ["_s", "a"], unknown="?"), ["?"], what="pieces")
    check.equal(student.wordpieces("sea", ["_s", "ea"], unknown="?"), ["_s", "ea"], what="pieces")


@pytest.mark.exercise("wordpieces")
def test_what_was_taken_is_not_given_back(student):
    """The cut goes from left to right once; a shorter piece that would have saved the word is not tried."""
    vocabulary = ["_ab", "_a", "bc", "_b", "c d"]
    check.equal(student.wordpieces("abc", vocabulary), ["<unk>"], what="pieces of abc")
    check.equal(student.wordpieces("abbc", vocabulary), ["_ab", "bc"], what="pieces of abbc")


@pytest.mark.exercise("wordpieces")
def test_random_words_agree_with_a_recursion(student, rng):
    """Forty random words over three letters, one of them with an accent, and a random vocabulary."""
    letters, vocabulary = "abé", []
    for length, count in ((1, 3), (2, 5), (3, 9)):
        for _ in range(count):
            piece = "".join(rng.choice(list(letters), length))
            vocabulary += [piece] if rng.random() < 0.6 else [f"_{piece}"]
    for _ in range(40):
        word = "".join(rng.choice(list(letters), rng.integers(1, 9)))
        expected = cut_by_hand(f"_{word}", vocabulary) or ["<unk>"]
        check.equal(student.wordpieces(word, vocabulary), expected, what="pieces")


# t11.2 length_penalty


@pytest.mark.exercise("length_penalty")
@pytest.mark.parametrize(
    ("length", "alpha", "expected"),
    [(7, 1.0, 2.0), (19, 0.5, 2.0), (1, 0.7, 1.0), (43, 2 / 3, 4.0), (13, 2.0, 9.0), (0, 1.0, 5 / 6)],
)
def test_length_penalties_worked_by_hand(student, length, alpha, expected):
    """Lengths at which the penalty is a plain number."""
    check.close(student.length_penalty(length, alpha), expected, what="length penalty", **TIGHT)


@pytest.mark.exercise("length_penalty")
@pytest.mark.parametrize("length", [0, 1, 2, 30, 5000])
def test_without_alpha_length_does_not_count(student, length):
    """With α = 0 the penalty of every length is 1."""
    check.close(student.length_penalty(length, 0.0), 1.0, what="length penalty", **TIGHT)


@pytest.mark.exercise("length_penalty")
def test_the_penalty_is_a_straight_line_at_one(student):
    """With α = 1 every further word adds a sixth."""
    penalties = [student.length_penalty(length, 1.0) for length in range(1, 9)]
    check.close(penalties, [1 + steps / 6 for steps in range(8)], what="length penalties", **TIGHT)


@pytest.mark.exercise("length_penalty")
def test_powers_multiply(student, rng):
    """The penalties for two values of α multiply to that of their sum; here beside a logarithm worked out apart."""
    for length in (2, 11, 60):
        first, second = rng.uniform(0.1, 1.0, size=2).tolist()
        expected = math.exp((first + second) * (math.log(5 + length) - math.log(6)))
        product = student.length_penalty(length, first) * student.length_penalty(length, second)
        check.close(product, expected, what="product of two length penalties", **TIGHT)
        check.close(student.length_penalty(length, first + second), expected, what="length penalty", **TIGHT)


# t11.3 coverage_penalty


def coverage_by_hand(weights, beta):
    total = 0.0
    for column in zip(*weights.tolist(), strict=True):
        total += math.log(min(max(sum(column), LOWEST), 1.0))
    return torch.tensor(beta * total, dtype=weights.dtype)


@pytest.mark.exercise("coverage_penalty")
def test_a_coverage_worked_by_hand(student):
    """Three target words on four source words, whose sums are 1/4, 1/2, 2 and 1/4."""
    rows = [[0.25, 0.25, 0.5, 0.0], [0.0, 0.25, 0.5, 0.25], [0.0, 0.0, 1.0, 0.0]]
    penalty = student.coverage_penalty(torch.tensor(rows, dtype=torch.float64), 0.5)
    check.close(penalty, torch.tensor(-2.5 * math.log(2), dtype=torch.float64), "coverage penalty", **TIGHT)


@pytest.mark.exercise("coverage_penalty")
@pytest.mark.parametrize(("T", "S"), [(3, 5), (6, 2), (1, 4), (4, 1), (1, 1)])
@pytest.mark.parametrize("beta", [0.2, 1.0])
def test_coverage_agrees_with_a_loop(student, torch_rng, T, S, beta):
    """Column by column: what a source word got, one at the most, as a logarithm."""
    weights = some_weights(torch_rng, T, S)
    penalty = student.coverage_penalty(weights, beta)
    check.close(penalty, coverage_by_hand(weights, beta), "coverage penalty", rtol=1e-6, atol=1e-7)


@pytest.mark.exercise("coverage_penalty")
def test_a_source_that_was_read_costs_nothing(student):
    """Every source word got a whole unit or more: no penalty, and no reward for more than one."""
    weights = torch.eye(4, dtype=torch.float64)[[2, 0, 3, 1, 1, 0]]
    check.close(
        student.coverage_penalty(weights, 1.0), torch.zeros((), dtype=torch.float64), "penalty", atol=1e-7
    )


@pytest.mark.exercise("coverage_penalty")
@pytest.mark.parametrize("forgotten", [1, 2])
def test_a_word_without_attention_costs_much_and_not_everything(student, forgotten):
    """A source word that got nothing counts as 1e-8: the penalty stays finite."""
    weights = torch.zeros(3, 2 + forgotten, dtype=torch.float64)
    weights[:, 0], weights[:, 1] = 0.5, 0.5
    expected = torch.tensor(0.3 * forgotten * math.log(LOWEST), dtype=torch.float64)
    check.close(student.coverage_penalty(weights, 0.3), expected, what="coverage penalty")


@pytest.mark.exercise("coverage_penalty")
def test_without_beta_coverage_does_not_count(student, torch_rng):
    """With β = 0 the penalty is 0, also where a source word got nothing."""
    weights = some_weights(torch_rng, 3, 4)
    weights[:, 2] = 0.0
    penalty = student.coverage_penalty(weights, 0.0)
    check.close(penalty, torch.zeros((), dtype=torch.float64), what="coverage penalty")


@pytest.mark.exercise("coverage_penalty")
def test_order_does_not_matter(student, torch_rng):
    """Target words in another order, and source words in another order, are covered as well as before."""
    weights = some_weights(torch_rng, 3, 5)
    shuffled = weights[[2, 0, 1]][:, [4, 2, 0, 3, 1]]
    check.close(
        student.coverage_penalty(shuffled, 0.7), coverage_by_hand(weights, 0.7), "coverage penalty", rtol=1e-6
    )


@pytest.mark.exercise("coverage_penalty")
def test_coverage_lets_gradients_through(student, torch_rng):
    """A weight's gradient is β over its word's sum; zero, and finite, where the sum is above one or nothing."""
    weights = some_weights(torch_rng, 3, 5) * 0.8
    weights[:, 1], weights[:, 3] = 0.9, 0.0
    weights[:, 0] = weights[:, 0] * 0.2
    weights.requires_grad_()
    student.coverage_penalty(weights, 0.4).backward()
    sums = weights.detach().sum(dim=0)
    expected = torch.where((sums > 0) & (sums < 1), 0.4 / sums, 0.0).expand(3, 5)
    check.true(weights.grad.isfinite().all(), "a gradient is NaN or infinite")
    # what a word without attention gets depends on how the floor is made; it is none of the four others
    check.close(weights.grad[:, [0, 1, 2, 4]], expected[:, [0, 1, 2, 4]], what="gradient", rtol=1e-6)


@pytest.mark.exercise("coverage_penalty")
def test_coverage_keeps_float32(student, torch_rng):
    """float32 weights give a float32 penalty, finite where a word got nothing."""
    weights = some_weights(torch_rng, 3, 4, torch.float32)
    weights[:, 1] = 0.0
    check.close(student.coverage_penalty(weights, 0.2), coverage_by_hand(weights, 0.2), "penalty", **FLOAT32)


# t11.4 hypothesis_score


def score_by_hand(log_prob, rows, alpha, beta):
    """Eq. 14 on plain numbers; `rows` has a row of weights for every word."""
    coverage = sum(math.log(min(max(sum(column), LOWEST), 1.0)) for column in zip(*rows, strict=True))
    return log_prob / ((5 + len(rows)) / 6) ** alpha + beta * coverage


@pytest.mark.exercise("hypothesis_score")
def test_a_score_worked_by_hand(student):
    """log P = −6 and seven words: −6 / 2, and a source word that got half: −3 − 2 ln 2."""
    weights = torch.zeros(7, 3, dtype=torch.float64)
    weights[:, 0], weights[0, 1], weights[1, 2], weights[2, 2] = 0.5, 0.5, 0.5, 0.5
    check.close(student.hypothesis_score(-6.0, 7, weights, 1.0, 2.0), -3 - 2 * math.log(2), "score", **TIGHT)


@pytest.mark.exercise("hypothesis_score")
@pytest.mark.parametrize(("T", "S"), [(4, 3), (1, 5), (9, 1), (1, 1)])
@pytest.mark.parametrize(("alpha", "beta"), [(0.2, 0.2), (1.0, 0.3), (0.7, 1.0)])
def test_score_agrees_with_plain_numbers(student, torch_rng, T, S, alpha, beta):
    """The log-probability over the length penalty, plus the coverage penalty, as a float."""
    weights, log_prob = some_weights(torch_rng, T, S), -3.7 * T
    expected = score_by_hand(log_prob, weights.tolist(), alpha, beta)
    score = student.hypothesis_score(log_prob, T, weights, alpha, beta)
    check.close(score, expected, what="score", rtol=1e-6, atol=1e-7)


@pytest.mark.exercise("hypothesis_score")
def test_without_penalties_the_score_is_the_log_probability(student, torch_rng):
    """With α = β = 0 nothing is changed, whatever the length and the attention."""
    weights = some_weights(torch_rng, 6, 4)
    weights[:, 1] = 0.0
    check.close(student.hypothesis_score(-12.5, 6, weights, 0.0, 0.0), -12.5, what="score", **TIGHT)


@pytest.mark.exercise("hypothesis_score")
def test_each_penalty_counts_alone(student, torch_rng):
    """Length alone divides; coverage alone is added, and no length makes it smaller."""
    weights = some_weights(torch_rng, 6, 4)
    alone = score_by_hand(-9.0, weights.tolist(), 0.6, 0.0), score_by_hand(-9.0, weights.tolist(), 0.0, 0.9)
    found = (
        student.hypothesis_score(-9.0, 6, weights, 0.6, 0.0),
        student.hypothesis_score(-9.0, 6, weights, 0.0, 0.9),
    )
    check.close(found, alone, what=("score without β", "score without α"), rtol=1e-6)


@pytest.mark.exercise("hypothesis_score")
def test_score_of_float32_weights_is_a_float(student, torch_rng):
    """float32 weights too give a plain float."""
    weights = some_weights(torch_rng, 3, 4, torch.float32)
    expected = score_by_hand(-2.0, weights.tolist(), 0.5, 0.5)
    check.close(student.hypothesis_score(-2.0, 3, weights, 0.5, 0.5), expected, what="score", **FLOAT32)


# t11.5 GNMTEncoder


def a_batch(torch_rng, lengths, width=None, dtype=torch.float64):
    """Random words; what stands at padding is as random as the rest."""
    inputs = normal(torch_rng, len(lengths), width or max(lengths), D).to(dtype)
    return inputs, torch.tensor(lengths)


def encoders(student, reference, num_layers=4, **options):
    return check.twin(student, reference, "GNMTEncoder", D, H, num_layers, **options)


@torch.no_grad()
def encoded_alone(module, words):
    """One sentence (S, D) through plain LSTMs with the module's weights, one after another: (S, H)."""
    state, x = module.state_dict(), words
    for number in itertools.count():
        own = {
            name.split(".", 2)[2]: value
            for name, value in state.items()
            if name.startswith(f"layers.{number}.")
        }
        if not own:
            return x
        size = own["weight_hh_l0"].shape[1]
        layer = nn.LSTM(x.shape[1], size, bidirectional=number == 0, dtype=x.dtype)
        layer.load_state_dict(own)
        output = layer(x)[0]
        x = output if number < 2 else output + x


@torch.no_grad()
def encoded_by_hand(module, words):
    """The same without any LSTM of PyTorch's: gates written out, word by word."""

    def read(words, state, number, suffix=""):
        W_ih, W_hh, b_ih, b_hh = (
            state[f"layers.{number}.{part}_l0{suffix}"]
            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        h, c, outputs = words.new_zeros(H), words.new_zeros(H), []
        for word in words:
            i, f, g, o = (W_ih @ word + W_hh @ h + b_ih + b_hh).chunk(4)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        return torch.stack(outputs)

    state = module.state_dict()
    x = torch.cat([read(words, state, 0), read(words.flip(0), state, 0, "_reverse").flip(0)], dim=-1)
    x = read(x, state, 1)
    for number in range(2, 1 + max(int(name.split(".")[1]) for name in state)):
        x = x + read(x, state, number)
    return x


LSTM = {"weight_ih": (4 * H,), "weight_hh": (4 * H, H), "bias_ih": (4 * H,), "bias_hh": (4 * H,)}


def an_lstm(prefix, input_size, suffix=""):
    """The names and shapes of one direction of an LSTM, or of a cell."""
    shapes = {f"{prefix}.{part}{suffix}": shape for part, shape in LSTM.items()}
    return shapes | {f"{prefix}.weight_ih{suffix}": (4 * H, input_size)}


def shapes_of(handle):
    return {name: tuple(value.shape) for name, value in sorted(handle.state_dict().items())}


@pytest.mark.exercise("GNMTEncoder")
def test_the_encoder_learns_one_layer_both_ways(student):
    """The state dict holds a bidirectional LSTM, one that reads both its halves, and plain ones above."""
    expected = an_lstm("layers.0", D, "_l0") | an_lstm("layers.0", D, "_l0_reverse")
    expected |= an_lstm("layers.1", 2 * H, "_l0")
    expected |= an_lstm("layers.2", H, "_l0") | an_lstm("layers.3", H, "_l0")
    shapes = shapes_of(student.GNMTEncoder(D, H, 4))
    check.equal(shapes, dict(sorted(expected.items())), what="the state dict")


@pytest.mark.exercise("GNMTEncoder")
@pytest.mark.parametrize("num_layers", [2, 3, 4, 6])
def test_encoder_is_a_chain_of_plain_lstms(student, reference, torch_rng, num_layers):
    """PyTorch's LSTMs one after another, sentence by sentence, the input added from the third on."""
    handle, module = encoders(student, reference, num_layers)
    inputs, lengths = a_batch(torch_rng, (3, 6, 1))
    expected = torch.zeros(3, 6, H, dtype=torch.float64)
    for b, length in enumerate(lengths.tolist()):
        expected[b, :length] = encoded_alone(module, inputs[b, :length])
    check.close(handle(inputs, lengths).detach(), expected, what="annotations", **TIGHT)


@pytest.mark.exercise("GNMTEncoder")
@pytest.mark.parametrize("input_size", [4, 8], ids=["D = H = B = S", "D = 2 H"])
def test_sizes_that_agree_by_chance_mean_nothing(student, reference, torch_rng, input_size):
    """Where a layer's input happens to be as long as its output, residuals begin at the third layer all the same."""
    handle, module = check.twin(student, reference, "GNMTEncoder", input_size, 4, 4)
    inputs, lengths = normal(torch_rng, 4, 4, input_size), torch.full((4,), 4)
    expected = torch.stack([encoded_alone(module, words) for words in inputs])
    check.close(handle(inputs, lengths).detach(), expected, what="annotations", **TIGHT)


@pytest.mark.exercise("GNMTEncoder")
@pytest.mark.parametrize("length", [1, 5])
def test_encoder_agrees_with_gates_written_out(student, reference, torch_rng, length):
    """One sentence, word by word and gate by gate."""
    handle, module = encoders(student, reference)
    inputs, lengths = a_batch(torch_rng, (length,))
    expected = encoded_by_hand(module, inputs[0]).unsqueeze(0)
    check.close(handle(inputs, lengths).detach(), expected, what="annotations", **TIGHT)


@pytest.mark.exercise("GNMTEncoder")
@pytest.mark.parametrize("num_layers", [3, 4, 5])
def test_a_top_layer_of_zeros_hands_on_what_it_gets(student, reference, torch_rng, num_layers):
    """An LSTM whose weights are all zero says zero: only what is added to it is left."""
    handle, module = encoders(student, reference, num_layers)
    for parameter in module.layers[num_layers - 1].parameters():
        parameter.data.zero_()
    handle.load_state_dict(module.state_dict())
    inputs, lengths = a_batch(torch_rng, (4,))
    below = encoded_alone(module, inputs[0])
    check.true(below.abs().max() > 0.01, "the layers below say nothing")
    check.close(handle(inputs, lengths)[0].detach(), below, what="annotations", **TIGHT)


@pytest.mark.exercise("GNMTEncoder")
def test_encoder_has_the_right_gradients(student, reference, torch_rng):
    """Inputs and every parameter get their gradients, to nine digits."""
    inputs, lengths = a_batch(torch_rng, (2, 5, 3))
    check.agrees(*encoders(student, reference), inputs.requires_grad_(), lengths, what="annotations", **TIGHT)


@pytest.mark.exercise("GNMTEncoder")
def test_a_second_sentence_leaves_the_first_as_it_was(student, reference, torch_rng):
    """After a second call on other words, the gradients through the first are still those of the first."""
    handle, module = encoders(student, reference, 3)
    inputs, lengths = a_batch(torch_rng, (4, 2))
    first, second = inputs.requires_grad_(), normal(torch_rng, 2, 4, D)
    gradients = []
    for encoder in (handle, module):
        annotations = encoder(first, lengths)
        encoder(second, lengths)
        gradients.append(torch.autograd.grad(annotations.square().sum(), first)[0])
    check.close(*gradients, what="the gradient of the first call's inputs", **TIGHT)


@pytest.mark.exercise("GNMTEncoder")
def test_padding_does_not_matter(student, reference, torch_rng):
    """Padded further, with any numbers, a batch has the same annotations, and zeros behind them."""
    handle, module = encoders(student, reference)
    inputs, lengths = a_batch(torch_rng, (4, 2), width=7)
    inputs[0, 1] = 0.0  # a word like others: the lengths alone say what is padding
    annotations = handle(inputs, lengths).detach()
    check.shape(annotations, (2, 7, H), what="annotations")
    for b, length in enumerate(lengths.tolist()):
        alone = encoded_alone(module, inputs[b, :length])
        check.close(annotations[b, :length], alone, what="annotations of real words", **TIGHT)
        zeros = torch.zeros(7 - length, H, dtype=torch.float64)
        check.equal(annotations[b, length:], zeros, what="annotations of padding")


@pytest.mark.exercise("GNMTEncoder")
def test_order_of_the_batch_does_not_matter(student, reference, torch_rng):
    """Sentences in another order give the same annotations in that order."""
    handle, module = encoders(student, reference)
    inputs, lengths = a_batch(torch_rng, (2, 5, 1, 4))
    order = torch.tensor([2, 0, 3, 1])
    annotations = handle(inputs[order], lengths[order]).detach()
    for b, which in enumerate(order.tolist()):
        alone = encoded_alone(module, inputs[which, : lengths[which]])
        check.close(annotations[b, : lengths[which]], alone, what="annotations", **TIGHT)


@pytest.mark.exercise("GNMTEncoder")
@pytest.mark.parametrize("num_layers", [0, 1])
def test_too_few_layers_are_refused(student, num_layers):
    """An encoder of fewer than two layers raises ValueError; one of two does not."""
    student.GNMTEncoder(D, H, 2)
    with pytest.raises(ValueError):
        student.GNMTEncoder(D, H, num_layers)


@pytest.mark.exercise("GNMTEncoder")
def test_encoder_keeps_float32(student, reference, torch_rng):
    """float32 weights and words give float32 annotations."""
    handle, module = encoders(student, reference, dtype=torch.float32)
    inputs, lengths = a_batch(torch_rng, (3, 1), dtype=torch.float32)
    check.agrees(handle, module, inputs, lengths, what="annotations", gradients=False, **FLOAT32)


# t11.6 GNMTDecoder


def decoders(student, reference, num_layers=4, **options):
    return check.twin(student, reference, "GNMTDecoder", D, H, num_layers, **options)


def a_mask(torch_rng, B, S):
    """A random mask that hides the last place and allows the first."""
    mask = torch.rand(B, S, generator=torch_rng) < 0.6
    mask[:, 0], mask[:, -1] = True, S == 1
    return mask


def for_step(torch_rng, num_layers=4, B=2, S=6):
    """Arguments of `step`; `decoders` fits them."""
    return {
        "embedding": normal(torch_rng, B, D),
        "states": [(normal(torch_rng, B, H), normal(torch_rng, B, H)) for _ in range(num_layers)],
        "context": normal(torch_rng, B, H),
        "annotations": normal(torch_rng, B, S, H),
        "mask": a_mask(torch_rng, B, S),
    }


def attended_by_hand(module, query, annotations, mask):
    """The additive attention of one sentence, weight by weight: context (H,) and weights (S,)."""
    W_q, W_k, v = module.W_q.weight, module.W_k.weight, module.v.weight[0]
    scores = [float(v @ torch.tanh(W_q @ query + W_k @ annotation)) for annotation in annotations]
    allowed = [s for s in range(len(scores)) if mask is None or mask[s]]
    highest = max((scores[s] for s in allowed), default=0.0)
    raised = [math.exp(scores[s] - highest) if s in allowed else 0.0 for s in range(len(scores))]
    weights = [value / (sum(raised) or 1.0) for value in raised]
    context = sum(weight * annotation for weight, annotation in zip(weights, annotations, strict=True))
    return context, torch.tensor(weights, dtype=torch.float64)


@torch.no_grad()
def step_by_hand(module, embedding, states, context, annotations, mask):
    """One sentence after another, one of PyTorch's cells after another."""
    own = module.state_dict()
    results = []
    for b in range(len(embedding)):
        x, news = embedding[b], []
        for number, (h, c) in enumerate(states):
            cell = nn.LSTMCell(len(x) + H, H, dtype=torch.float64)
            cell.load_state_dict(
                {
                    part: own[f"layers.{number}.{part}"]
                    for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                }
            )
            news.append(cell(torch.cat([x, context[b]]), (h[b], c[b])))
            x = news[-1][0] if number < 2 else news[-1][0] + x
        attended = attended_by_hand(module, news[0][0], annotations[b], None if mask is None else mask[b])
        results.append((x, news, *attended))
    outputs, news, contexts, weights = zip(*results, strict=True)
    joined = [tuple(map(torch.stack, zip(*layer, strict=True))) for layer in zip(*news, strict=True)]
    return torch.stack(outputs), joined, torch.stack(contexts), torch.stack(weights)


@pytest.mark.exercise("GNMTDecoder")
def test_the_decoder_learns_cells_that_read_the_context(student):
    """The state dict holds cells that read H numbers more than their input, and three matrices without bias."""
    expected = an_lstm("layers.0", D + H) | an_lstm("layers.1", 2 * H) | an_lstm("layers.2", 2 * H)
    expected |= {"W_q.weight": (H, H), "W_k.weight": (H, H), "v.weight": (1, H)}
    shapes = shapes_of(student.GNMTDecoder(D, H, 3))
    check.equal(shapes, dict(sorted(expected.items())), what="the state dict")


@pytest.mark.exercise("GNMTDecoder")
@pytest.mark.parametrize(("num_layers", "B", "S"), [(4, 2, 6), (1, 3, 4), (2, 1, 3), (3, 3, 1), (6, 1, 1)])
def test_step_agrees_with_a_loop(student, reference, torch_rng, num_layers, B, S):
    """Cells, residuals and attention do what the docstring's equations say."""
    handle, module = decoders(student, reference, num_layers)
    arguments = for_step(torch_rng, num_layers, B, S)
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


@pytest.mark.exercise("GNMTDecoder")
def test_three_steps_in_a_row(student, reference, torch_rng):
    """States and context are handed on as they came back; the first context is zero."""
    handle, module = decoders(student, reference, num_layers=3)
    arguments = for_step(torch_rng, num_layers=3) | {"context": torch.zeros(2, H, dtype=torch.float64)}
    theirs, ours = dict(arguments), dict(arguments)
    for _ in range(3):
        word = normal(torch_rng, 2, D)
        found = detached(handle.step(**ours | {"embedding": word}))
        expected = step_by_hand(module, **theirs | {"embedding": word})
        check.close(found, expected, what=STEP, **TIGHT)
        ours |= {"states": found[1], "context": found[2]}
        theirs |= {"states": expected[1], "context": expected[2]}


@pytest.mark.exercise("GNMTDecoder")
def test_the_new_context_is_for_the_next_step(student, reference, torch_rng):
    """Other annotations change what comes back as context, and not this step's output or states."""
    handle, module = decoders(student, reference)
    arguments = for_step(torch_rng)
    expected = step_by_hand(module, **arguments)
    changed = arguments | {"annotations": normal(torch_rng, 2, 6, H)}
    output, states, context, _ = detached(handle.step(**changed))
    check.close((output, states), expected[:2], what=STEP[:2], **TIGHT)
    check.true((context - expected[2]).abs().max() > 1e-3, "the context does not come from the annotations")


@pytest.mark.exercise("GNMTDecoder")
def test_step_without_a_mask_allows_everything(student, reference, torch_rng):
    """None allows every place."""
    handle, module = decoders(student, reference)
    arguments = for_step(torch_rng) | {"mask": None}
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


@pytest.mark.exercise("GNMTDecoder")
def test_step_never_sees_what_the_mask_hides(student, reference, torch_rng):
    """Other hidden annotations change none of the results."""
    handle, _ = decoders(student, reference)
    arguments = for_step(torch_rng)
    before = detached(handle.step(**arguments))
    check.equal(before[3][~arguments["mask"]].sum().item(), 0.0, what="weights of what the mask hides")
    arguments["annotations"] = torch.where(arguments["mask"][..., None], arguments["annotations"], 50.0)
    check.close(detached(handle.step(**arguments)), before, what=STEP, **UNMOVED)


def leaves(arguments):
    """The floating tensors of `arguments`, now with gradients."""
    found = [arguments[name] for name in ("embedding", "context", "annotations")]
    found += [tensor for state in arguments["states"] for tensor in state]
    return [tensor.requires_grad_() for tensor in found]


def same_gradients(handle, module, torch_rng, arguments):
    """The gradients of every input and every parameter through all results of a step agree."""
    own, theirs = dict(handle.named_parameters()), dict(module.named_parameters())
    inputs = leaves(arguments)

    def flat(results):
        output, states, context, weights = results
        return [output, *(part for state in states for part in state), context, weights]

    expected, found = flat(module.step(**arguments)), flat(handle.step(**arguments))
    cotangents = [normal(torch_rng, *result.shape) for result in expected]
    check.true(all(result.requires_grad for result in found), "a result has lost its gradient")
    right = torch.autograd.grad(expected, [*inputs, *theirs.values()], cotangents)
    mine = torch.autograd.grad(found, [*inputs, *(own[name] for name in theirs)], cotangents)
    check.true(all(gradient.isfinite().all() for gradient in mine), "a gradient is NaN or infinite")
    check.close(list(mine), list(right), what="gradients", **TIGHT)


@pytest.mark.exercise("GNMTDecoder")
def test_step_has_the_right_gradients(student, reference, torch_rng):
    """Every input and every parameter gets its gradient, to nine digits."""
    same_gradients(*decoders(student, reference), torch_rng, for_step(torch_rng))


@pytest.mark.exercise("GNMTDecoder")
def test_gradients_flow_from_step_to_step(student, reference, torch_rng):
    """The second step depends on the first one's word through states and context, and leaves the first as it was."""
    handle, module = decoders(student, reference, num_layers=3)
    arguments, word = for_step(torch_rng, num_layers=3), normal(torch_rng, 2, D)
    inputs, gradients = leaves(arguments), []
    for decoder in (handle, module):
        first, states, context, _ = decoder.step(**arguments)
        second, *_ = decoder.step(**arguments | {"embedding": word, "states": states, "context": context})
        gradients.append(torch.autograd.grad(first.square().sum() + second.square().sum(), inputs))
    check.close(*map(list, gradients), what="gradients through two steps", **TIGHT)


@pytest.mark.exercise("GNMTDecoder")
def test_step_where_nothing_is_allowed(student, reference, torch_rng):
    """Weights and context are zero, and the output is not touched by it."""
    handle, module = decoders(student, reference)
    # tanh is ±1 and v whole: a large number added to scores and taken off again gives exactly the same scores
    module.W_k.weight.data *= 1e5
    module.v.weight.data = (9 * module.v.weight.data).round()
    handle.load_state_dict(module.state_dict())
    arguments = for_step(torch_rng)
    arguments["mask"][1] = False
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


@pytest.mark.exercise("GNMTDecoder")
def test_gradients_where_nothing_is_allowed(student, reference, torch_rng):
    """Where nothing is allowed the gradients stay finite, and its neighbours have theirs."""
    handle, module = decoders(student, reference)
    arguments = for_step(torch_rng)
    arguments["mask"][1] = False
    same_gradients(handle, module, torch_rng, arguments)


@pytest.mark.exercise("GNMTDecoder")
def test_low_scores_share_everything_beside_high_hidden_ones(student, reference, torch_rng):
    """Allowed scores of −100,000 receive the whole unit beside hidden scores of +10,000 and of 0."""
    handle, module = decoders(student, reference, num_layers=1)
    module.W_q.weight.data.zero_()
    module.W_k.weight.data = 30 * torch.eye(H, dtype=torch.float64)
    module.v.weight.data = torch.tensor([[1e4, -1e5, 2 * math.log(3.0), 0.0, 0.0]], dtype=torch.float64)
    handle.load_state_dict(module.state_dict())
    annotations = torch.zeros(1, 4, H, dtype=torch.float64)
    annotations[0, 0, 0], annotations[0, 1:3, 1], annotations[0, 2, 2] = 1.0, 1.0, math.log(3.0) / 60
    arguments = for_step(torch_rng, 1, B=1) | {"annotations": annotations}
    arguments["mask"] = torch.tensor([[False, True, True, False]])
    expected = torch.tensor([[0.0, 0.25, 0.75, 0.0]], dtype=torch.float64)
    check.close(detached(handle.step(**arguments))[3], expected, what="weights")


@pytest.mark.exercise("GNMTDecoder")
def test_step_where_all_sizes_are_equal(student, reference, torch_rng):
    """With D = H = B = S, residuals begin at the third layer all the same, and every axis keeps its meaning."""
    handle, module = check.twin(student, reference, "GNMTDecoder", H, H, 4)
    arguments = for_step(torch_rng, B=H, S=H) | {"embedding": normal(torch_rng, H, H)}
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


@pytest.mark.exercise("GNMTDecoder")
def test_step_with_extreme_scores(student, reference, torch_rng):
    """Scores of ±10,000 overflow nothing: the best place gets everything."""
    handle, module = decoders(student, reference)
    module.v.weight.data *= 1e5
    handle.load_state_dict(module.state_dict())
    arguments = for_step(torch_rng)
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, rtol=1e-6)


@pytest.mark.exercise("GNMTDecoder")
def test_step_keeps_float32(student, reference, torch_rng):
    """float32 weights and inputs give float32 results."""
    handle, module = decoders(student, reference, dtype=torch.float32)
    arguments = for_step(torch_rng)
    arguments |= {name: arguments[name].float() for name in ("embedding", "context", "annotations")}
    arguments["states"] = [(h.float(), c.float()) for h, c in arguments["states"]]
    expected = detached(module.step(**arguments))
    check.close(detached(handle.step(**arguments)), expected, what=STEP, **FLOAT32)


# t11.7 beam_search


def a_language(torch_rng, words=5, places=4):
    """A random model in which the last two words decide: log-probabilities (V, V, V) of the next, weights (V, V, S).

    Word 0 is bos, which never comes again, and word 1 is eos.
    """
    logits = 1.5 * normal(torch_rng, words, words, words)
    logits[..., BOS] = -INFINITY
    looks = 2.5 * normal(torch_rng, words, words, places)
    return logits.log_softmax(dim=-1), looks.softmax(dim=-1)


def a_step(student, language):
    """A step for `beam_search`, and its first state; the word before the last one is known by the state alone."""
    return student.given.TableStep(*language), given.TableStep.start()


def in_lists(language):
    """The same numbers as nested lists, which are read one by one much faster than a tensor's."""
    return [part.tolist() for part in language]


def walk(language, sentence):
    """The log-probability of a sentence, which may end in eos, and a row of weights for each of its words."""
    table, looks = language
    path, total, rows = [BOS, BOS, *sentence], 0.0, []
    for before, last, word in zip(path, path[1:], path[2:], strict=False):
        total += table[before][last][word]
        rows.append(looks[before][last])
    return total, rows


def within(language, sentence, prune):
    """Whether no word of a sentence is more than `prune` below the best word of its place."""
    path = [BOS, BOS, *sentence]
    places = zip(path, path[1:], path[2:], strict=False)
    return all(
        language[0][before][last][word] >= max(language[0][before][last]) - prune
        for before, last, word in places
    )


def judged(language, sentences, alpha, beta, prune):
    """Finished and open sentences with their scores, best first; finished ones far below the best are left out."""
    scored = [(one, score_by_hand(*walk(language, one), alpha, beta)) for one in sentences]
    best = max((score for one, score in scored if one[-1:] == [EOS]), default=0.0)
    kept = [(one, score) for one, score in scored if one[-1:] != [EOS] or score >= best - prune]
    plain = [([word for word in one if word != EOS], score) for one, score in kept]
    return sorted(plain, key=lambda hypothesis: -hypothesis[1])


def exhaustive_by_hand(language, max_len, alpha, beta, prune):
    """Every sentence of at most `max_len` words that no pruning forbids, best first."""
    language = in_lists(language)
    words = range(EOS + 1, len(language[0]))
    sentences = []
    for length in range(max_len + 1):
        for sentence in itertools.product(words, repeat=length):
            sentences.append([*sentence] + ([EOS] if length < max_len else []))
    allowed = [sentence for sentence in sentences if within(language, sentence, prune)]
    return judged(language, allowed, alpha, beta, prune)


def beam_by_hand(language, beam_size, max_len, alpha, beta, prune):
    """Whole sentences in plain lists, each worked out from its beginning every time."""
    language = in_lists(language)
    finished, live = [], [[]]
    for _ in range(max_len):
        longer = [[*words, token] for words in live for token in range(EOS, len(language[0]))]
        longer = [words for words in longer if within(language, words, prune)]
        longer.sort(key=lambda words: -walk(language, words)[0])
        kept = longer[: beam_size - len(finished)]
        finished += [words for words in kept if words[-1] == EOS]
        live = [words for words in kept if words[-1] != EOS]
    return judged(language, finished + live, alpha, beta, prune)


def a_table(student, rows, looks):
    """A step that looks up the last word alone; probabilities and weights, a row for each word."""
    rows, looks = (torch.tensor(each, dtype=torch.float64) for each in (rows, looks))
    return a_step(student, (rows.log(), looks))


PENALTIES = pytest.mark.parametrize(("alpha", "beta"), [(0.0, 0.0), (1.0, 0.0), (0.0, 0.4), (0.6, 0.2)])


@PENALTIES
@pytest.mark.exercise("beam_search")
def test_a_wide_beam_is_exhaustive_search(student, torch_rng, alpha, beta):
    """With room for everything and nothing pruned the beam ranks all sentences, finished or open, by their score."""
    language = a_language(torch_rng)
    expected = exhaustive_by_hand(language, 4, alpha, beta, INFINITY)
    found = student.beam_search(*a_step(student, language), BOS, EOS, 200, 4, alpha, beta, INFINITY)
    check.close(found, expected, what="hypotheses", rtol=1e-6, atol=1e-7)


@PENALTIES
@pytest.mark.exercise("beam_search")
@pytest.mark.parametrize("prune", [0.8, 2.0])
def test_a_wide_beam_prunes_as_exhaustive_search_does(student, torch_rng, alpha, beta, prune):
    """Words too far below the best of their place are not taken, and finished sentences too far down not returned."""
    language = a_language(torch_rng)
    expected = exhaustive_by_hand(language, 4, alpha, beta, prune)
    found = student.beam_search(*a_step(student, language), BOS, EOS, 200, 4, alpha, beta, prune)
    check.close(found, expected, what="hypotheses", rtol=1e-6, atol=1e-7)


@pytest.mark.exercise("beam_search")
@pytest.mark.parametrize("beam_size", [1, 2, 3, 6])
@pytest.mark.parametrize(
    ("alpha", "beta", "prune"), [(0.0, 0.0, INFINITY), (0.6, 2.0, INFINITY), (1.0, 1.5, 1.5)]
)
def test_a_narrow_beam_agrees_with_plain_lists(student, torch_rng, beam_size, alpha, beta, prune):
    """Beginnings compete by probability alone; the penalties judge what comes out."""
    language = a_language(torch_rng, words=7)
    expected = beam_by_hand(language, beam_size, 6, alpha, beta, prune)
    found = student.beam_search(*a_step(student, language), BOS, EOS, beam_size, 6, alpha, beta, prune)
    check.close(found, expected, what="hypotheses", rtol=1e-6, atol=1e-7)


@pytest.mark.exercise("beam_search")
def test_a_ranking_worked_by_hand(student):
    """The likelier sentence is short and has not looked at the second word: with penalties the longer one wins."""
    rows = [[0, 0, 0.7, 0.3], [0, 0, 0, 0], [0, 1, 0, 0], [0, 0.4, 0.6, 0]]
    looks = [[1.0, 0.0], [0.0, 0.0], [0.8, 0.2], [0.3, 0.7]]
    # 3 2 eos: log 0.18, covers 1 and 0.9; 2 eos: log 0.7, covers 1 and 0.2; 3 eos: log 0.12, covers 1 and 0.7
    expected = [
        ([3, 2], math.log(0.18) / (8 / 6) + math.log(0.9)),
        ([2], math.log(0.7) / (7 / 6) + math.log(0.2)),
        ([3], math.log(0.12) / (7 / 6) + math.log(0.7)),
    ]
    found = student.beam_search(*a_table(student, rows, looks), BOS, EOS, 4, 5, 1.0, 1.0)
    check.close(found, expected, what="hypotheses", rtol=1e-6, atol=1e-7)
    found = student.beam_search(*a_table(student, rows, looks), BOS, EOS, 4, 5, 0.0, 0.0)
    plain = [([2], math.log(0.7)), ([3, 2], math.log(0.18)), ([3], math.log(0.12))]
    check.close(found, plain, what="hypotheses without penalties", rtol=1e-6, atol=1e-7)


@pytest.mark.exercise("beam_search")
@pytest.mark.parametrize("beta", [0.5, 2.0])
def test_coverage_steers_no_beginning(student, beta):
    """A beginning that has not read the second word yet is kept for its probability; both read it in the end."""
    rows = [[0.0, 0, 0.55, 0.45, 0, 0], [0] * 6, [0, 0, 0, 0, 0.6, 0.4], [0, 0, 0, 0, 0.9, 0.1]]
    rows += [[0.0, 1, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]
    looks = [[1.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.0, 1.0]]
    found = student.beam_search(*a_table(student, rows, looks), BOS, EOS, 2, 5, 0.0, beta)
    expected = [([3, 4], math.log(0.45 * 0.9)), ([2, 4], math.log(0.55 * 0.6))]
    check.close(found, expected, what="hypotheses", rtol=1e-6, atol=1e-7)


@pytest.mark.exercise("beam_search")
@pytest.mark.parametrize(("gap", "expected"), [(2.0, [[2, 2], [2, 3]]), (2.0625, [[2, 2]])])
def test_a_token_is_judged_within_its_own_row(student, gap, expected):
    """Exactly `prune` below the best of its hypothesis a word stays, a little further it goes, whatever the others say."""
    table = torch.full((4, 4), -INFINITY, dtype=torch.float64)
    table[0, 2], table[0, 3], table[3, 3] = -1.0, -1.5, -20.0
    table[2, 2], table[2, 3] = -1.0, -1.0 - gap
    step = a_step(student, (table, torch.ones(4, 1, dtype=torch.float64)))
    found = student.beam_search(*step, BOS, EOS, 8, 2, 0.0, 0.0, 2.0)
    check.equal([words for words, _ in found], [*expected, [3, 3]], what="sentences")


@pytest.mark.exercise("beam_search")
def test_finished_sentences_far_below_the_best_are_dropped(student):
    """The score decides, exactly `prune` below the best is still good enough, and open sentences are not touched."""
    rows = torch.full((5, 5), -INFINITY, dtype=torch.float64)
    rows[0, 1], rows[0, 2], rows[0, 3] = -2.0, -1.0, -1.5
    rows[2, 1], rows[3, 1], rows[3, 4], rows[4, 4] = 0.0, -1.75, -1.75, -1.75
    step = a_step(student, (rows, torch.ones(5, 1, dtype=torch.float64)))
    found = student.beam_search(*step, BOS, EOS, 9, 4, 0.0, 0.0, 2.25)
    expected = [([2], -1.0), ([], -2.0), ([3], -3.25), ([3, 4, 4, 4], -6.75)]
    check.close(found, expected, what="hypotheses", rtol=1e-9)
    found = student.beam_search(*step, BOS, EOS, 9, 4, 0.0, 0.0, 2.0)
    check.close(found, [expected[0], expected[1], expected[3]], what="hypotheses", rtol=1e-9)


@pytest.mark.exercise("beam_search")
def test_what_is_pruned_leaves_its_room_empty(student):
    """The beam is not filled up with words that were dropped, and a finished sentence takes its room for good."""
    rows = [
        [0.0, 0.01, 0.5, 0.49, 0],
        [0, 1, 0, 0, 0],
        [0, 0.1, 0, 0, 0.9],
        [0, 0.98, 0, 0, 0.02],
        [0, 1, 0, 0, 0],
    ]
    looks = [[1.0, 0.0], [0, 0], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    found = student.beam_search(*a_table(student, rows, looks), BOS, EOS, 2, 5, 0.0, 0.1)
    half = 0.1 * math.log(0.5)
    expected = [([2, 4], math.log(0.45)), ([3], math.log(0.49 * 0.98) + half)]
    check.close(found, expected, what="hypotheses of a beam of 2", rtol=1e-6, atol=1e-7)
    found = student.beam_search(*a_table(student, rows, looks), BOS, EOS, 5, 5, 0.0, 0.1)
    expected.append(([2], math.log(0.05) + half))
    check.close(found, expected, what="hypotheses of a beam of 5", rtol=1e-6, atol=1e-7)


@pytest.mark.exercise("beam_search")
def test_prune_is_three_where_nothing_is_said(student):
    """A word 2.9 below the best is taken, one 3.1 below is not."""
    table = torch.tensor([[-INFINITY, 0.0, -2.9, -3.1], *[[-INFINITY, 0, -9, -9]] * 3], dtype=torch.float64)
    step = a_step(student, (table, torch.ones(4, 2, dtype=torch.float64)))
    found = student.beam_search(*step, BOS, EOS, 4, 5, 0.0, 0.0)
    check.close(found, [([], 0.0), ([2], -2.9)], what="hypotheses", rtol=1e-9)


@pytest.mark.exercise("beam_search")
def test_a_model_that_never_ends(student):
    """Open sentences are scored at their length; equal ones come in the order of parent, then token."""
    step = a_table(student, [[0.0, 0, 0.5, 0.5]] * 4, [[0.5, 0.25]] * 4)
    found = student.beam_search(*step, BOS, EOS, 3, 2, 1.0, 1.0)
    score = 2 * math.log(0.5) / (7 / 6) + math.log(0.5)
    expected = [([2, 2], score), ([2, 3], score), ([3, 2], score)]
    check.close(found, expected, what="hypotheses", rtol=1e-6, atol=1e-7)


@pytest.mark.exercise("beam_search")
def test_no_word_is_no_sentence(student, torch_rng):
    """With `max_len` 0 nothing is asked: the empty sentence, whose score is 0."""
    # α is 0: a wrong length penalty of no word may be 0, and to divide by it is not this exercise's mistake
    found = student.beam_search(*a_step(student, a_language(torch_rng)), BOS, EOS, 3, 0, 0.0, 0.2)
    check.close(found, [([], 0.0)], what="hypotheses")


@pytest.mark.exercise("beam_search")
def test_many_small_probabilities_do_not_underflow(student):
    """Sixty words of probability 1e-6 have a log-probability of −360 ln 10, not −∞."""
    rows = [[0.0, 1e-30, 1e-6, 0.9e-6]] * 4
    ((words, score), *_) = student.beam_search(
        *a_table(student, rows, [[1.0]] * 4), BOS, EOS, 1, 60, 0.5, 0.0
    )
    check.equal(len(words), 60, what="number of words")
    check.close(score, 60 * math.log(1e-6) / math.sqrt(65 / 6), what="score", rtol=1e-9)


@pytest.mark.exercise("beam_search")
def test_a_decoder_with_attention_is_searched(student):
    """A small model that really attends: every hypothesis goes on with its own state, context and weights."""
    with check.seeded(11):
        decoder = given.TinyDecoder(6, 4, 5, 3).double()
        annotations, first = torch.randn(1, 4, 3).double(), torch.randn(1, 5).double()
    for parameter in decoder.parameters():
        parameter.data *= 2.5

    @torch.no_grad()
    def step(tokens, state):
        hidden, context = state
        everywhere = torch.ones(len(tokens), 4, dtype=torch.bool)
        places = annotations.expand(len(tokens), -1, -1)
        logits, hidden, context, weights = decoder.step(tokens, hidden, context, places, everywhere)
        logits[:, BOS] = -INFINITY
        return logits.log_softmax(dim=-1), (hidden, context), weights

    def sentences(words, state, total, rows):
        """Every sentence that goes on from `words`, with its score."""
        log_probs, state, weights = step(torch.tensor([words[-1] if words else BOS]), state)
        rows = [*rows, weights[0].tolist()]
        for word, gain in enumerate(log_probs[0].tolist()[EOS:], start=EOS):
            if word == EOS:
                yield words, score_by_hand(total + gain, rows, 0.6, 0.4)
            elif len(words) == 2:
                yield [*words, word], score_by_hand(total + gain, rows, 0.6, 0.4)
            else:
                yield from sentences([*words, word], state, total + gain, rows)

    start = first, torch.zeros(1, 3).double()
    expected = sorted(sentences([], start, 0.0, []), key=lambda pair: -pair[1])
    found = student.beam_search(step, start, BOS, EOS, 400, 3, 0.6, 0.4, INFINITY)
    check.close(found, expected, what="hypotheses", rtol=1e-6, atol=1e-7)
