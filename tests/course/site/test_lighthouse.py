"""Lighthouse's marks, on a phone with a slow network and a slow processor."""

import json
import os
import subprocess

import pytest

from .web import PATH

PAGES = ("/", "/topics/t03_attention_decoding/", "/topics/t13_transformer/")
LEAST = {"performance": 85, "accessibility": 100, "best-practices": 100, "seo": 100}


@pytest.mark.parametrize("path", PAGES)
def test_lighthouse(server, tools, browser_program, tmp_path, path):
    """Fast enough, and nothing to mend."""
    report = tmp_path / "report.json"
    made = subprocess.run(
        [
            "node",
            tools / "lighthouse" / "cli" / "index.js",
            f"{server}{path}",
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(LEAST)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking",
        ],
        env=os.environ | {"PATH": PATH, "CHROME_PATH": browser_program},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert made.returncode == 0, made.stderr
    found = json.loads(report.read_text(encoding="utf-8"))
    marks = {name: round(100 * found["categories"][name]["score"]) for name in LEAST}
    print(path, marks)
    lost = {
        audit["id"]: audit.get("displayValue", audit["title"])
        for category in found["categories"].values()
        for audit in (found["audits"][reference["id"]] for reference in category["auditRefs"])
        if audit["score"] is not None and audit["score"] < 0.9
    }
    assert all(marks[name] >= least for name, least in LEAST.items()), (marks, lost)
