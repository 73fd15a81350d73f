"""Lighthouse's marks, on a phone with a slow network and a slow processor."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from .web import PATH

PAGES = ("/", "/topics/t03_attention_decoding/", "/topics/t13_transformer/")
LEAST = {"performance": 85, "accessibility": 100, "best-practices": 100, "seo": 100}
# its speed is measured with a clock, so a busy machine gets more; the other marks never change
TRIES = 3
# below this a page is too slow for any machine; up to what is asked for, one that is busy may be the cause
SLOW = 70


def lighthouse(program: str, tools: Path, address: str, report: Path) -> dict:
    """One run's report, as Lighthouse writes it."""
    made = subprocess.run(
        [
            "node",
            tools / "lighthouse" / "cli" / "index.js",
            address,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(LEAST)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking",
        ],
        env=os.environ | {"PATH": PATH, "CHROME_PATH": program},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert made.returncode == 0, made.stderr
    return json.loads(report.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PAGES)
def test_lighthouse(server, tools, browser_program, tmp_path, path):
    """Fast enough, and nothing to mend."""
    best: dict = {}
    for _ in range(TRIES):
        found = lighthouse(browser_program, tools, f"{server}{path}", tmp_path / "report.json")
        marks = {name: round(100 * found["categories"][name]["score"]) for name in LEAST}
        print(path, marks, "on a machine of", found["environment"]["benchmarkIndex"])
        if not best or marks["performance"] > best["performance"]:
            best = marks
        if best["performance"] >= LEAST["performance"]:
            break
    lost = {
        audit["id"]: audit.get("displayValue", audit["title"])
        for category in found["categories"].values()
        for audit in (found["audits"][reference["id"]] for reference in category["auditRefs"])
        if audit["score"] is not None and audit["score"] < 0.9
    }
    short = {name: mark for name, mark in best.items() if mark < LEAST[name]}
    if set(short) == {"performance"} and short["performance"] >= SLOW:
        machine = found["environment"]["benchmarkIndex"]
        pytest.xfail(f"{path}: {short['performance']} of 85 for speed, on a machine of {machine}; {lost}")
    assert short == {}, lost
