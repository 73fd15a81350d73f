"""Marché: French sentences from a market, their English translations, and which word comes from which.

A small grammar generates any number of them, with exact alignments. A sentence has a
subject, a verb and one to six noun phrases: *mon père vend soixante et onze livres rouges et deux jolies
fleurs* → *my father sells seventy one red books and two pretty flowers*. The order of words crosses (livres
rouges → red books) or does not (jolies fleurs → pretty flowers), and several words may become one or two
(soixante et onze → seventy one). A tenth of the training pairs are from a phrasebook.

The French rules, as grammars state them (Grevisse and Goosse, *Le bon usage*; the Académie française and the
Office québécois de la langue française on numbers):

- articles and adjectives agree with the noun in gender and number; *des* is *de* before an adjective that
  stands before its noun (*de jolies fleurs*, *des fleurs bleues*);
- under *ne … pas* the indefinite article is *de* (*pas de fleurs*), and a list goes on with *ni de*;
- *je, ne, le, la, de* elide before a vowel or mute h: *j'achète, n'ai, l'horloge, d'oranges*;
- *vingt* takes an s in *quatre-vingts* only, a final *un* agrees (*vingt et une pommes*), other numbers don't
  change.

Tokens: lower case; the apostrophe stays with the word it shortens (*j' achète*, *d' oranges*), except inside
*aujourd'hui*; hyphens become spaces (*allez vous*, *quatre vingt dix sept*); a comma is a token; no final
stop.

Held out for the test: every sentence whose text has crc32 % 10 == 0. The phrasebook is for training only.
"""

import random
import re
from collections.abc import Iterator
from zlib import crc32

from attend.lab.data.counting import LARGEST, SMALLEST, counted
from attend.lab.data.pair import SentencePair, aligned, joined
from attend.lab.data.phrasebook import PHRASEBOOK
from attend.lab.data.words import ADJECTIVES, NOUNS, SUBJECTS, VERBS, Adjective, Noun, Subject, Verb, elides

LONGEST_TRAINED, LONGEST = 40, 50
PHRASES_BEYOND = (6, 9)  # how many noun phrases it takes to be longer than anything trained on
DETERMINERS = ("number", "a", "some", "the one", "the many")
FREQUENCIES = (75, 8, 7, 5, 5)
SHARE_OF_ADJECTIVES = 0.8
SHARE_OF_LONG_NUMBERS = 0.5  # from 70 on, where French counts in scores: soixante dix sept, quatre vingt onze


