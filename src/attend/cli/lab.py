"""The command `attend lab`: train models from a student's functions, and show their results."""

import os
from pathlib import Path
from typing import Annotated

import typer

from attend.cli import app
from attend.cli.settings import console, package_of, settings
from attend.course.errors import AttendError

LABS = {
    "bottleneck": "one fixed context against attention, by sentence length (t04, t06, t07)",
    "sizes": "small and large contexts on few short sentences (t04, t06, t07)",
    "translate": "French to English, with its alignment (t04–t06); give it a sentence if you like",
    "transformer": "the same with the transformer (t13)",
    "vision": "a digit in clutter: soft attention and glimpses (t10)",
    "summarise": "letters to headlines with a pointer (t12)",
    "larger": "the first again with a much larger model without attention (long)",
    "results": "all of them on three seeds: makes the site's docs/data/lab again",
}
# the packages of the extra `lab`
PACKAGES = ("PIL", "matplotlib", "num2words", "sacrebleu", "sklearn", "torch")


@app.command(
    help="Train models from your own functions. " + "; ".join(f"{k}: {v}" for k, v in LABS.items()) + "."
)
def lab(
    name: Annotated[str, typer.Argument(help=", ".join(LABS), metavar="NAME")],
    sentence: Annotated[
        str | None, typer.Argument(help="What `translate` translates.", metavar="SENTENCE")
    ] = None,
    code: Annotated[
        str, typer.Option(help="Whose functions: assignments or solutions, or a folder.")
    ] = "assignments",
    seed: Annotated[int, typer.Option(help="The seed of all random numbers.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Where the pictures go (default: .attend/lab).", metavar="DIR")
    ] = None,
    retrain: Annotated[bool, typer.Option("--retrain", help="Train again, and use no checkpoint.")] = False,
) -> None:
    """Train models from the code in `code` and print what they do."""
    if name not in LABS:
        raise typer.BadParameter(f"{name!r} is not a lab; the labs are {', '.join(LABS)}")
    if sentence is not None and name != "translate":
        raise typer.BadParameter("only `attend lab translate` takes a sentence")
    # threads that wait do not use a core
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    root = settings.course().root
    try:
        from attend.lab.command import show_lab

        show_lab(console(), root, name, sentence, root / code, seed, out or root / ".attend" / "lab", retrain)
    except ModuleNotFoundError as error:
        package = package_of(error)
        if package not in PACKAGES:
            raise
        words = f"the labs need {package}, which is not installed: pip install -e '.[lab]'"
        raise AttendError(words) from error
