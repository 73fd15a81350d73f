"""What students are told about the graders is what the graders are."""

import pytest

from attend.testing.grader_summary import build_outlook, read_outlook

from ..common import COURSE


@pytest.mark.parametrize("topic", COURSE.topics, ids=lambda topic: topic.number)
def test_the_outlook_is_up_to_date(topic):
    pytest.importorskip(topic.library)
    assert read_outlook(COURSE, topic) == build_outlook(COURSE, topic), (
        f"run `attend fingerprints {topic.number}`"
    )
