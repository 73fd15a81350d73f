"""Attention over images: look at the parts that matter, and leave out the rest of the picture.

Soft attention weighs all places of a feature map at once and learns by gradients. A glimpse sees one place, sharp in the
middle and coarse around it; a model learns by reward where to look next.
Every answer has the dtype of the inputs and, where nothing else is said, lets gradients through to all of them.

Papers: Mnih et al. 2014 (glimpses, REINFORCE); Xu et al. 2015 (soft attention over feature maps).
Page:   docs/topics/t10_computer_vision
Check:  attend check t10
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


def spatial_annotations(features: Float[Tensor, "B C H W"]) -> Float[Tensor, "B H*W C"]:
    """One annotation for every place of a feature map, row by row.

    Args:
        features: (B, C, H, W), the feature map that a convolutional network computes from an image.

    Returns:
        (B, H·W, C): place (y, x) is annotation y·W + x.

    Source: Xu et al. 2015, section 3.1.1.

    >>> features = torch.arange(4.0).view(1, 1, 2, 2)
    >>> spatial_annotations(features).flatten()
    tensor([0., 1., 2., 3.])
    """
    raise NotImplementedError("t10.1 spatial_annotations: see docs/topics/t10_computer_vision")


class SoftAttention(nn.Module):
    """Additive attention over the places of an image, with a gate on the context.

        e_i = v · tanh(W_a a_i + W_h h)        α = softmax(e)        context = β Σ_i α_i a_i,    β = σ(f_β(h))

    `W_a` and `f_beta` are `nn.Linear` with bias, `W_h` and `v` without.

    Args:
        feature_size: C, of an annotation.
        state_size: D, of h.
        hidden_size: H, of the scoring network.

    Source: Xu et al. 2015, equation 4, equation 5 and section 4.2.1 (the gate).

    >>> attention = SoftAttention(feature_size=1, state_size=1, hidden_size=1)
    >>> _ = nn.init.ones_(attention.W_a.weight), nn.init.zeros_(attention.W_a.bias)
    >>> _ = nn.init.constant_(attention.v.weight, 0.5493)  # ½ ln 3, so annotations of ±20 score ±½ ln 3
    >>> _ = nn.init.zeros_(attention.f_beta.bias)  # and a state of 0 has the gate half open
    >>> context, weights = attention(torch.tensor([[[-20.0], [20.0]]]), torch.zeros(1, 1))
    >>> context.detach().round(decimals=3), weights.detach().round(decimals=3)
    (tensor([[5.]]), tensor([[0.2500, 0.7500]]))
    """

    def __init__(self, feature_size: int, state_size: int, hidden_size: int):
        super().__init__()
        raise NotImplementedError("t10.2 SoftAttention: see docs/topics/t10_computer_vision")

    def forward(
        self, annotations: Float[Tensor, "B L C"], state: Float[Tensor, "B D"]
    ) -> tuple[Float[Tensor, "B C"], Float[Tensor, "B L"]]:
        """Attend with one state per image to all places.

        Args:
            annotations: a, (B, L, C), one for every place.
            state: h, (B, D), the query.

        Returns:
            The gated context (B, C) and the weights α (B, L), which the gate does not change. Scores of ±10,000 and a
            gate of σ(±1,000) are ordinary input: answers and gradients stay finite.
        """
        raise NotImplementedError("t10.2 SoftAttention: see docs/topics/t10_computer_vision")


def doubly_stochastic_penalty(weights: Float[Tensor, "B T L"]) -> Float[Tensor, ""]:
    """How far the summed weights of each place are from 1.

        Σ_i (1 − Σ_t α_ti)²,        mean over the batch

    Args:
        weights: α, (B, T, L): T looks at L places.

    Returns:
        A scalar. Where each look's weights add up to 1, it is at least (L − T)² / L.

    Source: Xu et al. 2015, equation 14, without λ.

    >>> doubly_stochastic_penalty(torch.tensor([[[1.0, 0.0], [0.5, 0.5]]]))
    tensor(0.5000)
    """
    raise NotImplementedError("t10.3 doubly_stochastic_penalty: see docs/topics/t10_computer_vision")


def glimpse(
    images: Float[Tensor, "B C height width"], centres: Float[Tensor, "B 2"], size: int, scales: int
) -> Float[Tensor, "B K C size size"]:
    """Patches around a point: each twice as wide as the one before, all shrunk to the same size.

    Patch k = 0, 1, … covers e = size · 2^k pixels a side. Its first row is ⌊(y + 1)/2 · height − e/2 + 1/2⌋, its
    first column likewise with x and the width. Outside the image everything is zero.

    Args:
        images: (B, C, height, width).
        centres: (B, 2) as (y, x) in [−1, 1], where −1 and 1 are the image's outer edges.
        size: of a patch, in pixels a side.
        scales: K, how many patches.

    Returns:
        (B, K, C, size, size), each patch shrunk by average pooling; zeros from outside count in the mean. The images
        get gradients, the centres none.

    Source: Mnih et al. 2014, section 4. The alignment with whole pixels is this course's choice.

    >>> image = torch.arange(16.0).view(1, 1, 4, 4)
    >>> glimpse(image, torch.tensor([[0.0, 0.0]]), size=2, scales=2)[0, :, 0]
    tensor([[[ 5.0000,  6.0000],
             [ 9.0000, 10.0000]],
    <BLANKLINE>
            [[ 2.5000,  4.5000],
             [10.5000, 12.5000]]])
    """
    raise NotImplementedError("t10.4 glimpse: see docs/topics/t10_computer_vision")


def reinforce_loss(
    log_probs: Float[Tensor, "B T"], rewards: Float[Tensor, "B T"], baselines: Float[Tensor, "B T"]
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Make actions more likely that brought more reward than expected, and learn the expected reward.

        policy = −Σ_t log π_t (R_t − b_t)        baseline = Σ_t (R_t − b_t)²        means over the batch

    Args:
        log_probs: log π_t of the actions that were taken, (B, T).
        rewards: R_t, the sum of all rewards that followed action t, (B, T).
        baselines: b_t, the reward that was expected before it, (B, T).

    Returns:
        The policy's loss and the baseline's loss, two scalars. In the first, the advantage R − b is a constant.

    Source: Mnih et al. 2014, section 3.2; Williams 1992.

    >>> reinforce_loss(torch.tensor([[-1.0, -2.0]]), torch.tensor([[1.0, 1.0]]), torch.tensor([[0.5, 0.0]]))
    (tensor(2.5000), tensor(1.2500))
    """
    raise NotImplementedError("t10.5 reinforce_loss: see docs/topics/t10_computer_vision")


def attention_map(
    weights: Float[Tensor, "B L"], grid: tuple[int, int], image_size: tuple[int, int]
) -> Float[Tensor, "B height width"]:
    """Enlarge the weights of a grid of places to a map of the image's size.

    Args:
        weights: (B, L), listed row by row; they add up to 1 for each image.
        grid: the number of places, (rows, columns); their product is L.
        image_size: (height, width), neither smaller than the grid's.

    Returns:
        (B, height, width): linear in both directions between the centres of the places and constant beyond the
        outermost centres (`align_corners=False`), then divided by its sum, so that each map adds up to 1.

    Source: Xu et al. 2015, section 5.4, where the enlarged map is blurred as well.

    >>> attention_map(torch.tensor([[0.25, 0.75]]), grid=(1, 2), image_size=(1, 4))
    tensor([[[0.1250, 0.1875, 0.3125, 0.3750]]])
    """
    raise NotImplementedError("t10.6 attention_map: see docs/topics/t10_computer_vision")
