"""Public tests of t06: small worked examples and properties to build against.

Run them with `attend check t06`, or with `pytest tests/public/test_t06_encoder_decoder.py`.
Models are put together from `attend.student.helpers`'s small encoder and decoder, which keep to t04's and t05's interfaces.
"""

import math

import pytest
import torch

from attend.testing import check

SOURCE, LENGTHS = torch.tensor([[4, 5, 6], [7, 3, 0]]), torch.tensor([3, 2])


def a_model(student, join=None):
    """A small model; `join` puts encoder and decoder together, `given.TinySeq2Seq` when left out."""
    parts = student.given.TinyEncoder(9, 4, 5), student.given.TinyDecoder(8, 4, 5, 10)
    return (join or student.given.TinySeq2Seq)(*parts).double()


# t06.1 shift_right


@pytest.mark.exercise("shift_right")
def test_shift_right_puts_bos_in_front(student):
    """5 6 eos is said while bos 5 6 is read."""
    inputs = student.shift_right(torch.tensor([[5, 6, 2], [7, 2, 0]]), bos=1)
    check.equal(inputs, torch.tensor([[1, 5, 6], [1, 7, 2]]), what="inputs")


# t06.2 sequence_loss


@pytest.mark.exercise("sequence_loss")
def test_sequence_loss_of_an_unsure_model(student):
    """Four words that are equally likely cost ln 4 each; padding costs nothing and does not count."""
    loss = student.sequence_loss(torch.zeros(1, 3, 4), torch.tensor([[2, 3, 0]]), pad=0)
    check.close(loss, torch.tensor(math.log(4)), what="loss", rtol=1e-5)


@pytest.mark.exercise("sequence_loss")
def test_sequence_loss_does_not_look_at_padding(student, torch_rng):
    """Other logits at padding change nothing."""
    logits = torch.randn(2, 3, 5, generator=torch_rng)
    targets = torch.tensor([[4, 2, 0], [3, 0, 0]])
    other = torch.where((targets == 0)[..., None], logits + 7, logits)
    check.close(
        student.sequence_loss(other, targets, 0),
        student.sequence_loss(logits, targets, 0),
        what="loss",
        rtol=1e-5,
    )


@pytest.mark.exercise("sequence_loss")
def test_sequence_loss_counts_every_real_word_once(student):
    """Three words of ½ and one of ⅛ cost (3 · ln 2 + ln 8) / 4 a word; here 3 is the padding, and 0 a word."""
    half, eighth = [1 / 6, 1 / 6, 1 / 2, 1 / 6], [1 / 8, 7 / 24, 7 / 24, 7 / 24]
    logits = torch.tensor([[half, half, half], [eighth, half, half]]).log()
    loss = student.sequence_loss(logits, torch.tensor([[2, 2, 2], [0, 3, 3]]), pad=3)
    check.close(loss, torch.tensor(1.5 * math.log(2)), what="loss", rtol=1e-5)


@pytest.mark.exercise("sequence_loss")
def test_sequence_loss_of_nothing_is_zero(student):
    """Where all is padding, nothing costs anything, and the gradients are 0 as well."""
    logits = torch.zeros(1, 2, 4, requires_grad=True)
    loss = student.sequence_loss(logits, torch.tensor([[0, 0]]), pad=0)
    check.close(loss.detach(), torch.tensor(0.0), what="loss")
    check.true(loss.requires_grad, "the loss does not come from the logits: it has no gradient")
    loss.backward()
    check.equal(logits.grad, torch.zeros(1, 2, 4), what="gradient of the logits")


# t06.3 Seq2Seq


@pytest.mark.exercise("Seq2Seq")
def test_seq2seq_gives_logits_and_weights(student):
    """A row of logits and of weights for each input word; padding of the source gets no weight."""
    logits, weights = a_model(student, student.Seq2Seq)(
        SOURCE, LENGTHS, torch.tensor([[1, 4, 5, 6], [1, 3, 2, 2]])
    )
    check.shape(logits, (2, 4, 8), what="logits")
    check.shape(weights, (2, 4, 3), what="weights")
    check.equal(weights[1, :, 2].detach(), torch.zeros(4, dtype=torch.float64), what="weights of padding")


