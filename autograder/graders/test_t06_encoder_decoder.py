"""Hidden graders of t06.

Oracles: numbers worked by hand, loops over single words (`…_by_hand`), exhaustive search over small models, a training loop
written out, and what must always hold. Models are put together from `attend.student.helpers`'s encoder and decoder.
"""

import itertools
import math

import pytest
import torch
from torch.nn import functional as F

from attend.student import helpers as given
from attend.testing import check
from attend.testing.items import for_exercises

TIGHT = {"rtol": 1e-9, "atol": 1e-10}
BOS, EOS, PAD = 1, 2, 0
V_SOURCE, V = 9, 8
LENGTHS = torch.tensor([3, 5, 2])
SOURCE_OF_THREE_ENDS = [[6, 4, 5, 0, 0], [2, 4, 6, 8, 1], [1, 2, 0, 0, 0]]


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def a_source(torch_rng, lengths=LENGTHS):
    source = torch.randint(1, V_SOURCE, (len(lengths), int(lengths.max())), generator=torch_rng)
    return source.masked_fill(torch.arange(source.shape[1]) >= lengths[:, None], PAD), lengths


def models(student, scale=1.0, join="TinySeq2Seq"):
    """The same random model on both sides: over there joined, here an encoder and a decoder.

    They are joined by the student's Seq2Seq only where that is the question.
    """
    with check.seeded(7):
        encoder = given.TinyEncoder(V_SOURCE, 4, 5).double()
        decoder = given.TinyDecoder(V, 4, 5, 10).double()
    for parameter in [*encoder.parameters(), *decoder.parameters()]:
        parameter.data *= scale
    theirs = student.given.TinyEncoder(V_SOURCE, 4, 5), student.given.TinyDecoder(V, 4, 5, 10)
    handle = (student.Seq2Seq if join == "Seq2Seq" else student.given.TinySeq2Seq)(*theirs).double()
    state = {f"encoder.{name}": value for name, value in encoder.state_dict().items()}
    state |= {f"decoder.{name}": value for name, value in decoder.state_dict().items()}
    handle.load_state_dict(state)
    return handle, encoder, decoder


@torch.no_grad()
def greedy_by_hand(encoder, decoder, words, max_len):
    """One sentence, one word after another."""
    annotations, state = encoder(words[None], torch.tensor([len(words)]))
    mask = torch.ones(1, len(words), dtype=torch.bool)
    context, token, tokens, rows = torch.zeros(1, 10, dtype=torch.float64), BOS, [], []
    while len(tokens) < max_len:
        logits, state, context, weights = decoder.step(
            torch.tensor([token]), state, context, annotations, mask
        )
        token = int(logits[0].argmax())
        if token == EOS:
            break
        tokens.append(token)
        rows.append(weights[0])
    return tokens, torch.stack(rows) if rows else torch.zeros(0, len(words), dtype=torch.float64)


def a_language(torch_rng, words=5, eos=1):
    """A random table of log-probabilities (V, V): the next word depends on the last one alone; bos never comes."""
    logits = normal(torch_rng, words, words) * 1.5
    logits[:, 0] = -torch.inf
    logits[:, eos] -= 0.5
    return logits.log_softmax(dim=-1)


def a_step(student, table, memory=0.0, flat=False):
    """A step for `beam_search`, and its first state: the word before the last one counts too, by `memory`."""
    if memory:  # 0 · −∞ is NaN
        table = table + memory * table[:, None]
    return student.given.TableStep(table, flat=flat), given.TableStep.start(flat)


def beam_by_hand(table, memory, beam_size, max_len, bos=0, eos=1):
    """Whole sentences in plain lists, each worked out from its beginning every time."""
    table = table.tolist()

    def total(words):
        path = [bos, bos, *words]
        steps = zip(path, path[1:], path[2:], strict=False)
        return sum(table[last][word] + memory * table[before][word] for before, last, word in steps)

    finished, live = [], [[]]
    for _ in range(max_len):
        longer = [[*words, token] for words in live for token in range(len(table)) if token != bos]
        kept = sorted(longer, key=total, reverse=True)[: beam_size - len(finished)]
        finished += [words for words in kept if words[-1] == eos]
        live = [words for words in kept if words[-1] != eos]
    found = sorted(finished + live, key=total, reverse=True)
    return [([word for word in words if word != eos], total(words)) for words in found]


