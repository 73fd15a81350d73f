"""No connection leaves a worker: not to a port of this machine that listens, over TCP or UDP, by any family."""

import socket

import pytest

ATTACK = """
import socket

loot = []
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            sock = socket.socket(family, kind)
            loot.append((family, kind))
            sock.connect(("127.0.0.1", PORT))
            sock.send(b"the hidden tests")
        except OSError:
            pass


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_network(attack):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        verdict = attack(ATTACK.replace("PORT", str(port))).loses("decode", points=0)
        assert verdict.loot == "[]"
        with pytest.raises(TimeoutError):
            server.accept()
