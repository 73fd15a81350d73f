"""kill -9 of `attend grade` itself: nothing of it lives on, and started again it ends with the same grades."""

import psutil


def test_grader_killed(start, slow_class, undisturbed):
    first = start(slow_class, "--jobs", 1)
    first.until(lambda: first.graded() >= 3)
    family = first.family()
    first.process.kill()
    first.process.communicate()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]
    assert not (first.out / "grades.csv").exists()
    assert 3 <= first.graded() < 12
    second = start(slow_class, "--jobs", 1)
    code, error = second.end()
    assert code == 0, error
    assert second.rows() == undisturbed
