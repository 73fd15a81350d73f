"""`course.toml` as plain data: topics, exercises, points. Importable without numpy or torch."""

import re
import secrets
import tomllib
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from attend.course.repository import Repository, parse_repository
from attend.course.result_release import ResultRelease, read_result_release
from attend.course.rules import Policy, SyllabusError, check_keys, read_policy

COURSE_FILE = "course.toml"


@dataclass(frozen=True)
class Exercise:
    """One thing a student writes: a function, a class or a method (`Class.method`)."""

    name: str
    number: int
    slug: str
    points: float
    minutes: int
    difficulty: int
    target: str
    builds_on: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The number students see, as `t03.1`."""
        return f"{self.slug[:3]}.{self.number}"


@dataclass(frozen=True)
class Topic:
    """One topic of the course: its exercises in order, and what they are written with, numpy or torch."""

    slug: str
    title: str
    library: str
    exercises: tuple[Exercise, ...]
    prerequisites: tuple[str, ...] = ()
    summary: str = ""
    papers: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """The first three characters of the slug, as `t03`."""
        return self.slug[:3]

    @property
    def points(self) -> float:
        """The points of all exercises together, without the last digits that adding decimals leaves."""
        return round(sum(exercise.points for exercise in self.exercises), 6)

    @property
    def minutes(self) -> int:
        """The minutes of all exercises together."""
        return sum(exercise.minutes for exercise in self.exercises)

    @property
    def names(self) -> tuple[str, ...]:
        """What a module of this topic defines: each function or class, once."""
        return tuple(dict.fromkeys(exercise.target.split(".")[0] for exercise in self.exercises))

    def exercise(self, name: str) -> Exercise:
        """The exercise called `name` (`softmax`, `t03.1` or `1`).

        Raises:
            SyllabusError: the topic has no such exercise.
        """
        for exercise in self.exercises:
            if name in (exercise.name, exercise.label, str(exercise.number)):
                return exercise
        names = ", ".join(exercise.name for exercise in self.exercises)
        raise SyllabusError(f"{self.slug} has no exercise {name!r}; it has: {names}.")


@dataclass(frozen=True)
class GradingRules:
    """The `[grading]` table of `course.toml`. Seconds are processor time of the process that runs a submission.

    call_seconds: for one call.
    exercise_seconds: for all calls of one exercise together.
    load_seconds: for loading a file, when it is graded and in `attend check`.
    fresh_inputs: the inputs of hidden tests follow from the course's seed and a secret, which every gradebook and every
        build of an autograder has of its own.
    """

    call_seconds: float = 5.0
    exercise_seconds: float = 60.0
    load_seconds: float = 10.0
    fresh_inputs: bool = False


@dataclass(frozen=True)
class Course:
    """The course that `course.toml` in the folder `root` describes.

    secret: what is added to the seed where `fresh_inputs` is on. It comes from a gradebook or a bundle, never from
        `course.toml`; empty while public tests run.
    """

    root: Path
    name: str
    version: str
    seed: int
    topics: tuple[Topic, ...]
    grading: GradingRules = field(default_factory=GradingRules)
    policy: Policy = field(default_factory=Policy)
    # when students see results
    release: ResultRelease = field(default_factory=ResultRelease)
    # keys of otter's configuration
    otter: dict[str, Any] = field(default_factory=dict)
    # the address of the published site, which ends in a slash
    site_url: str = ""
    # what the student's own examples of one topic can earn, on top of its points
    example_points: float = 0.0
    # the students' repository on GitHub, which hosted notebooks open
    repository: Repository | None = None
    secret: str = field(default="", repr=False)

    @property
    def input_seed(self) -> str:
        """What the inputs of tests follow from, besides the topic and the test's name."""
        return f"{self.seed}:{self.secret}" if self.secret else str(self.seed)

    @cached_property
    def by_slug(self) -> dict[str, Topic]:
        """The topics by their slug."""
        return {topic.slug: topic for topic in self.topics}

    def topic(self, name: str) -> Topic:
        """The topic whose slug is `name` or starts with it, as `t03`.

        Raises:
            SyllabusError: no topic fits, or several do.
        """
        found = [topic for topic in self.topics if topic.slug == name or topic.number == name]
        found = found or [topic for topic in self.topics if topic.slug.startswith(name)]
        if len(found) == 1:
            return found[0]
        known = ", ".join(topic.slug for topic in self.topics)
        problem = f"{name!r} fits several topics" if found else f"there is no topic {name!r}"
        raise SyllabusError(f"{problem}; the topics are: {known}.")

    def select(self, names: list[str] | None) -> list[Topic]:
        """The topics named, or all of them.

        Raises:
            SyllabusError: no topic has one of the names, or several have.
        """
        return [self.topic(name) for name in names] if names else list(self.topics)

    def pick(self, names: list[str] | None) -> list[tuple[Topic, tuple[Exercise, ...]]]:
        """Topics (`t03`) and single exercises (`t03.2`, `t03.softmax`) as named, each topic once with its exercises.

        A topic that is named as a whole, or by its file, comes with all its exercises; without names, all topics do.

        Raises:
            SyllabusError: there is no such topic or exercise.
        """
        picked: dict[Topic, tuple[Exercise, ...]] = {}
        for name in names or [topic.slug for topic in self.topics]:
            number, _, exercise = _bare(name).partition(".")
            topic = self.topic(number)
            wanted = (topic.exercise(exercise),) if exercise else topic.exercises
            picked[topic] = tuple(dict.fromkeys((*picked.get(topic, ()), *wanted)))
        return list(picked.items())

    # One slug names a topic in every layer, so every layer's file is found from it.

    def solution(self, topic: Topic) -> Path:
        """The file of the topic's reference solution."""
        return self.root / "solutions" / f"{topic.slug}.py"

    def master(self, topic: Topic) -> Path:
        """The file from which the topic's notebooks are made; only a lab has one."""
        return self.root / "autograder" / "otter" / f"{topic.slug}.md"

    def assignment(self, topic: Topic) -> Path:
        """The file that students edit."""
        return self.root / "assignments" / f"{topic.slug}.py"

    def small_calls(self, topic: Topic) -> Path:
        """The table of small calls with their right answers, which students have too."""
        return self.root / "tests" / "public" / "small" / f"{topic.slug}.json"

    def examples(self, topic: Topic) -> Path:
        """The file in which a student writes examples."""
        return self.root / "examples" / f"{topic.slug}.txt"

    def stub(self, topic: Topic) -> Path:
        """The module in assignments/ as it was handed out; in a release only."""
        return self.root / "tests" / "public" / "stubs" / f"{topic.slug}.py"

    def ways(self, topic: Topic) -> Path:
        """The sealed file of other right ways to write the exercises."""
        return self.root / "tests" / "public" / "ways" / f"{topic.slug}.json"

    def public_tests(self, topic: Topic) -> Path:
        """The file of the tests that students run."""
        return self.root / "tests" / "public" / f"test_{topic.slug}.py"

    def graders(self, topic: Topic) -> Path:
        """The file of the hidden tests."""
        return self.root / "autograder" / "graders" / f"test_{topic.slug}.py"

    def misconceptions(self, topic: Topic) -> Path:
        """The file of the known wrong answers."""
        return self.root / "autograder" / "misconceptions" / f"{topic.slug}.py"

    def alternates(self, topic: Topic) -> Path:
        """The file of the right answers of other shapes."""
        return self.root / "autograder" / "alternates" / f"{topic.slug}.py"

    def page(self, topic: Topic) -> Path:
        """The topic's page."""
        return self.root / "docs" / "topics" / f"{topic.slug}.md"

    def quiz(self, topic: Topic) -> Path:
        """The file of the quiz at the page's end."""
        return self.root / "docs" / "quizzes" / f"{topic.slug}.toml"


