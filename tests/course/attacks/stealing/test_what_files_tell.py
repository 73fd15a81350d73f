"""What a worker learns of files by looking, without opening any: what the page on trust says of its level, no more."""

import os
from pathlib import Path

import pytest

from attend.sandbox import jail, visible_files
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.client import Zygote
from attend.student import Student

LOOK = """
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
STAT = {"x86_64": (4, 6, 262, 332, 89, 267, 21, 269, 439)}.get(os.uname().machine, ())


def told(look, path):
    try:
        return bool(look(path))
    except OSError:
        return False


def call(number, *arguments):
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return libc.syscall(ctypes.c_long(number), *words) >= 0


def sizes(path):
    space, name = ctypes.create_string_buffer(4096), path.encode()
    looks = [os.stat, os.lstat, lambda path: os.stat(path, follow_symlinks=False)]
    if STAT:
        stat, lstat, newfstatat, statx = STAT[:4]
        looks += [lambda path: call(stat, name, space), lambda path: call(lstat, name, space)]
        # a path may come with the flag that says there is none
        looks += [lambda path: call(newfstatat, -100, name, space, flags) for flags in (0, 0x100, 0x1000)]
        looks += [lambda path: call(statx, -100, name, 0, 0xFFF, space)]
    return [number for number, look in enumerate(looks) if told(look, path)]


def links(path):
    space, name = ctypes.create_string_buffer(4096), path.encode()
    looks = [os.readlink, lambda path: os.path.realpath(path) != path]
    if STAT:
        readlink, readlinkat = STAT[4:6]
        looks += [lambda path: call(readlink, name, space, 4096)]
        looks += [lambda path: call(readlinkat, -100, name, space, 4096)]
    return [number for number, look in enumerate(looks) if told(look, path)]


def rights(path):
    name = path.encode()
    looks = [lambda path: os.access(path, os.F_OK), lambda path: os.access(path, os.R_OK)]
    if STAT:
        access, faccessat, faccessat2 = STAT[6:]
        looks += [lambda path: call(access, name, 0), lambda path: call(faccessat, -100, name, 0)]
        looks += [lambda path: call(faccessat2, -100, name, 0, 0)]
    return [number for number, look in enumerate(looks) if told(look, path)]


def lists(path):
    looks = [os.listdir, lambda path: list(os.scandir(path)), lambda path: list(os.walk(path))]
    return [number for number, look in enumerate(looks) if told(look, path)]


def read(path):
    with open(path, "rb") as file:
        return len(file.read(10))
"""


@pytest.fixture(scope="module", params=["namespaces", "landlock", "seccomp"])
def at_level(request):
    """A level, and a submission that looks around at it."""
    if jail.LEVELS.index(jail.best_level()) > jail.LEVELS.index(request.param):
        pytest.skip(f"level {request.param} is not to be had here")
    with Zygote("numpy", request.param) as zygote:
        backend = RemoteBackend(zygote, "look.py", LOOK, 5.0)
        yield request.param, Student(backend)
        backend.close()


# outside every view, and open to every user
SECRETS = ["/etc/passwd", "/home", "/etc/mtab", "/var/run", "/var/log", f"/proc/{os.getpid()}"]
SECRETS += [str(Path(__file__).resolve())]


def test_unconfined_it_would_be_told():
    names: dict = {}
    exec(LOOK, names)
    assert all(names["sizes"](path) and names["rights"](path) for path in ("/etc/passwd", "/home"))
    assert names["lists"]("/home") and any(names["links"](path) for path in SECRETS)


def test_sizes_and_times(at_level):
    level, student = at_level
    told = [path for path in SECRETS if student.sizes(path)]
    # Landlock does not look at these calls, and without them nothing could be imported
    assert level == "landlock" or told == []


def test_where_links_lead(at_level):
    _, student = at_level
    assert not any(student.links(path) for path in SECRETS)


def test_rights(at_level):
    _, student = at_level
    assert not any(student.rights(path) for path in SECRETS)


def test_lists(at_level):
    _, student = at_level
    assert not any(student.lists(path) for path in SECRETS)


def test_a_file_that_was_read_looks_as_before(at_level):
    """A submission could leave a sign for the next in the time at which a file of the interpreter was last read."""
    level, student = at_level
    if level == "landlock":
        pytest.skip("at level landlock such signs can be left: the page on trust says so")
    path = Path(visible_files.package(), "__init__.py")
    before = path.stat()
    os.utime(path, ns=(0, before.st_mtime_ns))
    try:
        if level == "namespaces":
            assert student.read(str(path)) == 10
        else:
            with pytest.raises(OSError):
                student.read(str(path))
        assert path.stat().st_atime_ns == 0
    finally:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
