"""Exercises in the page, in a real browser: the course's own tests on Python in a worker."""

import re

import pytest
from playwright.sync_api import Page, expect

from attend.bank import load_bank
from attend.source import definition_text, rename
from attend.syllabus import Exercise, Topic

from ..common import COURSE

NUMPY = [topic for topic in COURSE.topics if topic.library == "numpy"]
T03 = COURSE.topic("t03")
SOFTMAX, MASKED = T03.exercise("softmax"), T03.exercise("masked_softmax")
# Python's start takes seconds, on a busy machine many; what runs in it does not
STARTING, RUNNING = 120_000, 30_000
ENDLESS = "def softmax(scores, axis=-1):\n    while True:\n        pass\n"


def right(exercise: Exercise) -> str:
    """The reference's code for an exercise, as a student might have typed it."""
    topic = COURSE.by_slug[exercise.slug]
    code = definition_text(COURSE.solution(topic).read_text(encoding="utf-8"), exercise.target)
    return re.sub(r"^ *# (BEGIN|END) SOLUTION\n?", "", code, flags=re.MULTILINE)


def visit(page: Page, server: str, topic: Topic) -> None:
    page.goto(f"{server}/topics/{topic.slug}/")


def element(page: Page, exercise: Exercise):
    return page.locator(f"attend-exercise[name='{exercise.name}']")


def keep(page: Page, exercise: Exercise, code: str) -> None:
    """Leave code in the browser as the editor does; an exercise whose editor is closed takes it from there."""
    page.evaluate(
        "([key, code]) => localStorage.setItem(key, code)",
        [f"attend:code:{exercise.slug}:{exercise.name}", code],
    )


def write(page: Page, exercise: Exercise, code: str) -> None:
    """Type over what stands in the editor."""
    editor = element(page, exercise).get_by_role("textbox")
    if not editor.count():
        element(page, exercise).get_by_role("button", name="Edit").click()
    editor.fill(code)


def press(page: Page, exercise: Exercise, name: str) -> None:
    element(page, exercise).get_by_role("button", name=name).click()


def run(page: Page, exercise: Exercise) -> str:
    """Press Run tests; the state that the verdict ends in."""
    press(page, exercise, "Run tests")
    expect(element(page, exercise)).not_to_have_attribute("data-state", "busy", timeout=STARTING)
    return element(page, exercise).get_attribute("data-state")


def told(page: Page, exercise: Exercise) -> str:
    return element(page, exercise).get_by_role("status").inner_text()


@pytest.mark.parametrize("topic", NUMPY, ids=lambda topic: topic.number)
def test_stubs_fail_and_references_pass(page, server, topic):
    """As stubs none passes; written in order, each passes with the earlier ones that it calls."""
    visit(page, server, topic)
    for exercise in topic.exercises:
        assert run(page, exercise) in ("todo", "waiting"), told(page, exercise)
    for number, exercise in enumerate(topic.exercises, start=1):
        keep(page, exercise, right(exercise))
        assert run(page, exercise) == "passed", told(page, exercise)
        expect(page.locator("attend-progress")).to_have_text(f"{number} of {len(topic.exercises)} done")


def test_a_misconception_is_told_its_sentence_where_it_is_written(page, server):
    """Typed into the editor and run by the keyboard; the rows are those of the terminal."""
    bank = load_bank(COURSE.misconceptions(T03))
    wrong = next(entry for entry in bank if entry.exercise == "softmax")
    visit(page, server, T03)
    write(page, SOFTMAX, rename(wrong.source, SOFTMAX.target))
    page.keyboard.press("Control+Enter")
    status = element(page, SOFTMAX).get_by_role("status")
    expect(status).to_contain_text(wrong.sentence, timeout=STARTING)
    expect(status).to_contain_text("asked for")
    assert element(page, SOFTMAX).get_attribute("data-state") == "failing"


def test_an_endless_loop_is_stopped_and_the_page_lives(page, server):
    """After some seconds by itself, at once by the button; then Python is made ready again."""
    visit(page, server, T03)
    keep(page, SOFTMAX, ENDLESS)
    press(page, SOFTMAX, "Run tests")
    expect(element(page, SOFTMAX).get_by_role("status")).to_contain_text("Running", timeout=STARTING)
    write(page, MASKED, "# the page lives while the loop runs\n")
    expect(element(page, SOFTMAX).get_by_role("status")).to_contain_text(
        "no answer in 5 seconds", timeout=STARTING
    )
    press(page, SOFTMAX, "Run tests")
    press(page, SOFTMAX, "Stop")
    expect(element(page, SOFTMAX).get_by_role("status")).to_contain_text("stopped", timeout=RUNNING)
    keep(page, SOFTMAX, right(SOFTMAX))
    assert run(page, SOFTMAX) == "passed", told(page, SOFTMAX)


def test_work_is_remembered_until_it_is_reset(page, server):
    """Code and passes outlive the page; a later exercise uses them; Reset brings the stub back."""
    visit(page, server, T03)
    stub = element(page, SOFTMAX).locator("code").inner_text()
    write(page, SOFTMAX, right(SOFTMAX))
    assert run(page, SOFTMAX) == "passed", told(page, SOFTMAX)
    page.reload()
    assert "passed" in told(page, SOFTMAX)
    assert element(page, SOFTMAX).locator("code").inner_text() == right(SOFTMAX)
    write(page, MASKED, right(MASKED))
    assert run(page, MASKED) == "passed", told(page, MASKED)
    page.goto(f"{server}/topics/")
    expect(page.locator(f"attend-progress[topic='{T03.slug}']")).to_have_text("2 of 6 done")
    visit(page, server, T03)
    press(page, SOFTMAX, "Reset")
    expect(page.locator("attend-progress")).to_have_text("1 of 6 done")
    assert run(page, MASKED) == "waiting", told(page, MASKED)
    assert f"pass {SOFTMAX.label} softmax on this page" in told(page, MASKED)
    page.reload()
    assert element(page, SOFTMAX).locator("code").inner_text() == stub
    assert page.evaluate(f"localStorage.getItem('attend:code:{T03.slug}:softmax')") is None


def test_what_python_cannot_read_is_told_by_the_editors_line(page, server):
    visit(page, server, T03)
    write(page, SOFTMAX, right(SOFTMAX))
    assert run(page, SOFTMAX) == "passed", told(page, SOFTMAX)
    write(
        page,
        MASKED,
        "# two lines\n# and the wrong one:\ndef masked_softmax(scores, mask, axis=-1) return 1\n",
    )
    assert run(page, MASKED) == "failing"
    assert "line 3" in told(page, MASKED), told(page, MASKED)


def test_a_pytorch_exercise_tells_the_command(page, server):
    topic = next(topic for topic in COURSE.topics if topic.library == "torch")
    visit(page, server, topic)
    assert not page.locator("attend-exercise").count()
    for exercise in topic.exercises:
        facts = page.locator(f".exercise[data-exercise='{exercise.name}'] .exercise-facts")
        assert f"attend check {exercise.label}" in " ".join(facts.all_inner_texts())
