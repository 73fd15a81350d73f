"""The `attend` command: it parses and prints; the work is done elsewhere, and imported only when asked for."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from attend.cli.settings import settings
from attend.course.errors import AttendError

app = typer.Typer(
    name="attend",
    help="An autograded course on attention: check your code, hand it in, grade a class.",
    add_completion=False,
    rich_markup_mode=None,  # rich's help looks better and takes twice as long to come
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# What a plain `pip install -e .` leaves out, and the extra that brings it.
EXTRAS = {"torch": "torch"} | dict.fromkeys(
    ("jinja2", "matplotlib", "msgspec", "nbformat", "otter"), "grading"
)


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    course: Annotated[
        Path | None, typer.Option(help="The folder that holds course.toml.", metavar="DIR")
    ] = None,
) -> None:
    """Note which course is meant; without a command, print the overview."""
    settings.course_folder = course
    if context.invoked_subcommand is None:
        from attend.cli.student import overview

        overview()


def main() -> None:
    """Exit codes: 0 all well, 1 something failed a check, 2 wrong use; 130 stopped by the user."""
    # importing a module adds its commands
    from attend.cli import authoring, doctor, grading, lab, student  # noqa: F401

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a pipe on Windows knows no ✓ of its own accord
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = app(standalone_mode=False)  # typer's own way to tell an error takes four lines
    except AttendError as error:
        code = tell(str(error), error.exit_code)
    except typer.TyperException as error:
        code = tell(_wrong_use(error), error.exit_code)
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        extra = EXTRAS[error.name]
        code = tell(f"this needs {error.name}, which is not installed: pip install -e '.[{extra}]'", 2)
    if code == 130:
        tell("stopped; what was finished is kept.", code)
    sys.exit(code)


def tell(problem: str, code: int) -> int:
    """Say one sentence on stderr; the exit code again."""
    print(f"attend: {problem}", file=sys.stderr)
    return code


def _wrong_use(error: typer.TyperException) -> str:
    """What typer says about the command line, and where to look it up."""
    context = getattr(error, "ctx", None)
    problem = error.format_message()
    return (
        f"{problem[:1].lower()}{problem[1:]} (see `{context.command_path if context else 'attend'} --help`)"
    )
