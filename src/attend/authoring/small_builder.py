"""Build the table of a topic's small calls: the right answers, and which known mistakes answer otherwise."""

import ast
import itertools
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import attend.student
from attend.authoring.made_from import write_stale
from attend.authoring.small_templates import SmallCallsError, expanded, read_templates, templates_path
from attend.course import bank
from attend.course.atomic_file import digest_of
from attend.course.source import parse
from attend.course.syllabus import Course, Topic
from attend.student import Student
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.testing import plain_values, small_calls, small_language
from attend.testing.plain_values import NoPlainValueError, close_enough, is_raised, plain, raised
from attend.testing.small_calls import SmallCalls
from attend.testing.small_language import SmallCallError, form_of, numbers_in, parse_call
from attend.testing.small_signatures import signatures
from attend.testing.small_table import MOST_NUMBERS, SmallRow, SmallTable

# read as text: an import would need PyTorch
HELPERS = Path(attend.student.__file__).with_name("helpers.py")
LANGUAGE = [Path(str(module.__file__)) for module in (plain_values, small_calls, small_language)]
# of one template: how many calls are tried, and how many are kept even if they show no further mistake
MOST_TRIED, KEPT = 64, 16
# what the audit says of a known mistake; its file of small calls may give a reason
NOT_SEEN = f"is shown by no small call of at most {MOST_NUMBERS} numbers"


def build_small(course: Course, topic: Topic) -> SmallTable:
    """The table of a topic.

    Raises:
        SmallCallsError: the topic's file of small calls is missing, or cannot be used.
    """
    templates = read_templates(course, topic)
    solution = course.solution(topic).read_text(encoding="utf-8")
    kinds = signatures(solution)
    for name, parameters in signatures(HELPERS.read_text(encoding="utf-8")).items():
        kinds[f"given.{name}"] = parameters
    table = SmallTable(topic.library, kinds, made_from=made_from(course, topic))
    wrong, right = bank.misconceptions(course, topic), bank.alternates(course, topic)
    for exercise in topic.exercises:
        mine = [answer for answer in wrong if answer.exercise == exercise.name]
        others = [answer for answer in right if answer.exercise == exercise.name]
        table.mistakes[exercise.name] = len(mine)
        trial = _Trial(SmallCalls(kinds, topic.library), topic, solution, mine, others)
        table.rows[exercise.name] = trial.rows(templates.of.get(exercise.name, []))
    return _with_used_signatures(table)


def _with_used_signatures(table: SmallTable) -> SmallTable:
    """The table with the signatures that its calls use."""
    texts = " ".join(row.text for rows in table.rows.values() for row in rows)
    used = {name: kinds for name, kinds in table.signatures.items() if name.split(".")[0] in texts}
    used = {name: kinds for name, kinds in used.items() if not name.startswith("given.") or name in texts}
    return replace(table, signatures=used)


class _Trial:
    """Carries out calls on the reference, on right answers of another shape, and on known mistakes."""

    def __init__(
        self,
        calls: SmallCalls,
        topic: Topic,
        solution: str,
        wrong: list[bank.BankAnswer],
        right: list[bank.BankAnswer],
    ):
        self._calls, self._solution = calls, solution
        self._reference = _student(solution, "reference")
        self._wrong = [_student(answer.spliced(solution, topic), answer.name) for answer in wrong]
        self._right = [_student(answer.spliced(solution, topic), answer.name) for answer in right]

    def rows(self, templates: list[list[str]]) -> list[SmallRow]:
        """The calls that are kept, the smallest first, of equal ones those with nothing around the call.

        Raises:
            SmallCallsError: a template is no small call.
        """
        tried: list[tuple[tuple[int, bool, float], int, SmallRow]] = []
        for place, (about, template) in enumerate(templates):
            for text in itertools.islice(expanded(template), MOST_TRIED):
                if (row := self._row(text, about)) is not None:
                    size = numbers_in(text), bool(form_of(text)), _magnitude(text)
                    tried.append((size, place, row))
        tried.sort(key=lambda each: each[:2])
        return _kept(tried)

    def _row(self, text: str, about: str) -> SmallRow | None:
        """The call with its answer; None where the reference has none, or right answers are of two minds."""
        try:
            answer = self._reference_answer(text)
        except (SmallCallError, NoPlainValueError) as error:
            raise SmallCallsError(f"{text}: {error}.") from error
        if answer is None or any(self._is_wrong(text, each, answer) for each in self._right):
            return None
        differ = [self._is_wrong(text, each, answer) for each in self._wrong]
        return SmallRow(text, about, answer, tuple(index for index, wrong in enumerate(differ) if wrong))

    def _reference_answer(self, text: str) -> Any:
        """The reference's plain answer; None where it is not finite, or the reference raises what is not on purpose.

        Raises:
            SmallCallError, NoPlainValueError: the text is no small call, or its answer an object.
        """
        try:
            answer = self._value(text, self._reference)
        except (SmallCallError, NoPlainValueError):
            raise
        except Exception as error:
            return raised(type(error).__name__) if self._is_on_purpose(error) else None
        return None if _not_finite(answer) else answer

    def _is_on_purpose(self, error: Exception) -> bool:
        """Whether a `raise` of the reference raised it."""
        frames = list(traceback.walk_tb(error.__traceback__))
        line = frames[-1][1] if frames[-1][0].f_code.co_filename == _file("reference") else 0
        nodes = ast.walk(parse(self._solution))
        return any(
            isinstance(node, ast.Raise) and line in range(node.lineno, (node.end_lineno or 0) + 1)
            for node in nodes
        )

    def _is_wrong(self, text: str, student: Student, right: Any) -> bool:
        """Whether the code's answer is another than the right one, as in `SmallTable.counterexample`."""
        try:
            return not close_enough(self._value(text, student), right)
        except SmallCallError:
            return False
        except Exception as error:
            return not is_raised(error, right)

    def _value(self, text: str, student: Student) -> Any:
        with np.errstate(all="ignore"):
            return plain(self._calls.run(text, student))


