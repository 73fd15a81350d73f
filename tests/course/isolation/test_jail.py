"""The jail holds what it promises at every level this machine permits, and lets honest code live."""

import os
import socket
import subprocess
import sys
import textwrap
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from attend.sandbox import bubblewrap, jail, visible_files

from .harness import Answer, Jailer, python

COURSE = Path(__file__).resolve().parents[3]
# Inside bubblewrap most files are not there at all; where all files are closed, neither are some modules.
REFUSED = {"PermissionError", "FileNotFoundError", "ModuleNotFoundError"}
FILTERED = ("namespaces", "landlock", "seccomp")


def as_user() -> tuple[str, ...]:
    """A command line to run things as an ordinary user; one that can read what it needs, wherever that lies."""
    if os.geteuid() != 0:
        return ()
    needed = [os.path.realpath(sys.base_prefix), sys.prefix, str(COURSE)]
    # Such as root's own home, or a clone in a temporary folder: nobody else may enter.
    closed = {folder for path in needed for folder in Path(path).parents if not folder.stat().st_mode & 0o001}
    highest = sorted(folder for folder in closed if not closed & set(folder.parents))
    # In the place of each an empty folder, and in it a way to what is needed.
    opened = [word for folder in highest for word in ("--tmpfs", str(folder))]
    hidden = [path for path in needed if closed & set(Path(path).parents)]
    user = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "--inh-caps=-all"]
    return ("bwrap", "--dev-bind", "/", "/", *opened, *bubblewrap.mounts(hidden), "--", *user)


# A container that denies namespaces and mounts, as Docker's default profile does.
IN_CONTAINER = """
import errno, os, sys
import pyseccomp as lib
program = lib.SyscallFilter(lib.ALLOW)
for name in ("unshare", "setns", "mount", "umount2", "pivot_root", "clone3", *{extra!r}):
    program.add_rule(lib.ERRNO(errno.ENOSYS if name == "clone3" else errno.EPERM), name)
for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
    program.add_rule(lib.ERRNO(errno.EPERM), "clone", lib.Arg(0, lib.MASKED_EQ, flag, flag))
program.load()
os.execvp(sys.argv[1], sys.argv[1:])
"""


def container(*extra: str) -> tuple[str, ...]:
    return (sys.executable, "-c", IN_CONTAINER.format(extra=extra))


HAS_TORCH = find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")


def require(level: str) -> None:
    """Skip where this machine does not permit `level`, saying why."""
    if jail.LEVELS.index(jail.best_level()) > jail.LEVELS.index(level):
        reasons = "; ".join(f"{step.name}: {step.why}" for step in jail.probe() if not step.available)
        pytest.skip(f"level {level} is not to be had here ({reasons})")


# `make check` tries the strongest level alone.
EACH_LEVEL = [FILTERED[0], *(pytest.param(level, marks=pytest.mark.slow) for level in FILTERED[1:])]


@pytest.fixture(scope="module", params=EACH_LEVEL)
def zygote(request):
    require(request.param)
    with Jailer(request.param, "numpy torch" if HAS_TORCH else "numpy") as jailer:
        yield jailer


@pytest.fixture(scope="module", params=FILTERED)
def users_zygote(request):
    """The same without torch, for an ordinary user."""
    require(request.param)
    if os.geteuid() == 0:
        require("namespaces")
    with Jailer(request.param, "numpy", prefix=as_user()) as jailer:
        yield jailer


# ---- what must fail ------------------------------------------------------------------------------

CALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    value = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in arguments])
    if value == -1:
        raise OSError(ctypes.get_errno(), "refused")
    return value
