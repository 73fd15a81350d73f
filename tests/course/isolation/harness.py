"""A small zygote for the tests of the jail: each snippet runs in a confined fork, and tells what came of it.

The programs are strings because inside bubblewrap's view there is no tests folder to run them from.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field

from attend.sandbox import jail

SECONDS = 20  # the longest that one snippet may take

# Become what jail.wrap says, so that it is worked out by whatever user and in whatever surroundings we run.
LAUNCHER = """
import os, sys
from attend.sandbox import jail
level, program, *arguments = sys.argv[1:]
command = jail.wrap([sys.executable, "-c", program, level, *arguments], level)
os.execvp(command[0], command)
"""

ZYGOTE = """
import dataclasses, json, linecache, os, select, signal, sys, time
level, socket_fd, *libraries = sys.argv[1:]
for name in libraries:
    __import__(name)
if "torch" in libraries:
    import torch
    torch.set_num_threads(1)
    torch.optim.Adam([torch.ones(1, requires_grad=True)])
from attend.sandbox import jail
from attend.sandbox import kernel
prepared = jail.prepare(level)
print("ready", flush=True)


def run(code):
    lines = code.splitlines(keepends=True)
    linecache.cache["submission.py"] = (len(code), None, lines, "submission.py")
    names = {"__name__": "submission", "worker_socket": int(socket_fd)}
    exec(compile(code, "submission.py", "exec"), names)
    return names.get("result")


def zygote(request, pipe):
    # one of its own for each request, which may ask for other limits
    limits = jail.Limits(**request["limits"])
    settled = jail.settle(dataclasses.replace(prepared, zygote=os.getpid()), limits)
    if settled.settled:
        kernel.prctl("parent-death", kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    pid = kernel.fork()
    if pid == 0:
        child(settled, request, pipe)
    os.close(pipe)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
        signal.pause()
    os._exit(0)


def child(settled, request, pipe):
    answer, start = {}, time.perf_counter()
    try:
        answer["steps"] = jail.confine(settled)
        answer["confine_ms"] = 1000 * (time.perf_counter() - start)
        text = json.dumps(answer | {"result": run(request["code"])})
    except BaseException as error:
        text = json.dumps(answer | {"error": type(error).__name__, "message": str(error)})
    os.write(pipe, text.encode())
    os._exit(0)


for line in sys.stdin:
    request = json.loads(line)
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        zygote(request, theirs)
    os.close(theirs)
    if not select.select([ours], [], [], request["seconds"])[0]:
        os.kill(pid, signal.SIGKILL)
    with open(ours) as pipe:
        text = pipe.read()
    status = os.waitpid(pid, 0)[1]
    answer = json.loads(text) if text else {}
    print(json.dumps(answer | {"signal": status & 0x7F}), flush=True)
"""


@dataclass
class Answer:
    """What came of a snippet: its `result`, or the `error` it raised, or the `signal` it died of."""

    result: object = None
    error: str = ""
    message: str = ""
    signal: int = 0
    confine_ms: float = 0.0
    steps: list[str] = field(default_factory=list)


class Jailer:
    """One zygote at one level. Use it in a `with`.

    Args:
        prefix: a command line to run everything in.
        fd: a descriptor that the workers find as `worker_socket`.
    """

    def __init__(self, level: str, libraries: str = "", prefix: tuple[str, ...] = (), fd: int = 0):
        self.level = level
        python = [*prefix, sys.executable, "-c"]
        self._process = subprocess.Popen(
            [*python, LAUNCHER, level, ZYGOTE, str(fd), *libraries.split()],
            pass_fds=(fd,) if fd else (),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env=environment(),
        )
        assert self._process.stdout.readline() == "ready\n"

    def send(self, code: str, seconds: float = SECONDS, **limits: int) -> None:
        request = {"code": code, "seconds": seconds, "limits": asdict(jail.Limits(**limits))}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def run(self, code: str, seconds: float = SECONDS, **limits: int) -> Answer:
        self.send(code, seconds, **limits)
        return Answer(**json.loads(self._process.stdout.readline()))

    def kill(self) -> None:
        self._process.kill()

    def __enter__(self) -> "Jailer":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdout.close()
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def environment(**variables: str) -> dict[str, str]:
    """The environment with this checkout's package in front, for children of the tests."""
    source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(jail.__file__))))
    return {**os.environ, "PYTHONPATH": source, **variables}


def python(code: str, prefix: tuple[str, ...] = (), **variables: str) -> str:
    """What `code` prints, run by a new interpreter."""
    command = [*prefix, sys.executable, "-c", code]
    done = subprocess.run(
        command, env=environment(**variables), stdout=subprocess.PIPE, text=True, timeout=60, check=True
    )
    return done.stdout.strip()
