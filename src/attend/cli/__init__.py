"""The `attend` command: it parses arguments and prints results. A command imports what it needs when it is run."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from attend.cli.settings import package_of, settings
from attend.course.errors import AttendError

app = typer.Typer(
    name="attend",
    help="An autograded course on attention: check your code, hand it in, grade a class.",
    # rich's help takes twice as long to print
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Set in the environment, it shows where an unforeseen error happened.
TRACEBACK = "ATTEND_TRACEBACK"
# Packages that a plain `pip install -e .` does not install, and the extra that does.
EXTRAS = {"torch": "torch"} | dict.fromkeys(
    ("bibtexparser", "jinja2", "matplotlib", "msgspec", "nbformat", "otter"), "grading"
)


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    course: Annotated[
        Path | None, typer.Option(help="The folder that holds course.toml.", metavar="DIR")
    ] = None,
) -> None:
    """Keep the folder of the course; without a command, print the overview."""
    settings.course_folder = course
    if context.invoked_subcommand is None:
        from attend.cli.student import overview

        overview()


# the modules with the commands
COMMANDS = (
    "authoring", "doctor", "examples", "feedback", "gradebook", "grading", "import_work", "lab", "learn",
    "own_work", "replay", "student", "ways"
)  # fmt: skip


def main() -> None:
    """Run the command.

    Exit codes: 0 success, 1 a check failed, 2 wrong use, 70 an error in Attend, 130 stopped by the user.
    """
    for name in COMMANDS:
        # importing a module adds its commands
        import_module(f"attend.cli.{name}")

    for stream in (sys.stdout, sys.stderr):
        # the default encoding of a pipe on Windows has no ✓
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        # typer itself prints an error on four lines
        code = app(standalone_mode=False)
    except AttendError as error:
        code = print_problem(str(error), error.exit_code)
    except typer.TyperException as error:
        code = print_problem(_wrong_use(error), error.exit_code)
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        code = print_problem(*_unexpected(error))
    if code == 130:
        print_problem("stopped; what was finished is kept.", code)
    sys.exit(code)


def print_problem(problem: str, code: int) -> int:
    """Print a sentence to stderr; returns the exit code `code`."""
    print(f"attend: {problem}", file=sys.stderr)
    return code


def _unexpected(error: Exception) -> tuple[str, int]:
    """A sentence about an error that no command has foreseen, and the exit code."""
    if isinstance(error, ModuleNotFoundError) and (package := package_of(error)) in EXTRAS:
        extra = EXTRAS[package]
        return f"this needs {package}, which is not installed: pip install -e '.[{extra}]'", 2
    if isinstance(error, BrokenPipeError):
        # the program that reads the output has ended; what is still to be written is discarded
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return "the output was closed before its end.", 1
    words = " ".join(str(error).split())[:300]
    if isinstance(error, OSError):
        named = error.filename is not None and error.strerror
        return f"{error.filename}: {error.strerror}." if named else f"{words}.", 2
    return (
        f"{type(error).__name__}: {words}. This is an error in Attend itself: please report it. "
        f"With {TRACEBACK}=1 in the environment the command shows where it happened."
    ), 70


def _wrong_use(error: typer.TyperException) -> str:
    """Typer's message about the command line, and the command that shows the help for it."""
    context = getattr(error, "ctx", None)
    problem = error.format_message()
    return (
        f"{problem[:1].lower()}{problem[1:]} (see `{context.command_path if context else 'attend'} --help`)"
    )
