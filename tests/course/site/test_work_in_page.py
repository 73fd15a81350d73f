"""Beside the tests in a page: examples, other ways to write it, files that come and go, progress codes."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from attend.authoring.ways_builder import ways_of
from attend.checking.progress_code import encode
from attend.course.source import splice
from attend.submissions.hand_in import pack
from attend.testing.small_table import SmallTable
from attend.testing.ways import SealedWays

from ..common import COURSE, each_topic
from .exercise_page import (
    MASKED,
    RUNNING,
    SOFTMAX,
    STARTING,
    T03,
    element,
    keep,
    right,
    run,
    told,
    visit,
    write,
)
from .visit import WATCH_SHIFTS
from .web import wait_for_colours

MOST_SHIFT = 0.02  # as for every page

WRONG = "def softmax(scores, axis=-1):\n    return scores\n"
# softmax by way of a function of the student's own
OWN = "def _share(x, axis):\n    return x / x.sum(axis=axis, keepdims=True)\n\n\n"
USING_OWN = (
    "def softmax(scores, axis=-1):\n"
    "    return _share(np.exp(scores - scores.max(axis=axis, keepdims=True)), axis)"
)


def panel(page: Page):
    return page.locator("attend-work")


def say(page: Page):
    return panel(page).get_by_role("status")


def press(page: Page, name: str) -> None:
    panel(page).get_by_role("button", name=name).click()


def download(page: Page, name: str) -> Download:
    with page.expect_download(timeout=STARTING) as loading:
        press(page, name)
    return loading.value


def open_file(page: Page, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    panel(page).locator("input[type=file]").set_input_files(file)
    expect(say(page)).not_to_have_text("Reading the file …", timeout=STARTING)
    expect(say(page)).not_to_contain_text("Starting Python", timeout=STARTING)
    expect(say(page)).not_to_have_text("Reading the file …", timeout=RUNNING)


def stub() -> str:
    return COURSE.assignment(T03).read_text(encoding="utf-8")


def stored(page: Page) -> dict[str, str]:
    return page.evaluate("({ ...localStorage })")


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
    wanted = ways_of(COURSE, T03, SOFTMAX)
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


# ---- files


@pytest.fixture
def copy(tmp_path):
    """A student's copy of the course, of which hand-ins use the folder of modules alone."""
    course = replace(COURSE, root=tmp_path / "copy")
    course.assignment(T03).parent.mkdir(parents=True)
    return course


def test_the_files_are_those_of_a_copy_of_the_course(page, server, copy, tmp_path):
    """The module is the stub with the reader's code; the hand-in has the bytes that `attend submit` writes of it."""
    visit(page, server, T03)
    for exercise in (SOFTMAX, MASKED):
        keep(page, exercise, right(exercise))
    page.reload()
    made = download(page, "Download module")
    assert made.suggested_filename == f"{T03.slug}.py"
    module = Path(made.path()).read_bytes()
    expected = splice(splice(stub(), "softmax", right(SOFTMAX)), "masked_softmax", right(MASKED))
    assert module.decode() == expected

    copy.assignment(T03).write_bytes(module)
    packed = pack(copy, T03, tmp_path).read_bytes()
    made = download(page, "Download hand-in")
    assert made.suggested_filename == f"{T03.slug}.zip"
    assert Path(made.path()).read_bytes() == packed


def test_a_module_with_own_functions_comes_in_works_and_goes_out_the_same(page, server):
    """All lines of it: those of the exercises are in the editors, the rest is used where they are tested."""
    module = splice(stub(), "softmax", USING_OWN).replace("def softmax(", f"{OWN}def softmax(", 1)
    visit(page, server, T03)
    write(page, MASKED, "# what was here before\n")
    open_file(page, f"{T03.slug}.py", module.encode())
    expect(say(page)).to_contain_text("is in the editors. Its other lines")
    expect(element(page, SOFTMAX).locator(".exercise-code")).to_contain_text("return _share(")
    assert "what was here before" not in element(page, MASKED).locator(".exercise-code").inner_text()
    assert run(page, SOFTMAX) == "passed", told(page, SOFTMAX)
    page.reload()
    assert Path(download(page, "Download module").path()).read_text(encoding="utf-8") == module

    press(page, "Bring back")
    expect(element(page, MASKED).locator("code")).to_have_text("# what was here before\n")
    assert "attend:module" not in " ".join(stored(page))
    press(page, "Bring back")
    expect(element(page, SOFTMAX).locator("code")).to_contain_text("return _share(")