"""

PROCESSES = {
    "fork": "import os; result = os.fork()",
    "forkpty": "import os; result = os.forkpty()",
    "spawn": "import os; result = os.posix_spawn('/bin/true', ['true'], {})",
    "exec": "import os; os.execv('/bin/true', ['true'])",
    "exec_interpreter": "import os, sys; os.execv(sys.executable, ['python', '-c', ''])",
    "subprocess": "import subprocess; result = subprocess.run(['true'])",
    "shell": "import os; os.system('true') and os.fork()",
    "multiprocessing": "from multiprocessing.context import ForkProcess; result = ForkProcess(target=int).start()",
    "raw_fork": CALL + "result = call(56, 17, 0, 0, 0, 0)",
    "thread_that_is_a_process": CALL + "result = call(56, 0x3D0F00 & ~0x10000, 0, 0, 0, 0)",
    "new_user_namespace": CALL + "result = call(272, 0x10000000)",
    "setsid": "import os; os.setsid()",
    "setpgid": "import os; os.setpgid(0, 0)",
}

SIGNALS = {
    "kill_parent": "import os; os.kill(os.getppid(), 9)",
    "probe_parent": "import os; os.kill(os.getppid(), 0)",
    "kill_first": "import os; os.kill(1, 9)",
    "kill_everyone": "import os; os.kill(-1, 9)",
    "kill_group": "import os; os.killpg(0, 9)",
    "pidfd": "import os; result = os.pidfd_open(os.getppid())",
    "thread_kill": CALL + "result = call(234, os.getppid(), os.getppid(), 9)",
    "queue_signal": CALL + "result = call(129, os.getppid(), 9, 0)",
    "signal_by_descriptor_owner": "import fcntl, os; fcntl.fcntl(1, fcntl.F_SETOWN, os.getppid())",
    "signal_by_ioctl": "import fcntl, os; fcntl.ioctl(1, 0x8901, os.getppid().to_bytes(4, 'little'))",
    "type_into_the_terminal": "import fcntl; fcntl.ioctl(0, 0x5412, b'x')",
    "slow_others_down": "import os; os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "pin_others": "import os; os.sched_setaffinity(os.getppid(), {0})",
    "limit_others": "import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
}

NETWORK = {
    "tcp": "import socket; result = socket.socket()",
    "udp": "import socket; result = socket.socket(type=socket.SOCK_DGRAM)",
    "unix": "import socket; result = socket.socket(socket.AF_UNIX)",
    "netlink": "import socket; result = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "packet": "import socket; result = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "pair": "import socket; result = socket.socketpair()",
    "raw_connect": CALL + "result = call(42, 1, 0, 0)",
    "raw_bind": CALL + "result = call(49, 1, 0, 0)",
}

MEMORY_OF_OTHERS = {
    "memory_of_parent": "import os; result = open(f'/proc/{os.getppid()}/mem', 'rb')",
    "environment_of_parent": "import os; result = open(f'/proc/{os.getppid()}/environ').read()",
    "command_line_of_first": "result = open('/proc/1/cmdline').read()",
    "own_memory": "result = open('/proc/self/mem', 'r+b')",
    "own_descriptors": "import os; result = os.listdir('/proc/self/fd')",
    "trace_parent": CALL + "result = call(101, 16, os.getppid(), 0, 0)",
    "read_memory": CALL + "result = call(310, os.getppid(), 0, 0, 0, 0, 0)",
    "write_memory": CALL + "result = call(311, os.getppid(), 0, 0, 0, 0, 0)",
    "become_dumpable": CALL + "result = call(157, 4, 1, 0, 0, 0)",
    "steal_descriptor": CALL + "result = call(438, 3, 0, 0)",
    "shared_memory": CALL + "result = call(29, 1, 4096, 0o1600)",
}

FILES = {
    "list_root": "import os; result = os.listdir('/')",
    "list_tmp": "import os; result = os.listdir('/tmp')",
    "list_home": "import os; result = os.listdir('/root' if os.path.exists('/root') else '/home')",
    "list_course": f"import os; result = os.listdir({str(COURSE)!r})",
    "list_solutions": f"import os; result = os.listdir({str(COURSE / 'solutions')!r})",
    "list_graders": f"import os; result = os.listdir({str(COURSE / 'autograder')!r})",
    "read_this_test": f"result = open({str(Path(__file__).resolve())!r}).read()",
    "read_course": f"result = open({str(COURSE / 'pyproject.toml')!r}).read()",
    "read_around": f"result = open({visible_files.package() + '/../../pyproject.toml'!r}).read()",
    "read_passwd": "result = open('/etc/passwd').read()",
    "read_shadow": "result = open('/etc/shadow').read()",
    "read_hostname": "result = open('/etc/hostname').read()",
    "read_disk": "import glob; result = [open(d) for d in glob.glob('/dev/vd*')] or open('/dev/vda')",
    "write_tmp": "result = open('/tmp/attend-was-here', 'w')",
    "write_shm": "result = open('/dev/shm/attend-was-here', 'w')",
    "write_here": "result = open('attend-was-here', 'w')",
    "write_package": f"result = open({visible_files.package() + '/planted.py'!r}, 'w')",
    "append_library": "import json; result = open(json.__file__, 'a')",
    "tempfile": "import tempfile; result = tempfile.TemporaryFile()",
    "mkdir": "import os; os.mkdir('/tmp/attend-was-here')",
    "unlink": "import json, os; os.unlink(json.__file__)",
    "rename": "import json, os; os.rename(json.__file__, '/tmp/x')",
    "truncate": "import json, os; os.truncate(json.__file__, 0)",
    "chmod": "import json, os; os.chmod(json.__file__, 0o777)",
    "utime": "import json, os; os.utime(json.__file__)",
    "symlink": "import os; os.symlink('/etc/passwd', '/tmp/x')",
    "hard_link": "import json, os; os.link(json.__file__, '/tmp/x')",
    "fifo": "import os; os.mkfifo('/tmp/x')",
    "memfd": "import os; result = os.memfd_create('x')",
    "watch": CALL + "result = call(294, 0)",
    "open_by_handle": CALL + "result = call(304, 3, 0, 0)",
    "chdir": "import os; os.chdir('/')",
}

KERNEL = {
    "become_root": "import os; os.setresuid(0, 0, 0)",
    "groups": "import os; os.setgroups([0])",
    "capset": CALL + "result = call(126, 0, 0)",
    "chroot": "import os; os.chroot('/')",
    "mount": CALL + "result = call(165, 0, 0, 0, 0, 0)",
    "setns": CALL + "result = call(308, 0, 0)",
    "bpf": CALL + "result = call(321, 0, 0, 0)",
    "perf": CALL + "result = call(298, 0, 0, 0, 0, 0)",
    "io_uring": CALL + "result = call(425, 1, 0)",
    "keyctl": CALL + "result = call(250, 0, 0)",
    "add_key": CALL + "result = call(248, 0, 0, 0, 0, 0)",
    "userfaultfd": CALL + "result = call(323, 0)",
    "personality": CALL + "result = call(135, 0x0040000)",
    "reboot": CALL + "result = call(169, 0, 0, 0, 0)",
    "hostname": "import socket; socket.sethostname('x')",
    "clock": "import time; time.clock_settime(time.CLOCK_REALTIME, 0)",
    "raise_limit": CALL + "result = call(302, 0, 0, 1, 0)",
    "sync": "import os; os.sync() or os.fork()",
    "next_filter": CALL + "result = call(317, 1, 0, 0)",
}

ATTACKS = PROCESSES | SIGNALS | NETWORK | MEMORY_OF_OTHERS | FILES | KERNEL


def assert_refused(name: str, answer: Answer) -> None:
    assert answer.steps, f"the worker was not confined: {answer}"
    assert answer.result is None, f"{name} gave {answer.result!r}"
    words = ("Read-only file system", "Invalid cross-device link")
    refused = answer.error in REFUSED or any(each in answer.message for each in words)
    assert refused, f"{name} ended with {answer}"


def require_numbers(code: str) -> None:
    if "call(" in code and os.uname().machine != "x86_64":
        pytest.skip(f"the system call is written as its number on x86_64, and this is {os.uname().machine}")


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(zygote, name):
    """The forbidden call raises, and the zygote serves on."""
    require_numbers(ATTACKS[name])
    assert_refused(name, zygote.run(ATTACKS[name]))
    assert zygote.run("result = 1").result == 1


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused_when_an_ordinary_user_grades(users_zygote, name):
    """Without root there is no other user to become; everything else holds all the same."""
    require_numbers(ATTACKS[name])
    assert_refused(name, users_zygote.run(ATTACKS[name]))


def test_32_bit_calls_end_the_worker(zygote):
    """`int 0x80` counts system calls in another way; the filter does not let it through."""
    if os.uname().machine != "x86_64":
        pytest.skip("the machine code in this test is for x86_64")
    code = """
        import ctypes, mmap
        page = mmap.mmap(-1, 4096, prot=7)
        page.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        result = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    """
    answer = zygote.run(textwrap.dedent(code))
    assert answer.result is None and answer.signal in (11, 31), answer


def test_a_worker_sees_no_existing_file_outside_the_view_in_bubblewrap():
    """Landlock forbids to open a file; only a file system of its own hides that it exists."""
    require("namespaces")
    with Jailer("namespaces") as jailer:
        paths = [
            "/etc/passwd",
            "/home",
            "/var",
            str(Path(__file__).resolve()),
            str(COURSE / "pyproject.toml"),
        ]
        code = f"import os; result = [path for path in {paths!r} if os.path.exists(path)]"
        assert jailer.run(code).result == []


def test_the_environment_is_clean(zygote):
    """Nothing of the grader's environment reaches a worker."""
    found = zygote.run("import os; result = dict(os.environ)").result
    # PyTorch sets the last itself.
    assert set(found) <= {*visible_files.environment(), "PWD", "TORCHINDUCTOR_CACHE_DIR"}


