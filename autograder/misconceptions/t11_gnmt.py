"""Wrong answers to t11 that students really write, each with what its author is told."""

import math

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from attend.course.bank import misconception

# t11.1 wordpieces


@misconception(
    "wordpieces",
    "You take the shortest known piece, so words are cut into many small pieces although longer ones are "
    "known.",
)
def shortest_match(word, vocabulary, unknown="<unk>"):
    rest, pieces = f"_{word}", []
    while rest:
        fitting = [rest[:end] for end in range(1, len(rest) + 1) if rest[:end] in vocabulary]
        if not fitting:
            return [unknown]
        pieces.append(fitting[0])
        rest = rest[len(fitting[0]) :]
    return pieces


@misconception(
    "wordpieces",
    "Every piece of yours carries the marker. It shows where a *word* begins: joined again, `_fe _ud` "
    "would be two words.",
)
def marker_on_every_piece(word, vocabulary, unknown="<unk>"):
    rest, pieces = word, []
    while rest:
        fitting = [end for end in range(len(rest), 0, -1) if "_" + rest[:end] in vocabulary]
        if not fitting:
            return [unknown]
        pieces.append("_" + rest[: fitting[0]])
        rest = rest[fitting[0] :]
    return pieces


@misconception(
    "wordpieces",
    "You look the word up without its marker, so it is cut into pieces that belong inside words, and its "
    "beginning is not marked.",
)
def marker_left_out(word, vocabulary, unknown="<unk>"):
    rest, pieces = word, []
    while rest:
        fitting = [end for end in range(len(rest), 0, -1) if rest[:end] in vocabulary]
        if not fitting:
            return [unknown]
        pieces.append(rest[: fitting[0]])
        rest = rest[fitting[0] :]
    return pieces


@misconception(
    "wordpieces",
    "You find the right pieces and then remove the marker. It is part of the first piece: without it the "
    "text cannot be put together again.",
)
def marker_stripped(word, vocabulary, unknown="<unk>"):
    rest, pieces = f"_{word}", []
    while rest:
        fitting = [rest[:end] for end in range(len(rest), 0, -1) if rest[:end] in vocabulary]
        if not fitting:
            return [unknown]
        pieces.append(fitting[0].lstrip("_"))
        rest = rest[len(fitting[0]) :]
    return pieces


@misconception(
    "wordpieces",
    "You keep the pieces found so far and add the unknown piece after them. A word that cannot be cut to "
    "its end is unknown as a whole.",
)
def beginning_kept(word, vocabulary, unknown="<unk>"):
    rest, pieces = f"_{word}", []
    while rest:
        fitting = [rest[:end] for end in range(len(rest), 0, -1) if rest[:end] in vocabulary]
        if not fitting:
            return [*pieces, unknown]
        pieces.append(fitting[0])
        rest = rest[len(fitting[0]) :]
    return pieces


@misconception(
    "wordpieces",
    "You skip letters that fit no piece and continue after them. The result is the cut of another word.",
)
def letters_skipped(word, vocabulary, unknown="<unk>"):
    rest, pieces = f"_{word}", []
    while rest:
        fitting = [rest[:end] for end in range(len(rest), 0, -1) if rest[:end] in vocabulary]
        if fitting:
            pieces.append(fitting[0])
        rest = rest[len(fitting[0]) if fitting else 1 :]
    return pieces or [unknown]


@misconception(
    "wordpieces",
    "Where the cut gets stuck, you go back and try a shorter piece. The greedy cut keeps what it has "
    "taken; the word is then unknown.",
)
def pieces_given_back(word, vocabulary, unknown="<unk>"):
    def cut(rest):
        if not rest:
            return []
        for end in range(len(rest), 0, -1):
            if rest[:end] in vocabulary:
                behind = cut(rest[end:])
                if behind is not None:
                    return [rest[:end], *behind]
        return None

    return cut(f"_{word}") or [unknown]


# t11.2 length_penalty


@misconception(
    "length_penalty",
    "You use |Y|^α, without the 5 and the 6. They keep the first few words from counting too much: from one word to two, |Y| doubles.",
)
def without_the_five(length, alpha):
    return float(length**alpha)