def _not_finite(answer: Any) -> bool:
    """Whether a number of the answer is not finite."""
    match answer:
        case {"items": parts} | {"numbers": parts}:
            return _not_finite(parts)
        case {"entries": entries}:
            return any(map(_not_finite, entries.values()))
        case dict():
            return False
    return any(map(_not_finite, answer)) if isinstance(answer, list) else isinstance(answer, str)


def _file(name: str) -> str:
    return f"<small {name}>"


def _student(text: str, name: str) -> Student:
    module = load_module(text, f"attend_small_{name}", _file(name))
    return Student(LocalBackend(module, fresh_settings=False))


def _magnitude(text: str) -> float:
    """The sum of the numbers of a call, without their signs."""
    constants = [node.value for node in ast.walk(parse_call(text)) if isinstance(node, ast.Constant)]
    return sum(abs(float(value)) for value in constants if isinstance(value, int | float))


def _kept(tried: list[tuple[tuple[int, bool, float], int, SmallRow]]) -> list[SmallRow]:
    """The first calls of every template, and those that show a mistake which no smaller one shows."""
    seen: set[int] = set()
    count: dict[int, int] = {}
    rows = []
    for _, place, row in tried:
        count[place] = count.get(place, 0) + 1
        if count[place] <= KEPT or not seen.issuperset(row.caught):
            rows.append(row)
            seen.update(row.caught)
    return rows


def not_caught(course: Course, topic: Topic, table: SmallTable) -> dict[str, list[str]]:
    """The known mistakes of each exercise that no call of at most MOST_NUMBERS numbers shows."""
    found, mistakes = {}, bank.misconceptions(course, topic)
    for exercise in topic.exercises:
        names = [each.name for each in mistakes if each.exercise == exercise.name]
        rows = [row for row in table.rows.get(exercise.name, ()) if numbers_in(row.text) <= MOST_NUMBERS]
        caught = {index for row in rows for index in row.caught}
        found[exercise.name] = [name for index, name in enumerate(names) if index not in caught]
    return found


def not_shown_holes(course: Course, topic: Topic, left: dict[str, list[str]]) -> dict[str, list[str]]:
    """What the audit says of each exercise: mistakes that no small call shows and no reason is given for, and reasons
    for those that one shows. Nothing where the topic has no file of small calls. `left` is what `not_caught` found.

    Raises:
        SmallCallsError: the file cannot be used.
    """
    if not templates_path(course, topic).exists():
        return {}
    reasons = read_templates(course, topic).not_shown
    holes = {
        name: [f"misconception {each} {NOT_SEEN}" for each in found if each not in reasons]
        for name, found in left.items()
    }
    for answer in bank.misconceptions(course, topic):
        if answer.name in reasons and answer.name not in left[answer.exercise]:
            words = f"misconception {answer.name} is shown by a small call, and not_shown says why not"
            holes[answer.exercise].append(words)
    return holes


def made_from(course: Course, topic: Topic) -> str:
    """A digest of the files that a topic's table is made from, those of the language of calls among them."""
    paths = (
        templates_path(course, topic),
        course.solution(topic),
        course.misconceptions(topic),
        course.alternates(topic),
        HELPERS,
        *LANGUAGE,
    )
    return digest_of(paths)


def write_small(course: Course, topics: list[Topic], check: bool = False) -> list[Path]:
    """Write the table of each topic whose files have changed since; with `check` only find which are out of date."""
    written = [topic for topic in topics if templates_path(course, topic).exists()]
    return write_stale(course, written, course.small_calls, made_from, build_small, check)