@pytest.mark.exercise("Seq2Seq")
def test_seq2seq_says_of_each_sentence_what_it_would_say_of_it_alone(student):
    """With the same weights `given.TinySeq2Seq` gives the same for every sentence alone, without its padding."""
    own, given = a_model(student, student.Seq2Seq), a_model(student)
    given.load_state_dict(own.state_dict())
    inputs = torch.tensor([[1, 4, 5, 6], [1, 3, 2, 2]])
    logits, weights = own(SOURCE, LENGTHS, inputs)
    for b, length in enumerate((3, 2)):
        alone, shares = given(SOURCE[b : b + 1, :length], LENGTHS[b : b + 1], inputs[b : b + 1])
        check.close(logits[b].detach(), alone[0].detach(), what=f"logits of sentence {b}")
        check.close(weights[b, :, :length].detach(), shares[0].detach(), what=f"weights of sentence {b}")


@pytest.mark.exercise("Seq2Seq")
def test_seq2seq_takes_lengths_from_the_lengths_alone(student):
    """The source's second word is a 0; with length 3 it is a word like others, and gets its share of the attention."""
    _, weights = a_model(student, student.Seq2Seq)(
        torch.tensor([[4, 0, 6]]), torch.tensor([3]), torch.tensor([[1, 4]])
    )
    check.true((weights > 0).all(), "a word of the source gets no attention")


@pytest.mark.exercise("Seq2Seq")
def test_seq2seq_trains_its_encoder(student):
    """What the decoder says depends on the encoder's weights: their gradients are not zero."""
    model = a_model(student, student.Seq2Seq)
    bridge = dict(model.named_parameters())["encoder.bridge.weight"]
    logits, _ = model(SOURCE, LENGTHS, torch.tensor([[1, 4], [1, 3]]))
    (gradient,) = torch.autograd.grad(logits.square().sum(), bridge, allow_unused=True)
    check.true(gradient is not None and gradient.abs().sum() > 0, "no gradient reaches the encoder")


# t06.4 greedy_decode


@pytest.mark.exercise("greedy_decode")
@pytest.mark.parametrize("max_len", [0, 4])
def test_greedy_decode_ends(student, max_len):
    """At most `max_len` words for each sentence, and a row of the alignment for each of them."""
    tokens, alignments = student.greedy_decode(a_model(student), SOURCE, LENGTHS, 1, 2, max_len)
    for words, alignment, length in zip(tokens, alignments, (3, 2), strict=True):
        check.true(len(words) <= max_len and 2 not in words, "a sentence is too long or holds eos")
        check.shape(alignment, (len(words), length), what="alignment")


@pytest.mark.exercise("greedy_decode")
def test_greedy_decode_says_what_the_model_thinks_likeliest(student):
    """Read back word after word, the model finds each of them likeliest, and eos after a sentence that ended."""
    model, max_len = a_model(student), 6
    model.load_state_dict({name: 3 * value for name, value in model.state_dict().items()})  # sure of itself
    source, lengths = torch.tensor([[4, 5, 6], [7, 3, 0], [8, 1, 2], [3, 0, 0]]), torch.tensor([3, 2, 3, 1])
    tokens, _ = student.greedy_decode(model, source, lengths, 1, 2, max_len)
    for sentence, length, words in zip(source, lengths, tokens, strict=True):
        check.true(2 not in words, "a sentence holds eos")
        said = (words + [2])[:max_len]
        logits, _ = model(sentence[None, :length], length[None], torch.tensor([[1, *said[:-1]]]))
        check.equal(logits[0].argmax(dim=-1).tolist(), said, what="likeliest words")