def test_the_worker_has_no_rights(zygote):
    """Another user where root grades, no groups; capabilities at most the right to read."""
    answer = zygote.run("import os; result = [os.getresuid(), os.getresgid(), os.getgroups()]")
    (users, groups, more) = answer.result
    if os.geteuid() == 0:
        assert "user" in answer.steps and min(users + groups) > 1000 and more == [], answer
    assert {"limits", "undumpable", "parent-death", "no-new-privileges", "seccomp"} <= set(answer.steps)
    assert ("landlock" in answer.steps) == (zygote.level != "seccomp")
    assert ("bubblewrap" in answer.steps) == (zygote.level == "namespaces")


# ---- what must not hurt --------------------------------------------------------------------------


def test_too_much_memory_is_a_memory_error(zygote):
    answer = zygote.run("blob = bytearray(2 << 30)")
    assert answer.error == "MemoryError", answer


def test_many_small_pieces_of_memory_are_a_memory_error(zygote):
    answer = zygote.run("pieces = []\nwhile True: pieces.append(bytearray(1 << 20))", memory_bytes=256 << 20)
    assert answer.error == "MemoryError", answer


@needs_torch
def test_too_large_a_tensor_is_an_error_with_words(zygote):
    answer = zygote.run("import torch; torch.ones(1 << 29)")
    assert answer.error == "RuntimeError" and "memory" in answer.message, answer


