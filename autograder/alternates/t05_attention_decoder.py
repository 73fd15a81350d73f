"""Correct answers to t05 of another shape than the reference: all of them get full marks."""

import torch
from torch import nn

from attend.course.bank import alternate

# t05.1 attend


@alternate("attend")
def attend_by_einsum(self, state, annotations, mask):
    scores = torch.einsum("bh,ha,bsa->bs", state, self.score.weight, annotations)
    if mask is not None:
        scores = torch.where(mask, scores, torch.full_like(scores, -1e30))
    weights = torch.softmax(scores, dim=1)
    if mask is not None:
        weights = torch.where(mask, weights, torch.zeros_like(weights))
    return torch.einsum("bs,bsa->ba", weights, annotations), weights


@alternate("attend")
def query_projected_instead_of_keys(self, state, annotations, mask):
    query = state @ self.score.weight  # (B, A): fewer products than projecting every annotation
    scores = torch.bmm(annotations, query.unsqueeze(2)).squeeze(2)
    allowed = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
    highest = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min).amax(dim=1, keepdim=True)
    raised = (scores - highest).masked_fill(~allowed, -1e9).exp() * allowed
    weights = raised / raised.sum(dim=1, keepdim=True).clamp(min=1e-300)
    return (weights[..., None] * annotations).sum(dim=1), weights


@alternate("attend")
def attend_with_minus_infinity(self, state, annotations, mask):
    keys = self.score(annotations)
    scores = (keys * state.unsqueeze(1)).sum(dim=2)
    if mask is None:
        mask = torch.ones_like(scores).bool()
    some = mask.any(dim=1, keepdim=True)
    hidden = torch.zeros_like(scores).masked_fill(~mask & some, -torch.inf)
    weights = torch.softmax(scores + hidden, dim=1).where(some, torch.zeros(()).to(scores))
    return torch.bmm(weights[:, None], annotations)[:, 0], weights


# t05.2 step


@alternate("step")
def step_through_functions(self, token, state, context, annotations, mask):
    embedded = nn.functional.embedding(token, self.embedding.weight)
    new_state = self.cell(torch.hstack((embedded, context)), state)
    new_context, weights = self.attend(new_state, annotations, mask)
    H = new_state.shape[1]
    logits = (
        new_state @ self.output.weight[:, :H].T + new_context @ self.output.weight[:, H:].T + self.output.bias
    )
    return logits, new_state, new_context, weights


@alternate("step")
def step_with_everything_inside(self, token, state, context, annotations, mask):
    state = self.cell(torch.cat((self.embedding(token), context), 1), state)
    scores = (self.score(annotations) * state[:, None]).sum(-1)
    if mask is None:
        weights = scores.softmax(-1)
    else:
        weights = scores.masked_fill(mask.logical_not(), torch.finfo(scores.dtype).min).softmax(-1) * mask
    context = (annotations * weights[..., None]).sum(1)
    return self.output(torch.cat((state, context), 1)), state, context, weights


# t05.3 forward


@alternate("forward")
def forward_into_prepared_tensors(self, inputs, state, annotations, mask):
    T = inputs.size(1)
    context = torch.zeros(len(inputs), annotations.size(2), dtype=annotations.dtype)
    logits, weights = [None] * T, [None] * T
    for t in range(T):
        logits[t], state, context, weights[t] = self.step(inputs[:, t], state, context, annotations, mask)
    return torch.stack(logits).transpose(0, 1), torch.stack(weights).transpose(0, 1)


@alternate("forward")
def outputs_at_once(self, inputs, state, annotations, mask):
    embedded = self.embedding(inputs)  # (B, T, E)
    context = torch.zeros_like(annotations[:, 0])
    said, weights = [], []
    for words in embedded.unbind(1):
        state = self.cell(torch.cat([words, context], dim=1), state)
        context, row = self.attend(state, annotations, mask)
        said.append(torch.cat([state, context], dim=1))
        weights.append(row)
    return self.output(torch.stack(said, 1)), torch.stack(weights, 1)
