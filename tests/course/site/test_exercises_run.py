"""Exercises in the page, in a real browser: the course's own tests on Python in a worker."""

import re

import pytest
from playwright.sync_api import expect

from attend.course.bank import load_bank
from attend.course.source import definition_text, rename

from ..common import COURSE
from .exercise_page import (
    MASKED,
    RUNNING,
    SOFTMAX,
    STARTING,
    T03,
    element,
    keep,
    press,
    right,
    run,
    told,
    visit,
    write,
)
from .web import wait_for_colours

NUMPY = [topic for topic in COURSE.topics if topic.library == "numpy"]
# how many pixels of the code are to the right of its frame
OVERFLOW = """code => {
    const inner = code.querySelector(".cm-scroller") ?? code;
    return inner.scrollWidth - inner.clientWidth;
}"""
ENDLESS = "def softmax(scores, axis=-1):\n    while True:\n        pass\n"


@pytest.mark.parametrize("topic", NUMPY, ids=lambda topic: topic.number)
def test_stubs_fail_and_references_pass(page, server, topic):
    """As stubs none passes; written in order, each passes with the earlier ones that it calls."""
    visit(page, server, topic)
    for exercise in topic.exercises:
        assert run(page, exercise) in ("todo", "waiting"), told(page, exercise)
    for number, exercise in enumerate(topic.exercises, start=1):
        keep(page, exercise, right(exercise))
        assert run(page, exercise) == "passed", told(page, exercise)
        count = page.locator("attend-progress").inner_text()
        assert count == f"{number} of {len(topic.exercises)} done"


def test_work_is_remembered_until_it_is_reset(page, server):
    """Code and passes outlive the page, and the list of topics counts them; Reset brings the stub back."""
    visit(page, server, T03)
    stub = element(page, SOFTMAX).locator("code").inner_text()
    write(page, SOFTMAX, right(SOFTMAX))
    assert run(page, SOFTMAX) == "passed", told(page, SOFTMAX)
    page.goto(f"{server}/topics/")
    assert page.locator(f"attend-progress[topic='{T03.slug}']").inner_text() == "1 of 6 done"
    visit(page, server, T03)
    assert "passed" in told(page, SOFTMAX)
    assert element(page, SOFTMAX).locator("code").inner_text() == right(SOFTMAX)
    press(page, SOFTMAX, "Reset")
    expect(page.locator("attend-progress")).to_have_text("0 of 6 done", timeout=RUNNING)
    page.reload()
    assert element(page, SOFTMAX).locator("code").inner_text() == stub
    assert told(page, SOFTMAX) == ""


@pytest.mark.parametrize("width", [375, 1280])
def test_long_lines_are_wrapped_below_their_own_indentation(page, server, width):
    """Nothing of a docstring is cut off: neither of the printed stub nor in the editor, which holds the same text."""
    attend = T03.exercise("attend")
    page.set_viewport_size({"width": width, "height": 800})
    visit(page, server, T03)
    code = element(page, attend).locator(".exercise-code")
    assert code.evaluate(OVERFLOW) == 0
    printed = code.locator("code").evaluate("code => code.textContent")
    assert (
        printed.rstrip()
        == definition_text(COURSE.assignment(T03).read_text(encoding="utf-8"), "attend").rstrip()
    )
    press(page, attend, "Edit")
    expect(code.locator(".cm-content")).to_be_visible()
    assert code.evaluate(OVERFLOW) == 0
    # the docstring's example has four spaces, and so has what a narrow editor wraps of it
    assert (
        ">>> context, weights"
        in (line := code.locator(".cm-line", has_text=">>> context, weights")).inner_text()
    )
    # more than 20 pixels; the editor may put a new element in the line's place, so this is asked again until it holds
    expect(line).to_have_css("padding-left", re.compile(r"^([2-9]\d|\d{3})"))
    expect(line).to_have_css("text-indent", re.compile(r"^-([2-9]\d|\d{3})"))
    assert line.evaluate("line => line.getBoundingClientRect().height") > 30