def exhaustive_by_hand(table, max_len, memory, bos=0, eos=1):
    """Every sentence of at most `max_len` words with its log-probability, best first."""
    words = [word for word in range(len(table)) if word not in (bos, eos)]
    found = []
    for length in range(max_len + 1):
        for sentence in itertools.product(words, repeat=length):
            path = [bos, bos, *sentence] + ([eos] if length < max_len else [])
            steps = zip(path, path[1:], path[2:], strict=False)
            total = sum(
                (table[last, word] + memory * table[before, word]).item() for before, last, word in steps
            )
            found.append((list(sentence), total))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])


# t06.1 shift_right


@pytest.mark.exercise("shift_right")
@pytest.mark.parametrize(("B", "T"), [(2, 4), (1, 1), (3, 2), (3, 3)])
def test_inputs_are_the_words_before(student, torch_rng, B, T):
    """bos comes first, then every word but the last."""
    targets = torch.randint(3, 9, (B, T), generator=torch_rng)
    expected = torch.tensor([[7, *row[:-1]] for row in targets.tolist()])
    check.equal(student.shift_right(targets, 7), expected, what="inputs")


# t06.2 sequence_loss


def a_batch_of_logits(torch_rng):
    targets = torch.tensor([[4, 5, 6, 2], [3, 2, 0, 0], [2, 0, 0, 0]])
    return normal(torch_rng, 3, 4, V), targets


def loss_by_hand(logits, targets):
    losses = []
    for place in itertools.product(*map(range, targets.shape)):
        if targets[place] != PAD:
            raised = [math.exp(value) for value in logits[place]]
            losses.append(-math.log(raised[targets[place]] / sum(raised)))
    return torch.tensor(sum(losses) / len(losses), dtype=torch.float64)


@pytest.mark.exercise("sequence_loss")
def test_loss_is_the_mean_over_real_words(student, torch_rng):
    """Every real word counts once, whichever sentence it is in."""
    logits, targets = a_batch_of_logits(torch_rng)
    expected = loss_by_hand(logits, targets)
    check.close(student.sequence_loss(logits, targets, PAD), expected, what="loss", **TIGHT)


@pytest.mark.exercise("sequence_loss")
def test_loss_where_all_sizes_agree(student, torch_rng):
    """With as many sentences as words and as entries of the vocabulary, every axis keeps its meaning."""
    logits, targets = normal(torch_rng, 4, 4, 4), torch.randint(1, 4, (4, 4), generator=torch_rng)
    targets[1, 2:] = targets[3, 1:] = PAD
    expected = loss_by_hand(logits, targets)
    check.close(student.sequence_loss(logits, targets, PAD), expected, what="loss", **TIGHT)


@pytest.mark.exercise("sequence_loss")
def test_loss_with_another_padding_token(student, torch_rng):
    """`pad` is whatever token the call names; 0 is then a word like others."""
    logits, targets = a_batch_of_logits(torch_rng)
    targets = torch.where(targets == 0, 7, targets - 2)
    expected = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=7)
    check.close(student.sequence_loss(logits, targets, 7), expected, what="loss", **TIGHT)


@pytest.mark.exercise("sequence_loss")
def test_loss_has_the_right_gradient(student, reference, torch_rng):
    """Gradients are right, and zero at padding."""
    logits, targets = a_batch_of_logits(torch_rng)
    check.agrees(
        student.sequence_loss,
        reference.sequence_loss,
        logits.requires_grad_(),
        targets,
        PAD,
        what="loss",
        **TIGHT,
    )


@pytest.mark.exercise("sequence_loss")
def test_loss_of_nothing_but_padding(student, reference, torch_rng):
    """A batch of padding costs 0, not NaN, and so do its gradients."""
    arguments = normal(torch_rng, 2, 3, V).requires_grad_(), torch.zeros(2, 3, dtype=torch.long), PAD
    check.agrees(student.sequence_loss, reference.sequence_loss, *arguments, what="loss")


@pytest.mark.exercise("sequence_loss")
def test_loss_of_extreme_logits(student):
    """Logits of ±10,000 overflow nothing."""
    logits = torch.tensor([[[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]]], dtype=torch.float64)
    loss = student.sequence_loss(logits, torch.tensor([[2, 1]]), PAD)
    check.close(loss, torch.tensor(5000.0, dtype=torch.float64), what="loss")


# t06.3 Seq2Seq


