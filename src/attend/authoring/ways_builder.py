"""Seal right answers of other shapes for the release: who has solved an exercise can read them."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from attend.course import bank
from attend.course.atomic_file import digest_of
from attend.course.syllabus import Course, Exercise, Topic
from attend.student.module import load_module
from attend.testing import ways
from attend.testing.session import TopicTests
from attend.testing.ways import Sealed, SealedWays, Way, answers_in, key_of, seal


def ways_of(course: Course, topic: Topic, exercise: Exercise) -> list[Way]:
    """The right answers to an exercise that say what is better about them where."""
    return [
        Way(answer.name, answer.sentence, answer.renamed(topic))
        for answer in bank.ways(course, topic).get(exercise.name, [])
    ]


def build_ways(course: Course, topic: Topic) -> SealedWays:
    """The sealed ways of a topic."""
    tests = TopicTests(course, topic, course.public_tests(topic))
    try:
        return SealedWays(
            {
                exercise.name: _sealed(course, topic, exercise, tests, ways)
                for exercise in topic.exercises
                if (ways := ways_of(course, topic, exercise))
            },
            made_from(course, topic),
        )
    finally:
        tests.close()


def _sealed(course: Course, topic: Topic, exercise: Exercise, tests: TopicTests, ways: list[Way]) -> Sealed:
    """The ways, sealed with the answers of those public tests in which all right answers agree to the digit."""
    solution = course.solution(topic).read_text(encoding="utf-8")
    texts = {"reference": solution}
    for answer in bank.alternates(course, topic):
        if answer.exercise == exercise.name:
            texts[answer.name] = answer.spliced(solution, topic)
    modules = [load_module(text, f"attend_way_{name}", f"<{name}>") for name, text in texts.items()]
    with np.errstate(all="ignore"):
        items = [
            item
            for item in tests.items[exercise.name]
            if len({answers_in(item, tests, module) for module in modules}) == 1
        ]
        key = key_of(exercise, items, tests, modules[0])
    return Sealed([item.name for item in items], seal(json.dumps([asdict(way) for way in ways]), key))


def made_from(course: Course, topic: Topic) -> str:
    """A digest of the files that a topic's sealed ways are made from."""
    # how keys are made is part of it
    return digest_of(
        (course.solution(topic), course.alternates(topic), course.public_tests(topic), Path(ways.__file__))
    )


def write_ways(course: Course, topics: list[Topic], check: bool = False) -> list[Path]:
    """Write the sealed ways of each topic whose files have changed since; with `check` only find which are out of date."""
    changed = []
    for topic in topics:
        path = course.ways(topic)
        if path.exists() and SealedWays.read(path).made_from == made_from(course, topic):
            continue
        changed.append(path)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(build_ways(course, topic).to_json(), encoding="utf-8")
    return changed
