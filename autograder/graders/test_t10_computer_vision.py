"""Hidden graders of t10.

Oracles: numbers worked by hand, loops over single numbers (`…_by_hand`), PyTorch, the reference's gradients, closed
forms, and for the policy gradient the exact sum over everything that a small policy can do.
"""

import math
from fractions import Fraction
from itertools import product

import pytest
import torch
import torch.nn.functional as F

from attend.testing import check

FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # float32 has seven digits, and sums may cancel


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def uniform(torch_rng, *size):
    """Numbers from −1 to 1."""
    return 2 * torch.rand(size, generator=torch_rng, dtype=torch.float64) - 1


def with_gradients(*tensors):
    return [tensor.requires_grad_() for tensor in tensors]


# t10.1 spatial_annotations


@pytest.mark.exercise("spatial_annotations")
def test_a_feature_map_of_six_places(student):
    """Place (y, x) of a map of 2 rows and 3 columns is annotation 3 y + x, with its two channels."""
    features = torch.arange(12.0, dtype=torch.float64).view(1, 2, 2, 3)
    expected = torch.tensor([[[0, 6], [1, 7], [2, 8], [3, 9], [4, 10], [5, 11]]], dtype=torch.float64)
    check.close(student.spatial_annotations(features), expected, what="annotations")


@pytest.mark.exercise("spatial_annotations")
@pytest.mark.parametrize("B, C, H, W", [(2, 3, 4, 5), (1, 4, 2, 3), (3, 1, 2, 5), (2, 3, 1, 4), (2, 3, 4, 1)])
def test_every_place_has_its_annotation(student, torch_rng, B, C, H, W):
    """All channels of a place, and only they, are in its annotation; places follow one another row by row."""
    features = normal(torch_rng, B, C, H, W)
    expected = torch.zeros(B, H * W, C, dtype=torch.float64)
    for b, c, y, x in product(*map(range, (B, C, H, W))):
        expected[b, y * W + x, c] = features[b, c, y, x]
    check.close(student.spatial_annotations(features), expected, what="annotations")


@pytest.mark.exercise("spatial_annotations")
def test_annotations_are_pytorchs_patches_of_one_pixel(student, torch_rng):
    """PyTorch's `unfold` into patches of 1 × 1 lists the same places in the same order."""
    features = normal(torch_rng, 2, 5, 3, 4)
    expected = F.unfold(features, kernel_size=1).transpose(1, 2)
    check.close(student.spatial_annotations(features), expected, what="annotations")


@pytest.mark.exercise("spatial_annotations")
def test_equal_sizes_are_told_apart(student, torch_rng):
    """Nothing is mixed up where height, width, channels and batch are all the same."""
    features = normal(torch_rng, 3, 3, 3, 3)
    expected = torch.stack(
        [torch.stack([features[b, :, y, x] for y in range(3) for x in range(3)]) for b in range(3)]
    )
    check.close(student.spatial_annotations(features), expected, what="annotations")


@pytest.mark.exercise("spatial_annotations")
def test_the_network_that_sees_learns_through_its_annotations(student, reference, torch_rng):
    """The gradient of every annotation reaches the place and channel it came from."""
    (features,) = with_gradients(normal(torch_rng, 2, 3, 4, 5))
    check.agrees(student.spatial_annotations, reference.spatial_annotations, features, what="annotations")


@pytest.mark.exercise("spatial_annotations")
def test_annotations_keep_float32(student, torch_rng):
    """A feature map in float32 gives annotations in float32."""
    features = normal(torch_rng, 2, 3, 2, 4).float()
    expected = F.unfold(features, kernel_size=1).transpose(1, 2)
    check.close(student.spatial_annotations(features), expected, what="annotations")


# t10.2 SoftAttention

ATTENTION = ("context", "weights")
C, D, H = 3, 6, 7


def a_layer(student, reference, **options):
    """The student's layer and the reference's with the same weights."""
    return check.twin(student, reference, "SoftAttention", C, D, H, **options)


def for_layer(torch_rng, B=2, L=5):
    """Annotations and states; `a_layer` fits them."""
    return normal(torch_rng, B, L, C), normal(torch_rng, B, D)


def weights_of(module):
    return {name: value.detach() for name, value in module.state_dict().items()}


def scores_by_hand(module, annotations, state):
    w = weights_of(module)
    (B, L, _) = annotations.shape
    scores = torch.zeros(B, L, dtype=torch.float64)
    for b, place, h in product(range(B), range(L), range(H)):
        inside = w["W_a.weight"][h] @ annotations[b, place] + w["W_a.bias"][h] + w["W_h.weight"][h] @ state[b]
        scores[b, place] += w["v.weight"][0, h] * math.tanh(inside)
    return scores


def layer_by_hand(module, annotations, state):
    w, scores = weights_of(module), scores_by_hand(module, annotations, state)
    weights, context = torch.zeros_like(scores), torch.zeros(len(state), C, dtype=torch.float64)
    for b, row in enumerate(scores.tolist()):
        exp = [math.exp(score - max(row)) for score in row]
        asked = float(w["f_beta.weight"][0] @ state[b] + w["f_beta.bias"][0])
        gate = (1 + math.tanh(asked / 2)) / 2  # the sigmoid, without its overflow
        for place, value in enumerate(exp):
            weights[b, place] = value / sum(exp)
            context[b] += gate * weights[b, place] * annotations[b, place]
    return context, weights


