"""What code can set for a whole process, and what no student's code may set for others: NumPy's, Python's and PyTorch's."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from attend.student import values


@dataclass(frozen=True)
class Settings:
    """How NumPy treats errors and prints, which warnings are shown; PyTorch's dtype and gradients, where it is loaded."""

    errors: dict[str, Any]
    error_call: Any
    printing: dict[str, Any]
    filters: list[Any]
    torch: tuple[Any, ...] | None

    @classmethod
    def current(cls) -> "Settings":
        """Those of this process at this moment."""
        torch = values.loaded_torch()
        of_torch = None
        if torch is not None:
            of_torch = (
                torch.get_default_dtype(),
                torch.is_grad_enabled(),
                torch.are_deterministic_algorithms_enabled(),
            )
        return cls(
            dict(np.geterr()), np.geterrcall(), dict(np.get_printoptions()), list(warnings.filters), of_torch
        )

    def restore(self) -> None:
        """Set what is different now."""
        if np.geterr() != self.errors:
            np.seterr(**self.errors)
        if np.geterrcall() is not self.error_call:
            np.seterrcall(self.error_call)
        if np.get_printoptions() != self.printing:
            np.set_printoptions(**self.printing)
        if list(warnings.filters) != self.filters:
            # the call tells the module that its filters change
            warnings.resetwarnings()
            warnings.filters[:] = self.filters  # type: ignore[index]
        torch = values.loaded_torch()
        if torch is not None and self.torch is not None:
            dtype, gradients, deterministic = self.torch
            if torch.get_default_dtype() != dtype:
                torch.set_default_dtype(dtype)
            torch.set_grad_enabled(gradients)
            if torch.are_deterministic_algorithms_enabled() != deterministic:
                torch.use_deterministic_algorithms(deterministic)


# as they are in a process that has run no student's code
_FRESH = Settings.current()


def reset() -> None:
    """Set everything as it is in a fresh process."""
    _FRESH.restore()
    torch = values.loaded_torch()
    if torch is not None:
        if torch.get_default_dtype() != torch.float32:
            torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)


@contextmanager
def kept() -> Iterator[None]:
    """Whatever runs in here, the settings are as before when it has ended."""
    before = Settings.current()
    try:
        yield
    finally:
        before.restore()
