"""Pools of threads that are called as the standard library calls its pools of processes.

A worker can start no process. Nor can it use `multiprocessing.pool.ThreadPool`, which waits on a pipe.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from typing import Any

# of a pool: the limit on a worker's threads is far higher
MAX_THREADS = 8


class ProcessPoolExecutor(ThreadPoolExecutor):
    """As `concurrent.futures.ProcessPoolExecutor`."""

    def __init__(
        self,
        max_workers: int | None = None,
        mp_context: Any = None,
        initializer: Callable[..., Any] | None = None,
        initargs: tuple[Any, ...] = (),
        max_tasks_per_child: int | None = None,
    ):
        super().__init__(min(max_workers or MAX_THREADS, MAX_THREADS), "", initializer, initargs)


class AsyncResult:
    """As `multiprocessing.pool.AsyncResult`, of one call or of several."""

    def __init__(self, futures: list[Future[Any]], single: bool):
        self._futures, self._single = futures, single

    def get(self, timeout: float | None = None) -> Any:
        """The result, or the results in their order."""
        found = [future.result(timeout) for future in self._futures]
        return found[0] if self._single else found

    def wait(self, timeout: float | None = None) -> None:
        """Wait until everything is done."""
        wait(self._futures, timeout)

    def ready(self) -> bool:
        """Whether everything is done."""
        return all(future.done() for future in self._futures)

    def successful(self) -> bool:
        """Whether nothing raised."""
        return all(future.exception() is None for future in self._futures)


class Pool:
    """As `multiprocessing.Pool`."""

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., Any] | None = None,
        initargs: tuple[Any, ...] = (),
        maxtasksperchild: int | None = None,
        context: Any = None,
    ):
        self._threads = ProcessPoolExecutor(processes, None, initializer, initargs)

    def apply_async(
        self,
        func: Callable[..., Any],
        args: Iterable[Any] = (),
        kwds: dict | None = None,
        callback: Callable[[Any], Any] | None = None,
    ) -> AsyncResult:
        """Begin `func(*args, **kwds)`; `callback` is called with what it returns."""
        future = self._threads.submit(func, *args, **(kwds or {}))
        if callback is not None:
            future.add_done_callback(lambda done: None if done.exception() else callback(done.result()))
        return AsyncResult([future], single=True)

    def apply(self, func: Callable[..., Any], args: Iterable[Any] = (), kwds: dict | None = None) -> Any:
        """`func(*args, **kwds)`."""
        return self.apply_async(func, args, kwds).get()

    def starmap_async(
        self, func: Callable[..., Any], iterable: Iterable[Any], chunksize: int = 1
    ) -> AsyncResult:
        """Begin `func(*args)` for every `args`."""
        return AsyncResult([self._threads.submit(func, *args) for args in iterable], single=False)

    def starmap(self, func: Callable[..., Any], iterable: Iterable[Any], chunksize: int = 1) -> list[Any]:
        """`func(*args)` for every `args`."""
        return self.starmap_async(func, iterable).get()

    def map_async(self, func: Callable[..., Any], iterable: Iterable[Any], chunksize: int = 1) -> AsyncResult:
        """Begin `func(x)` for every `x`."""
        return self.starmap_async(func, ((value,) for value in iterable))

    def map(self, func: Callable[..., Any], iterable: Iterable[Any], chunksize: int = 1) -> list[Any]:
        """`func(x)` for every `x`."""
        return self.map_async(func, iterable).get()

    def imap(self, func: Callable[..., Any], iterable: Iterable[Any], chunksize: int = 1) -> Iterator[Any]:
        """`func(x)` for every `x`, one after the other."""
        return self._threads.map(func, iterable)

    def imap_unordered(
        self, func: Callable[..., Any], iterable: Iterable[Any], chunksize: int = 1
    ) -> Iterator[Any]:
        """`func(x)` for every `x`, as they come."""
        futures = [self._threads.submit(func, value) for value in iterable]
        return (future.result() for future in as_completed(futures))

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False)

    def terminate(self) -> None:
        """Take no more work, and leave out what has not begun."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        """Wait until everything is done."""
        self._threads.shutdown()

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: Any) -> None:
        self.terminate()
