"""kill -9 of workers in the middle of their calls, by nobody's fault but the machine's, costs no student a point."""

import psutil


def test_worker_killed(start, slow_class, undisturbed):
    grading = start(slow_class, "--jobs", 1)
    killed = set()
    while len(killed) < 5 and (found := grading.until(grading.workers)):
        graded = grading.graded()
        try:
            found[0].kill()
        except psutil.NoSuchProcess:
            # it was done before
            continue
        killed.add(found[0].pid)
        # one of each submission's workers at most
        grading.until(lambda before=graded: grading.graded() > before)
    code, error = grading.end()
    assert code == 0, error
    assert len(killed) == 5
    assert grading.rows() == undisturbed
