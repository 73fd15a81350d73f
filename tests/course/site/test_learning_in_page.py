"""Beside the tests in a page: a reader's examples, and other ways to write what is right."""

import pytest
from playwright.sync_api import Page, expect

from attend.authoring.ways_builder import ways_of
from attend.testing.small_table import SmallTable
from attend.testing.ways import SealedWays

from ..common import COURSE, each_topic
from .exercise_page import RUNNING, SOFTMAX, STARTING, T03, element, right, run, told, visit, write
from .visit import WATCH_SHIFTS
from .web import wait_for_colours

MOST_SHIFT = 0.02  # as for every page
WRONG = "def softmax(scores, axis=-1):\n    return scores\n"


def examples(page: Page, exercise):
    return page.locator(f"attend-examples[name='{exercise.name}']")


# ---- examples


def test_examples_are_checked_and_kept(desk, server):
    """By keyboard: opened, typed, checked. The field is there again with what was typed."""
    part = examples(desk, SOFTMAX)
    expect(part.get_by_role("textbox")).to_be_hidden()
    part.locator("summary").press("Enter")
    part.get_by_role("textbox").fill("softmax([0, 0]) == [0.5, 0.5]\nsoftmax([0, 1]) == [0.27, 0.73]")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    status = part.get_by_role("status")
    expect(status).to_contain_text("2 examples are right and catch 2 of 7 known mistakes", timeout=STARTING)
    expect(status).to_contain_text("think about")
    part.get_by_role("textbox").fill("softmax([0, 0]) == [0.5, 0.5]\nsoftmax([0, 1]) == [1, 0]\n2 + 2")
    desk.keyboard.press("Control+Enter")
    expect(status.locator("li")).to_have_text(
        ["line 2: softmax([0, 1]) is something else", "line 3: an example is a call, ==, and an answer"],
        timeout=RUNNING,
    )
    visit(desk, server, T03)
    expect(part.locator("textarea")).to_have_value(
        "softmax([0, 0]) == [0.5, 0.5]\nsoftmax([0, 1]) == [1, 0]\n2 + 2"
    )


# ---- other ways


def test_other_ways_are_there_while_the_exercise_is_right(desk, server):
    """Closed at first; opened, they are those of the course. A later wrong answer takes them away, text and all."""
    ways = element(desk, SOFTMAX).locator("details")
    expect(ways).to_be_hidden()
    write(desk, SOFTMAX, WRONG)
    assert run(desk, SOFTMAX) == "failing"
    expect(ways).to_be_hidden()
    write(desk, SOFTMAX, right(SOFTMAX))
    assert run(desk, SOFTMAX) == "passed", told(desk, SOFTMAX)
    expect(ways).to_be_visible()
    assert ways.get_attribute("open") is None and not ways.locator("pre").count()
    ways.locator("summary").press("Enter")
    wanted = ways_of(COURSE, T03)[SOFTMAX.name]
    expect(ways.locator("pre")).to_have_text([way.code for way in wanted], timeout=RUNNING)
    sentences = [f"{way.name.replace('_', ' ')}: {way.why}" for way in wanted]
    expect(ways.locator("p")).to_have_text(sentences)
    assert ways.locator("pre .k").first.inner_text() == "def"
    assert len(wanted) >= 2

    visit(desk, server, T03)
    expect(ways).to_be_visible()
    ways.locator("summary").click()
    expect(ways.locator("pre")).to_have_count(len(wanted), timeout=STARTING)
    write(desk, SOFTMAX, WRONG)
    assert run(desk, SOFTMAX) == "failing"
    expect(ways).to_be_hidden()
    assert wanted[0].why not in element(desk, SOFTMAX).text_content()


def test_a_pass_that_was_only_written_down_opens_nothing(page, server):
    """What the browser remembers is no key: Python looks at the code."""
    visit(page, server, T03)
    key = f"attend:passed:{T03.slug}:softmax"
    page.evaluate("([key, code]) => localStorage.setItem(key, code)", [key, WRONG])
    page.reload()
    ways = element(page, SOFTMAX).locator("details")
    ways.locator("summary").click()
    expect(ways).to_contain_text("your code does not open them any more", timeout=STARTING)
    assert not ways.locator("pre").count()


@pytest.mark.parametrize("scheme", ["light", "dark", "phone"])
def test_axe_finds_nothing_where_all_is_open(desk, tools, scheme):
    """Examples with an answer, other ways, files."""
    if scheme == "light":
        write(desk, SOFTMAX, right(SOFTMAX))
        assert run(desk, SOFTMAX) == "passed", told(desk, SOFTMAX)
        element(desk, SOFTMAX).locator("summary").click()
        expect(element(desk, SOFTMAX).locator("details pre").first).to_be_visible(timeout=RUNNING)
        part = examples(desk, SOFTMAX)
        if not part.get_by_role("textbox").is_visible():
            part.locator("summary").click()
        part.get_by_role("textbox").fill("softmax([0, 0]) == [1, 0]")
        part.get_by_role("button").click()
        expect(part.locator("li")).to_have_count(1, timeout=RUNNING)
    if scheme == "phone":
        desk.set_viewport_size({"width": 375, "height": 800})
    if scheme != "light":
        desk.evaluate("document.body.dataset.mdColorScheme = 'slate'")
        wait_for_colours(desk)
    desk.evaluate((tools / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    places = [".exercise[data-exercise=softmax]", ".work"]
    found = desk.evaluate(
        "places => axe.run(places).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))",
        places,
    )
    assert found == []
    wide = "places => places.map(place => document.querySelector(place)).filter(one => one.scrollWidth > one.clientWidth)"
    assert desk.evaluate(f"({wide})({places}).length") == 0


def test_a_remembered_pass_moves_nothing(page, server):
    """The row with other ways comes into room that was kept for it."""
    page.add_init_script(WATCH_SHIFTS)
    visit(page, server, T03)
    below = element(page, SOFTMAX).locator("xpath=following::details[1]")

    def place_below() -> float:
        page.reload()
        page.wait_for_load_state("networkidle")
        page.evaluate("() => document.fonts.ready")
        return below.evaluate("one => one.getBoundingClientRect().top + scrollY")

    page.goto(f"{server}/topics/{T03.slug}/#softmax")
    empty = place_below()
    page.evaluate("key => localStorage.setItem(key, 'code')", f"attend:passed:{T03.slug}:softmax")
    filled = place_below()
    expect(element(page, SOFTMAX).locator("details")).to_be_visible()
    assert abs(filled - empty) < 1
    assert page.evaluate("shifted") < MOST_SHIFT


@each_topic
def test_a_page_has_fields_and_commands_where_the_course_can_check_them(site, topic):
    """PyTorch's topics too: examples need no library. Other ways to write it are shown by the command there."""
    html = (site / "topics" / topic.slug / "index.html").read_text(encoding="utf-8")
    table = SmallTable.read(COURSE.small_calls(topic))
    sealed = SealedWays.read(COURSE.ways(topic))
    for exercise in topic.exercises:
        field = f'<attend-examples topic="{topic.slug}" name="{exercise.name}">'
        assert (field in html) == bool(table.rows.get(exercise.name))
        command = f"<code>attend ways {exercise.label}</code>"
        assert (command in html) == (topic.library == "torch" and exercise.name in sealed.exercises)
    ways = html.count('<div class="exercise-ways">')
    assert ways == (len(sealed.exercises) if topic.library == "numpy" else 0)
    assert html.count("<attend-work ") == (topic.library == "numpy")
