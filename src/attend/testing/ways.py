"""Other right ways to write an exercise, sealed until the student's own answer is right.

`tests/public/ways/SLUG.json` holds them. The key follows from what right code returns in the public tests of the
exercise, so whoever has a right answer can read them. The seal keeps people from reading too early; it protects no
secret from somebody who breaks it on purpose.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from attend.course.syllabus import Exercise
from attend.student import Student, values
from attend.student.local import LocalBackend
from attend.student.protocol import Failure, Request, Result
from attend.testing.fingerprints import digest
from attend.testing.session import TopicTests


@dataclass(frozen=True)
class Way:
    """A right answer in other words, and what is better about it where."""

    name: str
    why: str
    code: str


@dataclass(frozen=True)
class Sealed:
    """The sealed ways of one exercise, and the public tests whose answers make the key."""

    tests: list[str]
    text: str


@dataclass(frozen=True)
class SealedWays:
    """The sealed ways of a topic, by exercise.

    made_from: a digest of the files that they were made from.
    """

    exercises: dict[str, Sealed] = field(default_factory=dict)
    made_from: str = ""

    @classmethod
    def read(cls, path: Path) -> "SealedWays":
        """What is in the file; nothing where there is none.

        Raises:
            ValueError, KeyError, TypeError: it is not such a file.
        """
        if not path.exists():
            return cls()
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            {name: Sealed(**entry) for name, entry in data.get("exercises", {}).items()},
            data.get("made_from", ""),
        )

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(asdict(self), indent=1) + "\n"

    def open(self, exercise: Exercise, tests: TopicTests, module: ModuleType) -> list[Way] | None:
        """The ways of an exercise, where the module's answer to it passes the public tests and gives the key; else None."""
        entry = self.exercises.get(exercise.name)
        if entry is None:
            return []
        items = tests.items[exercise.name]
        if any(tests.run(item, Student(LocalBackend(module))).error for item in items):
            return None
        items = [item for item in items if item.name in entry.tests]
        text = unseal(entry.text, key_of(exercise, items, tests, module))
        return None if text is None else [Way(**each) for each in json.loads(text)]


def key_of(exercise: Exercise, items: list[pytest.Item], tests: TopicTests, module: ModuleType) -> bytes:
    """The key that follows from what the module returns in these public tests."""
    found = [answers_in(item, tests, module) for item in items]
    return hashlib.sha256("\n".join([exercise.slug, exercise.name, *found]).encode()).digest()


def answers_in(item: pytest.Item, tests: TopicTests, module: ModuleType) -> str:
    """A digest of what the module returns in one public test."""
    return digest(tests.run(item, Student(NamedWeights(module))).student.steps)


class NamedWeights(LocalBackend):
    """A LocalBackend for which the order in which a class makes its parts does not matter.

    A class that makes `output` before `embedding` draws other first weights and lists them in another order. It is as
    right, so it must give the same key.
    """

    def run(self, request: Request, callbacks: list[Any]) -> Result | Failure:
        """The outcome of `request`; the parts of modules that it made are in the order of their names."""
        known = len(self.executor.objects)
        outcome = super().run(request, callbacks)
        torch = values.loaded_torch()
        if torch is not None:
            for made in self.executor.objects[known:]:
                if isinstance(made, torch.nn.Module):
                    _sort_parts(made)
                    _draw_by_name(made)
        return outcome


def _sort_parts(module: Any) -> None:
    from torch import nn

    for part in module.modules():
        # the order of the layers in a list has a meaning
        if not isinstance(part, nn.ModuleList | nn.Sequential):
            for table in (part._parameters, part._modules):
                items = sorted(table.items())
                table.clear()
                table.update(items)


def _draw_by_name(module: Any) -> None:
    """Draw the parameters anew, each from a seed that its name gives; those of zeros and ones stay as they are."""
    import torch

    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if not ((parameter == 0) | (parameter == 1)).all():
                seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
                generator = torch.Generator().manual_seed(seed)
                parameter.copy_(torch.rand(parameter.shape, generator=generator) - 0.5)


def seal(text: str, key: bytes) -> str:
    """The text, sealed with the key: a checksum and the text, masked by a stream that SHAKE-256 makes of the key."""
    data = text.encode()
    masked = bytes(one ^ other for one, other in zip(data, _stream(key, len(data)), strict=True))
    return base64.b64encode(_checksum(data, key) + masked).decode()


def unseal(sealed: str, key: bytes) -> str | None:
    """What `seal` sealed with this key; None where it was another key."""
    raw = base64.b64decode(sealed)
    check, masked = raw[:32], raw[32:]
    data = bytes(one ^ other for one, other in zip(masked, _stream(key, len(masked)), strict=True))
    return data.decode() if hmac.compare_digest(check, _checksum(data, key)) else None


def _stream(key: bytes, size: int) -> bytes:
    return hashlib.shake_256(b"ways" + key).digest(size)


def _checksum(data: bytes, key: bytes) -> bytes:
    return hmac.new(key, data, "sha256").digest()
