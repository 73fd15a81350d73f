"""Grade on a Dask cluster: one of this machine's, or any whose scheduler has an address.

The course's graders and the submissions travel to the workers, so these need no folder in common; they need
Attend, in this version. A worker that dies loses nothing: what it had not delivered runs again elsewhere.
"""

import contextlib
import hashlib
import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from attend import __version__
from attend.course.scratch import scratch_folder
from attend.course.syllabus import Course
from attend.gradebook.grade import Grade
from attend.gradebook.store import Gradebook  # noqa: F401 (a worker without the grading extra fails here, early)
from attend.grading.course_grader import Lane
from attend.grading.ungraded import DIED, given_up
from attend.grading.work import Queue
from attend.sandbox.levels import choose_level
from attend.submissions import BatchError
from attend.submissions.submission import Submission

SMALLEST, LARGEST = 20, 50  # submissions in a chunk, where there are enough for every worker
ANSWER_SECONDS = 20.0  # how long a scheduler may take to answer
FAILURES = 100  # a chunk may lose so many workers: it is machines that die here, hardly ever a submission


def run_cluster(
    course: Course, queue: Queue, level: str | None, scheduler: str, jobs: int, total: int
) -> Iterator[tuple[Submission, Grade]]:
    """Each submission with its grade, as they come. A chunk that took too many workers with it comes again one by one.

    Args:
        scheduler: `local`, an address as tcp://host:8786, or the path of a scheduler file.
        jobs: workers of a local cluster.
        total: about how many entries there are.

    Raises:
        BatchError: Dask is not installed, the scheduler does not answer, or its workers cannot grade.
    """
    _need_dask(scheduler)
    from distributed import as_completed

    with _client(scheduler, jobs) as client, _lane_everywhere(client, course, level) as lane:
        size = chunk_size(total, len(client.nthreads()))
        under_way: dict[object, list[Submission]] = {}
        pending = as_completed()
        while True:
            # a bounded queue: the next texts are read when there is room for them; workers may join and go
            while len(under_way) < 3 * max(1, len(client.nthreads())) and (chunk := queue.take(size)):
                future = _submit(client, lane, chunk, queue.losses(chunk))
                under_way[future] = chunk
                pending.add(future)
            if not under_way:
                return
            future = next(pending)
            chunk = under_way.pop(future)
            grades = _result(future)
            if grades is None:
                chunk = queue.lost(chunk)
                grades = [given_up(course, submission, DIED) for submission in chunk]
            else:
                queue.finished()
            yield from zip(chunk, grades, strict=True)


def chunk_size(total: int, lanes: int) -> int:
    """So many submissions in a chunk that every lane gets several chunks, within the bounds that proved good."""
    even = math.ceil(total / (8 * lanes))
    return even if even < SMALLEST else min(even, LARGEST)


def _need_dask(scheduler: str) -> None:
    try:
        import distributed  # noqa: F401

        if scheduler == "local":
            import cryptography  # noqa: F401
    except ImportError as error:
        raise BatchError(
            "--scheduler needs Dask; install it with `pip install 'attend-course[dask]'`, or leave it out."
        ) from error


