"""The zygote: a clean interpreter, exec'd, that has imported what students import and forks workers.

No test is ever loaded in it. Commands on its control socket: `fork`, sent with a worker's socket and the libraries that it
needs, answers the worker's process number; `kill` ends a worker and `reap` says how one ended by itself, both as a wait
status; `time` answers the processor time of a worker in nanoseconds. When the control socket closes, all end.
"""

import io
import json
import os
import select
import signal
import socket
import sys
import time

from attend.sandbox import huge_pages, jail, kernel, libraries, worker
from attend.sandbox.folder import WorkFolders, enter
from attend.sandbox.preload import warm

LOOK_SECONDS = 0.05  # between two looks at how much workers have written


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
    """Run as `python -m attend.sandbox.zygote FD LIBRARY SETTINGS`; SETTINGS is JSON: level, limits and folders."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[3])
    warm(sys.argv[2])
    libraries.give_threads_for_processes()
    if sys.argv[2] == "torch":
        libraries.run_without_compiling()
    else:
        sys.meta_path.insert(0, NoTorch())
    folders = WorkFolders(settings["folder"])
    # at level seccomp it imports more than at the others
    prepared = jail.prepare(settings["level"], folders)
    huge_pages.gather()
    prepared = jail.settle(prepared, jail.Limits(**settings["limits"]))
    enter(folders.root)
    control.sendall(b"R")
    _discard_prints()
    _Workers(control, prepared, folders, settings["inherited"]).serve()
    os._exit(0)


class _Workers:
    """Forks workers and ends them, at the grader's word.

    inherited: descriptors of this process that its workers do not get.
    """

    def __init__(
        self, control: socket.socket, prepared: jail.Prepared, folders: WorkFolders, inherited: list[int]
    ):
        self._control, self._prepared, self._folders = control, prepared, folders
        self._inherited = [control.fileno(), *inherited]
        self._living: dict[int, str] = {}  # the folder of each worker, by its process number

    def serve(self) -> None:
        """Carry out commands until the control socket closes; then nothing is left in the folders."""
        while True:
            self._watch_folders()
            message, descriptors, _, _ = socket.recv_fds(self._control, 1024, 1)
            if not message:
                break
            command, *arguments = message.decode().split()
            if command == "fork":
                answer = self._fork(descriptors[0], arguments)
            elif command == "time":
                answer = _processor_time(int(arguments[0]))
            else:
                answer = _reap(int(arguments[0]), 0.2 if command == "reap" else 0.0)
                self._living.pop(int(arguments[0]), None)
                self._folders.clear(self._living.values())
            self._control.sendall(f"{answer}\n".encode())
        for pid in self._living:
            _reap(pid, 0.0)
        self._folders.clear(())

    def _fork(self, descriptor: int, names: list[str]) -> int:
        libraries.add(names)
        folder = self._folders.new()
        pid = kernel.fork()
        if pid == 0:
            _become_worker(self._inherited, descriptor, self._prepared, folder)
        os.close(descriptor)
        self._living[pid] = folder
        return pid

    def _watch_folders(self) -> None:
        """Wait for a command, and end a worker whose folder grows beyond its limit."""
        if not self._folders.root:
            return
        while not select.select([self._control], [], [], LOOK_SECONDS if self._living else None)[0]:
            for pid, folder in self._living.items():
                if self._folders.is_full(folder):
                    os.kill(pid, signal.SIGKILL)


def _discard_prints() -> None:
    """Nobody reads what submissions print: both streams go where standard output went from the beginning."""
    os.dup2(1, 2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _become_worker(inherited: list[int], descriptor: int, prepared: jail.Prepared, folder: str) -> None:
    try:
        for each in inherited:
            os.close(each)
        worker.run_worker(jail.confine(prepared, folder), socket.socket(fileno=descriptor))
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