@misconception(
    "length_penalty",
    "You have the 5 but not the 6 in the denominator: a sentence of one word should have a penalty of 1.",
)
def without_the_six(length, alpha):
    return float((5 + length) ** alpha)


@misconception(
    "length_penalty",
    "You raise only the numerator to the power of α; it applies to the whole fraction.",
)
def power_of_the_numerator(length, alpha):
    return (5 + length) ** alpha / 6


@misconception(
    "length_penalty",
    "You multiply by α. It is an exponent: with 0 the penalty is always 1, with 1 it grows in proportion "
    "to 5 + |Y|.",
)
def alpha_as_a_factor(length, alpha):
    return alpha * (5 + length) / 6


@misconception(
    "length_penalty",
    "Your fraction is upside down, so it falls with the length. The penalty divides a negative number, so "
    "long sentences need a large divisor.",
)
def upside_down(length, alpha):
    return (6 / (5 + length)) ** alpha


# t11.3 coverage_penalty


@misconception(
    "coverage_penalty",
    "You add up along the rows. The weights of one *target* word always add up to one; add up what each "
    "source word got.",
)
def sums_over_the_source(weights, beta):
    return beta * weights.sum(dim=1).clamp(min=1e-8, max=1.0).log().sum()


@misconception(
    "coverage_penalty",
    "A source word that got no attention makes your penalty −∞ (and NaN with β = 0). Limit the sums from "
    "below before you take the logarithm.",
)
def log_of_zero(weights, beta):
    return beta * weights.sum(dim=0).clamp(max=1.0).log().sum()


@misconception(
    "coverage_penalty",
    "Words that got more than one unit make up for others that got too little. Sums above 1 count as 1.",
)
def more_than_one_rewarded(weights, beta):
    return beta * weights.sum(dim=0).clamp(min=1e-8).log().sum()


@misconception(
    "coverage_penalty",
    "You take the logarithm of every single weight. A source word may get its unit in small shares from many target words: add up first.",
)
def logarithm_of_each_weight(weights, beta):
    return beta * weights.clamp(min=1e-8, max=1.0).log().sum()


@misconception(
    "coverage_penalty",
    "You leave out source words that got no attention at all. The translation has forgotten exactly these "
    "words.",
)
def forgotten_words_left_out(weights, beta):
    covered = weights.sum(dim=0)
    return beta * covered[covered > 0].clamp(max=1.0).log().sum()


@misconception(
    "coverage_penalty",
    "You take the mean over the source. Then one forgotten word counts less the longer the sentence is.",
)
def mean_over_the_source(weights, beta):
    return beta * weights.sum(dim=0).clamp(min=1e-8, max=1.0).log().mean()


@misconception(
    "coverage_penalty",
    "Your penalty is positive, so it rewards what was left out. It is added to the score and must be 0 at "
    "most.",
)
def sign_turned(weights, beta):
    return -beta * weights.sum(dim=0).clamp(min=1e-8, max=1.0).log().sum()


# t11.4 hypothesis_score


@misconception(
    "hypothesis_score",
    "You multiply by the length penalty. A log-probability is negative, so this puts long sentences even "
    "further behind.",
)
def multiplied_by_the_length_penalty(log_prob, length, weights, alpha, beta):
    return log_prob * length_penalty(length, alpha) + float(coverage_penalty(weights, beta))


@misconception(
    "hypothesis_score",
    "You subtract the coverage penalty. It is negative already; subtracted, it rewards a sentence for what it left out.",
)
def coverage_subtracted(log_prob, length, weights, alpha, beta):
    return log_prob / length_penalty(length, alpha) - float(coverage_penalty(weights, beta))


@misconception(
    "hypothesis_score",
    "You divide both parts by the length penalty. Only the log-probability is divided; the coverage "
    "penalty is added in full.",
)
def coverage_divided_too(log_prob, length, weights, alpha, beta):
    return (log_prob + float(coverage_penalty(weights, beta))) / length_penalty(length, alpha)


@misconception(
    "hypothesis_score",
    "You use the length penalty but leave out the coverage penalty.",
)
def coverage_forgotten(log_prob, length, weights, alpha, beta):
    return log_prob / length_penalty(length, alpha)


