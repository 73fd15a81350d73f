"""Every plain value crosses the wire unchanged, and nothing that crosses can do more than end the connection."""

import io
import math
import socket
import struct
import threading
import time
import tracemalloc

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from attend.grading.prefetch import digest
from attend.sandbox import codec, connection
from attend.sandbox.codec import WireError, pack, unpack
from attend.sandbox.connection import Connection, WireGone, WireTimeout
from attend.sandbox.deadline import Deadline, ProcessorDeadline
from attend.student import values
from attend.student.errors import NotPlain
from attend.student.values import CallbackRef, ObjectRef

FEW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
SOON = 10.0

floats = st.floats(allow_nan=True, allow_infinity=True)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), floats, st.text(max_size=20))
array_dtypes = st.sampled_from(sorted(values.ARRAY_DTYPES)).map(np.dtype)
shapes = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
plain_arrays = arrays.arrays(array_dtypes, shapes)
numpy_scalars = arrays.arrays(array_dtypes, ()).map(lambda array: array[()])
tensors = st.builds(
    lambda array, dtype: torch.from_numpy(array).to(getattr(torch, dtype)),
    arrays.arrays(np.float64, shapes, elements=st.floats(-1e4, 1e4)),
    st.sampled_from(sorted(values.TENSOR_DTYPES)),
)
leaves = st.one_of(scalars, plain_arrays, numpy_scalars, tensors)
keys = st.one_of(st.text(max_size=5), st.integers(-9, 9), st.booleans(), st.none())
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=8,
)


def crossed(tree):
    """`tree` as it comes out of a real socket."""
    ours, theirs = socket.socketpair()
    sender, receiver = Connection(ours), Connection(theirs)
    deadline = Deadline(SOON)
    sending = threading.Thread(target=sender.send, args=(3, "result", tree, deadline))
    sending.start()
    try:
        number, kind, out = receiver.receive(deadline)
    finally:
        sending.join()
        sender.close()
        receiver.close()
    assert (number, kind) == (3, "result")
    return out


def assert_same(first, second) -> None:
    """The same types all the way down, and the same bytes in every leaf."""
    assert type(first) is type(second)
    if isinstance(first, list | tuple):
        assert len(first) == len(second)
        for one, two in zip(first, second, strict=True):
            assert_same(one, two)
    elif isinstance(first, dict):
        assert [(type(key), key) for key in first] == [(type(key), key) for key in second]
        for key in first:
            assert_same(first[key], second[key])
    elif isinstance(first, torch.Tensor):
        assert (first.dtype, first.shape, first.requires_grad) == (
            second.dtype,
            second.shape,
            second.requires_grad,
        )
        assert torch.equal(first.isnan(), second.isnan())
        assert torch.equal(first.nan_to_num(), second.nan_to_num())
    elif isinstance(first, np.ndarray | np.generic):
        assert (first.dtype, first.shape) == (second.dtype, second.shape)
        assert first.tobytes() == second.tobytes()
    elif isinstance(first, float):
        assert struct.pack("d", first) == struct.pack("d", second) or math.isnan(first) and math.isnan(second)
    else:
        assert first == second


# what crosses


@FEW
@given(trees)
def test_every_plain_value_crosses_unchanged(tree):
    assert_same(crossed(tree), tree)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(np.array([np.nan, np.inf, -np.inf, -0.0]), id="not finite"),
        pytest.param(np.zeros((0, 3)), id="empty"),
        pytest.param(np.array(2.5), id="no axes"),
        pytest.param(np.arange(12.0).reshape(3, 4).T, id="transposed"),
        pytest.param(np.arange(12.0)[::-2], id="backwards"),
        pytest.param(np.broadcast_to(1.5, (2, 3)), id="broadcast"),
        pytest.param(np.arange(3, dtype=">f8"), id="another byte order"),
        pytest.param(np.array([True, False]), id="bool"),
        pytest.param(np.float32(0.1), id="numpy scalar"),
        pytest.param(np.bool_(True), id="numpy bool"),
        pytest.param(torch.tensor([math.nan, math.inf, -0.0]), id="tensor, not finite"),
        pytest.param(torch.zeros(0, 3), id="tensor, empty"),
        pytest.param(torch.tensor(2.5), id="tensor, no axes"),
        pytest.param(torch.arange(12.0).reshape(3, 4).T, id="tensor, transposed"),
        pytest.param(torch.ones(1).expand(2, 3), id="tensor, expanded"),
        pytest.param(torch.tensor([1.5, -2.25], dtype=torch.bfloat16), id="bfloat16"),
        pytest.param(torch.tensor(1.5, dtype=torch.bfloat16), id="bfloat16, no axes"),
        pytest.param(torch.arange(6, dtype=torch.bfloat16).reshape(2, 3).T, id="bfloat16, transposed"),
        pytest.param(torch.tensor([1 + 2j]).conj(), id="conjugated lazily"),
        pytest.param(torch.zeros(2, requires_grad=True), id="a leaf that asks for gradients"),
    ],
)
def test_unusual_arrays_cross(value):
    out = crossed(value)
    assert type(out) is type(value) and out.shape == value.shape
    if isinstance(value, torch.Tensor):
        assert_same(out, value.resolve_conj())
    else:
        np.testing.assert_array_equal(out, value)
        assert out.dtype == value.dtype.newbyteorder("=")


