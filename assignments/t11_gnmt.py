"""Google's neural machine translation: wordpieces, deep recurrent stacks, and a search with penalties.

Rare words are cut into known pieces. Residual connections carry gradients through many layers. Finished sentences are
ranked by their probability, their length, and how much of the source they have looked at.
Tensors that are returned have the dtype of the inputs and let gradients through to all of them.

Papers: Wu et al. 2016, section 3, section 4.1 and section 7.
Page:   docs/topics/t11_gnmt
Check:  attend check t11
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

State = tuple[Tensor, Tensor]


def wordpieces(word: str, vocabulary: Collection[str], unknown: str = "<unk>") -> list[str]:
    """Cut a word into known pieces, from left to right, each as long as possible.

    The marker `_` is put before the word, so only the first piece begins with it. The cut never goes back: if no known
    piece fits the beginning of the rest, the whole word is unknown.

    Args:
        word: the word, without marker.
        vocabulary: the known pieces; those that begin a word begin with `_`.
        unknown: returned as the only piece of a word that cannot be cut.

    Returns:
        The pieces; joined, they are `_` and the word.

    Source: Wu et al. 2016, section 4.1 (the marker and the example); the greedy cut is that of the tokenizer
    released with BERT (Devlin et al. 2019).

    >>> vocabulary = {"_J", "et", "_makers", "_fe", "_f", "ud", "_over"}
    >>> [wordpieces(word, vocabulary) for word in "Jet makers feud over seats".split()]
    [['_J', 'et'], ['_makers'], ['_fe', 'ud'], ['_over'], ['<unk>']]
    """
    raise NotImplementedError("t11.1 wordpieces: see docs/topics/t11_gnmt")


def length_penalty(length: int, alpha: float) -> float:
    """The number that divides a log-probability, so that long sentences are at a smaller disadvantage.

        lp(Y) = ((5 + |Y|) / 6)^α

    Args:
        length: |Y|.
        alpha: α; with 0 the length does not count.

    Returns:
        lp(Y), 1 for a sentence of one word.

    Source: Wu et al. 2016, equation 14.

    >>> length_penalty(7, alpha=1.0)
    2.0
    """
    raise NotImplementedError("t11.2 length_penalty: see docs/topics/t11_gnmt")


def coverage_penalty(weights: Float[Tensor, "T S"], beta: float) -> Float[Tensor, ""]:
    """A penalty for source words that got too little attention: 0 if every word got a whole unit, else negative.

        cp(X; Y) = β Σ_i log(min(Σ_j p_ij, 1)),        i over the source, j over the target

    Args:
        weights: p, (T, S): a row for each target word j, a column for each source word i.
        beta: β; with 0 the coverage does not count.

    Returns:
        A scalar. The sum of a source word counts as at least 1e-8, so that the penalty and its gradients are finite also
        for a word that got no attention.

    Source: Wu et al. 2016, equation 14; the lower limit is this course's choice.

    >>> coverage_penalty(torch.tensor([[0.5, 0.5], [0.0, 1.0]]), beta=1.0)  # ln ½ + ln 1
    tensor(-0.6931)
    """
    raise NotImplementedError("t11.3 coverage_penalty: see docs/topics/t11_gnmt")


def hypothesis_score(
    log_prob: float, length: int, weights: Float[Tensor, "T S"], alpha: float, beta: float
) -> float:
    """The score by which finished sentences are ranked.

        s(Y, X) = log P(Y | X) / lp(Y) + cp(X; Y)

    Args:
        log_prob: log P(Y | X).
        length: |Y|.
        weights: the attention, (T, S).
        alpha: α of the length penalty.
        beta: β of the coverage penalty.

    Returns:
        The score, as a float.

    Source: Wu et al. 2016, equation 14.

    >>> round(hypothesis_score(-3.0, 7, torch.tensor([[0.5, 0.5], [0.0, 1.0]]), alpha=1.0, beta=1.0), 4)
    -2.1931
    """
    raise NotImplementedError("t11.4 hypothesis_score: see docs/topics/t11_gnmt")


class GNMTEncoder(nn.Module):
    """A stack of `nn.LSTM` in the ModuleList `layers`: the first reads in both directions, the others forwards.

        x¹ = [LSTM→(x⁰); LSTM←(x⁰)]        x² = LSTM₂(x¹)        xⁱ = LSTMᵢ(xⁱ⁻¹) + xⁱ⁻¹  from the third on

    Args:
        input_size: D, of the embedded words.
        hidden_size: H, of each direction of the first layer and of every later layer.
        num_layers: at least 2.

    Raises:
        ValueError: `num_layers` is less than 2: the first layer alone would give 2H.

    Source: Wu et al. 2016, section 3.1 (equation 6) and section 3.2; figure 1 says where the residuals begin.

    >>> encoder = GNMTEncoder(input_size=4, hidden_size=5, num_layers=3)
    >>> annotations = encoder(torch.randn(2, 6, 4), torch.tensor([6, 2]))
    >>> annotations.shape, annotations[1, 2:].abs().sum().item()
    (torch.Size([2, 6, 5]), 0.0)
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int):
        super().__init__()
        raise NotImplementedError("t11.5 GNMTEncoder: see docs/topics/t11_gnmt")

    def forward(self, inputs: Float[Tensor, "B S D"], lengths: Int[Tensor, "B"]) -> Float[Tensor, "B S H"]:
        """Read every sentence of a batch as if it were alone.

        Args:
            inputs: embedded words (B, S, D).
            lengths: (B,), in any order.

        Returns:
            The annotations (B, S, H): the top layer's output, zero at padding.
        """
        raise NotImplementedError("t11.5 GNMTEncoder: see docs/topics/t11_gnmt")


