"""The tests that students run: they pass on solutions, and are friendly to stubs and to mistakes."""

import re
import subprocess
import sys

import numpy as np
import pytest

from attend.authoring.fingerprint_builder import find_unseen
from attend.course import bank
from attend.student import Student
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.testing.session import TopicTests

from .common import COURSE, ROOT, WHOLE, each_topic


def run_pytest(*arguments: str, cwd=ROOT) -> subprocess.CompletedProcess:
    """Plain pytest, as a student would type it."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=1800)


# this course


@pytest.mark.slow
def test_plain_pytest_passes_on_the_solutions():
    run = run_pytest("tests/public", "--code", "solutions", "-q")
    assert run.returncode == 0, run.stdout[-3000:]
    assert re.search(r"^\d+ passed", run.stdout, re.MULTILINE)


@pytest.mark.slow
def test_attend_check_passes_on_the_solutions(attend):
    run = attend("check", *(topic.number for topic in WHOLE), "--code", ROOT / "solutions")
    assert run.returncode == 0, run.stdout[-3000:]
    for topic in WHOLE:
        for exercise in topic.exercises:
            assert f"✓ {exercise.label} {exercise.name}" in run.stdout


@pytest.fixture(scope="module")
def on_stubs() -> subprocess.CompletedProcess:
    return run_pytest("tests/public", "-q", "--code", "assignments")


def test_on_the_stubs_no_test_passes(on_stubs):
    assert on_stubs.returncode == 1
    assert re.search(r"^\d+ failed in ", on_stubs.stdout.splitlines()[-1])


def test_on_the_stubs_every_exercise_says_that_it_is_not_done_and_where(on_stubs):
    for topic in WHOLE:
        for exercise in topic.exercises:
            told = rf"^{exercise.label} {exercise.name}: .+\n  problem   not done yet\n  line      assignments/{topic.slug}"
            assert re.search(told, on_stubs.stdout, re.MULTILINE), told


def test_on_the_stubs_nobody_sees_a_traceback(on_stubs):
    assert "Traceback" not in on_stubs.stdout and "raise NotImplementedError" not in on_stubs.stdout
    assert "/src/attend/" not in on_stubs.stdout


@pytest.mark.slow
def test_the_tables_that_name_mistakes_are_up_to_date(attend):
    run = attend("fingerprints", "--check", *(topic.number for topic in WHOLE))
    assert run.returncode == 0, run.stdout


@each_topic
def test_no_known_mistake_passes_all_that_a_student_sees(course, topic):
    assert [answer.name for answer in find_unseen(course, topic)] == []


@pytest.mark.slow
@each_topic
def test_right_code_of_another_shape_passes_all_that_a_student_sees(course, topic):
    """Also the exercises that build on it."""
    solution = course.solution(topic).read_text(encoding="utf-8")
    tests = TopicTests(course, topic, course.public_tests(topic))
    failures = []
    for answer in bank.alternates(course, topic):
        module = load_module(answer.spliced(solution, topic), f"right_{answer.name}", f"<{answer.name}>")
        with np.errstate(all="ignore"):
            for item in (item for items in tests.items.values() for item in items):
                if error := tests.run(item, Student(LocalBackend(module, fresh_settings=False))).error:
                    failures.append(f"{answer.name} fails {item.name}: {error}")
    tests.close()
    assert failures == []


# mistakes, on a copy of the tiny course


@pytest.fixture
def answered(own_tiny):
    """Put a body in the place of `scale` in the student's file."""

    def write(body: str) -> None:
        path = own_tiny.assignment(own_tiny.topic("t01"))
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'raise NotImplementedError\("t01\.1.*', body, text), encoding="utf-8")

    return write


def check(attend, course, *arguments: str) -> tuple[int, str]:
    run = attend("--course", course.root, "check", *(arguments or ["t01"]))
    return run.returncode, run.stdout


def test_what_is_right_is_told_beside_what_is_not_done(attend, own_tiny, answered):
    answered("return x * factor")
    code, told = check(attend, own_tiny)
    assert code == 1
    assert "✓ t01.1 scale  1 of 1 tests" in told and "· t01.2 shifted  not done yet" in told


def test_a_wrong_answer_is_told_with_what_was_expected_and_what_came(attend, own_tiny, answered):
    answered("return x - factor")
    code, told = check(attend, own_tiny)
    assert code == 1 and "✗ t01.1 scale" in told
    for label, text in (
        ("asked for", "[1, 2] times 3 is [3, 6]."),
        ("called", "scale((2,), 3.0)"),
        ("problem", "scaled: 2 of 2 values are wrong"),
        ("expected", "[3. 6.]"),
        ("actual", "[-2. -1.]"),
        ("read on", "docs/topics/t01_tiny.md#scale"),
    ):
        assert re.search(rf"{label} +{re.escape(text)}", told), label


def test_a_known_mistake_is_called_by_its_name(attend, own_tiny, answered):
    answered("return x + factor")
    assert attend("--course", own_tiny.root, "fingerprints", "t01").returncode == 0
    _, told = check(attend, own_tiny)
    assert "You add the factor, and it multiplies." in told


def test_an_exception_is_told_with_its_line(attend, own_tiny, answered):
    answered("return x[5]")
    _, told = check(attend, own_tiny)
    assert "it raised IndexError: index 5 is out of bounds" in told
    assert re.search(r"line +assignments/t01_tiny\.py:12 +return x\[5\]", told)


def test_a_syntax_error_is_told_with_its_line(attend, own_tiny, answered):
    answered("return x *")
    code, told = check(attend, own_tiny)
    assert code == 1
    assert "Python cannot read t01_tiny.py: invalid syntax" in told
    assert re.search(r"line +assignments/t01_tiny\.py:12 +return x \*", told)


def test_an_endless_loop_ends(attend, own_tiny, answered):
    answered("while True: pass")
    code, told = check(attend, own_tiny)
    assert code == 1 and "no answer before the deadline" in told


def test_a_single_exercise_can_be_checked(attend, own_tiny, answered):
    answered("return x * factor")
    code, told = check(attend, own_tiny, "t01.1")
    assert code == 0 and "✓ t01.1 scale" in told and "· t01.2 shifted" not in told


def test_plain_pytest_tells_a_mistake_in_the_same_words(own_tiny, answered):
    answered("return x - factor")
    run = run_pytest("tests/public/test_t01_tiny.py", "-q", cwd=own_tiny.root)
    assert run.returncode == 1
    assert "t01.1 scale: [1, 2] times 3 is [3, 6]." in run.stdout
    assert "problem   scaled: 2 of 2 values are wrong" in run.stdout
    assert "Traceback" not in run.stdout and "check.close" not in run.stdout


def test_the_public_tests_are_the_same_wherever_pytest_is_started(own_tiny):
    run = run_pytest(
        str(own_tiny.root / "tests/public/test_t01_tiny.py"), "-q", "--rootdir", str(own_tiny.root)
    )
    assert "t01.1 scale: [1, 2] times 3 is [3, 6].\n  problem   not done yet" in run.stdout


def test_every_topic_has_public_tests():
    assert {path.stem for path in (ROOT / "tests/public").glob("test_*.py")} >= {
        f"test_{topic.slug}" for topic in COURSE.topics
    }
