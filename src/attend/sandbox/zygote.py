"""The zygote: a clean interpreter, exec'd, that has imported what students import and forks workers.

It never saw a test. On its control socket the grader sends one byte with a worker's socket, and gets the
worker's number; `kill` ends one, `reap` tells how one ended by itself. When the control socket closes, all end.
"""

import gc
import json
import os
import signal
import socket
import sys
import time

from attend.sandbox import jail, kernel, worker
from attend.sandbox.preload import warm
from attend.sandbox.warmup import rehearse

# Python rewrites a function for the types it meets after it has run some ten times: better once here than in each worker.
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
    limits = jail.Limits(**settings["limits"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    prepared = jail.settle(jail.prepare(settings["level"]), limits)
    worker.catch_prints()
    control.sendall(b"R")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 64, 2)
        if not message:
            break
        command, _, argument = message.decode().partition(" ")
        if command == "fork":
            pid = kernel.fork()
            if pid == 0:
                os.dup2(nothing, 0)
                _become_worker(control, descriptors, prepared)
            for descriptor in descriptors:
                os.close(descriptor)
            control.sendall(f"{pid}\n".encode())
        elif command in ("reap", "kill"):
            control.sendall(f"{_reap(int(argument), 0.2 if command == 'reap' else 0.0)}\n".encode())
    os._exit(0)


def _become_worker(control: socket.socket, descriptors: list[int], prepared: jail.Prepared) -> None:
    try:
        control.close()
        sock, output = descriptors
        worker.run_worker(jail.confine(prepared), socket.socket(fileno=sock), output)
    finally:
        os._exit(70)


def _reap(pid: int, grace: float) -> int:
    """Tell how the worker ended, as a wait status; what still lives after `grace` seconds is killed."""
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
