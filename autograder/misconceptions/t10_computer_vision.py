"""Wrong answers that students really write for t10, each with the sentence that the student is told."""

import torch
from torch import nn
from torch.nn import functional as F

from attend.bank import misconception

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
    "You call for the shape (B, H·W, C) without moving an axis, so an annotation holds one channel of many places. "
    "It should hold all channels of one place.",
)
def reshaped_without_moving_an_axis(features):
    B, C, H, W = features.shape
    return features.reshape(B, H * W, C)


@misconception(
    "spatial_annotations",
    "Your result has a row for each channel. Attention looks at places: a row should be a place.",
)
def a_row_for_each_channel(features):
    return features.flatten(2)


@misconception(
    "spatial_annotations",
    "You average all places into one annotation. That is the fixed context again: with a single place there is "
    "nothing to choose from.",
)
def one_mean_for_the_whole_image(features):
    return features.mean(dim=(2, 3)).unsqueeze(1)


@misconception(
    "spatial_annotations",
    "You bring the places to the front and cut the result into images again, so an image's annotations come from "
    "several images. The batch has to stay the first axis all along.",
)
def images_mixed_up(features):
    B, C, H, W = features.shape
    return features.permute(2, 3, 0, 1).reshape(B, H * W, C)


# t10.2 SoftAttention


@misconception(
    "SoftAttention",
    "The gate is missing: your context is the plain weighted sum. A number between 0 and 1, made of the state, says "
    "how much of it is let through.",
    replaces="SoftAttention.forward",
)
def gate_missing(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "SoftAttention",
    "Your gate is any number, so it can turn the context round or blow it up. A gate lies between 0 and 1.",
    replaces="SoftAttention.forward",
)
def gate_without_sigmoid(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    return self.f_beta(state) * (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "SoftAttention",
    "You return gated weights, which no longer add up to one. The gate belongs to what comes back; where one looked "
    "is not its business.",
    replaces="SoftAttention.forward",
)
def gate_on_the_weights(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = torch.sigmoid(self.f_beta(state)) * scores.softmax(dim=-1)
    return (weights.unsqueeze(1) @ annotations).squeeze(1), weights


@misconception(
    "SoftAttention",
    "Your gate works the other way round: it shuts where it should open.",
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
    "W_h and v have biases: that is what nn.Linear makes unless it is told otherwise. W_a's bias does for the sum, and "
    "one added to every score changes no weight.",
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
    "You apply tanh to place and state on their own. Then the state adds the same number to every score, softmax cancels "
    "it, and all states look at the same places: tanh comes after the sum.",
    replaces="SoftAttention.forward",
)
def tanh_of_each_part(self, annotations, state):
    hidden = torch.tanh(self.W_a(annotations)) + torch.tanh(self.W_h(state)).unsqueeze(1)
    weights = self.v(hidden).squeeze(-1).softmax(dim=-1)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "Your score has no tanh. Without it the state adds the same number to the score of every place, and softmax cancels "
    "that number.",
    replaces="SoftAttention.forward",
)
def tanh_missing(self, annotations, state):
    weights = self.v(self.W_a(annotations) + self.W_h(state).unsqueeze(1)).squeeze(-1).softmax(dim=-1)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "All your weights are 1: you take the softmax along the axis that v left behind, where each place stands alone. "
    "The places have to share.",
    replaces="SoftAttention.forward",
)
def softmax_where_each_place_is_alone(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1)))
    weights = scores.softmax(dim=-1).squeeze(-1)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "Your weights add up to one over the batch, so images take attention from one another. Each image shares out its own "
    "unit over its places.",
    replaces="SoftAttention.forward",
)
def softmax_over_the_batch(self, annotations, state):
    scores = self.v(torch.tanh(self.W_a(annotations) + self.W_h(state).unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=0)
    context = torch.sigmoid(self.f_beta(state)) * (weights.unsqueeze(1) @ annotations).squeeze(1)
    return context, weights


@misconception(
    "SoftAttention",
    "You pick the best place and read it alone. That is hard attention: the choice jumps, and no gradient tells the "
    "scores how to do better.",
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
    "You let PyTorch line up the projected states with the places by itself, from the last axis: where there are as many "
    "images as places, place number i is asked by image number i. Each image's state asks all of its own places.",
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
    "You add up over the places, and there every look is 1 already: your penalty is zero whatever the model does. "
    "What should be 1 is the attention that a place gets over all looks.",
)
def added_up_over_the_places(weights):
    return ((1 - weights.sum(dim=2)) ** 2).sum(dim=-1).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You average over the places. Their squares are added up; only images are averaged.",
)
def averaged_over_the_places(weights):
    return ((1 - weights.sum(dim=1)) ** 2).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You add up the images of a batch, so a larger batch has a larger penalty. Images are averaged.",
)
def added_up_over_the_batch(weights):
    return ((1 - weights.sum(dim=1)) ** 2).sum()