class GNMTDecoder(nn.Module):
    """A stack of `nn.LSTMCell` in the ModuleList `layers` that all read the context; the bottom one's output is the query.

    The additive score has `W_q`, `W_k` and `v`, each an `nn.Linear` without bias and with a hidden layer of size H.

    Args:
        input_size: D, of the embedded words.
        hidden_size: H, of the cells, the annotations and the score.
        num_layers: the number of cells.

    Source: Wu et al. 2016, section 3 (equation 4 and figure 1) and section 3.1. The paper does not say whether the
    bottom layer reads the context; here it does, as the others do.

    >>> decoder = GNMTDecoder(input_size=4, hidden_size=5, num_layers=3)
    >>> zero, annotations = torch.zeros(2, 5), torch.randn(2, 6, 5)
    >>> arguments = torch.randn(2, 4), [(zero, zero)] * 3, zero, annotations, None
    >>> output, states, context, weights = decoder.step(*arguments)
    >>> output.shape, len(states), context.shape, weights.shape
    (torch.Size([2, 5]), 3, torch.Size([2, 5]), torch.Size([2, 6]))
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int):
        super().__init__()
        raise NotImplementedError("t11.6 GNMTDecoder: see docs/topics/t11_gnmt")

    def step(
        self,
        embedding: Float[Tensor, "B D"],
        states: list[State],
        context: Float[Tensor, "B H"],
        annotations: Float[Tensor, "B S H"],
        mask: Bool[Tensor, "B S"] | None,
    ) -> tuple[Float[Tensor, "B H"], list[State], Float[Tensor, "B H"], Float[Tensor, "B S"]]:
        """Write one word.

            hⁱ, cⁱ = LSTMᵢ([xⁱ⁻¹; context], hⁱ, cⁱ)        xⁱ = hⁱ, and xⁱ = hⁱ + xⁱ⁻¹ from the third layer on
            e_s = v · tanh(W_q h¹ + W_k annotation_s)        α = softmax(e)        next context = Σ_s α_s annotation_s

        Args:
            embedding: x⁰, the last word, (B, D).
            states: (h, c) of each layer, the bottom one first; (B, H) each.
            context: the context that the step before returned, (B, H); zero in the first step.
            annotations: (B, S, H).
            mask: (B, S), True where attention is allowed; None allows everything.

        Returns:
            The top layer's output (B, H), the new states (a list of tuples of the cells' own h and c), the context for
            the next step (B, H) and its weights (B, S). Context and weights are zero where nothing is allowed, and
            gradients are finite there too. Scores of ±100,000 are ordinary input, hidden or not.
        """
        raise NotImplementedError("t11.6 GNMTDecoder: see docs/topics/t11_gnmt")


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
    """The beam search of t06 with two prunings; finished sentences are ranked by `hypothesis_score`.

    Unfinished sentences are ranked by log-probability alone. Of their continuations, those more than `prune` below the
    best one of the same sentence are dropped, and so are those of probability 0. A sentence that ends leaves the beam and
    gets its score. After the search, finished ones more than `prune` below the best finished score are dropped. Ties go
    to the lower parent, then to the lower token.

    Args:
        step: `(tokens (K,), state)` → log-probabilities (K, V), the new state, weights (K, S); K is 1 at first.
        state: a tensor or a nested tuple of tensors, the beam first.
        bos: the token that begins a sentence.
        eos: the token that ends it; it counts in |Y|, and its weights in the coverage.
        beam_size: how many hypotheses are kept.
        max_len: the largest number of words; sentences still open then are scored as they are and returned too. With 0
            that is the empty sentence, with a score of 0.
        alpha: α of the length penalty.
        beta: β of the coverage penalty.
        prune: the paper's *beamsize*, a difference of logarithms; infinity prunes nothing.

    Returns:
        At most `beam_size` pairs of tokens (without bos and eos) and score, best first.

    Source: Wu et al. 2016, section 7, where the second pruning runs during the search and ends it early.

    >>> table = torch.tensor([[0.0, 0.1, 0.9], [0, 0, 0], [0, 0.5, 0.5]]).log()  # bos, eos and a word
    >>> rows = torch.tensor([[1.0, 0.0], [0, 0], [0.2, 0.8]])  # the first look is at the first of two words
    >>> step = lambda tokens, state: (table[tokens], state, rows[tokens])
    >>> found = beam_search(step, torch.zeros(1), 0, 1, beam_size=3, max_len=3, alpha=0.0, beta=1.0)
    >>> [(tokens, round(score, 4)) for tokens, score in found]  # ln 0.45 + ln 0.8 and ln 0.225
    [([2], -1.0217), ([2, 2], -1.4917)]
    """
    raise NotImplementedError("t11.7 beam_search: see docs/topics/t11_gnmt")


def _reindex(state: Any, parents: list[int]) -> Any:
    """The state's rows in the order of `parents`. Given."""
    if isinstance(state, tuple):
        return tuple(_reindex(part, parents) for part in state)
    return state[parents]
