"""docs/references.toml: for each paper the places that the course cites, and what is there."""

import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "references.toml"
KINDS = ("section", "appendix", "equation", "algorithm", "table", "figure", "footnote")


@cache
def listed_places() -> dict[str, dict[str, str]]:
    """What is there, by paper and by place, as `section 3.1`; each paper's places in the order of a reader's list."""
    papers = tomllib.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return {key: dict(sorted(places.items(), key=_order)) for key, places in papers.items()}


def _order(entry: tuple[str, str]) -> tuple:
    """Sections first, and 3.10 after 3.9; a place that is written wrongly comes last."""
    kind, _, number = entry[0].partition(" ")
    parts = [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in number.split(".")]
    return KINDS.index(kind) if kind in KINDS else len(KINDS), parts
