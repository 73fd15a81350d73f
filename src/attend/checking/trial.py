"""Load a file once as the grader does, on a machine that has the sandbox: a file that loads here may not load there."""

from dataclasses import dataclass

from attend.course.notebook import place
from attend.course.syllabus import Course, Topic


@dataclass(frozen=True)
class Trial:
    """The result of loading a file.

    problem: why it could not be loaded. left_out: the place, the text and the exception of each statement that raised.
    """

    problem: str = ""
    left_out: tuple[str, ...] = ()


def load_as_graded(course: Course, topic: Topic, text: str) -> Trial | None:
    """Load a module's text in a worker; None where this machine has no sandbox to do so."""
    try:
        from attend.sandbox import jail
        from attend.sandbox.backend import RemoteBackend
        from attend.sandbox.client import IsolationError, Zygote
    except ImportError:
        return None
    level = jail.best_level()
    if level in ("process", "none"):
        return None
    rules = course.grading
    try:
        with Zygote(topic.library, level) as zygote:
            name = f"{topic.slug}.py"
            backend = RemoteBackend(zygote, name, text, rules.call_seconds, load_seconds=rules.load_seconds)
            failure, raised = backend.worker_failure, backend.left_out
            backend.close()
    except IsolationError:
        return None
    words = tuple(f"{_words(text, each.line)} ({each.type_name or 'an exception'})" for each in raised)
    if failure is None:
        return Trial("", words)
    what = {"timeout": "it does not end in time", "crash": "its process ends"}.get(
        failure.kind, f"it raises {failure.type_name or 'an exception'}"
    )
    return Trial(what + (f", {_words(text, failure.line)}" if failure.line else ""), words)


def _words(text: str, line: int | None) -> str:
    """`line 3: import pandas as pd`."""
    lines = text.splitlines()
    if line is None or line > len(lines):
        return "a statement"
    source = lines[line - 1].strip()
    return f"{place(text, line) or f'line {line}'}: {source[:100]}"