def test_a_result_of_autograd_crosses_as_numbers_that_ask_for_gradients():
    out = crossed((2 * torch.ones(2, requires_grad=True)).exp())
    assert out.requires_grad and out.is_leaf and out.grad_fn is None


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)], ids=str)
def test_the_order_of_axes_in_memory_crosses(axes):
    array = np.arange(24.0).reshape(2, 3, 4).transpose(axes)
    for value in (array, torch.from_numpy(array).requires_grad_()):
        for arrived in (unpack(*pack(value)), values.copy(value)):
            assert torch.equal(torch.as_tensor(arrived), torch.as_tensor(value))
            assert getattr(arrived, "strides", None) == getattr(value, "strides", None)
            assert values.is_array(value) or arrived.stride() == value.stride()


@pytest.mark.parametrize("axes", [[0], [0, 0], [1, 2], [-1, 0], [0, 1, 2], ["0", 1], [[0], 1]], ids=str)
def test_axes_that_are_not_those_of_the_shape_break_the_protocol(axes):
    with pytest.raises(WireError):
        unpack(["a", 0, "float64", [2, 3], *axes], [bytes(48)])


def test_what_arrives_can_be_written_to():
    array, tensor, empty = crossed([np.zeros(3), torch.zeros(3), np.zeros(0, bool)])
    array[0], tensor[0] = 1.0, 1.0
    assert (array[0], tensor[0].item(), empty.size) == (1.0, 1.0, 0)


def test_references_cross():
    reference, callback = crossed([ObjectRef(3, "Encoder"), CallbackRef(0)])
    assert (reference, reference.kind, callback) == (ObjectRef(3), "", CallbackRef(0))


def test_equal_objects_arrive_apart():
    array = np.zeros(2)
    first, second = crossed([array, array])
    first[0] = 1.0
    assert second[0] == 0.0


# what does not


class Liar(float):
    """A subclass of a plain type, as a student might return."""


class Array(np.ndarray):
    pass


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(object(), id="an object"),
        pytest.param({1, 2}, id="a set"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param(Liar(1.0), id="a subclass of float"),
        pytest.param(np.zeros(2).view(Array), id="a subclass of array"),
        pytest.param(np.ma.masked_array([1.0], [True]), id="a masked array"),
        pytest.param(np.array([object()]), id="an array of objects"),
        pytest.param(np.array(["text"]), id="an array of text"),
        pytest.param(np.zeros(2, dtype=[("a", "f8")]), id="a record"),
        pytest.param(np.longdouble(1), id="long double"),
        pytest.param(np.datetime64("2026-01-01"), id="a date"),
        pytest.param(torch.zeros(2).to_sparse(), id="sparse"),
        pytest.param(torch.zeros(2, device="meta"), id="on no device"),
        pytest.param(1 + 2j, id="complex"),
        pytest.param(2**63, id="an integer too large"),
        pytest.param({1.5: 2}, id="a key that is no text"),
        pytest.param({("a",): 2}, id="a key that is a tuple"),
        pytest.param("\ud800", id="text that is no text"),
        pytest.param({"\ud800": 1}, id="a key that is no text either"),
        pytest.param(lambda: None, id="a function"),
        pytest.param(torch.nn.Linear(1, 1), id="a module"),
    ],
)
def test_what_is_not_plain_is_refused_before_it_is_sent(value):
    ours, theirs = socket.socketpair()
    with pytest.raises(NotPlain):
        Connection(ours).send(1, "result", [value])
    ours.close()
    assert theirs.recv(1) == b""
    theirs.close()


def nested(depth: int) -> list:
    tree: list = []
    for _ in range(depth):
        tree = [tree]
    return tree


