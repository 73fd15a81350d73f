"""An output folder that is a file is named, and the file is kept."""


def test_output_is_a_file(start, slow_class, tmp_path):
    out = tmp_path / "out"
    out.write_text("a thesis")
    code, error = start(slow_class, out=out).end()
    assert code == 2, error
    assert "Traceback" not in error and "name another --out" in error
    assert out.read_text() == "a thesis"
