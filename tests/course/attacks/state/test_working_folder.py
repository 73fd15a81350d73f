"""The working folder, the mask of modes, the locale and the time zone are the worker's own."""

import os

ATTACK = """
import contextlib
import locale
import os
import time

for attempt in (
    lambda: os.chdir("/usr/lib"),
    lambda: os.umask(0),
    lambda: os.chroot("/tmp"),
    lambda: locale.setlocale(locale.LC_ALL, "C"),
    lambda: os.environ.update(TZ="Antarctica/Troll", PYTHONPATH="/tmp", LD_PRELOAD="/tmp/owned.so"),
    time.tzset,
):
    with contextlib.suppress(OSError):
        attempt()
"""


def test_working_folder(attack):
    folder = os.getcwd()
    attack(ATTACK).is_honest()
    assert os.getcwd() == folder
