"""What passes at home passes when graded, at every level of isolation: files, plots, libraries, slow beginnings."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from attend.checking.checker import check_text
from attend.checking.trial import load_as_graded
from attend.grading.course_grader import Lane
from attend.sandbox import folder, jail
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.client import Zygote
from attend.student import Student

from .common import outcomes, row, submission

LEVELS = list(jail.LEVELS)


def possible(level: str) -> bool:
    return LEVELS.index(level) >= LEVELS.index(jail.best_level())


@pytest.fixture(scope="module", params=LEVELS)
def room(request, tiny):
    """A lane of the tiny course at one level; loading a file may take a second of processor time."""
    if not possible(request.param):
        pytest.skip(f"level {request.param} is not to be had here")
    with Lane(replace(tiny, grading=replace(tiny.grading, load_seconds=1.0)), request.param) as opened:
        yield opened


def right(tiny, number: str = "t01") -> str:
    return tiny.solution(tiny.topic(number)).read_text(encoding="utf-8")


# Each stands at the top of a right module. These work at every level:
BEGINNINGS = {
    "plots": "import matplotlib.pyplot as plt\nplt.figure()\nplt.plot([1, 2])\nplt.title('x')\nplt.savefig('x.png')\n"
             "plt.show()\n",
    "a file of numbers": "np.save('x.npy', np.ones(3))\nassert np.load('x.npy').sum() == 3\n",
    "an array in a file": "m = np.memmap('m', dtype=float, mode='w+', shape=(4,))\nm[:] = 1\nm.flush()\n",
    "a temporary file": "import tempfile\nwith tempfile.TemporaryFile() as file:\n    file.write(b'x')\n",
    "a temporary folder": "import tempfile\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/x', 'w').close()\n",
    "the home folder": "from pathlib import Path\n(Path.home() / '.cache').mkdir()\n",
    "folders and moves": "import os\nos.makedirs('a/b')\nopen('a/b/x', 'w').close()\n"
                         "os.rename('a/b/x', 'y')\nos.remove('y')\n",
    "a log": "import logging\nlogging.basicConfig(filename='log.txt', level='INFO')\nlogging.info('begins')\n",
    "nothing": "import os\nprint('hello', file=open(os.devnull, 'w'))\n",
    "the standard output": "import sys\nsys.stdout.reconfigure(line_buffering=True)\n",
    "a pool of processes": "from multiprocessing import Pool, cpu_count\n\npool = Pool(cpu_count())\n"
                           "assert pool.map(abs, [-1, 2]) == [1, 2]\n",
    "other ways to a pool": "import multiprocessing as mp\nfrom multiprocessing.pool import ThreadPool\n"
                            "mp.set_start_method('spawn')\n"
                            "with mp.get_context('spawn').Pool(2) as pool, ThreadPool(2) as threads:\n"
                            "    assert pool.starmap(pow, [(2, 3)]) == threads.map(int, ['8']) == [8]\n"
                            "    found = []\n"
                            "    pool.apply_async(abs, (-1,), callback=found.append).wait()\n"
                            "    assert sorted(pool.imap_unordered(abs, [-1, 2])) == [1, 2]\n",
    "a pool of another kind": "from concurrent.futures import ProcessPoolExecutor\n\nwith ProcessPoolExecutor() as pool:\n"
                              "    assert list(pool.map(abs, [-1])) == [1]\n",
    "a process": "import multiprocessing as mp\nprocess = mp.Process(target=print)\nprocess.start()\nprocess.join()\n",
    "pandas": "import pandas as pd\npd.DataFrame({'x': [1]}).to_csv('x.csv')\n",
    "tqdm": "from tqdm import tqdm\nfor _ in tqdm(range(3)):\n    pass\n",
    "scipy": "import scipy\nfrom scipy.special import softmax\nfrom scipy.stats import norm\nassert norm.pdf(0) > 0\n",
    "sklearn": "from sklearn.metrics import accuracy_score\nassert accuracy_score([1], [1]) == 1\n",
    "arguments of a command": "import argparse\nassert vars(argparse.ArgumentParser().parse_args()) == {}\n",
    "errors of NumPy's that raise": "np.seterr(all='raise')\n",
    "warnings that raise": "import warnings\nwarnings.simplefilter('error')\n",
    "an annotation that is not evaluated": "def helper(x: 'nsl.Frame'):\n    return x\n",
    "a longer sleep than loading may take": "import time\ntime.sleep(1.2)\n",
}  # fmt: skip

# These raise, and are left out. By their line, what raises:
RAISING = {
    "numbers that are not there": ("DATA = np.loadtxt('data.txt')\nMEAN = DATA.mean()\n",
                                   dict.fromkeys((2, 3), "FileNotFoundError")),
    "PyTorch in a NumPy topic": ("import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    pass\n",
                                 dict.fromkeys((2, 3), "ModuleNotFoundError")),
    "a library that nobody has": ("import no_such_library as nsl\nfrom no_such_library.sub import thing\n",
                                  dict.fromkeys((2, 3), "ModuleNotFoundError")),
    "a decorator of such a library": ("from no_such_library import jit\n\n\n@jit\ndef fast(x):\n    return x\n",
                                      dict.fromkeys((2, 5), "ModuleNotFoundError")),
    "an annotation of such a library": ("import nsl\n\n\ndef helper(x: nsl.Frame | None, y: list[nsl.Row]):\n    return x\n",
                                        {2: "ModuleNotFoundError"}),
    "the network": ("import urllib.request\nPAGE = urllib.request.urlopen('http://127.0.0.1:9/').read()\n",
                    {3: "an exception"}),
    "a line that Jupyter has exported": ("get_ipython().run_line_magic('matplotlib', 'inline')\n", {2: "NameError"}),
    "a variable of one's own machine": ("import os\nKEY = os.environ['NO_SUCH_KEY']\n", {3: "KeyError"}),
}  # fmt: skip
LIBRARIES = ("pandas", "scipy", "sklearn", "tqdm")


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_right_code_earns_everything_at_every_level(room, tiny, kind):
    if kind in LIBRARIES:
        pytest.importorskip(kind)
    text = "import numpy as np\n" + BEGINNINGS[kind] + right(tiny)
    grade = room.grade_submission(submission(tiny.topic("t01"), text))
    assert (grade.points, grade.problem, grade.notes) == (100.0, "", []), outcomes(grade)


@pytest.mark.parametrize("kind", RAISING)
def test_what_raises_is_left_out_and_named_at_every_level(room, tiny, kind):
    beginning, errors = RAISING[kind]
    text = "import numpy as np\n" + beginning + right(tiny)
    grade = room.grade_submission(submission(tiny.topic("t01"), text))
    assert (grade.points, grade.problem) == (100.0, ""), (grade.notes, outcomes(grade))
    lines = text.splitlines()
    assert grade.notes == [
        f"left out, because it raised {error} where this is graded; line {line}: {lines[line - 1].strip()}"
        for line, error in errors.items()
    ]


MISSING = {
    "PyTorch in a NumPy topic": "import torch",
    "a library that nobody has": "import no_such_library as nsl",
    "numbers that are not there": "DATA = np.loadtxt('data.txt')",
}


@pytest.mark.parametrize("kind", MISSING)
def test_what_uses_it_loses_its_points_and_the_rest_does_not(tiny_lane, tiny, kind):
    name = {"import torch": "torch.ones(1)", "DATA = np.loadtxt('data.txt')": "DATA"}.get(
        MISSING[kind], "nsl.f(1)"
    )
    text = (
        "import numpy as np\n"
        + RAISING[kind][0]
        + right(tiny).replace("    return scale(", f"    return {name} + scale(")
    )
    assert f"{name} + scale(" in text
    grade = tiny_lane.grade_submission(submission(tiny.topic("t01"), text))
    assert outcomes(grade) == {"scale": "full", "shifted": "error"}
    line = text.splitlines().index(MISSING[kind]) + 1
    error = "FileNotFoundError" if name == "DATA" else "ModuleNotFoundError"
    words = f"left out, because it raised {error} where this is graded; line {line}: {MISSING[kind]}"
    assert words in grade.notes
    messages = {test.message for row in grade.exercises for test in row.tests if not test.passed}
    kinds = ("ModuleNotFoundError", "FileNotFoundError")
    assert messages and all(any(each in message for each in kinds) for message in messages)


MISTAKES = {
    "a calculation": ("x = 1 / 0", "ZeroDivisionError"),
    "a trial of what is not done": ("later(1)", "RuntimeError"),
    "a variable of one's own machine": ("import os; KEY = os.environ['NO_SUCH_KEY']", "KeyError"),
    "a language that is not installed": (
        "import locale; locale.setlocale(locale.LC_ALL, 'xx_XX')",
        "an exception",
    ),
    "errors of NumPy's that raise": ("np.seterr(all='raise'); x = np.log(np.zeros(1))", "FloatingPointError"),
    "a question to the user": ("name = input('name? ')", "EOFError"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_statement_that_raises_costs_only_what_uses_it(tiny_lane, tiny, kind):
    """At home and where it is graded: one mistake costs one exercise."""
    statement, error = MISTAKES[kind]
    text = f"import numpy as np\n\n\ndef later(x):\n    raise NotImplementedError\n\n\n{statement}\n" + right(
        tiny
    )
    grade = tiny_lane.grade_submission(submission(tiny.topic("t01"), text))
    assert (grade.points, grade.problem) == (100.0, "")
    assert grade.notes == [f"left out, because it raised {error} where this is graded; line 8: {statement}"]
    result = check_text(tiny, tiny.topic("t01"), text)
    assert result.passed
    [note] = result.notes
    assert note.startswith(f"assignments/t01_tiny.py:8 was left out, because it raised {error}: ")


def test_a_function_whose_definition_raises_costs_its_own_points(tiny_lane, tiny):
    text = right(tiny).replace("def shifted(", "@no_such_decorator\ndef shifted(")
    grade = tiny_lane.grade_submission(submission(tiny.topic("t01"), text))
    assert outcomes(grade) == {"scale": "full", "shifted": "error"}
    assert all("NameError" in test.message for test in row(grade, "shifted").tests)


TYPED = """
from jaxtyping import jaxtyped
from no_such_checker import checked, options


