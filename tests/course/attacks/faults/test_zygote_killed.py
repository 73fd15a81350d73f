"""kill -9 of the process that forks the workers, twice in a batch: every grade is as if nothing had happened."""


def test_zygote_killed(start, slow_class, undisturbed):
    grading = start(slow_class, "--jobs", 1)
    for _ in range(2):
        zygote = grading.until(lambda: grading.workers() and grading.zygotes())[0]
        zygote.kill()
        grading.until(lambda number=zygote.pid: number not in {each.pid for each in grading.zygotes()})
    code, error = grading.end()
    assert code == 0, error
    assert grading.rows() == undisturbed
