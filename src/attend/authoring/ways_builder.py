"""Seal right answers of other shapes for the release: who has solved an exercise can read them."""

import contextlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from attend.authoring.made_from import write_stale
from attend.course import bank
from attend.course.atomic_file import digest_of
from attend.course.syllabus import Course, Exercise, Topic
from attend.student.module import load_module
from attend.testing import ways
from attend.testing.session import TopicTests
from attend.testing.ways import Sealed, SealedWays, Way, answers_in, key_of, seal


def ways_of(course: Course, topic: Topic) -> dict[str, list[Way]]:
    """The right answers to each exercise that say what is better about them where."""
    return {
        exercise: [Way(each.name, each.sentence, each.renamed(topic)) for each in found]
        for exercise, found in bank.ways(course, topic).items()
    }


def build_ways(course: Course, topic: Topic) -> SealedWays:
    """The sealed ways of a topic."""
    found, right = ways_of(course, topic), bank.alternates(course, topic)
    solution = course.solution(topic).read_text(encoding="utf-8")
    sealed = {}
    with contextlib.closing(TopicTests(course, topic, course.public_tests(topic))) as tests:
        for exercise in (each for each in topic.exercises if each.name in found):
            texts = [solution]
            texts += [each.spliced(solution, topic) for each in right if each.exercise == exercise.name]
            sealed[exercise.name] = _sealed(exercise, tests, texts, found[exercise.name])
    return SealedWays(sealed, made_from(course, topic))


def _sealed(exercise: Exercise, tests: TopicTests, texts: list[str], found: list[Way]) -> Sealed:
    """The ways, sealed with the answers of those public tests in which all right modules agree to the digit."""
    modules = [
        load_module(text, f"attend_way_{number}", f"<right {number}>") for number, text in enumerate(texts)
    ]
    with np.errstate(all="ignore"):
        items = [
            item
            for item in tests.items[exercise.name]
            if len({answers_in(item, tests, module) for module in modules}) == 1
        ]
        key = key_of(exercise, items, tests, modules[0])
    return Sealed([item.name for item in items], seal(json.dumps([asdict(way) for way in found]), key))


def made_from(course: Course, topic: Topic) -> str:
    """A digest of the files that a topic's sealed ways are made from."""
    # how keys are made is part of it
    return digest_of(
        (course.solution(topic), course.alternates(topic), course.public_tests(topic), Path(ways.__file__))
    )


def write_ways(course: Course, topics: list[Topic], check: bool = False) -> list[Path]:
    """Write the sealed ways of each topic whose files have changed since; with `check` only find which are out of date."""
    return write_stale(course, topics, course.ways, made_from, build_ways, check)