@pytest.mark.exercise("SoftAttention")
def test_the_layer_learns_four_linear_maps(student):
    """W_a and f_beta have a weight and a bias, W_h and v a weight alone; the gate is a single number."""
    state = student.SoftAttention(C, D, H).state_dict()
    shapes = {name: tuple(state[name].shape) for name in sorted(state)}
    expected = {"W_a.bias": (H,), "W_a.weight": (H, C), "W_h.weight": (H, D), "f_beta.bias": (1,)}
    expected |= {"f_beta.weight": (1, D), "v.weight": (1, H)}
    check.equal(shapes, expected, what="the state dict")


@pytest.mark.exercise("SoftAttention")
def test_a_look_worked_by_hand(student):
    """Scores that are logarithms and a gate that is a fraction: all numbers come out by hand."""
    layer = student.SoftAttention(1, 1, 1).double()
    half, one = math.log(3.0) / 2, math.log(3.0)
    numbers = {"W_a.weight": 1.0, "W_h.weight": 2.0, "v.weight": 2 * one, "f_beta.weight": -4.0}
    state = {name: torch.tensor([[number]], dtype=torch.float64) for name, number in numbers.items()}
    state |= {"W_a.bias": torch.tensor([-half]).double(), "f_beta.bias": torch.tensor([one]).double()}
    layer.load_state_dict(state)
    # inside tanh: a − ½ ln 3 + ln 3, so ½ ln 3, −½ ln 3 and 0: tanh is ½, −½, 0 and the scores ln 3, −ln 3, 0
    annotations = torch.tensor([[[0.0], [-one], [-half]]], dtype=torch.float64)
    context, weights = layer(annotations, torch.tensor([[half]], dtype=torch.float64))
    check.close(weights, torch.tensor([[9.0, 1.0, 3.0]]).double() / 13, what="weights")
    # the gate: sigmoid(−2 ln 3 + ln 3) = 1/4
    check.close(context, torch.tensor([[-(one + 3 * half) / 13 / 4]]).double(), what="context")


@pytest.mark.exercise("SoftAttention")
@pytest.mark.parametrize("B, L", [(2, 5), (1, 4), (4, 1), (3, 3)])
def test_every_place_is_scored_and_shared_out(student, reference, torch_rng, B, L):
    """Each state scores the places of its own image, shares out one unit of attention, and the gate scales the sum."""
    handle, module = a_layer(student, reference)
    arguments = for_layer(torch_rng, B, L)
    check.close(handle(*arguments), layer_by_hand(module, *arguments), what=ATTENTION)


@pytest.mark.exercise("SoftAttention")
def test_context_is_pytorchs_attention_through_the_gate(student, reference, torch_rng):
    """PyTorch's attention with these scores as its bias gives the context before the gate."""
    handle, module = a_layer(student, reference)
    annotations, state = for_layer(torch_rng)
    scores = scores_by_hand(module, annotations, state)[:, None]
    ungated = F.scaled_dot_product_attention(0 * annotations[:, :1], annotations, annotations, scores)
    w = weights_of(module)
    gate = F.linear(state, w["f_beta.weight"], w["f_beta.bias"]).sigmoid()
    context, _ = handle(annotations, state)
    check.close(context, gate * ungated[:, 0], what="context")


@pytest.mark.exercise("SoftAttention")
def test_places_may_come_in_any_order(student, reference, torch_rng):
    """Permuted places have permuted weights and the same context: attention knows nothing of where a place is."""
    handle, module = a_layer(student, reference)
    (annotations, state), order = for_layer(torch_rng), torch.tensor([3, 0, 4, 1, 2])
    context, weights = layer_by_hand(module, annotations, state)
    check.close(handle(annotations[:, order], state), (context, weights[:, order]), what=ATTENTION)


@pytest.mark.exercise("SoftAttention")
def test_places_that_look_alike_share_alike(student, reference, torch_rng):
    """Where all places hold the same, each gets the same weight, and the context is the gated annotation."""
    handle, module = a_layer(student, reference)
    annotations, state = for_layer(torch_rng, L=1)
    context, _ = layer_by_hand(module, annotations, state)
    expected = context, torch.full((2, 4), 0.25, dtype=torch.float64)
    check.close(handle(annotations.expand(2, 4, C).clone(), state), expected, what=ATTENTION)


@pytest.mark.exercise("SoftAttention")
@pytest.mark.parametrize(
    "bias, opening", [(40.0, 1.0), (-40.0, 0.0), (0.0, 0.5)], ids=["open", "shut", "half"]
)
def test_the_gate_scales_the_context_and_not_the_weights(student, reference, torch_rng, bias, opening):
    """Open, the gate lets all of the sum through, shut nothing; the weights are the same."""
    handle, module = a_layer(student, reference)
    annotations, state = for_layer(torch_rng)
    gate = {"f_beta.weight": torch.zeros(1, D).double(), "f_beta.bias": torch.tensor([bias]).double()}
    handle.load_state_dict(module.state_dict() | gate)
    _, weights = layer_by_hand(module, annotations, state)
    expected = opening * torch.einsum("bl,blc->bc", weights, annotations)
    check.close(handle(annotations, state), (expected, weights), what=ATTENTION, atol=1e-7)


