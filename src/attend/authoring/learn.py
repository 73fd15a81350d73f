"""Make a known mistake of a group of wrong answers that behave alike, and name it to everybody in the group."""

import ast
import json
import keyword
from collections.abc import Callable
from dataclasses import dataclass, replace

from attend.authoring.audit import audit_topic
from attend.authoring.fingerprint_builder import find_unseen
from attend.authoring.group_code import GroupTrial, LearnError, check_code
from attend.authoring.leaks import LeakCheck
from attend.authoring.small_builder import NOT_SEEN
from attend.authoring.tables import write_tables
from attend.course import bank
from attend.course.atomic_file import write_whole
from attend.course.source import rename
from attend.course.syllabus import Course, Exercise, Topic
from attend.gradebook.graders import grader_digest
from attend.gradebook.groups import Group, Groups
from attend.gradebook.store import Gradebook
from attend.grading.course_grader import Lane


@dataclass(frozen=True)
class Learned:
    """A mistake that was added.

    code: the function or class as it was added. tests: the hidden tests that it fails.
    is_seen: whether a public test fails on it too. students: who has read of it now.
    """

    name: str
    exercise: Exercise
    code: str
    tests: list[str]
    is_seen: bool
    students: list[str]


def find_group(topic: Topic, gradebook: Gradebook, number: int) -> Group:
    """The group of this number among the topic's.

    Raises:
        LearnError: there is none.
    """
    groups = Groups()
    for grade in gradebook.grades():
        if grade.topic == topic.slug:
            groups.add(topic, grade)
    found = groups.of(topic)
    if not 1 <= number <= len(found):
        have = f"it has groups 1 to {len(found)}" if found else "it has no wrong answers without a name"
        raise LearnError(f"{topic.number} has no group {number}: {have}; `attend report` shows them.")
    return found[number - 1]


def learn(
    course: Course,
    topic: Topic,
    gradebook: Gradebook,
    number: int,
    name: str,
    sentence: str,
    level: str,
    agrees: Callable[[str], bool],
    report: Callable[[str], None] = lambda step: None,
) -> Learned:
    """Add a group's mistake to the bank as `name`, and name it in the grades of the group.

    The points of no grade change, and nothing is graded again.

    Args:
        sentence: what a student who made the mistake reads.
        level: the isolation level at which the group's code is run.
        agrees: asked with the code before it is added. The grader runs what is in a bank without confinement, and this
            is a student's code: a person has to read it first.
        report: called with a word for each step.

    Raises:
        LearnError: the mistake cannot be added; the sentence says why.
    """
    group = find_group(topic, gradebook, number)
    _check_words(course, topic, name, sentence)
    before = grader_digest(course, topic)
    report("code")
    with Lane(course, level) as lane:
        trial = GroupTrial(course, topic, group, lane)
        code = trial.smaller(trial.behaving(group.codes_without_names(gradebook.people())))
    code = rename(code, name) + "\n"
    check_code(code)
    if not agrees(code):
        raise LearnError("nothing was added.")
    report("bank")
    failing = _add_to_bank(course, topic, group, name, sentence, code, level, report)
    _name_in_grades(gradebook, topic, group, name, sentence)
    gradebook.same_points(topic.slug, before, grader_digest(course, topic))
    is_seen = name not in [answer.name for answer in find_unseen(course, topic)]
    return Learned(name, group.exercise, code, failing, is_seen, group.students)


def _check_words(course: Course, topic: Topic, name: str, sentence: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name) or name != name.lower():
        raise LearnError(f"--name {name}: expected a name for a function, such as divided_by_the_sum.")
    taken = [answer.name for answer in (*bank.misconceptions(course, topic), *bank.alternates(course, topic))]
    if name in taken:
        raise LearnError(f"--name {name}: the bank of {topic.number} has this name already; choose another.")
    if len(sentence.split()) < 3:
        raise LearnError("--sentence: expected what a student should read who made this mistake.")
    if leaks := LeakCheck(course).in_text("the sentence", sentence):
        raise LearnError(f"--sentence: students must not read this ({leaks[0]}); say it in other words.")


def _add_to_bank(
    course: Course,
    topic: Topic,
    group: Group,
    name: str,
    sentence: str,
    code: str,
    level: str,
    report: Callable[[str], None],
) -> list[str]:
    """Write the mistake into the bank, make the tables, and audit the topic; the hidden tests that the mistake fails.

    Raises:
        LearnError: the audit finds a hole that was not there; the files are as before.
    """
    path = course.misconceptions(topic)
    earlier = path.read_text(encoding="utf-8")
    text = _with_answer(earlier, group.exercise, sentence, code)
    try:
        write_whole(path, text)
        if name not in [each.name for each in bank.misconceptions(course, topic)]:
            raise LearnError(f"{name} is bound twice in {path.name}; choose another name.")
        report("tables for students")
        write_tables(course, [topic])
        with Lane(course, level) as lane:
            grade = GroupTrial(course, topic, group, lane).grade(code)
            report("audit")
            holes = [hole for audit in audit_topic(course, topic, lane) for hole in audit.holes]
        # a small call that shows it can be written later
        if concerning := [hole for hole in holes if name in hole and NOT_SEEN not in hole]:
            raise LearnError(f"the audit finds: {'; '.join(concerning)}. Nothing was changed.")
    except BaseException:
        write_whole(path, earlier)
        write_tables(course, [topic])
        raise
    return [test.name for test in grade.tests if not test.passed] if grade else []


def _with_answer(text: str, exercise: Exercise, sentence: str, code: str) -> str:
    """The bank's text with the mistake behind the last one of its exercise."""
    tree = ast.parse(text)
    ends = [
        node.end_lineno or 0
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and any(_exercise_of(decorator) == exercise.name for decorator in node.decorator_list)
    ]
    lines = text.splitlines()
    place = max(ends, default=len(lines))
    definition = code.splitlines()
    quoted = json.dumps(sentence, ensure_ascii=False)
    marker = ["@misconception(", f'    "{exercise.name}",', f"    {quoted},", ")"]
    return "\n".join([*lines[:place], "", "", *marker, *definition, *lines[place:]]) + "\n"


def _exercise_of(decorator: ast.expr) -> object:
    if isinstance(decorator, ast.Call) and decorator.args and isinstance(decorator.args[0], ast.Constant):
        return decorator.args[0].value
    return None


def _name_in_grades(gradebook: Gradebook, topic: Topic, group: Group, name: str, sentence: str) -> None:
    for student in group.students:
        grade = gradebook.grade(student, topic.slug)
        for index, row in enumerate(grade.exercises):
            if row.unnamed is not None and row.unnamed.behaviour == group.behaviour:
                tests = [replace(test, explained=not test.passed) for test in row.tests]
                grade.exercises[index] = replace(
                    row, diagnosis=name, sentence=sentence, tests=tests, unnamed=None
                )
        gradebook.rewrite(grade)
