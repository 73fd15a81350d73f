"""The handle that tests call: the same for a module of this process and for one in a jailed worker."""

import threading
import time

import numpy as np
import pytest
import torch

from attend.sandbox.backend import RemoteBackend
from attend.student import (
    ModuleHandle,
    NotDone,
    NotPlain,
    Student,
    StudentCrashed,
    StudentError,
    StudentMissing,
    StudentRaised,
    StudentTimeout,
)
from attend.student.handle import call_line
from attend.student.local import LocalBackend
from attend.student.module import load_module

CODE = """\
import random

import numpy as np
import torch
from torch import nn


def echo(*args, **kwargs):
    return (args, kwargs) if kwargs else args[0]


def double_in_place(x, other=None):
    x *= 2
    return x


def weighted(x, y):
    return (x * y).sum(), x.tanh()


def nested(parts):
    return {"sum": parts["a"] + parts["b"][0], "count": 2}


def detached(x):
    return x.detach() * 2


def apply(function, x):
    return function(x, factor=2) + 1


def swallow(function):
    try:
        return function()
    except Exception as error:
        return type(error).__name__


def numbers():
    return random.random(), np.random.rand(), torch.rand(2)


def set_default_dtype():
    torch.set_default_dtype(torch.float64)


def turn_gradients_off():
    torch.set_grad_enabled(False)


def default_dtype():
    return str(torch.ones(1).dtype)


BUFFER = np.zeros(3)


def into_one_buffer(x):
    BUFFER[:] = 2 * x
    return [BUFFER]


class Own(ValueError):
    pass


class AnObject:
    pass


def an_object():
    return [AnObject()]


def fail(kind):
    if kind == "own":
        raise Own("lengths do not fit")
    if kind == "not of this dtype":
        return torch.ones(2) & torch.ones(2)
    raise {"value": ValueError, "index": IndexError, "exit": SystemExit, "todo": NotImplementedError}[kind](
        "lengths do not fit"
    )


class Net(nn.Module):
    def __init__(self, size, scale=1.0):
        super().__init__()
        self.layer = nn.Linear(size, 2)
        self.drop = nn.Dropout(0.5)
        self.scale = scale

    def forward(self, x):
        return self.layer(x) * self.scale

    def dropped(self, x):
        return self.drop(x)

    def both(self, x):
        return self, self.layer(x)


def run(net, x):
    return net(x).sum()


def train(net, optimizer, x):
    optimizer.zero_grad()
    loss = net(x).pow(2).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def hang():
    while True:
        pass


def leave():
    import os

    os._exit(7)


def dig():
    return dig()


def fill_memory():
    return [bytearray(1 << 28) for _ in range(64)]


def chatter():
    print("hello " * 20_000)
    return 3


def too_much():
    return np.zeros(1 << 26)


def grows():
    return torch.ones(1).expand(1 << 40)


def late():
    import colorsys
    import xml.dom.minidom

    return colorsys.rgb_to_hsv(1, 0, 0)[2]
"""
LINES = CODE.splitlines()


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(LINES, start=1) if text in line)


@pytest.fixture
def in_worker(zygote):
    """Make a student of a text, in a jailed worker."""
    backends = []

    def make(text: str = CODE, call_seconds: float = 20.0) -> Student:
        backends.append(RemoteBackend(zygote, "code.py", text, call_seconds))
        student = Student(backends[-1])
        student.reset(1)
        return student

    yield make
    for backend in backends:
        backend.close()


def here(text: str = CODE) -> Student:
    """Make a student of a text, in this process."""
    student = Student(LocalBackend(load_module(text, "face_code", "code.py")))
    student.reset(1)
    return student


@pytest.fixture(params=["here", "in a worker"])
def student(request):
    return here() if request.param == "here" else request.getfixturevalue("in_worker")()


@pytest.fixture(autouse=True)
def leave_torch_as_it_was():
    yield
    torch.set_default_dtype(torch.float32)


# values


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, "text", [1, (2, {"a": None})], np.arange(3.0), np.float32(1.5), torch.ones(2, 3)],
    ids=lambda value: type(value).__name__,
)
def test_an_answer_is_what_the_function_returned(student, value):
    answer = student.echo(value)
    assert type(answer) is type(value)
    assert np.array_equal(answer, value) if hasattr(value, "shape") else answer == value


