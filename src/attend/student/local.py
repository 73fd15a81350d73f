"""Student code in this process: read and load its file, and run requests on the module."""

import linecache
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from attend.course.errors import AttendError
from attend.course.line_hints import hint
from attend.course.notebook import NotebookCode, read_notebook
from attend.course.source import decode
from attend.course.syllabus import Topic
from attend.course.threads import use_one_thread
from attend.student import settings, values
from attend.student.deadline import deadline
from attend.student.errors import StudentError, StudentTimeout
from attend.student.executor import Executor
from attend.student.module import load_module
from attend.student.protocol import Failure, Request, Result


class UnloadableError(StudentError):
    """The student's file cannot be loaded. The message is a sentence; `line` and `source` are its place, where known."""

    kind = "unloadable"

    def __init__(self, words: str, line: int | None = None, path: Path | None = None):
        super().__init__(words)
        self.line, self.path = line, path
        self.source = source_line(path, line) if line and path else ""


class NeedsTorchError(AttendError):
    """A topic cannot be checked without PyTorch."""

    def __init__(self, topic: Topic):
        super().__init__(f"{topic.number} needs PyTorch: pip install -e '.[torch]'")


def has_library(topic: Topic) -> bool:
    """Whether the library that the topic is written in is installed."""
    from importlib.util import find_spec

    return topic.library != "torch" or find_spec("torch") is not None


def read_code(path: Path, topic: Topic) -> NotebookCode:
    """The text of a student's file; of a notebook, that of its code cells, and what of it was left out.

    Raises:
        UnloadableError: it is missing, cannot be read, is not in UTF-8 nor in the encoding that it declares, or is no
            notebook although its name ends so.
    """
    try:
        text = decode(path.read_bytes())
        return read_notebook(text, topic.names) if path.suffix == ".ipynb" else NotebookCode(text)
    except FileNotFoundError:
        words = f"{path.name} is not in {path.parent}; get it back with `git checkout {path.name}` there"
    except UnicodeDecodeError as error:
        words = f"{path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8"
    except OSError as error:
        words = f"{path.name} cannot be read: {error.strerror}"
    except ValueError:
        words = f"{path.name} is not a readable notebook; open it in Jupyter and save it again"
    raise UnloadableError(words)


def load_code(path: Path, topic: Topic, text: str, seconds: float) -> ModuleType:
    """Run `text` as the module whose file is `path`. From then on this process calculates on one thread.

    Args:
        seconds: processor time that loading may take.

    Raises:
        UnloadableError: it is not Python, raises, exits, or does not end in time.
    """
    try:
        # as in the worker that grades: results do not depend on the number of cores, nor does the processor time
        use_one_thread()
        with deadline(seconds), settings.kept():
            return load_module(text, f"attend_code_{topic.slug}", str(path))
    except SyntaxError as error:
        line = error.lineno if error.filename == str(path) else _line(error, path)
        seen = hint(text, line)
        words = f"Python cannot read {path.name}: {error.msg}" + (f" ({seen})" if seen else "")
        raise UnloadableError(words, line, path) from None
    except StudentTimeout as error:
        words = f"loading {path.name} did not end in time: does a loop outside any function never end?"
        raise UnloadableError(words, _line(error, path), path) from None
    except KeyboardInterrupt:
        raise
    except SystemExit as error:
        words = f"{path.name} calls sys.exit() when it is loaded; a module should only define functions and classes"
        raise UnloadableError(words, _line(error, path), path) from None
    except BaseException as error:
        words = f"loading {path.name} raised {type(error).__name__}: {error}"
        raise UnloadableError(words, _line(error, path), path) from None


def _line(error: BaseException, path: Path) -> int | None:
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == str(path)]
    return lines[-1] if lines else None


def source_line(path: Path, line: int) -> str:
    """A line of a module that `load_code` has loaded."""
    return linecache.getline(str(path), line).strip()


class Backend(Protocol):
    """What carries out the requests of a `Student`."""

    def run(self, request: Request, callbacks: list[Callable[..., Any]]) -> Result | Failure:
        """Carry out `request`; a CallbackRef in it names an entry of `callbacks`."""


class LocalBackend:
    """Runs requests on a module of this process: a debugger works and tracebacks are real.

    fresh_settings: each call begins with the settings of a fresh process, as in a worker; else with the caller's.
    """

    def __init__(self, module: ModuleType, fresh_settings: bool = True):
        self._fresh_settings = fresh_settings
        self.callbacks: list[Callable[..., Any]] = []
        self.executor = Executor(module, self._ask)

    def run(self, request: Request, callbacks: list[Callable[..., Any]]) -> Result | Failure:
        """The outcome of `request`, asked on copies of its arguments; the test's own settings are kept.

        Raises:
            KeyboardInterrupt: the user pressed Ctrl-C while the student's code ran.
        """
        self.callbacks = callbacks
        own = request.taking(*values.copy((request.args, request.kwargs)))
        # the test's own settings stay, whatever the student's code changes
        with settings.kept():
            if self._fresh_settings:
                settings.reset()
            outcome = self.executor.run(own)
        if isinstance(outcome, Failure) and isinstance(outcome.exception, KeyboardInterrupt):
            raise outcome.exception
        if isinstance(outcome, Result):
            try:
                outcome.value = values.copy(outcome.value)
            except values.NotPlain as error:
                return Failure("type", message=str(error))
        return outcome

    def _ask(self, callback: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return values.copy(self.callbacks[callback](*values.copy(args), **values.copy(kwargs)))
