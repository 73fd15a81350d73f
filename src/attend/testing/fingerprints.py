"""Name a known mistake without shipping any wrong code: compare digests of returned values with a table of digests.

`tests/public/fingerprints/SLUG.json` holds, for every public test that a misconception fails, a digest of the
values that it returns there. The table is built from the bank by `attend fingerprints`; this module only reads it.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from attend.student import values
from attend.student.protocol import Failure, Step

NO_VALUE = "-"


@dataclass(frozen=True)
class Fingerprints:
    """A topic's table: test → digest → names of misconceptions; and the sentence of each misconception."""

    tests: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Fingerprints":
        """The table at `path`; an empty one where there is no such file.

        Raises:
            ValueError, KeyError: the file is not such a table.
        """
        if not path.exists():
            return cls()
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(data["tests"], data["sentences"])

    def to_json(self) -> str:
        """The table as JSON, for a file."""
        return (
            json.dumps({"tests": self.tests, "sentences": self.sentences}, indent=1, ensure_ascii=False)
            + "\n"
        )

    def name(self, digests: dict[str, str | None]) -> str | None:
        """The misconception that fits. `digests` maps each test of an exercise to its digest; None if the test passed.

        As in grading, it has to explain more than half of the failing tests that it could explain, one of them by a
        value, and no test may have passed that it fails. Of several the one that explains most tests is named.
        """
        could: Counter[str] = Counter()
        explained: Counter[str] = Counter()
        excluded: set[str] = set()
        on_a_value: set[str] = set()
        for test, digest in digests.items():
            for known, names in self.tests.get(test, {}).items():
                if digest is None:
                    excluded.update(names)
                    continue
                could.update(names)
                if known == digest:
                    explained.update(names)
                    on_a_value.update(() if digest.startswith(NO_VALUE) else names)
        fitting = [
            name for name in could if name in on_a_value - excluded and 2 * explained[name] > could[name]
        ]
        return max(fitting, key=lambda name: explained[name], default=None)


def digest(steps: list[Step]) -> str:
    """A digest of what the calls in `steps` returned, rounded so that it is the same on every machine.

    It begins with `NO_VALUE` where they returned no number: errors alone do not show which mistake was made.
    """
    hasher = hashlib.sha256()
    values_came = any(
        bool(step.outcome.odd_dtype)
        if isinstance(step.outcome, Failure)
        else values.has_numbers(step.outcome.value)
        for step in steps
    )
    for step in steps:
        if isinstance(step.outcome, Failure):
            kind = type(step.outcome.exception).__name__ if step.outcome.exception else step.outcome.type_name
            hasher.update(f"{step.outcome.kind}:{kind}:{step.outcome.odd_dtype};".encode())
        else:
            for leaf in values.leaves(step.outcome.value):
                hasher.update(_leaf_text(leaf).encode())
    return ("" if values_came else NO_VALUE) + hasher.hexdigest()[:16]


def _leaf_text(leaf: Any) -> str:
    if values.is_tensor(leaf):
        kind = str(leaf.dtype).removeprefix("torch.")
        leaf = leaf.detach().double().numpy() if leaf.is_floating_point() else leaf.numpy()
        return f"tensor {kind} {leaf.shape} {_numbers(leaf)};"
    if isinstance(leaf, np.ndarray | np.generic):
        return f"{values.dtype_name(leaf)} {leaf.shape} {_numbers(np.asarray(leaf))};"
    if isinstance(leaf, float):
        return f"float {_numbers(np.asarray(leaf))};"
    return f"{type(leaf).__name__} {leaf if type(leaf) in values.SCALARS else ''};"


def _numbers(array: np.ndarray[Any, Any]) -> str:
    """Numbers to five digits; what may be only a rounding error is zero."""
    if array.dtype.kind not in "fc":
        return repr(array.tolist())
    with np.errstate(all="ignore"):
        scale = np.abs(array[np.isfinite(array)]).max(initial=0.0)
        small = np.where(np.abs(array) < 1e-6 * max(scale, 1e-6), 0.0, array)
    return ",".join(f"{value:.4e}" for value in np.ravel(small))
