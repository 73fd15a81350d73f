"""Where the machine offers less, everything is graded alike, and every page says how strongly it was confined."""

import pytest

from attend.sandbox import jail


@pytest.mark.parametrize("denied", ["bubblewrap", "bubblewrap,landlock"])
def test_weaker_confinement(start, slow_class, undisturbed, denied):
    if jail.best_level() not in ("namespaces", "landlock"):
        pytest.skip(f"this machine gives level {jail.best_level()} at best")
    grading = start(slow_class, env={"ATTEND_ISOLATION_DENY": denied})
    code, error = grading.end()
    assert code == 0, error
    assert grading.rows() == undisturbed
    page = next((grading.out / "feedback").rglob("*.html")).read_text()
    assert f"isolation: {'seccomp' if 'landlock' in denied else 'landlock'}" in page
