"""Wrong answers that students really write for t10, each with the sentence that the student is told."""

import torch
from torch import nn
from torch.nn import functional as F

from attend.course.bank import misconception

# t10.1 spatial_annotations


@misconception(
    "spatial_annotations",
    "You list the places column by column. In this course, as in a tensor's memory, the second place is the one "
    "to the right of the first.",
)
def column_by_column(features):
    return features.permute(0, 3, 2, 1).flatten(1, 2)


@misconception(
    "spatial_annotations",
    "You reshape to (B, H·W, C) without moving an axis, so an annotation holds one channel of many "
    "places. It should hold all channels of one place.",
)
def reshaped_without_moving_an_axis(features):
    B, C, H, W = features.shape
    return features.reshape(B, H * W, C)


@misconception(
    "spatial_annotations",
    "Your result has a row for each channel. Attention weighs places, so each row should be a place.",
)
def a_row_for_each_channel(features):
    return features.flatten(2)


@misconception(
    "spatial_annotations",
    "You average all places into one annotation. With a single place, attention has nothing to choose "
    "from, and the context is fixed.",
)
def one_mean_for_the_whole_image(features):
    return features.mean(dim=(2, 3)).unsqueeze(1)


@misconception(
    "spatial_annotations",
    "You move the places to the front and then cut the result into images, so an image's annotations come "
    "from several images. Keep the batch as the first axis throughout.",
)
def images_mixed_up(features):
    B, C, H, W = features.shape
    return features.permute(2, 3, 0, 1).reshape(B, H * W, C)


# t10.2 SoftAttention


