"""The `[policy]` table of `course.toml`: which points count. Importable without numpy or torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attend.course.errors import AttendError


class SyllabusError(AttendError):
    """`course.toml` is missing or malformed, or has no such topic or exercise."""


@dataclass(frozen=True)
class Policy:
    """The `[policy]` table of `course.toml`: how points become points that count.

    It is applied when a gradebook is exported and never changes a grade, except for `reference_classes`: whether the
    reference's class may be loaded into the worker, compiled, to judge an exercise that builds on a wrong class.
    """

    credit: str = "partial"
    attempts: str = "last"
    carried_forward: bool = True
    reference_classes: bool = True
    late_percent_per_day: float = 0.0
    late_days_at_most: int | None = None
    slip_days: int = 0
    grace_minutes: float = 0.0
    drop_lowest: int = 0
    max_points_per_week: float | None = None
    extensions: str = ""
    adjustments: str = ""
    zone: str = ""  # of days and of moments without one, as Europe/Berlin
    due: dict[str, datetime] = field(default_factory=dict)  # by slug

    @property
    def time_zone(self) -> ZoneInfo | None:
        """The zone in which days are counted; None for the offset of each due date."""
        return ZoneInfo(self.zone) if self.zone else None

    def due_on_the_wall(self, slug: str) -> datetime | None:
        """The topic's due date as the clock shows it where days are counted; None where it has none."""
        due = self.due.get(slug)
        return due.astimezone(self.time_zone or due.tzinfo) if due else None


CHOICES = {"credit": ("partial", "all_or_nothing"), "attempts": ("last", "best")}
FLAGS = ("carried_forward", "reference_classes")
TABLES = ("extensions", "adjustments")
WHOLE = ("drop_lowest", "late_days_at_most", "slip_days")
NUMBERS = ("late_percent_per_day", "grace_minutes", "max_points_per_week")


def check_keys(entry: Mapping[str, Any], known: list[str], where: str) -> None:
    """See that a table has only keys that are known.

    Raises:
        SyllabusError: it has another one.
    """
    unknown = sorted(set(entry) - set(known))
    if unknown:
        raise SyllabusError(f"{where} has the key {unknown[0]!r}; the keys are: {', '.join(known)}.")


def check_choice(where: str, value: object, choices: tuple[str, ...]) -> None:
    """See that a value is one of a few words.

    Raises:
        SyllabusError: it is not.
    """
    if value not in choices:
        *others, last = choices
        raise SyllabusError(f"{where} is {value!r}; it is {', '.join(others)} or {last}.")


def read_policy(entry: dict[str, Any], slugs: Mapping[str, str]) -> Policy:
    """The policy that a table describes; `slugs` are those of the topics, by the names that a table may use.

    Raises:
        SyllabusError: a rule is unknown or impossible.
    """
    check_keys(entry, [key.name for key in fields(Policy)], "[policy]")
    zone = _zone(entry.get("zone", ""))
    policy = Policy(**{**entry, "due": _due_dates(entry.get("due", {}), slugs, zone)})
    for key, choices in CHOICES.items():
        check_choice(f"[policy] {key}", getattr(policy, key), choices)
    for key in FLAGS:
        if type(getattr(policy, key)) is not bool:
            raise SyllabusError(f"[policy] {key} is {getattr(policy, key)!r}; it is true or false.")
    for key in TABLES:
        if type(getattr(policy, key)) is not str:
            raise SyllabusError(f"[policy] {key} is not the name of a CSV file.")
    for key in (*WHOLE, *NUMBERS):
        _check_number(key, getattr(policy, key))
    if policy.late_percent_per_day > 100:
        raise SyllabusError("[policy] late_percent_per_day is above 100.")
    if policy.max_points_per_week == 0:
        raise SyllabusError(
            "[policy] max_points_per_week is 0: nothing would count; leave it out for no limit."
        )
    if policy.slip_days and not policy.late_percent_per_day and policy.late_days_at_most is None:
        raise SyllabusError(
            "[policy] slip_days pays for late days, which cost nothing here; set late_percent_per_day or "
            "late_days_at_most (0: without slip days, what is late does not count)."
        )
    if policy.max_points_per_week and not policy.due:
        raise SyllabusError(
            "[policy] max_points_per_week is about weeks of due dates; set them in [policy.due]."
        )
    return policy


def _check_number(key: str, value: object) -> None:
    whole = key in WHOLE
    kinds = (int,) if whole else (int, float)
    if value is not None and (type(value) not in kinds or not 0 <= value < float("inf")):  # type: ignore[operator]
        raise SyllabusError(
            f"[policy] {key} is {value!r}; it is a {'whole ' if whole else ''}number, 0 or more."
        )


def _zone(name: object) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(name)) if name != "" else None
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise SyllabusError(
            f"[policy] zone is {name!r}, which is not a time zone here; write it as Europe/Berlin "
            "(on Windows: pip install tzdata)."
        ) from error


def _due_dates(entry: dict[str, Any], slugs: Mapping[str, str], zone: ZoneInfo | None) -> dict[str, datetime]:
    due = {}
    for name, moment in entry.items():
        if name not in slugs:
            raise SyllabusError(f"[policy.due] names {name!r}, which is not a topic.")
        if isinstance(moment, datetime) and moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone)
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise SyllabusError(
                f"[policy.due] {name} is {moment!s}; write date, time and time zone, as 2026-10-02T23:59:00+02:00, "
                "or set zone."
            )
        due[slugs[name]] = moment
    return due