def itself() -> list:
    tree: list = []
    tree.append(tree)
    return tree


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(nested(values.MAX_DEPTH + 1), id="too deep"),
        pytest.param(itself(), id="without end"),
        pytest.param([0] * (values.MAX_ITEMS + 1), id="too many items"),
        pytest.param([np.zeros(1)] * (codec.MAX_BUFFERS + 2), id="too many arrays"),
        pytest.param("a" * (codec.MAX_BYTES // codec.SWELL), id="too long a text"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_sent(value):
    ours, theirs = socket.socketpair()
    with pytest.raises(NotPlain):
        Connection(ours).send(1, "result", value)
    ours.close()
    theirs.close()


def test_too_many_bytes_are_refused_before_they_are_sent(monkeypatch):
    most = len(connection.frame(1, "result", np.zeros(100))) * codec.SWELL
    assert connection.frame(1, "result", np.zeros(100), most)
    with pytest.raises(NotPlain, match="more bytes"):
        connection.frame(1, "result", np.zeros(100), 800)
    monkeypatch.setattr(codec, "MAX_BYTES", 800)
    with pytest.raises(NotPlain, match="more bytes"):
        connection.frame(1, "result", np.broadcast_to(0.0, 101), most)


# what a hostile end may send


def received(data: bytes):
    """What comes of it when the other end sends `data` and closes."""
    ours, theirs = socket.socketpair()
    ours.sendall(data)
    ours.close()
    try:
        return Connection(theirs).receive(Deadline(SOON))
    finally:
        theirs.close()


def frame(header, buffers: bytes = b"") -> bytes:
    data = header if isinstance(header, bytes) else msgspec.msgpack.encode(header)
    return struct.pack("!I", len(data)) + data + buffers


def harmless(data: bytes) -> None:
    """Reading `data` gives a plain value, which can be written and hashed, or a WireError, never anything else."""
    try:
        _, _, tree = received(data)
    except WireError:
        return
    values.copy(tree)
    assert_same(crossed(tree), tree)
    assert digest("an answer", tree)


@FEW
@given(st.binary(max_size=300))
@example(b"\xff\xff\xff\xff")
@example(frame(b"\xc1"))
@example(frame(b"\x91" * 5000))
@example(frame(b"\x94\x01\xa1\xff\xc0\x90"))  # text that is not UTF-8
@example(frame(b"\x94\x01\xa1a\xa1\xff\x90"))
@example(frame(b"\x94\x01\xa1a\xd6\xff\xff\xff\xff\xff\x90"))  # a timestamp
@example(frame(b"\x94\x01\xa1a\xc7\x01\x05\x00\x90"))  # an extension type
def test_random_bytes_never_harm_the_reader(data):
    harmless(data)


@FEW
@given(st.binary(max_size=200))
def test_random_bytes_in_an_honest_envelope_never_harm_the_reader(data):
    harmless(frame(data))


wild = st.one_of(
    scalars,
    st.integers(2**63, 2**64 - 1),
    st.sampled_from([*"ltdasToc", "float64", "bool", "object", "bfloat16", "int64", "V8", "O", 2**62, -1]),
    st.binary(max_size=4),
)
wild_trees = st.recursive(
    wild,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(wild, inner, max_size=2)),
    max_leaves=12,
)


@settings(FEW, max_examples=200)
@given(wild_trees, st.lists(st.integers(0, 24), max_size=3))
@example(["T", 0, "int64", [3], True], [24])  # integers cannot ask for gradients
@example(["T", 0, "bool", [8], True], [8])
@example(["d", [1.5, 0]], [])
@example(["d", [["l"], 0]], [])
@example(["d", 0], [])
@example(["a", 0, "float64", [-1]], [8])
@example(["a", 0, "float64", [2**31, 2**31, 0]], [0])
@example(["a", 0, "float64", [1] * 17], [8])
@example(["a", 0, "float64", [True]], [8])
@example(["a", 0, ["float64"], [1]], [8])
@example(["a", 1, "float64", [1]], [8])
@example(["a", None, "float64", [1]], [8])
@example(["a", 0, "object", [1]], [8])
@example(["s", 0, "float64"], [16])
@example(["c"], [])
@example(["o", "0", "x"], [])
@example([], [])
@example([["l"]], [])
@example(2**63, [])
@example(["d", [2**64 - 1, 0]], [])
@example(["o", 2**64 - 1], [])
@example(["o", -1], [])
@example(["c", True], [])
@example(["l", ["a", 0, "float64", [1]], ["a", 0, "float64", [1]]], [8])
def test_a_well_formed_frame_with_a_wild_tree_never_harms_the_reader(tree, sizes):
    try:
        header = msgspec.msgpack.encode([1, "result", tree, sizes])
    except (TypeError, ValueError):  # msgspec cannot write it, so nobody can send it by these means
        return
    harmless(frame(header, b"\1" * sum(sizes)))


def test_a_byte_that_is_neither_true_nor_false_is_true():
    _, _, array = received(frame([1, "result", ["a", 0, "bool", [3]], [3]], b"\0\2\xff"))
    assert array.view(np.uint8).tolist() == [0, 1, 1]


def too_deep(depth: int) -> list:
    tree: list = ["l"]
    for _ in range(depth):
        tree = ["l", tree]
    return tree


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(struct.pack("!I", codec.MAX_BYTES // codec.SWELL + 1), id="a header too large"),
        pytest.param(frame([1, "x", None, [codec.MAX_BYTES + 1]]), id="too many bytes"),
        pytest.param(frame([1, "x", None, [codec.MAX_BYTES, 1]]), id="too many bytes together"),
        pytest.param(frame([1, "x", None, [-1, 5]]), id="bytes below zero"),
        pytest.param(frame([1, "x", None, [0] * (codec.MAX_BUFFERS + 2)]), id="too many buffers"),
        pytest.param(frame([1, "x", too_deep(values.MAX_DEPTH + 1), []]), id="too deep"),
        pytest.param(frame([1, "x", ["l", *[0] * values.MAX_ITEMS], []]), id="too many items"),
        pytest.param(frame([1, 2, None, []]), id="a kind that is no text"),
        pytest.param(frame([1, "x", None]), id="a part is missing"),
    ],
)
def test_a_frame_beyond_the_caps_breaks_the_protocol(data):
    with pytest.raises(WireError):
        received(data)


def at_the_limit(value) -> list:
    """As many items as a value may hold, or as deep."""
    return [value] * (values.MAX_ITEMS - 1)


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param(at_the_limit(0), id="items"),
        pytest.param(nested(values.MAX_DEPTH), id="depth"),
        pytest.param(
            at_the_limit(0)[: codec.MAX_ANSWER // codec.SWELL - 40], id="a header as large as an answer's"
        ),
        pytest.param([np.zeros(1)] * codec.MAX_BUFFERS, id="arrays"),
        pytest.param({-(2**63): 2**63 - 1}, id="integers"),
    ],
)
def test_what_is_just_within_the_limits_can_be_written_hashed_and_read(tree):
    assert_same(crossed(tree), tree)
    assert digest("an answer", tree, None)