@misconception(
    "SoftAttention",
    "The gate is missing: your context is the plain weighted sum. Multiply it by a number between 0 and 1 "
    "that is computed from the state.",
    replaces="SoftAttention.forward",
)
def gate_missing(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "SoftAttention",
    "Your gate can be any number, so it can reverse the context or make it huge. A gate is between 0 and 1.",
    replaces="SoftAttention.forward",
)
def gate_without_sigmoid(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    return self.f_beta(state) * (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "SoftAttention",
    "You return gated weights, which no longer add up to one. The gate scales the context only; the "
    "weights still say where the model looked.",
    replaces="SoftAttention.forward",
)
def gate_on_the_weights(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = torch.sigmoid(self.f_beta(state)) * scores.softmax(dim=-1)
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "SoftAttention",
    "Your gate works the other way round: it closes where it should open.",
    replaces="SoftAttention.forward",
)
def gate_inverted(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    shut = torch.sigmoid(self.f_beta(state))
    return (1 - shut) * (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "SoftAttention",
    "You have a gate for each channel. Here it is a single number for the whole context.",
)
class GateForEachChannel(nn.Module):
    def __init__(self, feature_size, state_size, hidden_size):
        super().__init__()
        self.W_a = nn.Linear(feature_size, hidden_size)
        self.W_h = nn.Linear(state_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)
        self.f_beta = nn.Linear(state_size, feature_size)

    def forward(self, annotations, state):
        scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
        weights = scores.softmax(dim=-1)
        return torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "SoftAttention",
    "W_h and v have biases in your class, because nn.Linear has one by default. W_a's bias already shifts "
    "the sum, and a bias of v would add the same number to every score, which changes no weight.",
    replaces="SoftAttention.__init__",
)
def biases_left_in(self, feature_size, state_size, hidden_size):
    super().__init__()
    self.W_a = nn.Linear(feature_size, hidden_size)
    self.W_h = nn.Linear(state_size, hidden_size)
    self.v = nn.Linear(hidden_size, 1)
    self.f_beta = nn.Linear(state_size, 1)


@misconception(
    "SoftAttention",
    "You apply tanh to place and state separately. Then the state adds the same number to every score, "
    "the softmax cancels it, and all states look at the same places: apply tanh after the sum.",
    replaces="SoftAttention.forward",
)
def tanh_of_each_part(self, annotations, state):
    hidden = torch.tanh(self.W_a(annotations)) + torch.tanh(self.W_h(state)).unsqueeze(1)
    weights = self.v(hidden).squeeze(-1).softmax(dim=-1)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "Your score has no tanh. Without it the state adds the same number to the score of every place, and "
    "the softmax cancels that number.",
    replaces="SoftAttention.forward",
)
def tanh_missing(self, annotations, state):
    weights = self.v(self.W_a(annotations) + self.W_h(state).unsqueeze(1)).squeeze(-1).softmax(dim=-1)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "All your weights are 1: you take the softmax over the axis of size 1 that v leaves. Take it over the "
    "places.",
    replaces="SoftAttention.forward",
)
def softmax_where_each_place_is_alone(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1)))
    weights = scores.softmax(dim=-1).squeeze(-1)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "Your weights add up to one over the batch, so images compete with one another for attention. The "
    "weights of each image should add up to one over its places.",
    replaces="SoftAttention.forward",
)
def softmax_over_the_batch(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=0)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "You pick the best place and read only that. This is hard attention: the choice is not "
    "differentiable, so the scores get no gradient.",
    replaces="SoftAttention.forward",
)
def only_the_best_place(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = F.one_hot(scores.argmax(dim=-1), scores.shape[-1]).to(scores.dtype)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "Your hidden layer has a ReLU. The score is read out of a tanh, which bounds it and lets a unit speak against a "
    "place as well as for it.",
    replaces="SoftAttention.forward",
)
def relu_for_tanh(self, annotations, state):
    scores = self.v(torch.relu(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "You let PyTorch line up the projected states with the places by itself, from the last axis. If there are as many "
    "images as places, place number i gets the state of image number i. Each image's state is the query for all of its own places.",
    replaces="SoftAttention.forward",
)
def states_beside_the_places(self, annotations, state):
    weights = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state))).squeeze(-1).softmax(dim=-1)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "Your gate's exponential overflows for large numbers: infinity over infinity is not a number. There are "
    "forms of the sigmoid in which nothing grows.",
    replaces="SoftAttention.forward",
)
def gate_overflows(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    asked = self.f_beta(state).exp()
    return asked / (1 + asked) * (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "SoftAttention",
    "Your gate is right, but its gradient is not a number where the gate is far shut: the exponential in it overflows, "
    "and infinity times zero is not a number. There are forms of the sigmoid in which nothing grows.",
    replaces="SoftAttention.forward",
)
def gate_overflows_on_the_way_back(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    beta = 1 / (1 + torch.exp(-self.f_beta(state)))
    return beta * (weights.unsqueeze(1) @ annotations).squeeze(1), weights


# t10.3 doubly_stochastic_penalty


@misconception(
    "doubly_stochastic_penalty",
    "You add up over the places, where every look sums to 1 anyway: your penalty is zero for every model. "
    "Sum the attention of each place over all looks instead.",
)
def added_up_over_the_places(weights):
    return ((1 - weights.sum(dim=2)) ** 2).sum(dim=-1).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You average over the places. Their squares are added up; only the images of the batch are averaged.",
)
def averaged_over_the_places(weights):
    return ((1 - weights.sum(dim=1)) ** 2).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You add up over the images of the batch, so a larger batch has a larger penalty. Images are averaged.",
)
def added_up_over_the_batch(weights):
    return ((1 - weights.sum(dim=1)) ** 2).sum()


@misconception(
    "doubly_stochastic_penalty",
    "You compare a place's mean over the looks with 1. Compare its sum over the looks.",
)
def mean_over_the_looks(weights):
    return ((1 - weights.mean(dim=1)) ** 2).sum(dim=-1).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You square at every look. First add up what a place got over all looks; then compare that sum with 1 "
    "and square.",
)
def squared_at_every_look(weights):
    return ((1 - weights) ** 2).sum(dim=(1, 2)).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You take absolute values. The penalty uses squares, so one large difference costs more than two "
    "small ones.",
)
def absolute_values(weights):
    return (1 - weights.sum(dim=1)).abs().sum(dim=-1).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You compare every place with its even share of the looks, T/L. In the paper each place should get "
    "about 1 in all.",
)
def compared_with_an_even_share(weights):
    even = weights.shape[1] / weights.shape[2]
    return ((even - weights.sum(dim=1)) ** 2).sum(dim=-1).mean()


# t10.4 glimpse


