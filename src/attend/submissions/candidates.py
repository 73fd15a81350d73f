"""Which of the files that somebody handed in is the answer to a topic: one rule for folders, zips and single files."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from attend.course.syllabus import Topic
from attend.submissions.answer_file import defines_any, examples_name, exercises_done, is_untouched
from attend.submissions.names import KINDS, clean, fit, is_of_another_topic, kind_of, version_of
from attend.submissions.texts import Text, read_text
from attend.submissions.trees import Member, RefusedError
from attend.submissions.zips import MAX_ARCHIVE, open_zip

MAX_NESTED = 3  # zips in zips
MAX_UNPACKED = 2 * MAX_ARCHIVE  # bytes of all zips and files of one person that are looked at
MAX_CANDIDATES = 50
MAX_EXAMPLES = 64 << 10  # bytes of a file of examples


@dataclass(frozen=True)
class Candidate:
    """A file that could be the answer; `containers` are the zips around it, the outermost first."""

    member: Member
    containers: tuple[Member, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Its path, from the outermost zip on."""
        return tuple(part for member in (*self.containers, self.member) for part in member.parts)

    @property
    def shown(self) -> str:
        """Where the file lies: `homework.zip: week 3/t03.py`."""
        return self.member.shown

    def fits(self, topic: Topic) -> int:
        """How well its name fits the topic; see `fit`."""
        return fit(self.member.name, topic)


@dataclass(frozen=True)
class Read:
    """A candidate with its text, or why it has none; the text is empty then."""

    candidate: Candidate
    text: Text
    problem: str = ""


@dataclass(frozen=True)
class Choice:
    """The file that counts, and what a person should know about how it was chosen.

    examples: the text of the student's examples beside it; empty where there are none.
    """

    candidate: Candidate
    text: Text
    notes: tuple[str, ...]
    examples: str = ""


def choose(members: list[Member], topic: Topic, where: str) -> Choice:
    """The answer to `topic` among the files `members`, which lie at `where`.

    A file that was written in counts before one that is as it was handed out, one that is called after the topic before
    one that is not, a later version before an earlier one. A file that cannot be read counts for nothing.

    Raises:
        RefusedError: no file can be the answer.
    """
    search = _Search(topic)
    for member in members:
        search.add(member)
    found = sorted(search.found, key=lambda each: -each.fits(topic))
    read = [search.read(candidate) for candidate in found[:MAX_CANDIDATES]]
    usable = [each for each in read if not each.problem and (len(found) == 1 or _could_be(each, topic))]
    if not usable:
        raise RefusedError(_refusal(read, members, search, topic, where))
    best = max(usable, key=lambda each: _rank(each, topic))
    rivals = [each for each in usable if each.text.code != best.text.code]
    examples = search.examples_beside(best.candidate)
    notes = [*search.notes, *_about(best, rivals, read, topic), *best.text.notes]
    if len(found) > MAX_CANDIDATES:
        notes.append(f"{len(found)} files could be the answer; {MAX_CANDIDATES} of them were looked at.")
    return Choice(best.candidate, best.text, tuple(dict.fromkeys(notes)), examples)


def _could_be(read: Read, topic: Topic) -> bool:
    return bool(read.candidate.fits(topic)) or defines_any(read.text.code, topic)


def _rank(read: Read, topic: Topic) -> tuple:
    """The greatest is the answer."""
    candidate, done = read.candidate, exercises_done(read.text.code, topic)
    outermost = (*candidate.containers, candidate.member)[0]
    kinds = list(KINDS.values())
    return (
        done > 0,
        not is_untouched(read.text.code, topic),
        candidate.fits(topic) > 0,
        version_of(outermost.parts, topic),
        -len(candidate.containers),
        candidate.member.order[:-1],
        version_of(candidate.member.parts, topic),
        -kinds.index(kind_of(candidate.member.name)),
        done,
        candidate.fits(topic),
        -len(candidate.parts),
        candidate.member.order[-1:],
        # of equal ones always the same
        candidate.parts,
    )


