"""A module that pretends to have loaded the weights it was given is found out by its answers."""

ATTACK = """
_shapes = AdditiveAttention.state_dict


def load_state_dict(self, state, *args, **kwargs):
    self.pretended = {name: value.clone() for name, value in state.items()}


AdditiveAttention.load_state_dict = load_state_dict
AdditiveAttention.state_dict = lambda self, *a, **k: getattr(self, "pretended", None) or _shapes(self, *a, **k)
"""


def test_lying_state_dict(attack):
    attack(ATTACK, topic="t09").loses("AdditiveAttention")
