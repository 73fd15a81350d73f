"""The `[release]` table of `course.toml`: when students see hidden results. Importable without numpy or torch."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from attend.course.rules import SyllabusError, check_choice, check_keys

AT_ONCE, AFTER_DUE_DATE, AFTER_PUBLISHED, LOOKS, NEVER = HIDDEN_RESULTS = (
    "at_once",
    "after_due_date",
    "after_published",
    "looks",
    "never",
)


@dataclass(frozen=True)
class ResultRelease:
    """When students see the results of hidden tests: points, outcomes and messages.

    hidden_results: one of HIDDEN_RESULTS. With `looks`, the first `looks_per_day` hand-ins of a day show their results at
        once, and the others after the due date.
    named_mistake: a mistake that was recognised is named while the results wait.
    published: the slugs of topics whose results are shown whatever `hidden_results` says.
    """

    hidden_results: str = AT_ONCE
    looks_per_day: int = 0
    named_mistake: bool = False
    published: tuple[str, ...] = ()

    def why_waiting(self, slug: str, *, is_due: bool, has_due_date: bool = True, looks: int = 0) -> str:
        """A sentence for the student about when the results of a topic are shown; "" where they are shown now.

        Args:
            is_due: the due date is over.
            has_due_date: the topic has one, as far as is known.
            looks: how many hand-ins of the same day came before this one.
        """
        what = "the results of the hidden tests"
        if slug in self.published or self.hidden_results == AT_ONCE:
            return ""
        if self.hidden_results == NEVER:
            return f"{what.capitalize()} are not shown in this course."
        if self.hidden_results == AFTER_PUBLISHED:
            return f"{what.capitalize()} are shown when your instructor publishes them."
        if is_due or self.hidden_results == LOOKS and looks < self.looks_per_day:
            return ""
        when = "after the due date" if has_due_date else "after the due date, which is not set yet"
        if self.hidden_results == AFTER_DUE_DATE:
            return f"{what.capitalize()} are shown {when}."
        times = "once" if self.looks_per_day == 1 else f"{self.looks_per_day} times"
        return f"You have seen {what} {times} today; those of this hand-in are shown {when}."


def read_result_release(entry: dict[str, Any], slugs: Mapping[str, str]) -> ResultRelease:
    """What a table says; `slugs` are those of the topics, by the names that a table may use.

    Raises:
        SyllabusError: a key is unknown, or a value is impossible.
    """
    check_keys(entry, [key.name for key in fields(ResultRelease)], "[release]")
    published = entry.get("published", [])
    if not isinstance(published, list):
        raise SyllabusError(f'[release] published is {published!r}; it is a list of topics, as ["t03"].')
    for name in published:
        if not isinstance(name, str) or name not in slugs:
            raise SyllabusError(f"[release] published names {name!r}, which is not a topic.")
    release = ResultRelease(**{**entry, "published": tuple(slugs[name] for name in published)})
    check_choice("[release] hidden_results", release.hidden_results, HIDDEN_RESULTS)
    if type(release.named_mistake) is not bool:
        raise SyllabusError(f"[release] named_mistake is {release.named_mistake!r}; it is true or false.")
    limited = release.hidden_results == LOOKS
    if type(release.looks_per_day) is not int or release.looks_per_day < (1 if limited else 0):
        raise SyllabusError(
            f'[release] looks_per_day is {release.looks_per_day!r}; with hidden_results = "looks" it is a whole number, '
            "1 or more."
        )
    if "looks_per_day" in entry and not limited:
        raise SyllabusError('[release] looks_per_day needs hidden_results = "looks".')
    return release
