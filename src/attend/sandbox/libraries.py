"""The libraries that a zygote imports when a submission asks for them: its workers find them imported, at every level.

Workers may start no processes. So `multiprocessing` gives them threads in the place of processes.
"""

import contextlib
import importlib
import io
import os
import re
import tempfile
from collections.abc import Iterable

# by the name in an import statement: the modules that are imported, where they are installed
LIBRARIES = {
    "matplotlib": ("matplotlib.pyplot",),
    "pandas": ("pandas",),
    "scipy": ("scipy.linalg", "scipy.special", "scipy.stats"),
    "sklearn": ("sklearn.metrics", "sklearn.preprocessing"),
    "tqdm": ("tqdm.auto",),
    "einops": ("einops",),
}
_IMPORT = re.compile(rf"^[ \t]*(?:import|from)[ \t]+({'|'.join(LIBRARIES)})\b", re.MULTILINE)
_imported: set[str] = set()


def wanted(text: str) -> tuple[str, ...]:
    """The libraries that a submission's text imports."""
    return tuple(sorted(set(_IMPORT.findall(text))))


def add(names: Iterable[str]) -> None:
    """Import these libraries in this process, once; what is not installed is left out."""
    missing = [name for name in names if name in LIBRARIES and name not in _imported]
    if not missing:
        return
    with tempfile.TemporaryDirectory() if _can_write() else contextlib.nullcontext() as folder:
        if folder:
            # where matplotlib keeps the list of fonts that it makes when it is first imported
            os.environ["MPLCONFIGDIR"] = folder
        for name in missing:
            _imported.add(name)
            with contextlib.suppress(ImportError, OSError):
                for module in LIBRARIES[name]:
                    importlib.import_module(module)
    if "matplotlib" in missing:
        with contextlib.suppress(ImportError, OSError):
            _draw_once()


def _can_write() -> bool:
    try:
        return os.access(tempfile.gettempdir(), os.W_OK)
    except FileNotFoundError:
        return False


def _draw_once() -> None:
    """Open the fonts and the writer of pictures, which a worker might not be allowed to open."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot([0, 1], label="x")
    axes.set_title("$x_1$")
    axes.legend()
    figure.savefig(io.BytesIO())
    pyplot.close(figure)


def give_threads_for_processes() -> None:
    """Have `multiprocessing` and `concurrent.futures` of this process make threads where they would make processes."""
    import concurrent.futures
    import multiprocessing.dummy
    import multiprocessing.pool

    from attend.sandbox import thread_pools

    threads = {name: getattr(multiprocessing.dummy, name) for name in multiprocessing.dummy.__all__}
    threads["Pool"] = thread_pools.Pool
    threads["get_context"] = lambda method=None: multiprocessing
    threads["set_start_method"] = lambda method, force=False: None
    vars(multiprocessing).update(threads)
    vars(multiprocessing.pool).update(Pool=thread_pools.Pool, ThreadPool=thread_pools.Pool)
    vars(concurrent.futures)["ProcessPoolExecutor"] = thread_pools.ProcessPoolExecutor
