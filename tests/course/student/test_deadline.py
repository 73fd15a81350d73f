"""The deadline of code in this process: processor time, with a wall-clock limit four times as large."""

import subprocess
import sys
import threading
import time

import pytest

from attend.student import StudentTimeout, deadline
from attend.student.deadline import ATTEMPTS, WALL
from attend.student.deadline import deadline as within

SECONDS = 0.3


def spin(processor_seconds: float) -> None:
    """Use so much processor time, in a loop that any exception ends."""
    end = time.process_time() + processor_seconds
    while time.process_time() < end:
        pass


@pytest.mark.parametrize("loop", ["spins", "spins and sleeps"])
def test_a_loop_ends_when_its_processor_time_is_used_up(monkeypatch, loop):
    monkeypatch.setattr(deadline, "WALL", 1000.0)
    start = time.process_time()
    with pytest.raises(StudentTimeout), within(SECONDS):
        while True:
            if loop == "spins and sleeps":
                spin(0.01)
                time.sleep(0.002)
    used = time.process_time() - start
    assert SECONDS <= used < SECONDS + 1


def test_a_block_that_waits_for_longer_than_the_limit_is_not_ended(monkeypatch):
    """As one that gets no processor on a busy machine."""
    monkeypatch.setattr(deadline, "WALL", 100.0)
    start = time.monotonic()
    with within(SECONDS):
        time.sleep(2 * SECONDS)
        spin(SECONDS / 3)
    assert time.monotonic() - start > 2 * SECONDS


def test_a_block_that_only_sleeps_ends_at_the_wall_clock_limit():
    start = time.monotonic()
    with pytest.raises(StudentTimeout), within(SECONDS):
        while True:
            time.sleep(0.01)
    assert time.monotonic() - start >= WALL * SECONDS


def test_without_processor_time_a_loop_ends_at_the_wall_clock_limit(monkeypatch):
    """Also where the clock of the process does not move, as if it got no processor."""
    monkeypatch.setattr(deadline, "process_time", lambda: 7.0)
    start = time.monotonic()
    with pytest.raises(StudentTimeout), within(SECONDS):
        while True:
            pass
    assert time.monotonic() - start >= WALL * SECONDS


def test_the_time_of_other_threads_counts(monkeypatch):
    """The clock is the process's: work in another thread is the block's work too."""
    monkeypatch.setattr(deadline, "WALL", 1000.0)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            pass

    helper = threading.Thread(target=work)
    try:
        with pytest.raises(StudentTimeout), within(SECONDS):
            helper.start()
            while True:
                time.sleep(0.001)
    finally:
        stop.set()
        helper.join()


def test_what_happened_before_does_not_count():
    spin(2 * SECONDS)
    with within(SECONDS):
        spin(SECONDS / 3)


def test_code_that_catches_the_exception_is_reported_as_stuck():
    stuck = threading.Event()
    caught = 0
    with pytest.raises(StudentTimeout), within(0.05, stuck.set):
        while not stuck.is_set():
            try:
                while not stuck.is_set():
                    time.sleep(0.001)
            except StudentTimeout:
                caught += 1
        raise StudentTimeout
    assert caught == ATTEMPTS


def test_code_that_ends_in_time_is_not_reported_as_stuck():
    stuck = threading.Event()
    with within(SECONDS, stuck.set):
        pass
    assert not stuck.wait(0.2)
    assert not [thread for thread in threading.enumerate() if thread.name == "deadline"]


def test_a_module_is_loaded_to_calculate_on_one_thread(home):
    """On many threads the clock of the process would run many times as fast."""
    pytest.importorskip("torch", reason="PyTorch is an extra")
    path = home.assignment(home.topics[0])
    path.write_text("import torch\nthreads = torch.get_num_threads()\n")
    code = """if True:
        import sys, torch
        from pathlib import Path
        from attend.course.syllabus import load_course
        from attend.student.local import load_code, read_code

        torch.set_num_threads(2)
        topic, path = load_course().topics[0], Path(sys.argv[1])
        module = load_code(path, topic, read_code(path, topic).code, 10.0)
        assert (module.threads, torch.get_num_threads()) == (1, 1)
    """
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