@pytest.mark.exercise("SoftAttention")
def test_a_gate_may_be_far_open_or_shut(student, reference, torch_rng):
    """Where the gate is σ(1,000) for one image and σ(−1,000) for another, answers and gradients are finite."""
    handle, module = a_layer(student, reference)
    annotations, state = for_layer(torch_rng)
    state[:, 0] = torch.tensor([1.0, -1.0])
    weight = torch.tensor([[1000.0] + [0.0] * (D - 1)], dtype=torch.float64)
    module.load_state_dict(module.state_dict() | {"f_beta.weight": weight})
    handle.load_state_dict(module.state_dict())
    check.agrees(handle, module, *with_gradients(annotations, state), what=ATTENTION)


@pytest.mark.exercise("SoftAttention")
def test_the_layer_where_all_sizes_are_equal(student, reference, torch_rng):
    """With as many images as places, numbers in each, states and hidden units, every axis keeps its meaning."""
    handle, module = check.twin(student, reference, "SoftAttention", 4, 4, 4)
    annotations, state = normal(torch_rng, 4, 4, 4), normal(torch_rng, 4, 4)
    check.close(handle(annotations, state), module(annotations, state), what=ATTENTION)


@pytest.mark.exercise("SoftAttention")
def test_the_state_decides_where_to_look(student, reference, torch_rng):
    """Two states asked about the same image get different weights, each its own."""
    handle, module = a_layer(student, reference)
    annotations, state = for_layer(torch_rng)
    annotations = annotations[:1].expand(2, 5, C).clone()
    check.close(handle(annotations, 3 * state), layer_by_hand(module, annotations, 3 * state), what=ATTENTION)


@pytest.mark.exercise("SoftAttention")
def test_huge_features_saturate_the_layer(student, reference, torch_rng):
    """Annotations and states of ±10,000 and a v of ±1,000 are ordinary input, and nothing overflows."""
    handle, module = a_layer(student, reference)
    module.load_state_dict(module.state_dict() | {"v.weight": 1e3 * normal(torch_rng, 1, H)})
    handle.load_state_dict(module.state_dict())
    annotations, state = (1e4 * each for each in for_layer(torch_rng))
    check.close(handle(annotations, state), layer_by_hand(module, annotations, state), what=ATTENTION)


@pytest.mark.exercise("SoftAttention")
def test_the_layer_lets_gradients_through(student, reference, torch_rng):
    """The gradients with respect to annotations, state and all weights are right."""
    handle, module = a_layer(student, reference)
    check.agrees(handle, module, *with_gradients(*for_layer(torch_rng)), what=ATTENTION)


@pytest.mark.exercise("SoftAttention")
def test_a_second_look_leaves_the_first_as_it_was(student, reference, torch_rng):
    """After a second call on other inputs, the gradients through the first are still those of the first."""
    handle, module = a_layer(student, reference)
    first, second = with_gradients(*for_layer(torch_rng)), with_gradients(*for_layer(torch_rng))
    gradients = []
    for layer in (handle, module):
        context, _ = layer(*first)
        layer(*second)
        gradients.append(torch.autograd.grad(context.square().sum(), first))
    check.close(*gradients, what=("the gradient of annotations", "the gradient of state"))


@pytest.mark.exercise("SoftAttention")
def test_every_parameter_learns_from_the_context(student, reference, torch_rng):
    """A loss of the context alone has the right gradient for W_a, W_h, v and the gate."""
    handle, module = a_layer(student, reference)
    annotations, state = for_layer(torch_rng)
    parameters = dict(handle.named_parameters())
    for layer in (handle, module):
        layer(annotations, state)[0].square().sum().backward()
    for name, parameter in module.named_parameters():
        check.close(parameters[name].grad, parameter.grad, what=f"the gradient of {name}")


@pytest.mark.exercise("SoftAttention")
def test_the_layer_keeps_float32(student, reference, torch_rng):
    """Everything in float32 gives context and weights in float32."""
    handle, module = a_layer(student, reference, dtype=torch.float32)
    annotations, state = for_layer(torch_rng)
    expected = tuple(part.float() for part in layer_by_hand(module.double(), annotations, state))
    check.close(handle(annotations.float(), state.float()), expected, what=ATTENTION, **FLOAT32)


# t10.3 doubly_stochastic_penalty


def looks(torch_rng, B=2, T=3, L=4):
    """Weights of T looks at L places."""
    return normal(torch_rng, B, T, L).softmax(dim=-1)


@pytest.mark.exercise("doubly_stochastic_penalty")
def test_a_penalty_worked_by_hand(student):
    """Two images, two looks at three places: one pays 1/4 + 9/16 + 9/16, the other 1/4 + 1/4 + 1."""
    weights = [[[1.0, 0.0, 0.0], [0.5, 0.25, 0.25]], [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]]
    expected = torch.tensor((1.375 + 1.5) / 2, dtype=torch.float64)
    result = student.doubly_stochastic_penalty(torch.tensor(weights, dtype=torch.float64))
    check.close(result, expected, what="penalty")


