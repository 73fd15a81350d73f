"""Ctrl-C ends a batch in one sentence and keeps what is graded; started again it ends with the same grades."""

import signal

import psutil


def test_interrupted(start, slow_class, undisturbed):
    first = start(slow_class, start_new_session=True)
    first.until(lambda: first.graded() >= 2)
    family = first.family()
    psutil.Process(first.process.pid).send_signal(signal.SIGINT)
    code, error = first.end()
    assert code == 130
    assert "Traceback" not in error and "stopped" in error
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]
    second = start(slow_class, "--jobs", 1)
    assert second.end()[0] == 0
    assert second.rows() == undisturbed
