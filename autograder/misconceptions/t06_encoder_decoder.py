"""Wrong answers to t06 that students really write, each with what its author is told."""

import torch
from torch import nn
from torch.nn import functional as F

from attend.course.bank import misconception

# t06.1 shift_right


@misconception(
    "shift_right", "You shift the other way: the decoder reads the word *after* the one that it should write."
)
def shifted_left(targets, bos):
    return torch.cat([targets[:, 1:], targets.new_full((len(targets), 1), bos)], dim=1)


@misconception(
    "shift_right", "Your inputs are one word longer than the targets: the last word is never read."
)
def one_word_too_long(targets, bos):
    return torch.cat([targets.new_full((len(targets), 1), bos), targets], dim=1)


@misconception(
    "shift_right",
    "bos overwrites the first word, and the others stay where they are. All of them should move one position to the right.",
)
def first_word_overwritten(targets, bos):
    inputs = targets.clone()
    inputs[:, 0] = bos
    return inputs


# t06.2 sequence_loss


@misconception("sequence_loss", "Padding counts as a word: the model is rewarded for predicting it.")
def averaged_over_padding(logits, targets, pad):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@misconception(
    "sequence_loss",
    "You divide by the number of sentences, so long sentences weigh more than short ones. Divide by the number of real words.",
)
def divided_by_the_batch(logits, targets, pad):
    total = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad, reduction="sum")
    return total / len(targets)


@misconception(
    "sequence_loss",
    "You leave the losses at padding out of the sum but still divide by the number of all positions.",
)
def divided_by_all_places(logits, targets, pad):
    total = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad, reduction="sum")
    return total / targets.numel()


@misconception(
    "sequence_loss", "A batch of nothing but padding gives NaN, because you divide zero by zero words."
)
def nan_without_words(logits, targets, pad):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad)


@misconception(
    "sequence_loss",
    "You average each sentence first, so a word of a short sentence counts more than a word of a long one.",
)
def mean_of_means(logits, targets, pad):
    losses = F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=pad, reduction="none")
    real = (targets != pad).sum(dim=1)
    return (losses.sum(dim=1) / real.clamp(min=1)).sum() / (real > 0).sum().clamp(min=1)


@misconception("sequence_loss", "You always treat 0 as the padding and ignore `pad`.")
def pad_taken_for_zero(logits, targets, pad):
    total = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0, reduction="sum")
    return total / (targets != 0).sum().clamp(min=1)


@misconception(
    "sequence_loss",
    "You take the softmax twice: the cross-entropy takes one itself, and expects logits.",
)
def softmax_taken_twice(logits, targets, pad):
    probabilities = logits.softmax(dim=-1).flatten(0, 1)
    total = F.cross_entropy(probabilities, targets.flatten(), ignore_index=pad, reduction="sum")
    return total / (targets != pad).sum().clamp(min=1)


@misconception(
    "sequence_loss",
    "Your loss reads the logits as if they were log-probabilities: the softmax is missing.",
)
def logits_taken_for_log_probabilities(logits, targets, pad):
    total = F.nll_loss(logits.flatten(0, 1), targets.flatten(), ignore_index=pad, reduction="sum")
    return total / (targets != pad).sum().clamp(min=1)


@misconception(
    "sequence_loss",
    "Where all is padding you return a new 0 that does not come from the logits: nobody can take its gradient.",
)
def zero_without_a_graph(logits, targets, pad):
    if (targets == pad).all():
        return logits.new_zeros(())
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad)


# t06.3 Seq2Seq


@misconception(
    "Seq2Seq", "Nothing hides the source's padding: the decoder attends to it.", replaces="Seq2Seq.forward"
)
def padding_not_hidden(self, source, lengths, inputs):
    annotations, state = self.encoder(source, lengths)
    return self.decoder(inputs, state, annotations, torch.ones_like(source, dtype=torch.bool))


@misconception(
    "Seq2Seq",
    "Your mask is inverted: the decoder sees nothing but padding.",
    replaces="Seq2Seq.forward",
)
def mask_inverted(self, source, lengths, inputs):
    annotations, state = self.encoder(source, lengths)
    return self.decoder(inputs, state, annotations, torch.arange(source.shape[1]) >= lengths[:, None])


