"""Load a file once as the grader does, on a machine that has the sandbox: a file that loads here may not load there."""

from dataclasses import dataclass

from attend.course.syllabus import Course, Topic
from attend.submissions.texts import quoted_line


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
    words = tuple(
        f"{quoted_line(text, each.line) or 'a statement'} ({each.exception_name})" for each in raised
    )
    if failure is None:
        return Trial("", words)
    what = {"timeout": "it does not end in time", "crash": "its process ends"}.get(
        failure.kind, f"it raises {failure.exception_name}"
    )
    where = quoted_line(text, failure.line)
    return Trial(f"{what}, {where}" if where else what, words)