@options.strict
@jaxtyped(typechecker=checked)
def scale(x, factor):
    return x * factor


@checked(strict=True)
class Helper:
    pass
"""


def test_a_function_whose_decorators_library_is_missing_is_taken_without_it(tiny_lane, tiny):
    """A type checker for annotations, or a compiler, changes no value."""
    text = right(tiny) + TYPED
    grade = tiny_lane.grade_submission(submission(tiny.topic("t01"), text))
    assert outcomes(grade) == {"scale": "full", "shifted": "full"}
    assert [note.rpartition(": ")[2] for note in grade.notes] == [
        "from no_such_checker import checked, options",
        "@options.strict",
        "@checked(strict=True)",
    ]


def test_only_what_the_module_itself_defines_is_replaced(tiny_lane, tiny):
    """Names inside of functions and comprehensions are no names of the module."""
    inner = "for _ in [0]:\n    def inner():\n        sum = max = 1\n    [abs for abs in [1]]\n    1 / 0\n"
    use = "    assert sum([max(1, 2), abs(-1)]) == 3\n    return x *"
    text = inner + right(tiny).replace("    return x *", use)
    assert use in text
    assert tiny_lane.grade_submission(submission(tiny.topic("t01"), text)).points == 100


def test_a_name_that_was_defined_before_stays(tiny_lane, tiny):
    text = "import math\nimport math, no_such_library\n" + right(tiny).replace(
        "    return x *", "    return math.pi / math.pi * x *"
    )
    assert tiny_lane.grade_submission(submission(tiny.topic("t01"), text)).points == 100


@pytest.mark.parametrize("kind", ["the standard output", "arguments of a command", "a file of numbers"])
def test_a_check_at_home_accepts_it_too(tiny, tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    result = check_text(tiny, tiny.topic("t01"), "import numpy as np\n" + BEGINNINGS[kind] + right(tiny))
    assert result.passed and result.notes == []


def test_a_check_at_home_names_what_is_missing(tiny):
    text = "import no_such_library\n" + right(tiny)
    result = check_text(tiny, tiny.topic("t01"), text)
    assert result.passed
    [note] = result.notes
    assert note.startswith(
        "assignments/t01_tiny.py:1 was left out, because it raised ModuleNotFoundError: No module named"
    )
    used = check_text(
        tiny, tiny.topic("t01"), text.replace("    return x *", "    return no_such_library.f(x) *")
    )
    assert "No module named 'no_such_library'" in used.verdicts[0].first_failure.explanation.words


def test_submit_says_what_will_not_work_where_it_is_graded(tiny):
    topic = tiny.topic("t01")
    assert load_as_graded(tiny, topic, right(tiny)).left_out == ()
    trial = load_as_graded(tiny, topic, "import torch\nimport sys\n" + right(tiny))
    assert (trial.problem, trial.left_out) == ("", ("line 1: import torch (ModuleNotFoundError)",))
    ends = load_as_graded(tiny, topic, right(tiny) + "\nimport os\nos._exit(3)\n")
    assert ends.problem == "its process ends"
    slow = replace(tiny, grading=replace(tiny.grading, load_seconds=0.3))
    assert (
        load_as_graded(slow, topic, right(tiny) + "\nwhile True: pass\n").problem == "it does not end in time"
    )


def test_the_command_that_packs_says_so_too(attend, own_tiny, tmp_path):
    path = own_tiny.assignment(own_tiny.topic("t01"))
    path.write_text("import torch\n" + right(own_tiny), encoding="utf-8")
    ran = attend("--course", own_tiny.root, "submit", "t01", "--out", tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "Where this is graded this does not work and is left out: line 1: import torch" in ran.stdout


# the folder


@pytest.fixture(params=[level for level in LEVELS if level != "none"])
def zygote(request):
    if not possible(request.param):
        pytest.skip(f"level {request.param} is not to be had here")
    with Zygote("numpy", request.param) as opened:
        yield opened


def answer(zygote: Zygote, code: str, seconds: float = 20.0):
    """What `result()` of this code gives in a fresh worker."""
    backend = RemoteBackend(zygote, "x.py", "import numpy as np\n" + code, seconds)
    try:
        return Student(backend).result()
    finally:
        backend.close()


LOOK = """
import os
import tempfile

