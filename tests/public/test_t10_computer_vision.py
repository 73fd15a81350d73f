"""Public tests of t10: small worked examples and properties to build against.

Run them with `attend check t10`, or with `pytest tests/public/test_t10_computer_vision.py`.
The graders ask for more of the same: other sizes, extreme inputs, float32, gradients.
"""

import math

import pytest
import torch

from attend.testing import check

HALF, ONE = math.log(3.0) / 2, math.log(3.0)  # tanh(½ ln 3) = 1/2, tanh(ln 3) = 4/5, sigmoid(ln 3) = 3/4


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def counted(height, width):
    """An image (1, 1, height, width) whose pixels are 0, 1, 2, … row by row."""
    return torch.arange(float(height * width)).view(1, 1, height, width)


# t10.1 spatial_annotations


@pytest.mark.exercise("spatial_annotations")
def test_spatial_annotations_of_a_worked_example(student):
    """Two channels on two rows of three places: six annotations of two numbers, row by row."""
    features = torch.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]]]])
    expected = torch.tensor([[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0], [5.0, 50.0], [6.0, 60.0]]])
    check.close(student.spatial_annotations(features), expected, what="annotations")


@pytest.mark.exercise("spatial_annotations")
def test_spatial_annotations_keep_each_place_together(student, torch_rng):
    """Annotation y · W + x holds all channels of place (y, x), also where height and width are equal."""
    features = normal(torch_rng, 2, 3, 4, 4)
    annotations = student.spatial_annotations(features)
    check.shape(annotations, (2, 16, 3), what="annotations")
    check.close(annotations[:, 2 * 4 + 1], features[:, :, 2, 1], what="annotation of row 2, column 1")


# t10.2 SoftAttention


def a_layer(student, **changes):
    """A layer for features, states and a hidden layer of size 1; every weight is 1 and every bias 0 where not changed."""
    layer = student.SoftAttention(feature_size=1, state_size=1, hidden_size=1)
    one, none = torch.ones(1, 1), torch.zeros(1)
    state = {"W_a.weight": one, "W_a.bias": none, "W_h.weight": one, "v.weight": one}
    return layer.load_state_dict(state | {"f_beta.weight": one, "f_beta.bias": none} | changes)


@pytest.mark.exercise("SoftAttention")
def test_layer_has_four_linear_layers_two_of_them_with_bias(student):
    """The state dict holds W_a (H, C) with bias, W_h (H, D), v (1, H) and f_beta (1, D) with bias."""
    state = student.SoftAttention(feature_size=2, state_size=3, hidden_size=4).state_dict()
    shapes = {name: tuple(state[name].shape) for name in sorted(state)}
    expected = {"W_a.bias": (4,), "W_a.weight": (4, 2), "W_h.weight": (4, 3), "f_beta.bias": (1,)}
    expected |= {"f_beta.weight": (1, 3), "v.weight": (1, 4)}
    check.equal(shapes, expected, what="the names and shapes in the state dict")


@pytest.mark.exercise("SoftAttention")
def test_layer_of_a_worked_example(student):
    """tanh gives 0 and 4/5, the scores are 0 and ln 3, the weights 1/4 and 3/4; the gate is open by 3/4."""
    layer = a_layer(
        student, **{"v.weight": torch.tensor([[ONE * 5 / 4]]), "f_beta.bias": torch.tensor([HALF])}
    )
    context, weights = layer(torch.tensor([[[-HALF], [HALF]]]), torch.tensor([[HALF]]))
    check.close(weights, torch.tensor([[0.25, 0.75]]), what="weights", rtol=1e-5)
    check.close(context, torch.tensor([[HALF / 2 * 3 / 4]]), what="context", rtol=1e-5)


@pytest.mark.exercise("SoftAttention")
def test_layer_with_a_closed_gate_still_looks(student):
    """A gate of nearly 0 lets no context through; the weights add up to 1 all the same."""
    layer = a_layer(student, **{"f_beta.bias": torch.tensor([-40.0])})
    context, weights = layer(torch.tensor([[[1.0], [2.0], [4.0]]]), torch.tensor([[0.5]]))
    check.close(context, torch.zeros(1, 1), what="context", atol=1e-6)
    check.close(weights.sum(dim=1), torch.ones(1), what="sum of the weights", rtol=1e-5)


