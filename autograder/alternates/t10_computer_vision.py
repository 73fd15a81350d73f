"""Correct answers to t10 of another shape than the reference: all of them get full marks."""

import torch
from torch import nn
from torch.nn import functional as F

from attend.course.bank import alternate

# t10.1 spatial_annotations


@alternate(
    "spatial_annotations",
    why=(
        "`permute` writes the order of all axes in one place, and nothing is copied. "
        "It needs the sizes of all four."
    ),
)
def annotations_by_permute(features):
    B, C, H, W = features.shape
    return features.permute(0, 2, 3, 1).reshape(B, H * W, C)


@alternate(
    "spatial_annotations",
    why=(
        "`unfold` cuts an image into patches, so with a larger kernel_size it would also give annotations "
        "of patches. "
        "It copies the features."
    ),
)
def annotations_by_unfold(features):
    return F.unfold(features, kernel_size=1).mT


@alternate(
    "spatial_annotations",
    why="The two loops show the order of the places: row by row. Python takes H × W slices and copies them.",
)
def annotations_place_by_place(features):
    H, W = features.shape[2:]
    return torch.stack([features[:, :, y, x] for y in range(H) for x in range(W)], dim=1)


# t10.2 SoftAttention


@alternate("SoftAttention")
class SoftAttentionByEinsum(nn.Module):
    def __init__(self, feature_size, state_size, hidden_size):
        super().__init__()
        self.f_beta = nn.Linear(state_size, 1)
        self.v = nn.Linear(hidden_size, 1, bias=False)
        self.W_h = nn.Linear(state_size, hidden_size, bias=False)
        self.W_a = nn.Linear(feature_size, hidden_size)

    def forward(self, annotations, state):
        inside = torch.einsum("blc,hc->blh", annotations, self.W_a.weight) + self.W_a.bias
        inside = inside + torch.einsum("bd,hd->bh", state, self.W_h.weight)[:, None]
        scores = torch.einsum("blh,h->bl", inside.tanh(), self.v.weight[0])
        exp = torch.exp(scores - scores.amax(dim=1, keepdim=True))
        weights = exp / exp.sum(dim=1, keepdim=True)
        return torch.einsum("b,bl,blc->bc", self.f_beta(state)[:, 0].sigmoid(), weights, annotations), weights


@alternate(
    "SoftAttention",
    replaces="SoftAttention.forward",
    why=(
        "All places are treated alike, with axes (B, L, …) throughout. W_h multiplies the same state L times."
    ),
)
def forward_on_repeated_states(self, annotations, state):
    L = annotations.shape[1]
    repeated = state[:, None, :].expand(-1, L, -1)  # (B, L, D)
    scores = self.v((self.W_a(annotations) + self.W_h(repeated)).tanh())  # (B, L, 1)
    weights = F.softmax(scores, dim=1)
    context = (weights * annotations).sum(dim=1)
    return context * self.f_beta(state).sigmoid(), weights[..., 0]


@alternate(
    "SoftAttention",
    replaces="SoftAttention.forward",
    why=(
        "For one image the scores are a vector with a number for each place, easy to print. "
        "Every layer is called B times."
    ),
)
def forward_image_by_image(self, annotations, state):
    contexts, rows = [], []
    for places, h in zip(annotations, state, strict=True):
        weights = torch.softmax(self.v(torch.tanh(self.W_a(places) + self.W_h(h))).flatten(), dim=0)
        rows.append(weights)
        contexts.append(torch.sigmoid(self.f_beta(h)) * (weights @ places))
    return torch.stack(contexts), torch.stack(rows)


# t10.3 doubly_stochastic_penalty


@alternate(
    "doubly_stochastic_penalty",
    why=(
        "`mse_loss` names what is computed: a squared error. "
        "It needs a tensor of ones for the target, and the mean over images by hand."
    ),
)
def penalty_as_squared_error(weights):
    total = weights.sum(dim=-2)
    return F.mse_loss(total, torch.ones_like(total), reduction="sum") / weights.shape[0]


