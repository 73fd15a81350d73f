"""The zygote: a clean interpreter, exec'd, that has imported what students import and forks workers.

No test is ever loaded in it. Commands on its control socket: `fork`, sent with a worker's socket, answers the worker's
process number; `kill` ends a worker and `reap` says how one ended by itself, both as a wait status; `time` answers the
processor time of a worker in nanoseconds. When the control socket closes, all end.
"""

import gc
import io
import json
import os
import signal
import socket
import sys
import time

from attend.sandbox import jail, kernel, worker
from attend.sandbox.preload import warm
from attend.sandbox.warmup import rehearse

# Python specialises a function for the types it meets after some ten runs: better here than in each worker.
REHEARSALS = 20


class NoTorch:
    """In NumPy topics PyTorch is not there: importing it would take seconds, and more memory than a worker has."""

    def find_spec(self, name: str, path=None, target=None) -> None:
        """Find nothing, but refuse torch.

        Raises:
            ModuleNotFoundError: `name` is torch.
        """
        if name == "torch":
            raise ModuleNotFoundError("PyTorch is not there in a NumPy topic", name=name)


def main() -> None:
    """Run as `python -m attend.sandbox.zygote FD LIBRARY SETTINGS`; SETTINGS is JSON: level and limits."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[3])
    warm(sys.argv[2])
    for _ in range(REHEARSALS):
        rehearse(sys.argv[2])
    gc.collect()
    gc.freeze()
    if sys.argv[2] != "torch":
        sys.meta_path.insert(0, NoTorch())
    prepared = jail.settle(jail.prepare(settings["level"]), jail.Limits(**settings["limits"]))
    control.sendall(b"R")
    _discard_prints()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        if not message:
            break
        command, _, argument = message.decode().partition(" ")
        if command == "fork":
            pid = kernel.fork()
            if pid == 0:
                _become_worker(control, descriptors[0], prepared)
            os.close(descriptors[0])
            answer = pid
        elif command == "time":
            answer = _processor_time(int(argument))
        else:
            answer = _reap(int(argument), 0.2 if command == "reap" else 0.0)
        control.sendall(f"{answer}\n".encode())
    os._exit(0)


def _discard_prints() -> None:
    """Nobody reads what submissions print: both streams go where standard output went from the beginning."""
    os.dup2(1, 2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _become_worker(control: socket.socket, descriptor: int, prepared: jail.Prepared) -> None:
    try:
        control.close()
        worker.run_worker(jail.confine(prepared), socket.socket(fileno=descriptor))
    finally:
        os._exit(70)


def _processor_time(pid: int) -> int:
    """Nanoseconds of processor time that a worker has used; -1 where it is gone."""
    try:
        # the clock of another process, as clock_getcpuclockid(3) makes its number
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return -1


def _reap(pid: int, grace: float) -> int:
    """How the worker ended, as a wait status; what still lives after `grace` seconds is killed."""
    deadline = time.monotonic() + grace
    done, status = os.waitpid(pid, os.WNOHANG)
    while done == 0 and time.monotonic() < deadline:
        time.sleep(0.002)
        done, status = os.waitpid(pid, os.WNOHANG)
    if done == 0:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    return status


if __name__ == "__main__":
    main()
