"""What every attack shares: an honest solution to spoil, real lanes to grade it in, and a secret to guard.

An attack's source is put after the topic's whole solution: what it defines takes the place of the honest definition,
and the rest of the file stays right. Each attack is graded by the lane that grades everything; afterwards an honest
submission must still get everything there, no process and no file may be left behind, and the secret, which lies in
the grader's memory, environment, files and hidden tests, may not have come out of any worker.
"""

import base64
import os
import re
import secrets
import shutil
import subprocess
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from attend.course.syllabus import Course, Topic, load_course
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.gradebook.reports.feedback import write_feedback
from attend.grading.course_grader import Lane
from attend.sandbox import connection
from attend.sandbox.levels import choose_level
from attend.submissions import Entry
from attend.submissions.submission import Submission

ROOT = Path(__file__).resolve().parents[3]
TINY = ROOT / "tests/course/tiny"
TOPICS = {"t03_attention_decoding": ROOT, "t09_additive": ROOT, "t01_tiny": TINY, "t02_gate": TINY}
NEXT = {"numpy": "t01_tiny", "torch": "t02_gate"}  # the small topic that is graded after each attack
CANARY = f"canary-{secrets.token_hex(16)}"  # in the grader's memory
_PLAIN = CANARY.encode()
FORMS = [_PLAIN, _PLAIN[::-1], _PLAIN.hex().encode(), CANARY.encode("utf-16-le"), CANARY.encode("utf-32-le")]
FORMS += [base64.b64encode(_PLAIN)[2:-4], zlib.compress(_PLAIN)]
KEPT = 1 << 20


@pytest.fixture(scope="session")
def level() -> str:
    """The strongest confinement that this machine gives: attacks are made on what people will use."""
    return choose_level(None)


@pytest.fixture(scope="session")
def house(tmp_path_factory) -> Iterator[Course]:
    """A copy of the course, and of a tiny one, with the secret in its files, its hidden tests and the environment."""
    root = tmp_path_factory.mktemp("house")
    (root / "secret.txt").write_text(CANARY)
    shutil.copy(ROOT / "pyproject.toml", root)
    topics = (TINY / "course.toml").read_text().partition("[[topics]]")
    (root / "course.toml").write_text((ROOT / "course.toml").read_text() + "".join(topics[1:]))
    for folder in ("solutions", "autograder/graders", "autograder/misconceptions"):
        for slug, source in TOPICS.items():
            for file in (source / folder).glob(f"*{slug}.*"):
                (root / folder).mkdir(parents=True, exist_ok=True)
                shutil.copy(file, root / folder)
    for grader in (root / "autograder/graders").iterdir():
        grader.write_text(f"{grader.read_text()}\nSECRET = {CANARY!r}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTEND_TEST_SECRET", CANARY)
        yield load_course(root)


@pytest.fixture(scope="session")
def lane(house, level):
    """One lane for all attacks; every honest solution is full in it before the first and after the last."""
    with Lane(house, level) as opened:
        topics = [house.by_slug[slug] for slug in TOPICS]
        assert all(full(opened.grader(topic).grade(solution(house, topic))) for topic in topics)
        yield opened
        assert all(full(opened.grader(topic).grade(solution(house, topic))) for topic in topics)


@dataclass
class Traffic:
    """What workers have sent since the last `clear`: of each piece its beginning, and whether it held the secret."""

    data: bytearray = field(default_factory=bytearray)
    holds_secret: bool = False

    def clear(self) -> None:
        self.data.clear()
        self.holds_secret = False

    def add(self, data: bytes) -> None:
        self.holds_secret = self.holds_secret or any(form in data for form in FORMS)
        self.data += data[:KEPT]


@pytest.fixture(scope="session")
def traffic():
    """A tap on the grader's end of every worker's socket."""
    heard, read, receive = Traffic(), connection.Connection._read, connection.Connection.receive_frame

    def tapped(self, *args):
        data = read(self, *args)
        heard.add(data)
        return data

    def received(self, *args):
        frame = receive(self, *args)
        if frame.kind == "compiled":  # the attack's own text, before any of it ran: no loot
            for buffer in frame.buffers:
                heard.data = heard.data.replace(buffer[:KEPT], b"")
        return frame

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.Connection, "_read", tapped)
        patch.setattr(connection.Connection, "receive_frame", received)
        yield heard


@dataclass
class Verdict:
    """The grade of an attack, with what its worker sent and what people would read."""

    grade: Grade
    sent: bytes
    pages: dict[str, str]

    def row(self, exercise: str) -> ExerciseGrade:
        return next(row for row in self.grade.exercises if row.exercise == exercise)

    @property
    def messages(self) -> str:
        """What the grade says of the submission, in all its places."""
        rows = self.grade.exercises
        lines = [test.message for row in rows for test in row.tests if not test.passed]
        lines += [text for row in rows for text in (row.sentence, row.smallest, *row.notes)]
        return "\n".join(dict.fromkeys([self.grade.problem, *lines]))

    @property
    def told(self) -> str:
        """The grade as it is kept, without the code of the file itself: that was handed in, and nothing ran to get it."""
        rows = [
            replace(row, unnamed=replace(row.unnamed, code="") if row.unnamed else None)
            for row in self.grade.exercises
        ]
        return replace(self.grade, exercises=rows).to_json()

    @property
    def loot(self) -> str:
        """What the attack got hold of and sent as its answer: everything after the mark LOOT."""
        found = re.findall(rb"LOOT\[(.*?)\]TOOL", self.sent, re.DOTALL)
        assert found, f"the attack never ran: {self.messages}"
        return b"\n".join(dict.fromkeys(found)).decode(errors="replace")

    def loses(
        self, *exercises: str, outcome: str = "", saying: str = "", points: float | None = None
    ) -> "Verdict":
        """The attacked exercises lose points, no other one does, and the messages say `saying`."""
        assert self.grade.problem == ""
        for row in self.grade.exercises:
            if row.exercise not in exercises:
                assert row.outcome in ("full", "carried"), (row.exercise, row.outcome, self.messages)
                continue
            assert row.outcome not in ("full", "carried"), row.exercise
            assert row.points < row.max_points
            assert not outcome or row.outcome == outcome, (row.outcome, self.messages)
            assert points is None or row.points <= points, (row.points, row.outcome)
        assert saying in self.messages, self.messages
        return self

    def is_honest(self) -> "Verdict":
        """Every exercise is full: the attack took nothing from the rest of the file, and got nothing."""
        assert full(self.grade), self.messages
        return self

    def is_refused(self, saying: str) -> "Verdict":
        """Nothing was run: every exercise has a row that says so, and the problem says why."""
        assert {row.outcome for row in self.grade.exercises} == {"refused"}, self.grade.problem
        return self.fails_whole(saying)

    def fails_whole(self, saying: str) -> "Verdict":
        """The file earns nothing, with a row for every exercise, and the problem says why."""
        assert self.grade.points == 0
        assert self.grade.exercises
        assert saying in self.grade.problem, self.grade.problem
        return self