@misconception(
    "Seq2Seq",
    "The decoder starts from a state of zeros, so the encoder's state is lost.",
    replaces="Seq2Seq.forward",
)
def state_not_handed_on(self, source, lengths, inputs):
    annotations, state = self.encoder(source, lengths)
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    return self.decoder(inputs, torch.zeros_like(state), annotations, mask)


@misconception(
    "Seq2Seq", "Every sentence is encoded as if it were as long as the longest.", replaces="Seq2Seq.forward"
)
def lengths_ignored(self, source, lengths, inputs):
    annotations, state = self.encoder(source, torch.full_like(lengths, source.shape[1]))
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    return self.decoder(inputs, state, annotations, mask)


@misconception(
    "Seq2Seq",
    "You take every token 0 for padding. Only `lengths` says what is padding: any token may be a word of a sentence.",
    replaces="Seq2Seq.forward",
)
def mask_from_the_tokens(self, source, lengths, inputs):
    annotations, state = self.encoder(source, lengths)
    return self.decoder(inputs, state, annotations, source != 0)


@misconception(
    "Seq2Seq",
    "No gradient reaches the encoder: its results are cut off from the graph, so that it never learns.",
    replaces="Seq2Seq.forward",
)
def encoder_cut_off(self, source, lengths, inputs):
    with torch.no_grad():
        annotations, state = self.encoder(source, lengths)
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    return self.decoder(inputs, state, annotations, mask)


# t06.4 greedy_decode


@misconception("greedy_decode", "You keep eos among the tokens. It ends the sentence and is no part of it.")
@torch.no_grad()
def eos_kept(model, source, lengths, bos, eos, max_len):
    annotations, state = model.encoder(source, lengths)
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    context, token = (
        annotations.new_zeros(len(source), annotations.shape[-1]),
        source.new_full((len(source),), bos),
    )
    tokens, rows, open_ = [[] for _ in source], [[] for _ in source], set(range(len(source)))
    for _ in range(max_len):
        logits, state, context, weights = model.decoder.step(token, state, context, annotations, mask)
        token = logits.argmax(dim=-1)
        for b in open_:
            tokens[b].append(int(token[b]))
            rows[b].append(weights[b, : lengths[b]])
        open_ = {b for b in open_ if token[b] != eos}
    none = [annotations.new_zeros(0, int(length)) for length in lengths]
    return tokens, [torch.stack(row) if row else empty for row, empty in zip(rows, none, strict=True)]


@misconception(
    "greedy_decode",
    "The decoder reads bos at every step. After the first word it should read the word that it has just written.",
)
@torch.no_grad()
def bos_at_every_step(model, source, lengths, bos, eos, max_len):
    annotations, state = model.encoder(source, lengths)
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    context, first = (
        annotations.new_zeros(len(source), annotations.shape[-1]),
        source.new_full((len(source),), bos),
    )
    tokens, rows, open_ = [[] for _ in source], [[] for _ in source], set(range(len(source)))
    for _ in range(max_len):
        logits, state, context, weights = model.decoder.step(first, state, context, annotations, mask)
        token = logits.argmax(dim=-1)
        open_ = {b for b in open_ if token[b] != eos}
        for b in open_:
            tokens[b].append(int(token[b]))
            rows[b].append(weights[b, : lengths[b]])
    none = [annotations.new_zeros(0, int(length)) for length in lengths]
    return tokens, [torch.stack(row) if row else empty for row, empty in zip(rows, none, strict=True)]


@misconception("greedy_decode", "All sentences stop when the first one ends, so the others are cut short.")
@torch.no_grad()
def all_stop_with_the_first(model, source, lengths, bos, eos, max_len):
    annotations, state = model.encoder(source, lengths)
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    context, token = (
        annotations.new_zeros(len(source), annotations.shape[-1]),
        source.new_full((len(source),), bos),
    )
    tokens, rows = [[] for _ in source], [[] for _ in source]
    for _ in range(max_len):
        logits, state, context, weights = model.decoder.step(token, state, context, annotations, mask)
        token = logits.argmax(dim=-1)
        if (token == eos).any():
            break
        for b in range(len(source)):
            tokens[b].append(int(token[b]))
            rows[b].append(weights[b, : lengths[b]])
    none = [annotations.new_zeros(0, int(length)) for length in lengths]
    return tokens, [torch.stack(row) if row else empty for row, empty in zip(rows, none, strict=True)]