@pytest.mark.exercise("doubly_stochastic_penalty")
@pytest.mark.parametrize("B, T, L", [(2, 3, 4), (1, 5, 2), (3, 1, 4), (4, 3, 1), (3, 3, 3)])
def test_every_place_pays_for_too_much_and_for_too_little(student, torch_rng, B, T, L):
    """Each place pays the square of what it is away from 1; places are added up, images averaged."""
    weights, total = looks(torch_rng, B, T, L), 0.0
    for b, place in product(range(B), range(L)):
        total += (1 - sum(float(weights[b, t, place]) for t in range(T))) ** 2 / B
    expected = torch.tensor(total, dtype=torch.float64)
    check.close(student.doubly_stochastic_penalty(weights), expected, what="penalty")


@pytest.mark.exercise("doubly_stochastic_penalty")
@pytest.mark.parametrize("B, T, L", [(3, 2, 5), (1, 6, 3), (4, 4, 4)])
def test_even_looks_have_a_closed_form(student, B, T, L):
    """With weights of 1/L everywhere, the penalty is (L − T)² / L."""
    weights = torch.full((B, T, L), 1 / L, dtype=torch.float64)
    expected = torch.tensor((L - T) ** 2 / L, dtype=torch.float64)
    check.close(student.doubly_stochastic_penalty(weights), expected, what="penalty")


@pytest.mark.exercise("doubly_stochastic_penalty")
def test_a_doubly_stochastic_matrix_costs_nothing(student, torch_rng):
    """Mixtures of permutations add up to 1 over the places and over the looks: no penalty."""
    shares = normal(torch_rng, 2, 3).softmax(dim=-1)  # (B, how many permutations)
    permutations = torch.stack([torch.randperm(4, generator=torch_rng) for _ in range(3)])
    weights = torch.einsum("bp,ptl->btl", shares, torch.eye(4, dtype=torch.float64)[permutations])
    expected = torch.tensor(0.0, dtype=torch.float64)
    check.close(student.doubly_stochastic_penalty(weights), expected, what="penalty")


@pytest.mark.exercise("doubly_stochastic_penalty")
def test_the_penalty_pushes_towards_what_was_not_looked_at(student, torch_rng):
    """The gradient of each weight is −2 (1 − what its place got) / B, the same at every look."""
    (weights,) = with_gradients(looks(torch_rng))
    student.doubly_stochastic_penalty(weights).backward()
    got = weights.detach().sum(dim=1, keepdim=True)
    check.close(weights.grad, (-2 * (1 - got) / 2).expand(2, 3, 4).clone(), what="gradient of the weights")


@pytest.mark.exercise("doubly_stochastic_penalty")
def test_the_penalty_keeps_float32(student):
    """Weights in float32 give a penalty in float32."""
    weights = torch.full((3, 2, 8), 1 / 8)
    check.close(student.doubly_stochastic_penalty(weights), torch.tensor(36 / 8), what="penalty", **FLOAT32)


# t10.4 glimpse


def glimpse_by_hand(images, centres, size, scales):
    """Pixel by pixel; first rows and columns by exact fractions."""
    B, channels, *sides = images.shape
    patches = torch.zeros(B, scales, channels, size, size, dtype=images.dtype)
    for b, k in product(range(B), range(scales)):
        e, cell = size * 2**k, 2**k
        first = [
            math.floor((Fraction(at) + 1) / 2 * side - Fraction(e, 2) + Fraction(1, 2))
            for at, side in zip(centres[b].tolist(), sides, strict=True)
        ]
        for row, column in product(range(e), repeat=2):
            y, x = first[0] + row, first[1] + column
            if 0 <= y < sides[0] and 0 <= x < sides[1]:
                patches[b, k, :, row // cell, column // cell] += images[b, :, y, x] / cell**2
    return patches


def counted(height, width):
    """An image (1, 1, height, width) whose pixels are 1, 2, 3, … row by row."""
    return torch.arange(1.0, 1.0 + height * width, dtype=torch.float64).view(1, 1, height, width)


def a_centre(y, x):
    return torch.tensor([[y, x]], dtype=torch.float64)


@pytest.mark.exercise("glimpse")
def test_a_glimpse_worked_by_hand(student):
    """Two scales at the middle of a picture of 4 × 6 pixels."""
    patches = student.glimpse(counted(4, 6), a_centre(0.0, 0.0), 2, 2)
    expected = torch.tensor([[[9.0, 10.0], [15.0, 16.0]], [[5.5, 7.5], [17.5, 19.5]]])
    check.close(patches, expected.double().view(1, 2, 1, 2, 2), what="patches")


@pytest.mark.exercise("glimpse")
@pytest.mark.parametrize(
    "B, channels, height, width, size, scales",
    [(2, 3, 9, 7, 4, 2), (3, 1, 6, 11, 3, 3), (1, 2, 8, 5, 2, 3), (4, 2, 5, 9, 1, 4), (2, 1, 7, 10, 5, 1)],
)
def test_every_patch_is_cut_around_its_centre(student, torch_rng, B, channels, height, width, size, scales):
    """Patches of odd and even sizes, up to four scales, each image with a centre of its own."""
    images, centres = normal(torch_rng, B, channels, height, width), uniform(torch_rng, B, 2)
    patches = student.glimpse(images, centres, size, scales)
    check.close(patches, glimpse_by_hand(images, centres, size, scales), what="patches")


@pytest.mark.exercise("glimpse")
@pytest.mark.parametrize("y, x", [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)], ids=str)
def test_a_centre_on_a_corner_is_ordinary_input(student, torch_rng, y, x):
    """On a corner a quarter of every patch lies inside the image; the rest is zero."""
    images = normal(torch_rng, 1, 2, 5, 8)
    surrounded = F.pad(images, (4, 4, 4, 4))
    row, column = 4 + (5 if y > 0 else 0), 4 + (8 if x > 0 else 0)  # the corner's, among the zeros
    sharp = surrounded[..., row - 2 : row + 2, column - 2 : column + 2]
    coarse = F.avg_pool2d(surrounded[..., row - 4 : row + 4, column - 4 : column + 4], 2)
    expected = torch.stack([sharp, coarse], dim=1)
    check.close(student.glimpse(images, a_centre(y, x), 4, 2), expected, what="patches")


