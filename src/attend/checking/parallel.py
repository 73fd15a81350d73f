"""Exercises tried ahead, from the last one backwards, by a fork on another core."""

import json
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

from attend.course.syllabus import Exercise, Topic
from attend.testing.verdict import ExerciseVerdict

HAS_CORES = hasattr(os, "fork") and (os.cpu_count() or 1) > 1


class Ahead:
    """Verdicts on the last of `exercises`, made by a fork while this process makes those on the first.

    Who wants to try a next one takes a token out of a pipe, so both end at the same time. The fork only ever saves
    time: what goes wrong in it is tried again here, where it is told as always.
    """

    def __init__(
        self, topic: Topic, exercises: Sequence[Exercise], verdict: Callable[[Exercise], ExerciseVerdict]
    ):
        self._topic = topic
        self._made: dict[Exercise, ExerciseVerdict] = {}
        self._tokens, tokens = os.pipe()
        os.set_blocking(self._tokens, False)
        os.write(tokens, bytes(len(exercises)))
        reader, writer = os.pipe()
        self._fork = os.fork()
        if self._fork == 0:
            with suppress(BaseException), open(writer, "wb", buffering=0) as out:
                os.close(reader)
                for exercise in reversed(exercises):
                    if not self.claim():
                        break
                    out.write(json.dumps(verdict(exercise).to_plain()).encode() + b"\n")
            os._exit(0)
        os.close(tokens)
        os.close(writer)
        self._lines = open(reader, "rb")  # noqa: SIM115 - `__exit__` closes it

    def claim(self) -> bool:
        """Whether there is an exercise left that the other side has not begun."""
        try:
            return os.read(self._tokens, 1) != b""
        except BlockingIOError:
            return False

    def verdict(self, exercise: Exercise) -> ExerciseVerdict | None:
        """The fork's verdict, waited for; None where it came to none."""
        while exercise not in self._made:
            line = self._lines.readline()
            if not line.endswith(b"\n"):
                return None
            verdict = ExerciseVerdict.from_plain(json.loads(line), self._topic)
            self._made[verdict.exercise] = verdict
        return self._made[exercise]

    def __enter__(self) -> "Ahead":
        return self

    def __exit__(self, *_raised) -> None:
        os.kill(self._fork, signal.SIGKILL)  # what it still tries nobody waits for
        os.waitpid(self._fork, 0)
        os.close(self._tokens)
        self._lines.close()
