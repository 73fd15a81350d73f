"""Make a module out of source text, as the worker, the public tests and the replays all do."""

import linecache
import sys
from types import ModuleType

from attend.cells import is_notebook, kept


def load_module(text: str, name: str, filename: str) -> ModuleType:
    """Run `text` as a module called `name`; `filename` is what tracebacks show."""
    module = ModuleType(name)
    module.__file__ = filename
    # inspect.getsource and tracebacks read the text from here, where no such file can be opened
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    sys.modules[name] = module
    code = kept(text, filename) if is_notebook(text) else text
    exec(compile(code, filename, "exec"), module.__dict__)  # the module's own text is the point
    return module
