"""`attend replay`: grade again from a receipt."""

from pathlib import Path
from typing import Annotated

import typer

from attend.cli import app
from attend.cli.grading import Isolation, KeyOption
from attend.cli.settings import console, say, settings


@app.command()
def replay(
    path: Annotated[Path, typer.Argument(help="A receipt that `attend grade` wrote.", metavar="RECEIPT")],
    handed_in: Annotated[
        Path | None,
        typer.Argument(
            help="What was handed in: a file, a zip or a folder. The text beside the receipt if left out.",
            metavar="SUBMISSION",
        ),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(
            help="The folder that `attend grade --out` wrote, for the secret of fresh inputs; the one in which "
            "the receipt is if left out.",
            metavar="RESULTS",
        ),
    ] = None,
    key: KeyOption = None,
    isolation: Isolation = None,
) -> None:
    """Grade a submission again from its receipt, and say whether the result is the same to the bit, or what differs."""
    course = settings.instructors_course()

    from attend.gradebook.receipts import read_key, read_receipt
    from attend.grading.replay import replay as grade_again
    from attend.sandbox.levels import choose_level

    screen = console()
    receipt = read_receipt(path)
    if key is not None:
        receipt.check(read_key(key))
        screen.print("the signature is right")
    elif receipt.signature:
        screen.print("[yellow]note[/yellow] the receipt is signed; --key checks the signature")
    with screen.status("grading"):
        again = grade_again(course, path, receipt, handed_in, results, choose_level(isolation))
    for each in again.circumstances:
        say("[yellow]note[/yellow] not as it was: {each}", screen, each=each)
    points = f"{again.grade.points:g} of {again.grade.max_points:g} points"
    if not again.differences:
        say("{topic}: the same to the bit: {points}", screen, topic=receipt.topic, points=points)
        return
    say("{topic}: not the same: {points} now", screen, topic=receipt.topic, points=points)
    for each in again.differences:
        say("  {each}", screen, each=each)
    raise typer.Exit(1)
