"""What a worker may see: the interpreter, its libraries and packages, this package, facts about the CPU.

One list serves bubblewrap (which mounts it) and Landlock (which allows it). Nothing of the course's folder
but `attend` itself is on it, and of home folders only the part that holds the interpreter.
"""

from __future__ import annotations

import glob
import os
import site
import stat
import sys
import sysconfig

from attend.course.threads import ONE_THREAD

_SYSTEM = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",  # Debian's links to the BLAS in use
    "/sys/devices/system/cpu",  # how many cores there are: OpenMP and cpuinfo ask
]


def readable() -> list[str]:
    """Every path of the view that exists here, as spelled; links may stand anywhere in them."""
    paths = list(_SYSTEM)
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        paths += [f"{prefix}/lib", f"{prefix}/lib64", f"{prefix}/pyvenv.cfg"]
    paths += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    paths += site.getsitepackages()
    paths += [sys.executable, getattr(sys, "_base_executable", sys.executable)]
    paths += glob.glob(f"{sysconfig.get_config_var('LIBDIR') or ''}/libpython*")
    paths.append(package())
    return sorted({os.path.abspath(path) for path in paths if path and os.path.exists(path)})


def package() -> str:
    """The folder of `attend` itself, also when it is installed editable and lies in the course's folder."""
    import attend

    return os.path.dirname(os.path.abspath(attend.__file__))


def modules_behind_links() -> bool:
    """Whether the path of a folder with modules has a link in it: Python then asks where it leads, for some imports."""
    return any(os.path.realpath(path) != os.path.abspath(path) for path in sys.path if os.path.isdir(path))


def open_to_all() -> bool:
    """Whether a user without rights could read the view: a Python below /root (0700) is closed to it."""
    return all(_searchable(path) for path in readable())


def _searchable(path: str) -> bool:
    path = os.path.realpath(path)
    if os.path.isdir(path):
        entries = [entry for entry in os.scandir(path) if not entry.is_symlink()]
        if not all(entry.stat().st_mode & stat.S_IROTH for entry in entries if entry.name != "__pycache__"):
            return False
    elif not os.stat(path).st_mode & stat.S_IROTH:
        return False
    while path != "/":
        path = os.path.dirname(path)
        if not os.stat(path).st_mode & stat.S_IXOTH:
            return False
    return True


def environment() -> dict[str, str]:
    """The whole environment of a zygote: nothing of the grader's own comes along."""
    variables = {
        "PATH": "/usr/bin:/bin",
        # each worker then has a folder of its own in place of these
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "MPLCONFIGDIR": "/tmp",
        "MPLBACKEND": "Agg",  # pictures are drawn and shown to nobody
        "USER": "student",  # getpass asks here first, and then in /etc/passwd, which is not there
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",  # a set of strings has the same order in every run: the same grade
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **ONE_THREAD,
        "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MiB of the address space that is limited
    }
    paths = [os.path.dirname(package())]
    if site.ENABLE_USER_SITE:
        paths.append(site.getusersitepackages())  # found through HOME otherwise, which is another one inside
    paths = [path for path in paths if path not in site.getsitepackages() and os.path.isdir(path)]
    if paths:
        variables["PYTHONPATH"] = os.pathsep.join(paths)
    library = sysconfig.get_config_var("LIBDIR")
    if library and library in os.environ.get("LD_LIBRARY_PATH", "").split(":"):
        variables["LD_LIBRARY_PATH"] = library  # some interpreters find their libpython by nothing else
    return variables
