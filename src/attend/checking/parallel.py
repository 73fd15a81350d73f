"""Check the last exercises of a topic in a forked process, on another core."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import BinaryIO

from attend.course.syllabus import Exercise, Topic
from attend.testing.verdict import ExerciseVerdict

HAS_CORES = hasattr(os, "fork") and (os.cpu_count() or 1) > 1
MakeVerdict = Callable[[Exercise], ExerciseVerdict]


class ForkedChecks:
    """The verdicts that the forked process makes, while this process checks the first exercises.

    A pipe holds one token for each exercise; a process takes a token before it checks its next exercise. This process
    goes forwards, the fork backwards, so each exercise is checked once and both finish at about the same time.
    """

    def __init__(self, topic: Topic, tokens: int, lines: BinaryIO):
        self._topic, self._tokens, self._lines = topic, tokens, lines
        self._verdicts: dict[Exercise, ExerciseVerdict] = {}

    def take(self) -> bool:
        """Take a token. False where there is none: the fork has begun the next exercise."""
        return _take_token(self._tokens)

    def verdict(self, exercise: Exercise) -> ExerciseVerdict | None:
        """The fork's verdict, waited for; None where the fork ended without it."""
        while exercise not in self._verdicts:
            line = self._lines.readline()
            if not line.endswith(b"\n"):
                return None
            verdict = ExerciseVerdict.from_plain(json.loads(line), self._topic)
            self._verdicts[verdict.exercise] = verdict
        return self._verdicts[exercise]


@contextmanager
def forked_checks(
    topic: Topic, exercises: Sequence[Exercise], make_verdict: MakeVerdict
) -> Iterator[ForkedChecks]:
    """Fork a process that checks `exercises` from the last one on; it is ended with the block.

    What goes wrong in the fork costs only time: this process has to check the exercise again, and reports the problem.
    """
    tokens, tokens_in = os.pipe()
    os.set_blocking(tokens, False)
    os.write(tokens_in, bytes(len(exercises)))
    verdicts, verdicts_in = os.pipe()
    fork = os.fork()
    if fork == 0:
        os.close(verdicts)
        _run_fork(exercises, make_verdict, tokens, verdicts_in)
    os.close(tokens_in)
    os.close(verdicts_in)
    try:
        with open(verdicts, "rb") as lines:
            yield ForkedChecks(topic, tokens, lines)
    finally:
        os.kill(fork, signal.SIGKILL)
        os.waitpid(fork, 0)
        os.close(tokens)


def _run_fork(exercises: Sequence[Exercise], make_verdict: MakeVerdict, tokens: int, verdicts: int) -> None:
    with suppress(BaseException), open(verdicts, "wb", buffering=0) as out:
        for exercise in reversed(exercises):
            if not _take_token(tokens):
                break
            out.write(json.dumps(make_verdict(exercise).to_plain()).encode() + b"\n")
    os._exit(0)


def _take_token(tokens: int) -> bool:
    try:
        return os.read(tokens, 1) != b""
    except BlockingIOError:
        return False
