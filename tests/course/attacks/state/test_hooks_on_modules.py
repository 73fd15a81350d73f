"""Hooks that watch every module of the process are the worker's own, and end with it."""

ATTACK = """
import torch

torch.nn.modules.module.register_module_forward_hook(lambda module, inputs, output: None)
torch.nn.modules.module.register_module_full_backward_hook(lambda *args: None)
"""


def test_hooks_on_modules(attack):
    attack(ATTACK, topic="t09").is_honest()