def make_pairs(
    count: int, seed: int, split: str = "train", phrases: tuple[int, int] = (1, 6), long: bool = False
) -> list[SentencePair]:
    """`count` pairs, the same for the same arguments.

    Args:
        split: "train" (a tenth is from the phrasebook) or "test" (sentences that no training set has).
        phrases: the least and the greatest number of noun phrases in a sentence.
        long: sentences of 41 to 50 words, beyond what the models are trained on, instead of at most 40.

    Raises:
        ValueError: the split is another one, or `phrases` is not a range from 1 on.

    >>> make_pairs(3, seed=0) == make_pairs(3, seed=0)
    True
    """
    if split not in ("train", "test"):
        raise ValueError(f"split is 'train' or 'test', not {split!r}")
    if not 1 <= phrases[0] <= phrases[1]:
        raise ValueError(f"phrases is (least, most) with 1 <= least <= most, not {phrases}")
    rng = random.Random(f"marché {seed} {split} {'long' if long else 'in range'} {tuple(phrases)}")
    known = _phrases_of_the_book(count // 10, rng) if split == "train" and not long else []
    written = _sentences(rng, split, PHRASES_BEYOND if long else phrases, long)
    pairs = known + [next(written) for _ in range(count - len(known))]
    rng.shuffle(pairs)
    return pairs


def held_out(source: tuple[str, ...]) -> bool:
    """Whether a sentence belongs to the test."""
    return crc32(" ".join(source).encode()) % 10 == 0


def tokenise(text: str) -> tuple[str, ...]:
    """The tokens of a text that a person typed.

    >>> tokenise("Comment allez-vous ?"), tokenise("J’achète quatre-vingts pommes.")
    (('comment', 'allez', 'vous'), ("j'", 'achète', 'quatre', 'vingts', 'pommes'))
    """
    text = text.lower().replace("’", "'").replace("-", " ").replace("aujourd'hui", "aujourd\0hui")
    words = re.findall(r"[^\W_\0]+(?:\0[^\W_]+)?'?|,", text)
    return tuple(word.replace("\0", "'") for word in words)


def _phrases_of_the_book(count: int, rng: random.Random) -> list[SentencePair]:
    """Each phrase equally often, as far as `count` allows."""
    order = rng.sample(PHRASEBOOK, len(PHRASEBOOK))
    return [order[n % len(order)] for n in range(count)]


def _sentences(
    rng: random.Random, split: str, phrases: tuple[int, int], long: bool
) -> Iterator[SentencePair]:
    while True:
        pair = sentence(rng, rng.randint(*phrases))
        fits = LONGEST_TRAINED < len(pair.source) <= LONGEST if long else len(pair.source) <= LONGEST_TRAINED
        if fits and held_out(pair.source) == (split == "test"):
            yield pair


def sentence(rng: random.Random, phrases: int) -> SentencePair:
    """One sentence with this many noun phrases; one in five is negated."""
    subject, verb, negated = rng.choice(SUBJECTS), rng.choice(VERBS), rng.random() < 0.2
    parts = [clause(subject, verb, negated)]
    last = aligned("ni", "or", "0") if negated else aligned("et", "and", "0")
    for n in range(phrases):
        if n > 0:
            parts.append(last if n == phrases - 1 else aligned(",", ",", "0"))
        determiner = "any" if negated else rng.choices(DETERMINERS, FREQUENCIES)[0]
        adjective = rng.choice(ADJECTIVES) if rng.random() < SHARE_OF_ADJECTIVES else None
        number = rng.randint(70 if rng.random() < SHARE_OF_LONG_NUMBERS else SMALLEST, LARGEST)
        parts.append(noun_phrase(determiner, rng.choice(NOUNS), adjective, number))
    return joined(parts)


def clause(subject: Subject, verb: Verb, negated: bool) -> SentencePair:
    """*je n' achète pas* → *i do not buy*: *do* comes from the verb, *not* from *ne … pas*."""
    form = verb.french[subject.person]
    who = SentencePair(subject.french, subject.english, tuple((n, n) for n in range(len(subject.french))))
    if negated:
        do = "does" if subject.third else "do"
        ne = "n'" if elides(form) else "ne"
        return joined([who, aligned(f"{ne} {form} pas", f"{do} not {verb.english}", "1 0,2 1")])
    if who.source == ("je",) and elides(form):
        who = aligned("j'", "i", "0")
    return joined([who, aligned(form, verb.english_third if subject.third else verb.english, "0")])


def noun_phrase(
    determiner: str, noun: Noun, adjective: Adjective | None, number: int = SMALLEST
) -> SentencePair:
    """A determiner, a noun, and an adjective on its side of it; `number` is for the determiner "number".

    >>> noun_phrase("some", NOUNS[11], ADJECTIVES[2]).source, noun_phrase("the one", NOUNS[8], None).source
    (('de', 'jolies', 'fleurs'), ("l'", 'oiseau'))
    """
    plural = determiner not in ("a", "the one")
    thing = aligned(noun.french(plural), noun.translation(plural), "0")
    if adjective is not None:
        form = adjective.french(noun.gender, plural)
        english = f"{adjective.english} {noun.translation(plural)}"
        if adjective.before:
            thing = aligned(f"{form} {noun.french(plural)}", english, "0 1")
        else:
            thing = aligned(f"{noun.french(plural)} {form}", english, "1 0")
    if determiner == "number":
        return joined([counted(number, noun.gender), thing])
    before = adjective is not None and adjective.before
    return joined([_article(determiner, noun.gender, before, thing), thing])


def _article(determiner: str, gender: str, adjective_before: bool, thing: SentencePair) -> SentencePair:
    first, english = thing.source[0], thing.target[0]
    match determiner:
        case "a":
            return aligned("un" if gender == "m" else "une", "an" if english[0] in "aeiou" else "a", "0")
        case "the one":
            return aligned("l'" if elides(first) else "le" if gender == "m" else "la", "the", "0")
        case "the many":
            return aligned("les", "the", "0")
        case "some":
            return aligned("de" if adjective_before else "des", "some", "0")
        case "any":
            return aligned("d'" if elides(first) else "de", "any", "0")
    raise ValueError(f"no determiner is called {determiner!r}")