def test_a_misconception_is_told_its_sentence_where_it_is_written(desk):
    """Typed into the editor and run by the keyboard; the rows are those of the terminal."""
    wrong = next(entry for entry in load_bank(COURSE.misconceptions(T03)) if entry.exercise == "softmax")
    write(desk, SOFTMAX, rename(wrong.source, SOFTMAX.target))
    desk.keyboard.press("Control+Enter")
    status = element(desk, SOFTMAX).get_by_role("status")
    expect(status).to_contain_text(wrong.sentence, timeout=STARTING)
    expect(status).to_contain_text("asked for")
    assert element(desk, SOFTMAX).get_attribute("data-state") == "failing"


def test_a_wrong_answer_is_shown_on_the_smallest_call(desk):
    """The call, the right answer and the student's own; the call shows what the terminal shows."""
    write(desk, SOFTMAX, "import numpy as np\n\n\ndef softmax(scores, axis=-1):\n    return np.exp(scores)\n")
    assert run(desk, SOFTMAX) == "failing", told(desk, SOFTMAX)
    row = element(desk, SOFTMAX).locator("dd[data-row='smallest']")
    expect(row).to_have_text("softmax([1]) must be [1]; yours is [2.718]")


def test_an_exercise_waits_for_the_one_it_calls(desk):
    """Code that has not passed is not used: the reader is told what to pass first."""
    write(desk, MASKED, right(MASKED))
    assert run(desk, MASKED) == "waiting", told(desk, MASKED)
    assert f"pass {SOFTMAX.label} softmax on this page" in told(desk, MASKED)


def test_what_python_cannot_read_is_told_by_the_editors_line(desk):
    write(
        desk,
        MASKED,
        "# two lines\n# and the wrong one:\ndef masked_softmax(scores, mask, axis=-1) return 1\n",
    )
    assert run(desk, MASKED) == "failing"
    assert "line 3" in told(desk, MASKED), told(desk, MASKED)


@pytest.mark.parametrize("scheme", ["light", "dark", "phone"])
def test_axe_finds_nothing_after_a_run(desk, tools, scheme):
    """With an open editor, a verdict of all its rows, and buttons in use."""
    if scheme == "phone":
        desk.set_viewport_size({"width": 375, "height": 800})
    if scheme != "light":
        desk.evaluate("document.body.dataset.mdColorScheme = 'slate'")
        wait_for_colours(desk)
    desk.evaluate((tools / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = desk.evaluate(
        "axe.run('.exercise').then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))"
    )
    assert found == []


def test_an_endless_loop_is_stopped_and_the_page_lives(desk):
    """At once by the button, after some seconds by itself; then Python is made ready again."""
    status = element(desk, SOFTMAX).get_by_role("status")
    write(desk, SOFTMAX, ENDLESS)
    press(desk, SOFTMAX, "Run tests")
    expect(status).to_contain_text("Running", timeout=STARTING)
    press(desk, SOFTMAX, "Stop")
    expect(status).to_contain_text("softmax stopped", timeout=RUNNING)
    press(desk, SOFTMAX, "Run tests")
    expect(status).to_contain_text("Running", timeout=STARTING)
    write(desk, MASKED, "# the page lives while the loop runs\n")
    expect(status).to_contain_text("no answer in 5 seconds", timeout=RUNNING)
    write(desk, SOFTMAX, right(SOFTMAX))
    assert run(desk, SOFTMAX) == "passed", told(desk, SOFTMAX)


def test_a_pytorch_exercise_tells_the_command(page, server):
    topic = next(topic for topic in COURSE.topics if topic.library == "torch")
    visit(page, server, topic)
    assert not page.locator("attend-exercise").count()
    for exercise in topic.exercises:
        facts = page.locator(f".exercise[data-exercise='{exercise.name}'] .exercise-facts")
        assert f"attend check {exercise.label}" in " ".join(facts.all_inner_texts())
