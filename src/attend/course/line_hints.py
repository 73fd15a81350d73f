"""What a line of source holds that a person does not see: tabs, and spaces or quotation marks of another kind."""

import re
import unicodedata

_QUOTES = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2032\u2033"
_SIGNS = {
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u00d7": "*",
    "\u22c5": "*",
    "\uff08": "(",
    "\uff09": ")",
}


def hint(text: str, line: int | None) -> str:
    """A sentence about a line (from 1) at which Python cannot read a text; "" where nothing odd is to be seen."""
    lines = text.split("\n")
    if not line or line > len(lines):
        return ""
    source = lines[line - 1]
    indent = source[: len(source) - len(source.lstrip(" \t"))]
    if "\t" in indent and any(re.match(r" +\S", each) for each in lines):
        return "the line is indented with a tab, and others are with spaces: use spaces everywhere"
    for column, char in enumerate(source, start=1):
        if char.isascii():
            continue
        kind, where = unicodedata.category(char), f"at column {column} (U+{ord(char):04X})"
        if kind in ("Zs", "Cf", "Zl", "Zp"):
            return f"{where} there is {unicodedata.name(char, 'an invisible character')}: delete it, and type a space"
        if char in _QUOTES:
            return f"{where} there is a quotation mark of a text, {char}: Python takes ' and \" only"
        if char in _SIGNS:
            return f"{where} there is {char}, which Python does not take for {_SIGNS[char]}"
    return ""