@misconception(
    "hypothesis_score",
    "Your score is a tensor, since the coverage penalty is one. Return a float: thousands of scores are "
    "compared and sorted.",
)
def score_as_a_tensor(log_prob, length, weights, alpha, beta):
    return log_prob / length_penalty(length, alpha) + coverage_penalty(weights, beta)


# t11.5 GNMTEncoder


@misconception(
    "GNMTEncoder",
    "There is no residual connection: from the third layer on, add a layer's input to its output. Without "
    "it, deep stacks hardly learn.",
    replaces="GNMTEncoder.forward",
)
def no_residual_in_the_encoder(self, inputs, lengths):
    x = inputs
    for layer in self.layers:
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        x, _ = pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=inputs.shape[1])
    return x


@misconception(
    "GNMTEncoder",
    "Your residual connections begin at the fourth layer. Counted from 1, the third is the first whose input is as long as its output.",
    replaces="GNMTEncoder.forward",
)
def residual_from_the_fourth_layer(self, inputs, lengths):
    x = inputs
    for number, layer in enumerate(self.layers):
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=inputs.shape[1])
        x = output + x if number >= 3 else output
    return x


@misconception(
    "GNMTEncoder",
    "You add the output of the LSTM below instead of this layer's input. The input is itself a sum, and "
    "your version loses the parts from further below.",
    replaces="GNMTEncoder.forward",
)
def output_below_added(self, inputs, lengths):
    x, below = inputs, None
    for number, layer in enumerate(self.layers):
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=inputs.shape[1])
        x = output + below if number >= 2 else output
        below = output
    return x


@misconception(
    "GNMTEncoder",
    "You add the second layer's output once, around the whole stack. Each layer from the third on has its "
    "own residual connection.",
    replaces="GNMTEncoder.forward",
)
def one_residual_around_the_stack(self, inputs, lengths):
    x, second = inputs, None
    for number, layer in enumerate(self.layers):
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        x, _ = pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=inputs.shape[1])
        second = x if number == 1 else second
    return x + second if len(self.layers) > 2 else x


@misconception(
    "GNMTEncoder",
    "You do not pack the batch: the backward direction begins in the padding, and padding gets annotations.",
    replaces="GNMTEncoder.forward",
)
def padding_read(self, inputs, lengths):
    x = inputs
    for number, layer in enumerate(self.layers):
        output, _ = layer(x)
        x = output + x if number >= 2 else output
    return x


@misconception(
    "GNMTEncoder",
    "You set the padding to zero at the end, but the backward direction has read it first, so it has "
    "changed every real word.",
    replaces="GNMTEncoder.forward",
)
def padding_cleared_at_the_end(self, inputs, lengths):
    x = inputs
    for number, layer in enumerate(self.layers):
        output, _ = layer(x)
        x = output + x if number >= 2 else output
    return x * (torch.arange(inputs.shape[1]) < lengths[:, None])[..., None]


@misconception(
    "GNMTEncoder",
    "All your layers read in both directions. Only the first does; the others read forwards.",
)
class EveryLayerBothWays(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        if num_layers < 2:
            raise ValueError(f"num_layers is {num_layers}, and at least 2 are needed")
        sizes = [input_size] + [2 * hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(
            nn.LSTM(size, hidden_size, batch_first=True, bidirectional=True) for size in sizes
        )

    def forward(self, inputs, lengths):
        x = inputs
        for number, layer in enumerate(self.layers):
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            output, _ = pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=inputs.shape[1])
            x = output + x if number >= 2 else output
        return x


@misconception(
    "GNMTEncoder",
    "Your first layer reads forwards only. The meaning of a word also depends on what follows: the bottom "
    "layer reads in both directions.",
)
class NothingReadBackwards(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        if num_layers < 2:
            raise ValueError(f"num_layers is {num_layers}, and at least 2 are needed")
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(nn.LSTM(size, hidden_size, batch_first=True) for size in sizes)

    def forward(self, inputs, lengths):
        x = inputs
        for number, layer in enumerate(self.layers):
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            output, _ = pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=inputs.shape[1])
            x = output + x if number >= 2 else output
        return x


@misconception(
    "GNMTEncoder",
    "Your annotations end at the batch's longest sentence: where the batch is padded further, positions "
    "are missing.",
    replaces="GNMTEncoder.forward",
)
def places_missing(self, inputs, lengths):
    x = inputs[:, : int(lengths.max())]
    for number, layer in enumerate(self.layers):
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(layer(packed)[0], batch_first=True)
        x = output + x if number >= 2 else output
    return x


@misconception(
    "GNMTEncoder",
    "You add a layer's input wherever it happens to be as long as the output. Which layers have a residual connection is counted: from the third on.",
    replaces="GNMTEncoder.forward",
)
def encoder_residual_where_sizes_agree(self, inputs, lengths):
    x = inputs
    for layer in self.layers:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=x.shape[1])
        x = output + x if output.shape == x.shape else output
    return x


