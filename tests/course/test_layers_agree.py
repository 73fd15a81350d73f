"""One slug names a topic in every layer, and the layers agree about it."""

import __future__

import ast
import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from attend.authoring.audit import MIN_ALTERNATES, MIN_MISCONCEPTIONS
from attend.authoring.leaks import find_secrets, squeezed
from attend.authoring.stubs import find_drift
from attend.course import bank
from attend.course.bibliography import read_references
from attend.course.source import definition_text, find_definition, parse
from attend.course.stub_markers import BEGIN, stub_message
from attend.student.module import load_module

from .common import COURSE, ROOT, each_exercise, each_topic, marked_exercise, test_functions

# what a student gets: it may not import what a student must not see (test_leaks.py: nor quote it)
OPEN = ("src", "docs", "tests/public")
CLOSED = ("solutions", "autograder", "tests.course")
SECRETS = find_secrets(COURSE)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def open_files(*suffixes: str) -> Iterator[Path]:
    for folder in OPEN:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and "node_modules" not in path.parts:
                yield path


def the_module(path: Path):
    return load_module(text_of(path), f"layers_{path.parent.name}_{path.stem}", str(path))


# every exercise


@each_exercise
def test_the_stub_raises_with_the_number_of_the_exercise(course, topic, exercise):
    stub = find_definition(parse(text_of(course.assignment(topic))), exercise.target)
    raised = [ast.unparse(node.exc) for node in ast.walk(stub) if isinstance(node, ast.Raise)]
    assert f"NotImplementedError({stub_message(exercise)!r})" in raised


@each_exercise
def test_the_reference_defines_what_the_student_writes(course, topic, exercise):
    solution = text_of(course.solution(topic))
    assert BEGIN in definition_text(solution, exercise.target)


@each_exercise
def test_the_exercise_has_a_worked_number(course, topic, exercise):
    owner = exercise.target.split(".")[0]
    assert ">>> " in definition_text(text_of(course.assignment(topic)), owner)


@each_exercise
@pytest.mark.parametrize("layer", ["public_tests", "graders"])
def test_the_exercise_has_tests(course, topic, exercise, layer):
    functions = test_functions(getattr(course, layer)(topic)).values()
    assert exercise.name in {marked_exercise(function) for function in functions}


@each_exercise
def test_the_exercise_has_wrong_answers_that_teach(course, topic, exercise):
    answers = [answer for answer in bank.misconceptions(course, topic) if answer.exercise == exercise.name]
    assert len(answers) >= MIN_MISCONCEPTIONS
    assert all(len(answer.sentence.split()) > 4 for answer in answers)


@each_exercise
def test_the_exercise_has_right_answers_of_other_shapes(course, topic, exercise):
    answers = [answer for answer in bank.alternates(course, topic) if answer.exercise == exercise.name]
    assert len(answers) >= MIN_ALTERNATES


@each_exercise
def test_the_exercise_has_three_hints_and_none_is_the_solution(course, topic, exercise):
    assert len(exercise.hints) == 3 and all(exercise.hints) and len(set(exercise.hints)) == 3
    hints = squeezed("\n".join(exercise.hints))
    own = [secret for secret in SECRETS if secret.origin.startswith(f"solutions/{topic.slug}.py")]
    assert own
    assert [
        line for secret in own for line in map(squeezed, secret.lines) if len(line) >= 20 and line in hints
    ] == []


@each_exercise
def test_the_exercise_has_a_place_on_its_page(course, topic, exercise):
    heading = rf"^### {exercise.label} {exercise.name} {{ #{exercise.name} }}$"
    assert re.search(heading, text_of(course.page(topic)), re.MULTILINE)


@each_exercise
def test_the_exercise_is_worth_something(topic, exercise):
    assert exercise.points > 0 and exercise.minutes > 0 and exercise.difficulty in (1, 2, 3)


@each_exercise
def test_the_reference_calls_what_the_exercise_builds_on(course, topic, exercise):
    definition = find_definition(parse(text_of(course.solution(topic))), exercise.target)
    assert called(definition, topic, exercise) == set(exercise.builds_on)


# every topic


@each_topic
def test_the_points_of_a_topic_add_up_to_100(topic):
    assert topic.points == 100


@each_topic
def test_the_stub_is_what_its_solution_makes(course, topic):
    assert [f"{drift.path.name} {drift.problem}" for drift in find_drift(course, [topic])] == []


