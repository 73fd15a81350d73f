"""What is placed in a worker of the reference's classes has no source, no docstring and no later method."""

ATTACK = """
import inspect
import sys


class Gate(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layer = nn.Linear(size, 1)

    def open(self, x):
        return torch.sigmoid(0.5 * self.layer(x))

    def forward(self, x):
        loot = [repr(self.open.__doc__)]
        try:
            loot.append(inspect.getsource(self.open))
        except OSError as error:
            loot.append("no source")
        loot += [repr(sorted(self.open.__globals__)), repr(sorted(vars(Gate)))]
        raise ValueError(f"LOOT[{str(loot)[:450]}]TOOL")
"""


def test_placed_classes(attack):
    verdict = attack(ATTACK, topic="t02_gate")
    loot = verdict.loot
    assert "no source" in loot
    row = verdict.row("gated")
    assert row.outcome not in ("full", "carried")
    assert all("ValueError" in test.message or not test.message for test in row.tests if not test.passed)
    assert "LOOT" not in verdict.messages