UNREADABLE = """
import torch


def nested():
    return torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])


def zero():
    return torch._efficientzerotensor(3)


def axes():
    return torch.ones((1,) * 30)


def endless():
    return torch.ones(0, 1 << 40)
"""


@pytest.mark.parametrize("name", ["nested", "zero", "axes", "endless"])
def test_a_tensor_that_cannot_be_sent_is_told_as_such_and_ends_nothing(in_worker, name):
    student = in_worker(UNREADABLE)
    with pytest.raises(NotPlain, match="than any answer|whose numbers cannot be read"):
        getattr(student, name)()


NAMED = """
from typing import NamedTuple

import numpy as np
import torch


class Pair(NamedTuple):
    first: torch.Tensor
    second: object

    def __iter__(self):
        raise SystemExit


def pair(x):
    return Pair(2 * x, [Pair(x.sum(), 3)])


def best(x):
    return x.max(dim=0)


def values(x):
    return np.linalg.eigh(x.detach().numpy())
"""


def test_named_tuples_are_tuples(in_worker):
    for student in (here(NAMED), in_worker(NAMED)):
        x = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)
        first, [(total, three)] = student.pair(x)
        assert type(student.pair(x)) is tuple and three == 3
        (first.sum() + total).backward()
        assert x.grad.tolist() == [[3.0, 3.0], [3.0, 3.0]]
        assert [part.tolist() for part in student.best(x)] == [[1.0, 1.0], [0, 0]]
        assert np.allclose(student.values(x)[0], [0.0, 2.0])


def test_keyword_arguments_arrive_as_such(student):
    assert student.echo(1, factor=2) == ((1,), {"factor": 2})


def test_an_in_place_edit_does_not_reach_the_tests_array(student):
    x = np.ones(3)
    assert student.double_in_place(x).tolist() == [2, 2, 2]
    assert x.tolist() == [1, 1, 1]


def test_an_in_place_edit_is_noted_by_the_arguments_position(student):
    student.double_in_place(np.ones(3), other=np.ones(2))
    student.echo(np.ones(3))
    assert [step.outcome.edited for step in student.steps] == [(0,), ()]


def test_an_answer_is_looked_at_after_another_call(student):
    first, second = np.ones(3), np.full(3, 5.0)
    assert student.into_one_buffer(first)[0].tolist() == [2, 2, 2]
    assert student.after_another("into_one_buffer", (first,), (second,))[0].tolist() == [10, 10, 10]
    assert student.after_another("echo", (first,), (second,)).tolist() == [1, 1, 1]
    net = student.Net(3).double().eval()
    answer = net.after_another("__call__", (torch.ones(1, 3).double(),), (torch.zeros(1, 3).double(),))
    assert torch.equal(answer, net(torch.ones(1, 3).double()))


def test_another_call_that_fails_is_told_as_such(student):
    with pytest.raises(IndexError):
        student.after_another("fail", ("index",), ("index",))
    with pytest.raises(StudentMissing):
        student.after_another("no_such_function", (), ())


def test_what_is_no_plain_value_is_told_as_such(student):
    with pytest.raises(NotPlain, match="an object of a class of its own"):
        student.an_object()


def test_the_record_keeps_the_calls_as_they_were_made(student):
    x = np.ones((2, 3))
    student.echo(x, axis=1)
    x[:] = 0
    (step,) = student.steps
    assert call_line(step) == "echo((2, 3), axis=1)"
    assert step.request.args[0].sum() == 6


def test_names_with_an_underscore_are_no_functions_of_the_students(student):
    with pytest.raises(AttributeError):
        student._private  # noqa: B018


# gradients


def test_gradients_pass_through_a_function(student):
    x, y = (torch.randn(4, dtype=torch.float64, requires_grad=True) for _ in "xy")
    total, squashed = student.weighted(x, y)
    (3 * total + squashed.sum()).backward()
    assert torch.allclose(x.grad, 3 * y + 1 - x.tanh() ** 2)
    assert torch.allclose(y.grad, 3 * x)


def test_gradients_pass_through_tensors_inside_lists_and_dicts(student):
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    student.nested({"a": a, "b": [b]})["sum"].sum().backward()
    assert a.grad.tolist() == b.grad.tolist() == [1, 1]