@pytest.fixture
def attack(house, lane, traffic, tmp_path) -> Callable[..., Verdict]:
    """Grade the honest solution of a topic followed by hostile source; see that nothing else was harmed."""

    def run(source: str, topic: str = "t03", **rules: float) -> Verdict:
        """`rules` change the course's grading rules: call_seconds=1 for what is to run into its deadline."""
        subject = house.topic(topic)
        grader = lane.grader(subject)
        honest = solution(house, subject)
        before = processes(), leftovers()
        traffic.clear()
        course = grader.course
        grader.course = replace(course, grading=replace(course.grading, **rules))
        try:
            grade = grader.grade(replace(honest, student="mallory", text=honest.text + "\n\n" + source))
        finally:
            grader.course = course
        assert not traffic.holds_secret, "a worker sent the secret"
        verdict = Verdict(grade, bytes(traffic.data), pages(grade, subject, tmp_path))
        assert CANARY not in "".join(verdict.pages.values())
        assert processes() <= before[0], "a process was left behind"
        assert leftovers() <= before[1], "a file was left behind"
        assert next_is_full(house, lane, subject), "the next submission in the lane suffered"
        return verdict

    return run


@pytest.fixture
def hand_in(house, lane, tmp_path) -> Callable[..., Verdict]:
    """Grade a file, folder or archive through the lane; the next honest one still gets everything."""

    def run(path: Path, topic: str = "t03") -> Verdict:
        subject = house.topic(topic)
        before = leftovers(), set(tmp_path.rglob("*"))
        grade = lane.grade(Entry("mallory", subject.slug, path))
        assert [row.exercise for row in grade.exercises] == [exercise.name for exercise in subject.exercises]
        assert (leftovers(), set(tmp_path.rglob("*"))) == before, "a file was left behind"
        verdict = Verdict(grade, b"", pages(grade, subject, tmp_path))
        assert CANARY not in "".join(verdict.pages.values())
        assert next_is_full(house, lane, subject)
        return verdict

    return run


@pytest.fixture
def honest(house) -> str:
    """The text of a right submission to t03."""
    return solution(house, house.topic("t03")).text


@pytest.fixture
def zipped(tmp_path) -> Callable[..., Path]:
    """Make t03's zip from names (or ZipInfos) and contents."""

    def make(contents: dict, compression: int = zipfile.ZIP_DEFLATED) -> Path:
        path = tmp_path / "t03_attention_decoding.zip"
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w", compression) as archive:
            warnings.simplefilter("ignore")  # a name that comes twice
            for name, text in contents.items() if isinstance(contents, dict) else contents:
                archive.writestr(name, text)
        return path

    return make


@pytest.fixture
def attend_grade(house, level) -> Callable[..., subprocess.CompletedProcess]:
    """`attend grade` in a process of its own, on the guarded course."""

    def run(*arguments: object, timeout: float = 60, **options) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "attend", "--course", house.root, "grade", *arguments]
        return subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=timeout, **options
        )

    return run


def solution(course: Course, topic: Topic) -> Submission:
    """The topic's reference, handed in."""
    text = course.solution(topic).read_text(encoding="utf-8")
    return Submission("ada", topic.slug, f"{topic.slug}.py", text)


def full(grade: Grade) -> bool:
    return all(row.outcome == "full" for row in grade.exercises)


def next_is_full(course: Course, lane: Lane, attacked: Topic) -> bool:
    """Whether an honest submission of the same library, in a worker of the same zygote, gets everything."""
    topic = course.by_slug[NEXT[attacked.library]]
    return full(lane.grader(topic).grade(solution(course, topic)))


def pages(grade: Grade, topic: Topic, out: Path) -> dict[str, str]:
    """The feedback as Markdown and as HTML."""
    html = write_feedback(grade, topic, out / "pages")
    return {"md": html.with_suffix(".md").read_text(), "html": html.read_text()}


def processes() -> set[int]:
    """All processes below this one."""
    parents: dict[int, int] = {}
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        try:
            stat = Path(f"/proc/{name}/stat").read_text()
        except OSError:
            continue
        parents[int(name)] = int(stat.rpartition(")")[2].split()[1])
    found = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def leftovers() -> set[Path]:
    """Files with which an attack would show that it could write."""
    folders = [Path(name) for name in ("/tmp", "/dev/shm", "/var/tmp", ".", str(Path.home()))]
    return {path for folder in folders if folder.is_dir() for path in folder.glob("owned*")}
