"""A topic's page as a reader uses it: write, run, read what it says."""

import re

from playwright.sync_api import Locator, Page, expect

from attend.course.source import definition_text
from attend.course.syllabus import Exercise, Topic

from ..common import COURSE

T03 = COURSE.topic("t03")
SOFTMAX, MASKED = T03.exercise("softmax"), T03.exercise("masked_softmax")
# Python's start takes seconds, on a busy machine many; what runs in it does not
STARTING, RUNNING = 120_000, 30_000


def right(exercise: Exercise) -> str:
    """The reference's code for an exercise, as a student might have typed it."""
    topic = COURSE.by_slug[exercise.slug]
    code = definition_text(COURSE.solution(topic).read_text(encoding="utf-8"), exercise.target)
    return re.sub(r"^ *# (BEGIN|END) SOLUTION\n?", "", code, flags=re.MULTILINE)


def visit(page: Page, server: str, topic: Topic) -> None:
    page.goto(f"{server}/topics/{topic.slug}/")


def element(page: Page, exercise: Exercise) -> Locator:
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