def test_the_budget_comes_on_top_of_what_the_libraries_take(zygote):
    """An honest function may use most of the budget, however much torch has mapped before."""
    answer = zygote.run(
        "import numpy as np; result = float(np.ones(110 << 20, np.uint8).sum())", memory_bytes=1 << 27
    )
    assert answer.result == 110 << 20, answer


def test_processor_time_is_limited(zygote):
    answer = zygote.run("while True: pass", cpu_seconds=1, seconds=15)
    assert answer.signal == 9 and not answer.error, answer


def test_processor_time_is_limited_whatever_handlers_are_set(zygote):
    code = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    assert zygote.run(code, cpu_seconds=1, seconds=15).signal == 9


FLOOD = """
import threading, time
threading.stack_size(64 << 10)
result = 0
try:
    while result < 4000:
        threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        result += 1
except RuntimeError:
    pass
"""


def test_a_flood_of_threads_ends_at_the_limit(zygote):
    count = zygote.run(FLOOD).result
    assert 8 <= count < (64 if os.geteuid() == 0 else 3000)


def test_an_ordinary_users_flood_of_threads_ends(users_zygote):
    assert 8 <= users_zygote.run(FLOOD).result < 3000


def test_open_descriptors_are_limited(zygote):
    answer = zygote.run("import os\nwhile True: os.dup(1)")
    assert answer.error == "OSError" and "Too many open files" in answer.message, answer


