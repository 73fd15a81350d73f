"""Print the audit of the graders."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from attend.authoring.audit import ExerciseAudit


def print_audit(screen: Console, audits: list[ExerciseAudit]) -> None:
    """Print the table of exercises, the table of pairs, then every hole."""
    columns = [
        "Topic",
        "Exercise",
        "Hidden",
        "Public",
        "Killed",
        "Named",
        "Seen",
        "Shown",
        "Accepted",
        "Stub",
        "Reference",
    ]
    table = Table(*columns, box=None, header_style="bold")
    for entry in audits:
        table.add_row(
            entry.topic[:3],
            entry.exercise,
            str(entry.hidden_tests),
            str(entry.public_tests),
            f"{entry.killed} of {entry.misconceptions}",
            f"{entry.diagnosed} of {entry.misconceptions}",
            f"{entry.seen} of {entry.misconceptions}",
            f"{entry.shown} of {entry.misconceptions}",
            f"{entry.accepted} of {entry.alternates}",
            "fails" if entry.stub_fails else "[red]passes[/red]",
            "passes" if entry.reference_passes else "[red]fails[/red]",
        )
    screen.print(table)
    _print_pairs(screen, audits)
    for entry in audits:
        for hole in entry.holes:
            screen.print(
                f"[red]hole[/red] {entry.topic[:3]} {entry.exercise}: {escape(hole)}", soft_wrap=True
            )
    if not any(entry.holes for entry in audits):
        screen.print("no holes")


def _print_pairs(screen: Console, audits: list[ExerciseAudit]) -> None:
    """Print the table of each exercise together with the earlier ones that it builds on."""
    columns = [
        "Topic",
        "Exercise",
        "Right on wrong",
        "Wrong on wrong",
        "Named",
        "Pardoned",
        "Left out",
        "No answer",
    ]
    table = Table(*columns, box=None, header_style="bold")
    for entry in audits:
        pairs = entry.pairs
        table.add_row(
            entry.topic[:3],
            entry.exercise,
            f"{pairs.kept} of {pairs.right}",
            f"{pairs.fair} of {pairs.wrong}",
            f"{pairs.named} of {pairs.wrong}",
            str(pairs.pardoned),
            f"{pairs.unharmed} of {pairs.left_out}",
            f"{pairs.unnamed} of {pairs.empty}",
        )
    screen.print()
    screen.print(table)
