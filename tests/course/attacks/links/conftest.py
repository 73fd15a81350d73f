"""The tiny course with hidden tests of an attack's own, and a lane that grades it."""

import pytest

from attend.grading.course_grader import Lane

from ...common import submission


@pytest.fixture
def tiny_with(own_tiny, level):
    """`tiny_with(tests, mistakes)`: a grader of the first topic, with more hidden tests and misconceptions."""
    lanes = []

    def make(tests: str = "", mistakes: str = ""):
        topic = own_tiny.topic("t01")
        for path, text in ((own_tiny.graders(topic), tests), (own_tiny.misconceptions(topic), mistakes)):
            path.write_text(path.read_text() + text)
        lanes.append(Lane(own_tiny, level))
        return lanes[-1].grader(topic)

    yield make
    for lane in lanes:
        lane.close()


@pytest.fixture
def hand_in_tiny(own_tiny):
    """A submission to the first topic: its solution, followed by `source`."""
    topic = own_tiny.topic("t01")
    solution = own_tiny.solution(topic).read_text(encoding="utf-8")
    return lambda source="": submission(topic, f"{solution}\n\n{source}")
