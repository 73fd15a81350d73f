"""How a worker begins: confined as its zygote is and by its own steps, with the text that an earlier one compiled."""

import os

import pytest

from attend.sandbox.backend import RemoteBackend
from attend.student import Student
from attend.student.errors import StudentCrashed

TEXT = "count = 0\n\n\ndef f():\n    global count\n    count += 1\n    return count\n"


def backend_of(zygote, text: str) -> RemoteBackend:
    return RemoteBackend(zygote, "code.py", text, 10.0)


def test_a_submission_is_compiled_once_and_run_in_every_worker(zygote):
    backend = backend_of(zygote, TEXT)
    assert Student(backend).f() == 1
    code = backend.worker.code
    assert code is not None
    backend.begin(fresh=True)
    assert Student(backend).f() == 1  # its module is a new one
    assert backend.worker.code is code
    backend.close()


def test_a_worker_answers_one_exercise_after_the_other(zygote):
    backend = backend_of(zygote, TEXT)
    assert not backend.is_used and Student(backend).f() == 1
    backend.begin()
    assert backend.is_used and Student(backend).f() == 2
    backend.begin(fresh=True)
    assert not backend.is_used and Student(backend).f() == 1
    backend.close()


def test_a_worker_that_has_used_much_time_is_not_kept(zygote, monkeypatch):
    """A worker may use 30 seconds in all, and an exercise has a limit of its own."""
    monkeypatch.setattr("attend.sandbox.backend._KEPT_SECONDS", 0.05)
    backend = backend_of(zygote, "def f():\n    return sum(range(5_000_000))\n")
    first = backend.worker
    Student(backend).f()
    backend.begin()
    assert not backend.is_used and backend.worker is not first
    backend.close()


def test_a_crash_leaves_no_used_worker(zygote):
    backend = backend_of(zygote, TEXT + "\n\ndef crash():\n    import os\n\n    os._exit(3)\n")
    assert Student(backend).f() == 1
    backend.begin()
    with pytest.raises(StudentCrashed):
        Student(backend).crash()
    assert Student(backend).f() == 1 and not backend.is_used
    backend.close()


LIMITS = """
import os
import resource


def f():
    limits = [resource.getrlimit(number)[1] for number in (resource.RLIMIT_CPU, resource.RLIMIT_AS)]
    return [min(limits) > 0, min(os.getresuid()) > 0]
"""


def test_a_worker_has_the_confinement_of_its_zygote_and_its_own(zygote):
    backend = backend_of(zygote, LIMITS)
    limited, another_user = Student(backend).f()
    steps = set(backend.worker.steps)
    assert {"limits", "undumpable", "no-new-privileges"} <= steps  # the zygote's
    assert {"processor-time", "parent-death", "seccomp"} <= steps  # the worker's
    assert limited and another_user == ("user" in steps or os.geteuid() != 0)
    backend.close()


def test_what_cannot_be_compiled_is_told_by_every_worker(zygote):
    backend = backend_of(zygote, "def f(:\n")
    for _ in range(2):
        assert backend.worker_failure.kind == "syntax"
        assert backend.worker_failure.line == 1
        backend.begin()
    backend.close()


FORGED = """
import marshal
import os
import socket

import numpy as np

from attend.sandbox.connection import frame

code = marshal.dumps(compile("def f(): return 'forged'", "code.py", "exec"))
for descriptor in range(3, 64):
    try:
        stream = socket.socket(fileno=os.dup(descriptor))
        stream.send(frame(0, "compiled", np.frombuffer(code, np.uint8)))
    except OSError:
        pass


def f():
    return "own"
"""


def test_a_submission_cannot_hand_out_other_code(zygote):
    """A worker has sent the code before it runs: whatever more comes is a breach, and no later worker runs it."""
    backend = backend_of(zygote, FORGED)
    for _ in range(2):
        with pytest.raises(StudentCrashed, match="something that is no answer"):
            Student(backend).f()
        backend.begin()
    backend.close()
