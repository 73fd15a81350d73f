"""Train independent models at the same time, each in a process with one thread."""

import multiprocessing
from collections.abc import Callable, Mapping
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from attend.course.threads import use_one_thread
from attend.lab.context import Bench, Report
from attend.lab.modules import Code, LabError
from attend.lab.progress_bars import Bars
from attend.student.signals import interrupts_ignored

# a function of a module, perhaps with arguments bound, so that it can be pickled
Job = Callable[[Bench], Any]


def side_by_side(bench: Bench, jobs: Mapping[str, Job]) -> dict[str, Any]:
    """What each job returns, in their order; as many at once as the bench has lanes.

    Raises:
        LabError: the student's code raised, or a process ended before its job.
    """
    if bench.lanes == 1:
        return {name: job(bench) for name, job in jobs.items()}
    # a fork of a process in which PyTorch has used threads would hang
    context = multiprocessing.get_context("spawn")
    waiting = list(jobs)
    running: dict[Any, tuple[str, SpawnProcess]] = {}
    done: dict[str, Any] = {}
    with Bars(bench.screen) as bars:
        try:
            while waiting or running:
                while waiting and len(running) < bench.lanes:
                    name = waiting.pop(0)
                    ours, theirs = context.Pipe(duplex=False)
                    arguments = (
                        theirs, jobs[name], bench.code.folder, bench.seed, bench.folder, bench.retrain
                    )  # fmt: skip
                    process = context.Process(target=_work, args=arguments, daemon=True)
                    with interrupts_ignored():
                        process.start()
                    bars.begin(name)
                    theirs.close()
                    running[ours] = name, process
                for pipe in wait(list(running)):
                    name, process = running[pipe]
                    message = _receive(pipe, name)
                    if isinstance(message, Report):
                        bars.show(message, name)
                    else:
                        done[name] = message[0]
                        process.join()
                        del running[pipe]
        finally:
            for _, process in running.values():
                process.terminate()
    return {name: done[name] for name in jobs}


def _receive(pipe: Any, name: str) -> Report | tuple[Any]:
    """The next message of a process: a report, or the result of its job in a tuple."""
    try:
        message: Report | tuple[Any] | LabError = pipe.recv()
    except EOFError as error:
        raise LabError(f"the process that trained {name!r} ended; is there enough memory?") from error
    if isinstance(message, LabError):
        raise message
    return message


def _work(pipe: Any, job: Job, code: Path, seed: int, folder: Path, retrain: bool) -> None:
    """What a process does: it sends reports, then the result of the job in a tuple, or the error."""
    use_one_thread()
    bench = Bench(Code(code), seed, folder, retrain=retrain, report=pipe.send)
    try:
        with bench.code.named_errors():
            pipe.send((job(bench),))
    except LabError as error:
        pipe.send(error)
