"""Attend: an autograded course on attention."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__version__ = "2026.1.0"


class _OldName(ModuleType):
    """A module under the name that it had before: it looks everything up in the module of today."""

    def __init__(self, old: str, new: str):
        super().__init__(f"attend.{old}", f"The old name of `{new}`.")
        self._new = new

    def __getattr__(self, name: str) -> Any:
        # `inspect` asks every module for its file, and must not import one by that
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(self._new), name)


# Graders, public tests and banks of other courses import these; the old names work until the release of 2027.
for _old, _new in {"bank": "attend.course.bank", "checks": "attend.testing.check"}.items():
    sys.modules[f"attend.{_old}"] = globals()[_old] = _OldName(_old, _new)
