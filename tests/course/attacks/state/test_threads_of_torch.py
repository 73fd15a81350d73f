"""A file that asks for sixty-four threads is graded like any other, and does not hang."""

ATTACK = """
import torch

torch.set_num_threads(64)
torch.set_num_interop_threads(8)
"""


def test_threads_of_torch(attack):
    attack(ATTACK, topic="t09").is_honest()
