"""Classes on right ground: layers that are right on top of a wrong one, in values and in gradients."""

import pytest

from attend.course.source import splice

from .common import outcomes, submission

UNBIASED = """
def forward(self, x):
    mean, variance = x.mean(dim=-1, keepdim=True), x.var(dim=-1, keepdim=True)
    return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias
"""
RIGHT_FORWARD_WRONG_BACKWARD = """
def forward(self, x):
    mean = x.mean(dim=-1, keepdim=True).detach()
    variance = x.var(dim=-1, keepdim=True, unbiased=False).detach()
    return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias
"""


@pytest.mark.parametrize(
    "norm", [UNBIASED, RIGHT_FORWARD_WRONG_BACKWARD], ids=["wrong values", "wrong gradients"]
)
def test_layers_on_top_of_a_wrong_norm_keep_their_points(course, lane, norm):
    topic = course.topic("t13")
    text = splice(
        course.solution(topic).read_text(encoding="utf-8"), "LayerNorm.forward", norm.strip() + "\n"
    )
    found = outcomes(lane.grader(topic).grade(submission(topic, text)))
    assert found["LayerNorm"] == "partial"
    carried = ("EncoderLayer", "DecoderLayer", "Transformer")
    assert {name: found[name] for name in carried} == dict.fromkeys(carried, "carried")
    others = set(found) - {"LayerNorm", *carried}
    assert {found[name] for name in others} == {"full"}


PATCHED = {
    "a method": "LayerNorm.forward = lambda self, x: x\n",
    "what PyTorch calls": "LayerNorm.named_parameters = lambda self, *args, **kwargs: iter(())\n",
    "with setattr": "setattr(LayerNorm, '__call__', lambda self, x: 2 * x)\n",
    "by a decorator": "def given_to(owner):\n    return lambda method: setattr(owner, method.__name__, method)\n\n\n"
                      "@given_to(LayerNorm)\ndef forward(self, x):\n    return x\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", PATCHED)
def test_a_wrong_method_that_is_put_into_a_class_later_costs_that_class_alone(course, lane, kind):
    """As `Class.method = f` in a later cell of a notebook."""
    topic = course.topic("t13")
    text = course.solution(topic).read_text(encoding="utf-8") + "\n\n" + PATCHED[kind]
    found = outcomes(lane.grader(topic).grade(submission(topic, text)))
    carried = ("EncoderLayer", "DecoderLayer", "Transformer")
    assert found.pop("LayerNorm") in ("partial", "wrong", "error")
    assert {found.pop(name) for name in carried} <= {"full", "carried"}
    assert set(found.values()) == {"full"}
