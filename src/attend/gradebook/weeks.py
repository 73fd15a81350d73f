"""The most points that the topics of one week count together: `[policy] max_points_per_week`."""

from dataclasses import replace
from datetime import date, timedelta

from attend.course.rules import Policy
from attend.course.tables import short_number
from attend.gradebook.counted import Counted, StudentTotal
from attend.gradebook.grade import round_points


def limit_weeks(policy: Policy, total: StudentTotal) -> StudentTotal:
    """Limit what topics count that are due in the same week, from Monday to Sunday in the policy's zone.

    What is too much is taken off the topic that is due last. Topics without a due date, and those that do not count,
    are left as they are.
    """
    limit = policy.max_points_per_week
    if limit is None:
        return total
    weeks: dict[date, list[int]] = {}
    order = sorted(range(len(total.topics)), key=lambda index: _due(policy, total.topics[index]))
    for index in order:
        counted = total.topics[index]
        if counted.topic.slug in policy.due and not (counted.dropped or counted.excused):
            weeks.setdefault(_monday(policy, counted), []).append(index)
    for monday, indices in weeks.items():
        earned = possible = 0.0
        for index in indices:
            counted = total.topics[index]
            kept = max(0.0, min(counted.counted, round_points(limit - earned)))
            most = max(0.0, min(counted.topic.points, round_points(limit - possible)))
            if kept < counted.counted:
                note = (
                    f"at most {short_number(limit)} points count in the week of {monday.day} {monday:%B}: "
                    f"−{short_number(round_points(counted.counted - kept))} points"
                )
                counted = replace(counted, notes=(*counted.notes, note))
            total.topics[index] = replace(counted, counted=kept, possible=most)
            earned, possible = earned + kept, possible + most
    return total


def _due(policy: Policy, counted: Counted) -> float:
    due = policy.due.get(counted.topic.slug)
    return due.timestamp() if due else float("inf")


def _monday(policy: Policy, counted: Counted) -> date:
    due = policy.due_on_the_wall(counted.topic.slug)
    assert due is not None
    return due.date() - timedelta(days=due.weekday())
