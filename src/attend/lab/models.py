"""Translators put together from the course's parts; what stands here is only the glue between them.

All have the interfaces of t04, t05 and t06, so that t06's Seq2Seq trains and searches with any of them:
`step(token, state, context, annotations, mask)` → logits, state, context, weights, and `forward` over all inputs.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from attend.lab.modules import Code

Step = tuple[Float[Tensor, "B V"], Float[Tensor, "B H"], Float[Tensor, "B C"], Float[Tensor, "B S"]]
EMBED, HIDDEN = 64, 80


class ProjectOnce(nn.Linear):
    """A linear layer that remembers what it made of its last input: a sentence's annotations stay the same while
    its translation is written, and need to be projected once only (t09 says so too)."""

    _last: tuple[Tensor, Tensor] | None = None

    def forward(self, annotations: Float[Tensor, "B S A"]) -> Float[Tensor, "B S H"]:
        needed = torch.is_grad_enabled()
        if self._last is None or self._last[0] is not annotations or self._last[1].requires_grad != needed:
            self._last = annotations, super().forward(annotations)
        return self._last[1]


def project_once(decoder: nn.Module, name: str) -> nn.Module:
    """The decoder, whose layer `name` is replaced by one with the same parameters that works once a sentence."""
    layer = getattr(decoder, name)
    replacement = ProjectOnce(layer.in_features, layer.out_features, bias=layer.bias is not None)
    replacement.weight, replacement.bias = layer.weight, layer.bias
    setattr(decoder, name, replacement)
    return decoder


class SteppingDecoder(nn.Module):
    """Teacher forcing for a decoder that has only a `step`: t07's leave the loop over time out."""

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
    ) -> Step:
        raise TypeError("a SteppingDecoder is given its step by a subclass")

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
            said, state, context, looked = self.step(inputs[:, t], state, context, annotations, mask)
            steps.append((said, looked))
        logits, weights = (torch.stack(many, dim=1) for many in zip(*steps, strict=True))
        return logits, weights


class FixedContext(SteppingDecoder):
    """No attention: t01's decoder as a GRU. Every step reads the same context, [→h_last; ←h_first].

    That is the fair baseline: the context does not have to survive in the state. Its weights are all zero.
    """

    def __init__(self, vocab_size: int, embed_size: int, hidden_size: int, annotation_size: int):
        super().__init__(annotation_size)
        self.words = nn.Embedding(vocab_size, embed_size)
        self.recur = nn.GRUCell(embed_size + annotation_size, hidden_size)
        self.say = nn.Linear(hidden_size + embed_size + annotation_size, vocab_size)

    def step(self, token, state, context, annotations, mask) -> Step:
        forward, backward = annotations.chunk(2, dim=-1)  # (B, S, A/2) each
        last = mask.sum(dim=1) - 1
        context = torch.cat([forward[torch.arange(len(last)), last], backward[:, 0]], dim=-1)  # (B, A)
        word = self.words(token)
        state = self.recur(torch.cat([word, context], dim=-1), state)
        logits = self.say(torch.cat([state, word, context], dim=-1))
        return logits, state, context, mask.new_zeros(mask.shape, dtype=context.dtype)


class Bahdanau(SteppingDecoder):
    """t07's BahdanauDecoder, whose step needs no context from before: what is carried along is empty."""

    def __init__(self, decoder: nn.Module):
        super().__init__(1)
        self.decoder = decoder

    def step(self, token, state, context, annotations, mask) -> Step:
        logits, state, weights = self.decoder.step(token, state, annotations, mask)
        return logits, state, context, weights


class Luong(SteppingDecoder):
    """t07's LuongDecoder: the attentional vector is what is fed back.

    t06 begins with zeros of the annotations' size; of these the attentional vector's size are taken.
    """

    def __init__(self, decoder: nn.Module, hidden_size: int):
        super().__init__(hidden_size)
        self.decoder = decoder

    def step(self, token, state, context, annotations, mask) -> Step:
        return self.decoder.step(token, state, context[:, : self.context_size], annotations, mask)


KINDS = ("none", "bahdanau", "luong", "general")
NEEDS = {
    "none": {"t04": ["Encoder"]},
    "bahdanau": {"t04": ["Encoder"], "t07": ["BahdanauDecoder"]},
    "luong": {"t04": ["Encoder"], "t07": ["LuongDecoder"]},
    "general": {"t04": ["Encoder"], "t05": ["attend", "step", "forward"]},
}


def translator(
    code: Code, kind: str, sources: int, targets: int, embed: int = EMBED, hidden: int = HIDDEN
) -> nn.Module:
    """t06's Seq2Seq of t04's Encoder and a decoder.

    Args:
        kind: "none" (a fixed context), "bahdanau" or "luong" (t07), "general" (t05).
        sources: how many words the source's vocabulary has; `targets`: the target's.
        hidden: of the decoder, and of each direction of the encoder.
    """
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