@pytest.mark.exercise("SoftAttention")
@pytest.mark.parametrize(("bias", "gate"), [(-1000.0, 0.0), (1000.0, 1.0)])
def test_layer_with_a_gate_far_from_half_open(student, bias, gate):
    """A gate of σ(−1000) is 0 and one of σ(1000) is 1; the gradients are finite."""
    layer = a_layer(student, **{"f_beta.bias": torch.tensor([bias])})
    state = torch.tensor([[0.5]], requires_grad=True)
    context, _ = layer(torch.tensor([[[2.0], [2.0]]]), state)
    check.close(context, torch.tensor([[2.0 * gate]]), what="context")
    context.sum().backward()
    check.true(state.grad.isfinite().all(), "the gradient of the state holds NaN or infinity")


@pytest.mark.exercise("SoftAttention")
def test_layer_treats_every_image_alone(student, torch_rng):
    """An image gets the same context and weights in a batch of three and by itself."""
    layer = student.SoftAttention(2, 3, 4).double()
    annotations, state = normal(torch_rng, 3, 5, 2), normal(torch_rng, 3, 3)
    context, weights = layer(annotations, state)
    check.shape(context, (3, 2), what="context")
    check.shape(weights, (3, 5), what="weights")
    alone = layer(annotations[1:2], state[1:2])
    check.close(alone, (context[1:2], weights[1:2]), what=("context alone", "weights alone"))


# t10.3 doubly_stochastic_penalty