@misconception(
    "greedy_decode",
    "The context is not handed from step to step: the cell always reads zeros beside the word.",
)
@torch.no_grad()
def context_not_carried(model, source, lengths, bos, eos, max_len):
    annotations, state = model.encoder(source, lengths)
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    zero, token = (
        annotations.new_zeros(len(source), annotations.shape[-1]),
        source.new_full((len(source),), bos),
    )
    tokens, rows, open_ = [[] for _ in source], [[] for _ in source], set(range(len(source)))
    for _ in range(max_len):
        logits, state, _, weights = model.decoder.step(token, state, zero, annotations, mask)
        token = logits.argmax(dim=-1)
        open_ = {b for b in open_ if token[b] != eos}
        for b in open_:
            tokens[b].append(int(token[b]))
            rows[b].append(weights[b, : lengths[b]])
    none = [annotations.new_zeros(0, int(length)) for length in lengths]
    return tokens, [torch.stack(row) if row else empty for row, empty in zip(rows, none, strict=True)]


@misconception(
    "greedy_decode",
    "Your alignments still have columns for the padding. Cut each one to the length of its source.",
)
@torch.no_grad()
def alignments_not_cut(model, source, lengths, bos, eos, max_len):
    annotations, state = model.encoder(source, lengths)
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    context, token = (
        annotations.new_zeros(len(source), annotations.shape[-1]),
        source.new_full((len(source),), bos),
    )
    tokens, rows, open_ = [[] for _ in source], [[] for _ in source], set(range(len(source)))
    for _ in range(max_len):
        logits, state, context, weights = model.decoder.step(token, state, context, annotations, mask)
        token = logits.argmax(dim=-1)
        open_ = {b for b in open_ if token[b] != eos}
        for b in open_:
            tokens[b].append(int(token[b]))
            rows[b].append(weights[b])
    none = annotations.new_zeros(0, source.shape[1])
    return tokens, [torch.stack(row) if row else none for row in rows]


@misconception(
    "greedy_decode",
    "A sentence goes on after its eos: you leave eos out and keep what comes later. A sentence ends at its first eos.",
)
@torch.no_grad()
def goes_on_after_eos(model, source, lengths, bos, eos, max_len):
    annotations, state = model.encoder(source, lengths)
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    context, token = (
        annotations.new_zeros(len(source), annotations.shape[-1]),
        source.new_full((len(source),), bos),
    )
    tokens, rows, open_ = [[] for _ in source], [[] for _ in source], set(range(len(source)))
    for _ in range(max_len):
        logits, state, context, weights = model.decoder.step(token, state, context, annotations, mask)
        token = logits.argmax(dim=-1)
        open_ = {b for b in range(len(source)) if token[b] != eos}
        for b in open_:
            tokens[b].append(int(token[b]))
            rows[b].append(weights[b, : lengths[b]])
    none = [annotations.new_zeros(0, int(length)) for length in lengths]
    return tokens, [torch.stack(row) if row else empty for row, empty in zip(rows, none, strict=True)]


@misconception(
    "greedy_decode",
    "Nothing hides the source's padding: the decoder attends to it, and a sentence's words depend on its batch.",
)
@torch.no_grad()
def greedy_attends_to_padding(model, source, lengths, bos, eos, max_len):
    annotations, state = model.encoder(source, lengths)
    mask = torch.ones_like(source, dtype=torch.bool)
    context, token = (
        annotations.new_zeros(len(source), annotations.shape[-1]),
        source.new_full((len(source),), bos),
    )
    tokens, rows, open_ = [[] for _ in source], [[] for _ in source], set(range(len(source)))
    for _ in range(max_len):
        logits, state, context, weights = model.decoder.step(token, state, context, annotations, mask)
        token = logits.argmax(dim=-1)
        open_ = {b for b in open_ if token[b] != eos}
        for b in open_:
            tokens[b].append(int(token[b]))
            rows[b].append(weights[b, : lengths[b]])
    none = [annotations.new_zeros(0, int(length)) for length in lengths]
    return tokens, [torch.stack(row) if row else empty for row, empty in zip(rows, none, strict=True)]


