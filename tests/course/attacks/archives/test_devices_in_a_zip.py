"""Devices, pipes and sockets in an archive are left out by name, and refused where they are called like the answer."""

import stat
import zipfile

import pytest


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_devices_in_a_zip(hand_in, zipped, honest, kind):
    def special(name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name)
        entry.create_system, entry.external_attr = 3, (kind | 0o666) << 16
        return entry

    verdict = hand_in(zipped({"t03_attention_decoding.py": honest, special("pipe"): ""})).is_honest()
    assert any("pipe is no ordinary file; it was left out" in note for note in verdict.grade.notes)
    hand_in(zipped({special("t03_attention_decoding.py"): honest})).is_refused("is no ordinary file")
