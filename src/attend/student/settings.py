"""What code can set for a whole process: in NumPy, in Python and in PyTorch. A student's code sets it for itself only."""

import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from attend.student import values


@dataclass(frozen=True)
class TorchSettings:
    """The dtype and the device of new tensors, whether gradients are recorded, whether algorithms are deterministic."""

    dtype: Any
    device: Any
    gradients: bool
    deterministic: bool

    @classmethod
    def current(cls) -> "TorchSettings | None":
        """Those of this process at this moment; None where PyTorch is not loaded."""
        torch = values.loaded_torch()
        if torch is None:
            return None
        deterministic = torch.are_deterministic_algorithms_enabled()
        return cls(
            torch.get_default_dtype(), torch.get_default_device(), torch.is_grad_enabled(), deterministic
        )

    def restore(self) -> None:
        """Set what is different now."""
        torch, now = values.loaded_torch(), TorchSettings.current()
        if torch is None or now is None or now == self:
            return
        torch.set_default_dtype(self.dtype)
        torch.set_grad_enabled(self.gradients)
        if now.deterministic != self.deterministic:
            # it imports PyTorch's compiler, which takes more than a second
            torch.use_deterministic_algorithms(self.deterministic)
        if now.device != self.device:
            torch.set_default_device(self.device)


@dataclass(frozen=True)
class Settings:
    """How NumPy treats errors and prints, which warnings are shown, the recursion limit; PyTorch's, where it is loaded."""

    errors: dict[str, Any]
    error_call: Any
    printing: dict[str, Any]
    filters: list[Any]
    recursion: int
    torch: TorchSettings | None

    @classmethod
    def current(cls) -> "Settings":
        """Those of this process at this moment."""
        return cls(
            dict(np.geterr()),
            np.geterrcall(),
            dict(np.get_printoptions()),
            list(warnings.filters),
            sys.getrecursionlimit(),
            TorchSettings.current(),
        )

    def restore(self) -> None:
        """Set what is different now. Warnings come last: PyTorch may import modules that add filters."""
        if self.torch is not None:
            self.torch.restore()
        if np.geterr() != self.errors:
            np.seterr(**self.errors)
        if np.geterrcall() is not self.error_call:
            np.seterrcall(self.error_call)
        if np.get_printoptions() != self.printing:
            np.set_printoptions(**self.printing)
        if sys.getrecursionlimit() != self.recursion:
            sys.setrecursionlimit(self.recursion)
        if list(warnings.filters) != self.filters:
            # the call tells the module that its filters change
            warnings.resetwarnings()
            warnings.filters[:] = self.filters  # type: ignore[index]


# as they are in a process that has run no student's code; PyTorch may be loaded later
_FRESH = replace(Settings.current(), torch=None)


def reset() -> None:
    """Set everything as it is in a fresh process."""
    reset_torch()
    _FRESH.restore()


def reset_torch() -> None:
    """Set PyTorch as it is in a fresh process, where it is loaded."""
    torch = values.loaded_torch()
    if torch is not None:
        TorchSettings(torch.float32, torch.device("cpu"), gradients=True, deterministic=False).restore()


def seed_generators(seed: int) -> None:
    """Seed the generators of Python, NumPy and, where it is loaded, PyTorch."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch = values.loaded_torch()
    if torch is not None:
        # torch.manual_seed would walk the whole stack, and keep it, for each kind of device that is not there
        torch.default_generator.manual_seed(seed)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """In here PyTorch draws as after `torch.manual_seed(seed)`; afterwards it goes on as if nothing had been drawn."""
    generator = values.loaded_torch().default_generator
    state = generator.get_state()
    generator.manual_seed(seed)
    try:
        yield
    finally:
        generator.set_state(state)


@contextmanager
def kept() -> Iterator[None]:
    """Whatever runs in here, the settings are as before when it has ended."""
    before = Settings.current()
    try:
        yield
    finally:
        before.restore()
