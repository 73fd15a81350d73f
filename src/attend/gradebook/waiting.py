"""Which results students do not see yet, by the table `[release]`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from attend.course.result_release import AFTER_DUE_DATE, LOOKS
from attend.course.syllabus import Course
from attend.gradebook.counted import Counted
from attend.gradebook.store import Gradebook


@dataclass(frozen=True)
class Waiting:
    """Results that are not shown yet.

    why: a sentence about when they are.
    named_mistake: a mistake that was recognised is named all the same.
    """

    why: str
    named_mistake: bool


def waiting(
    course: Course, gradebook: Gradebook, student: str, counted: Counted, now: datetime | None = None
) -> Waiting | None:
    """Whether the results of what a topic of a student counts wait at the moment `now`; None where they are shown."""
    release, slug = course.release, counted.topic.slug
    is_due = counted.due is not None and (now or datetime.now(UTC)).timestamp() > counted.due.timestamp()
    looks = _looks_before(course, gradebook, student, counted) if release.hidden_results == LOOKS else 0
    why = release.why_waiting(slug, is_due=is_due, has_due_date=counted.due is not None, looks=looks)
    return Waiting(why, release.named_mistake) if why else None


def _looks_before(course: Course, gradebook: Gradebook, student: str, counted: Counted) -> int:
    """How many other attempts at the topic came earlier on the same day; none where a time is not known."""
    moment = counted.time.submitted
    if moment is None:
        return 0
    zone = course.policy.time_zone or (counted.due or moment).tzinfo
    day = moment.astimezone(zone).date()
    return sum(
        time.submitted is not None
        and time.submitted.timestamp() < moment.timestamp()
        and time.submitted.astimezone(zone).date() == day
        for time in gradebook.attempt_times(student, counted.topic.slug)
    )


def without_due_date(course: Course, gradebook: Gradebook) -> list[str]:
    """A sentence for each graded topic whose results wait for a due date that nobody has set."""
    release = course.release
    if release.hidden_results not in (AFTER_DUE_DATE, LOOKS):
        return []
    missing = [
        course.by_slug[slug].number
        for slug in gradebook.topics()
        if slug in course.by_slug and slug not in (*course.policy.due, *release.published)
    ]
    return [
        f"{number} has no due date in [policy.due], so results that wait for it stay hidden."
        for number in missing
    ]