def new_secret() -> str:
    """A secret for `Course.secret`: 128 random bits."""
    return secrets.token_hex(16)


def _bare(name: str) -> str:
    """The topic's slug where `name` is one of its files, as `assignments/t03_attention_decoding.py`."""
    return Path(name).stem.removeprefix("test_") if name.endswith(".py") else name


def find_course(start: Path | None = None) -> Path:
    """The folder that holds `course.toml`: `start` (default: the working folder) or the nearest one above it.

    Raises:
        SyllabusError: there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / COURSE_FILE).is_file():
            return folder
    raise SyllabusError(
        f"no {COURSE_FILE} in {start} or above it; go to the course's folder or name it with --course DIR."
    )


def load_course(root: Path | None = None) -> Course:
    """Read and check `course.toml` in `root` (default: from the working folder upwards).

    Raises:
        SyllabusError: the file is missing or is not TOML, or an entry lacks a key or contradicts another.
    """
    root = Path(root).resolve() if root else find_course()
    path = root / COURSE_FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SyllabusError(f"{path} does not exist; --course names the folder that holds it.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SyllabusError(f"{path} cannot be read as TOML: {error}.") from error
    try:
        course, rules = data["course"], _grading(data.get("grading", {}))
        topics = tuple(_topic(entry) for entry in data["topics"])
        _check_distinct([topic.slug for topic in topics], "two topics are called")
        slugs = {name: topic.slug for topic in topics for name in (topic.number, topic.slug)}
        policy = read_policy(data.get("policy", {}), slugs)
        return Course(
            root=root,
            name=course["name"],
            version=course["version"],
            seed=course["seed"],
            topics=topics,
            grading=rules,
            policy=policy,
            release=read_result_release(data.get("release", {}), slugs),
            otter=dict(data.get("otter", {})),
            site_url=_site_url(course.get("site_url", "")),
            example_points=_example_points(data.get("examples", {})),
            repository=_repository(course.get("repo_url", "")),
        )
    except KeyError as error:
        raise SyllabusError(f"{path} lacks the key {error}.") from error
    except (TypeError, AttributeError) as error:
        raise SyllabusError(f"{path} has a table or a list where another was expected: {error}.") from error


def _check_distinct(names: list[str], problem: str) -> None:
    twice = [name for index, name in enumerate(names) if name in names[:index]]
    if twice:
        raise SyllabusError(f"{problem} {twice[0]!r}.")


def _grading(entry: dict[str, Any]) -> GradingRules:
    check_keys(entry, [rule.name for rule in fields(GradingRules)], "[grading]")
    rules = GradingRules(**entry)
    if type(rules.fresh_inputs) is not bool:
        raise SyllabusError(f"[grading] fresh_inputs is {rules.fresh_inputs!r}; it is true or false.")
    for key in ("call_seconds", "exercise_seconds", "load_seconds"):
        value = getattr(rules, key)
        if type(value) not in (int, float) or not value > 0:
            raise SyllabusError(f"[grading] {key} is {value!r}; it is a number above zero.")
    return rules


def _example_points(entry: dict[str, Any]) -> float:
    check_keys(entry, ["points"], "[examples]")
    points = entry.get("points", 0.0)
    if type(points) not in (int, float) or points < 0:
        raise SyllabusError(f"[examples] points is {points!r}; it is a number, 0 or more.")
    return float(points)


def _site_url(address: object) -> str:
    if address == "":
        return ""
    if not isinstance(address, str) or not re.fullmatch(r"https?://[^\s/?#\"<>]+(?:/[^\s?#\"<>]*)?", address):
        raise SyllabusError(
            f"[course] site_url is {address!r}; it is an address like https://example.org/attend/."
        )
    return address if address.endswith("/") else f"{address}/"


def _repository(address: object) -> Repository | None:
    if address == "":
        return None
    found = parse_repository(address) if isinstance(address, str) else None
    if found is None:
        raise SyllabusError(
            f"[course] repo_url is {address!r}; it is an address like https://github.com/OWNER/NAME, with "
            "/tree/BRANCH at its end where students get another branch than main."
        )
    return found


def _topic(entry: dict[str, Any]) -> Topic:
    slug = entry["slug"]
    if not re.fullmatch(r"t\d\d_[a-z0-9_]{1,40}", slug):
        raise SyllabusError(
            f"the slug {slug!r} is not of the form t03_some_words, with at most 40 characters of words."
        )
    check_keys(entry, [key.name for key in fields(Topic)], slug)
    exercises = tuple(
        _exercise(slug, number, data) for number, data in enumerate(entry["exercises"], start=1)
    )
    seen: set[str] = set()
    for exercise in exercises:
        unknown = set(exercise.builds_on) - seen
        if unknown:
            raise SyllabusError(
                f"{exercise.label} builds on {sorted(unknown)}, which is not an earlier exercise."
            )
        seen.add(exercise.name)
    _check_distinct([exercise.name for exercise in exercises], f"{slug} has two exercises called")
    if entry["library"] not in ("numpy", "torch"):
        raise SyllabusError(f"{slug}: library is {entry['library']!r}; it is either numpy or torch.")
    return Topic(
        slug=slug,
        title=entry["title"],
        library=entry["library"],
        exercises=exercises,
        prerequisites=tuple(entry.get("prerequisites", ())),
        summary=entry.get("summary", ""),
        papers=tuple(entry.get("papers", ())),
    )


def _exercise(slug: str, number: int, entry: dict[str, Any]) -> Exercise:
    label = f"{slug[:3]}.{number}"
    known = [key.name for key in fields(Exercise) if key.name not in ("number", "slug")]
    check_keys(entry, known, label)
    if not re.fullmatch(r"\w{1,40}", str(entry["name"]), re.ASCII):
        raise SyllabusError(
            f"{label}: the name {entry['name']!r} is not a Python name of at most 40 characters."
        )
    for key in ("points", "minutes", "difficulty"):
        if type(entry[key]) not in (int, float) or entry[key] <= 0:
            raise SyllabusError(f"{label}: {key} is {entry[key]!r}; it is a number above zero.")
    return Exercise(
        name=entry["name"],
        number=number,
        slug=slug,
        points=entry["points"],
        minutes=entry["minutes"],
        difficulty=entry["difficulty"],
        target=entry.get("target", entry["name"]),
        builds_on=tuple(entry.get("builds_on", ())),
        hints=tuple(entry.get("hints", ())),
    )
