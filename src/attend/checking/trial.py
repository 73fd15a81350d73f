"""Load a file once under the grader's rules, where this machine has the sandbox: what works at home may not work there."""

from dataclasses import dataclass

from attend.course.notebook import place
from attend.course.syllabus import Course, Topic


@dataclass(frozen=True)
class Trial:
    """What loading came to. problem: why the file could not be loaded; left_out: a sentence a statement that cannot run."""

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
            failure, lines = backend.worker_failure, backend.left_out
            backend.close()
    except IsolationError:
        return None
    words = [_words(text, line) for line in lines]
    if failure is None:
        return Trial("", tuple(words))
    what = {"timeout": "it does not end in time", "crash": "its process ends"}.get(
        failure.kind, f"it raises {failure.type_name or 'an exception'}"
    )
    return Trial(what + (f", {_words(text, failure.line)}" if failure.line else ""), tuple(words))


def _words(text: str, line: int) -> str:
    """`line 3: import pandas as pd`."""
    lines = text.splitlines()
    source = lines[line - 1].strip() if line <= len(lines) else ""
    return f"{place(text, line) or f'line {line}'}: {source[:100]}"