@pytest.mark.exercise("greedy_decode")
def test_greedy_decode_ends_at_the_first_eos(student):
    """A model that says 5 after bos (1), eos (2) after 5, and 5 again after eos: the sentence is 5 alone."""
    model = a_model(student)
    state = {name: torch.zeros_like(value) for name, value in model.state_dict().items()}
    for number, (read, said) in enumerate([(1, 5), (5, 2), (2, 5)]):
        state["decoder.embedding.weight"][read, number] = 1.0
        state["decoder.update.weight"][number, number] = 1.0
        state["decoder.output.weight"][said, number] = 1.0
    model.load_state_dict(state)
    tokens, _ = student.greedy_decode(model, SOURCE, LENGTHS, 1, 2, 6)
    check.equal(tokens, [[5], [5]], what="tokens")


@pytest.mark.exercise("greedy_decode")
def test_greedy_decode_takes_lengths_from_the_lengths_alone(student):
    """The source's second word is a 0; with length 3 it is a word like others, and gets its share of the attention."""
    model = a_model(student)
    state = model.state_dict()
    state["decoder.output.bias"][2] = -100.0  # never eos
    model.load_state_dict(state)
    _, (alignment,) = student.greedy_decode(model, torch.tensor([[4, 0, 6]]), torch.tensor([3]), 1, 2, 2)
    check.true((alignment > 0).all(), "a word of the source gets no attention")


# t06.5 beam_search

# from bos (0): words 2 and 3 with 0.6 and 0.4; after 2 eos (1) or 2 with 0.5 each; after 3 always eos; nobody asks
# what comes after eos
TABLE = torch.tensor(
    [[0.0, 0.0, 0.6, 0.4], [0, 0, 1, 0], [0, 0.5, 0.5, 0], [0, 1.0, 0, 0]], dtype=torch.float64
).log()


def step(tokens, state):
    return TABLE[tokens], state


@pytest.mark.exercise("beam_search")
def test_beam_search_finds_the_better_sentence(student):
    """3 has probability 0.4, 2 only 0.6 · 0.5 = 0.3, though 2 looked better at first."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 2, 5)
    check.close(found, [([3], math.log(0.4)), ([2], math.log(0.3))], what="hypotheses")


@pytest.mark.exercise("beam_search")
def test_beam_search_returns_the_likeliest_first(student):
    """The empty sentence ends first, with 0.3; 2 ends later, with 0.7, and comes first."""
    rows = [[0.0, 0.3, 0.7, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, 0]]
    table = torch.tensor(rows, dtype=torch.float64).log()
    found = student.beam_search(lambda tokens, state: (table[tokens], state), torch.zeros(1, 1), 0, 1, 2, 5)
    check.close(found, [([2], math.log(0.7)), ([], math.log(0.3))], what="hypotheses")


@pytest.mark.exercise("beam_search")
def test_a_beam_of_one_is_greedy(student):
    """With one hypothesis the first choice is never taken back: 2, then the first of two equal words."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 1, 5)
    check.close(found, [([2], math.log(0.3))], what="hypotheses")


@pytest.mark.exercise("beam_search")
def test_beam_search_returns_what_is_open_at_max_len(student):
    """After one word neither hypothesis has ended; both come back, the likelier first."""
    found = student.beam_search(step, torch.zeros(1, 1), 0, 1, 2, 1)
    check.close(found, [([2], math.log(0.6)), ([3], math.log(0.4))], what="hypotheses")


@pytest.mark.exercise("beam_search")
def test_a_sentence_that_ended_leaves_the_beam_smaller(student):
    """Nothing at all has 0.4, 2 has 0.35, 3 only 0.25: with one place left, 3 is not followed up."""
    table = torch.cat([torch.tensor([[0.0, 0.4, 0.35, 0.25]], dtype=torch.float64).log(), TABLE[1:]])
    found = student.beam_search(lambda tokens, state: (table[tokens], state), torch.zeros(1, 1), 0, 1, 2, 5)
    check.close(found, [([], math.log(0.4)), ([2], math.log(0.175))], what="hypotheses")


