"""Calculate on one thread: what runs side by side here are processes, and a process that used two cannot be forked."""

import os
import sys

# NumPy's and PyTorch's libraries read these when they are loaded; a waiting thread leaves its core to others
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}


def use_one_thread() -> None:
    """This process and those that it starts calculate on one thread; NumPy does so only if it is imported later."""
    os.environ.update(ONE_THREAD)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
