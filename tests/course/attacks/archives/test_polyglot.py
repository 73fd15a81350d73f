"""An archive with a program in front of it, or behind it, is taken for what it holds, and the rest never run."""

import pytest


@pytest.mark.parametrize("front", [b"#!/bin/sh\ntouch /tmp/owned\n", b"MZ" + bytes(500)])
def test_polyglot(hand_in, zipped, honest, front):
    archive = zipped({"t03_attention_decoding.py": honest})
    archive.write_bytes(front + archive.read_bytes())
    hand_in(archive).is_honest()
