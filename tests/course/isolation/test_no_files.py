"""At level seccomp a worker opens no file: all that a topic's requests import must be imported before."""

from importlib.util import find_spec

import pytest

from attend.grading.course_grader import Lane
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.client import Zygote
from attend.sandbox.jail import best_level
from attend.student import Student

from ..common import COURSE


@pytest.fixture(scope="module")
def possible():
    if best_level() not in ("namespaces", "landlock", "seccomp"):
        pytest.skip("level seccomp is not to be had here")


@pytest.fixture(scope="module")
def without_files(possible):
    """Graders whose workers can open no file."""
    with Lane(COURSE, "seccomp") as lane:
        yield lane


@pytest.mark.parametrize("topic", COURSE.topics, ids=lambda topic: topic.number)
def test_the_reference_earns_everything_where_no_file_can_be_opened(without_files, topic):
    # a grader is given out after the reference has passed all its tests
    assert without_files.grader(topic).topic is topic


# What PyTorch and NumPy import, or read the source of, when it is first used. By the library of the topic:
LATE = {
    "numpy": {
        "xml": "import xml.etree.ElementTree as tree; return tree.fromstring('<a>1</a>').text == '1'",
        "the names of the callers": "import inspect; return inspect.stack()[0].function == 'result'",
        "the old name of NumPy's core": "from numpy.core.multiarray import array; return array is np.array",
        "masked arrays": "return np.ma.masked_array([1.0, 9.0], [False, True]).sum() == 1.0",
        "a signature": "return np.vectorize(np.dot, signature='(n),(n)->()')(np.eye(2), np.eye(2)).sum() == 2",
        "scipy": "from scipy import signal; return signal.convolve([1.0], [2.0])[0] == 2.0",
        "sklearn": "from sklearn.decomposition import PCA; return PCA(1).fit(np.eye(3)).n_components_ == 1",
        "pandas": "import pandas; return len(pandas.DataFrame({'x': [1]}).to_html()) > 0",
        "IPython": "from IPython.display import display; return callable(display)",
    },
    "torch": {
        "compiled code": "return torch.compile(lambda x: x + 1)(torch.ones(1)).item() == 2",
        "compiled code with options": "return torch.compile(fullgraph=True)(lambda x: x + 1)(torch.ones(1)).item() == 2",
        "a compiled module": "layer = nn.Linear(2, 2); layer.compile(); return layer(torch.ones(1, 2)).shape == (1, 2)",
        "a script": "return torch.jit.script(nn.Linear(2, 2))(torch.ones(1, 2)).shape == (1, 2)",
        "second derivatives": "return torch.func.hessian(lambda x: x.softmax(-1).log().sum())(torch.ones(2)).dim() == 2",
        "a condition": "x = torch.ones(1); return torch.cond(x > 0, lambda x: x + 1, lambda x: x, (x,)).item() == 2",
        "nested tensors": "rows = [torch.ones(1), torch.ones(2)]\n"
                          "    return torch.nested.nested_tensor(rows, layout=torch.jagged).values().sum().item() == 3",
        "masked tensors": "return torch.masked.masked_tensor(torch.ones(2), torch.ones(2) > 0).sum().get_data().item() == 2",
        "flexible attention": "from torch.nn.attention.flex_attention import flex_attention\n"
                              "    return flex_attention(*[torch.ones(1, 1, 4, 4)] * 3).sum().item() == 16",
        "a causal bias": "from torch.nn.attention.bias import causal_lower_right\n"
                         "    return causal_lower_right(2, 3)._materialize()[0].tolist() == [True, True, False]",
        "pruning": "from torch.nn.utils import prune\n"
                   "    return prune.l1_unstructured(nn.Linear(2, 2), 'weight', 2).weight_mask.sum().item() == 2",
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=LATE)
def library(possible, request):
    """The name of a library, and a zygote of its topics at level seccomp."""
    with Zygote(request.param, "seccomp") as opened:
        yield request.param, opened


def test_what_is_imported_on_first_use_works(library):
    name, zygote = library
    beginning = "import numpy as np\n" if name == "numpy" else "import torch\nfrom torch import nn\n"
    failed = {}
    for kind, code in LATE[name].items():
        if kind in ("scipy", "sklearn", "pandas", "IPython") and find_spec(kind) is None:
            print(f"{kind} is not installed")
            continue
        backend = RemoteBackend(zygote, "x.py", f"{beginning}\n\ndef result():\n    {code}\n", 10.0)
        try:
            if not Student(backend).result():
                failed[kind] = "another value"
        except Exception as error:
            failed[kind] = f"{type(error).__name__}: {error}"
        finally:
            backend.close()
    assert failed == {}
