"""Where the processor's time of a grade goes, and the least that it could be: the student's calls alone."""

import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace

import psutil

from attend.course.syllabus import Course, Topic
from attend.grading.asking import Asker
from attend.grading.course_grader import Lane
from attend.grading.diagnosis import Diagnostician
from attend.sandbox.client import Zygote
from attend.sandbox.worker_client import Worker
from attend.student import Student, settings, values
from attend.student.executor import Executor
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.student.protocol import Request
from attend.submissions.submission import Submission
from attend.testing.plugin import SEED
from attend.testing.session import TopicTests

PARTS = ("fork", "load", "calls", "oracles", "carrying", "diagnosis", "reports")
# what happens inside these counts as theirs
_WHOLE = ("carrying", "diagnosis")


class _Account:
    """Seconds of processor by part. A part inside another is not counted twice."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._open: list[str] = ["reports"]
        self._since = time.process_time()

    def turn(self) -> None:
        now = time.process_time()
        self.spent[self._open[-1]] += now - self._since
        self._since = now

    @contextmanager
    def part(self, name: str, worker: Worker | None = None):
        """What this process, and `worker`, use in here."""
        name = self._open[-1] if self._open[-1] in _WHOLE else name
        self.turn()
        self._open.append(name)
        try:
            yield
        finally:
            self.turn()
            self._open.pop()
            if worker is not None:
                before = worker.used
                self.spent[name] += (worker.measure() or before) - before
                # asking for it is not the grade's
                self._since = time.process_time()

    def around(self, owner: type, method: str, name: str, worker: bool = False):
        """Count a method as a part; returns what undoes it."""
        plain = getattr(owner, method)

        def counted(this, *args, **kwargs):
            with self.part(name, this if worker else None):
                return plain(this, *args, **kwargs)

        setattr(owner, method, counted)
        return lambda: setattr(owner, method, plain)


def split(
    course: Course, topic: Topic, level: str, before: list[Submission], submissions: list[Submission]
) -> dict[str, float]:
    """Milliseconds of processor of a grade, by part; what the zygote uses to fork is part of `fork`.

    before: submissions that are graded first and not measured.
    """
    with Lane(course, level) as lane:
        grader = lane.grader(topic)
        for submission in before:
            grader.grade(submission)
        zygote = lane._zygotes[topic.library]
        account = _Account()
        undo = [
            account.around(Zygote, "fork", "fork"),
            account.around(Zygote, "end", "fork"),
            account.around(Worker, "load", "load", worker=True),
            account.around(Worker, "run", "calls", worker=True),
            account.around(Worker, "play", "calls", worker=True),
            account.around(TopicTests, "run", "oracles"),
            account.around(Asker, "ask_on", "carrying"),
            account.around(Diagnostician, "diagnose", "diagnosis"),
        ]
        try:
            used = zygote_seconds(zygote)
            account._since = time.process_time()
            for submission in submissions:
                grader.grade(submission)
            account.turn()
            account.spent["fork"] += zygote_seconds(zygote) - used
        finally:
            for each in undo:
                each()
    return {part: 1e3 * account.spent[part] / len(submissions) for part in PARTS}


def zygote_seconds(zygote: Zygote) -> float:
    """Seconds of processor of the zygote itself, without its workers."""
    process = psutil.Process(zygote._process.pid)
    tree = [process, *process.children(recursive=True)]
    return max(sum(each.cpu_times()[:2]) for each in tree)


def record(course: Course, topic: Topic) -> list[tuple[int, list[Request]]]:
    """The seed of each hidden test and the requests that it makes of the reference, without those that call back."""
    solution = course.solution(topic).read_text(encoding="utf-8")
    module = load_module(solution, f"limit_{topic.slug}", f"{topic.slug}.py")
    tests = TopicTests(course, topic, course.graders(topic))
    recorded = []
    for item in [item for items in tests.items.values() for item in items]:
        run = tests.run(item, Student(LocalBackend(module)))
        if run.error is not None:
            raise RuntimeError(f"{item.name} fails on the reference: {run.error}")
        requests = [step.request for step in run.student.steps]
        if not any(callable(leaf) for each in requests for leaf in values.leaves((each.args, each.kwargs))):
            recorded.append((item.stash[SEED], requests))
    tests.close()
    return recorded


def calls_alone(topic: Topic, recorded: list, submissions: list[Submission]) -> float:
    """Milliseconds of processor that the student's functions need for all calls of a grade, in this process, warm."""
    spent = loaded = 0.0
    for submission in submissions:
        try:
            module = load_module(submission.text, f"limit_{topic.slug}", f"{topic.slug}.py")
        except SyntaxError:
            continue
        loaded += 1
        executor = Executor(module, lambda *_: None)
        for seed, requests in recorded:
            for place, request in enumerate(requests):
                own = request.taking(*values.copy((request.args, request.kwargs)))
                own = replace(own, seed=None if place else seed)
                settings.reset()
                start = time.process_time()
                executor.run(own)
                spent += time.process_time() - start
    return 1e3 * spent / max(loaded, 1)