@torch.no_grad()
def joined_by_hand(encoder, decoder, source, lengths, inputs):
    annotations, state = encoder(source, lengths)
    return decoder(inputs, state, annotations, torch.arange(source.shape[1]) < lengths[:, None])


@pytest.mark.exercise("Seq2Seq")
@pytest.mark.parametrize("lengths", [(3, 5, 2), (3, 1, 2)], ids=["sizes differ", "all sizes 3"])
def test_model_joins_encoder_and_decoder(student, torch_rng, lengths):
    """The encoder's annotations and state reach the decoder, with the source's padding hidden."""
    handle, encoder, decoder = models(student, join="Seq2Seq")
    source, lengths = a_source(torch_rng, torch.tensor(lengths))
    inputs = torch.randint(1, V, (3, 3), generator=torch_rng)
    expected = joined_by_hand(encoder, decoder, source, lengths, inputs)
    result = tuple(value.detach() for value in handle(source, lengths, inputs))
    check.close(result, expected, what=("logits", "weights"), **TIGHT)


@pytest.mark.exercise("Seq2Seq")
def test_model_takes_lengths_from_the_lengths_alone(student, torch_rng):
    """The padding's token may be a word of the source, and what stands after a sentence's end is never read."""
    handle, encoder, decoder = models(student, join="Seq2Seq")
    source, lengths = torch.tensor([[3, PAD, 5, PAD], [PAD, 2, 7, 8]]), torch.tensor([4, 2])
    inputs = torch.randint(1, V, (2, 3), generator=torch_rng)
    expected = joined_by_hand(encoder, decoder, source, lengths, inputs)
    result = tuple(value.detach() for value in handle(source, lengths, inputs))
    check.close(result, expected, what=("logits", "weights"), **TIGHT)


@pytest.mark.exercise("Seq2Seq")
def test_model_trains_both_parts(student, reference, torch_rng):
    """Gradients reach every parameter of the encoder and of the decoder."""
    handle, encoder, decoder = models(student, join="Seq2Seq")
    arguments = *a_source(torch_rng), torch.randint(1, V, (3, 4), generator=torch_rng)
    model = reference.Seq2Seq(encoder, decoder)
    check.agrees(handle, model, *arguments, what=("logits", "weights"), **TIGHT)


@pytest.mark.exercise("Seq2Seq")
def test_model_has_both_parts(student):
    """`encoder` and `decoder` are parts of the model: their parameters are found and trained."""
    handle, encoder, decoder = models(student, join="Seq2Seq")
    names = {f"encoder.{name}" for name, _ in encoder.named_parameters()}
    names |= {f"decoder.{name}" for name, _ in decoder.named_parameters()}
    check.equal(
        {name: True for name in sorted(handle.state_shapes())},
        {name: True for name in sorted(names)},
        "parts",
    )


@pytest.mark.exercise("Seq2Seq")
def test_model_reads_a_sentence_as_if_alone(student, torch_rng):
    """A sentence's logits do not depend on its batch."""
    handle, _, _ = models(student, join="Seq2Seq")
    source, lengths = a_source(torch_rng)
    inputs = torch.randint(1, V, (3, 4), generator=torch_rng)
    together = tuple(value[2:].detach() for value in handle(source, lengths, inputs))
    alone = tuple(value.detach() for value in handle(source[2:], lengths[2:], inputs[2:]))
    check.close(alone, together, what=("logits", "weights"), **TIGHT)


# t06.4 greedy_decode


@pytest.mark.exercise("greedy_decode")
@pytest.mark.parametrize("max_len", [0, 1, 6])
def test_greedy_agrees_with_a_loop(student, torch_rng, max_len):
    """Each sentence of the batch is said as if it were alone; alignments are cut to its words."""
    says_as_if_alone(student, *models(student, scale=3.0), *a_source(torch_rng), max_len)


def says_as_if_alone(student, handle, encoder, decoder, source, lengths, max_len):
    """Check tokens and alignments; of an empty sentence's alignment the shape alone."""
    expected = [
        greedy_by_hand(encoder, decoder, row[:n], max_len) for row, n in zip(source, lengths, strict=True)
    ]
    tokens, alignments = student.greedy_decode(handle, source, lengths, BOS, EOS, max_len)
    check.equal(tokens, [words for words, _ in expected], what="tokens")
    check.true(
        type(alignments) is list and len(alignments) == len(expected), "the alignments are no list of B"
    )
    for alignment, (words, right) in zip(alignments, expected, strict=True):
        check.shape(alignment, tuple(right.shape), what="alignment")
        if words:
            check.close(alignment.detach(), right, what="alignment", **TIGHT)


