"""A gradebook that is no database is named and kept as it is: nobody's grades are written over."""


def test_damaged_gradebook(start, slow_class, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    book = out / "gradebook.sqlite"
    book.write_bytes(b"not a database" * 1000)
    code, error = start(slow_class, out=out).end()
    assert code == 2, error
    assert "Traceback" not in error and "gradebook.sqlite cannot be opened" in error
    assert book.read_bytes() == b"not a database" * 1000
