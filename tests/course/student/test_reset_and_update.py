"""`attend reset` and `attend update`: stubs come back and releases come in, and nothing that was written is lost."""

import shutil
import subprocess

import pytest

from attend.authoring.stubs import make_stub
from attend.checking.merge import merged
from attend.checking.reset import reset
from attend.checking.update import UpdateError, update
from attend.course.errors import AttendError
from attend.course.syllabus import load_course

SCALE = 'raise NotImplementedError("t01.1 scale: see docs/topics/t01_tiny")'


@pytest.fixture
def release(own_tiny):
    """The tiny course as students get it: stubs, and no hidden folder."""
    for topic in own_tiny.topics:
        stub = make_stub(own_tiny.solution(topic).read_text(encoding="utf-8"), topic)
        own_tiny.stub(topic).parent.mkdir(exist_ok=True)
        own_tiny.stub(topic).write_text(stub, encoding="utf-8")
        own_tiny.assignment(topic).write_text(stub, encoding="utf-8")
    for hidden in ("solutions", "autograder"):
        shutil.rmtree(own_tiny.root / hidden)
    return own_tiny


@pytest.fixture
def mine(release):
    """The student's module of t01, with `scale` written: a path."""
    path = release.assignment(release.topic("t01"))
    text = path.read_text(encoding="utf-8").replace(SCALE, "return x * factor  # mine")
    assert "# mine" in text
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def newer(release, tmp_path):
    """A later release: another version, a new sentence in a stub, a new page."""
    root = tmp_path / "newer"
    shutil.copytree(release.root, root)
    made = load_course(root)
    for path in (made.stub(made.topic("t01")), made.assignment(made.topic("t01"))):
        text = made.stub(made.topic("t01")).read_text(encoding="utf-8")
        path.write_text(text.replace("Scale `x`, then add", "First scale `x`, then add"), encoding="utf-8")
    settings = root / "course.toml"
    settings.write_text(settings.read_text().replace('version = "', 'version = "9'), encoding="utf-8")
    (root / "docs" / "new.md").write_text("new\n", encoding="utf-8")
    return load_course(root)


def test_an_exercise_gets_its_stub_back_and_the_text_is_kept(release, mine):
    text = mine.read_text(encoding="utf-8")
    topic = release.topic("t01")
    copy = reset(release, topic, (topic.exercise("scale"),))
    assert mine.read_text(encoding="utf-8") == release.stub(topic).read_text(encoding="utf-8")
    assert copy.read_text(encoding="utf-8") == text and copy.parent.name == "kept"


def test_the_other_exercises_stay_as_they_are(release, mine):
    topic = release.topic("t01")
    with_both = mine.read_text().replace("raise NotImplementedError", "return 1  # raise")
    mine.write_text(with_both, encoding="utf-8")
    reset(release, topic, (topic.exercise("shifted"),))
    text = mine.read_text(encoding="utf-8")
    assert "# mine" in text and "return 1" not in text


def test_copies_never_take_each_others_place(release, mine):
    topic, names = release.topic("t01"), []
    for number in range(3):
        mine.write_text(f"# {number}\n", encoding="utf-8")
        names.append(reset(release, topic).name)
    assert names == ["t01_tiny.1.py", "t01_tiny.2.py", "t01_tiny.3.py"]
    assert [(release.root / "kept" / name).read_text() for name in names] == ["# 0\n", "# 1\n", "# 2\n"]


def test_what_is_a_stub_already_is_not_kept_again(release):
    assert reset(release, release.topic("t01")) is None
    assert not (release.root / "kept").exists()


def test_a_module_that_is_gone_comes_back(release):
    path = release.assignment(release.topic("t01"))
    path.unlink()
    reset(release, release.topic("t01"))
    assert path.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [("def scale(:\n", "is no Python"), ("x = 1\n", "does not define scale")],
)
def test_a_module_from_which_nothing_can_be_taken_stays_and_a_way_is_named(release, mine, text, message):
    mine.write_text(text, encoding="utf-8")
    topic = release.topic("t01")
    with pytest.raises(AttendError, match=message):
        reset(release, topic, (topic.exercise("scale"),))
    assert mine.read_text() == text
    assert reset(release, topic).read_text() == text


def test_code_in_an_older_encoding_goes_on_in_utf_8(release, mine, newer):
    """It says so in its first line, where it said `latin-1`."""
    topic, text = release.topic("t01"), mine.read_text(encoding="utf-8").replace("# mine", "# même")
    mine.write_bytes(f"# coding: latin-1\n{text}".encode("latin-1"))
    copy = reset(release, topic, (topic.exercise("shifted"),))
    assert copy is None and "même" in mine.read_text(encoding="latin-1")
    made = reset(release, topic, (topic.exercise("scale"),))
    assert "même" in made.read_text(encoding="latin-1")
    assert mine.read_text(encoding="utf-8").startswith("# coding: utf-8\n")
    mine.write_bytes(made.read_bytes())
    update(release, newer.root)
    made = mine.read_text(encoding="utf-8")
    assert "return x * factor  # même" in made and "First scale" in made