def test_gradients_pass_through_one_call_into_another(student):
    x = torch.tensor([0.5, -1.0], requires_grad=True)
    _, once = student.weighted(x, x)
    _, twice = student.weighted(once, once)
    twice.sum().backward()
    assert torch.allclose(x.grad, (1 - x.tanh() ** 2) * (1 - x.tanh().tanh() ** 2))


def test_a_gradient_may_be_asked_for_twice(student):
    x = torch.ones(2, requires_grad=True)
    total, _ = student.weighted(x, x)
    total.backward(retain_graph=True)
    total.backward()
    assert x.grad.tolist() == [4, 4]


def test_an_input_that_is_not_used_has_no_gradient(student):
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    _, squashed = student.weighted(x, y)
    squashed.sum().backward()
    assert x.grad is not None and y.grad is None


def test_a_graph_that_was_cut_asks_for_no_gradients(student):
    assert not student.detached(torch.ones(2, requires_grad=True)).requires_grad


def test_without_gradients_asked_for_none_are_kept(student):
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        total, _ = student.weighted(x, x)
    assert not total.requires_grad
    assert not student.weighted(x.detach(), x.detach())[0].requires_grad


def test_gradcheck_works_through_a_call(student):
    x, y = (torch.randn(3, dtype=torch.float64, requires_grad=True) for _ in "xy")
    assert torch.autograd.gradcheck(student.weighted, (x, y))


# modules


def twin_of(handle: ModuleHandle, size: int) -> torch.nn.Linear:
    layer = torch.nn.Linear(size, 2)
    layer.load_state_dict({name.removeprefix("layer."): value for name, value in handle.state_dict().items()})
    return layer


def test_a_class_gives_a_handle_that_computes(student):
    net = student.Net(3, scale=2.0)
    x = torch.randn(5, 3)
    assert type(net) is ModuleHandle
    assert torch.allclose(net(x), 2 * twin_of(net, 3)(x))


def test_gradients_reach_parameters_and_inputs_of_a_module(student):
    net = student.Net(3)
    twin = twin_of(net, 3)
    ours, theirs = torch.randn(5, 3, requires_grad=True), None
    theirs = ours.detach().clone().requires_grad_()
    parameters = dict(net.named_parameters())
    net(ours).pow(2).sum().backward()
    twin(theirs).pow(2).sum().backward()
    assert torch.allclose(ours.grad, theirs.grad)
    assert torch.allclose(parameters["layer.weight"].grad, twin.weight.grad)
    assert torch.allclose(parameters["layer.bias"].grad, twin.bias.grad)


def test_zero_grad_forgets_the_gradients(student):
    net = student.Net(3)
    parameters = list(net.parameters())
    net(torch.ones(1, 3)).sum().backward()
    assert all(parameter.grad is not None for parameter in parameters)
    net.zero_grad()
    assert all(parameter.grad is None for parameter in net.parameters())


def test_gradients_reach_the_parameters_of_a_handle_that_is_an_argument(student):
    net = student.Net(3)
    weight = dict(net.named_parameters())["layer.weight"]
    student.run(net, torch.ones(4, 3)).backward()
    assert weight.grad.tolist() == [[4, 4, 4]] * 2


def test_a_state_dict_can_be_read_changed_and_loaded(student):
    net = student.Net(3)
    state = net.state_dict()
    assert {name: tuple(value.shape) for name, value in state.items()} == net.state_shapes()
    net.load_state_dict({name: torch.ones_like(value) for name, value in state.items()})
    assert net(torch.ones(1, 3)).tolist() == [[4, 4]]


def test_a_state_dict_that_does_not_fit_is_refused(student):
    with pytest.raises(RuntimeError, match="layer.bias"):
        student.Net(3).load_state_dict({"layer.weight": torch.ones(2, 3)})


def test_a_module_changes_its_precision(student):
    net = student.Net(3).double()
    assert net(torch.ones(1, 3, dtype=torch.float64)).dtype == torch.float64
    assert {parameter.dtype for parameter in net.float().parameters()} == {torch.float32}


def test_a_module_is_trained_or_evaluated(student):
    net = student.Net(3)
    assert (net.dropped(torch.ones(1000)) == 0).any()
    assert net.eval().dropped(torch.ones(1000)).tolist() == [1] * 1000
    assert (net.train().dropped(torch.ones(1000)) == 0).any()