@misconception(
    "doubly_stochastic_penalty",
    "You compare a place's mean over the looks with 1. It is its sum that should be 1: looked at once in all, in "
    "however many parts.",
)
def mean_over_the_looks(weights):
    return ((1 - weights.mean(dim=1)) ** 2).sum(dim=-1).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You take the square at every look. One look cannot see everything; only what a place got in all looks together is "
    "compared with 1.",
)
def squared_at_every_look(weights):
    return ((1 - weights) ** 2).sum(dim=(1, 2)).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You take absolute values. The penalty is a square, so that being far off costs more than being a little off twice.",
)
def absolute_values(weights):
    return (1 - weights.sum(dim=1)).abs().sum(dim=-1).mean()


@misconception(
    "doubly_stochastic_penalty",
    "You compare every place with its even share of the looks. Then staring evenly costs nothing, while the paper asks "
    "that each place be seen about once.",
)
def compared_with_an_even_share(weights):
    even = weights.shape[1] / weights.shape[2]
    return ((even - weights.sum(dim=1)) ** 2).sum(dim=-1).mean()


# t10.4 glimpse


@misconception(
    "glimpse",
    "You read the centre as (x, y), as the paper does. Here rows come first, as everywhere in a tensor: a centre "
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
    "Your patches begin at the centre, which ends up in their upper left corner. Half of a patch lies before its "
    "centre.",
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
    "Your patches are one, two, three times as wide as the first. Each is twice as wide as the one before it: "
    "one, two, four.",
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
    "Your first patch is already twice as wide as it should be. The finest one is `size` pixels a side, each of "
    "them seen as it is.",
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
    "You shrink a patch by leaving pixels out. What lies between them is never seen, and a thin stroke can "
    "vanish: average instead.",
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
    "You shrink a patch by its brightest pixels. A coarse patch is a blurred one: the mean of each cell.",
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
    "You repeat the border's pixels outside the image. There is nothing outside: zeros.",
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
    "You push a patch that reaches out of the image back in, so its centre is no longer where it was asked for. "
    "Outside there are zeros.",
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
    "For you −1 and 1 are the middles of the outermost pixels. They are the image's outer edges, half a pixel "
    "further out.",
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
    "You measure columns by the image's height. In a picture that is not square, each direction has a side of "
    "its own.",
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
    "You round the first row down to the last whole pixel. The formula adds a half first, so that a patch lies as"
    " close around its centre as whole pixels allow.",
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
    "Where a cell reaches out of the image you average what lies inside alone. The zeros outside count like all "
    "other pixels.",
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
    "Your patches come in the opposite order. The finest is the first, and each is twice as wide as the one "
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
    "Your channels come before the scales. The shape is (B, K, C, size, size): a whole small image for every "
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
    "You look at every image where the first one's centre is. Each image has a centre of its own.",
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
    "Your advantage lets the gradient through. Then lowering what it expects is a way for the model to look better than "
    "expected: to the policy the advantage is a number that is given.",
)
def gradient_through_the_advantage(log_probs, rewards, baselines):
    policy = -(log_probs * (rewards - baselines)).sum(dim=1).mean()
    return policy, ((rewards - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "Your baseline's loss is cut off as well, so the baseline never learns. The advantage is a constant to the policy "
    "alone.",
)
def baseline_cut_off_too(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    return -(log_probs * advantage).sum(dim=1).mean(), (advantage**2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "Your policy's loss has the wrong sign. A loss goes down: going down, yours makes good actions rarer.",
)
def rewarded_actions_made_rarer(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    return (log_probs * advantage).sum(dim=1).mean(), ((rewards - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "Your policy is told the whole reward, not how much better it was than expected. On average that leads the same way, "
    "but with far more noise.",
)
def baseline_not_subtracted(log_probs, rewards, baselines):
    policy = -(log_probs * rewards.detach()).sum(dim=1).mean()
    return policy, ((rewards - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "You average over the actions of a row. They are added up; only rows are averaged.",
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
    "You weigh probabilities, not their logarithms. The logarithm makes up for likely actions being drawn more often.",
)
def probabilities_for_logarithms(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    return -(log_probs.exp() * advantage).sum(dim=1).mean(), ((rewards - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "You add up the later rewards once more. What comes in as R_t is already all that came of action t.",
)
def later_rewards_added_again(log_probs, rewards, baselines):
    returns = rewards.flip(1).cumsum(dim=1).flip(1)
    advantage = (returns - baselines).detach()
    return -(log_probs * advantage).sum(dim=1).mean(), ((returns - baselines) ** 2).sum(dim=1).mean()


@misconception(
    "reinforce_loss",
    "You standardise the advantages of a batch, as some later methods do. Here an advantage is the reward minus the "
    "baseline and nothing else.",
)
def advantages_standardised(log_probs, rewards, baselines):
    advantage = (rewards - baselines).detach()
    advantage = (advantage - advantage.mean()) / (advantage.std(correction=0) + 1e-8)
    return -(log_probs * advantage).sum(dim=1).mean(), ((rewards - baselines) ** 2).sum(dim=1).mean()


# t10.6 attention_map


@misconception(
    "attention_map",
    "Your map is not brought back to a sum of 1: an enlarged map holds every weight many times.",
)
def not_brought_back_to_one(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    return F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)


@misconception(
    "attention_map",
    "You divide by how many pixels a place has. Where the image is no multiple of the grid, places differ in that, and "
    "the map adds up to nearly 1.",
)
def divided_by_pixels_a_place(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread * (grid[0] * grid[1]) / (image_size[0] * image_size[1])


@misconception(
    "attention_map",
    "You divide by the brightest pixel. That is good to look at, but the map should share out one unit of attention.",
)
def brightest_pixel_made_one(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread / spread.amax(dim=(1, 2), keepdim=True)


@misconception(
    "attention_map",
    "The maps of your batch share one unit of attention. Each image has its own.",
)
def one_unit_for_the_batch(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread / spread.sum()


@misconception(
    "attention_map",
    "You bring the map to 1 with a softmax. It flattens the map: the enlarged weights are shares already and only need to "
    "be scaled.",
)
def softmax_over_the_pixels(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False)
    return spread.flatten(1).softmax(dim=1).view(-1, *image_size)


@misconception(
    "attention_map",
    "You read the weights column by column. They come row by row: the second weight belongs to the place to the right of "
    "the first.",
)
def grid_read_by_columns(weights, grid, image_size):
    places = weights.unflatten(1, grid[::-1]).transpose(1, 2).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread / spread.sum(dim=(1, 2), keepdim=True)


@misconception(
    "attention_map",
    "You cut the weights into a grid with rows and columns exchanged. `grid` is (rows, columns).",
)
def rows_and_columns_exchanged(weights, grid, image_size):
    places = weights.unflatten(1, grid[::-1]).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=False).squeeze(1)
    return spread / spread.sum(dim=(1, 2), keepdim=True)


@misconception(
    "attention_map",
    "You stretch the grid until the middles of its outermost places lie on the outermost pixels. A place keeps its middle, "
    "half a place from the edge.",
)
def stretched_to_the_corners(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="bilinear", align_corners=True).squeeze(1)
    return spread / spread.sum(dim=(1, 2), keepdim=True)


@misconception(
    "attention_map",
    "Your map is made of blocks: every pixel has its own place's weight. Between the places' middles the map should change "
    "gradually.",
)
def blocks(weights, grid, image_size):
    places = weights.unflatten(1, grid).unsqueeze(1)
    spread = F.interpolate(places, size=image_size, mode="nearest").squeeze(1)
    return spread / spread.sum(dim=(1, 2), keepdim=True)
