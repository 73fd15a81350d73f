"""Correct answers to t05 of another shape than the reference: all of them get full marks."""

import torch

from attend.course.bank import alternate

# t05.1 attend


@alternate(
    "attend",
    why=(
        "One `einsum` is the whole score, with every axis named. "
        "A score of −1e30 hides a position only while real scores are far above it."
    ),
)
def attend_by_einsum(self, state, annotations, mask):
    scores = torch.einsum("bh,ha,bsa->bs", state, self.score.weight, annotations)
    if mask is not None:
        scores = torch.where(mask, scores, torch.full_like(scores, -1e30))
    weights = torch.softmax(scores, dim=1)
    if mask is not None:
        weights = torch.where(mask, weights, torch.zeros_like(weights))
    return torch.einsum("bs,bsa->ba", weights, annotations), weights


@alternate(
    "attend",
    why=(
        "W meets the state once: A × H products for a sentence, not S × A × H. "
        "The softmax is written out, which takes four lines."
    ),
)
def query_projected_instead_of_keys(self, state, annotations, mask):
    query = state @ self.score.weight  # (B, A): fewer products than projecting every annotation
    scores = torch.bmm(annotations, query.unsqueeze(2)).squeeze(2)
    allowed = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
    highest = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min).amax(dim=1, keepdim=True)
    raised = (scores - highest).masked_fill(~allowed, -torch.inf).exp()
    weights = raised / raised.sum(dim=1, keepdim=True).clamp(min=1)  # below 1 only where nothing is allowed
    return (weights[..., None] * annotations).sum(dim=1), weights


@alternate(
    "attend",
    why=(
        "exp(−∞) is exactly 0, so hidden weights need no second mask. "
        "A row with nothing allowed would be NaN and is treated apart."
    ),
)
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


@alternate(
    "step",
    why=(
        "State and context are not copied into one tensor: each half has its own columns. "
        "It repeats what `nn.Linear` does, bias included."
    ),
)
def output_in_two_halves(self, token, state, context, annotations, mask):
    new_state = self.cell(torch.hstack((self.embedding(token), context)), state)
    new_context, weights = self.attend(new_state, annotations, mask)
    H, W = new_state.shape[1], self.output.weight
    logits = new_state @ W[:, :H].T + new_context @ W[:, H:].T + self.output.bias
    return logits, new_state, new_context, weights


@alternate(
    "step",
    why=(
        "One method shows the whole step, so a reader need not look up `attend`. "
        "The attention is written twice and must be changed twice."
    ),
)
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


@alternate(
    "forward",
    why=(
        "Each step is written into tensors of the final shape, so nothing is stacked at the end. "
        "V and S must be known beforehand."
    ),
)
def forward_into_prepared_tensors(self, inputs, state, annotations, mask):
    (B, T), (_, S, A) = inputs.shape, annotations.shape
    logits = annotations.new_empty(B, T, self.output.out_features)
    weights = annotations.new_empty(B, T, S)
    context = annotations.new_zeros(B, A)
    for t in range(T):
        logits[:, t], state, context, weights[:, t] = self.step(
            inputs[:, t], state, context, annotations, mask
        )
    return logits, weights


@alternate(
    "forward",
    why=(
        "The output layer is applied once to all T steps, not T times. "
        "It repeats parts of `step` and keeps T × (H + A) numbers for each sentence."
    ),
)
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