@pytest.mark.exercise("glimpse")
@pytest.mark.parametrize("y, x", [(-1.0, 0.25), (1.0, -0.125), (0.5, -1.0), (0.0, 1.0)], ids=str)
def test_a_centre_on_an_edge_is_ordinary_input(student, torch_rng, y, x):
    """On an edge half of every patch lies inside the image; the rest is zero."""
    images, centre = normal(torch_rng, 1, 1, 8, 16), a_centre(y, x)
    check.close(student.glimpse(images, centre, 3, 3), glimpse_by_hand(images, centre, 3, 3), what="patches")


@pytest.mark.exercise("glimpse")
@pytest.mark.parametrize("size", [3, 4], ids=["odd", "even"])
def test_centres_between_pixels_follow_the_formula(student, torch_rng, size):
    """Every eighth of a pixel across a picture: each first row and column is the one that the formula says."""
    steps = torch.arange(-1.0, 1.0 + 1 / 64, 1 / 32, dtype=torch.float64)  # a side of 8: steps of 1/8 pixel
    centres = torch.stack([steps, steps.flip(0)], dim=1)
    images = normal(torch_rng, 1, 1, 8, 8).expand(len(steps), 1, 8, 8).clone()
    expected = glimpse_by_hand(images, centres, size, 2)
    check.close(student.glimpse(images, centres, size, 2), expected, what="patches")


@pytest.mark.exercise("glimpse")
def test_a_patch_wider_than_the_image_holds_all_of_it(student, torch_rng):
    """A patch far wider than the image has zeros around it, and they count in the means."""
    images, centre = normal(torch_rng, 2, 1, 3, 5), torch.zeros(2, 2, dtype=torch.float64)
    patches = student.glimpse(images, centre, 2, 5)
    check.close(patches, glimpse_by_hand(images, centre, 2, 5), what="patches")
    check.close(
        patches[:, 4].sum(dim=(1, 2, 3)) * 256, images.sum(dim=(1, 2, 3)), what="ink in the widest patch"
    )


@pytest.mark.exercise("glimpse")
def test_the_widest_patch_over_the_whole_image_is_pytorchs_average(student, torch_rng):
    """Around the middle of an image as large as the widest patch, PyTorch's average pooling gives the same."""
    images = normal(torch_rng, 2, 3, 12, 12)
    patches = student.glimpse(images, torch.zeros(2, 2, dtype=torch.float64), 3, 3)
    check.shape(patches, (2, 3, 3, 3, 3), what="patches")
    check.close(patches[:, 2], F.avg_pool2d(images, 4), what="widest patch")


@pytest.mark.exercise("glimpse")
def test_a_centre_is_y_and_x(student):
    """One bright pixel in a long picture is found by its row, then its column."""
    image = torch.zeros(1, 1, 4, 16, dtype=torch.float64)
    image[0, 0, 3, 4] = 1.0
    patches = student.glimpse(image, a_centre(0.75, -0.4375), 3, 1)  # (3.5, 4.5) in pixels
    expected = torch.zeros(1, 1, 1, 3, 3, dtype=torch.float64)
    expected[..., 1, 1] = 1.0
    check.close(patches, expected, what="patches")


@pytest.mark.exercise("glimpse")
def test_a_moved_centre_moves_the_glimpse(student, torch_rng):
    """Moved by whole pixels, picture and centre together, the glimpse stays the same."""
    images = torch.zeros(1, 2, 16, 32, dtype=torch.float64)
    images[..., 2:8, 3:9] = normal(torch_rng, 1, 2, 6, 6)
    centre = a_centre(-0.375, -0.625)  # (5, 6) in pixels
    expected = glimpse_by_hand(images, centre, 2, 3)
    moved = centre + torch.tensor([5 * 2 / 16, 11 * 2 / 32], dtype=torch.float64)
    check.close(student.glimpse(images.roll((5, 11), (2, 3)), moved, 2, 3), expected, what="patches")


@pytest.mark.exercise("glimpse")
def test_a_glimpse_lets_gradients_through_to_the_image(student, reference, torch_rng):
    """Each pixel's gradient is the sum over the patches that hold it; those outside get none."""
    (images,) = with_gradients(normal(torch_rng, 2, 2, 6, 5))
    centres = torch.tensor([[-1.0, 0.3], [0.4, 0.9]], dtype=torch.float64)
    check.agrees(student.glimpse, reference.glimpse, images, centres, 3, 2, what="patches")