def test_a_file_held_open_takes_no_more_than_its_limit():
    """What a worker prints into is open already; it cannot fill the memory by it."""
    require("landlock")
    fd = os.memfd_create("output")
    with Jailer("landlock", fd=fd) as jailer:
        code = "import os\nwhile True: os.write(worker_socket, bytes(1000))"
        answer = jailer.run(code, file_bytes=5000)
    assert answer.error == "OSError" and os.fstat(fd).st_size == 5000, answer
    os.close(fd)


def test_deep_recursion_is_a_recursion_error(zygote):
    assert zygote.run("def f(): return f()\nf()").error == "RecursionError"


def test_a_crash_ends_only_the_worker(zygote):
    assert zygote.run("import ctypes; ctypes.string_at(0)").signal == 11
    assert zygote.run("result = 1").result == 1


@pytest.mark.parametrize("level", FILTERED)
def test_workers_die_with_the_zygote(level):
    """All ends of the socket close: no process is left that holds one."""
    require(level)
    ours, theirs = socket.socketpair()
    with ours, Jailer(level, fd=theirs.fileno()) as jailer:
        theirs.close()
        jailer.send("import socket, time\nsocket.socket(fileno=worker_socket).sendall(b'up')\ntime.sleep(60)")
        ours.settimeout(5)
        assert ours.recv(2) == b"up"
        jailer.kill()
        assert ours.recv(1) == b""


# ---- what must work ------------------------------------------------------------------------------

HONEST = {
    "late_imports": """
        def summary():
            import bisect, collections, copy, dataclasses, datetime, decimal, enum, fractions, functools, heapq
            import itertools, json, math, operator, random, re, statistics, string, textwrap, time, typing, uuid
            import concurrent.futures, csv, html.parser, logging, numpy.polynomial, unittest, zoneinfo
            return json.dumps([statistics.mean([1, 3]), str(fractions.Fraction(1, 2)), str(decimal.Decimal(2))])
        result = summary() == '[2, "1/2", "2"]'
    """,
    "randomness_and_time": """
        import datetime, random, secrets, time
        import numpy as np
        time.sleep(0.001)
        random.seed(); np.random.default_rng().normal(size=3); secrets.token_bytes(3)
        result = datetime.datetime.now().year > 2000 and time.perf_counter() > 0
    """,
    "print_and_capture": """
        import contextlib, io, sys, traceback, warnings
        with contextlib.redirect_stdout(io.StringIO()) as text:
            print("hello")
        try:
            1 / 0
        except ZeroDivisionError:
            report = traceback.format_exc()
        warnings.warn("careful", stacklevel=1)
        result = text.getvalue() == "hello\\n" and "1 / 0" in report
    """,
    "threads": """
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(4) as pool:
            result = sum(pool.map(lambda n: n * n, range(10))) == 285
    """,
    "timers": """
        import signal, time
        rung, end = [], time.monotonic() + 10
        signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        while not rung and time.monotonic() < end:
            time.sleep(0.001)
        result = rung == [1]
    """,
    "linear_algebra": """
        import numpy as np
        a = np.random.default_rng(0).normal(size=(200, 200))
        u, s, v = np.linalg.svd(a)
        fft = np.fft.ifft(np.fft.fft(a)).real
        result = bool(np.allclose(u * s @ v, a) and np.allclose(fft, a) and np.einsum("ij,ij->", a, a) > 0)
    """,
    "errors_of_numpy": """
        import numpy as np
        with np.errstate(all="ignore"):
            result = bool(np.isnan(np.float64(0) / np.float64(0)))
    """,
}

