"""At level seccomp a worker opens no file: all that a topic's requests import must be imported before."""

import pytest

from attend.grading.course_grader import Lane
from attend.sandbox.jail import best_level

from ..common import COURSE


@pytest.fixture(scope="module")
def without_files():
    """Graders whose workers can open no file."""
    if best_level() not in ("namespaces", "landlock", "seccomp"):
        pytest.skip("level seccomp is not to be had here")
    with Lane(COURSE, "seccomp") as lane:
        yield lane


@pytest.mark.parametrize("topic", COURSE.topics, ids=lambda topic: topic.number)
def test_the_reference_earns_everything_where_no_file_can_be_opened(without_files, topic):
    # a grader is given out after the reference has passed all its tests
    assert without_files.grader(topic).topic is topic