class _Search:
    """Goes through files and the zips among them, within the limits on one person's hand-in."""

    def __init__(self, topic: Topic):
        self._topic, self._left = topic, MAX_UNPACKED
        self.found: list[Candidate] = []
        self.notes: list[str] = []
        self.problems: list[str] = []  # of zips that cannot be opened
        self.held: list[str] = []  # names of other files
        self._examples: list[tuple[Member, tuple[Member, ...]]] = []

    def add(self, member: Member, containers: tuple[Member, ...] = ()) -> None:
        kind = kind_of(member.name)
        if member.name == examples_name(self._topic):
            self._examples.append((member, containers))
        if not kind or is_of_another_topic(member.name, self._topic):
            self.held.append("/".join(member.parts))
            if member.problem:
                self.notes.append(f"{member.shown} {member.problem}; it was left out.")
        elif kind != "zip":
            self.found.append(Candidate(member, containers))
        elif len(containers) >= MAX_NESTED:
            self.problems.append(f"{member.shown} is a zip in {MAX_NESTED} others, which is not opened.")
        else:
            self._open(member, containers)

    def _open(self, member: Member, containers: tuple[Member, ...]) -> None:
        try:
            archive = open_zip(self._bytes(member, MAX_ARCHIVE), member.name)
        except RefusedError as error:
            self.problems.append(str(error))
            return
        inside = archive.tree.files()
        if not inside and not archive.unsafe:
            self.problems.append(f"{member.shown} is empty; it should hold {self._topic.slug}.py.")
        within = f"{member.shown}: "
        for each in archive.unsafe:
            self.notes.append(f"{within}{each.shown} {each.problem}; it was left out.")
        for each in inside:
            self.add(replace(each, within=within), (*containers, member))

    def read(self, candidate: Candidate) -> Read:
        try:
            return Read(candidate, read_text(candidate.member, self._topic, self._bytes))
        except RefusedError as error:
            return Read(candidate, Text(""), str(error))

    def examples_beside(self, candidate: Candidate) -> str:
        """The text of the examples handed in with a candidate: those in the same zip, or else the last ones."""
        found = sorted(self._examples, key=lambda each: each[1] == candidate.containers)
        if not found:
            return ""
        try:
            return self._bytes(found[-1][0], MAX_EXAMPLES).decode("utf-8-sig")
        except (RefusedError, UnicodeDecodeError):
            self.notes.append(f"{found[-1][0].shown} is no short UTF-8 text; its examples were left out.")
            return ""

    def _bytes(self, member: Member, limit: int) -> bytes:
        if self._left <= 0:
            raise RefusedError(f"{member.shown} was not looked at: the files before it are too large.")
        data = member.read(min(limit, self._left))
        self._left -= len(data)
        return data


def _refusal(read: list[Read], members: list[Member], search: _Search, topic: Topic, where: str) -> str:
    """Why nothing can be taken: what is wrong with the files that could be the answer, else what there is."""
    named = [each for each in read if each.candidate.fits(topic)] or read
    problems = [each.problem for each in named if each.problem] or search.problems
    if problems:
        return problems[0]
    if len(members) == 1 and members[0].problem:
        return f"{members[0].shown} {members[0].problem}."
    if len(members) == 1 and not kind_of(members[0].name):
        return f"{members[0].shown} is no Python file; hand in {topic.slug}.py or a zip that holds it."
    held = sorted({*("/".join(each.candidate.member.parts) for each in read), *search.held})
    notes = " ".join(dict.fromkeys(search.notes))
    listed = f"; it holds: {', '.join(clean(name) for name in held[:5])}" if held else ""
    return f"{where} holds no {topic.slug}.py{listed}." + (f" {clean(notes, 400)}" if notes else "")


def _about(best: Read, rivals: list[Read], read: list[Read], topic: Topic) -> Iterator[str]:
    """What is to be told about the choice."""
    if not best.candidate.fits(topic):
        yield f"{best.candidate.shown} is taken as {topic.number}, though it is not called {topic.slug}.py."
    named = [each for each in rivals if each.candidate.fits(topic)]
    if named:
        names = ", ".join(each.candidate.shown for each in named[:3]) + (", …" if len(named) > 3 else "")
        written = [each for each in (best, *named) if exercises_done(each.text.code, topic)]
        why = ": nothing is written in the rest" if written == [best] else ""
        yield f"{len(named) + 1} files are called {topic.number}; {best.candidate.shown} counts, not {names}{why}."
    for each in read:
        if each.problem and each.candidate.fits(topic):
            yield f"{each.problem.rstrip('.')}; {best.candidate.shown} counts."


def names_inside(member: Member) -> Iterator[str]:
    """The names of the files in a zip, and of those in zips in it. Nothing where it cannot be opened."""
    left = [(member, 1)]
    budget = MAX_UNPACKED
    while left:
        member, depth = left.pop()
        try:
            data = member.read(min(MAX_ARCHIVE, budget))
            budget -= len(data)
            inside = open_zip(data, member.name).tree.files()
        except RefusedError:
            continue
        for each in inside:
            yield each.name
            if kind_of(each.name) == "zip" and depth < MAX_NESTED:
                left.append((each, depth + 1))
