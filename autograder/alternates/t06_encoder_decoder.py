"""Correct answers to t06 of another shape than the reference: all of them get full marks."""

import torch
from torch import nn
from torch.nn import functional as F

from attend.course.bank import alternate

# t06.1 shift_right


@alternate(
    "shift_right",
    why=(
        "`roll` moves all words by one in a single call. "
        "The last word comes to the front and must be overwritten with bos."
    ),
)
def rolled(targets, bos):
    inputs = targets.roll(1, dims=1)
    inputs[:, 0] = bos
    return inputs


@alternate(
    "shift_right",
    why=(
        "`F.pad` writes bos in front, and a slice drops the last word. "
        "A reader must know that (1, 0) adds one column in front and none behind."
    ),
)
def padded_and_cut(targets, bos):
    return F.pad(targets, (1, 0), value=bos)[:, :-1]


# t06.2 sequence_loss


@alternate(
    "sequence_loss",
    why=(
        "Each part of the formula is visible: the logarithms, the right word, the mask. "
        "B × T × V logarithms are kept to read B × T of them."
    ),
)
def gathered(logits, targets, pad):
    real = targets != pad
    log_probs = logits.log_softmax(dim=-1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return -torch.where(real, log_probs, 0.0).sum() / real.sum().clamp(min=1)


@alternate(
    "sequence_loss",
    why=(
        "Padding is removed first, so no logarithm is computed for it. "
        "Indexing copies the logits, and a batch of padding is a special case."
    ),
)
def real_words_only(logits, targets, pad):
    real = targets != pad
    if not real.any():
        return logits.sum() * 0.0
    return F.nll_loss(F.log_softmax(logits[real], dim=-1), targets[real])


@alternate(
    "sequence_loss",
    why=(
        "A word's loss is `logsumexp` minus its own logit, which you can check by hand. "
        "Python loops over B × T words."
    ),
)
def word_by_word(logits, targets, pad):
    losses = [
        row.logsumexp(dim=0) - row[word]
        for row, word in zip(logits.flatten(0, 1), targets.flatten().tolist(), strict=True)
        if word != pad
    ]
    return torch.stack(losses).mean() if losses else 0.0 * logits.mean()


# t06.3 Seq2Seq


@alternate(
    "Seq2Seq",
    replaces="Seq2Seq.forward",
    why=(
        "`cumsum` counts the positions from 1, so no index and no device is named. "
        "It needs B × S ones only to count them."
    ),
)
def mask_by_counting_up(self, source, lengths, inputs):
    annotations, state = self.encoder(source, lengths)
    mask = torch.ones_like(source).cumsum(dim=1) <= lengths.unsqueeze(1)
    logits, weights = self.decoder(inputs, state, annotations, mask)
    return logits, weights


@alternate(
    "Seq2Seq",
    why=(
        "The mask has a method of its own, which a search can call too. "
        "It compares one sentence at a time, B times."
    ),
)
class mask_in_a_method(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.add_module("encoder", encoder)
        self.add_module("decoder", decoder)

    def mask(self, source, lengths):
        return torch.stack([torch.arange(source.size(1)) < length for length in lengths])

    def forward(self, source, lengths, inputs):
        encoded = self.encoder(source, lengths)
        return self.decoder(inputs, encoded[1], encoded[0], self.mask(source, lengths))


# t06.4 greedy_decode


@alternate(
    "greedy_decode",
    why=(
        "For one sentence, greedy search is a plain loop with a `break`. "
        "The model runs for every word of every sentence, never on a batch."
    ),
)
def sentence_by_sentence(model, source, lengths, bos, eos, max_len):
    all_tokens, alignments = [], []
    with torch.no_grad():
        for words, length in zip(source, lengths.tolist(), strict=True):
            annotations, state = model.encoder(words[None, :length], torch.tensor([length]))
            mask = torch.ones(1, length, dtype=torch.bool)
            context, token, tokens, rows = torch.zeros_like(annotations[:, 0]), bos, [], []
            for _ in range(max_len):
                said = model.decoder.step(torch.tensor([token]), state, context, annotations, mask)
                logits, state, context, weights = said
                token = logits.argmax().item()
                if token == eos:
                    break
                tokens.append(token)
                rows.append(weights)
            all_tokens.append(tokens)
            alignments.append(torch.cat(rows) if rows else annotations.new_empty(0, length))
    return all_tokens, alignments


@alternate(
    "greedy_decode",
    why=(
        "No list says which sentences are open: all words are kept and cut at eos. "
        "It takes max_len steps even if all end early."
    ),
)
def cut_afterwards(model, source, lengths, bos, eos, max_len):
    with torch.no_grad():
        annotations, state = model.encoder(source, lengths)
        mask = torch.arange(source.shape[1]) < lengths[:, None]
        context = annotations.new_zeros(annotations[:, 0].shape)
        token, said, rows = torch.full((len(source),), bos), [], []
        for _ in range(max_len):
            logits, state, context, weights = model.decoder.step(token, state, context, annotations, mask)
            token = logits.argmax(dim=1)
            said.append(token.tolist())
            rows.append(weights)
    tokens, alignments = [], []
    for b, length in enumerate(lengths.tolist()):
        words = [step[b] for step in said]
        end = words.index(eos) if eos in words else len(words)
        tokens.append(words[:end])
        kept = [row[b, :length] for row in rows[:end]]
        alignments.append(torch.stack(kept) if kept else annotations.new_zeros(0, length))
    return tokens, alignments


@alternate(
    "greedy_decode",
    why=(
        "It needs `forward` alone, and no `step`. "
        "The words before are read again for each word: about T² / 2 steps of the decoder."
    ),
)
@torch.no_grad()
def read_again_for_every_word(model, source, lengths, bos, eos, max_len):
    read = torch.full((len(source), 1), bos)
    for _ in range(max_len):
        logits, weights = model(source, lengths, read)
        read = torch.cat([read, logits[:, -1:].argmax(dim=-1)], dim=1)
    tokens, alignments = [], []
    for b, length in enumerate(lengths.tolist()):
        words = read[b, 1:].tolist()
        words = words[: words.index(eos)] if eos in words else words
        tokens.append(words)
        alignments.append(weights[b, : len(words), :length] if words else torch.zeros(0, length))
    return tokens, alignments


# t06.5 beam_search


@alternate(
    "beam_search",
    why=(
        "The candidates are a Python list that you can print and follow. "
        "It makes and sorts K × V tuples at each step."
    ),
)
def beam_by_sorting_candidates(step, state, bos, eos, beam_size, max_len):
    def pick(tree, parents):
        return tuple(pick(part, parents) for part in tree) if isinstance(tree, tuple) else tree[parents]

    finished, live = [], [([bos], 0.0)]
    while live and len(live[0][0]) <= max_len:
        log_probs, state = step(torch.tensor([words[-1] for words, _ in live]), state)
        candidates = [
            (score + log_prob, parent, token)
            for parent, (_, score) in enumerate(live)
            for token, log_prob in enumerate(log_probs[parent].tolist())
        ]
        candidates.sort(key=lambda candidate: (-candidate[0], candidate[1], candidate[2]))
        following, parents = [], []
        for score, parent, token in candidates[: beam_size - len(finished)]:
            words = live[parent][0]
            if token == eos:
                finished.append((words[1:], score))
            else:
                following.append(([*words, token], score))
                parents.append(parent)
        live = following
        if parents:
            state = pick(state, torch.tensor(parents))
    found = finished + [(words[1:], score) for words, score in live]
    return sorted(found, key=lambda hypothesis: hypothesis[1], reverse=True)[:beam_size]


@alternate(
    "beam_search",
    why=(
        "Words, scores and parents stay in tensors, so Python loops only over what has ended. "
        "The indices are harder to follow than tuples."
    ),
)
def beam_in_tensors(step, state, bos, eos, beam_size, max_len):
    words, scores, done = torch.zeros(1, 0, dtype=torch.long), torch.zeros(1, dtype=torch.float64), []
    last = torch.tensor([bos])
    for _ in range(max_len):
        log_probs, state = step(last, state)
        totals = (scores[:, None] + log_probs.double()).flatten()
        order = torch.argsort(totals, descending=True, stable=True)[: beam_size - len(done)]
        parents = torch.div(order, log_probs.shape[1], rounding_mode="floor")
        tokens = order % log_probs.shape[1]
        ends = tokens == eos
        done += [
            (words[p].tolist(), totals[i].item()) for p, i in zip(parents[ends], order[ends], strict=True)
        ]
        parents, last, scores = parents[~ends], tokens[~ends], totals[order[~ends]]
        words = torch.cat([words[parents], last[:, None]], dim=1)
        if len(last) == 0:
            break
        state = _reindex(state, parents)
    live = list(zip(words.tolist(), scores.tolist(), strict=True))
    return sorted(done + live, key=lambda hypothesis: -hypothesis[1])[:beam_size]


# t06.6 train_step


@alternate(
    "train_step",
    why=(
        "It shows what clipping is: one norm over all gradients, one factor for all of them. "
        "`clip_grad_norm_` does it in one line."
    ),
)
def clipped_by_hand(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    for parameter in model.parameters():
        parameter.grad = None
    logits = model(source, lengths, shift_right(targets, bos))[0]
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
    for gradient in gradients:
        gradient *= (max_norm / norm).clamp(max=1.0)
    optimizer.step()
    return loss.item()


@alternate(
    "train_step",
    why=(
        "Gradients are freed after the step too, so they use no memory in between. "
        "It must still clear them first, in case others left some."
    ),
)
def cleared_afterwards(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    model.zero_grad()
    logits, _ = model(source, lengths, F.pad(targets[:, :-1], (1, 0), value=bos))
    loss = F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=pad, reduction="sum")
    loss = loss / max((targets != pad).sum().item(), 1)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm=max_norm)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@alternate(
    "train_step",
    why=(
        "You can look at annotations and mask between encoder and decoder. "
        "It repeats the forward pass of the model."
    ),
)
def parts_called_one_by_one(model, optimizer, source, lengths, targets, bos, pad, max_norm):
    optimizer.zero_grad(set_to_none=False)
    annotations, state = model.encoder(source, lengths)
    mask = torch.arange(source.shape[1]) < lengths[:, None]
    logits, _ = model.decoder(shift_right(targets, bos), state, annotations, mask)
    loss = sequence_loss(logits, targets, pad)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()
