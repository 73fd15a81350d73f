"""Run a lab for `attend lab`: print its figures and alignments, and write its pictures."""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from attend.lab.context import Bench, Outcome
from attend.lab.modules import Code, LabError
from attend.lab.translate import Translation

SHADES = " ░▒▓█"
# so many words of a source fit into a table of numbers
WIDEST = 9


def show_lab(
    screen: Console,
    root: Path,
    name: str,
    sentence: str | None,
    code: Path,
    seed: int,
    out: Path,
    retrain: bool = False,
) -> None:
    """Run one lab and show its results.

    Args:
        root: the course's folder; checkpoints are kept in its .attend/lab.
        code: the folder whose modules are used.
        out: the folder for pictures.

    Raises:
        LabError: the folder `code` does not exist, or its code does not do what the lab needs.
    """
    if not code.is_dir():
        raise LabError(f"there is no folder {code} with modules to use.")
    folder, lanes = root / ".attend" / "lab", os.cpu_count() or 1
    bench = Bench(Code(code.resolve()), seed, folder, screen, retrain, lanes)
    if name == "results":
        from attend.lab.site_data import make_again

        make_again(bench, root / "docs")
        return
    with bench.code.named_errors():
        if name == "larger":
            from attend.lab.site_data import cached, measure_larger

            found = cached(bench, "bottleneck-larger", seed, measure_larger)
            screen.print(f"exact match {found['exact']:.3f} with {found['parameters']:,} parameters")
        elif name == "translate":
            _translate(bench, sentence, out)
        else:
            outcome: Outcome = import_module(f"attend.lab.{name}").run(bench)
            screen.print(escape(outcome.line))
            for path in outcome.checkpoints:
                screen.print(f"checkpoint: {escape(str(path))}")
            write(screen, out, {file: picture() for file, picture in outcome.pictures.items()})


def _translate(bench: Bench, sentence: str | None, out: Path) -> None:
    from attend.lab import translate

    ready = translate.trained(bench)
    pictures = {}
    for n, text in enumerate([sentence] if sentence is not None else translate.EXAMPLES, start=1):
        translation = ready.translate(text)
        if unknown := ready.unknown(text):
            bench.screen.print(f"[yellow]not in its vocabulary: {escape(', '.join(unknown))}[/yellow]")
        bench.screen.print(f"[bold]{escape(' '.join(translation.words))}[/bold]")
        bench.screen.print(alignment(translation))
        pictures["alignment.svg" if sentence is not None else f"alignment-{n}.svg"] = translate.draw(
            translation
        )
    bench.screen.print(escape(ready.line))
    write(bench.screen, out, pictures)


def alignment(translation: Translation) -> Table:
    """Rows are the words of the translation, columns those of the source; a long source has shades, not numbers."""
    source, short = translation.pair.source, len(translation.pair.source) <= WIDEST
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for word in source if short else ("attention", "most"):
        table.add_column(Text(word), justify="right" if short else "left", no_wrap=True)
    for word, row in zip(translation.words, translation.alignment, strict=True):
        if short:
            cells = [Text(f"{_shade(weight)} {weight:.2f}") for weight in row]
        else:
            most = int(row.argmax())
            cells = [Text("".join(map(_shade, row))), Text(f"{source[most]} {row[most]:.2f}")]
        table.add_row(Text(word, style="bold"), *cells)
    return table


def write(screen: Console, folder: Path, pictures: Mapping[str, str]) -> None:
    """Write each picture to its file, and print the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, svg in pictures.items():
        path = folder / name
        path.write_text(svg, encoding="utf-8")
        screen.print(f"picture: {escape(str(path))}")


def _shade(weight: float) -> str:
    return SHADES[min(int(weight * len(SHADES)), len(SHADES) - 1)]
