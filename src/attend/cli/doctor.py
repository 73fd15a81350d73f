"""`attend doctor`, which also works where other packages are not installed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import typer

from attend.cli import app
from attend.cli.settings import console, settings
from attend.course.errors import AttendError

if TYPE_CHECKING:
    from rich.console import Console

    from attend.checking.doctor import Finding


@app.command()
def doctor() -> None:
    """Find out what works on this machine. For what does not work, the output says what to do."""
    from attend.checking.doctor import examine, examine_for_student

    findings = examine_for_student() if _is_students() else examine()
    print_findings(console(), findings)
    if not all(finding.works for finding in findings if finding.needed):
        raise typer.Exit(1)


def _is_students() -> bool:
    """Whether the working folder is in a students' copy of the course. Anywhere else everything is examined."""
    try:
        return not settings.is_instructors(settings.course())
    except AttendError:
        return False


def print_findings(screen: Console, findings: list[Finding]) -> None:
    """Print the findings part by part; under what does not work, what to do."""
    from rich.markup import escape

    for part, group in itertools.groupby(findings, key=lambda finding: finding.part):
        screen.print(f"[bold]{part}[/bold]")
        for finding in group:
            missing = "[red]✗[/red]" if finding.needed else "[yellow]·[/yellow]"
            mark = "[green]✓[/green]" if finding.works else missing
            screen.print(f"  {mark} {finding.name:<16} {escape(finding.detail)}", soft_wrap=True)
            if not finding.works:
                screen.print(f"    [dim]{'to do':<16} {escape(finding.remedy)}[/dim]", soft_wrap=True)
    broken = [finding.name for finding in findings if finding.needed and not finding.works]
    absent = [finding.name for finding in findings if not finding.needed and not finding.works]
    if broken:
        screen.print(f"\n[red]Repair first:[/red] {', '.join(broken)}.")
    elif absent:
        screen.print(
            f"\nThe daily work can be done here. Missing, and needed only for some commands: {', '.join(absent)}."
        )
    else:
        screen.print("\nEverything works here.")
