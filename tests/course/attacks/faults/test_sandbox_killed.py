"""kill -9 of bubblewrap around the zygote ends what is inside; another one takes its place."""

import pytest


def test_sandbox_killed(start, slow_class, undisturbed, level):
    if level != "namespaces":
        pytest.skip(f"no bubblewrap at level {level}")
    grading = start(slow_class, "--jobs", 1)
    grading.until(grading.workers)
    inside = {each.pid for each in grading.zygotes()}
    for sandbox in grading.family("bwrap"):
        sandbox.kill()
    grading.until(lambda: not inside & {each.pid for each in grading.zygotes()})
    code, error = grading.end()
    assert code == 0, error
    assert grading.rows() == undisturbed