@misconception(
    "glimpse",
    "You read the centre as (x, y), as the paper does. Here rows come first, as in every tensor: a centre "
    "is (y, x).",
)
def x_before_y(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres.flip(1) + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "Your patches begin at the centre, so it becomes their upper left corner. The centre should be in the "
    "middle of each patch.",
)
def patch_begins_at_the_centre(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "Your patches are one, two, three times as wide as the first. Each should be twice as wide as the one "
    "before it: one, two, four.",
)
def sides_of_one_two_three(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * (k + 1)
        corners = torch.floor((centres + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, k + 1))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "Your first patch is already twice as wide as it should be. The finest one is `size` pixels a side "
    "and is not shrunk.",
)
def first_patch_doubled(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2 ** (k + 1)
        corners = torch.floor((centres + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2 ** (k + 1)))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "You shrink a patch by leaving out pixels, so thin strokes can vanish. Average the pixels of each "
    "cell instead.",
)
def every_other_pixel(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(cut[:, :, :: 2**k, :: 2**k])
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "You shrink a patch by the maximum of each cell. A coarse patch is the mean of each cell.",
)
def brightest_pixel(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.max_pool2d(cut, 2**k))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "You repeat the border's pixels outside the image. Outside, every pixel is zero.",
)
def border_repeated(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room), mode="replicate"), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "You move a patch that reaches beyond the image back inside, so its centre is no longer the requested "
    "one. Outside the image there are zeros.",
)
def pushed_inside(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides - e / 2 + 1 / 2).long()
        corners = torch.maximum(torch.minimum(corners, sides - e), torch.zeros_like(corners)) + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "You take −1 and 1 as the centres of the outermost pixels. They are the image's outer edges, half a "
    "pixel further out.",
)
def edges_through_the_outer_pixels(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * (sides - 1) + 1 / 2 - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "You measure columns by the image's height. In an image that is not square, columns need the width.",
)
def measured_by_the_height_alone(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides[0] - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "You round the first row down without adding 1/2 first. The formula adds it, so that a patch is as "
    "close to its centre as whole pixels allow.",
)
def rounded_down(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides - e / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "Where a cell reaches beyond the image, you average only the pixels inside. The zeros outside count "
    "in the mean, too.",
)
def outside_left_out_of_the_mean(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    inside = torch.ones_like(images[:, :1])
    padded, patches = F.pad(torch.cat([images, inside], dim=1), (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        means = F.avg_pool2d(cut, 2**k)
        patches.append(means[:, :-1] / means[:, -1:].clamp(min=4.0**-k))
    return torch.stack(patches, dim=1)


@misconception(
    "glimpse",
    "Your patches come in the opposite order. The finest is first, and each is twice as wide as the one "
    "before.",
)
def coarsest_first(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches[::-1], dim=1)


@misconception(
    "glimpse",
    "Your channels come before the scales. The shape is (B, K, C, size, size): one small image for every "
    "scale.",
)
def channels_before_scales(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches, dim=2)


@misconception(
    "glimpse",
    "You use the first image's centre for all images. Each image has its own centre.",
)
def first_centre_for_all(images, centres, size, scales):
    sides, room = torch.tensor(images.shape[2:]), size * 2**scales
    padded, patches = F.pad(images, (room, room, room, room)), []
    for k in range(scales):
        e = size * 2**k
        corners = torch.floor((centres[:1].expand_as(centres) + 1) / 2 * sides - e / 2 + 1 / 2).long() + room
        pairs = zip(padded, corners.tolist(), strict=True)
        cut = torch.stack([image[:, y : y + e, x : x + e] for image, (y, x) in pairs])
        patches.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(patches, dim=1)


# t10.5 reinforce_loss


@misconception(
    "reinforce_loss",
    "Your advantage lets the gradient through, so the policy loss changes the baseline as well. For the "
    "policy loss the advantage is a constant.",
)
def gradient_through_the_advantage(log_probs, rewards, baselines):
    policy = -(log_probs * (rewards - baselines)).sum(dim=1).mean()
    return policy, ((rewards - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "You detach the baseline in its own loss as well, so the baseline never learns. The advantage is a "
    "constant only in the policy's loss.",
)
def baseline_cut_off_too(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    return -(log_probs * advantage).sum(dim=1).mean(), (advantage**2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "Your policy loss has the wrong sign. A loss is minimised: minimising yours makes good actions less "
    "likely.",
)
def rewarded_actions_made_rarer(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    return (log_probs * advantage).sum(dim=1).mean(), ((rewards - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "Your policy loss uses the whole reward instead of the difference from the baseline. The gradient is "
    "the same on average, but far noisier.",
)
def baseline_not_subtracted(log_probs, rewards, baselines):
    policy = -(log_probs * rewards.detach()).sum(dim=1).mean()
    return policy, ((rewards - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "You average over the actions of a row. They are added up; only the rows of the batch are averaged.",
)
def averaged_over_the_actions(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    return -(log_probs * advantage).mean(), ((rewards - baselines) ** 2).mean()


@misconception(
    "reinforce_loss",
    "You add up the rows of a batch, so a larger batch takes larger steps. Rows are averaged.",
)
def added_up_over_the_rows(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    return -(log_probs * advantage).sum(), ((rewards - baselines) ** 2).sum()


@misconception(
    "reinforce_loss",
    "You multiply by probabilities instead of their logarithms. The gradient of the logarithm divides by "
    "the probability, which corrects for likely actions being drawn more often.",
)
def probabilities_for_logarithms(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    return -(log_probs.exp() * advantage).sum(dim=1).mean(), ((rewards - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "You add up the later rewards once more. R_t already includes everything that followed action t.",
)
def later_rewards_added_again(log_probs, rewards, baselines):
    returns = rewards.flip(1).cumsum(dim=1).flip(1)
    advantage = (returns - baselines).detach()
    return -(log_probs * advantage).sum(dim=1).mean(), ((returns - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "You standardise the advantages of a batch, as some later methods do. Here an advantage is just the "
    "reward minus the baseline.",
)
def advantages_standardised(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    advantage = (advantage - advantage.mean()) / (advantage.std(correction=0) + 1e-8)
    return -(log_probs * advantage).sum(dim=1).mean(), ((rewards - baselines) ** 2).sum(dim=1).mean()


# t10.6 attention_map


@misconception(
    "attention_map",
    "Your map does not add up to 1: enlarging repeats every weight over many pixels. Divide by the sum.",
)
def not_brought_back_to_one(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    return F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)


@misconception(
    "attention_map",
    "You divide by the number of pixels per place. If the image's size is no multiple of the grid's, "
    "places have different numbers of pixels, and the map adds up only approximately to 1.",
)
def divided_by_pixels_a_place(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread * (grid[0] * grid[1]) / (image_size[0] * image_size[1])


@misconception(
    "attention_map",
    "You divide by the largest value. That looks good as a picture, but the map should add up to 1.",
)
def brightest_pixel_made_one(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread / spread.amax(dim=(1, 2), keepdim=True)


@misconception(
    "attention_map",
    "The maps of your batch add up to 1 together. Each image's map should add up to 1.",
)
def one_unit_for_the_batch(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread / spread.sum()


@misconception(
    "attention_map",
    "You normalise the map with a softmax, which flattens it. The enlarged weights only need to be "
    "divided by their sum.",
)
def softmax_over_the_pixels(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False)
    return spread.flatten(1).softmax(dim=1).view(-1, *image_size)


@misconception(
    "attention_map",
    "You read the weights column by column. They are listed row by row: the second weight belongs to the "
    "place to the right of the first.",
)
def grid_read_by_columns(weights, grid, image_size):
    places = weights.unflatten(1, grid[::-1]).transpose(1, 2).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread / spread.sum(dim=(1, 2), keepdim=True)


@misconception(
    "attention_map",
    "You exchange rows and columns of the grid. `grid` is (rows, columns).",
)
def rows_and_columns_exchanged(weights, grid, image_size):
    places = weights.unflatten(1, grid[::-1]).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread / spread.sum(dim=(1, 2), keepdim=True)


@misconception(
    "attention_map",
    "You stretch the grid until the centres of its outermost places are on the outermost pixels. The "
    "centre of a place should stay half a place away from the edge.",
)
def stretched_to_the_corners(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=True).squeeze(1)
    return spread / spread.sum(dim=(1, 2), keepdim=True)


@misconception(
    "attention_map",
    "Your map consists of blocks: every pixel has the weight of its own place. Between the centres of the "
    "places the map should change linearly.",
)
def blocks(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="nearest").squeeze(1)
    return spread / spread.sum(dim=(1, 2), keepdim=True)
