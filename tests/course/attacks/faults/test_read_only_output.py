"""An output folder that cannot be written to is named before anything is graded."""

import ctypes
import os

CAP_DAC_OVERRIDE, PR_CAPBSET_DROP = 1, 24


def without_privilege():
    """Root may write anywhere; a root without this capability may not."""
    if os.geteuid() == 0:
        assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) == 0


def test_read_only_output(start, slow_class, tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o555)
    grading = start(slow_class, out=out, preexec_fn=without_privilege)
    code, error = grading.end()
    assert code == 2, error
    assert "Traceback" not in error
    assert "cannot be opened for writing" in error and "name another --out" in error
    assert not list(out.iterdir())
