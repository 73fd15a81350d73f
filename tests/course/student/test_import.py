"""`attend import` and progress codes: work goes from the browser into a copy of the course, and nothing is lost."""

import zipfile

import pytest

from attend.checking.progress import StudentProgress
from attend.checking.progress_code import ProgressCodeError, decode, encode

from ..common import COURSE

OTHER = "import numpy as np\n\n\ndef scale(x, factor):\n    return factor * x\n"


@pytest.fixture
def module(home):
    return home.assignment(home.topics[0])


def kept(home) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (home.root / "kept").glob("*")}


def test_a_module_is_taken_and_the_old_text_is_kept(attend, home, module, tmp_path):
    stub = module.read_text(encoding="utf-8")
    for number, code in enumerate((OTHER, OTHER + "# again\n"), start=1):
        (tmp_path / "t01_tiny.py").write_text(code, encoding="utf-8")
        ran = attend("import", str(tmp_path / "t01_tiny.py"))
        assert ran.code == 0 and "t01_tiny.py is written; `attend check t01` checks it" in ran.out
        assert f"kept/t01_tiny.{number}.py" in ran.out
        assert module.read_text(encoding="utf-8") == code
    assert kept(home) == {"t01_tiny.1.py": stub, "t01_tiny.2.py": OTHER}


def test_what_submit_packs_comes_back_the_same(attend, home, module, write_answers):
    write_answers(after="# caf\u00e9\n")
    written = module.read_bytes()
    attend("submit", "t01")
    write_answers(scale="return x")
    assert attend("import", "t01_tiny.zip").code == 0
    assert module.read_bytes() == written
    ran = attend("import", "t01_tiny.zip")
    assert ran.code == 0 and "is the same already" in ran.out and len(kept(home)) == 1


def test_a_module_that_is_gone_is_written_and_nothing_is_kept(attend, home, module, tmp_path):
    module.unlink()
    (tmp_path / "T01 (1).py").write_text(OTHER, encoding="utf-8")
    assert attend("import", str(tmp_path / "T01 (1).py")).code == 0
    assert module.read_text(encoding="utf-8") == OTHER and kept(home) == {}


def test_an_older_encoding_becomes_utf_8(attend, module, tmp_path):
    (tmp_path / "t01_tiny.py").write_bytes(f"# coding: latin-1\n# é\n{OTHER}".encode("latin-1"))
    assert attend("import", str(tmp_path / "t01_tiny.py")).code == 0
    assert module.read_text(encoding="utf-8") == f"# coding: utf-8\n# é\n{OTHER}"


def test_code_that_is_not_finished_is_taken(attend, module, tmp_path):
    """A line that Python cannot read is the student's to repair, in assignments/ as anywhere."""
    (tmp_path / "t01_tiny.py").write_text(f"{OTHER}def shifted(:\n", encoding="utf-8")
    assert attend("import", str(tmp_path / "t01_tiny.py")).code == 0
    assert module.read_text(encoding="utf-8").endswith("def shifted(:\n")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("homework.py", OTHER.encode(), "is called after a topic"),
        ("t01_tiny.py", b"x = 1\n", "defines nothing that t01 asks for"),
        ("t01_tiny.py", b"def scale\xff", "not UTF-8"),
        ("t01_tiny.zip", b"no zip", "t01_tiny.zip"),
        ("homework.zip", b"no zip", "is called after a topic"),
    ],
)
def test_a_bad_file_is_refused_and_changes_nothing(attend, home, module, tmp_path, name, data, words):
    before = module.read_bytes()
    (tmp_path / name).write_bytes(data)
    ran = attend("import", str(tmp_path / name))
    assert ran.code == 2 and words in ran.err
    assert module.read_bytes() == before and kept(home) == {}


def test_of_several_answers_none_is_taken_where_one_is_bad(attend, home, module, tmp_path):
    before = module.read_bytes()
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("t01_tiny.py", OTHER)
    assert attend("import", str(tmp_path / "all.zip")).code == 0
    module.write_bytes(before)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("t01_tiny.py", "x = 1\n")
    assert attend("import", str(tmp_path / "all.zip")).code == 2
    assert module.read_bytes() == before


def test_what_is_neither_file_nor_code_is_refused(attend):
    ran = attend("import", "nothing.py")
    assert ran.code == 2 and "no file, and no progress code" in ran.err


def test_a_progress_code_adds_what_has_passed_elsewhere(attend, home, write_answers):
    scale, shifted = home.topics[0].exercises
    write_answers(shifted="return x")
    attend("check")
    assert attend("progress", "--code").out.strip() == encode(home, [scale])
    ran = attend("import", encode(home, [shifted]))
    assert "exercises that have passed according to the code: 1, new here: 1" in ran.out
    assert StudentProgress(home).passed(home.topics[0]) == [scale, shifted]
    attend("check")
    assert StudentProgress(home).passed(home.topics[0]) == [scale]


@pytest.mark.parametrize("count", [0, 1, 7, 40, 79])
def test_a_code_says_which_exercises_have_passed(count):
    exercises = [each for topic in COURSE.topics for each in topic.exercises]
    for passed in (exercises[:count], exercises[-count:], exercises[::3]):
        code = encode(COURSE, passed)
        assert code.startswith("attend-") and len(code) <= 34
        assert decode(COURSE, code) == decode(COURSE, f" {code.upper()}\n") == passed


def test_a_damaged_code_is_refused(home):
    exercises = [each for topic in COURSE.topics for each in topic.exercises]
    code = encode(COURSE, exercises[:9])
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    place = len("attend-") + 3
    others = [code[:place] + letter + code[place + 1 :] for letter in letters if letter != code[place]]
    cut, foreign = code[:-1], encode(home, home.topics[0].exercises)
    for text in ("", "attend-", "attend-1111", code.removeprefix("attend-"), cut, foreign, *others):
        with pytest.raises(ProgressCodeError, match="no progress code"):
            decode(COURSE, text)