@contextmanager
def _client(scheduler: str, jobs: int) -> Iterator[Any]:
    import dask
    from distributed import Client

    dask.config.set({"distributed.scheduler.allowed-failures": FAILURES})
    if scheduler == "local":
        with (
            scratch_folder("dask") as folder,
            _local_cluster(jobs, folder) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        where = {"scheduler_file": scheduler} if Path(scheduler).is_file() else {"address": scheduler}
        client = Client(**where, timeout=ANSWER_SECONDS)
    except (OSError, ValueError, TypeError, TimeoutError) as error:
        raise BatchError(f"no Dask scheduler answers at {scheduler} ({error}).") from error
    with client:
        client.wait_for_workers(1, timeout=600)
        yield client


def _local_cluster(jobs: int, folder: Path) -> Any:
    """A scheduler and workers of this machine, which talk by TLS with a key made for this run; their files are in `folder`.

    A scheduler runs what it is sent. Without a key every user of the machine could reach its port and run code as whoever
    grades.
    """
    import dask
    from distributed import LocalCluster
    from distributed.security import Security

    # nor is there a page to look at: the servers for them answer nothing
    no_pages: dict[str, object] = {f"distributed.{part}.http.routes": [] for part in ("scheduler", "worker")}
    dask.config.set({**no_pages, "temporary-directory": str(folder)})
    options = {"threads_per_worker": 1, "memory_limit": None, "dashboard_address": None}
    security = Security.temporary()
    return LocalCluster(
        n_workers=jobs,
        silence_logs="ERROR",
        protocol="tls://",
        security=security,
        host="127.0.0.1",
        **options,
    )


@contextmanager
def _lane_everywhere(client: Any, course: Course, level: str | None) -> Iterator[str]:
    """Have every worker, also one that joins later, unpack the graders and hold a lane; the lane's name."""
    from distributed import WorkerPlugin

    class LanePlugin(LaneHolder, WorkerPlugin):
        """`LaneHolder` as Dask knows it."""

    packed = bundle(course)
    plugin: Any = LanePlugin(packed, level)
    plugin.name = f"attend-{hashlib.sha256(packed).hexdigest()[:16]}-{level}"
    try:
        client.run(check_version, __version__)
        client.register_plugin(plugin)
    except ModuleNotFoundError as error:
        raise BatchError(
            f"the workers lack {error.name}; install attend-course[grading] there as here."
        ) from error
    except RuntimeError as error:
        raise BatchError(f"the workers cannot grade: {error}.") from error
    try:
        yield plugin.name
    finally:
        with contextlib.suppress(Exception):  # the cluster may be gone already
            client.unregister_worker_plugin(plugin.name)


def check_version(version: str) -> None:
    """Run on a worker: it grades with the version that asks it to."""
    if version != __version__:
        raise RuntimeError(f"they have Attend {__version__}, this is {version}")


def bundle(course: Course) -> bytes:
    """A zip of all that grading needs of the course, for every topic that is whole."""
    from attend.grading.bundle import course_files, pack_files

    paths = sorted({path for topic in course.topics for path in course_files(course, topic)})
    return pack_files(course, [path for path in paths if path.exists()])


class LaneHolder:
    """One lane a worker, in a private copy of the course."""

    def __init__(self, packed: bytes, level: str | None):
        self._packed, self._level = packed, level
        self._scratch: AbstractContextManager[Path] | None = None
        self.lane: Lane | None = None

    def setup(self, worker: object = None) -> None:
        """Called by Dask when the plugin is there."""
        import threading

        from attend.grading.bundle import unpack_course

        self.lock = threading.Lock()
        self._scratch = scratch_folder("lane")
        folder = self._scratch.__enter__()
        self.lane = Lane(unpack_course(self._packed, folder), choose_level(self._level))

    def teardown(self, worker: object = None) -> None:
        """Called by Dask when the worker ends."""
        if self.lane is not None:
            self.lane.close()
        if self._scratch is not None:
            self._scratch.__exit__(None, None, None)


def _submit(client: Any, lane: str, chunk: list[Submission], attempt: int) -> Any:
    """A chunk under a key made of what is in it: the same chunk is the same task."""
    digest = hashlib.sha256("".join(f"{one.topic}{one.digest}" for one in chunk).encode()).hexdigest()
    return client.submit(grade_chunk, chunk, lane, key=f"{lane}-{digest[:32]}-{attempt}", pure=False)


def grade_chunk(submissions: list[Submission], lane: str) -> list[str]:
    """Run on a worker: the grades of a chunk as JSON."""
    from distributed import get_worker

    holder: Any = get_worker().plugins[lane]
    with holder.lock:  # a lane does one thing at a time, however many threads the worker has
        return [holder.lane.grade_submission(submission).to_json() for submission in submissions]


def _result(future: Any) -> list[Grade] | None:
    """The grades of a chunk, or None when it took too many workers with it."""
    from distributed import KilledWorker

    try:
        return [Grade.from_json(text) for text in future.result()]
    except KilledWorker:
        return None
    finally:
        future.release()
