"""Public tests of t11: small worked examples and properties to build against.

Run them with `attend check t11`, or with `pytest tests/public/test_t11_gnmt.py`.
The graders ask for more of the same: other sizes and vocabularies, PyTorch's own LSTM as a peer, exhaustive search,
gradients, float32.
"""

import math

import pytest
import torch

from attend.testing import check

VOCABULARY = "_J et _makers makers _fe _f e ud _u d _over _seat _s eat".split()


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def detached(value):
    if isinstance(value, list | tuple):
        return type(value)(detached(part) for part in value)
    return value.detach()


# t11.1 wordpieces


@pytest.mark.exercise("wordpieces")
def test_wordpieces_of_the_papers_words(student):
    """Jet makers feud over seat: rare words fall into pieces, common ones are pieces."""
    pieces = [student.wordpieces(word, VOCABULARY) for word in "Jet makers feud over seat".split()]
    expected = [["_J", "et"], ["_makers"], ["_fe", "ud"], ["_over"], ["_seat"]]
    check.equal(pieces, expected, what="pieces")


@pytest.mark.exercise("wordpieces")
def test_wordpieces_are_as_long_as_they_can_be(student):
    """`_ab` is known and so is `_a`: the longer one is taken, and inside the word `cd` before `c`."""
    pieces = student.wordpieces("abcd", ["_a", "_ab", "b", "c", "cd", "d", "_cd"])
    check.equal(pieces, ["_ab", "cd"], what="pieces")


@pytest.mark.exercise("wordpieces")
def test_wordpieces_of_an_unknown_word(student):
    """Nothing known fits behind `_fe`, so the whole word is unknown; so is one that no piece begins."""
    check.equal(student.wordpieces("fez", VOCABULARY), ["<unk>"], what="pieces of fez")
    check.equal(student.wordpieces("eat", VOCABULARY, unknown="?"), ["?"], what="pieces of eat")


@pytest.mark.exercise("wordpieces")
def test_wordpieces_are_never_given_back(student):
    """The longest piece `_ab` is taken and `c` is not known, so the word is unknown, though `_a` and `bc` would fit."""
    check.equal(student.wordpieces("abc", ["_a", "_ab", "bc"]), ["<unk>"], what="pieces of abc")


# t11.2 length_penalty


@pytest.mark.exercise("length_penalty")
@pytest.mark.parametrize(
    ("length", "alpha", "expected"), [(7, 1.0, 2.0), (19, 0.5, 2.0), (1, 0.6, 1.0), (30, 0.0, 1.0)]
)
def test_length_penalty_of_plain_numbers(student, length, alpha, expected):
    """12/6 is 2, the root of 24/6 is 2; a sentence of one word has 1, and so has any without α."""
    check.close(student.length_penalty(length, alpha), expected, what="length penalty")


# t11.3 coverage_penalty


@pytest.mark.exercise("coverage_penalty")
def test_coverage_penalty_of_a_worked_example(student):
    """Three target words give the two source words 1/2 and 5/2: the first costs ln 2, the second nothing."""
    weights = torch.tensor([[0.25, 0.75], [0.25, 0.75], [0.0, 1.0]], dtype=torch.float64)
    penalty = student.coverage_penalty(weights, beta=0.5)
    check.close(penalty, torch.tensor(-0.5 * math.log(2), dtype=torch.float64), what="coverage penalty")


