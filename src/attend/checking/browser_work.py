"""A reader's work in a page of the site, in a browser's Python: files made of it, files opened into it, progress codes.

A problem that a reader can solve comes back as `{"problem": SENTENCE}`. Each function calls `on_ready` when everything is
loaded.
"""

import contextlib
import io
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from attend.checking.browser import compose, composed, open_course
from attend.checking.progress_code import ProgressCodeError, decode, encode
from attend.course.source import find_definition, get_definition, line_span, parse
from attend.course.syllabus import Topic
from attend.student.local import UnloadableError, load_code
from attend.submissions.hand_in import hand_in as packed
from attend.submissions.names import is_of_another_topic
from attend.submissions.submission import RefusedError, read_submission


def module(
    root: str, slug: str, codes: Mapping[str, str], base: str, on_ready: Callable[[], None]
) -> dict[str, Any]:
    """The module of these codes: its `name` and its bytes, `data`. For codes and base see `browser.composed`."""
    course = open_course(root)
    on_ready()
    text = composed(course, course.topic(slug), codes, base).text
    return {"name": f"{slug}.py", "data": text.encode()}


def hand_in(
    root: str, slug: str, codes: Mapping[str, str], base: str, on_ready: Callable[[], None]
) -> dict[str, Any]:
    """The zip to hand in, `name` and `data`; a problem where the module cannot be loaded."""
    course = open_course(root)
    topic = course.topic(slug)
    made = composed(course, topic, codes, base)
    path = course.assignment(topic)
    on_ready()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            load_code(path, topic, made.text, course.grading.load_seconds)
    except UnloadableError as error:
        words = str(error).replace(f"{slug}.py", "your code")
        place = f" ({made.place(error.line, '')})" if error.line else ""
        return {"problem": f"{words}{place}. A file that cannot be loaded cannot be graded."}
    return {"name": f"{slug}.zip", "data": packed(course, topic, path.name, made.text.encode())}


def open_file(
    root: str, slug: str, file_name: str, data: bytes, on_ready: Callable[[], None]
) -> dict[str, Any]:
    """The codes of a topic's exercises in a module, a notebook or a hand-in that a reader opens.

    Returns:
        `codes`, by exercise; `base`, the text of the module, or nothing where the stub has the same lines outside the
        exercises; `notes`, sentences.
    """
    course = open_course(root)
    topic = course.topic(slug)
    name = Path(file_name).name
    on_ready()
    try:
        if is_of_another_topic(name, topic):
            raise RefusedError(f"{name} is of another topic than {topic.number}.")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(bytes(data))
            submission = read_submission(path, topic, "you")
        codes = _definitions(submission.text, topic, submission.filename)
    except RefusedError as error:
        return {"problem": str(error)}
    except OSError as error:
        return {"problem": f"the file cannot be read ({error.strerror})."}
    stub = course.assignment(topic).read_text(encoding="utf-8")
    is_own = _frame(submission.text, topic) != _frame(stub, topic)
    return {"codes": codes, "base": submission.text if is_own else "", "notes": list(submission.notes)}


def _definitions(text: str, topic: Topic, name: str) -> dict[str, str]:
    """The text of each exercise's definition, its lines as they are.

    Raises:
        RefusedError: it is not Python, or a definition is missing.
    """
    try:
        tree = parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f"line {error.lineno} of " if isinstance(error, SyntaxError) and error.lineno else ""
        raise RefusedError(f"{line}{name} is not Python ({getattr(error, 'msg', error)}).") from error
    targets = [exercise.target for exercise in topic.exercises]
    if missing := [target for target in targets if find_definition(tree, target) is None]:
        raise RefusedError(f"{name} does not define {', '.join(missing)}; the stub is enough.")
    lines, codes = text.split("\n"), {}
    for exercise in topic.exercises:
        node = get_definition(text, exercise.target)
        first, last = line_span(node)
        code = "\n".join(lines[first:last])
        codes[exercise.name] = textwrap.dedent(code) if node.col_offset else code
    return codes


def _frame(text: str, topic: Topic) -> str:
    """A module without the exercises' definitions."""
    return compose(text, topic, {exercise.name: "" for exercise in topic.exercises}).text


def progress_code(root: str, passed: Iterable[Iterable[str]], on_ready: Callable[[], None]) -> dict[str, Any]:
    """The code that says which exercises have passed; `passed` has pairs of a slug and an exercise's name.

    What the course does not have is left out: a browser remembers exercises of older versions.
    """
    course = open_course(root)
    pairs = {tuple(pair) for pair in passed}
    on_ready()
    known = [each for topic in course.topics for each in topic.exercises if (each.slug, each.name) in pairs]
    return {"code": encode(course, known)}


def read_progress_code(root: str, text: str, on_ready: Callable[[], None]) -> dict[str, Any]:
    """The exercises that have passed according to a code: `passed`, pairs of a slug and an exercise's name."""
    course = open_course(root)
    on_ready()
    try:
        return {"passed": [[each.slug, each.name] for each in decode(course, text)]}
    except ProgressCodeError as error:
        return {"problem": str(error)}
