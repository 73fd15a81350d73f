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
    fast = "from attend.testing import plugin as p; p.public_seconds = lambda topic: 0.5"
    out = plain_pytest("tests/public", "-rs", before=fast).out
    assert "no answer before the deadline: does a loop never end?" in out
    assert "not tried: t01.1 scale did not return in time" in out


def test_a_topic_without_its_library_is_skipped_and_named(plain_pytest, home):
    path = home.root / "course.toml"
    path.write_text(path.read_text().replace('library = "numpy"', 'library = "torch"'))
    hide = "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n, *a: None if n == 'torch' else f(n, *a)"
    ran = plain_pytest("tests/public", before=hide)
    assert "skipped: t01 needs PyTorch: pip install -e '.[torch]'" in ran.out
    assert "1 skipped" in ran.out


@pytest.mark.slow
def test_an_optimiser_does_without_the_compiler():
    pytest.importorskip("torch", reason="PyTorch is an extra")
    code = """if True:
        import sys, torch
        from attend.student.optimizers import new_optimizer

        def trained(make):
            torch.manual_seed(0)
            model = torch.nn.Linear(3, 2)
            optimizer = make(model)
            for _ in range(3):
                optimizer.zero_grad()
                model(torch.ones(3)).square().sum().backward()
                optimizer.step()
            return model.weight

        names = ("SGD", "Adam", "AdamW")
        ours = [trained(lambda model: new_optimizer(name, model, lr=0.1)) for name in names]
        assert "torch._dynamo" not in sys.modules
        theirs = [trained(lambda model: getattr(torch.optim, name)(model.parameters(), lr=0.1)) for name in names]
        assert all(map(torch.equal, ours, theirs))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