@pytest.mark.exercise("greedy_decode")
def test_greedy_goes_on_where_one_sentence_has_ended(student):
    """One sentence ends at once, one after two words, and one goes on: what has ended says nothing more."""
    source, lengths = torch.tensor(SOURCE_OF_THREE_ENDS), torch.tensor([3, 5, 2])
    says_as_if_alone(student, *models(student, scale=3.0), source, lengths, 6)


@pytest.mark.exercise("greedy_decode")
def test_greedy_takes_lengths_from_the_lengths_alone(student):
    """The padding's token may be a word of the source, and there may be as many sentences as words."""
    source, lengths = torch.tensor([[3, PAD, 5], [PAD, 2, 8], [4, 6, PAD]]), torch.tensor([3, 2, 3])
    says_as_if_alone(student, *models(student, scale=3.0), source, lengths, 4)


@pytest.mark.exercise("greedy_decode")
@pytest.mark.parametrize("every", [-1e4, 1e4])
def test_greedy_of_extreme_logits(student, torch_rng, every):
    """Where all words score about −10,000, or +10,000, the largest score still decides."""
    handle, encoder, decoder = models(student, scale=3.0)
    decoder.output.bias.data += every
    state = handle.state_dict()
    handle.load_state_dict(state | {"decoder.output.bias": decoder.output.bias})
    says_as_if_alone(student, handle, encoder, decoder, *a_source(torch_rng), 4)


def ending(handle, bias):
    """The model with another bias of the output on eos."""
    state = handle.state_dict()
    state["decoder.output.bias"][EOS] = bias
    handle.load_state_dict(state)
    return handle


@pytest.mark.exercise("greedy_decode")
def test_greedy_of_a_model_that_ends_at_once(student, torch_rng):
    """Where eos comes first the sentence is empty and its alignment is (0, S_i)."""
    handle = ending(models(student)[0], 100.0)
    tokens, alignments = student.greedy_decode(handle, *a_source(torch_rng), BOS, EOS, 5)
    check.equal(tokens, [[], [], []], what="tokens")
    for alignment, length in zip(alignments, LENGTHS.tolist(), strict=True):
        check.shape(alignment, (0, length), what="alignment of an empty sentence")


@pytest.mark.exercise("greedy_decode")
def test_greedy_of_a_model_that_never_ends(student, torch_rng):
    """Without eos exactly `max_len` words are said."""
    handle = ending(models(student)[0], -100.0)
    tokens, _ = student.greedy_decode(handle, *a_source(torch_rng), BOS, EOS, 7)
    check.equal([len(words) for words in tokens], [7, 7, 7], what="numbers of words")


# t06.5 beam_search


@pytest.mark.exercise("beam_search")
@pytest.mark.parametrize("max_len", [1, 2, 4])
def test_a_wide_beam_is_exhaustive_search(student, torch_rng, max_len):
    """With room for everything the beam finds every sentence, best first."""
    table = a_language(torch_rng)
    expected = [
        hypothesis for hypothesis in exhaustive_by_hand(table, max_len, 0.8) if math.isfinite(hypothesis[1])
    ]
    found = student.beam_search(*a_step(student, table, 0.8), 0, 1, 200, max_len)
    found = [hypothesis for hypothesis in found if math.isfinite(hypothesis[1])]
    # the order of two whose log-probabilities differ by rounding alone is anybody's
    check.close(
        [total for _, total in found], [total for _, total in expected], what="log-probabilities", rtol=1e-9
    )
    by_words = [{str(words): total for words, total in sorted(each)} for each in (found, expected)]
    check.close(*by_words, what="hypotheses", rtol=1e-9)


@pytest.mark.exercise("beam_search")
@pytest.mark.parametrize("beam_size", [1, 2, 3, 7])
def test_a_narrow_beam_keeps_the_best(student, torch_rng, beam_size):
    """Each round keeps the best continuations of all live hypotheses; finished ones leave the beam."""
    table = a_language(torch_rng, words=7)
    expected = beam_by_hand(table, 0.0, beam_size, 6)
    check.close(
        student.beam_search(*a_step(student, table), 0, 1, beam_size, 6),
        expected,
        what="hypotheses",
        rtol=1e-9,
    )