def result():
    places = [".", os.path.expanduser("~"), tempfile.gettempdir()]
    same = len({os.path.realpath(place) for place in places}) == 1
    return [same, sorted(os.listdir("."))]
"""


def test_the_folder_is_working_directory_home_and_temporary_folder_and_begins_empty(zygote):
    write = "open('left-behind', 'w').write('x')\nimport os\nos.makedirs('a/b/c')\n"
    assert answer(zygote, write + LOOK) == [True, ["a", "left-behind"]]
    assert answer(zygote, LOOK) == [True, []]


def test_what_is_left_in_it_is_removed_however_deep_it_is(zygote):
    deep = (
        "import os\n"
        "fd = os.open('.', os.O_RDONLY)\n"
        "for depth in range(1500):\n"
        "    os.mkdir('d' * 20, 0o300, dir_fd=fd)\n"
        "    os.close(os.open('x', os.O_CREAT | os.O_WRONLY, dir_fd=fd))\n"
        "    inner = os.open('d' * 20, os.O_RDONLY if os.getuid() == 0 else os.O_PATH, dir_fd=fd)\n"
        "    os.close(fd)\n"
        "    fd = inner\n"
    )
    answer(zygote, deep + LOOK)
    assert answer(zygote, LOOK) == [True, []]


def test_it_is_small(zygote):
    """A file that is too large raises; too many files end the worker, or find no room."""
    big = f"def result():\n    with open('x', 'wb') as file:\n        file.write(bytes({folder.MAX_FILE + 1}))\n"
    with pytest.raises(OSError):
        answer(zygote, big)
    many = (
        "import time\n\n"
        "def result():\n"
        "    for number in range(40):\n"
        "        open(str(number), 'wb').write(bytes(4 << 20))\n"
        "    time.sleep(1)\n"
        "    return 'there was room'\n"
    )
    with pytest.raises(Exception) as refused:
        answer(zygote, many)
    assert "OSError" in type(refused.value).__name__ or "Crashed" in type(refused.value).__name__
    assert answer(zygote, LOOK) == [True, []]


def test_a_flood_of_empty_files_ends_the_worker(zygote):
    flood = "def result():\n    for number in range(10**7):\n        open(str(number), 'w').close()\n"
    start = time.monotonic()
    with pytest.raises(Exception) as refused:
        answer(zygote, flood)
    assert "Crashed" in type(refused.value).__name__ or "OSError" in type(refused.value).__name__
    assert time.monotonic() - start < 30
    assert answer(zygote, LOOK) == [True, []]


def test_nothing_of_it_stays_behind(zygote, monkeypatch):
    """The folder goes with a zygote that ends and with one that is killed."""
    paths = made_folders(monkeypatch)
    for ends in (lambda opened: None, lambda opened: opened._process.kill()):
        with Zygote("numpy", zygote.level) as opened:
            answer(opened, "open('x', 'w').write('x')\n" + LOOK)
            ends(opened)
    assert len(paths) == 2 and not any(map(os.path.exists, paths))


def made_folders(monkeypatch) -> list[str]:
    """The folders of the zygotes that are started from now on."""
    paths, work_folder = [], jail.work_folder
    monkeypatch.setattr(jail, "work_folder", lambda level: paths.append(work_folder(level)) or paths[-1])
    return paths


GRADER = r"""
import sys, time
from attend.sandbox import jail
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.client import Zygote
from attend.student import Student

