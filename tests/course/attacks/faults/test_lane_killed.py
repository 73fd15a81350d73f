"""kill -9 of one of two grading processes: what it had under way is graded by another."""


def test_lane_killed(start, slow_class, undisturbed):
    grading = start(slow_class, "--jobs", 2)
    grading.until(lambda: grading.graded() >= 2)
    grading.until(lambda: grading.family("spawn_main"))[0].kill()
    code, error = grading.end()
    assert code == 0, error
    assert grading.rows() == undisturbed
