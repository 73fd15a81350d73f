"""The modules that build the site, for tests that compare a page with them."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from ..common import ROOT

FOLDERS = [str(ROOT / "docs" / "_build"), str(ROOT / "docs" / "figures")]


@contextmanager
def build_modules(*names: str) -> Iterator[SimpleNamespace]:
    """Import modules of docs/_build, and leave nothing of them behind: their names are those of topics, too."""
    before = set(sys.modules)
    sys.path[:0] = FOLDERS
    try:
        yield SimpleNamespace(**{name.rpartition(".")[2]: importlib.import_module(name) for name in names})
    finally:
        for folder in FOLDERS:
            sys.path.remove(folder)
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(tuple(FOLDERS)):
                del sys.modules[name]
