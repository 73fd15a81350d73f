"""Google's neural machine translation: deep recurrent stacks, word pieces, and a search that asks for coverage.

Rare words are cut into known pieces. Residual connections carry gradients through many layers. A finished sentence
is judged by more than its probability: by its length, and by how much of the source it has looked at.

Papers: Wu et al. 2016.
Page:   docs/topics/t11_gnmt
Check:  attend check t11
"""

import math
from collections.abc import Callable, Collection
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

State = tuple[Tensor, Tensor]


def wordpieces(word: str, vocabulary: Collection[str], unknown: str = "<unk>") -> list[str]:
    """Cut a word into the longest known pieces, from left to right; the first carries the marker `_`.

    Args:
        word: the word, without marker.
        vocabulary: the known pieces; those that begin a word begin with `_`.
        unknown: stands for a word that cannot be cut whole.

    Returns:
        The pieces.

    Source: Wu et al. 2016, section 4.1.

    >>> vocabulary = {"_J", "et", "_makers", "_fe", "ud", "_over"}
    >>> [wordpieces(word, vocabulary) for word in "Jet makers feud".split()]
    [['_J', 'et'], ['_makers'], ['_fe', 'ud']]
    """
    # BEGIN SOLUTION
    rest, pieces = f"_{word}", []
    while rest:
        fitting = [rest[:end] for end in range(len(rest), 0, -1) if rest[:end] in vocabulary]
        if not fitting:
            return [unknown]
        pieces.append(fitting[0])
        rest = rest[len(fitting[0]) :]
    return pieces
    # END SOLUTION


def length_penalty(length: int, alpha: float) -> float:
    """By what a log-probability is divided, so that long sentences are not at a disadvantage.

        lp(Y) = ((5 + |Y|) / 6)^α

    Args:
        length: |Y|.
        alpha: 0 is no penalty.

    Source: Wu et al. 2016, eq. 14.

    >>> length_penalty(7, alpha=1.0)
    2.0
    """
    # BEGIN SOLUTION
    return ((5 + length) / 6) ** alpha
    # END SOLUTION


def coverage_penalty(weights: Float[Tensor, "T S"], beta: float) -> Float[Tensor, ""]:
    """How much of the source was left out: zero where every word got a whole unit of attention, else below.

        cp(X; Y) = β Σ_i log(min(Σ_j p_ij, 1)),        i over the source, j over the target

    Args:
        weights: p, (T, S): the attention of target word j on source word i.
        beta: 0 is no penalty.

    Returns:
        A scalar; a source word's sum is taken as 1e-8 at the least.

    Source: Wu et al. 2016, eq. 14.

    >>> coverage_penalty(torch.tensor([[0.5, 0.5], [0.0, 1.0]]), beta=1.0)  # ln ½ + ln 1
    tensor(-0.6931)
    """
    # BEGIN SOLUTION
    covered = weights.sum(dim=0).clamp(min=1e-8, max=1.0)  # (S,)
    return beta * covered.log().sum()
    # END SOLUTION


def hypothesis_score(
    log_prob: float, length: int, weights: Float[Tensor, "T S"], alpha: float, beta: float
) -> float:
    """What finished sentences are ranked by.

        s(Y, X) = log P(Y | X) / lp(Y) + cp(X; Y)

    Args:
        log_prob: log P(Y | X).
        length: |Y|.
        weights: the attention, (T, S).
        alpha: of the length penalty.
        beta: of the coverage penalty.

    Source: Wu et al. 2016, eq. 14.

    >>> round(hypothesis_score(-3.0, 7, torch.tensor([[0.5, 0.5], [0.0, 1.0]]), alpha=1.0, beta=1.0), 4)
    -2.1931
    """
    # BEGIN SOLUTION
    return log_prob / length_penalty(length, alpha) + float(coverage_penalty(weights, beta))
    # END SOLUTION


