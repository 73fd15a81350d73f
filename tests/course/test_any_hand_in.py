"""Whatever tool, platform, name or company it came with: a right module is read as the right text and earns full points."""

import io
import json
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attend.course.syllabus import load_course
from attend.student.module import load_module
from attend.submissions import take_in
from attend.submissions.submission import read_entry, read_submission

from .common import TINY

COURSE = load_course(TINY)
TOPIC = COURSE.topic("t01")
SLUG = TOPIC.slug
RIGHT = COURSE.solution(TOPIC).read_text(encoding="utf-8")
STUB = COURSE.assignment(TOPIC).read_text(encoding="utf-8")

# names: the slug or the number, in any case, with what systems, browsers and people add
marks = st.sampled_from(
    [
        "",
        "-1",
        "-12",
        " (1)",
        "(2)",
        " - Copy",
        " - Copy (3)",
        "_final",
        "_v2",
        " copy",
        "_Ada_Eliot",
        "_solution",
    ]
)
cases = st.sampled_from([str, str.upper, str.title])


@st.composite
def stems(draw) -> str:
    stem = draw(st.sampled_from([SLUG, "t01", SLUG.replace("_", " "), SLUG.replace("_", "-")]))
    front = draw(st.sampled_from(["", "", "", "Copy of "]))
    return front + draw(cases)(stem) + draw(marks) + draw(marks)


endings = st.sampled_from(["py", "PY", "Py", "py.txt"])
notebook_endings = st.sampled_from(["ipynb", "IPYNB", "ipynb.txt", "ipynb.json"])
newlines = st.sampled_from(["\n", "\r\n", "\r"])

COMPANY = {
    "__MACOSX/._t01_tiny.py": b"\0\5\x16\7",
    ".DS_Store": b"\0\0\0\1Bud1",
    "Thumbs.db": b"\xd0\xcf",
    ".ipynb_checkpoints/t01_tiny-checkpoint.ipynb": b"{}",
    "__pycache__/t01_tiny.cpython-311.pyc": b"\xa7\r\r\n",
    ".git/config": b"[core]",
    "venv/lib/python3.12/site-packages/t01_tiny.py": b"raise SystemExit",
    "10:30.png": b"\x89PNG\r\n",
    "attend.json": b"{}",
    "README.md": b"# t01",
    "data.csv": b"1,2\n",
    "figures/draw.py": b"import matplotlib\n",
    "tests/public/test_t01_tiny.py": b"def test_scale(): ...\n",
    "t02_gate.py": b"def gated(x): ...\n",
    "old/notes.txt": b"later",
    "t01_tiny (0).py": STUB.encode(),
    "assignments/t01_tiny.py": STUB.encode(),
}
company = st.lists(st.sampled_from(sorted(COMPANY)), max_size=5, unique=True)


def module(name: str, newline: str) -> tuple[str, bytes]:
    return name, RIGHT.replace("\n", newline).encode("utf-8-sig" if newline == "\r\n" else "utf-8")


NOISE = [
    "%matplotlib inline",
    "!pip install numpy",
    "np.exp?",
    "x = !ls",
    "Traceback (most recent call last):",
    "%%bash\nls",
]
NOISE += ["# just a comment", "print(scale(1, 2))", "raise ValueError('a trial')", "import no_such_library"]


@st.composite
def files(draw) -> tuple[str, bytes]:
    """A module or a notebook that is right."""
    if draw(st.booleans()):
        return module(f"{draw(stems())}.{draw(endings)}", draw(newlines))
    noise = st.lists(st.sampled_from(NOISE), max_size=4)
    sources = [*draw(noise), RIGHT, *draw(noise)]
    cells = [{"cell_type": "code", "source": each, "outputs": []} for each in sources]
    text = json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
    return f"{draw(stems())}.{draw(notebook_endings)}", text.encode()