def test_a_module_that_is_returned_is_the_handle_it_was(student):
    net = student.Net(3)
    same, _ = net.both(torch.ones(1, 3))
    same.load_state_dict({name: torch.zeros_like(value) for name, value in same.state_dict().items()})
    assert net(torch.ones(1, 3)).tolist() == [[0, 0]]


def test_a_method_that_is_not_there_is_missing(student):
    with pytest.raises(StudentMissing, match="backwards is not in the file"):
        student.Net(3).backwards()


def test_open_helper_classes_live_beside_the_students_code(student):
    encoder = student.given.TinyEncoder(9, 4, 5)
    annotations, state = encoder(torch.tensor([[1, 2, 3]]), torch.tensor([3]))
    assert (annotations.shape, state.shape) == ((1, 3, 10), (1, 5))


def test_an_optimizer_changes_the_parameters_beside_the_students_code(student):
    net = student.Net(3)
    twin = twin_of(net, 3)
    x = torch.randn(5, 3)
    loss = twin(x).pow(2).mean()
    loss.backward()
    expected = {f"layer.{name}": value.detach() - 0.1 * value.grad for name, value in twin.named_parameters()}
    optimizer = student.optimizer("SGD", net, lr=0.1)
    assert student.train(net, optimizer, x) == pytest.approx(loss.item())
    actual = net.state_dict()
    assert all(torch.allclose(actual[name], expected[name]) for name in expected)


def test_the_students_code_cannot_turn_gradients_off_for_the_test(student):
    student.turn_gradients_off()
    assert torch.is_grad_enabled()
    student.reset(1)
    x = torch.ones(2, requires_grad=True)
    assert student.weighted(x, x)[0].requires_grad


# callbacks


@pytest.mark.parametrize("x", [np.ones(2), torch.ones(2)], ids=["array", "tensor"])
def test_a_function_of_the_tests_runs_on_the_tests_side(student, x):
    seen = []

    def function(value, factor):
        seen.append((threading.get_ident(), type(value), factor))
        return value * factor

    assert student.apply(function, x).tolist() == [3, 3]
    assert seen == [(threading.get_ident(), type(x), 2)]


def test_an_error_in_the_tests_function_is_the_tests_own(student):
    def function(value, factor):
        raise KeyError("the test's")

    with pytest.raises(KeyError, match="the test's"):
        student.apply(function, np.ones(2))


def test_an_error_in_the_tests_function_cannot_be_swallowed(student):
    def function():
        raise AssertionError("called too often")

    with pytest.raises(AssertionError, match="called too often"):
        student.swallow(function)


def test_the_worker_goes_on_after_an_error_in_a_callback(in_worker):
    student = in_worker()
    with pytest.raises(ZeroDivisionError):
        student.apply(lambda value, factor: 1 / 0, np.ones(2))
    assert student.echo(3) == 3
    assert isinstance(student.echo(3), int)


# errors


@pytest.mark.parametrize(("kind", "type_"), [("value", ValueError), ("index", IndexError)])
def test_an_exception_arrives_as_the_builtin_type_that_it_is(student, kind, type_):
    with pytest.raises(type_, match="lengths do not fit") as caught:
        student.fail(kind)
    assert caught.value.line == line_of('raise {"value"')


def test_an_exception_type_of_the_submissions_own_keeps_its_name_to_itself(in_worker):
    with pytest.raises(StudentRaised, match="lengths do not fit") as caught:
        in_worker().fail("own")
    assert caught.value.type_name == "an exception of the submission's own"
    assert not isinstance(caught.value, ValueError)


def test_what_is_not_done_is_a_kind_of_its_own(student):
    with pytest.raises(NotImplementedError) as caught:
        student.fail("todo")
    assert caught.value.line == line_of('raise {"value"')


def test_what_is_not_done_in_a_worker_is_not_done(in_worker):
    with pytest.raises(NotDone):
        in_worker().fail("todo")


def test_what_torch_has_not_implemented_is_no_stub(student):
    with pytest.raises(StudentRaised) as caught:
        student.fail("not of this dtype")
    assert isinstance(caught.value, RuntimeError) and caught.value.line == line_of("return torch.ones(2) &")


def test_leaving_python_is_an_exception_like_any_other(in_worker):
    student = in_worker()
    with pytest.raises(StudentRaised):
        student.fail("exit")
    assert student.echo(3) == 3


def test_leaving_python_does_not_leave_the_tests(student):
    with pytest.raises((StudentError, SystemExit)):
        student.fail("exit")
    assert student.echo(3) == 3


