"""The papers of a course, read from docs/references.bib."""

from pathlib import Path

import bibtexparser

from attend.course.errors import AttendError


class BibliographyError(AttendError):
    """docs/references.bib cannot be read."""


class Reference(dict[str, str]):
    """A paper's fields, without the braces inside them; `bibtex` is the entry as it was written."""

    def __init__(self, fields: dict[str, str], bibtex: str):
        super().__init__({name: value.replace("{", "").replace("}", "") for name, value in fields.items()})
        self.bibtex = bibtex

    @property
    def authors(self) -> list[str]:
        """Each author's name, first name first."""
        return [" ".join(reversed(name.split(", "))) for name in self["author"].split(" and ")]

    @property
    def short(self) -> str:
        """As `Luong, Pham & Manning (2015)`."""
        names = [name.split(", ")[0] for name in self["author"].split(" and ")]
        if len(names) > 3 or names[-1] == "others":
            return f"{names[0]} et al. ({self['year']})"
        return f"{', '.join(names[:-1])}{' & ' if names[:-1] else ''}{names[-1]} ({self['year']})"

    @property
    def venue(self) -> str:
        """Where it was published."""
        return self.get("booktitle") or self.get("journal") or f"arXiv:{self['eprint']}"


def read_references(root: Path) -> dict[str, Reference]:
    """The papers of the course at `root` by key; none where the file is missing.

    Raises:
        BibliographyError: an entry is not well formed, or two have the same key.
    """
    path = root / "docs" / "references.bib"
    library = bibtexparser.parse_string(path.read_text(encoding="utf-8") if path.exists() else "")
    if library.failed_blocks:
        line = (library.failed_blocks[0].start_line or 0) + 1
        raise BibliographyError(
            f"{path}, line {line}: the entry is not well formed, or its key or one of its fields occurs twice."
        )
    return {
        entry.key: Reference({field.key: field.value for field in entry.fields}, entry.raw or "")
        for entry in library.entries
    }