HONEST_TORCH = {
    "adam": """
        import torch
        torch.manual_seed(0)
        model, x = torch.nn.Linear(3, 1), torch.randn(64, 3)
        y = x @ torch.tensor([[1.0], [2.0], [3.0]])
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        for _ in range(300):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model(x), y)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        result = loss.item() < 1e-2
    """,
    "optimizers_and_schedules": """
        import torch
        for kind in (torch.optim.SGD, torch.optim.AdamW, torch.optim.Adagrad, torch.optim.RMSprop):
            w = torch.ones(3, requires_grad=True)
            optimizer = kind([w], lr=0.1)
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)
            w.sum().backward()
            optimizer.step()
            schedule.step()
        result = True
    """,
    "dataloader": """
        import torch
        data = torch.utils.data.TensorDataset(torch.arange(10.0))
        batches = list(torch.utils.data.DataLoader(data, batch_size=3, shuffle=True, num_workers=0))
        result = len(batches) == 4
    """,
    "save": """
        import io, torch
        buffer = io.BytesIO()
        torch.save({"w": torch.ones(3)}, buffer)
        buffer.seek(0)
        result = bool(torch.load(buffer)["w"].sum() == 3)
    """,
    "vmap": """
        import torch
        x = torch.arange(6.0).reshape(2, 3)
        both = torch.vmap(torch.func.grad(lambda v: (v ** 2).sum()))(x)
        result = bool((both == 2 * x).all())
    """,
    "jit": """
        import torch
        @torch.jit.script
        def double(x):
            return x * 2 if x.sum() > 0 else x
        result = bool((double(torch.ones(2)) == 2).all())
    """,
    "jit_trace": """
        import torch
        traced = torch.jit.trace(torch.nn.Linear(2, 3), torch.ones(1, 2))
        result = traced(torch.ones(4, 2)).shape == (4, 3)
    """,
    "linalg": """
        import torch
        a = torch.randn(30, 30, dtype=torch.float64)
        q, r = torch.linalg.qr(a)
        u, s, v = torch.linalg.svd(a)
        b = a @ a.T + torch.eye(30)
        torch.linalg.solve(a, a), torch.linalg.inv(a), torch.linalg.cholesky(b), torch.linalg.eigh(b)
        result = torch.allclose(q @ r, a) and torch.allclose(u * s @ v, a)
    """,
    "convolution_and_recurrence": """
        import torch
        image = torch.nn.Conv2d(3, 8, 3, padding=1)(torch.ones(2, 3, 16, 16))
        lstm = torch.nn.LSTM(4, 5, num_layers=2, bidirectional=True, batch_first=True)
        packed = torch.nn.utils.rnn.pack_padded_sequence(torch.ones(2, 3, 4), [3, 2], batch_first=True)
        lstm(packed)[1][0].sum().backward()
        result = image.shape == (2, 8, 16, 16)
    """,
    "transformer": """
        import torch
        layer = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True)
        mask = torch.nn.Transformer.generate_square_subsequent_mask(5)
        layer(torch.ones(2, 5, 8), is_causal=True, src_mask=mask).sum().backward()
        query = torch.ones(2, 2, 5, 4)
        result = torch.nn.functional.scaled_dot_product_attention(query, query, query).shape == query.shape
    """,
    "gradcheck": """
        import torch
        x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
        result = torch.autograd.gradcheck(lambda t: torch.softmax(t, -1), x)
    """,
    "two_threads": """
        import torch
        torch.set_num_threads(2)
        a = torch.randn(600, 600)
        result = torch.get_num_threads() == 2 and bool(torch.isfinite(a @ a).all() and a.exp().sum() > 0)
    """,
    "half_precision": """
        import torch
        a = torch.ones(8, 8, dtype=torch.bfloat16)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            result = bool((a @ a).float().sum() == 512)
    """,
    "show": """
        import torch
        result = "tensor" in repr(torch.randn(3, 3)) and len(str(torch.nn.Transformer(8, 2, 1, 1, 8))) > 10
    """,
}


@pytest.mark.parametrize("name", [*HONEST, *(pytest.param(name, marks=needs_torch) for name in HONEST_TORCH)])
def test_honest_code_lives(zygote, name):
    answer = zygote.run(textwrap.dedent((HONEST | HONEST_TORCH)[name]))
    assert answer.result is True, answer


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_lives_when_an_ordinary_user_grades(users_zygote, name):
    answer = users_zygote.run(textwrap.dedent(HONEST[name]))
    assert answer.result is True, answer


def test_the_open_socket_keeps_working(zygote):
    ours, theirs = socket.socketpair()
    code = """
        import socket
        sock = socket.socket(fileno=worker_socket)
        sock.sendall(b"ping")
        sock.sendmsg([b"-", b"pong"])
        result = [sock.recv(4).decode(), sock.recvmsg(4)[0].decode()]
    """
    with ours, Jailer(zygote.level, fd=theirs.fileno()) as jailer:
        theirs.close()
        ours.sendall(b"onetwo..")
        assert jailer.run(textwrap.dedent(code)).result == ["onet", "wo.."]
        assert ours.recv(9) == b"ping-pong"


