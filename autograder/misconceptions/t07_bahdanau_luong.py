"""Wrong answers to t07 that students really write, each with what its author is told."""

import torch

from attend.course.bank import misconception

# t07.1 BahdanauDecoder


@misconception(
    "BahdanauDecoder",
    "You attend with the new state. Bahdanau's decoder attends with its previous state and reads the context into the new one.",
    replaces="BahdanauDecoder.step",
)
def asks_with_the_new_state(self, token, state, annotations, mask):
    embedded = self.embedding(token)
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    first = masked_softmax(self.v_a(hidden).squeeze(-1), mask)
    state = self.cell(torch.cat([embedded, (first.unsqueeze(1) @ annotations).squeeze(1)], dim=-1), state)
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    weights = masked_softmax(self.v_a(hidden).squeeze(-1), mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    return self.output(torch.cat([state, embedded, context], dim=-1)), state, weights


@misconception(
    "BahdanauDecoder",
    "The context does not go into the cell, so the new state does not depend on what attention has found.",
    replaces="BahdanauDecoder.step",
)
def context_not_read_by_the_cell(self, token, state, annotations, mask):
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    weights = masked_softmax(self.v_a(hidden).squeeze(-1), mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    embedded = self.embedding(token)
    state = self.cell(torch.cat([embedded, torch.zeros_like(context)], dim=-1), state)
    return self.output(torch.cat([state, embedded, context], dim=-1)), state, weights


@misconception(
    "BahdanauDecoder",
    "The tanh is missing from your score: without it state and annotations are only added, and the state has no influence on the weights.",
    replaces="BahdanauDecoder.step",
)
def score_without_tanh(self, token, state, annotations, mask):
    hidden = self.W_a(state).unsqueeze(1) + self.U_a(annotations)
    weights = masked_softmax(self.v_a(hidden).squeeze(-1), mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    embedded = self.embedding(token)
    state = self.cell(torch.cat([embedded, context], dim=-1), state)
    return self.output(torch.cat([state, embedded, context], dim=-1)), state, weights


@misconception(
    "BahdanauDecoder",
    "Your output reads the old state. It should read the new state, which has just read the context.",
    replaces="BahdanauDecoder.step",
)
def output_from_the_old_state(self, token, state, annotations, mask):
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    weights = masked_softmax(self.v_a(hidden).squeeze(-1), mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    embedded = self.embedding(token)
    new = self.cell(torch.cat([embedded, context], dim=-1), state)
    return self.output(torch.cat([state, embedded, context], dim=-1)), new, weights


@misconception(
    "BahdanauDecoder",
    "You ignore the mask: padding gets a share of the attention.",
    replaces="BahdanauDecoder.step",
)
def bahdanau_ignores_the_mask(self, token, state, annotations, mask):
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    weights = masked_softmax(self.v_a(hidden).squeeze(-1), None)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    embedded = self.embedding(token)
    state = self.cell(torch.cat([embedded, context], dim=-1), state)
    return self.output(torch.cat([state, embedded, context], dim=-1)), state, weights


@misconception(
    "BahdanauDecoder",
    "v_a leaves an axis of size 1, and your softmax runs over it: every weight is 1. Remove that axis before anything "
    "is shared out.",
    replaces="BahdanauDecoder.step",
)
def bahdanau_softmax_over_an_axis_of_size_one(self, token, state, annotations, mask):
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    weights = self.v_a(hidden).softmax(dim=-1).squeeze(-1)
    weights = weights if mask is None else weights * mask
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    embedded = self.embedding(token)
    state = self.cell(torch.cat([embedded, context], dim=-1), state)
    return self.output(torch.cat([state, embedded, context], dim=-1)), state, weights


@misconception(
    "BahdanauDecoder",
    "Where nothing is allowed you return NaN: all scores of that row are −∞, and no number comes out of their softmax. "
    "Nothing to attend to means weights of zero.",
    replaces="BahdanauDecoder.step",
)
def bahdanau_nan_where_nothing_is_allowed(self, token, state, annotations, mask):
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    scores = self.v_a(hidden).squeeze(-1)
    weights = (scores if mask is None else scores.masked_fill(~mask, -torch.inf)).softmax(dim=-1)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    embedded = self.embedding(token)
    state = self.cell(torch.cat([embedded, context], dim=-1), state)
    return self.output(torch.cat([state, embedded, context], dim=-1)), state, weights


@misconception(
    "BahdanauDecoder",
    "Where nothing is allowed you spread attention over all the hidden places: equally low scores get equal weights. "
    "A hidden place never gets any weight.",
    replaces="BahdanauDecoder.step",
)
def bahdanau_uniform_where_nothing_is_allowed(self, token, state, annotations, mask):
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    scores = self.v_a(hidden).squeeze(-1)
    weights = (scores if mask is None else scores.masked_fill(~mask, -1e9)).softmax(dim=-1)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    embedded = self.embedding(token)
    state = self.cell(torch.cat([embedded, context], dim=-1), state)
    return self.output(torch.cat([state, embedded, context], dim=-1)), state, weights


@misconception(
    "BahdanauDecoder",
    "You add one large negative number to the hidden scores. Where nothing is allowed it is added to the whole row, "
    "and only differences count: that row is shared out as if there were no mask.",
    replaces="BahdanauDecoder.step",
)
def bahdanau_adds_a_number_to_hidden_scores(self, token, state, annotations, mask):
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    scores = self.v_a(hidden).squeeze(-1)
    weights = (scores if mask is None else scores + (~mask).to(scores.dtype) * -1e9).softmax(dim=-1)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    embedded = self.embedding(token)
    state = self.cell(torch.cat([embedded, context], dim=-1), state)
    return self.output(torch.cat([state, embedded, context], dim=-1)), state, weights


@misconception(
    "BahdanauDecoder",
    "You hide a place behind a score of −10,000. Allowed scores may be lower than that: the hidden places then win the "
    "softmax, and when their weights are set to zero nothing is left for the others.",
    replaces="BahdanauDecoder.step",
)
def bahdanau_hides_behind_minus_ten_thousand(self, token, state, annotations, mask):
    hidden = torch.tanh(self.W_a(state).unsqueeze(1) + self.U_a(annotations))
    scores = self.v_a(hidden).squeeze(-1)
    weights = (
        scores.softmax(dim=-1) if mask is None else scores.masked_fill(~mask, -1e4).softmax(dim=-1) * mask
    )
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    embedded = self.embedding(token)
    state = self.cell(torch.cat([embedded, context], dim=-1), state)
    return self.output(torch.cat([state, embedded, context], dim=-1)), state, weights


# t07.2 LuongDecoder


@misconception(
    "LuongDecoder",
    "You attend with the previous state. Luong's decoder attends with the state that has just read the last word.",
    replaces="LuongDecoder.step",
)
def asks_with_the_previous_state(self, token, state, attentional, annotations, mask):
    query, state = state, self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = query.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ query.unsqueeze(-1)).squeeze(-1)
    weights = masked_softmax(scores, mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "The attentional vector is not fed back, so the next step gets no record of what was attended to.",
    replaces="LuongDecoder.step",
)
def no_input_feeding(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), torch.zeros_like(attentional)], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = masked_softmax(scores, mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "The tanh is missing from the attentional vector (equation 5 of Luong et al. 2015).",
    replaces="LuongDecoder.step",
)
def attentional_without_tanh(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = masked_softmax(scores, mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = self.W_c(torch.cat([context, state], dim=-1))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "Context and state are in the wrong order: W_c reads the context first, then the state.",
    replaces="LuongDecoder.step",
)
def state_before_context(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = masked_softmax(scores, mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([state, context], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "Your logits come from the state alone: the attentional vector is computed, but W_s reads something else.",
    replaces="LuongDecoder.step",
)
def spoken_by_the_state(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = masked_softmax(scores, mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(state), state, attentional, weights


@misconception(
    "LuongDecoder",
    "tanh is missing from the concat score: without it the state adds the same number to every score, and changes no "
    "weight.",
    replaces="LuongDecoder.step",
)
def concat_without_tanh(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(self.W_a(torch.cat([repeated, annotations], dim=-1))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = masked_softmax(scores, mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "You ignore the mask: padding gets a share of the attention.",
    replaces="LuongDecoder.step",
)
def luong_ignores_the_mask(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = masked_softmax(scores, None)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "Where nothing is allowed you return NaN: all scores of that row are −∞, and no number comes out of their softmax. "
    "Nothing to attend to means weights of zero.",
    replaces="LuongDecoder.step",
)
def luong_nan_where_nothing_is_allowed(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = (scores if mask is None else scores.masked_fill(~mask, -torch.inf)).softmax(dim=-1)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "Where nothing is allowed you spread attention over all the hidden places: equally low scores get equal weights. "
    "A hidden place never gets any weight.",
    replaces="LuongDecoder.step",
)
def luong_uniform_where_nothing_is_allowed(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = (scores if mask is None else scores.masked_fill(~mask, -1e9)).softmax(dim=-1)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "You add one large negative number to the hidden scores. Where nothing is allowed it is added to the whole row, "
    "and only differences count: that row is shared out as if there were no mask.",
    replaces="LuongDecoder.step",
)
def luong_adds_a_number_to_hidden_scores(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = (scores if mask is None else scores + (~mask).to(scores.dtype) * -1e9).softmax(dim=-1)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "You hide a place behind a score of −10,000. Allowed scores may be lower than that: the hidden places then win the "
    "softmax, and when their weights are set to zero nothing is left for the others.",
    replaces="LuongDecoder.step",
)
def luong_hides_behind_minus_ten_thousand(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = (
        scores.softmax(dim=-1) if mask is None else scores.masked_fill(~mask, -1e4).softmax(dim=-1) * mask
    )
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "The concat score reads the state first, then the annotation: laid end to end the other way, each is multiplied by "
    "the other's columns of W_a.",
    replaces="LuongDecoder.step",
)
def annotation_before_state_in_concat(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([annotations, repeated], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = masked_softmax(scores, mask)
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


@misconception(
    "LuongDecoder",
    "Your scores still have an axis of size 1, and your softmax runs over it: every weight is 1. Remove that axis before "
    "anything is shared out.",
    replaces="LuongDecoder.step",
)
def luong_softmax_over_an_axis_of_size_one(self, token, state, attentional, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), attentional], dim=-1), state)
    if self.score == "concat":
        repeated = state.unsqueeze(1).expand(-1, annotations.shape[1], -1)
        scores = self.v_a(torch.tanh(self.W_a(torch.cat([repeated, annotations], dim=-1)))).squeeze(-1)
    else:
        keys = self.W_a(annotations) if self.score == "general" else annotations
        scores = (keys @ state.unsqueeze(-1)).squeeze(-1)
    weights = scores.unsqueeze(-1).softmax(dim=-1).squeeze(-1)
    weights = weights if mask is None else weights * mask
    context = (weights.unsqueeze(1) @ annotations).squeeze(1)
    attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
    return self.W_s(attentional), state, attentional, weights


# t07.3 predictive_position


@misconception(
    "predictive_position", "Your position is between 0 and 1: it is not scaled by the sentence's length."
)
def not_scaled_by_the_length(state, W_p, v_p, lengths):
    return torch.sigmoid(torch.tanh(state @ W_p.T) @ v_p)


@misconception(
    "predictive_position",
    "You round the position. A rounded position has no gradient, and the Gaussian needs the real number.",
)
def rounded(state, W_p, v_p, lengths):
    return (lengths * torch.sigmoid(torch.tanh(state @ W_p.T) @ v_p)).round()


@misconception(
    "predictive_position",
    "The tanh is missing: in equation 9 of Luong et al. 2015 the hidden layer is squashed before v_p reads it.",
)
def hidden_not_squashed(state, W_p, v_p, lengths):
    return lengths * torch.sigmoid((state @ W_p.T) @ v_p)


@misconception(
    "predictive_position",
    "You scale every position by the length of the longest sentence. Each sentence has a length of its own.",
)
def scaled_by_the_longest(state, W_p, v_p, lengths):
    return lengths.max() * torch.sigmoid(torch.tanh(state @ W_p.T) @ v_p)


@misconception(
    "predictive_position",
    "Your sigmoid overflows: exp of a number above about 710 is infinity, and infinity over infinity is NaN.",
)
def sigmoid_overflows(state, W_p, v_p, lengths):
    exp = torch.exp(torch.tanh(state @ W_p.T) @ v_p)
    return lengths * exp / (1 + exp)


# t07.4 local_attention


@misconception(
    "local_attention", "Your Gaussian is twice as wide as it should be: σ is half the window, not the window."
)
def sigma_of_a_whole_window(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1])
    distance = s - centre[:, None]
    inside = (s < lengths[:, None]) & (distance.abs() <= window)
    return masked_softmax(scores, inside) * torch.exp(-(distance**2) / (2 * window**2))


@misconception(
    "local_attention",
    "The softmax runs over the whole sentence, so positions outside the window still get their share.",
)
def window_unmasked(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1])
    distance = s - centre[:, None]
    return masked_softmax(scores, s < lengths[:, None]) * torch.exp(-(distance**2) / (2 * (window / 2) ** 2))


@misconception(
    "local_attention",
    "Your weights add up to one: the Gaussian is inside the normalisation. Luong multiplies by it after the softmax and "
    "leaves the weights as they are, with a sum below one.",
)
def shared_out_again(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1])
    distance = s - centre[:, None]
    inside = (s < lengths[:, None]) & (distance.abs() <= window)
    weights = masked_softmax(scores, inside) * torch.exp(-(distance**2) / (2 * (window / 2) ** 2))
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-12)


@misconception(
    "local_attention", "The padding counts inside your window: positions after the sentence's end get weight."
)
def padding_in_the_window(scores, lengths, centre, window):
    distance = torch.arange(scores.shape[1]) - centre[:, None]
    return masked_softmax(scores, distance.abs() <= window) * torch.exp(
        -(distance**2) / (2 * (window / 2) ** 2)
    )


@misconception("local_attention", "The Gaussian is missing: every position of the window counts the same.")
def gaussian_left_out(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1])
    return masked_softmax(scores, (s < lengths[:, None]) & ((s - centre[:, None]).abs() <= window))


@misconception(
    "local_attention", "You round the position first, so the centre of window and Gaussian is slightly wrong."
)
def centre_rounded(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1])
    distance = s - centre[:, None].round()
    inside = (s < lengths[:, None]) & (distance.abs() <= window)
    return masked_softmax(scores, inside) * torch.exp(-(distance**2) / (2 * (window / 2) ** 2))


@misconception(
    "local_attention",
    "Your window leaves out the places exactly D away. They belong to it: the window holds all places no farther than D.",
)
def edge_left_out(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1])
    distance = s - centre[:, None]
    inside = (s < lengths[:, None]) & (distance.abs() < window)
    return masked_softmax(scores, inside) * torch.exp(-(distance**2) / (2 * (window / 2) ** 2))


@misconception(
    "local_attention",
    "Where the window holds no place you return NaN: all scores of that row are −∞, and no number comes out of their "
    "softmax. No place to attend to means weights of zero.",
)
def nan_in_an_empty_window(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1])
    distance = s - centre[:, None]
    inside = (s < lengths[:, None]) & (distance.abs() <= window)
    weights = scores.masked_fill(~inside, -torch.inf).softmax(dim=-1)
    return weights * torch.exp(-(distance**2) / (2 * (window / 2) ** 2))


@misconception(
    "local_attention",
    "You hide the places outside the window behind a score of −10,000. Scores inside may be lower than that: the places "
    "outside then win the softmax, and when their weights are set to zero nothing is left for the window.",
)
def window_hides_behind_minus_ten_thousand(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1])
    distance = s - centre[:, None]
    inside = (s < lengths[:, None]) & (distance.abs() <= window)
    weights = scores.masked_fill(~inside, -1e4).softmax(dim=-1) * inside
    return weights * torch.exp(-(distance**2) / (2 * (window / 2) ** 2))


@misconception(
    "local_attention",
    "You set the scores outside the window to 0. exp of 0 is 1, so the places outside take their share before their "
    "weights are set to zero.",
)
def scores_outside_set_to_zero(scores, lengths, centre, window):
    s = torch.arange(scores.shape[1])
    distance = s - centre[:, None]
    inside = (s < lengths[:, None]) & (distance.abs() <= window)
    weights = (scores * inside).softmax(dim=-1) * inside
    return weights * torch.exp(-(distance**2) / (2 * (window / 2) ** 2))
