"""Whoever reaches the ports of `--scheduler local` without the key of the run can have nothing run, and learns nothing."""

import asyncio
import socket
import urllib.error
import urllib.request

import pytest

pytest.importorskip("distributed", reason="Dask is an extra")
psutil = pytest.importorskip("psutil", reason="Dask brings it")

from distributed import Client  # noqa: E402 (it needs what was just asked for)
from distributed.core import connect  # noqa: E402
from distributed.security import Security  # noqa: E402

from attend.grading.dask_cluster import _client  # noqa: E402

SOON = 10


def listening() -> set:
    """The addresses at which this process and those that it started listen."""
    this = psutil.Process()
    return {
        connection.laddr
        for process in (this, *this.children(recursive=True))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


@pytest.fixture(scope="module")
def before() -> set:
    """Where something listened before: other tests of this process may have a server of their own."""
    return listening()


@pytest.fixture(scope="module")
def client(before):
    with _client("local", 1) as opened:
        yield opened


@pytest.fixture(scope="module")
def ports(client, before) -> list[int]:
    """All ports on which the cluster's processes listen."""
    assert client.submit(sum, [1, 2]).result() == 3
    found = listening() - before
    assert {address.ip for address in found} == {"127.0.0.1"}
    return [address.port for address in found]


def answers(address: str, arguments: dict) -> bool:
    """Whether a server at `address` takes a request of Dask's own."""

    async def ask() -> None:
        comm = await connect(address, timeout=0.5, **arguments)
        try:
            await comm.write({"op": "identity", "reply": True})
            await asyncio.wait_for(comm.read(), 2)
        finally:
            comm.abort()

    try:
        asyncio.run(asyncio.wait_for(ask(), 3))
    except Exception:
        return False
    return True


def test_the_key_of_the_run_opens_them(client, ports):
    own = client.security.get_connection_args("client")
    assert any(answers(f"tls://127.0.0.1:{port}", own) for port in ports)


@pytest.mark.parametrize("scheme", ["tcp", "ws", "tls"])
def test_another_key_or_none_does_not(ports, scheme):
    other = Security.temporary().get_connection_args("client") if scheme == "tls" else {}
    assert not any(answers(f"{scheme}://127.0.0.1:{port}", other) for port in ports)


def test_nobody_becomes_a_client_without_it(client):
    address = client.scheduler.address.replace("tls://", "tcp://")
    with pytest.raises((OSError, TimeoutError)):
        Client(address, timeout=2)


@pytest.mark.parametrize(
    "path", ["", "status", "info/main/workers.html", "json/identity.json", "health", "metrics"]
)
def test_there_is_no_page_to_look_at(ports, path):
    for port in ports:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=SOON) as page:
                raise AssertionError(f"{port} shows {page.read(80)!r}")
        except urllib.error.HTTPError as error:
            assert error.code == 404
        except (OSError, ValueError):
            continue


def test_bytes_without_sense_change_nothing(client, ports):
    for port in ports:
        with socket.create_connection(("127.0.0.1", port), timeout=SOON) as sock:
            sock.sendall(b"\x00" * 8 + b"\xff" * 4096)
    assert client.submit(sum, [2, 3]).result(timeout=SOON) == 5