@pytest.mark.exercise("doubly_stochastic_penalty")
def test_penalty_of_a_worked_example(student):
    """Two looks at three places give them 3/2, 1/2 and 0 in all: (1/2)² + (1/2)² + 1² = 3/2."""
    weights = torch.tensor([[[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]])
    check.close(student.doubly_stochastic_penalty(weights), torch.tensor(1.5), what="penalty")


@pytest.mark.exercise("doubly_stochastic_penalty")
def test_penalty_is_zero_where_every_place_was_looked_at_once(student):
    """Three looks, each at another of three places, in any order: nothing to pay."""
    weights = torch.eye(3)[torch.tensor([[2, 0, 1], [0, 1, 2]])]
    check.close(student.doubly_stochastic_penalty(weights), torch.tensor(0.0), what="penalty")


@pytest.mark.exercise("doubly_stochastic_penalty")
def test_penalty_is_a_mean_over_the_batch(student):
    """One image that pays 2 and one that pays 0 have a mean of 1."""
    weights = torch.tensor([[[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]])
    check.close(student.doubly_stochastic_penalty(weights), torch.tensor(1.0), what="penalty")


# t10.4 glimpse


@pytest.mark.exercise("glimpse")
def test_glimpse_at_the_middle(student):
    """Two pixels a side around the middle of an image of 4 × 6."""
    patches = student.glimpse(counted(4, 6), torch.tensor([[0.0, 0.0]]), size=2, scales=1)
    check.close(patches, torch.tensor([[[[[8.0, 9.0], [14.0, 15.0]]]]]), what="patches")


@pytest.mark.exercise("glimpse")
def test_glimpse_shrinks_wider_patches(student):
    """Patches of 1, 2 and 4 pixels a side, each shrunk to its mean; the third reaches one row out of the image."""
    patches = student.glimpse(counted(4, 4), torch.tensor([[0.25, -0.25]]), size=1, scales=3)
    check.shape(patches, (1, 3, 1, 1, 1), what="patches")
    means = torch.tensor([[9.0, (9 + 10 + 13 + 14) / 4, sum(range(4, 16)) / 16]])
    check.close(patches.view(1, 3), means, what="patches")


@pytest.mark.exercise("glimpse")
def test_glimpse_at_a_corner_sees_zeros_outside(student):
    """At the corner (−1, −1) three quarters of the patch lie outside the image, where everything is zero."""
    patches = student.glimpse(1 + counted(4, 6), torch.tensor([[-1.0, -1.0]]), size=4, scales=1)
    expected = torch.zeros(4, 4)
    expected[2:, 2:] = torch.tensor([[1.0, 2.0], [7.0, 8.0]])
    check.close(patches, expected.view(1, 1, 1, 4, 4), what="patches")


@pytest.mark.exercise("glimpse")
def test_glimpse_reads_rows_before_columns(student):
    """A centre is (y, x): (−1/2, 1/2) lies in the upper right."""
    image = torch.zeros(1, 1, 8, 4)
    image[0, 0, 1:3, 2:4] = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    patches = student.glimpse(image, torch.tensor([[-0.5, 0.5]]), size=2, scales=1)
    check.close(patches, torch.tensor([[[[[1.0, 2.0], [3.0, 4.0]]]]]), what="patches")


@pytest.mark.exercise("glimpse")
def test_glimpse_looks_at_every_image_where_its_own_centre_is(student, torch_rng):
    """Two images, two centres, three channels: each patch is cut from its own image."""
    images = normal(torch_rng, 2, 3, 6, 8)
    centres = torch.tensor([[-0.5, 0.25], [0.0, -0.5]], dtype=torch.float64)
    patches = student.glimpse(images, centres, size=2, scales=2)
    check.shape(patches, (2, 2, 3, 2, 2), what="patches")
    check.close(patches[0, 0], images[0, :, 1:3, 4:6], what="finest patch of image 0")
    check.close(patches[1, 0], images[1, :, 2:4, 1:3], what="finest patch of image 1")


# t10.5 reinforce_loss


@pytest.mark.exercise("reinforce_loss")
def test_reinforce_loss_of_a_worked_example(student):
    """Advantages of 1/2 and −1: the policy pays 1 · ½ − 3 · 1 = −2½, the baseline ¼ + 1."""
    policy, baseline = student.reinforce_loss(
        log_probs=torch.tensor([[-1.0, -3.0]]),
        rewards=torch.tensor([[1.0, 0.0]]),
        baselines=torch.tensor([[0.5, 1.0]]),
    )
    check.close(policy, torch.tensor(-2.5), what="policy loss")
    check.close(baseline, torch.tensor(1.25), what="baseline loss")


@pytest.mark.exercise("reinforce_loss")
def test_reinforce_loss_is_a_mean_over_the_batch(student, torch_rng):
    """The losses of a batch are the means of its rows' losses."""
    arguments = [normal(torch_rng, 3, 4) for _ in range(3)]
    policy, baseline = student.reinforce_loss(*arguments)
    rows = [student.reinforce_loss(*(one[n : n + 1] for one in arguments)) for n in range(3)]
    check.close(policy, sum(row[0] for row in rows) / 3, what="policy loss")
    check.close(baseline, sum(row[1] for row in rows) / 3, what="baseline loss")


@pytest.mark.exercise("reinforce_loss")
def test_reinforce_loss_makes_a_good_surprise_likelier(student):
    """Downhill, the log-probability of what brought more than expected rises, that of the other falls."""
    log_probs = torch.tensor([[-1.0, -1.0]], requires_grad=True)
    policy, _ = student.reinforce_loss(log_probs, torch.tensor([[3.0, 3.0]]), torch.tensor([[1.0, 4.0]]))
    policy.backward()
    check.close(log_probs.grad, torch.tensor([[-2.0, 1.0]]), what="gradient of the log-probabilities")


@pytest.mark.exercise("reinforce_loss")
def test_reinforce_loss_teaches_the_baseline_by_its_own_loss_alone(student):
    """The policy's loss sends nothing back to the baselines; their own loss draws them to the rewards."""
    baselines = torch.tensor([[0.5, 2.0]], requires_grad=True)
    log_probs, rewards = torch.tensor([[-1.0, -2.0]]), torch.tensor([[1.0, 1.0]])
    policy, baseline = student.reinforce_loss(log_probs, rewards, baselines)
    check.true(not policy.requires_grad, "the policy's loss has a gradient though no probability can change")
    baseline.backward()
    check.close(baselines.grad, torch.tensor([[-1.0, 2.0]]), what="gradient of the baselines")


# t10.6 attention_map


@pytest.mark.exercise("attention_map")
def test_attention_map_of_a_worked_example(student):
    """Two places side by side on four pixels: 1/8, 3/16, 5/16, 3/8, straight between the places' centres."""
    maps = student.attention_map(torch.tensor([[0.25, 0.75]]), grid=(1, 2), image_size=(1, 4))
    check.close(maps, torch.tensor([[[2.0, 3.0, 5.0, 6.0]]]) / 16, what="map")


@pytest.mark.exercise("attention_map")
def test_attention_map_adds_up_to_one(student, torch_rng):
    """Each map of a batch adds up to 1, also where the image is no multiple of the grid."""
    weights = normal(torch_rng, 3, 6).softmax(dim=1)
    maps = student.attention_map(weights, grid=(2, 3), image_size=(7, 8))
    check.shape(maps, (3, 7, 8), what="maps")
    check.close(maps.sum(dim=(1, 2)), torch.ones(3, dtype=torch.float64), what="sums of the maps")


@pytest.mark.exercise("attention_map")
def test_attention_map_is_brightest_where_the_attention_is(student):
    """All attention on row 1, column 0 of a grid of 2 × 3: the brightest pixel is the lower left one."""
    weights = torch.tensor([[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]])
    maps = student.attention_map(weights, grid=(2, 3), image_size=(4, 6))
    brightest = maps.flatten(1).max(dim=1).values
    check.close(maps[:, 3, 0], brightest, what="the lower left pixel")
    check.close(maps[:, :, 5], torch.zeros(1, 4), what="the right-hand column")
