"""Devices, pipes and sockets in an archive are refused."""

import stat
import zipfile

import pytest


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_devices_in_a_zip(hand_in, zipped, honest, kind):
    special = zipfile.ZipInfo("pipe")
    special.create_system, special.external_attr = 3, (kind | 0o666) << 16
    archive = zipped({"t03_attention_decoding.py": honest, special: ""})
    hand_in(archive).is_refused("'pipe', which is no ordinary file")
