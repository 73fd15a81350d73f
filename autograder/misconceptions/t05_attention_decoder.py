"""Wrong answers to t05 that students really write, each with what its author is told."""

import torch

from attend.course.bank import misconception

# t05.1 attend


@misconception("attend", "You ignore the mask: padding gets a share of the attention.")
def mask_ignored(self, state, annotations, mask):
    weights = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1).softmax(dim=-1)
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "attend",
    "You set the hidden weights to zero after the softmax only, so the others no longer add up to one.",
)
def masked_after_the_softmax(self, state, annotations, mask):
    weights = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1).softmax(dim=-1)
    weights = weights if mask is None else weights * mask
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception("attend", "You give hidden positions a score of 0. exp of 0 is 1, so they still get weight.")
def masked_with_zero(self, state, annotations, mask):
    scores = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1)
    weights = (scores if mask is None else scores * mask).softmax(dim=-1)
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "attend",
    "Where nothing is allowed you return NaN: a row of −∞ has no softmax. In such a row weights and context are zero.",
)
def nan_where_nothing_is_allowed(self, state, annotations, mask):
    scores = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1)
    weights = (scores if mask is None else scores.masked_fill(~mask, -torch.inf)).softmax(dim=-1)
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "attend",
    "You divide the scores by a square root, as the transformer does. Luong's general score is not scaled.",
)
def scaled_scores(self, state, annotations, mask):
    scores = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1) / state.shape[-1] ** 0.5
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "attend",
    "Your softmax runs over the batch: each position divides its unit among the sentences. The unit is divided among the positions of one sentence.",
)
def softmax_over_the_batch(self, state, annotations, mask):
    scores = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=0)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=0) * mask
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "attend", "Your context is the plain mean of the annotations: the weights are computed and then not used."
)
def unweighted_mean(self, state, annotations, mask):
    scores = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return annotations.mean(dim=1), weights


@misconception(
    "attend",
    "Your softmax runs over an axis of size 1, so every weight is 1. The scores have that axis because the state was "
    "made a column for the product: remove it before anything is shared out.",
)
def softmax_over_an_axis_of_size_one(self, state, annotations, mask):
    weights = (self.score(annotations) @ state.unsqueeze(-1)).softmax(dim=-1).squeeze(-1)
    weights = weights if mask is None else weights * mask
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "attend",
    "You multiply the scores by the mask, and the weights again. A hidden score of 0 still takes its share before its "
    "weight is set to zero, so what is left adds up to less than one.",
)
def scores_and_weights_multiplied_by_the_mask(self, state, annotations, mask):
    scores = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1)
    weights = scores.softmax(dim=-1) if mask is None else (scores * mask).softmax(dim=-1) * mask
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "attend",
    "Where nothing is allowed you spread attention over all the hidden places: equally low scores get equal weights. "
    "A hidden place never gets any weight.",
)
def uniform_where_nothing_is_allowed(self, state, annotations, mask):
    scores = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1)
    weights = (scores if mask is None else scores.masked_fill(~mask, -1e9)).softmax(dim=-1)
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "attend",
    "You add one large negative number to the hidden scores. Where nothing is allowed it is added to the whole row, "
    "and only differences count: that row is shared out as if there were no mask.",
)
def number_added_to_hidden_scores(self, state, annotations, mask):
    scores = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1)
    weights = (scores if mask is None else scores + (~mask).to(scores.dtype) * -1e9).softmax(dim=-1)
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "attend",
    "You hide a place behind a score of −10,000. Allowed scores may be lower than that: the hidden places then win the "
    "softmax, and when their weights are set to zero nothing is left for the others.",
)
def hidden_behind_minus_ten_thousand(self, state, annotations, mask):
    scores = (self.score(annotations) @ state.unsqueeze(-1)).squeeze(-1)
    weights = (
        scores.softmax(dim=-1) if mask is None else scores.masked_fill(~mask, -1e4).softmax(dim=-1) * mask
    )
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


# t05.2 step


@misconception(
    "step",
    "You attend with the old state. This decoder attends with the state that has just read the last word.",
)
def attends_with_the_old_state(self, token, state, context, annotations, mask):
    new_state = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
    context, weights = self.attend(state, annotations, mask)
    return self.output(torch.cat([new_state, context], dim=-1)), new_state, context, weights


@misconception("step", "The last context is not fed back: the cell reads the word beside zeros.")
def context_not_fed_back(self, token, state, context, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), torch.zeros_like(context)], dim=-1), state)
    context, weights = self.attend(state, annotations, mask)
    return self.output(torch.cat([state, context], dim=-1)), state, context, weights


