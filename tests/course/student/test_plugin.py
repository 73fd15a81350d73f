"""Plain pytest tells the same as `attend check`: the command is a face, the work is in the plugin."""

import subprocess
import sys

import pytest


def rows(text: str) -> set[str]:
    """The rows of label and text that tell a failure."""
    labels = ("called ", "problem ", "expected ", "actual ", "line ", "mistake ", "first ", "read on ")
    return {line.strip() for line in text.splitlines() if line.strip().startswith(labels)}


def test_the_same_rows_as_the_command(attend, plain_pytest, write_answers):
    write_answers(scale="return x + factor", shifted="return (x / 0)[99]")
    told = rows(attend("check", "t01.1").out)
    ran = plain_pytest("tests/public", "-k", "scale")
    assert ran.code == 1
    assert rows(ran.out) == told
    assert "mistake   You add the factor, and it multiplies." in told


def test_a_failure_is_told_without_a_traceback(plain_pytest, write_answers):
    write_answers(scale="return x[99]")
    out = plain_pytest().out
    assert "t01.1 scale: [1, 2] times 3 is [3, 6]." in out
    assert "line      assignments/t01_tiny.py:5  return x[99]" in out
    assert "first     repair scale, on which this builds" in out
    assert "Traceback" not in out and "face.py" not in out


def test_two_v_keep_the_traceback_for_a_debugger(plain_pytest, write_answers):
    write_answers(scale="return x[99]")
    assert "IndexError" in plain_pytest("tests/public", "-vv").out


def test_what_is_not_done_takes_two_lines(plain_pytest):
    out = plain_pytest("tests/public", "-k", "test_scale").out
    assert "problem   not done yet\n" in out
    assert "called" not in out


def test_a_file_that_cannot_be_read(plain_pytest, write_answers):
    write_answers(after="def (:")
    out = plain_pytest().out
    assert "t01: Python cannot read t01_tiny.py: " in out
    assert "assignments/t01_tiny.py:12  def (:" in out
    assert "Traceback" not in out


def test_from_the_folder_of_the_tests(plain_pytest, home, write_answers):
    """PyCharm runs a test in its own folder."""
    write_answers()
    assert plain_pytest("test_t01_tiny.py", cwd=home.root / "tests" / "public").code == 0


def test_another_folder(plain_pytest, home, write_answers):
    write_answers()
    (home.root / "other").mkdir()
    (home.root / "other" / "t01_tiny.py").write_text(home.assignment(home.topics[0]).read_text())
    write_answers(scale="return x")
    assert plain_pytest("tests/public", "--code", "other").code == 0


def test_an_endless_loop_ends_and_costs_once(plain_pytest, write_answers):
    write_answers(scale="\n    while True:\n        pass")
    fast = "from attend import pytest_plugin as p; p.public_seconds = lambda topic: 0.5"
    out = plain_pytest("tests/public", "-rs", before=fast).out
    assert "no answer before the deadline: does a loop never end?" in out
    assert "not tried: t01.1 scale gave no answer in time" in out


def test_a_topic_without_its_library_is_skipped_and_named(plain_pytest, home):
    path = home.root / "course.toml"
    path.write_text(path.read_text().replace('library = "numpy"', 'library = "torch"'))
    hide = "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n, *a: None if n == 'torch' else f(n, *a)"
    ran = plain_pytest("tests/public", before=hide)
    assert "skipped: t01 needs PyTorch: pip install -e '.[torch]'" in ran.out
    assert "1 skipped" in ran.out


def test_what_the_first_optimiser_imports_is_not_the_students_time(tmp_path):
    pytest.importorskip("torch", reason="PyTorch is an extra")
    quiet, loud = tmp_path / "test_quiet.py", tmp_path / "test_loud.py"
    quiet.write_text("def test_nothing(student):\n    student.f()\n")
    loud.write_text('def test_steps(student):\n    student.optimizer("SGD", student.M(), lr=0.1)\n')
    code = "import sys; from pathlib import Path; from attend.loading import get_ready; get_ready(Path(sys.argv[1]));"
    code += "print('torch._dynamo' in sys.modules)"
    for path, imported in ((quiet, "False"), (loud, "True")):
        done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, encoding="utf-8")
        assert done.stdout.strip() == imported, done.stderr
