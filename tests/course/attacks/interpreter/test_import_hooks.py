"""Finders, loaders and an import statement of one's own find nothing new, and end with the worker."""

ATTACK = """
import builtins
import sys

_import = builtins.__import__


class Finder:
    def find_spec(self, name, path=None, target=None):
        return None


def listen(name, *args, **kwargs):
    return _import(name, *args, **kwargs)


builtins.__import__ = listen
sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, lambda path: 1 / 0)
sys.path.insert(0, "/tmp")
sys.path_importer_cache.clear()
"""


def test_import_hooks(attack):
    attack(ATTACK).is_honest()