@alternate(
    "doubly_stochastic_penalty",
    why="It shows how much of each place is still missing after each look. Python loops over T looks.",
)
def penalty_look_by_look(weights):
    missing = torch.ones_like(weights[:, 0])
    for look in weights.unbind(dim=1):
        missing = missing - look
    return torch.einsum("bl,bl->b", missing, missing).mean()


@alternate(
    "doubly_stochastic_penalty",
    why=(
        "It needs no array of differences. "
        "Where all sums are near 1, large numbers cancel and most digits are lost: it may even be negative."
    ),
)
def penalty_multiplied_out(weights):
    got = weights.sum(dim=1)  # (B, L)
    per_image = weights.shape[2] - 2 * got.sum(dim=1) + (got * got).sum(dim=1)
    return per_image.sum() / len(weights)


# t10.4 glimpse


@alternate(
    "glimpse",
    why="With enough zeros around the image, a patch is one slice. Python loops over B × K patches.",
)
def glimpse_cut_from_a_padded_image(images, centres, size, scales):
    height, width = images.shape[-2:]
    most = size * 2 ** (scales - 1)
    padded = F.pad(images, (most, most, most, most))
    stacks = []
    for image, (y, x) in zip(padded, centres.tolist(), strict=True):
        patches = []
        for k in range(scales):
            e = size * 2**k
            top = int(((y + 1) / 2 * height - e / 2 + 0.5) // 1) + most
            left = int(((x + 1) / 2 * width - e / 2 + 0.5) // 1) + most
            patches.append(F.avg_pool2d(image[:, top : top + e, left : left + e], 2**k))
        stacks.append(torch.stack(patches))
    return torch.stack(stacks)


@alternate(
    "glimpse",
    why=(
        "A patch is two matrix products, one for rows and one for columns. "
        "Every pixel of the image is multiplied, most of them by 0."
    ),
)
def glimpse_by_matrices(images, centres, size, scales):
    """Each patch is R · image · Cᵀ: R averages rows, C columns; a pixel outside has no column in them."""

    def averaging(at, side, k):
        e = size * 2**k
        first = torch.floor((at + 1) / 2 * side - e / 2 + 0.5)  # (B,)
        places = torch.arange(side, device=at.device) - first[:, None]  # (B, side), counted from the first
        cell = torch.floor(places / 2**k)
        wanted = torch.arange(size, device=at.device)[:, None]
        return (cell[:, None, :] == wanted).to(images.dtype) / 2**k  # (B, size, side)

    height, width = images.shape[-2:]
    patches = []
    for k in range(scales):
        rows, columns = averaging(centres[:, 0], height, k), averaging(centres[:, 1], width, k)
        patches.append(torch.einsum("bih,bchw,bjw->bcij", rows, images, columns))
    return torch.stack(patches, 1)


@alternate("glimpse")
def glimpse_with_blanked_indices(images, centres, size, scales):
    B, C, height, width = images.shape
    flat = images.flatten(2)  # (B, C, height · width)
    result = images.new_zeros(B, scales, C, size, size)
    for k in range(scales):
        e = size << k
        y = ((centres[:, 0] + 1) / 2 * height - e / 2 + 0.5).floor().long()[:, None] + torch.arange(e)
        x = ((centres[:, 1] + 1) / 2 * width - e / 2 + 0.5).floor().long()[:, None] + torch.arange(e)
        inside = ((y >= 0) & (y < height))[:, :, None] & ((x >= 0) & (x < width))[:, None, :]
        index = y.clamp(0, height - 1)[:, :, None] * width + x.clamp(0, width - 1)[:, None, :]
        read = flat.gather(2, index.view(B, 1, -1).expand(B, C, -1)).view(B, C, e, e)
        read = torch.where(inside[:, None], read, torch.zeros_like(read))
        result[:, k] = read.view(B, C, size, 2**k, size, 2**k).mean(dim=(3, 5))
    return result


# t10.5 reinforce_loss


@alternate(
    "reinforce_loss",
    why=(
        "`no_grad` says that the advantage is a plain number, and stores no graph for it. "
        "The sum and the minus sign are hidden in `einsum`."
    ),
)
def advantage_without_gradients(log_probs, rewards, baselines):
    with torch.no_grad():
        advantage = rewards - baselines
    policy = torch.einsum("bt,bt->", log_probs, -advantage) / len(log_probs)
    return policy, F.mse_loss(baselines, rewards, reduction="none").sum(1).mean()


@alternate(
    "reinforce_loss",
    why="It is the sum of the formula: each time step adds its term. Python loops over T steps.",
)
def reinforce_step_by_step(log_probs, rewards, baselines):
    B, T = log_probs.shape
    policy, baseline = log_probs.new_zeros(()), log_probs.new_zeros(())
    for t in range(T):
        error = baselines[:, t] - rewards[:, t]
        policy = policy + (log_probs[:, t] * error.detach()).sum() / B
        baseline = baseline + error.square().sum() / B
    return policy, baseline


@alternate("reinforce_loss")
def reinforce_with_detached_parts(log_probs, rewards, baselines):
    gain = rewards.detach() - baselines.detach()
    return -(log_probs * gain).sum(dim=-1).mean(dim=0), (baselines - rewards).pow(2).sum(dim=-1).mean(dim=0)


# t10.6 attention_map


@alternate("attention_map")
def map_by_upsample(weights, grid, image_size):
    places = weights.reshape(-1, 1, *grid)
    large = nn.Upsample(size=tuple(image_size), mode="bilinear", align_corners=False)(places)
    flat = large.flatten(1)
    return (flat / flat.sum(dim=1, keepdim=True)).view(-1, *image_size)


@alternate(
    "attention_map",
    why=(
        "Two matrix products show what bilinear means: one spreads the rows, one the columns. "
        "Most of their numbers are 0."
    ),
)
def map_by_matrices(weights, grid, image_size):
    """One matrix spreads the rows of places, another the columns."""

    def spreading(places, pixels):
        at = ((torch.arange(pixels, dtype=weights.dtype) + 0.5) * places / pixels - 0.5).clamp(0, places - 1)
        return (1 - (at[:, None] - torch.arange(places)).abs()).clamp(min=0)  # (pixels, places)

    rows, columns = (spreading(*pair) for pair in zip(grid, image_size, strict=True))
    maps = rows @ weights.view(-1, *grid) @ columns.T
    return maps / maps.sum(dim=(-2, -1), keepdim=True)


@alternate(
    "attention_map",
    why=(
        "Each pixel mixes its four nearest places, which you can check by hand. Python loops over all pixels."
    ),
)
def map_pixel_by_pixel(weights, grid, image_size):
    rows, columns = grid
    places = F.pad(weights.view(-1, 1, rows, columns), (1, 1, 1, 1), mode="replicate")[:, 0]
    lines = []
    for i in range(image_size[0]):
        y = (i + 0.5) * rows / image_size[0] + 0.5  # in the padded grid
        top, down = int(y), y - int(y)
        line = []
        for j in range(image_size[1]):
            x = (j + 0.5) * columns / image_size[1] + 0.5
            left, across = int(x), x - int(x)
            upper = (1 - across) * places[:, top, left] + across * places[:, top, left + 1]
            lower = (1 - across) * places[:, top + 1, left] + across * places[:, top + 1, left + 1]
            line.append((1 - down) * upper + down * lower)
        lines.append(torch.stack(line, dim=1))
    maps = torch.stack(lines, dim=1)
    return maps / maps.sum(dim=(1, 2), keepdim=True)
