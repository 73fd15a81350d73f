"""Make a module out of source text, as the worker, the public tests and the replays all do."""

import linecache
import sys
from types import CodeType, ModuleType

from attend.course.notebook import is_notebook, kept


def compile_module(text: str, filename: str) -> CodeType:
    """`text`, that of a module or a notebook, ready to run; nothing of it has run yet."""
    return compile(kept(text, filename) if is_notebook(text) else text, filename, "exec")


def load_module(text: str, name: str, filename: str, code: CodeType | None = None) -> ModuleType:
    """Run `text` as a module called `name`; `filename` is what tracebacks show, `code` what `text` was compiled to."""
    module = ModuleType(name)
    module.__file__ = filename
    # inspect.getsource and tracebacks read the text from here, where no such file can be opened
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    sys.modules[name] = module
    exec(code or compile_module(text, filename), module.__dict__)  # the module's own text is the point
    return module