@pytest.mark.exercise("coverage_penalty")
def test_coverage_penalty_of_a_forgotten_word(student):
    """A source word that got nothing counts as 1e-8, so the penalty is large and finite."""
    weights = torch.tensor([[1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    expected = torch.tensor(math.log(1e-8), dtype=torch.float64)
    check.close(student.coverage_penalty(weights, beta=1.0), expected, what="coverage penalty")


# t11.4 hypothesis_score


@pytest.mark.exercise("hypothesis_score")
def test_hypothesis_score_of_a_worked_example(student):
    """log P = −6 over seven words is −3; one of the two source words got 1/2, which costs ln 2."""
    weights = torch.tensor([[0.0, 1.0]] * 6 + [[0.5, 0.5]], dtype=torch.float64)
    score = student.hypothesis_score(-6.0, 7, weights, alpha=1.0, beta=1.0)
    check.close(score, -3 - math.log(2), what="score")


@pytest.mark.exercise("hypothesis_score")
def test_hypothesis_score_without_penalties(student):
    """With α = β = 0 the log-probability is left as it is."""
    score = student.hypothesis_score(-6.0, 7, torch.full((7, 3), 0.01), alpha=0.0, beta=0.0)
    check.close(score, -6.0, what="score")


# t11.5 GNMTEncoder


@pytest.mark.exercise("GNMTEncoder")
def test_encoder_has_its_layers(student):
    """The first layer reads both ways, the second reads what both have said, all others H numbers."""
    shapes = student.GNMTEncoder(input_size=3, hidden_size=4, num_layers=3).state_shapes()
    expected = {"layers.0.weight_ih_l0": (16, 3), "layers.0.weight_ih_l0_reverse": (16, 3)}
    expected |= {"layers.1.weight_ih_l0": (16, 8), "layers.2.weight_ih_l0": (16, 4)}
    for name, shape in expected.items():
        check.equal(shapes.get(name), shape, what=name)
    check.equal(
        shapes.get("layers.1.weight_ih_l0_reverse"), None, what="a backward reader in the second layer"
    )


@pytest.mark.exercise("GNMTEncoder")
def test_encoder_wants_two_layers(student):
    """One layer is a ValueError."""
    with pytest.raises(ValueError):
        student.GNMTEncoder(3, 4, 1)


@pytest.mark.exercise("GNMTEncoder")
@pytest.mark.parametrize("num_layers", [3, 4])
def test_encoder_adds_from_the_third_layer_on(student, torch_rng, num_layers):
    """A top layer whose weights are all zero says zero: what is left are the annotations without it."""
    deep = student.GNMTEncoder(3, 4, num_layers).double()
    state, top = deep.state_dict(), f"layers.{num_layers - 1}."
    deep.load_state_dict({name: value * (not name.startswith(top)) for name, value in state.items()})
    shallow = student.GNMTEncoder(3, 4, num_layers - 1).double()
    shallow.load_state_dict({name: value for name, value in state.items() if not name.startswith(top)})
    batch = normal(torch_rng, 2, 5, 3), torch.tensor([5, 4])
    expected = shallow(*batch).detach()
    check.shape(expected, (2, 5, 4), what="annotations")
    check.close(deep(*batch).detach(), expected, what="annotations")


@pytest.mark.exercise("GNMTEncoder")
def test_encoder_adds_nothing_to_its_first_layer(student, torch_rng):
    """Where the first layer is all zero, inputs do not matter, also when they have as many numbers as its output."""
    encoder = student.GNMTEncoder(8, 4, 2).double()
    state = encoder.state_dict()
    encoder.load_state_dict({name: value * ("layers.0" not in name) for name, value in state.items()})
    one, other = (encoder(normal(torch_rng, 2, 5, 8), torch.tensor([5, 4])).detach() for _ in range(2))
    check.close(one, other, what="annotations")


@pytest.mark.exercise("GNMTEncoder")
def test_encoder_reads_a_sentence_as_if_alone(student, torch_rng):
    """The second sentence has the same annotations with and without its batch and its padding, which is zero."""
    encoder, inputs = student.GNMTEncoder(3, 4, 3).double(), normal(torch_rng, 2, 6, 3)
    annotations = encoder(inputs, torch.tensor([5, 2])).detach()
    alone = encoder(inputs[1:, :2], torch.tensor([2])).detach()
    check.close(annotations[1:, :2], alone, what="annotations")
    check.equal(annotations[1, 2:], torch.zeros(4, 4, dtype=torch.float64), what="annotations of padding")


# t11.6 GNMTDecoder


def for_step(torch_rng, num_layers, S=5):
    """embedding, states, context, annotations and mask of two sentences; the second has two places of padding."""
    states = [(normal(torch_rng, 2, 4), normal(torch_rng, 2, 4)) for _ in range(num_layers)]
    mask = torch.arange(S) < torch.tensor([[S], [S - 2]])
    return normal(torch_rng, 2, 3), states, normal(torch_rng, 2, 4), normal(torch_rng, 2, S, 4), mask


@pytest.mark.exercise("GNMTDecoder")
def test_decoder_has_its_parts(student):
    """Every cell reads its input and the context; the score has three matrices and no bias."""
    shapes = student.GNMTDecoder(input_size=3, hidden_size=4, num_layers=3).state_shapes()
    expected = {"layers.0.weight_ih": (16, 7), "layers.1.weight_ih": (16, 8), "layers.2.weight_ih": (16, 8)}
    expected |= {"W_q.weight": (4, 4), "W_k.weight": (4, 4), "v.weight": (1, 4)}
    for name, shape in expected.items():
        check.equal(shapes.get(name), shape, what=name)
    check.equal(
        [name for name in shapes if name[:1] != "l" and "bias" in name], [], what="biases of the score"
    )


@pytest.mark.exercise("GNMTDecoder")
def test_decoder_adds_from_the_third_layer_on(student, torch_rng):
    """Where the third cell is all zero it says zero: the output is what the second layer handed up."""
    decoder = student.GNMTDecoder(3, 4, 3).double()
    state = decoder.state_dict()
    decoder.load_state_dict({name: value * ("layers.2" not in name) for name, value in state.items()})
    word, states, context, annotations, mask = for_step(torch_rng, 3)
    states[2] = tuple(torch.zeros_like(part) for part in states[2])
    output, new_states, _, _ = detached(decoder.step(word, states, context, annotations, mask))
    check.close(output, new_states[1][0], what="output")
    check.equal(new_states[2][0], torch.zeros(2, 4, dtype=torch.float64), what="the third state")


@pytest.mark.exercise("GNMTDecoder")
def test_decoder_gives_every_layer_the_context(student, torch_rng):
    """The last columns of a layer's matrix read the context, and no other: it matters where those alone are not zero."""
    decoder = student.GNMTDecoder(3, 4, 3).double()
    _, _, context, annotations, mask = for_step(torch_rng, 3)
    word, zero = torch.zeros(2, 3, dtype=torch.float64), torch.zeros(2, 4, dtype=torch.float64)
    for deaf, reads in ((slice(None, -4), True), (slice(-4, None), False)):
        state = decoder.state_dict()
        for number in range(3):
            state[f"layers.{number}.weight_ih"][:, deaf] = 0.0
        ears = student.GNMTDecoder(3, 4, 3).double()
        ears.load_state_dict(state)
        one, other = (
            ears.step(word, [(zero, zero)] * 3, change * context, annotations, mask)[1] for change in (1, -1)
        )
        told = "does not read the context" if reads else "reads the context with its input's columns"
        for number in range(3):
            differs = (one[number][0] - other[number][0]).abs().max() > 1e-4
            check.true(differs == reads, f"layer {number + 1} {told}")


@pytest.mark.exercise("GNMTDecoder")
def test_decoder_asks_for_the_next_context(student, torch_rng):
    """The weights are ¼ and ¾ where v · tanh(0 + key) is 0 and ln 3; the output has not seen them."""
    decoder = student.GNMTDecoder(1, 1, 2).double()
    state = decoder.state_dict()
    half = math.log(3) / 2  # its tanh is ½
    state |= {
        "W_q.weight": torch.zeros(1, 1),
        "W_k.weight": torch.ones(1, 1),
        "v.weight": torch.full((1, 1), 4 * half),
    }
    decoder.load_state_dict({name: value.double() for name, value in state.items()})
    zero = torch.zeros(1, 1, dtype=torch.float64)
    arguments = torch.ones_like(zero), [(zero, zero)] * 2, zero
    annotations = torch.tensor([[[0.0], [half], [9.0]]], dtype=torch.float64)
    mask = torch.tensor([[True, True, False]])
    output, _, context, weights = detached(decoder.step(*arguments, annotations, mask))
    check.close(weights, torch.tensor([[0.25, 0.75, 0.0]], dtype=torch.float64), what="weights")
    check.close(context, torch.tensor([[0.75 * half]], dtype=torch.float64), what="context")
    again = decoder.step(*arguments, annotations + 1, mask)[0].detach()
    check.close(again, output, what="output with other annotations")
    nothing = decoder.step(*arguments, annotations, torch.zeros_like(mask))[3].detach()
    check.close(nothing, torch.zeros(1, 3, dtype=torch.float64), what="weights where nothing is allowed")


@pytest.mark.exercise("GNMTDecoder")
def test_decoder_scores_far_below_zero(student):
    """v · tanh(30) is −20,000 for both allowed words, and 0 for the hidden one, which gets no weight."""
    decoder = student.GNMTDecoder(1, 1, 2).double()
    score = {"W_q.weight": torch.zeros(1, 1), "W_k.weight": torch.ones(1, 1)}
    score["v.weight"] = torch.full((1, 1), -20_000.0)
    decoder.load_state_dict(decoder.state_dict() | {name: value.double() for name, value in score.items()})
    zero = torch.zeros(1, 1, dtype=torch.float64)
    annotations = torch.tensor([[[30.0], [30.0], [0.0]]], dtype=torch.float64)
    mask = torch.tensor([[True, True, False]])
    weights = decoder.step(zero, [(zero, zero)] * 2, zero, annotations, mask)[3].detach()
    check.close(weights, torch.tensor([[0.5, 0.5, 0.0]], dtype=torch.float64), what="weights")


@pytest.mark.exercise("GNMTDecoder")
def test_decoder_asks_with_its_bottom_layer(student, torch_rng):
    """Another state of an upper layer changes the output, not the weights; another bottom state or word changes both."""
    decoder = student.GNMTDecoder(3, 4, 3).double()
    word, states, context, annotations, mask = for_step(torch_rng, 3)
    output, _, _, weights = detached(decoder.step(word, states, context, annotations, mask))
    for number, moves in ((0, True), (1, False), (2, False)):
        others = list(states)
        others[number] = tuple(part + 1 for part in states[number])
        changed, _, _, asked = detached(decoder.step(word, others, context, annotations, mask))
        check.true(not torch.allclose(changed, output), f"the output does not depend on layer {number + 1}")
        told = "depend" if moves else "do not depend"
        check.true(
            torch.allclose(asked, weights) != moves, f"the weights should {told} on layer {number + 1}"
        )
    asked = decoder.step(word + 1, states, context, annotations, mask)[3].detach()
    check.true(not torch.allclose(asked, weights), "the weights should depend on the word that is read")


# t11.7 beam_search

# from bos (0): words 2 and 3 with 0.6 and 0.4; after 2 always eos (1); after 3 eos or 2 with 0.5 each
TABLE = torch.tensor(
    [[0, 0, 0.6, 0.4], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0.5, 0.5, 0]], dtype=torch.float64
).log()
# two source words; bos looks at the first, the second gets most while 3 is the last word
LOOKS = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.75, 0.25], [0.25, 0.75]], dtype=torch.float64)


