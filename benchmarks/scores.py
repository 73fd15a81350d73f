"""Measure dot, general, concat and additive scores on sentences that grow: what the t09 page shows.

    python benchmarks/scores.py

Runs the references of t08 and t09 on the same PyTorch tensors with one thread, n queries against n keys. The sizes take
turns, round after round, and the best round of each counts. What counts is the processor's time for this thread, so that
a busy machine changes little. Writes docs/data/scores.json.
"""

import json
import os
import time
from pathlib import Path

import torch

from attend.course.syllabus import load_course
from attend.course.threads import use_one_thread
from attend.student.module import load_module

SIZES = (8, 16, 32, 64, 128, 256, 512)
VECTOR, HIDDEN = 64, 64
ROUNDS = 9
ENOUGH = 0.02  # seconds that a timing lasts, at least


def scores(t08, t09) -> dict:
    """Each score as a function of queries and keys (B, n, D)."""
    W = torch.randn(VECTOR, VECTOR)
    W_q, W_k, v = torch.randn(HIDDEN, VECTOR), torch.randn(HIDDEN, VECTOR), torch.randn(HIDDEN)
    joined = torch.cat([W_q, W_k], dim=1)
    return {
        "dot": t08.score_matrix,
        "general": lambda q, k: t08.score_matrix(q, k, W),
        "additive": lambda q, k: t09.additive_score(q, k, W_q, W_k, v),
        "concat": lambda q, k: t09.concat_score(q, k, joined, v),
    }


def seconds(score, queries: torch.Tensor, keys: torch.Tensor) -> float:
    """One call's processor time, out of as many calls as make a measurable time."""
    calls = 1
    while True:
        start = time.thread_time()
        for _ in range(calls):
            score(queries, keys)
        spent = time.thread_time() - start
        if spent >= ENOUGH:
            return spent / calls
        calls *= 2


@torch.inference_mode()
def measure() -> dict[str, list[float]]:
    course = load_course()
    t08, t09 = (
        load_module(path.read_text(encoding="utf-8"), path.stem, str(path))
        for path in (course.solution(course.topic(number)) for number in ("t08", "t09"))
    )
    best = {name: [float("inf")] * len(SIZES) for name in scores(t08, t09)}
    for _ in range(ROUNDS):
        for place, size in enumerate(SIZES):
            queries, keys = torch.randn(1, size, VECTOR), torch.randn(1, size, VECTOR)
            for name, score in scores(t08, t09).items():
                best[name][place] = min(best[name][place], seconds(score, queries, keys))
    return best


def main() -> None:
    use_one_thread()
    torch.manual_seed(8)
    best = measure()
    content = {
        "remake": "python benchmarks/scores.py",
        "about": f"Seconds of processor time of one call, the best of {ROUNDS} rounds, on one thread: n queries against n "
        f"keys of {VECTOR} numbers, {HIDDEN} hidden units, float32. Ratios hold on other machines, seconds do not.",
        "machine": f"{os.cpu_count()} cores, PyTorch {torch.__version__.split('+')[0]}",
        "vector": VECTOR,
        "hidden": HIDDEN,
        "sizes": list(SIZES),
        "seconds": {name: [float(f"{value:.3g}") for value in values] for name, values in best.items()},
    }
    path = load_course().root / "docs" / "data" / "scores.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
    Path(path).write_text("{\n" + lines + "\n}\n", encoding="utf-8")
    for name, values in best.items():
        print(f"{name:<9}", "  ".join(f"{1e6 * value:>9.1f} µs" for value in values))


if __name__ == "__main__":
    main()