@pytest.mark.exercise("beam_search")
@pytest.mark.parametrize("flat", [False, True], ids=["nested tuple", "one tensor"])
@pytest.mark.parametrize("beam_size", [1, 2, 3, 7])
def test_the_state_follows_its_hypothesis(student, torch_rng, beam_size, flat):
    """What a hypothesis goes on with is its parent's state: here it tells the word before the last one."""
    table = a_language(torch_rng, words=7)
    found = student.beam_search(*a_step(student, table, 0.8, flat), 0, 1, beam_size, 6)
    check.close(found, beam_by_hand(table, 0.8, beam_size, 6), what="hypotheses", rtol=1e-9)


@pytest.mark.exercise("beam_search")
@pytest.mark.parametrize("max_len", [0, 1, 5])
def test_a_beam_of_one_is_greedy(student, torch_rng, max_len):
    """A single hypothesis takes the likeliest word each time."""
    table, words, total = a_language(torch_rng, words=7), [0], 0.0
    while len(words) <= max_len:
        following = int(table[words[-1]].argmax())
        total += table[words[-1], following].item()
        if following == 1:
            break
        words.append(following)
    check.close(
        student.beam_search(*a_step(student, table), 0, 1, 1, max_len),
        [(words[1:], total)],
        "hypotheses",
        rtol=1e-9,
    )


@pytest.mark.exercise("beam_search")
def test_a_model_that_never_ends(student):
    """Without eos the live hypotheses are returned at `max_len`; equal ones in the order of parent, then token."""
    table = torch.log(torch.tensor([[0.0, 0, 0.5, 0.5]] * 4, dtype=torch.float64))
    # a plain function, whose state is never looked at
    found = student.beam_search(lambda tokens, state: (table[tokens], state), torch.zeros(1), 0, 1, 3, 2)
    quarter = 2 * math.log(0.5)
    check.close(
        found, [([2, 2], quarter), ([2, 3], quarter), ([3, 2], quarter)], what="hypotheses", rtol=1e-9
    )


@pytest.mark.exercise("beam_search")
def test_finished_sentences_take_their_room(student):
    """A finished sentence leaves the beam, which shrinks: no other hypothesis takes its place."""
    rows = [[0.0, 0.4, 0.35, 0.25, 0], [0, 1, 0, 0, 0], [0, 0.1, 0, 0, 0.9], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0]]
    table = torch.tensor(rows, dtype=torch.float64).log()
    found = student.beam_search(*a_step(student, table), 0, 1, 2, 5)
    check.close(found, [([], math.log(0.4)), ([2, 4], math.log(0.35 * 0.9))], what="hypotheses", rtol=1e-9)


@pytest.mark.exercise("beam_search")
def test_many_small_probabilities_do_not_underflow(student):
    """Sixty words of probability 1e-6 have the log-probability −360 ln 10, not −∞."""
    table = torch.full((4, 4), math.log(1e-6), dtype=torch.float64)
    table[:, 1] = -50.0
    ((words, log_prob), *_) = student.beam_search(*a_step(student, table), 0, 1, 1, 60)
    check.equal(len(words), 60, what="number of words")
    check.close(log_prob, 60 * math.log(1e-6), what="log-probability", rtol=1e-9)


# t06.6 train_step

CLIPPED = {"rtol": 1e-5, "atol": 1e-6}  # PyTorch divides by the norm plus 1e-6, Pascanu et al. by the norm


def train_by_hand(encoder, decoder, optimizer, source, lengths, targets, max_norm):
    optimizer.zero_grad()
    inputs = torch.cat([torch.full((len(targets), 1), BOS), targets[:, :-1]], dim=1)
    logits, _ = given.TinySeq2Seq(encoder, decoder)(source, lengths, inputs)
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    real = (targets != PAD).flatten()
    loss = losses[real].sum() / max(int(real.sum()), 1)
    loss.backward()
    parameters = [*encoder.parameters(), *decoder.parameters()]
    norm = math.sqrt(sum(p.grad.square().sum().item() for p in parameters if p.grad is not None))
    for parameter in parameters:
        if parameter.grad is not None and norm > max_norm:
            parameter.grad *= max_norm / (norm + 1e-6)
    optimizer.step()
    return loss.item()