def step(tokens, state):
    return TABLE[tokens], state, LOOKS[tokens]


@pytest.mark.exercise("beam_search")
def test_beam_search_without_penalties_ranks_by_probability(student):
    """The sentence 2 has 0.6; 3 and 3 2 have 0.2 each, and of equals the one that was finished first leads."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 4, 5, alpha=0.0, beta=0.0)
    expected = [([2], math.log(0.6)), ([3], math.log(0.2)), ([3, 2], math.log(0.2))]
    check.close(found, expected, what="hypotheses", atol=1e-7)


@pytest.mark.exercise("beam_search")
def test_beam_search_with_penalties_prefers_the_sentence_that_has_read_all(student):
    """Three tokens with eos make lp 8/6, and 3 2 alone has looked at both words; 2 covers a quarter of the second."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 4, 5, alpha=1.0, beta=1.0)
    expected = [
        ([3, 2], math.log(0.2) * 6 / 8),
        ([3], math.log(0.2) * 6 / 7 + math.log(0.75)),
        ([2], math.log(0.6) * 6 / 7 + math.log(0.25)),
    ]
    check.close(found, expected, what="hypotheses", atol=1e-7)


@pytest.mark.exercise("beam_search")
def test_beam_search_of_one_takes_the_likeliest_word(student):
    """Penalties judge what is finished and steer nothing: with a beam of 1 the first choice is 2 all the same."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 1, 5, alpha=1.0, beta=1.0)
    check.close(found, [([2], math.log(0.6) * 6 / 7 + math.log(0.25))], what="hypotheses", atol=1e-7)


@pytest.mark.exercise("beam_search")
def test_beam_search_of_two_has_its_places_taken_by_what_is_likelier(student):
    """2 ends with 0.6 and 3 with 0.2: both places are taken, though 3 2 would have the better score in the end."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 2, 5, alpha=1.0, beta=0.0)
    expected = [([2], math.log(0.6) * 6 / 7), ([3], math.log(0.2) * 6 / 7)]
    check.close(found, expected, what="hypotheses without β")
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 2, 5, alpha=1.0, beta=1.0)
    expected = [
        ([3], math.log(0.2) * 6 / 7 + math.log(0.75)),
        ([2], math.log(0.6) * 6 / 7 + math.log(0.25)),
    ]
    check.close(found, expected, what="hypotheses with β", atol=1e-7)


