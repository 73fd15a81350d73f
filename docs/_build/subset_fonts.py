"""Leave in the text fonts of the built site the characters that its pages use. Usage: subset_fonts.py SITE

What a student types or a run prints may hold others: they are in the editor's font, or in one of the system's.
"""

import string
import sys
from pathlib import Path

from fontTools import subset


def used_characters(site: Path) -> str:
    """The printable ASCII characters, and every other one in the pages and in what their scripts load."""
    files = (path for suffix in ("html", "js", "json") for path in site.rglob(f"*.{suffix}"))
    found = set(string.printable).union(*(path.read_text(encoding="utf-8") for path in files))
    return "".join(sorted(found))


def main() -> None:
    site = Path(sys.argv[1])
    characters = used_characters(site)
    options = subset.Options(flavor="woff2")
    for path in sorted((site / "assets" / "fonts").glob("*.woff2")):
        font = subset.load_font(str(path), options)
        chosen = subset.Subsetter(options)
        chosen.populate(text=characters)
        chosen.subset(font)
        subset.save_font(font, str(path), options)


if __name__ == "__main__":
    main()
