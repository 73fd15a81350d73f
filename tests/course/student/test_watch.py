"""`attend watch`: a verdict on every save, whatever the code does."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time

import pytest

from ..common import wait_until

ENDS = "watching assignments/t01_tiny.py"


class Watched:
    """`attend watch` in a process of its own, and what it has printed."""

    def __init__(self, root, **environment: str):
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "attend", "watch", "t01"],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.first = self.verdict()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def verdict(self) -> str:
        """What it prints up to the end of the next check."""
        said = []
        while True:
            line = self._lines.get(timeout=60)
            assert line is not None, "".join(said)
            said.append(line)
            if ENDS in line:
                return "".join(said)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        try:
            self.process.wait(10)
        finally:
            self.process.kill()


@pytest.fixture
def watched(home):
    """Start it; stop whatever was started."""
    started = []

    def start(**environment: str) -> Watched:
        started.append(Watched(home.root, **environment))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def test_a_save_is_followed_by_its_verdict_and_what_is_next(watched, write_answers):
    run = watched()
    assert "· t01.1 scale  not done yet" in run.first
    write_answers(shifted="return x")
    said = run.verdict()
    assert "✓ t01.1 scale" in said
    assert "✗ t01.2 shifted" in said
    assert "Next: t01.2 shifted" in said
    assert "ms after the save" in said
    write_answers()
    assert "★ t01 is done" in run.verdict()


def test_it_survives_whatever_the_code_does(watched, write_answers):
    run = watched()
    for answers, words in [
        ({"after": "def (:"}, "Python cannot read t01_tiny.py"),
        ({"after": "import no_such_library"}, "assignments/t01_tiny.py:12 was left out, because it raised"),
        ({"after": "import sys; sys.exit(1)"}, "calls sys.exit() when it is loaded"),
        ({"after": "import os; os._exit(1)"}, "t01_tiny.py ended the process"),
        ({"scale": "raise SystemExit"}, "it called sys.exit()"),
        ({"scale": "import os; os._exit(0)"}, "t01.1 scale ended the process"),
        ({"scale": "import os; os.abort()"}, "t01.1 scale ended the process"),
        ({"scale": "\n    while True:\n        pass"}, "does a loop never end?"),
    ]:
        write_answers(**answers)
        assert words in run.verdict()
    write_answers()
    assert "✓ t01.2 shifted" in run.verdict()


def test_a_save_while_a_loop_runs_is_not_kept_waiting(watched, write_answers, tmp_path):
    run, begun = watched(), tmp_path / "begun"
    write_answers(scale=f"\n    open({str(begun)!r}, 'w').close()\n    while True:\n        pass")
    wait_until(begun.exists)
    write_answers()
    said = run.verdict()
    assert "✓ t01.1 scale" in said
    assert "does a loop never end?" not in said


def test_without_fork_a_spare_process_is_kept_warm(watched, write_answers):
    run = watched(ATTEND_NO_FORK="1")
    for _ in range(2):
        write_answers()
        assert "✓ t01.2 shifted" in run.verdict()
    write_answers(scale="import os; os._exit(0)")
    assert "t01.1 scale ended the process" in run.verdict()
    write_answers()
    assert "✓ t01.2 shifted" in run.verdict()


@pytest.mark.clock
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a warm fork is what is fast")
def test_the_verdict_comes_at_once(watched, write_answers):
    """150 ms on a quiet machine; the best of ten on a busy one."""
    run = watched()
    seconds = []
    for _ in range(10):
        start = time.monotonic()
        write_answers()
        run.verdict()
        seconds.append(time.monotonic() - start)
    print(f"save to verdict, best of ten: {min(seconds) * 1000:.0f} ms")
    assert min(seconds) < 0.5


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no Ctrl-C to another process")
def test_ctrl_c_ends_it_and_its_processes(watched):
    run = watched()
    run.stop()
    assert run.process.returncode == 0


def silent(*_folders, **_about):
    """A system that reports nothing, as a disk of the network."""
    while True:
        time.sleep(0.05)
        yield set()


def refusing(*_folders, **_about):
    raise OSError("inotify watch limit reached")
    yield


@pytest.mark.parametrize("system", [silent, refusing])
def test_where_no_events_arrive_a_save_is_seen_all_the_same(home, write_answers, monkeypatch, system):
    import watchfiles

    from attend.checking import watch

    monkeypatch.setattr(watchfiles, "watch", system)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.05)
    watcher = watch.Watcher(home, list(home.topics), None)
    threading.Thread(target=watcher._follow_saves, daemon=True).start()
    time.sleep(0.2)
    assert watcher._inputs.empty()
    write_answers()
    assert watcher._inputs.get(timeout=20) == watch._Saved({home.assignment(home.topics[0])})