@pytest.mark.parametrize(
    "piece",
    [
        b"\x90",
        b"\x80",
        b"\x91\x90",
        b"\x81\x00\x00",
        b"\x81\x00\x80",
        b"\xa2\xc3\xa9",
        b"\x81\x00" * 200 + b"\x80",
        b"\x91" * 200 + b"\x90",
        b"\xcd\xff\xff",
        b"\x91\xc0",
        b"\xa0",
    ],
    ids=lambda piece: piece[:4].hex(),
)
def test_a_header_takes_no_more_memory_than_its_frame_weighs(piece):
    count = 60_000 // len(piece)
    node = b"\xdd" + struct.pack("!I", count) + piece * count
    header = b"\x94\x01\xa1x" + node + b"\x90"
    whole = io.BytesIO(struct.pack("!I", len(header)) + header)
    tracemalloc.start()
    try:
        came = connection._frame(whole.read, codec.MAX_ANSWER)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert came.weight == codec.SWELL * len(header)
    assert peak < came.weight + 2 * len(header)


def test_an_end_of_file_is_told_apart():
    with pytest.raises(WireGone):
        received(b"")


def test_a_frame_that_breaks_off_is_an_end():
    with pytest.raises(WireGone):
        received(frame([1, "x", None, [100]], b"only so much"))


def test_a_frame_that_trickles_is_cut_off_at_the_deadline():
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def trickle():
        while not stop.wait(0.02):
            ours.send(b"\0")  # each byte comes in time, the frame does not

    sending = threading.Thread(target=trickle)
    sending.start()
    start = time.monotonic()
    try:
        with pytest.raises(WireTimeout):
            Connection(theirs)._read(100_000, Deadline(0.2))
    finally:
        stop.set()
        sending.join()
        ours.close()
        theirs.close()
    assert time.monotonic() - start < SOON


def test_an_end_that_does_not_read_is_given_up_at_the_deadline():
    ours, theirs = socket.socketpair()
    with pytest.raises(WireTimeout):
        Connection(ours).send(1, "run", np.zeros(2_000_000), Deadline(0.2))
    ours.close()
    theirs.close()


def test_an_end_that_reads_late_is_waited_for_while_its_processor_time_lasts():
    ours, theirs = socket.socketpair()
    sent = connection.frame(1, "run", np.zeros(100_000))
    reading = threading.Timer(1.0, lambda: theirs.recv(len(sent), socket.MSG_WAITALL))
    reading.start()
    Connection(ours).send_bytes(sent, ProcessorDeadline(0.5, lambda: 0.0, before=0.0))
    reading.join()
    ours.close()
    theirs.close()


def test_nothing_of_a_frame_is_ever_unpickled():
    """The tags are all there is: an unknown one ends it."""
    with pytest.raises(WireError, match="unknown tag"):
        unpack(["p", 0], [b"cos\nsystem\n"])
    node, buffers = pack([1.5, "a", np.zeros(2)])
    assert node == ["l", 1.5, "a", ["a", 0, "float64", [2]]] and buffers == [b"\0" * 16]
