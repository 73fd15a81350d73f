"""kill -9 of workers that have not confined themselves yet: the next one takes their place, up to a number."""

import os
import signal
import socket

import pytest

from attend.sandbox.backend import RemoteBackend
from attend.sandbox.client import TRIES, IsolationError, Zygote
from attend.student.protocol import Request, Result


class Unlucky(Zygote):
    """A zygote whose next `unlucky` workers are killed before they have sent anything."""

    unlucky = 0

    def fork(self, libraries=()):
        pid, sock = super().fork(libraries)
        if self.unlucky:
            self.unlucky -= 1
            os.kill(pid, signal.SIGKILL)
            # a fast one may have sent its report already
            sock.close()
            sock, other = socket.socketpair()
            other.close()
        return pid, sock


@pytest.fixture
def zygote():
    """At the level "process", where a worker's number is the same on both sides."""
    with Unlucky("numpy", "process") as started:
        yield started


@pytest.mark.parametrize("unlucky", [1, TRIES["zygote"] - 1])
def test_a_worker_killed_before_it_has_read_the_file_is_replaced(zygote, unlucky):
    zygote.unlucky = unlucky
    backend = RemoteBackend(zygote, "x.py", "def f():\n    return 7\n", 5.0)
    outcome = backend.run(Request("call", "f"), [])
    assert outcome == Result(7), outcome


def test_a_machine_that_kills_every_worker_is_told(zygote):
    zygote.unlucky = TRIES["zygote"]
    backend = RemoteBackend(zygote, "x.py", "def f():\n    return 7\n", 5.0)
    told = r"could not be confined at level 'process' \(a limit stopped it"
    with pytest.raises(IsolationError, match=told):
        backend.run(Request("call", "f"), [])
