"""A warm process that checks one saved version of a module after another. `attend watch` talks to it.

It reads requests and writes answers as lines of JSON. Where processes can fork, each check runs in a fork, which is
killed when the next request comes. Elsewhere the process checks once and ends; the watcher keeps a spare one warm.

Run as `python -m attend.checking.server COURSE [SLUG…]`: the topics to be warm for.
"""

import gc
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from attend.checking.checker import Checker
from attend.checking.parallel import HAS_CORES
from attend.course.errors import AttendError
from attend.course.syllabus import Course, load_course
from attend.sandbox.preload import warm

CAN_FORK = hasattr(os, "fork")


class Answers:
    """Where answers go: a private copy of stdout, which student code cannot print into by accident."""

    def __init__(self):
        self._fd = os.dup(1)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)

    def say(self, event: str, **data: Any) -> None:
        """Write one event, with its data, as a line of JSON."""
        os.write(self._fd, (json.dumps({"event": event, **data}) + "\n").encode())


class Checkers:
    """The checkers of the topics that were asked for so far."""

    def __init__(self, course: Course, answers: Answers):
        self._course, self._answers = course, answers
        self._checkers: dict[str, Checker] = {}
        self._number = 0

    def checker(self, slug: str) -> Checker:
        """The checker of the topic called `slug`, made and warmed up when first asked for."""
        if slug not in self._checkers:
            topic = self._course.by_slug[slug]
            warm(topic.library)
            # a NumPy topic's tests take less than a fork saves
            ahead = HAS_CORES and topic.library == "torch"
            self._checkers[slug] = Checker(self._course, topic, self._stuck, ahead)
            empty = self._course.root / "assignments" / f"{slug}.py"
            self._checkers[slug].check(empty, text="")  # a rehearsal: each test's own code has run once
        return self._checkers[slug]

    def answer(self, request: dict[str, Any]) -> None:
        """Check as asked, and say what comes of it, exercise by exercise."""
        number = self._number = request["number"]
        say = self._answers.say
        try:
            checker = self.checker(request["slug"])
            result = checker.check(
                Path(request["path"]),
                begun=lambda exercise: say("trying", number=number, exercise=exercise.name),
                ended=lambda verdict: say("verdict", number=number, verdict=verdict.to_plain()),
            )
        except AttendError as error:
            say("problem", number=number, problem=str(error), line="")
        else:
            if result.problem:
                say("problem", number=number, problem=result.problem, line=result.line)
            say("end", number=number, code=result.code)

    def _stuck(self) -> None:
        self._answers.say("stuck", number=self._number)
        os._exit(0)


def serve_by_forks(checkers: Checkers, answers: Answers) -> None:
    """Answer each line of stdin in a fork; the one before is killed if it still runs."""
    import select
    import signal
    import warnings

    warnings.filterwarnings("ignore", message=".*fork.*", category=DeprecationWarning)
    child, ended, number, unread = 0, -1, 0, b""

    def stop() -> int:
        os.close(ended)
        return os.waitpid(child, 0)[1]

    while True:
        ready, _, _ = select.select([0, ended] if child else [0], [], [])
        if child and ended in ready:
            finished = os.read(ended, 1) == b"."
            status = stop()
            child = 0
            if not finished:
                answers.say("crash", number=number, how=_how(status))
            continue
        data = os.read(0, 65536)
        *lines, unread = (unread + data).split(b"\n")
        if child and (lines or not data):
            os.kill(child, signal.SIGKILL)
            stop()
            child = 0
        if not data:
            return
        if lines:
            request = json.loads(lines[-1])
            number = request["number"]
            try:
                checkers.checker(request["slug"])  # in this process, so that the next fork finds it warm
            except AttendError as error:
                answers.say("problem", number=number, problem=str(error), line="")
                answers.say("end", number=number, code="")
                continue
            gc.freeze()
            ended, told = os.pipe()
            child = os.fork()
            if child == 0:
                _be_the_fork(checkers, request, told)
            os.close(told)


def _be_the_fork(checkers: Checkers, request: dict[str, Any], told: int) -> None:
    gc.set_threshold(100_000)  # it lives for a moment; each collection would cost a verdict some milliseconds
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        checkers.answer(request)
        os.write(told, b".")
    finally:
        os._exit(0)


def _how(status: int) -> str:
    import signal

    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        known = {member.value: member.name for member in signal.Signals}
        return f"by signal {known.get(number, number)}"
    return "by itself"


def serve_once(checkers: Checkers) -> None:
    """Answer one line of stdin in this process."""
    line = sys.stdin.readline()
    if line:
        checkers.answer(json.loads(line))


def main() -> None:
    """Serve checks on stdin and stdout: the arguments are the course and the slugs to prepare."""
    answers = Answers()
    try:
        checkers = Checkers(load_course(Path(sys.argv[1])), answers)
        for slug in sys.argv[2:]:
            with suppress(AttendError):  # it is told when somebody asks for the topic
                checkers.checker(slug)
        forks = CAN_FORK and "ATTEND_NO_FORK" not in os.environ
        answers.say("ready", forks=forks)
        if forks:
            serve_by_forks(checkers, answers)
        else:
            serve_once(checkers)
    except BaseException as error:
        answers.say("broken", why=f"{type(error).__name__}: {error}")
    os._exit(0)


if __name__ == "__main__":
    main()
