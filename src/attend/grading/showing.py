"""What an autograder on a platform shows of a grade, by the table `[release]`, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from attend.course.result_release import AFTER_DUE_DATE, AFTER_PUBLISHED, AT_ONCE, LOOKS, NEVER
from attend.course.syllabus import Course, Topic
from attend.gradebook.grade import Grade
from attend.gradebook.reports.plain_text import summary

VISIBLE = "visible"
# Gradescope's words for what students see and when
VISIBILITY = {
    AT_ONCE: VISIBLE,
    AFTER_DUE_DATE: "after_due_date",
    AFTER_PUBLISHED: "after_published",
    LOOKS: "after_due_date",
    NEVER: "hidden",
}


@dataclass(frozen=True)
class Showing:
    """When a platform shows points, outcomes and messages.

    visibility: Gradescope's word for it.
    why: a sentence for the student while they wait; "" where they are visible.
    named_mistake: a mistake that was recognised is named all the same.
    """

    visibility: str = VISIBLE
    why: str = ""
    named_mistake: bool = False

    def output(self, topic: Topic, grade: Grade) -> str:
        """What is said about the whole: the summary, or while results wait only what concerns the file."""
        if not self.why:
            return summary(topic, grade)
        return "\n".join([self.why, *([grade.problem] if grade.problem else []), *grade.notes])

    def named(self, topic: Topic, grade: Grade) -> list[tuple[str, str]]:
        """What is named while results wait: the exercise and the sentence about its mistake."""
        if not self.why or not self.named_mistake:
            return []
        return [
            (f"{topic.exercise(row.exercise).label} {row.exercise}: what happened", row.sentence)
            for row in grade.exercises
            if row.sentence
        ]


def showing(course: Course, topic: Topic, metadata: Mapping[str, Any] | None = None) -> Showing:
    """How the results of one hand-in are shown.

    Args:
        metadata: what Gradescope says of the hand-in (submission_metadata.json): its time and earlier ones.
    """
    release = course.release
    looks = looks_before(course, metadata or {}) if release.hidden_results == LOOKS else 0
    # the platform knows when an assignment is due
    why = release.why_waiting(topic.slug, is_due=False, looks=looks)
    if not why:
        return Showing()
    return Showing(VISIBILITY[release.hidden_results], why, release.named_mistake)


def looks_before(course: Course, metadata: Mapping[str, Any]) -> int:
    """How many earlier hand-ins of the same day showed results; those at which the autograder failed do not count."""
    moment = _moment(metadata.get("created_at"))
    earlier = metadata.get("previous_submissions")
    if moment is None or not isinstance(earlier, list):
        return 0
    zone = course.policy.time_zone or moment.tzinfo
    times = [
        _moment(each.get("submission_time"))
        for each in earlier
        if isinstance(each, dict) and not each.get("autograder_error")
    ]
    day = moment.astimezone(zone).date()
    return sum(time is not None and time.astimezone(zone).date() == day for time in times)


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.astimezone()
