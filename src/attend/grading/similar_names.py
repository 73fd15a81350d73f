"""Likeness without names: numbers in place of students, and no names in the comments and texts of their files."""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import replace

from attend.grading.similarity import Likeness, Pair
from attend.submissions import Person
from attend.submissions.people import name_words, without_number

MASK = "█"
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def without_names(found: list[Likeness], people: dict[str, Person]) -> list[Likeness]:
    """The same pairs between `student 1`, `student 2`, …, numbered in the order in which they are shown.

    Of a file, the comments and the texts are masked where they hold an address, the whole name of anybody in
    `people`, or a word of the names of the two students of the pair: a copy may hold the name of who wrote it.
    """
    numbers: dict[str, int] = {}

    def number(student: str) -> str:
        return f"student {numbers.setdefault(student, len(numbers) + 1)}"

    everybody = [phrase for student, person in people.items() for phrase in _phrases(student, person)]
    phrases = _pattern(everybody)

    def hidden(pair: Pair) -> Pair:
        both = (pair.left.student, pair.right.student)
        words = _pattern(
            word for student in both for word in name_words(student, people.get(student, Person()))
        )
        left, right = (
            replace(
                side,
                student=number(side.student),
                pieces=_masked(side.pieces, [phrases, words, _ADDRESS]),
            )
            for side in (pair.left, pair.right)
        )
        return replace(pair, left=left, right=right)

    return [
        replace(
            likeness,
            identical=[tuple(map(number, group)) for group in likeness.identical],
            pairs=[hidden(pair) for pair in likeness.pairs],
            left_out=[(number(student), why) for student, why in likeness.left_out],
        )
        for likeness in found
    ]


def _phrases(student: str, person: Person) -> list[str]:
    """What names one person and nobody else; a folder's name of one short word may be any word."""
    return [
        each
        for each in (student, without_number(student), person.name, person.email, person.sid)
        if len(each) > 5
    ]


def _pattern(texts: Iterable[str]) -> re.Pattern[str]:
    """Matches each of the texts as words of their own, whatever the case; without texts, nothing."""
    either = "|".join(re.escape(text) for text in sorted(set(texts), key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])" if either else r"(?!)", re.IGNORECASE)


def _masked(pieces: list[tuple[str, bool]], patterns: list[re.Pattern[str]]) -> list[tuple[str, bool]]:
    """The pieces with every match in a comment or a text replaced by as many marks."""
    text = "".join(piece for piece, _ in pieces)
    characters = list(text)
    for start, end in _prose(text):
        for pattern in patterns:
            for match in pattern.finditer(text, start, end):
                characters[match.start() : match.end()] = MASK * (match.end() - match.start())
    hidden, position, masked = "".join(characters), 0, []
    for piece, shared in pieces:
        masked.append((hidden[position : position + len(piece)], shared))
        position += len(piece)
    return masked


def _prose(text: str) -> Iterator[tuple[int, int]]:
    """Where comments and texts begin and end; all of a file that cannot be cut into Python's tokens."""
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        yield 0, len(text)
        return
    for token in tokens:
        if token.type in kinds:
            (row, column), (last_row, last_column) = token.start, token.end
            yield lines[row - 1] + column, lines[last_row - 1] + last_column
