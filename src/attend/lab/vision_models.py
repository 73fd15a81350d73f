"""Classifiers of digits in clutter, made of t10's parts: one with soft attention, one with five glimpses."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from attend.lab.modules import Code

CLASSES, CHANNELS, GRID = 10, 64, (8, 8)
# the spread is the standard deviation of the place of a glimpse
GLIMPSES, RETINA, SCALES, SPREAD = 5, 8, 2, 0.2


def convolution(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]


class SoftReader(nn.Module):
    """A small convolutional network, t10's SoftAttention over its 8 × 8 places, and a linear layer on the context."""

    def __init__(self, code: Code, state_size: int = 64):
        super().__init__()
        self.features = nn.Sequential(
            *convolution(1, 16),
            nn.MaxPool2d(2),
            *convolution(16, 32),
            *convolution(32, 32),
            nn.MaxPool2d(2),
            *convolution(32, CHANNELS),
        )
        self.first = nn.Linear(CHANNELS, state_size)
        self.attention = code["t10"].SoftAttention(CHANNELS, state_size, state_size)
        self.output = nn.Linear(CHANNELS, CLASSES)
        self.annotate = code["t10"].spatial_annotations

    def forward(
        self, images: Float[Tensor, "B 1 32 32"]
    ) -> tuple[Float[Tensor, "B 10"], Float[Tensor, "B 64"]]:
        """Logits, and the weights of the places. The state of the query is the mean of all places."""
        annotations = self.annotate(self.features(images))  # (B, L, C)
        state = torch.tanh(self.first(annotations.mean(dim=1)))
        context, weights = self.attention(annotations, state)
        return self.output(context), weights


@dataclass(frozen=True)
class Looks:
    """The outputs of a glimpse model: T glimpses, and T − 1 decisions about the next place."""

    logits: Float[Tensor, "B T 10"]
    centres: Float[Tensor, "B T 2"]
    log_probs: Float[Tensor, "B T-1"]
    baselines: Float[Tensor, "B T-1"]


class GlimpseReader(nn.Module):
    """Mnih et al.'s recurrent model of visual attention, with t10's glimpse.

    The first glimpse is at the image's centre. `where` is how the next places are chosen: "learned" (by reward),
    "random", or "centre" (always there). The last two are for comparison.

    Raises:
        ValueError: `where` is another word.
    """

    def __init__(self, code: Code, where: str = "learned", size: int = 128):
        super().__init__()
        if where not in ("learned", "random", "centre"):
            raise ValueError(f"where is learned, random or centre, not {where!r}")
        self.where, self.size, self.glimpse = where, size, code["t10"].glimpse
        self.see = nn.Linear(SCALES * RETINA**2, size)
        self.place = nn.Linear(2, 32)
        self.combine = nn.Linear(size + 32, size)
        self.cell = nn.GRUCell(size, size)
        self.output = nn.Linear(size, CLASSES)
        self.locator = nn.Linear(size, 2)
        self.expect = nn.Linear(size, 1)

    def forward(self, images: Float[Tensor, "B 1 24 24"]) -> Looks:
        state = images.new_zeros(len(images), self.size)
        centre = images.new_zeros(len(images), 2)
        logits, centres, log_probs, baselines = [], [centre], [], []
        for n in range(GLIMPSES):
            state = self.cell(self._look(images, centre), state)
            logits.append(self.output(state))
            if n < GLIMPSES - 1:
                # detached: the locator learns only from the reward
                centre, log_prob = self._next(state.detach())
                centres.append(centre)
                log_probs.append(log_prob)
                baselines.append(self.expect(state.detach()).squeeze(-1))
        stacked = (torch.stack(many, dim=1) for many in (logits, centres, log_probs, baselines))
        return Looks(*stacked)

    def _look(
        self, images: Float[Tensor, "B 1 24 24"], centre: Float[Tensor, "B 2"]
    ) -> Float[Tensor, "B size"]:
        seen = torch.relu(self.see(self.glimpse(images, centre, RETINA, SCALES).flatten(1)))
        place = torch.relu(self.place(centre))
        return torch.relu(self.combine(torch.cat([seen, place], dim=-1)))

    def _next(self, state: Float[Tensor, "B size"]) -> tuple[Float[Tensor, "B 2"], Float[Tensor, " B"]]:
        """The next place, and its log-probability (without the constant)."""
        if self.where == "centre":
            return state.new_zeros(len(state), 2), state.new_zeros(len(state))
        if self.where == "random":
            return 2 * torch.rand(len(state), 2) - 1, state.new_zeros(len(state))
        mean = torch.tanh(self.locator(state))
        chosen = mean.detach()
        if self.training:
            chosen = chosen + SPREAD * torch.randn_like(mean)
        return chosen.clamp(-1, 1), -((chosen - mean) ** 2).sum(dim=-1) / (2 * SPREAD**2)


def glimpse_loss(code: Code, looks: Looks, labels: Int[Tensor, " B"], learned: bool) -> Float[Tensor, ""]:
    """Cross-entropy after the last glimpse, less of it after the others, and REINFORCE for the places (t10).

    The reward is the probability of the right digit after later glimpses: with a reward of 0 or 1 for the guess, the
    model learns more slowly.
    """
    guesses = [F.cross_entropy(logits, labels) for logits in looks.logits.unbind(dim=1)]
    loss = guesses[-1] + 0.3 * sum(guesses[:-1])
    if learned:
        probabilities = looks.logits[:, 1:].detach().softmax(dim=-1)  # (B, T − 1, 10)
        right = probabilities[torch.arange(len(labels)), :, labels]  # (B, T − 1)
        remaining = torch.arange(right.shape[1], 0, -1)
        rewards = right.flip(1).cumsum(dim=1).flip(1) / remaining  # the mean after each decision
        loss = loss + sum(code["t10"].reinforce_loss(looks.log_probs, rewards, looks.baselines))
    return loss