def test_confining_is_quick(zygote):
    """About 2 ms; the bound is loose because a busy machine is no fault of the jail's."""
    times = sorted(zygote.run("result = 1").confine_ms for _ in range(9))
    assert times[4] < 20, times


# ---- the ladder ----------------------------------------------------------------------------------

BEST = "from attend.sandbox import jail; print(jail.best_level())"
WHY = "from attend.sandbox import jail; print({step.name: step.why for step in jail.probe()})"


@pytest.mark.parametrize(
    "deny, level",
    [
        ("bubblewrap", "landlock"),
        ("bubblewrap,landlock", "seccomp"),
        ("bubblewrap, landlock, seccomp", "process"),
        ("limits", "process"),
    ],
)
def test_each_missing_step_is_one_rung_down(deny, level):
    require("landlock")
    assert python(BEST, ATTEND_ISOLATION_DENY=deny) == level


def test_a_container_that_denies_namespaces_gives_landlock():
    """bubblewrap is there and refuses; the probe tells in bubblewrap's own words."""
    require("landlock")
    assert python(BEST, container()) == "landlock"
    with Jailer("landlock", prefix=container()) as jailer:
        assert "landlock" in jailer.run("result = 1").steps


def test_a_container_without_landlock_closes_all_files():
    require("landlock")
    denied = container("landlock_create_ruleset")
    assert python(BEST, denied) == "seccomp"
    with Jailer("seccomp", prefix=denied) as jailer:
        assert jailer.run("import os; result = open(os.__file__)").error == "PermissionError"


def test_an_ordinary_user_gets_namespaces_as_well():
    require("namespaces")
    assert python(BEST, as_user()) == "namespaces"


def test_a_masked_proc_does_not_cost_the_namespaces():
    """Where no new /proc may be mounted the old one is shown, and Landlock closes it."""
    require("namespaces")
    if os.geteuid() != 0 or not os.path.isdir("/proc/tty"):
        pytest.skip("it takes root to mask a part of /proc")
    prefix = as_user()
    masked = (*prefix[: prefix.index("--")], "--tmpfs", "/proc/tty", *prefix[prefix.index("--") :])
    assert python(BEST, masked) == "namespaces"
    with Jailer("namespaces", prefix=masked) as jailer:
        for name in ("kill_parent", "memory_of_parent", "command_line_of_first"):
            assert_refused(name, jailer.run(ATTACKS[name]))


@pytest.mark.parametrize("level", FILTERED)
def test_root_of_a_container_with_one_user_keeps_no_right(level):
    """There is no other user to become; the capabilities go all the same, and the report does not say "user"."""
    require(level)
    require("namespaces")
    root = ("bwrap", "--unshare-user", "--uid", "0", "--gid", "0", "--dev-bind", "/", "/", "--")
    with Jailer(level, prefix=root) as jailer:
        answer = jailer.run("import os; result = os.getuid()")
        assert answer.result == 0 and "user" not in answer.steps
        for name in ("read_passwd", "write_tmp", "chroot", "mount", "fork", "tcp"):
            assert_refused(name, jailer.run(ATTACKS[name]))


def test_root_without_capabilities_still_gets_landlock():
    require("landlock")
    if os.geteuid() != 0:
        pytest.skip("this is about root")
    prefix = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--")
    assert python(BEST, prefix) == "landlock"
    with Jailer("landlock", prefix=prefix) as jailer:
        assert_refused("read_passwd", jailer.run(ATTACKS["read_passwd"]))


def test_a_process_alone_has_its_limits_and_claims_nothing_more():
    with Jailer("process") as jailer:
        answer = jailer.run("import threading; threading.Thread(target=int).start(); result = 1")
        assert answer.result == 1 and answer.steps == ["limits", "processor-time"], answer
        assert jailer.run("blob = bytearray(2 << 30)").error == "MemoryError"


def test_the_probe_says_why_and_what_is_lost():
    steps = jail.probe()
    assert [step.name for step in steps] == ["bubblewrap", "user", "landlock", "seccomp", "limits"]
    for step in steps:
        assert step.available != bool(step.why) and step.lost.endswith(".")
    assert "ATTEND_ISOLATION_DENY" in python(WHY, ATTEND_ISOLATION_DENY="seccomp")


