"""One rule finds the answer in a folder, a zip, a zip in a zip, a single file and a platform's download."""

import io
import json
import zipfile

import pytest

from attend.submissions import take_in
from attend.submissions.names import fit, version_of
from attend.submissions.submission import read_entry, read_submission

SLUG = "t01_tiny"
# names under which browsers, systems, platforms and people hand in the same file
NAMES = [
    f"{SLUG}.py", f"{SLUG}.PY", "T01_Tiny.py", "T01_TINY.Py", "t01.py", "T01.PY", f"{SLUG}-2.py", f"{SLUG} (1).py",
    f"{SLUG}(3).py", f"{SLUG} (1)-1.py", f"{SLUG}-1 (2)-3.py", f"{SLUG} - Copy.py", f"{SLUG} - Copy (2).py",
    f"Copy of {SLUG}.py", f"Kopie von {SLUG}.py", f"{SLUG} copy 2.py", f"{SLUG}_final.py", f"{SLUG}_FINAL_final2.py",
    f"{SLUG}_v3.py", "t01 tiny.py", "t01-tiny.py", f"{SLUG}.py.txt", f"{SLUG}.py (1)", f"{SLUG}_ada_eliot.py",
    "t01 Ada Éliot.py",
]  # fmt: skip


def zipped(*entries: tuple[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


@pytest.fixture
def topic(tiny):
    return tiny.topic("t01")


@pytest.fixture
def read(topic):
    return lambda path: read_submission(path, topic, "ada")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "container", ["folder", "deep folder", "zip", "deep zip", "zip in a zip", "ZIP", "windows zip", "file"]
)
def test_a_name_that_counts_in_one_container_counts_in_all(tiny, topic, answers, write, container, name):
    right = answers["right"]
    match container:
        case "folder":
            path = write(f"ada/{name}", right).parent
        case "deep folder":
            write(f"ada/week 1/assignments/{name}", right)
            path = write("ada/notes.txt", "").parent
        case "zip":
            path = write("ada/homework.zip", zipped((name, right)))
        case "deep zip":
            path = write("ada/homework.zip", zipped((f"week 1/assignments/{name}", right), ("data.csv", "1")))
        case "zip in a zip":
            inner = zipped((f"x/{name}", right))
            path = write("ada/homework.zip", zipped((f"{SLUG}.zip", inner)))
        case "ZIP":
            path = write("ada/T01 (1).ZIP", zipped((name, right)))
        case "windows zip":
            path = write("ada/homework.zip", zipped((f"week 1\\assignments\\{name}", right)))
        case "file":
            path = write(f"ada/{name}", right)
    assert read_submission(path, topic, "ada").text == right
    whole = path.parent if path.is_file() else path
    for topics in (None, ["t01"]):
        [entry] = take_in(tiny, [whole.parent], topics).entries
        assert (entry.student, entry.topic) == ("ada", SLUG)
        assert read_entry(entry, topic).text == right


@pytest.mark.parametrize("name", ["test_t01_tiny.py", "t02.py", "main.py", "tiny.py", "xt01.py", "t011.py"])
def test_other_names_are_not_those_of_the_topic(topic, name):
    assert fit(name, topic) == 0


def test_a_later_version_is_known_by_its_name(topic):
    order = ["old/t01.py", "t01.py", "t01-1.py", "t01-2.py", "t01 (1)-1.py", "t01-10.py", "t01_final.py"]
    keys = [version_of(tuple(path.split("/")), topic) for path in order]
    assert keys[0] == min(keys) and keys[1] < keys[2] < keys[3] < keys[5] < keys[6]
    assert keys[2] < keys[4]


COMPANY = {
    "__MACOSX/._t01_tiny.py": b"\0\1\2",
    ".DS_Store": b"\0",
    ".ipynb_checkpoints/t01_tiny-checkpoint.ipynb": '{"cells": []}',
    "__pycache__/t01_tiny.cpython-311.pyc": b"\xa7\r\r\n",
    ".git/HEAD": "ref: refs/heads/main",
    "venv/lib/python3.11/site-packages/t01_tiny.py": "x = 1\n",
    "10:30.png": b"\x89PNG",
    "tests/public/test_t01_tiny.py": "from attend import checks\n",
    "attend.json": "{}",
    "t02_gate.py": "def open(): ...\n",
    "notes about t01.txt": "softmax",
    "figures/plot.py": "import matplotlib\n",
}


def test_harmless_company_harms_nobody(read, answers, write):
    for name, content in COMPANY.items():
        write(f"ada/{name}", content)
    assert read(write(f"ada/{SLUG}.py", answers["right"]).parent).text == answers["right"]
    entries = [*COMPANY.items(), (f"{SLUG}.py", answers["right"])]
    taken = read(write("x.zip", zipped(*entries)))
    assert (taken.text, taken.notes) == (answers["right"], ())


def test_a_link_of_a_virtual_environment_does_not_refuse_a_zip(read, answers, write):
    link = zipfile.ZipInfo("venv/bin/python3")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    path = write("x.zip", zipped((link, "/usr/bin/python3"), (f"{SLUG}.py", answers["right"])))
    taken = read(path)
    assert taken.text == answers["right"]
    assert taken.notes == ("x.zip: venv/bin/python3 is no ordinary file; it was left out.",)


def test_a_zip_of_the_whole_assignments_holds_every_topic(tiny, answers, write):
    texts = {topic.slug: tiny.solution(topic).read_text(encoding="utf-8") for topic in tiny.topics}
    write(
        "class/ada/attend.zip",
        zipped(*((f"attend/assignments/{slug}.py", text) for slug, text in texts.items())),
    )
    entries = take_in(tiny, [write("class/bela/t01.py", "x = 1").parent.parent]).entries
    found = {
        entry.topic: read_entry(entry, tiny.by_slug[entry.topic])
        for entry in entries
        if entry.student == "ada"
    }
    assert {slug: each.text for slug, each in found.items()} == texts


# which one counts


SECOND = ["t01_tiny (1)-1.py", "t01_tiny - Copy.py", "t01_tiny_final.py", "t01.py", "Copy of t01_tiny.py"]
SECOND += ["old/t01_tiny.py", "t01_tiny_my_solution.py", "T01_TINY.PY"]


@pytest.mark.parametrize("name", SECOND)
@pytest.mark.parametrize("container", ["folder", "zip"])
def test_what_was_written_in_counts_before_the_stub(read, answers, write, container, name):
    files = {f"{SLUG}.py": answers["stub"], name: answers["right"]}
    if container == "zip":
        path = write("ada.zip", zipped(*files.items()))
    else:
        path = [write(f"ada/{each}", text) for each, text in files.items()] and write("ada/x.txt", "").parent
    taken = read(path)
    assert taken.text == answers["right"] and taken.filename.endswith(name)
    [note] = taken.notes
    assert note.startswith("2 files are called t01; ") and note.endswith(": nothing is written in the rest.")


@pytest.mark.parametrize("name", ["solution.py", "my code.py"])
def test_a_solution_of_another_name_counts_before_the_stub(read, tiny, topic, answers, write, name):
    write(f"class/ada/{SLUG}.py", answers["stub"])
    folder = write(f"class/ada/{name}", answers["right"]).parent
    taken = read(folder)
    assert taken.text == answers["right"]
    assert f"{name} is taken as t01, though it is not called t01_tiny.py." in taken.notes
    [entry] = take_in(tiny, [folder.parent], ["t01"]).entries
    assert read_entry(entry, topic).text == answers["right"]


@pytest.mark.parametrize("container", ["folder", "zip"])
def test_of_two_versions_the_later_one_counts(read, answers, write, container):
    files = {
        "t01_tiny-2.py": answers["right"],
        "t01_tiny-1.py": answers["wrong"],
        "t01_tiny.py": answers["wrong"],
    }
    if container == "zip":
        path = write("ada.zip", zipped(*files.items()))
    else:
        path = [write(f"ada/{each}", text) for each, text in files.items()][0].parent
    taken = read(path)
    assert taken.text == answers["right"]
    assert len(taken.notes) == 1 and "t01_tiny-2.py counts, not" in taken.notes[0]


def test_in_a_zip_the_file_that_was_written_last_counts(read, answers, write):
    entries = []
    for day, name, text in ((5, "b/t01.py", answers["right"]), (4, "a/t01.py", answers["wrong"])):
        entries.append((zipfile.ZipInfo(name, (2026, 10, day, 12, 0, 0)), text))
    assert read(write("x.zip", zipped(*entries))).text == answers["right"]


def test_a_damaged_file_does_not_hide_a_good_one(read, answers, write):
    write("ada/t01_tiny-1.py", b"\xff\xfe")
    taken = read(write(f"ada/{SLUG}.py", answers["right"]).parent)
    assert taken.text == answers["right"]
    assert taken.notes == ("t01_tiny-1.py is not UTF-8 text (byte 0); save it as UTF-8 and hand it in again; "
                           "t01_tiny.py counts.",)  # fmt: skip


def test_the_same_text_twice_needs_no_word(read, answers, write):
    write("ada/t01_tiny (1).py", answers["right"])
    assert read(write(f"ada/{SLUG}.py", answers["right"]).parent).notes == ()


def test_the_stub_first_and_the_solution_later_on_a_platform(tiny, topic, answers, write):
    write(f"class/eliotada_101_5001_{SLUG}.py", answers["right"])
    write(f"class/eliotada_101_5002_{SLUG}-1.py", answers["stub"])  # uploaded by mistake, later
    folder = write(f"class/oebela_102_5003_{SLUG}.py", answers["stub"]).parent
    entries = take_in(tiny, [folder]).entries
    assert [read_entry(entry, topic).text == answers["right"] for entry in entries] == [True, False]
    [note] = entries[0].notes
    assert note == f"eliotada_101 handed in t01 2 times; eliotada_101_5001_{SLUG}.py counts."


def test_a_notebook_of_ordinary_plots_is_taken(read, answers, write):
    cell = {
        "cell_type": "code",
        "source": answers["right"],
        "outputs": [{"data": {"image/png": "A" * 3_000_000}}],
    }
    assert read(write(f"{SLUG}.ipynb", json.dumps({"cells": [cell]}))).text.endswith(answers["right"] + "\n")
