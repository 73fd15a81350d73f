"""Compares the sections, equations, figures, … of papers that the course cites with docs/references.toml.

That file has a table for each paper, `[bahdanau2015]`, and in it each cited place with what is there: `"section 3.1" =
"the decoder"`. The check reads the pages, figures, live figures, quizzes and solutions. It fails where a cited place is
not in the paper's table, where a citation does not say which paper it means, and where the file lists what nothing cites.

Usage: python check_references.py
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from coursepage import ROOT, references
from passages import Passage, passages
from places import KINDS, listed_places

WORDS = {
    "section": r"sections?|secs?\.|§§?",
    "appendix": r"appendix|appendices|app\.",
    "equation": r"equations?|eqs?\.",
    "algorithm": r"algorithms?|alg\.",
    "table": r"tables?|tab\.",
    "figure": r"figures?|figs?\.",
    "footnote": r"footnotes?",
}
NUMBER = r"(?:[A-Z](?:\.\d+)*|\d+(?:\.\d+)*)(?!\w)"
JOINT = r"(?:\s*(?:,\s*(?:(?:and|or)\s+)?|–|-|&)\s*|\s+(?:and|or|to)\s+)"
KIND = "|".join(f"(?P<{name}>{words})" for name, words in WORDS.items())
CITATION = re.compile(rf"(?<!\w)(?i:{KIND})\s*\(?(?P<first>{NUMBER})\)?(?P<more>(?:{JOINT}\(?{NUMBER}\)?)*)")
BARE_APPENDIX = re.compile(r"(?<![\w.])[A-D](?:\.\d+)+(?!\w)")
BARE_SECTION = re.compile(r"(?<![\w.$+−-])[1-9](?:\.[1-9]\d?){1,2}(?![\w%]|\.\d)")
ITSELF = re.compile(r"\s*(?:of|on|in)\s+(?:this|the)\s+(?:page|table|figure|drawing)\b")
PLACE = re.compile(rf"(?:{'|'.join(KINDS)}) (?:[A-Z](?:\.\d+)*|\d+(?:\.\d+)*)")
# a sentence ends before white space; an abbreviation or an initial does not end one
SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\beq\.)(?<!\beqs\.)(?<!\bal\.)(?<!\bfig\.)(?<!\bsec\.)(?<!\bapp\.)(?<!\bcf\.)(?<!\be\.g\.)(?<!\bi\.e\.)"
    r"(?<!\b[A-Z]\.)[\"')*_]*\s+|\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) )",
    re.IGNORECASE,
)
# surnames that are also words: they name a paper only with its year or as a link
WORDS_TOO = {"See", "Press"}


@dataclass(frozen=True)
class Mention:
    start: int
    end: int
    keys: frozenset[str]


@dataclass(frozen=True)
class Citation:
    """A cited place; `keys` are the papers that may be meant, any of which may have it unless `unclear`."""

    where: str
    place: str
    keys: frozenset[str]
    unclear: bool


class Papers:
    """How the papers of the bibliography are named in a text."""

    def __init__(self, library: dict[str, dict]):
        names: dict[str, set[str]] = {}
        dated = []
        for key, fields in library.items():
            surname = fields["author"].split(",")[0].strip("{} ")
            between = r"\b(?:(?!\d{4})[^;:.]|al\.){0,80}?"
            dated.append((rf"\b{re.escape(surname)}{between}{fields['year']}", key))
            names.setdefault(surname, set()).add(key)
        self.keys = frozenset(library)
        self._dated = [(re.compile(pattern), key) for pattern, key in dated]
        self._names = [
            (re.compile(rf"\b{re.escape(name)}\b"), frozenset(keys))
            for name, keys in names.items()
            if name not in WORDS_TOO
        ]

    _links = re.compile(
        r"\[[^\]]*\]\([^)\s]*references(?:\.md|/)#(\w+)\)|<a [^>]*references/#(\w+)[^>]*>.*?</a>", re.DOTALL
    )

    def mentions(self, text: str) -> list[Mention]:
        """Links, names with a year, and bare surnames, in the order of the text; a more exact one hides what is in it."""
        found = [
            Mention(*match.span(), frozenset({match[1] or match[2]})) for match in self._links.finditer(text)
        ]
        together: dict[tuple[int, int], set[str]] = {}
        for pattern, key in self._dated:
            for match in pattern.finditer(text):
                together.setdefault(match.span(), set()).add(key)
        found += [Mention(*span, frozenset(keys)) for span, keys in together.items()]
        for pattern, keys in self._names:
            for match in pattern.finditer(text):
                if not any(one.start <= match.start() < one.end for one in found):
                    found.append(Mention(*match.span(), keys))
        return sorted(found, key=lambda one: one.start)


class Reading:
    """One passage: its citations, each with the paper that it belongs to."""

    def __init__(self, passage: Passage, papers: Papers):
        self.passage, self.text, self.papers = passage, passage.text, papers

    @cached_property
    def mentions(self) -> list[Mention]:
        return self.papers.mentions(self.text)

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        cuts = [0, *(match.end() for match in SENTENCE_END.finditer(self.text)), len(self.text)]
        return list(zip(cuts, cuts[1:], strict=False))

    def citations(self) -> Iterator[Citation]:
        for start, end, place in self._places():
            keys, unclear = self._paper(start, end)
            line = self.passage.line + self.text.count("\n", 0, start)
            yield Citation(f"{self.passage.file}:{line}", place, keys, unclear)

    def _places(self) -> Iterator[tuple[int, int, str]]:
        taken = []
        for match in CITATION.finditer(self.text):
            if ITSELF.match(self.text, match.end()):
                continue
            kind = next(name for name in WORDS if match[name])
            end = match.end() if _continues(match[kind], match["first"]) else match.end("first")
            numbers = [
                number
                for number in _expanded(self.text[match.start("first") : end])
                if _is_number(number, kind == "appendix")
            ]
            if numbers:
                taken.append((match.start(), end))
            for number in numbers:
                yield match.start(), end, _place(kind, number)
        for match in BARE_APPENDIX.finditer(self.text):
            if not _within(match.start(), taken):
                yield *match.span(), _place("appendix", match[0])
        # in a note, and in brackets where the sentence has spoken of a section: `section 3 has attention (3.2)`
        spoken = [span for span in self.sentences if any(span[0] <= start < span[1] for start, _ in taken)]
        for match in BARE_SECTION.finditer(self.text):
            bracketed = self.text[match.start() - 1] == "(" and _within(match.start(), spoken)
            if (self.passage.is_note or bracketed) and not _within(match.start(), taken):
                yield *match.span(), _place("section", match[0])

    def _paper(self, start: int, end: int) -> tuple[frozenset[str], bool]:
        """The paper of the citation at `start`, and whether that is unclear."""
        if self.passage.is_note:
            return self.passage.papers, False
        if of := re.compile(r"\)?\s+(?:of|in|from)\s+(?:the\s+)?").match(self.text, end):
            for mention in self.mentions:
                if mention.start <= of.end() < mention.end:
                    return mention.keys, False
        opening, closing = next(span for span in self.sentences if span[0] <= start < span[1])
        here = [one for one in self.mentions if opening <= one.start < closing]
        before = [one for one in here if one.start < start]
        if here:
            return (before[-1] if before else here[0]).keys, False
        earlier = [one for one in self.mentions if one.start < start]
        if earlier:
            return earlier[-1].keys, False
        anywhere = {one.keys for one in self.mentions}
        if len(anywhere) == 1:
            return anywhere.pop(), False
        return self.passage.papers, len(self.passage.papers) != 1


def _within(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def _is_number(number: str, of_appendix: bool) -> bool:
    """A capital letter alone is a number of an appendix; elsewhere it begins a word or names a matrix."""
    return of_appendix or number[0].isdigit() or "." in number


def _continues(word: str, first: str) -> bool:
    """Whether more numbers may follow, as in `eq. 7 and 8` and `section 3.1 and 3.3`; not in `table 2 and 5 more`."""
    return word[-1] in ".sS§" or "." in first or first[0].isalpha()


def _place(kind: str, number: str) -> str:
    """`section B.1` and `appendix B.1` are one place."""
    return f"{'appendix' if kind == 'section' and number[0].isalpha() else kind} {number}"


def _expanded(text: str) -> list[str]:
    """The numbers of `4–6`, `3.1, 3.4 and 3.5`, `(5)`, `A.1 to A.3`, in their order.

    >>> _expanded("3.2 to 3.4 and 5")
    ['3.2', '3.3', '3.4', '5']
    """
    parts = re.split(rf"({JOINT})", re.sub(r"[()]", "", text))
    numbers = [parts[0]]
    for joint, number in zip(parts[1::2], parts[2::2], strict=True):
        stem, _, last = numbers[-1].rpartition(".")
        until_stem, _, until = number.rpartition(".")
        if joint.strip() in ("to", "–", "-") and stem == until_stem and last.isdigit() and until.isdigit():
            numbers += [f"{stem}.{n}".lstrip(".") for n in range(int(last) + 1, int(until))]
        numbers.append(number)
    return numbers


def check_list(places: dict[str, dict[str, str]], keys: frozenset[str]) -> list[str]:
    """What is wrong with the file itself."""
    problems = [f"[{key}] is no key of docs/references.bib" for key in places if key not in keys]
    for key, table in places.items():
        for place, words in table.items():
            if not PLACE.fullmatch(place):
                problems.append(f"[{key}]: {place!r} is not written as 'section 3.1' or 'equation 5'")
            if not (isinstance(words, str) and words.strip()):
                problems.append(f"[{key}]: {place!r} does not say what is there")
    return problems


def citations(root: Path, papers: Papers) -> list[Citation]:
    return [
        one for passage in passages(root, papers.mentions) for one in Reading(passage, papers).citations()
    ]


def check(cited: list[Citation], places: dict[str, dict[str, str]], keys: frozenset[str]) -> list[str]:
    """Every citation that the list does not have, every entry that nothing cites, and every fault of the list.

    Args:
        cited: what was found.
        places: the list, docs/references.toml.
        keys: those of the bibliography.
    """
    problems = [f"docs/references.toml: {problem}" for problem in check_list(places, keys)]
    for one in cited:
        having = {key for key in one.keys if one.place in places.get(key, {})}
        if one.unclear and (not having or having != one.keys):
            problems.append(f"{one.where}: {one.place} of which paper? Name it or link it in this sentence")
        elif not having:
            table = " or ".join(f"[{key}]" for key in sorted(one.keys))
            problems.append(f"{one.where}: {one.place} is not in docs/references.toml under {table}")
    used = {(key, one.place) for one in cited for key in one.keys}
    for key, table in places.items():
        problems += [
            f"docs/references.toml: [{key}]: nothing cites {place}"
            for place in table
            if (key, place) not in used
        ]
    return list(dict.fromkeys(problems))


def main() -> int:
    papers = Papers(references())
    cited = citations(ROOT, papers)
    problems = check(cited, listed_places(), papers.keys)
    for problem in problems:
        print(problem, file=sys.stderr)
    count = len(problems) or "no"
    print(f"{len(cited)} citations of places in papers checked: {count} problem{'s'[: len(problems) != 1]}")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
