"""A reader's work in a page: files that come and go, progress codes."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from attend.checking.progress_code import encode
from attend.course.source import splice
from attend.submissions.hand_in import pack

from ..common import COURSE
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
    expect(say(page)).to_contain_text("have passed according to the code: 3, new here: 2.")
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
