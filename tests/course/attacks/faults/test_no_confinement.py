"""Where the machine confines nothing, nothing is graded unless that is asked for by name."""

DENIED = {"ATTEND_ISOLATION_DENY": "bubblewrap,landlock,seccomp"}


def test_no_confinement(start, slow_class):
    grading = start(slow_class, env=DENIED)
    code, error = grading.end()
    assert code == 1, error
    assert "cannot confine students' code, so nothing was graded" in error and "--isolation=none" in error
    assert not (grading.out / "grades.csv").exists()
