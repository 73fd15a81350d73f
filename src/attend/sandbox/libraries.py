"""The libraries that a zygote imports when a submission asks for them: its workers find them imported, at every level.

Where a worker can open none of the machine's files, whatever it may import must be imported before: see `add_all`.
Workers may start no processes. So `multiprocessing` gives them threads in the place of processes.
"""

import contextlib
import importlib
import io
import os
import pkgutil
import re
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator

# by the name in an import statement: the modules that are imported, where they are installed
LIBRARIES = {
    "matplotlib": ("matplotlib.pyplot",),
    "pandas": ("pandas", "pandas.io.formats.csvs"),
    "scipy": ("scipy.linalg", "scipy.special", "scipy.stats"),
    "sklearn": ("sklearn.metrics", "sklearn.preprocessing"),
    "tqdm": ("tqdm.auto",),
    "einops": ("einops",),
}
_IMPORT = re.compile(rf"^[ \t]*(?:import|from)[ \t]+({'|'.join(LIBRARIES)})\b", re.MULTILINE)
_imported: set[str] = set()

# modules of the standard library that are not imported early: windows, jokes and foreign systems
_NOT_EARLY = """
    antigravity curses distutils ensurepip idlelib lib2to3 msilib msvcrt nt ntpath nturl2path pydoc_data this
    tkinter turtle turtledemo venv winreg winsound
""".split()
# what NumPy and PyTorch import on first use
_EARLY = """
    numpy.fft numpy.lib numpy.linalg numpy.ma numpy.polynomial numpy.random numpy.testing
    torch.distributions torch.func torch.jit torch.optim torch.profiler._cupti_monitor
    torch._subclasses.schema_check_mode torch.utils.data torch.utils.serialization.config
""".split()


def wanted(text: str) -> tuple[str, ...]:
    """The libraries that a submission's text imports."""
    return tuple(sorted(set(_IMPORT.findall(text))))


def add(names: Iterable[str]) -> None:
    """Import these libraries in this process, once; what is not installed is left out."""
    missing = [name for name in names if name in LIBRARIES and name not in _imported]
    if not missing:
        return
    environment = dict(os.environ)
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
    # some libraries set variables
    os.environ.clear()
    os.environ.update(environment)


def add_all() -> None:
    """Import all that a submission may import: the standard library, NumPy's and PyTorch's late modules, all libraries."""
    standard = {name for name in sys.stdlib_module_names if not name.startswith("_")}.difference(_NOT_EARLY)
    early = [name for name in _EARLY if name.split(".")[0] in sys.modules]
    with warnings.catch_warnings():
        # modules that a later Python drops
        warnings.simplefilter("ignore")
        for name in [*sorted(standard), *early]:
            for module in (name, *_below(name)) if name in standard or name == "numpy.lib" else (name,):
                with contextlib.suppress(ImportError):  # not built into this Python, or not in this PyTorch
                    importlib.import_module(module)
    add(LIBRARIES)


def _below(package: str) -> Iterator[str]:
    """The names of a package's modules and of its packages' modules, after those that they lie in are imported."""
    for found in pkgutil.iter_modules(getattr(sys.modules.get(package), "__path__", ()), f"{package}."):
        if found.name.rpartition(".")[2] not in ("__main__", "test", "tests"):
            yield found.name
            yield from _below(found.name)


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
    figure.canvas.print_figure(io.BytesIO())
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
