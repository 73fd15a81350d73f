"""Models that know nothing of each other, trained at the same time: a process with one thread for each."""

import multiprocessing
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import torch

from attend.lab.context import Bench, Report
from attend.lab.modules import Code, LabError
from attend.lab.progress_bars import Bars
from attend.student.signals import interrupts_ignored

# a function of a module, perhaps with arguments bound: it crosses to the process
Job = Callable[[Bench], Any]


def side_by_side(bench: Bench, jobs: Mapping[str, Job]) -> dict[str, Any]:
    """What each job returns, in their order; as many at once as the bench has lanes.

    Raises:
        LabError: the student's code is to blame, or a process ended before its job.
    """
    if bench.lanes == 1:
        return {name: job(bench) for name, job in jobs.items()}
    # a fork of a process in which PyTorch has used threads would hang
    context = multiprocessing.get_context("spawn")
    waiting, running, done = list(jobs), {}, {}
    with Bars(bench.screen) as bars:
        try:
            while waiting or running:
                while waiting and len(running) < bench.lanes:
                    name = waiting.pop(0)
                    ours, theirs = context.Pipe(duplex=False)
                    given = (theirs, jobs[name], bench.code.folder, bench.seed, bench.folder, bench.retrain)
                    process = context.Process(target=_work, args=given, daemon=True)
                    with interrupts_ignored():
                        process.start()
                    bars.begin(name)
                    theirs.close()
                    running[ours] = name, process
                for pipe in wait(list(running)):
                    name, process = running[pipe]
                    said = _receive(pipe, name)
                    if isinstance(said, Report):
                        bars.show(said, name)
                    else:
                        done[name] = said[0]
                        process.join()
                        del running[pipe]
        finally:
            for _, process in running.values():
                process.terminate()
    return {name: done[name] for name in jobs}


def _receive(pipe: Connection, name: str) -> Any:
    try:
        said = pipe.recv()
    except EOFError as error:
        raise LabError(f"the process that trained {name!r} ended; is there enough memory?") from error
    if isinstance(said, Exception):
        raise said
    return said


def _work(pipe: Connection, job: Job, code: Path, seed: int, folder: Path, retrain: bool) -> None:
    """A process's whole life: reports, and at last the result in a tuple or what went wrong."""
    torch.set_num_threads(1)
    bench = Bench(Code(code), seed, folder, retrain=retrain, report=pipe.send)
    try:
        with bench.code.named_errors():
            pipe.send((job(bench),))
    except LabError as error:
        pipe.send(error)