@pytest.mark.exercise("beam_search")
def test_a_hypothesis_goes_on_with_its_parents_state(student):
    """2 is likelier, and both that go on begin with 3: 3 4 and 3 5. What follows hangs on both words, by the state."""
    table = torch.zeros(6, 6, 6, dtype=torch.float64)  # the word before, the last word, the next one
    table[0, 0, 2:4] = torch.tensor([0.6, 0.4])
    table[0, 2, 1:] = 0.2
    table[0, 3, 4:] = 0.5
    table[3, :, 1] = torch.tensor([0, 0, 0, 0, 0.75, 1.0])
    table[2, :, 1] = 0.5

    def step(tokens, state):
        return table[state, tokens].log(), tokens

    found = student.beam_search(step, torch.tensor([0]), 0, 1, 2, 3)
    check.close(found, [([3, 5], math.log(0.2)), ([3, 4], math.log(0.15))], what="hypotheses")


@pytest.mark.exercise("beam_search")
def test_a_sentence_may_be_very_unlikely(student):
    """Ten words of e⁻¹⁰⁰ each have the log-probability −1000, though no float is as small as e⁻¹⁰⁰⁰."""
    table = torch.tensor([[-900.0, -900, -100, -900]] * 4, dtype=torch.float64)
    found = student.beam_search(lambda tokens, state: (table[tokens], state), torch.zeros(1, 1), 0, 1, 1, 10)
    check.close(found, [([2] * 10, -1000.0)], what="hypotheses")


# t06.6 train_step

TARGETS = torch.tensor([[4, 5, 2], [6, 2, 0]])


def weights_of(model):
    return torch.cat([value.flatten() for value in model.state_dict().values()])


@pytest.mark.exercise("train_step")
def test_train_step_learns(student):
    """Four steps on the same batch bring the loss down."""
    model = a_model(student)
    optimizer = student.optimizer("Adam", model, lr=0.3)
    losses = [student.train_step(model, optimizer, SOURCE, LENGTHS, TARGETS, 1, 0, 1.0) for _ in range(4)]
    check.true(all(type(loss) is float for loss in losses), "the loss is no float")
    check.true(losses[-1] < losses[0] / 2, "the loss has not come down by half")


@pytest.mark.exercise("train_step")
def test_train_step_tells_the_loss_before_it(student):
    """What it returns is what the five real words cost before the step, each said after those before it."""
    model = a_model(student)
    logits, _ = model(SOURCE, LENGTHS, torch.tensor([[1, 4, 5], [1, 6, 2]]))
    said = logits.detach().log_softmax(dim=-1).gather(2, TARGETS[..., None]).squeeze(-1)
    loss = student.train_step(
        model, student.optimizer("SGD", model, lr=1.0), SOURCE, LENGTHS, TARGETS, 1, 0, 1.0
    )
    check.close(loss, -said[TARGETS != 0].mean().item(), what="loss")


@pytest.mark.exercise("train_step")
def test_train_step_goes_no_further_than_the_clipped_gradient(student):
    """A gradient of norm 0.1 and a rate of 1 move all weights together by 0.1."""
    model = a_model(student)
    before = weights_of(model)
    student.train_step(model, student.optimizer("SGD", model, lr=1.0), SOURCE, LENGTHS, TARGETS, 1, 0, 0.1)
    check.close((weights_of(model) - before).norm().item(), 0.1, what="the way of the weights", rtol=1e-4)


@pytest.mark.exercise("train_step")
def test_train_step_begins_each_time_anew(student):
    """Two small steps on one batch are nearly the same: the second does not go the first one's way once more."""
    model = a_model(student)
    optimizer, places = student.optimizer("SGD", model, lr=0.01), [weights_of(model)]
    for _ in range(2):
        student.train_step(model, optimizer, SOURCE, LENGTHS, TARGETS, 1, 0, 100.0)
        places.append(weights_of(model))
    first, second = places[1] - places[0], places[2] - places[1]
    check.true((second - first).norm() < 0.2 * first.norm(), "the second step is not like the first")
