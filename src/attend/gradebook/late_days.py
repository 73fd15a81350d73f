"""What late days cost, and how many of them are paid with slip days."""

from dataclasses import dataclass

from attend.course.rules import Policy
from attend.course.words import how_many


@dataclass(frozen=True)
class LateDays:
    """Late days of one attempt.

    slip_days: how many of them are paid with slip days; of those, `left` are left afterwards.
    percent: the percentage of the points that the unpaid days take off.
    """

    days: int
    slip_days: int
    left: int
    percent: float
    budget: int

    @property
    def note(self) -> str:
        """What is late and what it costs, as `3 days late, 2 slip days used (0 of 5 left), −10 %`."""
        parts = [f"{how_many(self.days, 'day')} late"]
        if self.budget:
            used = f"{how_many(self.slip_days, 'slip day')} used" if self.slip_days else "no slip days used"
            parts.append(f"{used} ({self.left} of {self.budget} left)")
        if self.percent or not self.budget:
            parts.append(f"−{self.percent:g} %")
        return ", ".join(parts)


def late_days(policy: Policy, days: int, left: int) -> LateDays:
    """What `days` late days cost a student who has `left` slip days.

    Slip days are spent only where they help: no more than are needed for the smallest loss.
    """
    paid = min(range(min(days, left) + 1), key=lambda paid: (_percent(policy, days - paid), paid))
    return LateDays(days, paid, left - paid, _percent(policy, days - paid), policy.slip_days)


def _percent(policy: Policy, days: int) -> float:
    """What unpaid late days take off, in per cent."""
    if policy.late_days_at_most is not None and days > policy.late_days_at_most:
        return 100.0
    return min(100.0, policy.late_percent_per_day * days)
