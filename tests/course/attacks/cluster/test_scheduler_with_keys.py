"""A scheduler that asks for keys is reached with those of Dask's configuration, as the page on large classes says."""

import dask
import pytest

pytest.importorskip("distributed", reason="Dask is an extra")

from distributed import LocalCluster  # noqa: E402 (it needs what was just asked for)
from distributed.security import Security  # noqa: E402

from attend.grading import dask_cluster  # noqa: E402
from attend.grading.dask_cluster import _client  # noqa: E402
from attend.submissions import BatchError  # noqa: E402


@pytest.fixture(scope="module")
def cluster():
    options = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with LocalCluster(
        protocol="tls://", security=Security.temporary(), host="127.0.0.1", **options
    ) as opened:
        yield opened


def keys(security: Security, folder) -> dict[str, str]:
    names = {"ca-file": "tls_ca_file", "client.cert": "tls_client_cert", "client.key": "tls_client_key"}
    settings = {}
    for name, attribute in names.items():
        (folder / name).write_text(getattr(security, attribute))
        settings[f"distributed.comm.tls.{name}"] = str(folder / name)
    return settings


def test_with_its_keys(cluster, tmp_path):
    with dask.config.set(keys(cluster.security, tmp_path)), _client(cluster.scheduler_address, 1) as client:
        assert client.submit(sum, [1, 2]).result() == 3


@pytest.mark.parametrize("other", [True, False], ids=["with other keys", "with none"])
def test_not_otherwise(cluster, tmp_path, monkeypatch, other):
    monkeypatch.setattr(dask_cluster, "ANSWER_SECONDS", 2.0)
    settings = keys(Security.temporary(), tmp_path) if other else {}
    with dask.config.set(settings), pytest.raises(BatchError, match="no Dask scheduler answers"):
        with _client(cluster.scheduler_address, 1):
            pass
