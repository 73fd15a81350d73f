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
