"""A program, a compiled module or a picture under the topic's name is no text."""

import marshal
import sys

import pytest

BINARIES = {
    "program": lambda: open(sys.executable, "rb").read(1000),
    "compiled": lambda: marshal.dumps(compile("import os", "x", "exec")) + b"\xff",
    "utf-16": lambda: "x = 1".encode("utf-16"),
    "picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(100),
}


@pytest.mark.parametrize("kind", BINARIES)
def test_binary(hand_in, zipped, kind):
    hand_in(zipped({"t03_attention_decoding.py": BINARIES[kind]()})).is_refused("is not UTF-8 text")
