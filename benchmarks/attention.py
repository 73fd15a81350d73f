"""Measure attention: time and peak memory of t12's and t13's functions beside PyTorch's own, side by side in one run.

    python benchmarks/attention.py [--lengths 128 256 …] [--rounds 3] [--write]

One sentence, one head of 64 numbers, float32, one thread. Each measurement has a process of its own, forked from one that
has everything imported; for a length all functions take turns, and the best of the rounds counts, because a busy machine
can only make one slower. Time is the processor's, which depends little on what else the machine does; memory is by how
much resident memory rose at its highest above what it was before the call.
`--write` keeps the figures for t12's page: docs/data/attention.json and docs/assets/figures/attention.svg.
"""

import argparse
import importlib.util
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch.nn.functional import scaled_dot_product_attention

from attend.course.svg import ANNOTATION, CONTEXT, MUTED, QUERY, WEIGHT
from attend.course.syllabus import load_course
from attend.course.threads import use_one_thread
from attend.lab.figures import MARKS, drawing
from attend.lab.site_data import write

ROOT = Path(__file__).resolve().parents[1]
DATA, PICTURE = ROOT / "docs/data/attention.json", ROOT / "docs/assets/figures/attention.svg"
LENGTHS = [128, 256, 512, 1024, 2048, 4096, 8192]
HEAD, BLOCK = 64, 128
ENOUGH = 0.3  # seconds that one measurement repeats a quick call for
PEER = "PyTorch's own"
ABOUT = (
    f"Attention of T queries to T keys, one head of {HEAD} numbers, float32, one thread, no gradients: seconds of processor "
    "for a call (the best), and the rise of resident memory at its highest, in MiB (the least), for each length."
)


def functions() -> dict[str, Callable]:
    """What is measured, by name: each takes queries, keys and values (1, 1, T, D)."""
    t12, t13 = (reference(number) for number in ("t12", "t13"))
    return {
        PEER: scaled_dot_product_attention,
        "whole matrix (t13)": t13.scaled_dot_product_attention,
        f"blocks of {BLOCK} (t12)": lambda *qkv: t12.online_softmax_attention(*qkv, block_size=BLOCK),
        "linear (t12)": t12.linear_attention,
        "linear, causal (t12)": lambda *qkv: t12.linear_attention(*qkv, causal=True),
    }


def reference(number: str):
    course = load_course(ROOT)
    path = course.solution(course.topic(number))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(name: str, length: int) -> tuple[float, float]:
    """Seconds and MiB of one call, in a process of its own."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(measure_here, (name, length))


def measure_here(name: str, length: int) -> tuple[float, float]:
    function, generator = MEASURED[name], torch.Generator().manual_seed(length)
    queries, keys, values = (torch.randn(1, 1, length, HEAD, generator=generator) for _ in range(3))
    few = queries[:, :, :16]
    with torch.no_grad():
        function(few, few, few)  # what is loaded on first use is not the call's
        before, start = peak_mebibytes(), time.process_time()
        function(queries, keys, values)
        spent = [time.process_time() - start]
        memory = peak_mebibytes() - before
        while sum(spent) < ENOUGH:
            start = time.process_time()
            function(queries, keys, values)
            spent.append(time.process_time() - start)
    return min(spent), memory


def peak_mebibytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def run(lengths: list[int], rounds: int) -> dict:
    """Name → seconds and MiB, one of each for a length."""
    found = {name: {"seconds": [], "mebibytes": []} for name in MEASURED}
    for length in lengths:
        turns = [{name: measure(name, length) for name in MEASURED} for _ in range(rounds)]
        for name, columns in found.items():
            columns["seconds"].append(float(f"{min(turn[name][0] for turn in turns):.3g}"))
            columns["mebibytes"].append(round(min(turn[name][1] for turn in turns), 2))
        print(f"T = {length} measured", file=sys.stderr)
    return found


def table(lengths: list[int], found: dict) -> list[str]:
    """Markdown: time and memory with their ratios to PyTorch's own, and how often twice the length costs it."""
    lines = [
        "| T | function | ms | × PyTorch's | MiB | × whole matrix | time, last T to this | memory |",
        "| --: | --- | --: | --: | --: | --: | --: | --: |",
    ]
    whole = found["whole matrix (t13)"]["mebibytes"]
    for n, length in enumerate(lengths):
        for name, columns in found.items():
            seconds, memory = columns["seconds"], columns["mebibytes"]
            cells = [
                f"{length:,}",
                name,
                f"{1000 * seconds[n]:.2f}",
                f"{seconds[n] / found[PEER]['seconds'][n]:.2f}",
            ]
            cells += [f"{memory[n]:.1f}", f"{memory[n] / whole[n]:.3f}" if whole[n] else ""]
            cells += [f"× {now[n] / now[n - 1]:.1f}" if n and now[n - 1] else "" for now in (seconds, memory)]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def draw(lengths: list[int], found: dict) -> str:
    """Time beside PyTorch's own, and memory, over the length."""
    base = found[PEER]["seconds"]
    last = "; ".join(
        f"{name}: {columns['seconds'][-1] / base[-1]:.2f} times PyTorch's time, {columns['mebibytes'][-1]:.0f} MiB"
        for name, columns in found.items()
    )
    label = f"Time and peak memory of five kinds of attention over the length. At {lengths[-1]} positions: {last}."
    with drawing(640, 380, label) as (figure, done):
        time_axes, memory_axes = figure.subplots(1, 2)
        colours = (MUTED, WEIGHT, ANNOTATION, QUERY, CONTEXT)
        for (name, columns), colour, mark in zip(found.items(), colours, (".", *MARKS), strict=True):
            ratios = [a / b for a, b in zip(columns["seconds"], base, strict=True)]
            time_axes.plot(lengths, ratios, color=colour, marker=mark, label=name)
            memory_axes.plot(
                lengths, [max(value, 0.1) for value in columns["mebibytes"]], color=colour, marker=mark
            )
        for axes, title in ((time_axes, "time, PyTorch's own = 1"), (memory_axes, "peak memory in MiB")):
            axes.set(xscale="log", yscale="log", xlabel="positions T", title=title)
            axes.set_xticks(lengths[::2], [str(length) for length in lengths[::2]])
            axes.minorticks_off()
        figure.legend(loc="outside lower center", ncols=2)
    return done[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="keep the figures for t12's page")
    options = parser.parse_args()
    found = run(options.lengths, options.rounds)
    print(f"## Attention over the length (PyTorch {torch.__version__.split('+')[0]}, one thread)\n")
    print("\n".join(table(options.lengths, found)))
    if options.write:
        content = {
            "remake": "python benchmarks/attention.py --write",
            "about": ABOUT,
            "lengths": options.lengths,
        }
        write(DATA, {**content, "functions": found}, remake=False)
        PICTURE.write_text(draw(options.lengths, found), encoding="utf-8")
        print(f"\nwritten: {DATA.relative_to(ROOT)}, {PICTURE.relative_to(ROOT)}")


use_one_thread()
MEASURED = functions()

if __name__ == "__main__":
    main()
