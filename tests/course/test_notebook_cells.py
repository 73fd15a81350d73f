"""What Jupyter runs is graded: notebooks are read cell by cell, and what is no Python costs nobody a point."""

import json

import pytest

from attend.course import notebook_cells
from attend.course.notebook import place, read_notebook
from attend.student.module import load_module

SCALE = "def scale(x, factor):\n    return x * factor\n"


def notebook(*sources: str, **about) -> str:
    cells = [{"cell_type": "code", "source": source.splitlines(keepends=True)} for source in sources]
    return json.dumps({"cells": cells, **about})


@pytest.fixture(params=["with IPython", "without IPython"])
def read(request, monkeypatch):
    if request.param == "without IPython":
        monkeypatch.setattr(notebook_cells._Reader, "_by_ipython", lambda self, source: None)
    return lambda *sources: read_notebook(notebook(*sources), ["scale", "shifted"])


@pytest.fixture
def load(read):
    """The module that a notebook of these cells makes."""

    def loaded(*sources: str):
        found = read(*sources)
        return load_module(found.code, "loaded_notebook", "x.ipynb")

    return loaded


LINES = {
    "a question for help": "np.exp?",
    "a question for the source": "scale??",
    "a question in front": "?scale",
    "a command": "!pip install numpy",
    "a command with a quotation mark": "!echo it's",
    "a command with open brackets": "!echo ((",
    "the output of a command": "files = !ls *.py",
    "the result of a magic": "result = %timeit -o scale(1, 2)",
    "a magic": "%matplotlib inline",
    "a magic with open brackets": "%timeit scale(1,",
    "a magic in a block": "for i in range(2):\n    %time scale(i, 2)",
    "a magic at the end of a block": "if True:\n    y = 1\n    %time y",
    "a line that goes on with a modulo": "value = (7\n  %SIZE)\nSIZE = 4",
    "a text with such lines": 'text = """\n%magic\n!ls\nwhat?\n"""',
    "a timed cell": "%%time\nx = 1",
    "a captured cell": "%%capture\n%%time\nx = 1",
    "a cell that waits": "import asyncio\nawait asyncio.sleep(0)",
}


@pytest.mark.parametrize("kind", LINES)
def test_lines_of_ipythons_own_cost_nothing(read, load, kind):
    before, after = f"{LINES[kind]}\n{SCALE}", f"{SCALE}\n{LINES[kind]}"
    for source in (before, after):
        assert read(source).notes == ()
        assert load(source).scale(3, 4) == 12


