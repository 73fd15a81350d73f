"""Correct answers to t11 of another shape than the reference: all of them get full marks."""

import math

import torch
from torch import nn

from attend.course.bank import alternate

# t11.1 wordpieces


@alternate(
    "wordpieces",
    why=(
        "Two indices move along one string, and the rest is not copied after each piece. "
        "Both bounds must be kept right by hand."
    ),
)
def wordpieces_by_two_indices(word, vocabulary, unknown="<unk>"):
    marked, pieces, start = "_" + word, [], 0
    while start < len(marked):
        end = len(marked)
        while end > start and marked[start:end] not in vocabulary:
            end -= 1
        if end == start:
            return [unknown]
        pieces.append(marked[start:end])
        start = end
    return pieces


@alternate(
    "wordpieces",
    why=(
        "It reads like the rule: the longest piece that fits. "
        "It sorts the whole vocabulary for every word; look-ups in a set need no order."
    ),
)
def wordpieces_from_the_vocabulary(word, vocabulary, unknown="<unk>"):
    longest_first = sorted(vocabulary, key=len, reverse=True)
    pieces, rest = [], "_" + word
    while rest:
        piece = next((piece for piece in longest_first if rest.startswith(piece)), "")
        if not piece:
            return [unknown]
        pieces, rest = [*pieces, piece], rest.removeprefix(piece)
    return pieces


# t11.2 length_penalty


@alternate(
    "length_penalty",
    why=(
        "In logarithms the power becomes a product, so no power is needed. Three calls round one after another."
    ),
)
def length_penalty_by_logarithms(length, alpha):
    return math.exp(alpha * (math.log(5 + length) - math.log(6)))


@alternate(
    "length_penalty",
    why="It is the fraction as the paper prints it. It takes two powers, and one is enough.",
)
def length_penalty_of_two_powers(length, alpha):
    return (5.0 + length) ** alpha / (5.0 + 1.0) ** alpha


# t11.3 coverage_penalty


@alternate(
    "coverage_penalty",
    why="You can print how much attention each source word got. Python loops over S words.",
)
def coverage_column_by_column(weights, beta):
    total = weights.new_zeros(())
    for column in weights.unbind(dim=1):
        covered = torch.minimum(torch.maximum(column.sum(), column.new_tensor(1e-8)), column.new_tensor(1.0))
        total = total + torch.log(covered)
    return beta * total


@alternate(
    "coverage_penalty",
    why=(
        "The logarithm of 1 is 0, so the upper limit can follow the logarithm. "
        "A reader must see that the order does not matter."
    ),
)
def coverage_of_logarithms_first(weights, beta):
    covered = torch.ones(len(weights), dtype=weights.dtype) @ weights
    logarithms = torch.where(covered > 1e-8, covered, torch.full_like(covered, 1e-8)).log()
    return torch.minimum(logarithms, torch.zeros_like(logarithms)).sum() * beta


# t11.4 hypothesis_score


@alternate(
    "hypothesis_score",
    why="One line shows both penalties side by side. Both are written twice now and must be changed twice.",
)
def score_written_out(log_prob, length, weights, alpha, beta):
    covered = weights.sum(dim=0).clamp(min=1e-8, max=1.0)
    return log_prob * (6 / (5 + length)) ** alpha + beta * torch.log(covered).sum().item()


@alternate(
    "hypothesis_score",
    why=(
        "It adds up in float64, which loses fewer digits if weights are float32. "
        "Tensors of one number are slower than Python's floats."
    ),
)
def score_in_tensors(log_prob, length, weights, alpha, beta):
    normalised = torch.tensor(log_prob, dtype=torch.float64) / length_penalty(length, alpha)
    return torch.add(normalised, coverage_penalty(weights.double(), beta)).item()


# t11.5 GNMTEncoder


