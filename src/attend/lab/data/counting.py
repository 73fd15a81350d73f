"""Numbers from 2 to 99, spelt by num2words: *soixante et onze* → *seventy one*."""

from functools import cache

from num2words import num2words

from attend.lab.data.pair import SentencePair

SMALLEST, LARGEST = 2, 99


def french(number: int, gender: str) -> list[str]:
    """Hyphens become spaces. A final *un* takes the noun's gender, which num2words does not know.

    >>> french(81, "f"), french(80, "f"), french(71, "f")
    (['quatre', 'vingt', 'une'], ['quatre', 'vingts'], ['soixante', 'et', 'onze'])
    """
    words: list[str] = num2words(number, lang="fr").replace("-", " ").split()
    if words[-1] == "un" and gender == "f":
        words[-1] = "une"
    return words


def english(number: int) -> list[str]:
    words: list[str] = num2words(number, lang="en").replace("-", " ").split()
    return words


@cache
def counted(number: int, gender: str) -> SentencePair:
    """The number in both languages. Each English word is aligned with the French words that determine it.

    In French, a number from 71 to 79 or 91 to 99 ends in a word from *onze* to *dix neuf*. Up to *seize* it determines
    both the English ten and the English unit:

    >>> counted(71, "m").alignment    # seventy ← soixante, onze; one ← et, onze
    ((0, 0), (0, 2), (1, 1), (1, 2))
    >>> counted(97, "m").alignment    # ninety ← quatre, vingt, dix; seven ← sept
    ((0, 0), (0, 1), (0, 2), (1, 3))
    """
    source, target = french(number, gender), english(number)
    positions = range(len(source))
    if len(target) == 1:
        return SentencePair(tuple(source), tuple(target), tuple((0, s) for s in positions))
    units = [s for s in positions if source[s] == "et" or s == len(source) - 1]
    tens = [s for s in positions if s not in units]
    if number // 10 in (7, 9) and number % 10 <= 6:
        tens.append(len(source) - 1)
    alignment = [(0, s) for s in tens] + [(1, s) for s in units]
    return SentencePair(tuple(source), tuple(target), tuple(sorted(alignment)))
