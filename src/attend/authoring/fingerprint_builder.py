"""Build the tables of fingerprints from the bank: run the public tests on every misconception."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from attend.course import bank
from attend.course.syllabus import Course, Topic
from attend.student import Student
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.testing.fingerprints import Fingerprints, digest
from attend.testing.grader_summary import build_summary, summary_path, summary_text
from attend.testing.session import TopicTests


def fingerprint_path(course: Course, topic: Topic) -> Path:
    """The file of the topic's table of fingerprints."""
    return course.root / "tests" / "public" / "fingerprints" / f"{topic.slug}.json"


def build_fingerprints(course: Course, topic: Topic, tests: TopicTests) -> Fingerprints:
    """The table of `topic`: what each misconception answers in the public tests of its exercise that it fails."""
    solution = course.solution(topic).read_text(encoding="utf-8")
    table: dict[str, dict[str, list[str]]] = {}
    sentences: dict[str, str] = {}
    for answer in bank.misconceptions(course, topic):
        module = load_module(
            answer.spliced(solution, topic), f"attend_wrong_{answer.name}", f"<{answer.name}>"
        )
        for item in tests.items[answer.exercise]:
            found = _digest_of_failure(tests, item, module)
            if found:
                table.setdefault(item.name, {}).setdefault(found, []).append(answer.name)
                sentences[answer.name] = answer.sentence
    return Fingerprints({test: table[test] for test in sorted(table)}, dict(sorted(sentences.items())))


def _digest_of_failure(tests: TopicTests, item: pytest.Item, module: ModuleType) -> str | None:
    with np.errstate(all="ignore"):
        run = tests.run(item, Student(LocalBackend(module, fresh_settings=False)))
    return digest(run.student.steps) if run.error is not None else None


def find_unseen(course: Course, topic: Topic) -> list[bank.BankAnswer]:
    """The misconceptions that pass every public test of their exercise, as the table of `topic` has it."""
    seen = Fingerprints.read(fingerprint_path(course, topic)).sentences
    return [answer for answer in bank.misconceptions(course, topic) if answer.name not in seen]


def write_fingerprints(course: Course, topics: list[Topic], check: bool = False) -> list[Path]:
    """Write each topic's table and the summary of its graders; with `check` only find which are out of date."""
    changed = []
    for topic in topics:
        tests = TopicTests(course, topic, course.public_tests(topic))
        made = {fingerprint_path(course, topic): build_fingerprints(course, topic, tests).to_json()}
        tests.close()
        made[summary_path(course, topic)] = summary_text(build_summary(course, topic))
        for path, text in made.items():
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            changed.append(path)
            if not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return changed