@misconception(
    "greedy_decode",
    "You take every token 0 for padding. Only `lengths` says what is padding: any token may be a word of a sentence.",
)
@torch.no_grad()
def greedy_mask_from_the_tokens(model, source, lengths, bos, eos, max_len):
    annotations, state = model.encoder(source, lengths)
    mask = source != 0
    context, token = (
        annotations.new_zeros(len(source), annotations.shape[-1]),
        source.new_full((len(source),), bos),
    )
    tokens, rows, open_ = [[] for _ in source], [[] for _ in source], set(range(len(source)))
    for _ in range(max_len):
        logits, state, context, weights = model.decoder.step(token, state, context, annotations, mask)
        token = logits.argmax(dim=-1)
        open_ = {b for b in open_ if token[b] != eos}
        for b in open_:
            tokens[b].append(int(token[b]))
            rows[b].append(weights[b, : lengths[b]])
    none = [annotations.new_zeros(0, int(length)) for length in lengths]
    return tokens, [torch.stack(row) if row else empty for row, empty in zip(rows, none, strict=True)]


# t06.5 beam_search


@misconception(
    "beam_search", "Finished hypotheses are extended past eos. They are complete and must leave the beam."
)
def extended_past_eos(step, state, bos, eos, beam_size, max_len):
    live, last = [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        pairs = [divmod(index, totals.shape[1]) for index in best.indices[:beam_size].tolist()]
        live = [
            (live[p][0] + [t], s) for (p, t), s in zip(pairs, best.values[:beam_size].tolist(), strict=True)
        ]
        last = [token for _, token in pairs]
        state = _reindex(state, [parent for parent, _ in pairs])
    return [([token for token in tokens if token != eos], score) for tokens, score in live]


@misconception(
    "beam_search", "You multiply probabilities. Many small ones underflow to zero: add log-probabilities."
)
def probabilities_multiplied(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 1.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs.exp() * log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        following, parents = [], []
        for total, index in zip(best.values[:room].tolist(), best.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    ranked = sorted(finished + live, key=lambda hypothesis: -hypothesis[1])[:beam_size]
    return [(tokens, torch.tensor(score, dtype=torch.float64).log().item()) for tokens, score in ranked]


@misconception(
    "beam_search",
    "The state is not re-indexed by parent, so a hypothesis continues with the state of another one.",
)
def state_not_reindexed(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        following = []
        for total, index in zip(best.values[:room].tolist(), best.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                following.append((live[parent][0] + [token], total))
        size = len(live)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if not live:
            break
        state = _reindex(state, [min(row, size - 1) for row in range(len(live))])
    return sorted(finished + live, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "Each hypothesis keeps only its own best word. The continuations of *all* open hypotheses compete with each other.",
)
def one_continuation_each(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)], [bos]
    for number in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        room = beam_size - len(finished)
        best = totals.sort(dim=1, descending=True, stable=True)
        width = room if number == 0 else 1
        candidates = [
            (best.values[p, k].item(), p, best.indices[p, k].item())
            for p in range(len(live))
            for k in range(min(width, totals.shape[1]))
        ]
        following, parents = [], []
        for total, parent, token in candidates[:room]:
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    return sorted(finished + live, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search", "Finished sentences free their places, so the beam is filled up again. Here it shrinks."
)
def beam_never_shrinks(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        following, parents = [], []
        for total, index in zip(best.values.tolist(), best.indices.tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append((live[parent][0], total))
            elif len(following) < beam_size:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        state = _reindex(state, parents)
    return sorted(finished + live, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search", "You drop the hypotheses that are still open at `max_len`. They are returned too."
)
def open_ones_thrown_away(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        following, parents = [], []
        for total, index in zip(best.values[:room].tolist(), best.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    return sorted(finished, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "Your search stops when the first sentence ends. Other hypotheses may still become better ones: go on until none is "
    "live, or until `max_len`.",
)
def stops_at_the_first_eos(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        following, parents = [], []
        for total, index in zip(best.values[:room].tolist(), best.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if finished or not live:
            break
        state = _reindex(state, parents)
    return sorted(finished + live, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "Your search stops when the first sentence ends, and returns that one alone. Other hypotheses may still become "
    "better ones: go on until none is live, or until `max_len`.",
)
def returns_the_first_finished(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        following, parents = [], []
        for total, index in zip(best.values[:room].tolist(), best.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if finished or not live:
            break
        state = _reindex(state, parents)
    return sorted(finished or live, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "A finished sentence lacks the log-probability of its eos: the probability of ending at that place counts as well.",
)
def eos_not_counted(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        following, parents = [], []
        for total, index in zip(best.values[:room].tolist(), best.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append(live[parent])
            else:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    return sorted(finished + live, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You rank by the log-probability of a word, the sum divided by the length. Here the sum itself decides.",
)
def divided_by_the_length(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        following, parents = [], []
        for total, index in zip(best.values[:room].tolist(), best.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    found = sorted(finished + live, key=lambda hypothesis: -hypothesis[1] / (len(hypothesis[0]) + 1))
    return found[:beam_size]


@misconception(
    "beam_search",
    "You begin with `beam_size` copies of one hypothesis. Their continuations tie, so the beam holds the same sentence "
    "again and again: begin with a single one.",
)
def begun_with_copies(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)] * beam_size, [bos] * beam_size
    state = _reindex(state, [0] * beam_size)
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        following, parents = [], []
        for total, index in zip(best.values[:room].tolist(), best.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    return sorted(finished + live, key=lambda hypothesis: -hypothesis[1])[:beam_size]


@misconception(
    "beam_search",
    "You return the sentences in the order in which they ended. The likeliest comes first.",
)
def in_the_order_of_ending(step, state, bos, eos, beam_size, max_len):
    finished, live, last = [], [([], 0.0)], [bos]
    for _ in range(max_len):
        log_probs, state = step(torch.tensor(last), state)
        totals = log_probs + log_probs.new_tensor([score for _, score in live])[:, None]
        best = totals.flatten().sort(descending=True, stable=True)
        room = beam_size - len(finished)
        following, parents = [], []
        for total, index in zip(best.values[:room].tolist(), best.indices[:room].tolist(), strict=True):
            parent, token = divmod(index, totals.shape[1])
            if token == eos:
                finished.append((live[parent][0], total))
            else:
                following.append((live[parent][0] + [token], total))
                parents.append(parent)
        live = following
        last = [tokens[-1] for tokens, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    return finished + live


# t06.6 train_step


@misconception("train_step", "The gradients of all calls add up. Clear them before each step.")
def gradients_accumulated(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    logits, _ = model(source, lengths, shift_right(targets, bos))
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


@misconception(
    "train_step",
    "The step uses a gradient that is not clipped. Clip it after it has been computed and before the optimizer uses it.",
)
def not_clipped_in_time(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    optimizer.zero_grad()
    logits, _ = model(source, lengths, shift_right(targets, bos))
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    optimizer.step()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    return loss.item()


@misconception(
    "train_step",
    "You clip every number of the gradient separately, which changes its direction. Its norm has to be clipped.",
)
def numbers_clipped(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    optimizer.zero_grad()
    logits, _ = model(source, lengths, shift_right(targets, bos))
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


@misconception(
    "train_step", "The decoder reads the very words that it should write, so it learns to copy its input."
)
def targets_as_inputs(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    optimizer.zero_grad()
    logits, _ = model(source, lengths, targets)
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


@misconception(
    "train_step", "You return the loss *after* the step. Return the loss before it, whose gradient was used."
)
def loss_after_the_step(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    optimizer.zero_grad()
    inputs = shift_right(targets, bos)
    sequence_loss(model(source, lengths, inputs)[0], targets, pad).backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return sequence_loss(model(source, lengths, inputs)[0], targets, pad).item()


@misconception(
    "train_step",
    "You clear the gradients between computing and using them: the optimizer finds none, and nothing is learned.",
)
def cleared_before_the_step(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    logits, _ = model(source, lengths, shift_right(targets, bos))
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@misconception(
    "train_step",
    "You return the loss as a tensor. It keeps the whole graph alive for as long as it is kept: return a plain number.",
)
def loss_still_a_tensor(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    optimizer.zero_grad()
    logits, _ = model(source, lengths, shift_right(targets, bos))
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss


@misconception(
    "train_step",
    "You clip every tensor's gradient by itself. The norm to clip is that of all gradients together.",
)
def tensors_clipped_one_by_one(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    optimizer.zero_grad()
    logits, _ = model(source, lengths, shift_right(targets, bos))
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    for parameter in model.parameters():
        nn.utils.clip_grad_norm_([parameter], max_norm)
    optimizer.step()
    return loss.item()


@misconception(
    "train_step",
    "You scale every gradient to the norm `max_norm`, small ones as well. Clipping only ever makes a gradient smaller.",
)
def always_scaled_to_the_norm(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    optimizer.zero_grad()
    logits, _ = model(source, lengths, shift_right(targets, bos))
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
    for gradient in gradients:
        gradient *= max_norm / norm
    optimizer.step()
    return loss.item()