def test_a_hand_in_is_opened_and_what_passed_before_is_not_its_result(page, server, copy, tmp_path):
    copy.assignment(T03).write_text(splice(stub(), "softmax", WRONG), encoding="utf-8")
    packed = pack(copy, T03, tmp_path).read_bytes()
    visit(page, server, T03)
    keep(page, SOFTMAX, right(SOFTMAX))
    page.reload()
    assert run(page, SOFTMAX) == "passed", told(page, SOFTMAX)
    open_file(page, "hand-in (1).zip", packed)
    expect(element(page, SOFTMAX).locator("code")).to_have_text(WRONG)
    expect(page.locator("attend-progress")).to_have_text("0 of 6 done")
    assert "not tested yet" in told(page, SOFTMAX)
    expect(element(page, SOFTMAX).locator("details")).to_be_hidden()
    assert run(page, SOFTMAX) == "failing"


def zipped(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.py", text)
    return made.getvalue()


def test_a_bad_file_is_refused_and_changes_nothing(desk):
    """Each with a sentence that names what is wrong."""
    write(desk, SOFTMAX, "# mine\n")
    before = stored(desk)
    slug = T03.slug
    for name, data, words in (
        (f"{slug}.py", b"def softmax(:\n", "line 1 of"),
        (f"{slug}.py", b"x = 1\n", "does not define softmax"),
        (f"{slug}.py", b"\xff\xfe", "not UTF-8"),
        (f"{slug}.py", b"", "does not define softmax"),
        ("t04_attention_encoder.py", stub().encode(), "is of another topic"),
        (f"{slug}.zip", b"PK no zip", f"{slug}.zip"),
        ("other.zip", zipped(notes="x = 1"), "does not define softmax"),
        ("picture.png", b"\x89PNG", "no Python file"),
    ):
        open_file(desk, name, data)
        expect(say(desk)).to_contain_text(words)
        assert say(desk).get_attribute("data-problem") is not None
        assert stored(desk) == before


def test_what_cannot_be_loaded_is_no_hand_in(desk):
    """The module can be had all the same: nothing that was written is lost."""
    write(desk, SOFTMAX, "# mine\ndef softmax(scores) return scores\n")
    press(desk, "Download hand-in")
    expect(say(desk)).to_contain_text("(softmax, line 2). A file that cannot be loaded", timeout=RUNNING)
    text = Path(download(desk, "Download module").path()).read_text(encoding="utf-8")
    assert "# mine\ndef softmax(scores) return scores\n" in text


# ---- progress


def test_progress_goes_out_as_a_code_and_comes_in(page, server):
    """The code is that of the command line. What passed elsewhere is counted, until it is run here."""
    visit(page, server, T03)
    keep(page, SOFTMAX, right(SOFTMAX))
    page.reload()
    assert run(page, SOFTMAX) == "passed", told(page, SOFTMAX)
    press(page, "Make a code")
    field = panel(page).get_by_role("textbox", name="Progress code")
    expect(field).to_have_value(encode(COURSE, [SOFTMAX]), timeout=RUNNING)

    other = COURSE.topic("t05").exercises[0]
    field.fill(encode(COURSE, [SOFTMAX, MASKED, other]))
    field.press("Enter")
    expect(say(page)).to_contain_text("3 exercises have passed according to the code; 2 of them are new here")
    expect(page.locator("attend-progress")).to_have_text("2 of 6 done")
    assert "passed elsewhere" in told(page, MASKED)
    press(page, "Make a code")
    expect(field).to_have_value(encode(COURSE, [SOFTMAX, MASKED, other]), timeout=RUNNING)
    assert run(page, MASKED) == "todo"
    expect(page.locator("attend-progress")).to_have_text("1 of 6 done")

    field.fill("attend-kbz7-oaa")
    press(page, "Use this code")
    expect(say(page)).to_contain_text("this is no progress code of")
    expect(page.locator("attend-progress")).to_have_text("1 of 6 done")


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
    empty = below.evaluate("one => one.getBoundingClientRect().top + scrollY")
    page.evaluate("key => localStorage.setItem(key, 'code')", f"attend:passed:{T03.slug}:softmax")
    page.goto(f"{server}/topics/{T03.slug}/#softmax")
    page.reload()
    expect(element(page, SOFTMAX).locator("details")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert abs(below.evaluate("one => one.getBoundingClientRect().top + scrollY") - empty) < 1
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
