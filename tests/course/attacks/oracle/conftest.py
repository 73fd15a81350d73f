"""Graders of the guarded course whose inputs follow from a secret."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import pytest

from attend.grading.course_grader import Lane
from attend.grading.topic_grader import TopicGrader


@pytest.fixture
def grader_with(house, level) -> Callable[[str, str], TopicGrader]:
    """`grader_with(secret, topic)`; with an empty secret the inputs follow from the course's seed alone."""
    with ExitStack() as lanes:

        def make(secret: str, topic: str) -> TopicGrader:
            lane = lanes.enter_context(Lane(replace(house, secret=secret), level))
            return lane.grader(house.topic(topic))

        yield make
