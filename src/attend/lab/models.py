"""Translators made of the course's parts; this module only connects them.

All have the interfaces of t04, t05 and t06, so that t06's Seq2Seq trains and searches with any of them:
`step(token, state, context, annotations, mask)` → logits, state, context, weights, and `forward` over all inputs.
"""

from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from attend.lab.modules import Code

StepResult = tuple[Float[Tensor, "B V"], Float[Tensor, "B H"], Float[Tensor, "B C"], Float[Tensor, "B S"]]
EMBED, HIDDEN = 64, 80


class ProjectOnce(nn.Linear):
    """A linear layer that keeps the result for its last input. A sentence's annotations do not change while it is
    translated, so they need to be projected only once (see t09)."""

    _last: tuple[Tensor, Tensor] | None = None

    def forward(self, annotations: Float[Tensor, "B S A"]) -> Float[Tensor, "B S H"]:
        needed = torch.is_grad_enabled()
        if self._last is None or self._last[0] is not annotations or self._last[1].requires_grad != needed:
            self._last = annotations, super().forward(annotations)
        return self._last[1]


def project_once(decoder: Any, name: str) -> Any:
    """The decoder, with its layer `name` replaced by one with the same parameters that computes once a sentence."""
    layer = getattr(decoder, name)
    replacement = ProjectOnce(layer.in_features, layer.out_features, bias=layer.bias is not None)
    replacement.weight, replacement.bias = layer.weight, layer.bias
    setattr(decoder, name, replacement)
    return decoder


class SteppingDecoder(nn.Module):
    """Teacher forcing for a decoder that has only a `step`, as those of t07."""

    def __init__(self, context_size: int):
        super().__init__()
        self.context_size = context_size

    def step(
        self,
        token: Int[Tensor, "B"],
        state: Float[Tensor, "B H"],
        context: Float[Tensor, "B C"],
        annotations: Float[Tensor, "B S A"],
        mask: Bool[Tensor, "B S"],
    ) -> StepResult:
        """One step of a subclass."""
        raise NotImplementedError("a subclass of SteppingDecoder defines step")

    def forward(
        self,
        inputs: Int[Tensor, "B T"],
        state: Float[Tensor, "B H"],
        annotations: Float[Tensor, "B S A"],
        mask: Bool[Tensor, "B S"],
    ) -> tuple[Float[Tensor, "B T V"], Float[Tensor, "B T S"]]:
        context = annotations.new_zeros(len(inputs), self.context_size)
        steps = []
        for t in range(inputs.shape[1]):
            step_logits, state, context, step_weights = self.step(
                inputs[:, t], state, context, annotations, mask
            )
            steps.append((step_logits, step_weights))
        logits, weights = (torch.stack(many, dim=1) for many in zip(*steps, strict=True))
        return logits, weights


class FixedContext(SteppingDecoder):
    """No attention: t01's decoder as a GRU. Every step reads the same context, [→h_last; ←h_first].

    This makes a fair baseline: the context does not have to be kept in the state. Its weights are all zero.
    """

    def __init__(self, vocab_size: int, embed_size: int, hidden_size: int, annotation_size: int):
        super().__init__(annotation_size)
        self.words = nn.Embedding(vocab_size, embed_size)
        self.recur = nn.GRUCell(embed_size + annotation_size, hidden_size)
        self.say = nn.Linear(hidden_size + embed_size + annotation_size, vocab_size)

    def step(self, token, state, context, annotations, mask) -> StepResult:
        forward, backward = annotations.chunk(2, dim=-1)  # (B, S, A/2) each
        last = mask.sum(dim=1) - 1
        context = torch.cat([forward[torch.arange(len(last)), last], backward[:, 0]], dim=-1)  # (B, A)
        word = self.words(token)
        state = self.recur(torch.cat([word, context], dim=-1), state)
        logits = self.say(torch.cat([state, word, context], dim=-1))
        return logits, state, context, mask.new_zeros(mask.shape, dtype=context.dtype)


class Bahdanau(SteppingDecoder):
    """t07's BahdanauDecoder, whose step needs no context of the step before: the context has size 1 and is not used."""

    def __init__(self, decoder: Any):
        super().__init__(1)
        self.decoder = decoder

    def step(self, token, state, context, annotations, mask) -> StepResult:
        logits, state, weights = self.decoder.step(token, state, annotations, mask)
        return logits, state, context, weights


class Luong(SteppingDecoder):
    """t07's LuongDecoder, whose context for the next step is the attentional vector.

    t06 begins with zeros of the annotations' size; as many of them are used as the attentional vector has elements.
    """

    def __init__(self, decoder: Any, hidden_size: int):
        super().__init__(hidden_size)
        self.decoder = decoder

    def step(self, token, state, context, annotations, mask) -> StepResult:
        result: StepResult = self.decoder.step(
            token, state, context[:, : self.context_size], annotations, mask
        )
        return result


KINDS = ("none", "bahdanau", "luong", "general")
NEEDS = {
    "none": {"t04": ["Encoder"]},
    "bahdanau": {"t04": ["Encoder"], "t07": ["BahdanauDecoder"]},
    "luong": {"t04": ["Encoder"], "t07": ["LuongDecoder"]},
    "general": {"t04": ["Encoder"], "t05": ["attend", "step", "forward"]},
}


def translator(
    code: Code, kind: str, sources: int, targets: int, embed: int = EMBED, hidden: int = HIDDEN
) -> Any:
    """t06's Seq2Seq of t04's Encoder and a decoder.

    Args:
        kind: "none" (a fixed context), "bahdanau" or "luong" (t07), "general" (t05).
        sources: how many words the source's vocabulary has; `targets`: the target's.
        hidden: size of the state of the decoder, and of each direction of the encoder.

    Raises:
        ValueError: there is no such kind.
        LabError: a module of the course cannot be loaded.
    """
    decoder: Any
    encoder = code["t04"].Encoder(sources, embed, hidden)
    sizes = targets, embed, hidden, 2 * hidden
    match kind:
        case "none":
            decoder = FixedContext(*sizes)
        case "bahdanau":
            written = code["t07"].BahdanauDecoder(*sizes, attention_size=hidden)
            decoder = Bahdanau(project_once(written, "U_a"))
        case "luong":
            written = code["t07"].LuongDecoder(*sizes, score="general")
            decoder = Luong(project_once(written, "W_a"), hidden)
        case "general":
            decoder = project_once(code["t05"].AttentionDecoder(*sizes), "score")
        case _:
            raise ValueError(f"a translator is {', '.join(KINDS)}, not {kind!r}")
    return code["t06"].Seq2Seq(encoder, decoder)