@pytest.mark.exercise("beam_search")
def test_beam_search_goes_on_with_the_parents_state_and_weights(student):
    """2 is likelier, and both that go on begin with 3: 3 4 and 3 5. What follows hangs on both words, by the state."""
    table = torch.zeros(6, 6, 6, dtype=torch.float64)  # the word before, the last word, the next one
    table[0, 0, 2:4] = torch.tensor([0.6, 0.4])
    table[0, 2, 1:] = 0.2
    table[0, 3, 4:] = 0.5
    table[3, :, 1] = torch.tensor([0, 0, 0, 0, 0.8, 1.0])
    table[2, :, 1] = 0.5
    looks = torch.tensor([[0.5, 0], [0, 0], [0, 0.25], [0, 0.5], [0.5, 0.25], [0.25, 0.25]]).double()

    def step(tokens, state):
        return table[state, tokens].log(), tokens, looks[tokens]

    found = student.beam_search(step, torch.tensor([0]), 0, 1, 2, 3, alpha=0.0, beta=1.0)
    expected = [
        ([3, 4], math.log(0.16) + math.log(0.75)),  # the first word was read by 0.5 + 0.5
        ([3, 5], math.log(0.2) + 2 * math.log(0.75)),
    ]
    check.close(found, expected, what="hypotheses", atol=1e-7)


