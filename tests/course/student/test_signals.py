"""Ctrl-C while processes are started is neither lost nor heard by them."""

import os
import signal
import subprocess
import sys

import pytest

from attend.student.signals import interrupts_ignored

LISTENS = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"


@pytest.fixture(autouse=True)
def heard():
    """Ctrl-C raises here, whatever it does in the process that runs the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_that_comes_in_the_block_is_raised_after_it():
    reached = False
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with interrupts_ignored():
            os.kill(os.getpid(), signal.SIGINT)
            reached = True
    assert reached
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_comes_before_an_error_of_the_block():
    with pytest.raises(KeyboardInterrupt), interrupts_ignored():
        os.kill(os.getpid(), signal.SIGINT)
        raise ValueError("the pool is broken")


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows has no mask of signals")
def test_a_process_that_is_started_in_the_block_does_not_get_it():
    with interrupts_ignored():
        inside = subprocess.run([sys.executable, "-c", LISTENS], capture_output=True, text=True, check=True)
    outside = subprocess.run([sys.executable, "-c", LISTENS], capture_output=True, text=True, check=True)
    assert (inside.stdout.strip(), outside.stdout.strip()) == ("True", "False")
