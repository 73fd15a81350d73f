"""A submission is taken as it comes, or refused with the file's name and the reason; nothing is unpacked."""

import io
import json
import os
import stat
import struct
import zipfile

import pytest

from attend.course.notebook import code_of, place
from attend.student.local import read_code
from attend.student.module import load_module
from attend.submissions import take_in
from attend.submissions.submission import RefusedError, clean, read_entry, read_submission
from attend.submissions.texts import MAX_FILE
from attend.submissions.zips import MAX_ENTRIES

CODE = "def scale(x, factor):\n    return x * factor\n"
SLUG = "t01_tiny"


@pytest.fixture
def read(tiny):
    """Read what stands at a path, as Ada's submission to the tiny topic."""
    return lambda path: read_submission(path, tiny.topic("t01"), "ada")


@pytest.fixture
def refused(read):
    """The words with which what stands at a path is refused."""

    def words(path) -> str:
        with pytest.raises(RefusedError) as caught:
            read(path)
        return str(caught.value)

    return words


def zipped(*entries: tuple[str | zipfile.ZipInfo, str | bytes], compression=zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def notebook(*cells: tuple[str, str | list[str]]) -> str:
    return json.dumps({"cells": [{"cell_type": kind, "source": source} for kind, source in cells]})


# what is taken


@pytest.mark.parametrize("name", [f"{SLUG}.py", "my answer.py"])
def test_a_python_file_is_taken_under_any_name(read, write, name):
    submission = read(write(name, CODE))
    assert (submission.student, submission.filename, submission.text) == ("ada", name, CODE)


def test_a_folder_that_holds_the_file_is_taken(read, write):
    assert read(write(f"ada/{SLUG}.py", CODE).parent).text == CODE


def test_a_folder_that_holds_the_zip_is_taken(read, write):
    assert read(write(f"ada/{SLUG}.zip", zipped((f"{SLUG}.py", CODE))).parent).text == CODE


@pytest.mark.parametrize("inside", [f"{SLUG}.py", f"homework/{SLUG}.py"])
def test_a_zip_is_taken_whatever_else_it_holds(read, write, inside):
    entries = [("notes.txt", "hello"), ("__MACOSX/._" + SLUG + ".py", b"\0\1"), (inside, CODE)]
    assert read(write("x.zip", zipped(*entries))).text == CODE


def test_nothing_is_written_when_a_zip_is_read(read, write):
    path = write("ada/x.zip", zipped(("homework/other.py", "x"), (f"homework/{SLUG}.py", CODE)))
    read(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["x.zip"]


def test_the_code_cells_of_a_notebook_are_taken_and_ipythons_own_lines_are_not(read, write):
    cells = [
        ("markdown", "# Hello"),
        ("code", ["%matplotlib inline\n", "import numpy"]),
        ("code", "!ls\n" + CODE),
    ]
    text = read(write("x.ipynb", notebook(*cells))).text
    head = "# the code cells of a notebook, for: scale shifted\n"
    assert text == head + "# %% cell 1\npass\nimport numpy\n\n# %% cell 2\npass\n" + CODE + "\n"


def test_a_magic_line_inside_a_block_leaves_its_block_whole(read, write):
    text = read(write("x.ipynb", notebook(("code", "if True:\n    %time f()\n")))).text
    compile(text, "x", "exec")


def test_cells_of_another_language_are_left_out(read, write):
    cells = [("code", "%%bash\nls | wc\n"), ("code", "%%time\nx = 1"), ("code", "%%html\n<b>\n")]
    text = read(write("x.ipynb", notebook(*cells))).text
    assert text.splitlines()[1:] == ["# %% cell 2", "pass", "x = 1"]


def test_a_line_that_goes_on_with_a_modulo_is_no_magic(read, write):
    code = "x = (7\n     % 4)\n"
    assert read(write("x.ipynb", notebook(("code", code)))).text.endswith(code + "\n")


def loaded(read, path):
    text = read(path).text
    return load_module(text, "loaded_notebook", "x.ipynb")


def test_of_a_notebook_the_exercises_and_what_they_use_are_loaded(read, write):
    cells = [
        "import math\nimport no_such_package\nfrom math import *",
        "FACTOR = times(2)  # uses what comes before\n",
        "def helper(x):\n    return [math.floor(y) for y in x], FACTOR, floor(1.5)",
        "def scale(x, factor):\n    def inner():\n        return helper(x)\n    return inner()",
        "raise SystemExit",
        "while True:\n    scale([1.5], 3)",
        "unused = no_such_name",
        "def shifted(x, factor, offset):\n    return x\nshifted(oops)",
        "class Other:\n    pass",
    ]
    cells.insert(1, "def times(x):\n    return 3 * x")
    module = loaded(read, write("x.ipynb", notebook(*(("code", cell) for cell in cells))))
    assert module.scale([1.5], 3) == ([1], 6, 1)
    assert module.shifted(4, 1, 1) == 4
    for name in ("no_such_package", "unused", "Other"):
        assert not hasattr(module, name)


def test_of_two_definitions_in_a_notebook_the_later_counts(read, write):
    cells = [("code", f"def scale(x, factor):\n    return {n}") for n in (1, 2)]
    assert loaded(read, write("x.ipynb", notebook(*cells))).scale(0, 0) == 2


def test_an_import_from_the_future_stands_first(read, write):
    cells = [
        ("code", "x = 1"),
        ("code", "from __future__ import annotations\ndef scale(x: Nothing):\n    return x"),
    ]
    assert loaded(read, write("x.ipynb", notebook(*cells))).scale(5) == 5


def test_a_line_is_found_again_in_its_cell():
    text = code_of(notebook(("code", "a = 1\n\nb = 2"), ("code", "c = 3")), ["f"])
    lines = text.splitlines()
    assert place(text, lines.index("b = 2") + 1) == "code cell 1, line 3"
    assert place(text, lines.index("c = 3") + 1) == "code cell 2, line 1"
    assert place(text, 1) == place("# %% cell 1\nx = 1", 2) == ""


@pytest.mark.parametrize(
    ("module", "beside", "counts"),
    [
        pytest.param("def scale(x, factor): ...", "x", "module", id="a module that was written in"),
        pytest.param(None, "x", "notebook", id="a module as it was handed out"),
        pytest.param(None, None, "module", id="both as they were handed out"),
    ],
)
def test_a_module_counts_before_a_notebook_unless_nobody_wrote_in_it(
    read, write, tiny, module, beside, counts
):
    stub = tiny.assignment(tiny.topic("t01")).read_text(encoding="utf-8")
    path = write(f"ada/{SLUG}.py", module or stub)
    write(f"ada/{SLUG}.ipynb", notebook(("code", beside or stub)))
    assert read(path.parent).text.startswith("# the code cells") == (counts == "notebook")
    (entry,) = take_in(tiny, [path.parent]).entries
    taken = read_entry(entry, tiny.topic("t01"))
    assert taken.filename.endswith(".ipynb" if counts == "notebook" else ".py")


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_taken(read, write, ending):
    assert read(write("x.py", CODE.replace("\n", ending))).text == CODE


def test_a_byte_order_mark_is_taken_off(read, write):
    assert read(write("x.py", b"\xef\xbb\xbf" + CODE.encode())).text == CODE


@pytest.mark.parametrize(
    ("encoding", "first", "becomes"),
    [
        ("latin-1", "# -*- coding: latin-1 -*-", "# -*- coding: utf-8 -*-"),
        (
            "cp1252",
            "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :",
            "#!/usr/bin/python\n# vim: set fileencoding=utf-8 :",
        ),
        ("gbk", "# coding=gbk", "# coding=utf-8"),
        ("utf-8-sig", "# coding: latin-1", "# coding: latin-1"),  # the byte order mark counts
    ],
)
def test_an_encoding_that_a_file_declares_is_read_at_home_and_where_it_is_graded(
    tiny, read, write, encoding, first, becomes
):
    rest = f"# {'权重' if encoding == 'gbk' else 'é'}\n# coding: koi8-r stays here\n{CODE}"
    path = write(f"{SLUG}.py", f"{first}\n{rest}".encode(encoding))
    assert read(path).text == f"{becomes}\n{rest}"
    assert read_code(path, tiny.topic("t01")).code == f"{becomes}\n{rest}"


@pytest.mark.parametrize("declared", ["utf-7", "unicode_escape", "rot13", "idna", "cp037", "no-such-codec"])
def test_of_other_declarations_it_is_read_as_utf_8(read, write, declared):
    assert read(write(f"{SLUG}.py", f"# coding: {declared}\n# é \\x41+AEE-\n{CODE}")).text.count("é") == 1


def test_an_empty_cell_that_holds_null_is_empty():
    cells = [{"cell_type": "code", "source": None}, {"cell_type": "code", "source": ["x = 1"]}]
    assert "x = 1" in code_of(json.dumps({"cells": cells}), ["x"])


def test_the_same_text_has_the_same_digest_however_it_came(read, write):
    digests = {
        read(write("a.py", CODE)).digest,
        read(write("b.zip", zipped((f"{SLUG}.py", CODE)))).digest,
        read(write("c.py", CODE.replace("\n", "\r\n"))).digest,
    }
    assert len(digests) == 1
    assert read(write("d.py", CODE + "#")).digest not in digests


# what is refused: paths


def test_a_path_that_does_not_exist(refused, tmp_path):
    assert refused(tmp_path / "nowhere.py") == f"{tmp_path / 'nowhere.py'} does not exist."


def test_a_link_to_a_file(refused, write, tmp_path):
    (tmp_path / "link.py").symlink_to(write("real.py", CODE))
    assert "link.py is a link" in refused(tmp_path / "link.py")


def test_a_link_in_a_folder(refused, write, tmp_path):
    (tmp_path / f"{SLUG}.py").symlink_to(write("real.txt", CODE))
    assert f"{SLUG}.py is a link" in refused(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_that_would_never_end(refused, tmp_path):
    os.mkfifo(tmp_path / "x.py")
    assert "x.py is no ordinary file" in refused(tmp_path / "x.py")


def test_a_folder_without_the_file_names_what_it_should_hold(refused, write):
    write("ada/notes.txt", "hello")
    assert f"ada holds no {SLUG}.py; it holds: notes.txt, t02_gate.py." == refused(
        write("ada/t02_gate.py", CODE).parent
    )


@pytest.mark.parametrize("name", ["x.txt", "x", "x.pyc", "x.tar.gz"])
def test_a_file_of_another_kind(refused, write, name):
    assert f"{name} is no Python file" in refused(write(name, CODE))


# what is refused: contents


@pytest.mark.parametrize("data", [b"x = '\xff'\n", CODE.encode("utf-16"), "é = 1\n".encode("latin-1")])
def test_text_that_is_not_utf_8_and_where(refused, write, data):
    position = next(index for index, byte in enumerate(data) if byte >= 0x80)
    assert f"x.py is not UTF-8 text (byte {position})" in refused(write("x.py", data))


def test_a_null_character(refused, write):
    assert "null character" in refused(write("x.py", "x = 1\0\n"))


def test_a_file_too_large(refused, write):
    assert f"at most {MAX_FILE:,} are taken" in refused(write("x.py", "#" * (MAX_FILE + 1)))


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        "{}",
        '{"cells": 3}',
        '{"cells": [{}]}',
        "[" * 100_000,
        '{"cells": [{"cell_type": "code"}]}',
    ],
    ids=["text", "list", "no cells", "number", "no type", "deep", "no source"],
)
def test_a_notebook_that_is_none(refused, write, text):
    assert "x.ipynb is no readable notebook" in refused(write("x.ipynb", text))


# what is refused: zips


def test_an_empty_zip(refused, write):
    assert f"x.zip is empty; it should hold {SLUG}.py" in refused(write("x.zip", zipped()))


def test_a_zip_of_folders_alone(refused, write):
    assert "x.zip is empty" in refused(write("x.zip", zipped(("a/", ""))))


def test_a_zip_with_the_wrong_files_names_them(refused, write):
    words = refused(write("x.zip", zipped(("b.py", "x = 1\n"), ("a/main.py", ""))))
    assert words == f"x.zip holds no {SLUG}.py; it holds: a/main.py, b.py."


@pytest.mark.parametrize(
    "name", [f"../{SLUG}.py", f"a/../../{SLUG}.py", f"/etc/{SLUG}.py", f"..\\{SLUG}.py", f"C:/{SLUG}.py"]
)
def test_a_zip_whose_path_leaves_its_folder(refused, read, write, name):
    assert "has a path that leaves its own folder" in refused(write("x.zip", zipped((name, CODE))))
    taken = read(write("y.zip", zipped((name, "x = 1\n"), (f"{SLUG}.py", CODE))))
    assert taken.text == CODE
    shown = name.replace("\\", "/")
    assert taken.notes == (f"y.zip: {shown} has a path that leaves its own folder; it was left out.",)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_zip_with_an_entry_that_is_no_file(refused, read, write, kind):
    entry = zipfile.ZipInfo(f"{SLUG}.py")
    entry.external_attr = (kind | 0o644) << 16
    assert refused(write("x.zip", zipped((entry, "/etc/passwd")))) == f"x.zip: {SLUG}.py is no ordinary file."
    taken = read(write("y.zip", zipped((entry, "/etc/passwd"), (f"week 1/{SLUG}.py", CODE))))
    assert taken.text == CODE
    assert taken.notes == (f"y.zip: {SLUG}.py is no ordinary file; y.zip: week 1/{SLUG}.py counts.",)


def test_an_encrypted_zip(refused, write):
    data = bytearray(zipped((f"{SLUG}.py", CODE)))
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # the flags, in both headers
        data[data.index(signature) + offset] |= 1
    assert f"x.zip: {SLUG}.py is encrypted." == refused(write("x.zip", bytes(data)))


def test_a_zip_with_too_many_entries(refused, write):
    entries = [(f"{number}.txt", "") for number in range(MAX_ENTRIES + 1)]
    assert f"at most {MAX_ENTRIES} are taken" in refused(write("x.zip", zipped(*entries)))


def test_a_zip_that_unpacks_to_far_more_than_it_is(refused, write):
    bomb = zipped((f"{SLUG}.py", b"#" * (64 * MAX_FILE)))
    assert len(bomb) < MAX_FILE
    assert f"unpacks to more than {MAX_FILE:,} bytes" in refused(write("x.zip", bomb))


def test_a_zip_whose_header_lies_about_the_size(refused, write):
    data = bytearray(zipped((f"{SLUG}.py", b"#" * (2 * MAX_FILE))))
    struct.pack_into("<I", data, data.index(b"PK\1\2") + 24, 10)
    assert f"x.zip: {SLUG}.py is damaged" in refused(write("x.zip", bytes(data)))


@pytest.mark.parametrize("cut", [1, 10, 40, 70])
def test_a_zip_that_was_cut_short(refused, write, cut):
    data = zipped((f"{SLUG}.py", CODE))
    assert "x.zip is no readable zip" in refused(write("x.zip", data[:-cut]))


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_whose_contents_are_damaged(refused, write, compression):
    data = bytearray(zipped((f"{SLUG}.py", CODE * 9), compression=compression))
    start = data.index(f"{SLUG}.py".encode()) + len(f"{SLUG}.py")
    data[start : start + 30] = b"\xa5" * 30
    assert f"x.zip: {SLUG}.py is damaged" in refused(write("x.zip", bytes(data)))


def test_text_that_calls_itself_a_zip(refused, write):
    assert "x.zip is no readable zip" in refused(write("x.zip", CODE))


def test_a_refusal_shows_no_control_characters_of_the_students(refused, write):
    words = refused(write("x.zip", zipped(("\x1b[31mred\n.py", ""), ("other.py", ""))))
    assert words.isprintable() and "[31mred" in words


def test_long_text_of_a_students_is_cut():
    assert clean("a" * 1000, 20) == "a" * 20 + "…"
