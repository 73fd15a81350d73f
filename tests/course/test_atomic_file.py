"""A file is written whole or not at all, and nothing else stays in its folder."""

import pytest

from attend.course.atomic_file import WriteError, whole_file


def test_a_file_and_its_folders_are_made(tmp_path):
    path = tmp_path / "a" / "b.txt"
    with whole_file(path) as part:
        part.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new" and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, OSError])
def test_a_failure_leaves_the_old_file(tmp_path, problem):
    path = tmp_path / "b.txt"
    path.write_text("old")
    with pytest.raises(WriteError if problem is OSError else problem), whole_file(path) as part:
        part.write_text("half")
        raise problem
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("taken", ["b.txt", "."])
def test_a_path_that_cannot_be_written_is_named(tmp_path, taken):
    """A folder where the file should be, a file where its folder should be."""
    path = tmp_path / "folder" / "b.txt"
    if taken == ".":
        path.parent.write_text("a file")
    else:
        path.mkdir(parents=True)
    with pytest.raises(WriteError, match="name another --out"), whole_file(path) as part:
        part.write_text("new")
