"""kill -9 of workers in the middle of their calls, by nobody's fault but the machine's, costs no student a point."""

import time


def test_worker_killed(start, slow_class, undisturbed):
    grading = start(slow_class, "--jobs", 1)
    killed = set()
    while len(killed) < 5 and (found := grading.until(grading.workers)):
        found[0].kill()
        killed.add(found[0].pid)
        time.sleep(0.3)
    code, error = grading.end()
    assert code == 0, error
    assert len(killed) == 5
    assert grading.rows() == undisturbed