def test_a_function_that_is_not_there_is_missing(student):
    with pytest.raises(StudentMissing, match="softmax is not in the file"):
        student.softmax(3)


def test_a_name_that_is_no_function_is_missing(in_worker):
    with pytest.raises(StudentMissing):
        in_worker("softmax = 3\n").softmax(3)


# starting a test


def test_a_test_starts_with_the_same_random_numbers(student):
    first = student.numbers()
    assert student.numbers()[0] != first[0]
    student.reset(1)
    again = student.numbers()
    assert again[:2] == first[:2] and torch.equal(again[2], first[2])
    student.reset(2)
    other = student.numbers()
    assert other[0] != first[0] and other[1] != first[1] and not torch.equal(other[2], first[2])


def test_a_test_starts_with_an_empty_record_and_no_objects(student):
    net = student.Net(3)
    student.reset(1)
    assert student.steps == []
    with pytest.raises((StudentError, IndexError)):
        net(torch.ones(1, 3))


def test_a_call_starts_with_torchs_own_default_dtype(student):
    student.set_default_dtype()
    assert student.default_dtype() == "torch.float32"


# what only a process of its own can stand


@pytest.mark.clock
def test_an_endless_loop_ends_at_the_deadline_and_the_next_call_is_answered(in_worker):
    student = in_worker(call_seconds=2.0)
    start = time.monotonic()
    with pytest.raises(StudentTimeout):
        student.hang()
    assert time.monotonic() - start < 30
    assert student.echo(3) == 3


def test_a_process_that_ends_itself_is_told_with_its_exit_code(in_worker):
    student = in_worker()
    with pytest.raises(StudentCrashed, match="exit code 7"):
        student.leave()
    assert student.echo(3) == 3


def test_a_recursion_without_end_is_an_exception(in_worker):
    with pytest.raises(RecursionError):
        in_worker().dig()


def test_too_much_memory_is_an_exception(in_worker):
    with pytest.raises(MemoryError):
        in_worker().fill_memory()


def test_prints_do_not_get_in_the_way(in_worker):
    assert in_worker().chatter() == 3


def test_an_answer_too_large_is_told_as_such(in_worker):
    with pytest.raises(NotPlain, match="more bytes"):
        in_worker().too_much()


def test_an_answer_that_grows_when_it_is_handed_over_is_told_as_such(in_worker):
    with pytest.raises(NotPlain, match="more bytes"):
        in_worker().grows()


def test_imports_inside_functions_work(in_worker):
    assert in_worker().late() == 1


def test_text_with_half_a_character_does_not_end_the_worker(in_worker):
    student = in_worker(
        'def text():\n    return "\\ud800"\n\n\ndef fail():\n    raise ValueError("\\ud800")\n'
    )
    with pytest.raises(NotPlain):
        student.text()
    with pytest.raises(ValueError, match=r"\?"):
        student.fail()


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        pytest.param("x = 1\ndef f(:\n", "syntax", 2, id="syntax"),
        pytest.param("while True:\n    pass\n", "timeout", None, id="hangs"),
        pytest.param("import os\nos._exit(3)\n", "crash", None, id="ends"),
        pytest.param("x = 1\nexit()\n", "raised", 2, id="exits"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_why_and_where(zygote, text, kind, line):
    backend = RemoteBackend(zygote, "code.py", text, 2.0)
    failure = backend.worker_failure
    backend.close()
    assert (failure.kind, failure.line) == (kind, line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("x = 1\n\nx.y\n", 3, id="raises"),
        pytest.param("import nowhere_to_be_found\n", 1, id="imports nothing"),
    ],
)
def test_a_file_is_loaded_without_a_statement_that_raises(zygote, text, line):
    backend = RemoteBackend(zygote, "code.py", text, 2.0)
    failure, left_out = backend.worker_failure, backend.worker.left_out
    backend.close()
    assert failure is None and [each.line for each in left_out] == [line]


def test_a_zygote_that_was_killed_is_started_again(level):
    from attend.sandbox.client import Zygote

    with Zygote("numpy", level) as zygote:
        first = zygote._process.pid
        zygote._process.kill()
        zygote._process.wait()
        backend = RemoteBackend(zygote, "code.py", "def one():\n    return 1\n", 5.0)
        assert Student(backend).one() == 1
        assert zygote._process.pid != first
        backend.close()