def zipped(contents: list[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents:
            archive.writestr(name, data)
    return file.getvalue()


@st.composite
def packed(draw) -> list[tuple[str, bytes]]:
    """The files of one hand-in: the right one with company, as they are, in a folder, in a zip or in a zip in a zip."""
    right = draw(files())
    others = [(name, COMPANY[name]) for name in draw(company)]
    folder = draw(st.sampled_from(["", "week 1/", "attend-2026/assignments/", "A/B/C/"]))
    separator = draw(st.sampled_from(["/", "\\"]))
    contents = [(folder + right[0], right[1]), *others]
    contents = draw(st.permutations(contents))
    form = draw(st.sampled_from(["plain", "zip", "zip in a zip"]))
    if form == "plain":
        # a file system has no backslash for a separator, and some have no colons
        return [(name, data) for name, data in contents if ":" not in name]
    name = draw(
        st.sampled_from(["homework.zip", "HOMEWORK.ZIP", f"{SLUG}.zip", "t01 (1).zip", "assignments.zip"])
    )
    inner = zipped([(each.replace("/", separator), data) for each, data in contents])
    return [(name, zipped([(f"deep/{SLUG}.zip", inner)]) if form == "zip in a zip" else inner)]


def write(folder: Path, contents: list[tuple[str, bytes]]) -> Path:
    for name, data in contents:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def is_right(text: str) -> bool:
    """Whether the text is the right module, or a notebook whose kept part does what it does."""
    if text == RIGHT:
        return True
    loaded = load_module(text, "any_hand_in", "any_hand_in.py")
    return loaded.scale(3.0, 2.0) == 6.0 and loaded.shifted(3.0, 2.0, 1.0) == 7.0


many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@many
@given(packed())
@example([(f"{SLUG}.py", RIGHT.encode())])
def test_a_folder_or_a_file_is_read_as_the_right_text(contents):
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name) / "ada", contents)
        assert is_right(read_submission(folder, TOPIC, "ada").text)
        if len(contents) == 1:
            assert is_right(read_submission(folder / contents[0][0], TOPIC, "ada").text)


METADATA = """---
submission_7:
  :submitters:
  - :name: Ada Eliot
    :sid: '0042'
    :email: ada@u.example
  :created_at: 2026-10-02 15:23:28.128393000 Z
"""


@st.composite
def downloads(draw) -> tuple[list[tuple[str, bytes]], str]:
    """A class as a platform hands it over, and what the student is called there."""
    contents = draw(packed())
    platform = draw(st.sampled_from(["folders", "gradescope", "moodle", "moodle flat", "canvas"]))
    match platform:
        case "folders":
            return [(f"ada/{name}", data) for name, data in contents], "ada"
        case "gradescope":
            inside = [(f"submission_7/{name}", data) for name, data in contents]
            return [("submission_metadata.yml", METADATA.encode()), *inside], "ada@u.example"
        case "moodle":
            front = "Ada Eliot_201_assignsubmission_file_"
            return [(f"{front}/{name}", data) for name, data in contents], "Ada Eliot_201"
        case "moodle flat":
            front = "Ada Eliot_201_assignsubmission_file_"
            return [(f"{front}{name.rpartition('/')[2]}", data) for name, data in contents], "Ada Eliot_201"
    late = draw(st.sampled_from(["", "LATE_"]))
    flat = [(name.rpartition("/")[2], data) for name, data in contents]
    return [
        (f"eliotada_{late}101_{5001 + n}_{name}", data) for n, (name, data) in enumerate(flat)
    ], "eliotada_101"


@many
@given(downloads(), st.booleans(), st.booleans())
def test_a_platforms_download_is_read_as_the_right_text(download, as_zip, named):
    contents, student = download
    with tempfile.TemporaryDirectory() as name:
        if as_zip:
            path = Path(name) / "download.zip"
            path.write_bytes(zipped([(f"download/{each}", data) for each, data in contents]))
        else:
            path = write(Path(name) / "download", contents)
        intake = take_in(COURSE, [path], ["t01"] if named else None)
        found = {entry.student: entry for entry in intake.entries if entry.topic == SLUG}
        assert set(found) == {student}, intake.notes
        taken = read_entry(found[student], TOPIC)
        assert not taken.refusal and is_right(taken.text)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(downloads())
def test_it_earns_full_points(tiny_lane, download):
    contents, student = download
    with tempfile.TemporaryDirectory() as name:
        intake = take_in(COURSE, [write(Path(name) / "download", contents)], ["t01"])
        [entry] = [entry for entry in intake.entries if entry.student == student]
        assert tiny_lane.grade(entry).points == 100.0


@pytest.mark.parametrize("platform", ["canvas", "moodle"])
def test_the_stub_beside_it_never_counts(platform):
    front = {"canvas": "eliotada_101_{}_", "moodle": "Ada Eliot_201_assignsubmission_file_"}[platform]
    names = [f"{SLUG}.py", f"{SLUG} (1)-1.py"]
    with tempfile.TemporaryDirectory() as name:
        for number, right in ((0, RIGHT), (1, RIGHT)):
            texts = [STUB, STUB]
            texts[number] = right
            files = [
                (front.format(5000 + n) + each, text.encode())
                for n, (each, text) in enumerate(zip(names, texts, strict=True))
            ]
            folder = write(Path(name) / str(number), files)
            [entry] = take_in(COURSE, [folder]).entries
            assert read_entry(entry, TOPIC).text == RIGHT