path = jail.work_folder(sys.argv[1])
jail.work_folder = lambda level: path
zygote = Zygote("numpy", sys.argv[1])
zygote.start()
text = "import os\ndef f():\n    os.mkdir('x', 0o300)\n    open('x/y', 'w').close()\n"
backend = RemoteBackend(zygote, "x.py", text, 5.0)
Student(backend).f()
print(path, flush=True)
if sys.argv[2] == "killed":
    time.sleep(60)
"""


@pytest.mark.parametrize("end", ["killed", "ends"])
@pytest.mark.parametrize("level", [level for level in LEVELS if level != "none"])
def test_nothing_of_it_stays_behind_a_grader_that_closes_nothing(level, end):
    if not possible(level):
        pytest.skip(f"level {level} is not to be had here")
    code = [sys.executable, "-c", GRADER, level, end]
    with subprocess.Popen(code, stdout=subprocess.PIPE, text=True) as grader:
        path = grader.stdout.readline().strip()
        assert path and os.path.exists(path) == (level != "namespaces")
        if end == "killed":
            grader.kill()
    deadline = time.monotonic() + 20
    while os.path.exists(path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not os.path.exists(path)


@pytest.mark.parametrize("level", ["namespaces", "landlock"])
def test_one_worker_cannot_write_into_anothers_folder(level):
    if not possible(level):
        pytest.skip(f"level {level} is not to be had here")
    with Zygote("numpy", level) as opened:
        first = RemoteBackend(opened, "x.py", "import os\ndef result():\n    return os.getcwd()\n", 5.0)
        place = Student(first).result()
        for target in (f"{place}/x", str(Path(place).parent / "x"), "/tmp/x"):
            with pytest.raises(OSError):
                answer(opened, f"def result():\n    open({target!r}, 'w')\n")
        first.close()