@each_topic
def test_loading_the_solution_evaluates_no_signature(course, topic):
    """jaxtyping makes a class for each: that would be most of what a worker's loading takes."""
    code = compile(course.solution(topic).read_text(encoding="utf-8"), topic.slug, "exec")
    assert code.co_flags & __future__.annotations.compiler_flag


@each_topic
def test_the_worked_numbers_hold(course, topic):
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(verbose=False)
    module = the_module(course.solution(topic))
    report: list[str] = []
    for example in finder.find(module):
        runner.run(example, out=report.append)
    assert runner.summarize(verbose=False).attempted > 0
    assert "".join(report) == ""


def is_for_each(function: ast.FunctionDef) -> bool:
    """Whether `for_exercises` marks the test, here or in `EACH`."""
    marks = map(ast.unparse, function.decorator_list)
    return any(mark == "EACH" or mark.startswith("for_exercises(") for mark in marks)


@each_topic
@pytest.mark.parametrize("layer", ["public_tests", "graders"])
def test_every_test_belongs_to_an_exercise_and_says_what_it_asks(course, topic, layer):
    names = {exercise.name for exercise in topic.exercises}
    functions = test_functions(getattr(course, layer)(topic))
    # that marks in parameters are the topic's is seen when the file is collected
    marked = {name: function for name, function in functions.items() if not is_for_each(function)}
    assert {name for name, function in marked.items() if marked_exercise(function) not in names} == set()
    assert {name for name, function in functions.items() if not ast.get_docstring(function)} == set()


@each_topic
def test_no_two_answers_of_a_topic_share_a_name(course, topic):
    answers = bank.misconceptions(course, topic) + bank.alternates(course, topic)
    names = [answer.name for answer in answers]
    assert sorted(set(names)) == sorted(names)


@each_topic
@pytest.mark.parametrize("answers", [bank.alternates, bank.misconceptions])
def test_no_answer_calls_what_its_exercise_does_not_build_on(course, topic, answers):
    """On top of a mistake that it need not know of, a right answer would be wrong."""
    for answer in answers(course, topic):
        exercise = topic.exercise(answer.exercise)
        allowed = list(exercise.builds_on)
        for name in allowed:
            allowed += [other for other in topic.exercise(name).builds_on if other not in allowed]
        assert called(parse(answer.source), topic, exercise) <= set(allowed), answer.name


@each_topic
def test_every_answer_fits_into_the_solution(course, topic):
    solution = text_of(course.solution(topic))
    for answer in bank.misconceptions(course, topic) + bank.alternates(course, topic):
        spliced = answer.spliced(solution, topic)
        assert spliced != solution, answer.name
        compile(spliced, answer.name, "exec")


@each_topic
def test_the_page_is_in_the_site_and_names_its_papers(topic):
    assert f"- topics/{topic.slug}.md\n" in text_of(ROOT / "mkdocs.yml")
    assert topic.papers and set(topic.papers) <= read_references(ROOT).keys()


@each_topic
def test_what_comes_before_a_topic_has_a_lower_number(topic):
    assert all(re.fullmatch(r"t\d\d_\w+", slug) and slug[:3] < topic.number for slug in topic.prerequisites)


# the whole tree


@pytest.mark.parametrize(
    ("folder", "pattern", "prefix"),
    [
        ("solutions", "*.py", ""),
        ("assignments", "t*.py", ""),
        ("tests/public", "*.py", "test_"),
        ("autograder/graders", "*.py", "test_"),
        ("autograder/misconceptions", "*.py", ""),
        ("autograder/alternates", "*.py", ""),
        ("docs/topics", "t*.md", ""),
        ("docs/quizzes", "*.toml", ""),
    ],
)
def test_no_file_of_a_layer_belongs_to_no_topic(folder, pattern, prefix):
    found = {path.stem.removeprefix(prefix) for path in (ROOT / folder).glob(pattern)}
    assert found == {topic.slug for topic in COURSE.topics}


def test_nothing_open_imports_what_is_closed():
    guilty = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in open_files(".py")
        for name in imported(path)
        if name.startswith(CLOSED)
    ]
    assert guilty == []


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parse(text_of(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}".lstrip(".") for alias in node.names)


def called(code: ast.AST, topic, own) -> set[str]:
    """The other exercises of the topic whose function, class or method stands in `code`."""
    names = {node.id for node in ast.walk(code) if isinstance(node, ast.Name)}
    methods = {f"self.{node.attr}" for node in ast.walk(code) if isinstance(node, ast.Attribute)}
    targets = {each.name: re.sub(r"^\w+\.", "self.", each.target) for each in topic.exercises if each != own}
    return {name for name, target in targets.items() if target in names | methods}
