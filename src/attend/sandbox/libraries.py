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
from typing import Any

# by the name in an import statement: the modules that are imported, where they are installed
LIBRARIES = {
    "matplotlib": ("matplotlib.pyplot",),
    "pandas": ("pandas", "pandas.io.formats.csvs"),
    "scipy": ("scipy.linalg", "scipy.special", "scipy.stats"),
    "sklearn": ("sklearn.metrics", "sklearn.preprocessing"),
    "tqdm": ("tqdm.auto",),
    "einops": ("einops",),
    "IPython": ("IPython.display",),
}
_IMPORT = re.compile(rf"^[ \t]*(?:import|from)[ \t]+({'|'.join(LIBRARIES)})\b", re.MULTILINE)
_imported: set[str] = set()

# modules of the standard library that are not imported early: windows, jokes and foreign systems
_NOT_EARLY = """
    antigravity curses distutils ensurepip idlelib lib2to3 msilib msvcrt nt ntpath nturl2path pydoc_data this
    tkinter turtle turtledemo venv winreg winsound
""".split()
# what NumPy, PyTorch and the libraries import on first use, or have beside what their name alone imports
_EARLY = """
    numpy.core numpy.fft numpy.lib numpy.linalg numpy.ma numpy.polynomial numpy.random numpy.testing
    torch.distributions torch.func torch.jit torch.optim torch.profiler._cupti_monitor
    torch._decomp.decompositions_for_jvp torch._dynamo.backends.debugging torch._inductor.compiler_bisector
    torch._inductor.ir torch._subclasses.schema_check_mode
    torch.masked.maskedtensor._ops_refs torch.nested._internal.ops torch.nn.attention.bias
    torch.nn.attention.flex_attention torch.nn.utils.prune torch.utils.data torch.utils.flop_counter
    torch.utils.serialization.config
    matplotlib.animation matplotlib.backends.backend_pdf matplotlib.backends.backend_svg
    mpl_toolkits.axes_grid1 mpl_toolkits.mplot3d
    pandas.io.formats.html pandas.io.formats.string
    scipy.cluster scipy.integrate scipy.interpolate scipy.io scipy.ndimage scipy.optimize scipy.signal
    scipy.sparse.csgraph scipy.spatial.distance
    sklearn.decomposition sklearn.feature_extraction.text sklearn.linear_model sklearn.manifold
    sklearn.model_selection sklearn.neighbors tqdm.notebook
""".split()
# of these packages all modules that lie directly or indirectly in them
_WHOLE = ("numpy.core", "numpy.lib")


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
    with warnings.catch_warnings():
        # modules that a later version drops
        warnings.simplefilter("ignore")
        for name in sorted(standard):
            _import_whole(name)
        add(LIBRARIES)
        for name in _EARLY:
            if name in _WHOLE:
                _import_whole(name)
            elif name.startswith("mpl_") and "matplotlib" in sys.modules or name.split(".")[0] in sys.modules:
                _import(name)
    if "torch" in sys.modules:
        _run_as_it_is("torch.jit", "script")


def _import_whole(package: str) -> None:
    """Import a package, then the modules in it, then those in its packages: `_below` finds only what is in one that is."""
    _import(package)
    for module in _below(package):
        _import(module)


def _import(module: str) -> None:
    # not built into this Python, or not in this version of the library
    with contextlib.suppress(ImportError):
        importlib.import_module(module)


def _below(package: str) -> Iterator[str]:
    """The names of the modules in a package, which is imported, and of those in its packages, if the caller imports each."""
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


def run_without_compiling() -> None:
    """Have `torch.compile` give back what it gets: workers may start no compiler, and uncompiled code does the same.

    `torch.jit.script` does so too where workers can open no files, see `add_all`: it reads the source of all that the
    code calls, PyTorch's own included.
    """
    _run_as_it_is("torch", "compile")


def _run_as_it_is(module: str, function: str) -> None:
    """Replace a function, or a decorator with or without options, by one that gives back what it gets."""

    def give_back(code: Any = None, *_options: Any, **_more: Any) -> Any:
        return give_back if code is None else code

    vars(sys.modules[module])[function] = give_back


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
