"""A student's progress, kept in `.attend/progress.json` in the course's folder. Nothing else depends on this file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attend.course.atomic_file import whole_file
from attend.course.errors import AttendError
from attend.course.syllabus import Course, Exercise, Topic
from attend.submissions.answer_file import answer

if TYPE_CHECKING:
    from attend.testing.verdict import TopicCheck

STATES = ("passed", "failing", "waiting", "todo")


@dataclass
class Improvement:
    """What a check found for the first time: exercises that pass, and whether they complete the topic."""

    newly_passed: list[Exercise] = field(default_factory=list)
    topic_done: bool = False


class StudentProgress:
    """The results of the last checks, and how many hints were taken."""

    def __init__(self, course: Course):
        self._course = course
        self._path = course.root / ".attend" / "progress.json"
        self._topics: dict[str, dict[str, Any]] = _read(self._path)

    def state(self, exercise: Exercise) -> str:
        """passed, failing, waiting or todo, as the last check found."""
        state = self._seen(exercise).get("state")
        return state if state in STATES else "todo"

    def hints_taken(self, exercise: Exercise) -> int:
        """How many hints of the exercise the student has taken."""
        taken = self._seen(exercise).get("hints")
        return taken if isinstance(taken, int) else 0

    def take_hint(self, exercise: Exercise) -> int:
        """Record that one more hint is taken; returns how many are taken now."""
        taken = min(self.hints_taken(exercise) + 1, len(exercise.hints))
        self._entry(exercise)["hints"] = taken
        self._write()
        return taken

    def passed(self, topic: Topic) -> list[Exercise]:
        """The topic's exercises that pass."""
        return [exercise for exercise in topic.exercises if self.state(exercise) == "passed"]

    def is_done(self, topic: Topic) -> bool:
        """Whether every exercise of the topic passes."""
        return len(self.passed(topic)) == len(topic.exercises)

    def is_begun(self, topic: Topic) -> bool:
        """Whether some exercise of the topic passes or was tried."""
        return any(self.state(exercise) != "todo" for exercise in topic.exercises)

    def points(self, topic: Topic) -> float:
        """The points of the topic's exercises that pass."""
        return sum(exercise.points for exercise in self.passed(topic))

    def minutes_left(self, topic: Topic) -> int:
        """The minutes that the topic's other exercises are meant to take."""
        return topic.minutes - sum(exercise.minutes for exercise in self.passed(topic))

    def is_edited(self, topic: Topic) -> bool:
        """Whether the module changed after it was last checked."""
        seen = {self._seen(exercise).get("code") for exercise in topic.exercises} - {None}
        return bool(seen) and seen != {self._digest_of(topic)}

    def next_exercise(self, topic: Topic | None = None) -> Exercise | None:
        """The first exercise that does not pass: in the topics that were begun, the latest first, then in the others.

        Args:
            topic: look only in this topic.
        """
        for candidate in [topic] if topic else self._in_order():
            for exercise in candidate.exercises:
                if self.state(exercise) != "passed":
                    return exercise
        return None

    def record(self, check: TopicCheck) -> Improvement:
        """Record the result of a check."""
        found = Improvement()
        if not check.verdicts:
            return found
        was_done = self.is_done(check.topic)
        code = _digest(check.code)
        for verdict in check.verdicts:
            if verdict.passed and self.state(verdict.exercise) != "passed":
                found.newly_passed.append(verdict.exercise)
            self._entry(verdict.exercise).update(state=verdict.state, code=code)
        found.topic_done = self.is_done(check.topic) and not was_done
        # the last entry is the topic that was checked last
        self._topics[check.topic.slug] = self._topics.pop(check.topic.slug)
        self._write()
        return found

    def mark_passed(self, exercises: Iterable[Exercise]) -> list[Exercise]:
        """Record exercises that passed elsewhere; those that had not passed here. The next check looks again."""
        new = [exercise for exercise in exercises if self.state(exercise) != "passed"]
        for exercise in new:
            self._entry(exercise)["state"] = "passed"
        self._write()
        return new

    def _in_order(self) -> list[Topic]:
        known, topics = self._course.by_slug, list(self._course.topics)
        begun = [
            known[slug] for slug in reversed(self._topics) if slug in known and self.is_begun(known[slug])
        ]
        return [*begun, *topics[topics.index(begun[0]) :], *topics] if begun else topics

    def _seen(self, exercise: Exercise) -> dict[str, Any]:
        entry = self._topics.get(exercise.slug, {}).get(exercise.name)
        return entry if isinstance(entry, dict) else {}

    def _entry(self, exercise: Exercise) -> dict[str, Any]:
        topic = self._topics.setdefault(exercise.slug, {})
        entry = topic.get(exercise.name)
        if not isinstance(entry, dict):
            entry = topic[exercise.name] = {}
        return entry

    def _digest_of(self, topic: Topic) -> str | None:
        from attend.student.local import UnloadableError, read_code

        try:
            return _digest(read_code(answer(self._course.root / "assignments", topic), topic).code)
        # a file that is gone or cannot be read is another one than that which was checked
        except (AttendError, UnloadableError):
            return None

    def _write(self) -> None:
        text = json.dumps({"topics": self._topics}, indent=1)
        # a course may be read-only
        with suppress(AttendError, OSError), whole_file(self._path) as part:
            part.write_text(text + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """The contents of the file at `path`; empty where it cannot be read."""
    try:
        topics = json.loads(path.read_text(encoding="utf-8"))["topics"]
        return {slug: entry for slug, entry in topics.items() if isinstance(entry, dict)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
