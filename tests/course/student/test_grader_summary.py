"""The summary that students get of the graders is that of the graders."""

import pytest

from attend.testing.grader_summary import build_summary, read_summary

from ..common import COURSE


@pytest.mark.parametrize("topic", COURSE.topics, ids=lambda topic: topic.number)
def test_the_summary_is_up_to_date(topic):
    pytest.importorskip(topic.library)
    assert read_summary(COURSE, topic) == build_summary(COURSE, topic), (
        f"run `attend fingerprints {topic.number}`"
    )