def a_pair_batch(torch_rng):
    source, lengths = a_source(torch_rng)
    source[1, 1] = PAD  # a word like others: its place is within the length
    targets = torch.tensor([[4, 5, 6, EOS], [3, 7, EOS, PAD], [5, EOS, PAD, PAD]])
    return source, lengths, targets


@pytest.mark.exercise("train_step")
@pytest.mark.parametrize("max_norm", [0.05, 100.0], ids=["clipped", "not clipped"])
def test_three_steps_are_those_of_a_loop(student, torch_rng, max_norm):
    """Losses and weights after three steps are those of the loop written out, clipped or not."""
    handle, encoder, decoder = models(student, scale=2.0)
    optimizer = student.optimizer("SGD", handle, lr=0.5, momentum=0.9)
    ours = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.5, momentum=0.9)
    batch = a_pair_batch(torch_rng)
    for number in range(3):
        expected = train_by_hand(encoder, decoder, ours, *batch, max_norm)
        loss = student.train_step(handle, optimizer, *batch, BOS, PAD, max_norm)
        check.close(loss, expected, what=f"loss of step {number + 1}", **CLIPPED)
    state = {f"encoder.{name}": value for name, value in encoder.state_dict().items()}
    state |= {f"decoder.{name}": value for name, value in decoder.state_dict().items()}
    trained = handle.state_dict()
    for name in sorted(state):
        check.close(trained[name], state[name], what=f"{name} after three steps", **CLIPPED)


@pytest.mark.exercise("train_step")
def test_a_batch_of_padding_costs_nothing(student, torch_rng):
    """Nothing but padding has loss 0, and plain gradient descent then changes no weight."""
    handle, _, _ = models(student)
    source, lengths, targets = a_pair_batch(torch_rng)
    before = handle.state_dict()
    loss = student.train_step(
        handle, student.optimizer("SGD", handle, lr=0.5), source, lengths, 0 * targets, BOS, PAD, 1.0
    )
    check.close(loss, 0.0, what="loss")
    after = handle.state_dict()
    for name in sorted(before):
        check.close(after[name], before[name], what=f"{name} after a step on padding")


@pytest.mark.exercise("train_step")
def test_the_loss_is_a_plain_float(student, torch_rng):
    """What comes back is Python's own float, so that a list of losses keeps no graph alive."""
    handle, _, _ = models(student)
    loss = student.train_step(
        handle, student.optimizer("SGD", handle, lr=0.1), *a_pair_batch(torch_rng), BOS, PAD, 1.0
    )
    check.true(type(loss) is float, "the loss is no float")


@pytest.mark.exercise("train_step")
def test_a_few_steps_bring_the_loss_down(student, torch_rng):
    """Eight steps on one batch bring its loss down by half."""
    handle, _, _ = models(student)
    optimizer = student.optimizer("Adam", handle, lr=0.1)
    batch = a_pair_batch(torch_rng)
    losses = [student.train_step(handle, optimizer, *batch, BOS, PAD, 1.0) for _ in range(8)]
    check.true(losses[-1] < losses[0] / 2, "after eight steps the loss has not come down by half")


# t06, every exercise that returns a tensor


def calls(student, reference, name):
    """The owner of an exercise's function or method, its name there, and the reference's."""
    if name == "Seq2Seq":
        handle, encoder, decoder = models(student, join="Seq2Seq")
        return handle, "__call__", reference.Seq2Seq(encoder, decoder)
    return student, name, getattr(reference, name)


def arguments_of(name, torch_rng):
    words = torch.randint(1, V, (3, 4), generator=torch_rng)
    if name == "sequence_loss":
        return normal(torch_rng, 3, 4, V), words, PAD
    return (words, BOS) if name == "shift_right" else (*a_source(torch_rng), words)


EACH = for_exercises("shift_right", "sequence_loss", "Seq2Seq")


@EACH
def test_the_order_of_numbers_in_memory_does_not_matter(student, reference, torch_rng, name):
    """Tensors that are transposed in memory give the same result."""
    owner, method, right = calls(student, reference, name)
    check.in_any_order(getattr(owner, method), right, *arguments_of(name, torch_rng))


@EACH
def test_a_result_stays_as_it_is(student, reference, torch_rng, name):
    """Another call leaves an earlier result as it was."""
    owner, method, right = calls(student, reference, name)
    check.stays(owner, method, right, arguments_of(name, torch_rng), arguments_of(name, torch_rng))
