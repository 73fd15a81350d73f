"""Correct answers to t07 of another shape than the reference: all of them get full marks."""

import torch
from torch import nn

from attend.course.bank import alternate

# t07.1 BahdanauDecoder


@alternate(
    "BahdanauDecoder",
    replaces="BahdanauDecoder.step",
    why=(
        "The letters name every axis of the scoring network, so no axis is added or removed there. "
        "It reads the weights and would ignore a bias."
    ),
)
def bahdanau_by_einsum(self, token, state, annotations, mask):
    query = torch.einsum("bh,ph->bp", state, self.W_a.weight)
    keys = torch.einsum("bsa,pa->bsp", annotations, self.U_a.weight)
    scores = torch.einsum("bsp,p->bs", (query[:, None] + keys).tanh(), self.v_a.weight[0])
    weights = masked_softmax(scores, mask)
    context = torch.einsum("bs,bsa->ba", weights, annotations)
    word = nn.functional.embedding(token, self.embedding.weight)
    new = self.cell(torch.hstack([word, context]), state)
    return self.output(torch.hstack([new, word, context])), new, weights


@alternate(
    "BahdanauDecoder",
    replaces="BahdanauDecoder.step",
    why=(
        "For one sentence the scores are a vector with a number for each word, easy to print. "
        "Every layer is called B times."
    ),
)
def bahdanau_sentence_by_sentence(self, token, state, annotations, mask):
    parts = []
    for b in range(len(token)):
        scores = self.v_a(torch.tanh(self.W_a(state[b]) + self.U_a(annotations[b]))).squeeze(-1)
        weights = masked_softmax(scores[None], None if mask is None else mask[b : b + 1])
        context = weights @ annotations[b]
        word = self.embedding(token[b : b + 1])
        new = self.cell(torch.cat([word, context], dim=1), state[b : b + 1])
        parts.append((self.output(torch.cat([new, word, context], dim=1)), new, weights))
    return tuple(torch.cat(part) for part in zip(*parts, strict=True))


@alternate(
    "BahdanauDecoder",
    replaces="BahdanauDecoder.step",
    why=(
        "exp(−∞) is exactly 0, so hidden weights need no second mask. "
        "`nan_to_num` hides every NaN, also that of another error."
    ),
)
def bahdanau_with_minus_infinity(self, token, state, annotations, mask):
    scores = self.v_a((self.W_a(state)[:, None] + self.U_a(annotations)).tanh())[:, :, 0]
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=1).nan_to_num()
    context = torch.bmm(weights[:, None], annotations)[:, 0]
    word = self.embedding(token)
    new = self.cell(torch.cat((word, context), 1), state)
    return self.output(torch.cat((new, word, context), 1)), new, weights


# t07.2 LuongDecoder


@alternate(
    "LuongDecoder",
    replaces="LuongDecoder.step",
    why=(
        "Each score is a case of its own, and concat projects the state once, not S times. "
        "It reads the weights and would ignore a bias."
    ),
)
def scores_by_case(self, token, state, attentional, annotations, mask):
    h = self.cell(torch.hstack([self.embedding(token), attentional]), state)
    match self.score:
        case "dot":
            scores = torch.einsum("bh,bsh->bs", h, annotations)
        case "general":
            scores = torch.einsum("bh,ha,bsa->bs", h, self.W_a.weight, annotations)
        case _:
            H = h.shape[1]
            hidden = (h @ self.W_a.weight[:, :H].T)[:, None] + annotations @ self.W_a.weight[:, H:].T
            scores = torch.tanh(hidden) @ self.v_a.weight[0]
    weights = masked_softmax(scores, mask)
    context = torch.einsum("bs,bsa->ba", weights, annotations)
    fed = self.W_c(torch.hstack([context, h])).tanh()
    return self.W_s(fed), h, fed, weights


@alternate(
    "LuongDecoder",
    replaces="LuongDecoder.step",
    why=(
        "`compare` is the score of the paper, for one state and one annotation. "
        "It is called S times at every step."
    ),
)
def scores_in_a_helper(self, token, state, attentional, annotations, mask):
    new = self.cell(torch.cat((self.embedding(token), attentional), 1), state)

    def compare(h, annotation):
        if self.score == "concat":
            return self.v_a(self.W_a(torch.cat((h, annotation), 1)).tanh()).squeeze(1)
        return (h * (self.W_a(annotation) if self.score == "general" else annotation)).sum(1)

    scores = torch.stack([compare(new, annotation) for annotation in annotations.unbind(1)], dim=1)
    weights = masked_softmax(scores, mask)
    context = (annotations * weights[..., None]).sum(1)
    made = torch.tanh(self.W_c(torch.cat((context, new), 1)))
    return self.W_s(made), new, made, weights


# t07.3 predictive_position


@alternate(
    "predictive_position",
    why=(
        "Every axis is named, and the sigmoid is written out. "
        "Its gradient is NaN for a score below −89 in float32; that of `torch.sigmoid` is 0."
    ),
)
def position_by_einsum(state, W_p, v_p, lengths):
    hidden = torch.einsum("ph,bh->bp", W_p, state).tanh()
    return lengths / (1 + torch.exp(-torch.einsum("p,bp->b", v_p, hidden)))


@alternate(
    "predictive_position",
    why="For one row the code is the equation, with vectors and one matrix. Python loops over B rows.",
)
def position_row_by_row(state, W_p, v_p, lengths):
    shares = [torch.sigmoid((v_p * torch.tanh(W_p @ row)).sum()) for row in state]
    return torch.stack(shares) * lengths.to(state.dtype)


# t07.4 local_attention


@alternate(
    "local_attention",
    why=(
        "Only scores inside the window are read, at most 2D + 1 of them. "
        "Python tests every place of every sentence."
    ),
)
def only_the_places_inside(scores, lengths, centre, window):
    rows = []
    for row, length, p in zip(scores, lengths, centre, strict=True):
        weights = torch.zeros_like(row)
        places = [s for s in range(min(int(length), len(row))) if abs(s - p) <= window]
        if places:
            shares = row[places].softmax(dim=0)
            distances = torch.stack([s - p for s in places])
            weights = weights.index_put(
                (torch.tensor(places),), shares * torch.exp(-2 * (distances / window) ** 2)
            )
        rows.append(weights)
    return torch.stack(rows)


@alternate(
    "local_attention",
    why=(
        "In logarithms the Gaussian is a subtraction, and one `exp` comes last. "
        "The two factors of the formula are no longer visible."
    ),
)
def gaussian_among_logarithms(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1], dtype=centre.dtype)
    distance = s - centre.unsqueeze(1)
    outside = (s >= lengths.unsqueeze(1)) | (distance.abs() > window)
    shown = scores.masked_fill(outside, torch.finfo(scores.dtype).min)
    log_weights = shown.log_softmax(dim=1) - 2 * (distance / window) ** 2
    return log_weights.exp().masked_fill(outside, 0.0)


@alternate(
    "local_attention",
    why=(
        "Each window is computed alone, so you can print its places and distances. "
        "The softmax is called B times."
    ),
)
def window_by_window(scores, lengths, centre, window):
    rows = []
    for row, length, p in zip(scores, lengths.tolist(), centre, strict=True):
        s = torch.arange(len(row))
        inside = (s < length) & ((s - p).abs() <= window)
        weights = masked_softmax(row[None], inside[None])[0]
        rows.append(weights * torch.exp(-((s - p) ** 2) / (2 * (window / 2) ** 2)))
    return torch.stack(rows)