@pytest.mark.clock
def test_the_probe_takes_little_time():
    start = time.perf_counter()
    python(WHY)
    assert time.perf_counter() - start < 5, "bound for a busy machine; about 0.4 s on a quiet one"


FOREIGN = """
import sys
sys.platform = "darwin"
for name in ("fcntl", "pwd", "grp", "pyseccomp"):
    sys.modules[name] = None
import ctypes
def nothing(*a, **k):
    raise OSError("no such library")
ctypes.CDLL = nothing
import os
for name in ("setresuid", "setgroups", "memfd_create", "O_PATH"):
    delattr(os, name)
from attend.sandbox import jail
prepared = jail.prepare("process")
print(jail.best_level(), jail.confine(jail.settle(prepared, jail.Limits())))
"""


def test_elsewhere_than_on_linux_the_module_imports_and_offers_a_process():
    assert python(FOREIGN).startswith("process ")


# ---- never silently weaker -----------------------------------------------------------------------

CONFINE = """
import dataclasses, os, threading, time
from attend.sandbox import jail
prepared = jail.prepare({level!r})
{spoil}
if os.fork() == 0:
    {late}
    try:
        jail.confine(jail.settle(prepared, jail.Limits()))
        print("confined", flush=True)
    except jail.JailError as error:
        print("JailError", error, flush=True)
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize(
    "level, spoil, late, step",
    [
        ("landlock", "os.close(prepared.ruleset)", "", "landlock"),
        ("landlock", "prepared = dataclasses.replace(prepared, program=b'')", "", "seccomp"),
        (
            "landlock",
            "",
            "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
            "single-thread",
        ),
        ("landlock", "prepared = dataclasses.replace(prepared, zygote=1)", "", "parent-death"),
        ("namespaces", "", "", "bubblewrap"),
    ],
)
def test_a_step_that_fails_is_named_and_nothing_runs(level, spoil, late, step):
    require("landlock")
    said = python(CONFINE.format(level=level, spoil=spoil, late=late or "pass"))
    assert said.startswith(f"JailError {step}: "), said


def test_no_level_by_that_name():
    with pytest.raises(jail.JailError, match="namespaces, landlock"):
        jail.wrap(["true"], "strong")


def test_without_confinement_nothing_is_claimed():
    assert jail.confine(jail.settle(jail.prepare("none"), jail.Limits())) == []


# ---- bubblewrap's view ---------------------------------------------------------------------------


def test_links_on_the_way_stay_links(tmp_path):
    (tmp_path / "real" / "lib").mkdir(parents=True)
    (tmp_path / "short").symlink_to("real")
    words = " ".join(bubblewrap.mounts([str(tmp_path / "short" / "lib")]))
    assert f"--symlink real {tmp_path}/short" in words
    assert f"--perms 0755 --dir {tmp_path}/real --ro-bind {tmp_path}/real/lib {tmp_path}/real/lib" in words


def test_what_lies_inside_a_shown_folder_is_not_shown_again(tmp_path):
    (tmp_path / "lib" / "inner").mkdir(parents=True)
    words = bubblewrap.mounts([str(tmp_path / "lib" / "inner"), str(tmp_path / "lib")])
    assert words.count("--ro-bind") == 1


def test_the_view_has_nothing_of_the_course_but_the_package():
    inside = [Path(path) for path in visible_files.readable() if Path(path).is_relative_to(COURSE)]
    parts = {path.relative_to(COURSE).parts[0] for path in inside}
    assert parts <= {"src", ".venv"}, inside
    assert not any(COURSE.is_relative_to(path) for path in visible_files.readable())


def test_a_closed_descriptor_is_noticed_before_the_start():
    with pytest.raises(OSError):
        jail.wrap([sys.executable], "process", pass_fds=(987,))


def test_the_command_itself_is_kept():
    command = jail.wrap([sys.executable, "-c", "print(1 + 1)"], "process")
    assert subprocess.run(command, capture_output=True, text=True, timeout=30).stdout == "2\n"