@misconception(
    "step", "The output layer reads the state alone, so what attention has found does not reach the word."
)
def output_from_the_state_alone(self, token, state, context, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
    context, weights = self.attend(state, annotations, mask)
    return self.output(torch.cat([state, torch.zeros_like(context)], dim=-1)), state, context, weights


@misconception("step", "You do not pass the mask on to `attend`, so padding gets a share of the attention.")
def mask_not_handed_on(self, token, state, context, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
    context, weights = self.attend(state, annotations, None)
    return self.output(torch.cat([state, context], dim=-1)), state, context, weights


@misconception(
    "step",
    "The output layer reads the old context. It should read the context that the new state has just computed.",
)
def output_reads_the_old_context(self, token, state, context, annotations, mask):
    state = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
    new_context, weights = self.attend(state, annotations, mask)
    return self.output(torch.cat([state, context], dim=-1)), state, new_context, weights


@misconception("step", "You return the old state, so the next step starts from it again.")
def old_state_returned(self, token, state, context, annotations, mask):
    new_state = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
    context, weights = self.attend(new_state, annotations, mask)
    return self.output(torch.cat([new_state, context], dim=-1)), state, context, weights


# t05.3 forward


@misconception(
    "forward",
    "Every word gets the weights of the first one: you attend once, before the loop. Each step attends again.",
)
def same_weights_for_every_word(self, inputs, state, annotations, mask):
    context = annotations.new_zeros(inputs.shape[0], self.annotation_size)
    logits, first = [], None
    for token in inputs.unbind(dim=1):
        step_logits, state, context, weights = self.step(token, state, context, annotations, mask)
        logits.append(step_logits)
        first = weights if first is None else first
    return torch.stack(logits, dim=1), first.unsqueeze(1).expand(-1, inputs.shape[1], -1)


@misconception(
    "forward", "Your results have time before the batch. In this course the batch always comes first."
)
def time_first(self, inputs, state, annotations, mask):
    context = annotations.new_zeros(inputs.shape[0], self.annotation_size)
    logits, weights = [], []
    for token in inputs.unbind(dim=1):
        step_logits, state, context, step_weights = self.step(token, state, context, annotations, mask)
        logits.append(step_logits)
        weights.append(step_weights)
    return torch.stack(logits), torch.stack(weights)


@misconception("forward", "The context starts from zero at every word: it is not handed from step to step.")
def context_not_carried(self, inputs, state, annotations, mask):
    zero = annotations.new_zeros(inputs.shape[0], self.annotation_size)
    logits, weights = [], []
    for token in inputs.unbind(dim=1):
        step_logits, state, _, step_weights = self.step(token, state, zero, annotations, mask)
        logits.append(step_logits)
        weights.append(step_weights)
    return torch.stack(logits, dim=1), torch.stack(weights, dim=1)


@misconception(
    "forward", "The state is not handed from step to step: every step starts from the first state."
)
def state_not_carried(self, inputs, state, annotations, mask):
    context = annotations.new_zeros(inputs.shape[0], self.annotation_size)
    logits, weights = [], []
    for token in inputs.unbind(dim=1):
        step_logits, _, context, step_weights = self.step(token, state, context, annotations, mask)
        logits.append(step_logits)
        weights.append(step_weights)
    return torch.stack(logits, dim=1), torch.stack(weights, dim=1)


@misconception(
    "forward",
    "You feed back the model's own best word. Teacher forcing reads the right words, even where the model would have written others.",
)
def own_words_fed_back(self, inputs, state, annotations, mask):
    context = annotations.new_zeros(inputs.shape[0], self.annotation_size)
    logits, weights, token = [], [], inputs[:, 0]
    for _ in range(inputs.shape[1]):
        step_logits, state, context, step_weights = self.step(token, state, context, annotations, mask)
        token = step_logits.argmax(dim=-1)
        logits.append(step_logits)
        weights.append(step_weights)
    return torch.stack(logits, dim=1), torch.stack(weights, dim=1)


@misconception(
    "forward",
    "Your first context comes from attending with the first state. Before the first word nothing has been looked at, so it is zero.",
)
def first_context_attended(self, inputs, state, annotations, mask):
    context, _ = self.attend(state, annotations, mask)
    logits, weights = [], []
    for token in inputs.unbind(dim=1):
        step_logits, state, context, step_weights = self.step(token, state, context, annotations, mask)
        logits.append(step_logits)
        weights.append(step_weights)
    return torch.stack(logits, dim=1), torch.stack(weights, dim=1)