@pytest.mark.exercise("glimpse")
def test_a_glimpse_keeps_float32(student, torch_rng):
    """Images and centres in float32 give patches in float32."""
    images, centres = normal(torch_rng, 2, 1, 8, 16), torch.tensor([[0.25, -0.5], [-0.75, 0.125]])
    expected = glimpse_by_hand(images, centres, 4, 2).float()
    check.close(student.glimpse(images.float(), centres, 4, 2), expected, what="patches", **FLOAT32)


# t10.5 reinforce_loss

LOSSES = ("policy loss", "baseline loss")


def losses_by_hand(log_probs, rewards, baselines):
    (B, T), policy, baseline = log_probs.shape, 0.0, 0.0
    for b, t in product(range(B), range(T)):
        advantage = float(rewards[b, t] - baselines[b, t])
        policy -= float(log_probs[b, t]) * advantage / B
        baseline += advantage**2 / B
    return torch.tensor(policy, dtype=torch.float64), torch.tensor(baseline, dtype=torch.float64)


def for_losses(torch_rng, B=3, T=4):
    """Log-probabilities, rewards and baselines."""
    return normal(torch_rng, B, T) - 2, normal(torch_rng, B, T), normal(torch_rng, B, T)


class Gambler:
    """A policy of two choices among three whose whole world can be listed.

    Its probabilities are quarters, so a batch of 16 rows holds every pair of choices as often as it happens: a mean
    over that batch is an exact expectation.
    """

    PROBABILITIES = torch.tensor([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]], dtype=torch.float64)

    def __init__(self, torch_rng):
        self.theta = self.PROBABILITIES.log().requires_grad_()  # (T, actions)
        self.first, self.second = normal(torch_rng, 3), normal(torch_rng, 3, 3)  # what choices bring
        times = (4 * self.PROBABILITIES).int().tolist()
        every = [(i, j) for i, j in product(range(3), repeat=2) for _ in range(times[0][i] * times[1][j])]
        self.choices = torch.tensor(every)  # (16, T)

    def log_probs(self):
        table = self.theta.log_softmax(dim=-1)
        return torch.stack([table[t, self.choices[:, t]] for t in range(2)], dim=1)  # (16, T)

    def returns(self):
        """What came of each choice: the first brings its own reward and the second's, (16, T)."""
        i, j = self.choices.T
        return torch.stack([self.first[i] + self.second[i, j], self.second[i, j]], dim=1)

    def exact_gradient(self):
        """Of the expected reward, by summing over all that can happen."""
        p, q = self.theta.softmax(dim=-1)
        value = sum(p[i] * q[j] * (self.first[i] + self.second[i, j]) for i, j in product(range(3), repeat=2))
        return torch.autograd.grad(value, self.theta)[0]


@pytest.mark.exercise("reinforce_loss")
def test_losses_worked_by_hand(student):
    """Two rows of two actions, whose advantages are 2, −1/2, 0 and −1."""
    answer = student.reinforce_loss(
        torch.tensor([[-1.0, -3.0], [-2.0, -4.0]], dtype=torch.float64),
        torch.tensor([[2.0, 1.0], [0.5, 1.0]], dtype=torch.float64),
        torch.tensor([[0.0, 1.5], [0.5, 2.0]], dtype=torch.float64),
    )
    expected = (2.0 - 1.5 + 0.0 - 4.0) / 2, (4.0 + 0.25 + 0.0 + 1.0) / 2
    check.close(answer, tuple(torch.tensor(value).double() for value in expected), what=LOSSES)


@pytest.mark.exercise("reinforce_loss")
@pytest.mark.parametrize("B, T", [(3, 4), (1, 2), (5, 1), (1, 1)])
def test_actions_are_added_up_and_rows_averaged(student, torch_rng, B, T):
    """Every action pays for itself; each row's actions are added up, the rows averaged, in both losses."""
    arguments = for_losses(torch_rng, B, T)
    check.close(student.reinforce_loss(*arguments), losses_by_hand(*arguments), what=LOSSES)


@pytest.mark.exercise("reinforce_loss")
def test_the_policy_gradient_is_the_exact_one(student, torch_rng):
    """Averaged over everything a small policy can do, downhill for the loss is uphill for the expected reward."""
    world = Gambler(torch_rng)
    policy, _ = student.reinforce_loss(world.log_probs(), world.returns(), torch.zeros(16, 2).double())
    (gradient,) = torch.autograd.grad(policy, world.theta)
    check.close(gradient, -world.exact_gradient(), what="gradient of the policy")


@pytest.mark.exercise("reinforce_loss")
def test_a_baseline_leaves_the_expected_gradient_alone(student, torch_rng):
    """Whatever was expected before an action, even knowing the ones before it, the exact gradient stays the same."""
    world = Gambler(torch_rng)
    guesses = normal(torch_rng, 3)
    expected_before = torch.stack([torch.full((16,), 0.7).double(), guesses[world.choices[:, 0]]], dim=1)
    policy, _ = student.reinforce_loss(world.log_probs(), world.returns(), expected_before)
    (gradient,) = torch.autograd.grad(policy, world.theta)
    check.close(gradient, -world.exact_gradient(), what="gradient of the policy")


