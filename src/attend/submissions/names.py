"""What a file's name says: which topic it is for, and what it is, whatever system, browser or platform wrote the name."""

import os
import re
import unicodedata
from functools import lru_cache
from pathlib import PurePosixPath

from attend.course.syllabus import Course, Topic

# The kinds of file that can hold an answer; the earlier is preferred where all else is equal.
KINDS = {"py": "module", "ipynb": "notebook", "zip": "zip"}
# Some mail programs, browsers and platforms append an ending of their own, as in `t03.py.txt`.
_FILE = re.compile(
    r"(?P<stem>.*)\.(?P<kind>py|ipynb|zip)(?:\.(?:txt|json|download))?(?P<again>(?: ?\(\d+\))?)", re.I | re.S
)
_TOPIC_NUMBER = re.compile(r"t\d\d")
# What systems and people append to the name of a copy or a version.
_OLD = frozenset("old backup bak orig original alt anterior".split())
_LAST = frozenset("final last latest fixed corrected neu new".split())
_VERSION_WORDS = (
    _OLD | _LAST | frozenset("copy kopie copie copia kopi solution submission py ipynb zip v".split()) | {""}
)
_COPY_OF = (("copy", "of"), ("kopie", "von"), ("copie", "de"), ("copia", "de"), ("kopi", "av"))
# Folders that belong to a system, an editor or an installation, never to an answer.
_COMPANY = frozenset({"__macosx", "__pycache__", "node_modules", "site-packages", "dist-packages"})


def kind_of(name: str) -> str:
    """`module`, `notebook`, `zip`, or "" for any other file."""
    match = _FILE.fullmatch(name)
    return KINDS[match["kind"].casefold()] if match else ""


def is_company(part: str) -> bool:
    """Whether a part of a path is a system's or an installation's: such files and folders are passed over."""
    return part.startswith(".") or part.casefold() in _COMPANY


@lru_cache(maxsize=1 << 16)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a file's name in lower case, without its ending and without a `Copy of` in front."""
    match = _FILE.fullmatch(name)
    stem = match["stem"] + match["again"] if match else PurePosixPath(name).stem
    words = tuple(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", stem).casefold()))
    return words[2:] if words[:2] in _COPY_OF else words


def fit(name: str, topic: Topic) -> int:
    """How well a name fits a topic.

    Returns:
        2 for the topic's slug or number with at most what marks a copy or a version (`T03 (1)-2.PY`), 1 where other
        words follow (`t03_ada_eliot.py`), else 0.
    """
    rest = _after_topic(name, topic)
    if rest is None:
        return 0
    return 2 if all(word.strip("0123456789") in _VERSION_WORDS for word in rest) else 1


def _after_topic(name: str, topic: Topic) -> tuple[str, ...] | None:
    """The words that follow the topic's slug or number in a name; None where the name begins with neither."""
    words, slug = words_of(name), words_of(topic.slug)
    if words[: len(slug)] == slug:
        return words[len(slug) :]
    return words[1:] if words[:1] == slug[:1] else None


def is_of_another_topic(name: str, topic: Topic) -> bool:
    """Whether a file is called after a topic that is not `topic`."""
    first = words_of(name)[:1]
    return bool(first) and bool(_TOPIC_NUMBER.fullmatch(first[0])) and first[0] != topic.number


def topic_of(name: str, course: Course) -> Topic | None:
    """The topic that a file of one of the KINDS is called after: `t03_attention_decoding.py`, `T03 (1).zip`, or None."""
    if not kind_of(name):
        return None
    return max(
        (topic for topic in course.topics if fit(name, topic)),
        key=lambda topic: fit(name, topic),
        default=None,
    )


def version_of(parts: tuple[str, ...], topic: Topic) -> tuple[bool, bool, tuple[int, ...]]:
    """What a path says about which version of an answer it is; of two, the later version is the greater."""
    old = any(not _OLD.isdisjoint(words_of(part)) for part in parts)
    rest = _after_topic(parts[-1], topic)
    words = words_of(parts[-1]) if rest is None else rest
    numbers = tuple(int(digits) for word in words for digits in re.findall(r"\d{1,9}", word))
    return (not old, any(word.strip("0123456789") in _LAST for word in words), numbers)


def printable(name: str) -> str:
    """A name as it can be stored and shown on one line, composed (NFC); other characters appear as escapes."""
    text = os.fsencode(name).decode(errors="backslashreplace")
    text = unicodedata.normalize("NFC", text)
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def clean(text: str, length: int = 120) -> str:
    """A person's text for one line of a message: printable characters only, cut at a length."""
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return text if len(text) <= length else text[:length] + "…"