@pytest.mark.exercise("beam_search")
def test_beam_search_prunes(student):
    """3 is ln 1.5 = 0.41 below 2: with `prune` 0.4 it is not taken. With 1, what it ends in is too far below ln 0.6."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 4, 5, alpha=0.0, beta=0.0, prune=0.4)
    check.close(found, [([2], math.log(0.6))], what="hypotheses with prune 0.4")
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 4, 5, alpha=0.0, beta=0.0, prune=1.0)
    check.close(found, [([2], math.log(0.6))], what="hypotheses with prune 1")
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 4, 5, alpha=1.0, beta=0.0, prune=0.9)
    expected = [([2], math.log(0.6) * 6 / 7), ([3, 2], math.log(0.2) * 6 / 8)]
    check.close(found, expected, what="hypotheses with a length penalty")


@pytest.mark.exercise("beam_search")
def test_beam_search_prunes_words_of_a_beginning_and_finished_sentences(student):
    """3 is no word to go on with where it is 0.41 below 2. Once taken it is measured no more while it is open."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 4, 1, alpha=0.0, beta=0.0, prune=0.4)
    check.close(found, [([2], math.log(0.6))], what="open hypotheses with prune 0.4")
    expected = [([2], math.log(0.6)), ([3, 2], math.log(0.2))]  # 3 has ended, 1.1 below 2
    for prune in (1.0, 0.5):
        found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 4, 2, alpha=0.0, beta=0.0, prune=prune)
        check.close(found, expected, what=f"hypotheses with prune {prune}")


@pytest.mark.exercise("beam_search")
def test_beam_search_returns_what_is_still_open(student):
    """After one word nothing has ended: open sentences count their own words only."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 3, 1, alpha=1.0, beta=0.0)
    check.close(found, [([2], math.log(0.6)), ([3], math.log(0.4))], what="hypotheses")
    check.close(
        student.beam_search(step, torch.zeros(1, 1), 0, 1, 3, 0, alpha=1.0, beta=1.0), [([], 0.0)], "no words"
    )