class GNMTEncoder(nn.Module):
    """A stack of LSTMs: the first reads in both directions, residual connections begin at the third.

    Args:
        input_size: of the embedded words.
        hidden_size: H, of each direction of the first layer and of every later layer.
        num_layers: at least 2.

    Raises:
        ValueError: fewer than two layers: the first alone would give 2H.

    Source: Wu et al. 2016, sections 3.1 and 3.2.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int):
        super().__init__()
        if num_layers < 2:
            raise ValueError(f"num_layers is {num_layers}; at least 2 are needed")
        # BEGIN SOLUTION
        layers = [nn.LSTM(input_size, hidden_size, batch_first=True, bidirectional=True)]
        sizes = [2 * hidden_size] + [hidden_size] * (num_layers - 2)
        layers += [nn.LSTM(size, hidden_size, batch_first=True) for size in sizes]
        self.layers = nn.ModuleList(layers)
        # END SOLUTION

    def forward(self, inputs: Float[Tensor, "B S D"], lengths: Int[Tensor, "B"]) -> Float[Tensor, "B S H"]:
        """Embedded words (B, S, input) and lengths (B,) → annotations (B, S, H), zero at padding."""
        # BEGIN SOLUTION
        x = inputs
        for number, layer in enumerate(self.layers, start=1):
            packed = nn.utils.rnn.pack_padded_sequence(
                x, lengths.cpu(), batch_first=True, enforce_sorted=False
            )
            output, _ = layer(packed)
            output, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])
            x = output + x if number >= 3 else output
        return x
        # END SOLUTION


class GNMTDecoder(nn.Module):
    """A stack of LSTM cells that all read the context; the bottom one asks for the next.

    Args:
        input_size: of the embedded words.
        hidden_size: H, of the cells, the annotations and the scoring network.
        num_layers: how many cells.

    Source: Wu et al. 2016, section 3 (eq. 4, figure 1).
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int):
        super().__init__()
        # BEGIN SOLUTION
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(nn.LSTMCell(size + hidden_size, hidden_size) for size in sizes)
        self.W_q = nn.Linear(hidden_size, hidden_size, bias=False)
        self.W_k = nn.Linear(hidden_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)
        # END SOLUTION

    def step(
        self,
        embedding: Float[Tensor, "B D"],
        states: list[State],
        context: Float[Tensor, "B H"],
        annotations: Float[Tensor, "B S H"],
        mask: Bool[Tensor, "B S"] | None,
    ) -> tuple[Float[Tensor, "B H"], list[State], Float[Tensor, "B H"], Float[Tensor, "B S"]]:
        """One word further.

            every layer reads [its input; context]; from the third on its input is added to its output
            the bottom layer's new output asks, additively, for the context of the next step

        Args:
            embedding: the last word, (B, input).
            states: (h, c) of each layer, (B, H) each.
            context: what the step before asked for, (B, H).
            annotations: (B, S, H).
            mask: (B, S), True where attention is allowed; None allows everything.

        Returns:
            The top layer's output (B, H), the new states, the context of the next step (B, H), its weights (B, S).
        """
        # BEGIN SOLUTION
        x, new_states = embedding, []
        for number, (layer, state) in enumerate(zip(self.layers, states, strict=True), start=1):
            h, c = layer(torch.cat([x, context], dim=-1), state)
            new_states.append((h, c))
            x = h + x if number >= 3 else h
        query = new_states[0][0]  # the bottom layer's output
        scores = self.v(torch.tanh(self.W_q(query).unsqueeze(1) + self.W_k(annotations))).squeeze(
            -1
        )  # (B, S)
        if mask is None:
            weights = scores.softmax(dim=-1)
        else:
            lowest = torch.finfo(scores.dtype).min  # finite: a row of -inf alone would become NaN
            weights = scores.masked_fill(~mask, lowest).softmax(dim=-1) * mask
        context = (weights.unsqueeze(1) @ annotations).squeeze(1)
        return x, new_states, context, weights
        # END SOLUTION


def beam_search(
    step: Callable[[Int[Tensor, "K"], Any], tuple[Float[Tensor, "K V"], Any, Float[Tensor, "K S"]]],
    state: Any,
    bos: int,
    eos: int,
    beam_size: int,
    max_len: int,
    alpha: float,
    beta: float,
    prune: float = 3.0,
) -> list[tuple[list[int], float]]:
    """t06's beam search, with finished sentences ranked by `hypothesis_score` and two prunings.

    Args:
        step: `(tokens (K,), state)` → log-probabilities (K, V), the new state, weights (K, S); K is 1 at first.
        state: a tensor or a nested tuple of tensors, the beam first.
        bos: the token that begins a sentence.
        eos: the token that ends it; it counts in |Y|.
        beam_size: how many hypotheses are kept.
        max_len: at most so many words.
        alpha: of the length penalty.
        beta: of the coverage penalty.
        prune: how far a token may be below the best token of its hypothesis, and a finished sentence's score below
            the best finished one.

    Returns:
        Pairs of tokens (without bos and eos) and score, best first.

    Source: Wu et al. 2016, section 7.
    """
    # BEGIN SOLUTION
    finished: list[tuple[list[int], float]] = []
    live: list[tuple[list[int], float, Tensor | None]] = [([], 0.0, None)]
    last = [bos]
    for _ in range(max_len):
        log_probs, state, weights = step(torch.tensor(last), state)  # (K, V), (K, S)
        best = log_probs.amax(dim=-1, keepdim=True)
        pruned = log_probs.masked_fill(log_probs < best - prune, -math.inf)
        totals = pruned + pruned.new_tensor([score for _, score, _ in live])[:, None]
        room = beam_size - len(finished)
        ranked = totals.flatten().sort(descending=True, stable=True)
        parents, next_live = [], []
        for total, index in zip(ranked.values[:room].tolist(), ranked.indices[:room].tolist(), strict=True):
            if total == -math.inf:
                break
            parent, token = divmod(index, totals.shape[1])
            tokens, _, rows = live[parent]
            row = weights[parent : parent + 1]
            rows = row if rows is None else torch.cat([rows, row])  # (T, S)
            if token == eos:
                finished.append((tokens, hypothesis_score(total, len(tokens) + 1, rows, alpha, beta)))
            else:
                parents.append(parent)
                next_live.append((tokens + [token], total, rows))
        live = next_live
        last = [tokens[-1] for tokens, _, _ in live]
        if not live:
            break
        state = _reindex(state, parents)
    if finished:
        top = max(score for _, score in finished)
        finished = [hypothesis for hypothesis in finished if hypothesis[1] >= top - prune]
    for tokens, total, rows in live:
        weights = torch.zeros(0, 1) if rows is None else rows
        finished.append((tokens, hypothesis_score(total, len(tokens), weights, alpha, beta)))
    return sorted(finished, key=lambda hypothesis: -hypothesis[1])[:beam_size]
    # END SOLUTION


def _reindex(state: Any, parents: list[int]) -> Any:
    """The state's rows in the order of `parents`. Given."""
    if isinstance(state, tuple):
        return tuple(_reindex(part, parents) for part in state)
    return state[parents]