@pytest.mark.exercise("reinforce_loss")
def test_a_baseline_made_of_the_policys_parameters_leaves_the_gradient_alone(student, torch_rng):
    """Where policy and baseline share parameters, the policy's loss still has the exact gradient and no more."""
    world = Gambler(torch_rng)
    shared = (world.theta * normal(torch_rng, 2, 3)).sum(dim=1)  # what is expected before each choice
    policy, _ = student.reinforce_loss(world.log_probs(), world.returns(), shared.expand(16, 2))
    (gradient,) = torch.autograd.grad(policy, world.theta)
    check.close(gradient, -world.exact_gradient(), what="gradient of the policy")


@pytest.mark.exercise("reinforce_loss")
def test_an_advantage_of_one_is_pytorchs_cross_entropy(student, torch_rng):
    """Where every action did better by 1 than expected, the loss is that of being told to take it."""
    logits, actions = normal(torch_rng, 5, 4), torch.tensor([3, 0, 2, 1, 0])
    log_probs = logits.log_softmax(dim=-1).gather(1, actions[:, None])
    rewards = normal(torch_rng, 5, 1)
    policy, _ = student.reinforce_loss(log_probs, rewards, rewards - 1)
    check.close(policy, F.cross_entropy(logits, actions), what="policy loss")


@pytest.mark.exercise("reinforce_loss")
def test_the_baseline_loss_is_pytorchs_squared_error(student, torch_rng):
    """PyTorch's squared error, added up and divided by the batch, is the baseline's loss."""
    log_probs, rewards, baselines = for_losses(torch_rng)
    _, baseline = student.reinforce_loss(log_probs, rewards, baselines)
    check.close(baseline, F.mse_loss(baselines, rewards, reduction="sum") / 3, what="baseline loss")


@pytest.mark.exercise("reinforce_loss")
def test_the_advantage_is_a_constant_to_the_policy_loss(student, torch_rng):
    """Neither rewards nor baselines get a gradient from the policy's loss, even where they could."""
    log_probs, rewards, baselines = for_losses(torch_rng)
    expected, _ = losses_by_hand(log_probs, rewards, baselines)
    with_gradients(rewards, baselines)
    policy, _ = student.reinforce_loss(log_probs, rewards, baselines)
    check.close(policy.detach(), expected, what="policy loss")
    if policy.requires_grad:  # a gradient of zero would do no harm
        found = torch.autograd.grad(policy, [rewards, baselines], allow_unused=True)
        named = zip(("rewards", "baselines"), found, strict=True)
        leaks = [name for name, gradient in named if gradient is not None and gradient.any()]
        check.true(not leaks, f"a gradient leaks out of the policy's loss through {' and '.join(leaks)}")


@pytest.mark.exercise("reinforce_loss")
def test_the_baseline_learns_from_its_own_loss(student, torch_rng):
    """The baseline's loss draws each baseline to its reward: its gradient is 2 (b − R) / B."""
    log_probs, rewards, baselines = for_losses(torch_rng)
    with_gradients(baselines)
    _, baseline = student.reinforce_loss(log_probs, rewards, baselines)
    check.true(baseline.requires_grad, "the baseline's loss has no gradient")
    baseline.backward()
    check.close(baselines.grad, (2 * (baselines - rewards) / 3).detach(), what="gradient of the baselines")


@pytest.mark.exercise("reinforce_loss")
def test_both_losses_have_the_right_gradients(student, reference, torch_rng):
    """Where policy and baseline both learn, each gets the gradient of its own loss and nothing more."""
    log_probs, rewards, baselines = for_losses(torch_rng)
    with_gradients(log_probs, baselines)
    arguments = {"log_probs": log_probs, "rewards": rewards, "baselines": baselines}
    check.agrees(student.reinforce_loss, reference.reinforce_loss, **arguments, what=LOSSES)


@pytest.mark.exercise("reinforce_loss")
def test_huge_rewards_are_no_trouble(student, torch_rng):
    """Rewards of ±10,000 and probabilities that are nearly 0 give finite losses."""
    log_probs, rewards, baselines = for_losses(torch_rng)
    arguments = 1e3 * log_probs, 1e4 * rewards, 1e4 * baselines
    check.close(student.reinforce_loss(*arguments), losses_by_hand(*arguments), what=LOSSES)


@pytest.mark.exercise("reinforce_loss")
def test_the_losses_keep_float32(student, torch_rng):
    """Everything in float32 gives both losses in float32."""
    arguments = for_losses(torch_rng)
    expected = tuple(loss.float() for loss in losses_by_hand(*arguments))
    answer = student.reinforce_loss(*(one.float() for one in arguments))
    check.close(answer, expected, what=LOSSES, **FLOAT32)


# t10.6 attention_map