FOREIGN = {
    "a traceback": "---------------\nTypeError   Traceback (most recent call last)\nCell In[3], line 1\n----> 1 scale()",
    "prose": "First we scale, then we shift: that's all.",
    "a shell": "%%bash\nls | wc -l",
    "a page": "%%html\n<b>hello</b>",
    "half a statement": "result = scale(",
    "an error of another tool": "SyntaxError: invalid syntax (<ipython-input-3>, line 1)",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_cell_that_is_no_python_is_left_out_and_named(read, load, kind):
    cells = ["import math", FOREIGN[kind], SCALE]
    assert load(*cells).scale(3, 4) == 12
    [note] = read(*cells).notes
    assert note.startswith("code cell 2 is ") and note.endswith(" and was left out.")


def test_a_cell_that_is_no_python_and_defines_an_exercise_costs_that_exercise(read, load):
    cells = [SCALE, "x = 1\n\ndef shifted(x, factor, offset):\n    return scale(x, factor)) + offset\n"]
    module = load(*cells)
    assert module.scale(3, 4) == 12
    with pytest.raises(SyntaxError) as raised:
        module.shifted(1, 2, 3)
    assert read(*cells).notes == ("code cell 2 is no Python (line 4) and was left out; it defines shifted.",)
    line = raised.traceback[-1].lineno + 1
    assert place(read(*cells).code, line) == "code cell 2, line 4"


def test_a_broken_trial_does_not_replace_a_good_definition(load):
    assert load(SCALE, "def scale(x, factor):\n    return (x\n").scale(3, 4) == 12


def test_a_statement_that_no_module_may_hold_costs_what_uses_it(load):
    module = load("TABLE = await fetch()", SCALE, "def shifted(x, factor, offset):\n    return TABLE()[0]\n")
    assert module.scale(3, 4) == 12
    with pytest.raises(SyntaxError):
        module.shifted(1, 2, 3)


CHANGES = {
    "an item": ("CFG = {}", "CFG['factor'] = 2"),
    "an item of an item": ("CFG = {'a': {}}", "CFG['a']['factor'] = 2"),
    "an attribute": ("class CFG: factor = 0", "CFG.factor = 2"),
    "a method": ("CFG = {}", "CFG.update(factor=2)"),
    "a loop": ("CFG = {}", "for key in ('factor',):\n    CFG[key] = 2"),
    "a condition": ("CFG = {}", "if True:\n    CFG['factor'] = 2\nelse:\n    pass"),
    "a deleted item": ("CFG = {'factor': 2, 'other': 1}", "del CFG['other']"),
    "an added list": ("CFG = []", "CFG += ['factor']"),
    "setattr": ("class CFG: factor = 0", "setattr(CFG, 'factor', 2)"),
    "a decorator": ("class CFG:\n    def add(self, f):\n        self.f = f\n        return f\nCFG = CFG()",
                    "@CFG.add\ndef helper():\n    return 2"),
    "an unpacked item": ("CFG = {}", "CFG['factor'], y = 2, 3"),
    "a context": ("import contextlib\nCFG = {}", "with contextlib.suppress(KeyError):\n    CFG['factor'] = 2"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
def test_what_is_stored_in_a_kept_name_is_kept(load, kind):
    begin, change = CHANGES[kind]
    module = load(begin, change, "def scale(x, factor):\n    return CFG\n")
    plain: dict = {}
    exec(f"{begin}\n{change}", plain)
    seen, expected = module.scale(0, 0), plain["CFG"]
    if isinstance(expected, type) or hasattr(expected, "__dict__"):
        assert vars(seen).keys() == vars(expected).keys() and getattr(seen, "factor", 2) == 2
    else:
        assert seen == expected


def test_a_method_that_is_defined_in_a_later_cell_is_kept(load):
    module = load(
        "class Scaler:\n    def __init__(self, f):\n        self.f = f\n",
        "def call(self, x):\n    return self.f * x\n",
        "Scaler.__call__ = call\n",
        "def scale(x, factor):\n    return Scaler(factor)(x)\n",
    )
    assert module.scale(3, 4) == 12


def test_trials_are_not_run(load):
    """What draws, prints and compares changes nothing that is kept, and may fail where the answer is graded."""
    trials = [
        "import numpy as np\nimport no_such_package as plt\nnp.testing.assert_allclose(scale(1, 2), 3)",
        "plt.plot(scale(1, 2))\nplt.show()",
        "results = []\nfor i in range(3):\n    results.append(scale(i, no_such_name))",
        "print(scale(1, 2).shape)\nraise SystemExit",
    ]
    module = load("import numpy as np", SCALE, *trials)
    assert module.scale(3, 4) == 12 and not hasattr(module, "results")


def test_an_indented_cell_and_pasted_prompts_are_read(monkeypatch):
    pytest.importorskip("IPython")
    for source in (
        f"    {SCALE}".replace("\n    ", "\n        "),
        ">>> def scale(x, factor):\n...     return x * factor\n",
    ):
        code = read_notebook(notebook(source), ["scale"]).code
        assert load_module(code, "loaded_notebook", "x.ipynb").scale(3, 4) == 12


def test_a_notebook_of_the_old_format_is_read():
    cells = [{"cell_type": "code", "input": [SCALE]}, {"cell_type": "markdown", "source": "x"}]
    code = read_notebook(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}), ["scale"]).code
    assert load_module(code, "loaded_notebook", "x.ipynb").scale(3, 4) == 12


@pytest.mark.parametrize(
    "cells", [["!ls\n" * 3000], ["x = 1\n!ls\n" * 1000] * 3, ["(" * 100_000], ["-" * 200_000 + "1"]]
)
def test_a_large_notebook_takes_no_time(cells):
    import time

    start = time.process_time()
    read_notebook(notebook(*cells, SCALE), ["scale"])
    assert time.process_time() - start < 8


def test_a_file_of_millions_of_values_is_not_turned_into_objects():
    cell = {"cell_type": "code", "source": SCALE}
    with pytest.raises(ValueError, match="too many values"):
        read_notebook(json.dumps({"cells": [cell], "x": [[]] * 1_200_000}), ["scale"])
    picture = {"image/svg+xml": "M 1,2,3 " * 800_000}
    assert "def scale" in read_notebook(json.dumps({"cells": [cell], "x": picture}), ["scale"]).code