# t11.6 GNMTDecoder


@misconception(
    "GNMTDecoder",
    "Only your bottom layer reads the context. Every layer reads it, concatenated with its input.",
)
class ContextToTheBottomLayer(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        sizes = [input_size + hidden_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(nn.LSTMCell(size, hidden_size) for size in sizes)
        self.W_q = nn.Linear(hidden_size, hidden_size, bias=False)
        self.W_k = nn.Linear(hidden_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def step(self, embedding, states, context, annotations, mask):
        x, new_states = torch.cat([embedding, context], dim=-1), []
        for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
            h, c = layer(x, state)
            new_states.append((h, c))
            x = h + x if number >= 2 else h
        scores = self.v(torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(
            -1
        )
        if mask is None:
            weights = scores.softmax(dim=-1)
        else:
            weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
        return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "The score's linear layers have biases, because nn.Linear has one by default. W_q, W_k and v have none.",
    replaces="GNMTDecoder.__init__",
)
def biases_in_the_score(self, input_size, hidden_size, num_layers):
    super(GNMTDecoder, self).__init__()
    sizes = [input_size] + [hidden_size] * (num_layers - 1)
    self.layers = nn.ModuleList(nn.LSTMCell(size + hidden_size, hidden_size) for size in sizes)
    self.W_q = nn.Linear(hidden_size, hidden_size)
    self.W_k = nn.Linear(hidden_size, hidden_size)
    self.v = nn.Linear(hidden_size, 1)


@misconception(
    "GNMTDecoder",
    "Your layers read the *new* context in the same step. Here the context computed in this step is read "
    "in the next one.",
    replaces="GNMTDecoder.step",
)
def context_used_at_once(self, embedding, states, context, annotations, mask):
    x, new_states, weights = embedding, [], None
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 2 else h
        if number == 0:
            scores = self.v(torch.tanh(self.W_q(h).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
            if mask is None:
                weights = scores.softmax(dim=-1)
            else:
                weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
            context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    return x, new_states, context, weights


@misconception(
    "GNMTDecoder",
    "Your query is the top layer's output. In this model it is the bottom layer's, so that attention need "
    "not wait for the layers above.",
    replaces="GNMTDecoder.step",
)
def asked_by_the_top_layer(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 2 else h
    scores = self.v(torch.tanh(self.W_q(x).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "Your query is the bottom layer's old state, which has not read this word yet. Use its new output.",
    replaces="GNMTDecoder.step",
)
def asked_with_the_old_state(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 2 else h
    scores = self.v(torch.tanh(self.W_q(states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "There is no residual connection: from the third layer on, add a layer's input to its output.",
    replaces="GNMTDecoder.step",
)
def no_residual_in_the_decoder(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for layer, state in zip(self.layers, states, strict=True):
        x, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((x, c))
    scores = self.v(torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "Your residual connections begin at the fourth layer: the third one, counted from 1, is the first to have one.",
    replaces="GNMTDecoder.step",
)
def decoder_residual_from_the_fourth_layer(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 3 else h
    scores = self.v(torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "Your residual connections begin at the second layer. The sizes would allow it, but in this model "
    "they begin at the third, as in the encoder.",
    replaces="GNMTDecoder.step",
)
def decoder_residual_from_the_second_layer(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 1 else h
    scores = self.v(torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "You keep the sums as states, so in the next step a cell's state also contains its input. Pass the "
    "sum to the next layer, and keep h as the cell returned it.",
    replaces="GNMTDecoder.step",
)
def sum_kept_as_state(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        x = h + x if number >= 2 else h
        new_states.append((x, c))
    scores = self.v(torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "You put the context before the input. A cell reads its input first and then the context, and its "
    "weights have this order.",
    replaces="GNMTDecoder.step",
)
def context_before_the_input(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
        h, c = layer(torch.cat([context, x], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 2 else h
    scores = self.v(torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "You never use the mask, so padding receives attention.",
    replaces="GNMTDecoder.step",
)
def mask_not_used(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 2 else h
    scores = self.v(torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "Where nothing is allowed you return NaN: a softmax over nothing but −∞ divides zero by zero. With "
    "nothing to attend to, the weights are zero.",
    replaces="GNMTDecoder.step",
)
def nan_where_nothing_is_allowed(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 2 else h
    scores = self.v(torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(dim=-1)
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "Where nothing is allowed you spread attention over all the hidden places: equally low scores get equal weights. A hidden place never gets any.",
    replaces="GNMTDecoder.step",
)
def uniform_where_nothing_is_allowed(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True), start=1):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 3 else h
    hidden = torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))
    scores = self.v(hidden).squeeze(-1)
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    weights = scores.softmax(dim=-1)
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "You add one large negative number to every hidden score. Where nothing is allowed it is added to the whole row, and a softmax does not change when every score does: that row attends as if there were no mask.",
    replaces="GNMTDecoder.step",
)
def number_added_to_hidden_scores(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True), start=1):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 3 else h
    hidden = torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))
    scores = self.v(hidden).squeeze(-1)
    if mask is not None:
        scores = scores + (~mask).to(scores.dtype) * -1e9
    weights = scores.softmax(dim=-1)
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "You take 10,000 off every hidden score. A score may be that large by itself: a hidden place far above the allowed ones still wins, and where nothing is allowed the row attends as if there were no mask.",
    replaces="GNMTDecoder.step",
)
def ten_thousand_taken_off(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True), start=1):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 3 else h
    hidden = torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))
    scores = self.v(hidden).squeeze(-1)
    if mask is not None:
        scores = scores + (~mask).to(scores.dtype) * -1e4
    weights = scores.softmax(dim=-1)
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "You hide places behind a score of −10,000. Allowed scores may be lower than that; the hidden places then win the softmax, and when their share is taken away the allowed ones are left with nothing.",
    replaces="GNMTDecoder.step",
)
def hidden_behind_minus_ten_thousand(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for number, (layer, state) in enumerate(zip(self.layers, states, strict=True), start=1):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if number >= 3 else h
    hidden = torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))
    scores = self.v(hidden).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, -1e4).softmax(dim=-1) * mask
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "GNMTDecoder",
    "You add a layer's input wherever it happens to be as long as the output. Which layers have a residual connection is counted: from the third on.",
    replaces="GNMTDecoder.step",
)
def residual_where_sizes_agree(self, embedding, states, context, annotations, mask):
    x, new_states = embedding, []
    for layer, state in zip(self.layers, states, strict=True):
        h, c = layer(torch.cat([x, context], dim=-1), state)
        new_states.append((h, c))
        x = h + x if h.shape == x.shape else h
    scores = self.v(torch.tanh(self.W_q(new_states[0][0]).unsqueeze(1) + self.W_k(annotations))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return x, new_states, (weights.unsqueeze(1) @ annotations).squeeze(1), weights


# t11.7 beam_search


@misconception(
    "beam_search",
    "You apply the penalties at every step. They are for finished sentences: coverage would penalise an "
    "unfinished one for what it has not read *yet*.",
)
def penalised_at_every_step(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        candidates = []
        for parent, (_, log_prob, rows) in enumerate(live):
            rows = [*rows, weights[parent]]
            for token, following in enumerate(log_probs[parent].tolist()):
                if following > -math.inf:
                    total = log_prob + following
                    score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                    candidates.append((score, parent, token, total, rows))
        candidates.sort(key=lambda candidate: -candidate[0])
        parents, longer = [], []
        for score, parent, token, total, rows in candidates[: beam_size - len(finished)]:
            tokens = live[parent][0]
            if token == eos:
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You rank finished sentences by log-probability, as in t06. Rank them by their score, with both "
    "penalties.",
)
def ranked_by_probability(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state, _ = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                parents.append(parent)
                longer.append(([*live[parent][0], token], total))
        live = longer
        last = [tokens[-1] for tokens, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    return sorted(found + live, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You do not count eos in |Y|. The model writes it like any other word: it has a probability and "
    "counts in the length.",
)
def eos_not_counted(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(tokens), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You count bos in |Y|. bos is given and not chosen: it has no probability and no weights. The length counts the words that were written, and eos is one of them.",
)
def bos_counted(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([bos], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(tokens) + 1, torch.stack(rows), alpha, beta)
                finished.append((tokens[1:], score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens[1:], hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "The weights of the step that writes eos are missing from your coverage. eos is one of the target's "
    "words, and its weights count too.",
)
def row_of_eos_left_out(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                attention = torch.stack(rows[:-1] or [torch.zeros_like(rows[0])])
                score = hypothesis_score(total, len(rows), attention, alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "A hypothesis of yours takes over the weights of the hypothesis that was in its place before. Like "
    "the state, they have to come from its parent.",
)
def rows_of_another_hypothesis(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        pairs = zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True)
        for place, (total, index) in enumerate(pairs):
            parent, token = divmod(index, totals.shape[1])
            place = min(place, len(live) - 1)
            if total == -math.inf:
                break
            tokens, rows = live[parent][0], [*live[place][2], weights[place]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You drop no tokens: `prune` also applies to the continuations of each hypothesis, so that very "
    "unlikely words are never extended.",
)
def tokens_not_pruned(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You return every finished sentence. Those whose score is more than `prune` below the best finished one are dropped.",
)
def finished_not_pruned(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    found = list(finished)
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You compare tokens with the best token of the whole beam. Compare each with the best of its own "
    "hypothesis.",
)
def pruned_by_the_best_of_all(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.max()
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You drop unfinished sentences whose total is far below the best total. Compare only the *token's* "
    "log-probability with the best token of its hypothesis.",
)
def pruned_by_the_total(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        totals = totals.masked_fill(totals < totals.max() - prune, -math.inf)
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "Your second pruning compares log-probabilities. Compare the scores of finished sentences, which "
    "include length and coverage.",
)
def finished_pruned_by_probability(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score, total))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((total for _, _, total in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score, total in finished if total >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You drop open sentences that are far below the best finished one. This pruning applies to finished "
    "sentences only.",
)
def open_ones_pruned_too(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = list(finished)
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    found = [(tokens, score) for tokens, score in found if score >= top - prune]
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You drop sentences that are still open at `max_len`. Score them as they are, and return them too.",
)
def open_ones_thrown_away(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You do not re-index the state by parent, so a hypothesis continues with the state of another one.",
)
def state_not_reindexed(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        parents, longer = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            else:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        size, live = len(live), longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, [min(row, size - 1) for row in range(len(live))])
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You fill the places of finished sentences again, so your beam never shrinks.",
)
def beam_never_shrinks(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    finished, live, last = [], [([], 0.0, [])], [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)
        best = log_probs.amax(dim=-1, keepdim=True)
        log_probs = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = log_probs + log_probs.new_tensor([log_prob for _, log_prob, _ in live])[:, None]
        ranked = totals.flatten().sort(descending=True, stable=True)
        parents, longer = [], []
        for total, index in zip(ranked.values.tolist(), ranked.indices.tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if total == -math.inf:
                break
            tokens, _, rows = live[parent]
            rows = [*rows, weights[parent]]
            if token == eos:
                score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta)
                finished.append((tokens, score))
            elif len(longer) < beam_size:
                parents.append(parent)
                longer.append(([*tokens, token], total, rows))
        live = longer
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    top = max((score for _, score in finished), default=-math.inf)
    found = [(tokens, score) for tokens, score in finished if score >= top - prune]
    for tokens, log_prob, rows in live:
        attention = torch.stack(rows) if rows else torch.zeros(0, 0)
        found.append((tokens, hypothesis_score(log_prob, len(tokens), attention, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]