def map_by_hand(weights, grid, image_size):
    """Between the centres of the places in straight lines, and beyond the outermost ones what they have."""

    def between(pixel, pixels, places):
        at = (pixel + 0.5) * places / pixels - 0.5  # counted in places, from the centre of the first
        at = min(max(at, 0.0), places - 1.0)
        before = min(int(at), max(places - 2, 0))
        return before, min(before + 1, places - 1), at - before

    maps = torch.zeros(len(weights), *image_size, dtype=torch.float64)
    for b, row, column in product(range(len(weights)), *map(range, image_size)):
        top, bottom, down = between(row, image_size[0], grid[0])
        left, right, across = between(column, image_size[1], grid[1])
        at = {(y, x): float(weights[b, y * grid[1] + x]) for y in (top, bottom) for x in (left, right)}
        upper = (1 - across) * at[top, left] + across * at[top, right]
        lower = (1 - across) * at[bottom, left] + across * at[bottom, right]
        maps[b, row, column] = (1 - down) * upper + down * lower
    return torch.stack([one / float(one.sum()) for one in maps])


def some_weights(torch_rng, B, L):
    return (2 * normal(torch_rng, B, L)).softmax(dim=-1)


@pytest.mark.exercise("attention_map")
def test_a_map_worked_by_hand(student):
    """A column of two places on four rows and two columns of pixels."""
    weights = torch.tensor([[1 / 6, 5 / 6]], dtype=torch.float64)
    rows = torch.tensor([1 / 6, 2 / 6, 4 / 6, 5 / 6], dtype=torch.float64) / 4
    expected = rows[None, :, None].expand(1, 4, 2).clone()
    check.close(student.attention_map(weights, (2, 1), (4, 2)), expected, what="map")


@pytest.mark.exercise("attention_map")
@pytest.mark.parametrize(
    "grid, image_size",
    [
        ((2, 3), (8, 12)),
        ((3, 2), (7, 11)),
        ((3, 3), (10, 4)),
        ((1, 4), (3, 9)),
        ((4, 1), (5, 2)),
        ((2, 5), (3, 6)),
    ],
    ids=str,
)
def test_weights_are_spread_between_the_centres_of_places(student, torch_rng, grid, image_size):
    """Grids and images of all shapes, multiples of one another or not: linear between centres, and 1 in all."""
    weights = some_weights(torch_rng, 2, grid[0] * grid[1])
    expected = map_by_hand(weights, grid, image_size)
    check.close(student.attention_map(weights, grid, image_size), expected, what="maps")


@pytest.mark.exercise("attention_map")
def test_a_map_is_pytorchs_upsampling_in_proportion(student, torch_rng):
    """PyTorch's own bilinear layer gives the same map up to its sum."""
    weights = some_weights(torch_rng, 3, 12)
    spread = torch.nn.Upsample((9, 10), mode="bilinear", align_corners=False)(weights.view(3, 1, 3, 4))[:, 0]
    expected = spread / spread.sum(dim=(1, 2), keepdim=True)
    check.close(student.attention_map(weights, (3, 4), (9, 10)), expected, what="maps")


@pytest.mark.exercise("attention_map")
def test_an_image_of_the_grids_size_shows_the_weights_themselves(student, torch_rng):
    """With one pixel a place, nothing is spread: the map is the weights, row by row."""
    weights = some_weights(torch_rng, 2, 12)
    maps = student.attention_map(weights, (3, 4), (3, 4))
    check.close(maps, weights.view(2, 3, 4), what="maps")


@pytest.mark.exercise("attention_map")
def test_a_single_place_lights_the_image_evenly(student):
    """One place has all the attention, and all pixels share it."""
    maps = student.attention_map(torch.ones(2, 1, dtype=torch.float64), (1, 1), (3, 5))
    check.close(maps, torch.full((2, 3, 5), 1 / 15, dtype=torch.float64), what="maps")


@pytest.mark.exercise("attention_map")
def test_every_map_of_a_batch_adds_up_to_one(student, torch_rng):
    """Each image's map adds up to 1, sharp or even, and nothing in it is negative."""
    weights = torch.stack(
        [torch.eye(6, dtype=torch.float64)[4], torch.full((6,), 1 / 6, dtype=torch.float64)]
    )
    maps = student.attention_map(weights, (2, 3), (5, 7))
    check.close(maps, map_by_hand(weights, (2, 3), (5, 7)), what="maps")
    check.close(maps.sum(dim=(1, 2)), torch.ones(2, dtype=torch.float64), what="sums of the maps")


@pytest.mark.exercise("attention_map")
def test_a_mirrored_grid_has_a_mirrored_map(student, torch_rng):
    """Left and right, above and below are treated alike."""
    weights = some_weights(torch_rng, 2, 6)
    mirrored = weights.view(2, 2, 3).flip(1, 2).flatten(1)
    expected = map_by_hand(weights, (2, 3), (5, 8)).flip(1, 2)
    check.close(student.attention_map(mirrored, (2, 3), (5, 8)), expected, what="maps")


@pytest.mark.exercise("attention_map")
def test_a_map_lets_gradients_through(student, reference, torch_rng):
    """The gradient of the map with respect to the weights is right."""
    (weights,) = with_gradients(some_weights(torch_rng, 2, 6))
    check.agrees(student.attention_map, reference.attention_map, weights, (2, 3), (5, 7), what="maps")


@pytest.mark.exercise("attention_map")
def test_a_map_keeps_float32(student, torch_rng):
    """Weights in float32 give maps in float32."""
    weights = some_weights(torch_rng, 2, 6)
    expected = map_by_hand(weights, (2, 3), (4, 9)).float()
    check.close(student.attention_map(weights.float(), (2, 3), (4, 9)), expected, what="maps", **FLOAT32)
