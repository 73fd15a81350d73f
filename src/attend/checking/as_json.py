"""The results of `attend check` as plain values, for editors; docs/students/workflow.md describes them.

A field may be added without a new VERSION. One that is renamed, removed or given another meaning needs a new one.
"""

import re
from typing import Any

from attend.checking.progress import StudentProgress
from attend.testing.verdict import ExerciseVerdict, FailedTest, TopicCheck

VERSION = 1
# As `attend.testing.verdict.where` writes places; `place_of` adds the text of the line.
_PLACE = re.compile(r"(?:\.py:|, code cell (?P<cell>\d+), line )(?P<line>\d+)(?:  (?P<source>.*))?$")


def as_json(results: list[TopicCheck], progress: StudentProgress) -> dict[str, Any]:
    """The object that `attend check --json` prints.

    Args:
        results: what was found in the file of each topic.
        progress: says which hints were taken; no others are shown.
    """
    return {
        "version": VERSION,
        "passed": all(result.passed for result in results),
        "topics": [_topic(result, progress) for result in results],
    }


def _topic(result: TopicCheck, progress: StudentProgress) -> dict[str, Any]:
    problem = {"message": result.problem, **_place(result.line)} if result.problem else None
    return {
        "topic": result.topic.slug,
        "number": result.topic.number,
        "title": result.topic.title,
        "file": str(result.path) if result.path else None,
        "passed": result.passed,
        "problem": problem,
        "notes": result.notes,
        "exercises": [_exercise(verdict, progress) for verdict in result.verdicts],
    }


def _exercise(verdict: ExerciseVerdict, progress: StudentProgress) -> dict[str, Any]:
    exercise = verdict.exercise
    return {
        "exercise": exercise.label,
        "name": exercise.name,
        "state": verdict.state,
        "remark": verdict.remark,
        "points": exercise.points,
        "tests": verdict.tests,
        "failures": [_failure(failure) for failure in verdict.failures],
        "mistake": verdict.diagnosis or None,
        "first": verdict.waits_for,
        "hints": list(exercise.hints[: progress.hints_taken(exercise)]),
        "read": f"docs/topics/{exercise.slug}.md#{exercise.name}",
    }


def _failure(failure: FailedTest) -> dict[str, Any]:
    why = failure.explanation
    return {
        "test": failure.test,
        "asked_for": failure.sentence,
        "category": why.category,
        "message": why.words,
        "called": why.call or None,
        "expected": why.expected or None,
        "actual": why.actual or None,
        "printed": failure.printed or None,
        **_place(f"{failure.place}  {failure.source}" if failure.place else ""),
    }


def _place(text: str) -> dict[str, Any]:
    """A place in the student's file: the line, of a notebook the line in the code cell `cell`, and the line's text."""
    found = _PLACE.search(text)
    cell, line, source = found.group("cell", "line", "source") if found else (None, None, None)
    return {
        "line": int(line) if line else None,
        "cell": int(cell) if cell else None,
        "source": source or None,
    }