@alternate(
    "GNMTEncoder",
    replaces="GNMTEncoder.forward",
    why=(
        "Nothing is packed: each sentence is cut, read alone and padded again. "
        "Every layer runs B times, and never on a batch."
    ),
)
def encoded_one_by_one(self, inputs, lengths):
    encoded = []
    for words, length in zip(inputs, lengths.tolist(), strict=True):
        x = self.layers[0](words[None, :length])[0]
        x = self.layers[1](x)[0]
        for layer in self.layers[2:]:
            x = x + layer(x)[0]
        encoded.append(nn.functional.pad(x[0], (0, 0, 0, inputs.shape[1] - length)))
    return torch.stack(encoded)


@alternate(
    "GNMTEncoder",
    why=(
        "It packs once, and all layers read packed data. "
        "The residual sum uses `data` and `batch_sizes`, which a reader must look up."
    ),
)
class sorted_and_packed_once(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        if num_layers <= 1:
            raise ValueError("num_layers: two or more are needed, not " + str(num_layers))
        self.layers = nn.ModuleList()
        for number in range(num_layers):
            size = (input_size, 2 * hidden_size)[number] if number < 2 else hidden_size
            self.layers.append(
                nn.LSTM(size, hidden_size, num_layers=1, batch_first=True, bidirectional=number == 0)
            )

    def forward(self, inputs, lengths):
        order = lengths.argsort(descending=True)
        packed = nn.utils.rnn.pack_padded_sequence(inputs[order], lengths[order], batch_first=True)
        for number, layer in enumerate(self.layers):
            output, _ = layer(packed)
            data = output.data if number < 2 else output.data + packed.data
            packed = nn.utils.rnn.PackedSequence(data, packed.batch_sizes)
        padded, _ = nn.utils.rnn.pad_packed_sequence(packed, batch_first=True, total_length=inputs.size(1))
        return padded[order.argsort()]


# t11.6 GNMTDecoder


@alternate(
    "GNMTDecoder",
    why=(
        "Attention is a method of its own, so it can be tested alone. "
        "It reads the weights of W_k and v and would ignore a bias."
    ),
)
class attention_in_a_method(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.v = nn.Linear(hidden_size, 1, bias=False)
        self.W_k = nn.Linear(hidden_size, hidden_size, bias=False)
        self.W_q = nn.Linear(hidden_size, hidden_size, bias=False)
        bottom = nn.LSTMCell(input_size + hidden_size, hidden_size)
        above = [nn.LSTMCell(2 * hidden_size, hidden_size) for _ in range(1, num_layers)]
        self.layers = nn.ModuleList([bottom, *above])

    def attend(self, query, annotations, mask):
        keys = torch.einsum("bsd,hd->bsh", annotations, self.W_k.weight)
        scores = torch.einsum("bsh,h->bs", torch.tanh(self.W_q(query)[:, None] + keys), self.v.weight[0])
        mask = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
        shown = scores.masked_fill(~mask, -math.inf)
        exp = torch.exp(shown - shown.amax(dim=-1, keepdim=True).clamp(min=-1e9))
        total = exp.sum(dim=-1, keepdim=True)
        weights = exp / total.masked_fill(total == 0, 1.0)
        return torch.einsum("bs,bsd->bd", weights, annotations), weights

    def step(self, embedding, states, context, annotations, mask):
        states = list(states)
        x = embedding
        for number in range(len(self.layers)):
            states[number] = self.layers[number](torch.hstack([x, context]), states[number])
            x = states[number][0] + (x if number > 1 else 0)
        return x, states, *self.attend(states[0][0], annotations, mask)


@alternate(
    "GNMTDecoder",
    replaces="GNMTDecoder.step",
    why=(
        "It shows that attention needs the bottom layer alone: the upper layers could run beside it. "
        "The bottom layer is written apart."
    ),
)
def attention_before_the_upper_layers(self, embedding, states, context, annotations, mask):
    bottom, *above = zip(self.layers, states, strict=True)
    news = [bottom[0](torch.cat((embedding, context), dim=1), bottom[1])]
    scores = self.v(torch.tanh(self.W_q(news[0][0])[:, None] + self.W_k(annotations)))[..., 0]
    allowed = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
    some = allowed.any(dim=-1, keepdim=True)
    shown = torch.where(allowed | ~some, scores, -math.inf)
    weights = torch.where(some, torch.softmax(shown, dim=-1), 0.0)
    output = news[0][0]
    for depth, (layer, state) in enumerate(above):
        news.append(layer(torch.cat((output, context), dim=1), state))
        output = news[-1][0] if depth == 0 else output + news[-1][0]
    return output, news, torch.bmm(weights[:, None], annotations)[:, 0], weights


# t11.7 beam_search


@alternate(
    "beam_search",
    why=(
        "The candidates are a Python list that you can print and follow. "
        "It makes and sorts up to K × V tuples at each step."
    ),
)
def beam_by_sorting_candidates(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    def pick(tree, parents):
        return tuple(pick(part, parents) for part in tree) if isinstance(tree, tuple) else tree[parents]

    finished, live = [], [([bos], 0.0, [])]
    while live and len(live[0][0]) <= max_len:
        log_probs, state, weights = step(torch.tensor([words[-1] for words, _, _ in live]), state)
        candidates = [
            (score + log_prob, parent, token)
            for parent, (_, score, _) in enumerate(live)
            for token, log_prob in enumerate(log_probs[parent].tolist())
            if -math.inf < log_prob and log_prob >= max(log_probs[parent].tolist()) - prune
        ]
        candidates.sort(key=lambda candidate: (-candidate[0], candidate[1], candidate[2]))
        following, parents = [], []
        for total, parent, token in candidates[: beam_size - len(finished)]:
            words, _, rows = live[parent]
            rows = rows + [weights[parent]]
            if token == eos:
                finished.append(
                    (words[1:], hypothesis_score(total, len(words), torch.stack(rows), alpha, beta))
                )
            else:
                following.append((words + [token], total, rows))
                parents.append(parent)
        live = following
        if parents:
            state = pick(state, torch.tensor(parents))
    best = max([score for _, score in finished], default=0.0)
    found = [pair for pair in finished if best - pair[1] <= prune]
    for words, total, rows in live:
        score = hypothesis_score(total, len(rows), torch.stack(rows), alpha, beta) if rows else 0.0
        found.append((words[1:], score))
    return sorted(found, key=lambda pair: pair[1], reverse=True)[:beam_size]


@alternate(
    "beam_search",
    why=(
        "Words, sums and attention stay in tensors, so Python loops only over what has ended. "
        "Every step copies all rows of attention: K × T × S."
    ),
)
def beam_in_tensors(step, state, bos, eos, beam_size, max_len, alpha, beta, prune=3.0):
    words, totals = torch.zeros(1, 0, dtype=torch.long), torch.zeros(1, dtype=torch.float64)
    attention, last, done = None, torch.tensor([bos]), []
    for _ in range(max_len):
        log_probs, state, weights = step(last, state)
        weights = weights[:, None]  # (K, 1, S)
        attention = weights if attention is None else torch.cat([attention, weights], dim=1)  # (K, T, S)
        near = log_probs >= log_probs.max(dim=1, keepdim=True).values - prune
        sums = torch.where(near, totals[:, None] + log_probs.double(), -math.inf).flatten()
        order = torch.argsort(sums, descending=True, stable=True)[: beam_size - len(done)]
        order = order[sums[order] > -math.inf]
        parents, tokens = torch.div(order, near.shape[1], rounding_mode="floor"), order % near.shape[1]
        for p, place in zip(parents[tokens == eos], order[tokens == eos], strict=True):
            length = words.shape[1] + 1
            score = hypothesis_score(sums[place].item(), length, attention[p], alpha, beta)
            done.append((words[p].tolist(), score))
        parents, last, totals = parents[tokens != eos], tokens[tokens != eos], sums[order[tokens != eos]]
        words, attention = torch.cat([words[parents], last[:, None]], dim=1), attention[parents]
        if len(last) == 0:
            break
        state = _reindex(state, parents)
    found = [(tokens, score) for tokens, score in done if not score < max(s for _, s in done) - prune]
    for place, tokens in enumerate(words.tolist()):
        rows = torch.zeros(0, 0) if attention is None else attention[place]
        found.append((tokens, hypothesis_score(totals[place].item(), len(tokens), rows, alpha, beta)))
    return sorted(found, key=lambda hypothesis: -hypothesis[1])[:beam_size]
