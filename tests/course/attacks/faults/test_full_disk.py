"""No room for the gradebook: one sentence, what is in it is kept, and with room again the batch goes on."""

import resource

from .conftest import whole


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))


def test_full_disk(start, slow_class, undisturbed):
    first = start(slow_class, preexec_fn=small_files)
    code, error = first.end()
    assert code == 2, error
    assert "Traceback" not in error
    assert "gradebook.sqlite cannot be" in error and "name another --out" in error or "make room" in error
    assert whole(first.out) and not (first.out / "grades.csv").exists()
    second = start(slow_class, "--jobs", 1)
    code, error = second.end()
    assert code == 0, error
    assert second.rows() == undisturbed