def test_a_module_in_no_encoding_that_can_be_read_stays_as_it_is(release, mine, newer):
    topic, data = release.topic("t01"), mine.read_bytes().replace(b"# mine", b"# m\xeame")
    mine.write_bytes(data)
    with pytest.raises(AttendError, match="is not UTF-8 text.*attend reset t01"):
        reset(release, topic, (topic.exercise("scale"),))
    assert "is not UTF-8 text" in update(release, newer.root).notes[0] and mine.read_bytes() == data
    assert reset(release, topic).read_bytes() == data


def test_an_instructors_copy_has_no_stubs_to_go_back_to(own_tiny):
    with pytest.raises(AttendError, match="attend stubs"):
        reset(own_tiny, own_tiny.topic("t01"))


def test_a_new_release_comes_in_around_the_students_code(release, mine, newer):
    before = mine.read_text(encoding="utf-8")
    result = update(release, newer.root)
    text = mine.read_text(encoding="utf-8")
    assert "# mine" in text and "First scale `x`" in text
    assert result.version.startswith("9") and result.merged == ["t01_tiny"]
    assert [copy.read_text(encoding="utf-8") for copy in result.kept] == [before]
    assert (release.root / "docs" / "new.md").exists()
    assert load_course(release.root).version == result.version


def test_an_untouched_module_becomes_the_new_stub_without_a_copy(release, newer):
    result = update(release, newer.root)
    topic = newer.topic("t01")
    assert release.assignment(topic).read_text() == newer.stub(topic).read_text()
    assert result.merged == result.kept == []


def test_the_same_release_twice_changes_nothing(release, mine, newer):
    update(release, newer.root)
    text = mine.read_text(encoding="utf-8")
    again = update(load_course(release.root), newer.root)
    assert (again.files, again.merged, again.kept) == (0, [], []) and mine.read_text(encoding="utf-8") == text


def test_a_release_comes_as_a_zip_too(release, mine, newer, tmp_path):
    path = shutil.make_archive(str(tmp_path / "release"), "zip", newer.root.parent, newer.root.name)
    assert update(release, type(mine)(path)).merged == ["t01_tiny"]


def test_a_release_comes_from_the_origin_of_the_clone(release, mine, newer, tmp_path):
    def git(*words):
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.invalid")
        subprocess.run(["git", *identity, *map(str, words)], check=True, capture_output=True)

    git("init", "--quiet", newer.root)
    git("-C", newer.root, "add", "--all")
    git("-C", newer.root, "commit", "--quiet", "--message", "new")
    git("init", "--quiet", release.root)
    git("-C", release.root, "remote", "add", "origin", newer.root)
    assert update(release, None).merged == ["t01_tiny"]
    assert "# mine" in mine.read_text(encoding="utf-8")


def test_code_that_is_no_python_stays_and_a_note_says_so(release, mine, newer):
    mine.write_text("def scale(:\n", encoding="utf-8")
    result = update(release, newer.root)
    assert mine.read_text() == "def scale(:\n" and "cannot be read as Python" in result.notes[0]


@pytest.mark.parametrize("source", ["another course", "no release", "no zip", "nothing", "no git"])
def test_what_is_no_release_changes_nothing(release, mine, newer, tmp_path, source):
    path = newer.root
    if source == "another course":
        settings = newer.root / "course.toml"
        settings.write_text(settings.read_text().replace(release.name, "Another"), encoding="utf-8")
    elif source == "no release":
        shutil.rmtree(newer.root / "tests" / "public" / "stubs")
    elif source == "no zip":
        path = tmp_path / "x.zip"
        path.write_text("no zip")
    elif source == "nothing":
        path = tmp_path / "nothing"
    else:
        path = None
    before = mine.read_text(encoding="utf-8")
    with pytest.raises(AttendError) as said:
        update(release, path)
    assert isinstance(said.value, UpdateError | AttendError) and str(said.value)
    assert mine.read_text(encoding="utf-8") == before
    assert not (release.root / "docs" / "new.md").exists()


OLD = """import numpy as np


def f(x):
    todo


class Box:
    size = 1

    def a(self):
        todo

    def b(self):
        todo
"""
NEW = OLD.replace("import numpy as np", "import math\n\nimport numpy as np").replace("size = 1", "size = 2")


@pytest.mark.parametrize(
    ("change", "kept", "both"),
    [
        (("def f(x):\n    todo", "def f(x):\n    return mine"), ["return mine", "size = 2", "import math"], []),
        (("    def b(self):\n        todo", "    def b(self):\n        return mine"), ["return mine", "size = 2"], []),
        (("    size = 1", "    size = 7"), ["size = 7"], ["Box"]),
        (("import numpy as np", "import numpy as np\nMINE = 3"), ["MINE = 3", "import math"], []),
        (("class Box", "def helper():\n    return mine\n\n\nclass Box"), ["def helper", "size = 2"], []),
        (
            ("        todo\n\n    def b", "        return self.c()\n\n    def c(self):\n        return mine\n\n    def b"),
            ["def c(self)", "return self.c()"],
            [],
        ),
    ],
)  # fmt: skip
def test_what_the_student_changed_is_in_the_new_stub(change, kept, both):
    mine = OLD.replace(*change)
    assert mine != OLD
    made = merged(mine, OLD, NEW)
    compile(made.text, "merged", "exec")
    assert [words for words in kept if words not in made.text] == []
    assert made.both == both
