"""Result files written where graders look for them are refused, and would not be read."""

ATTACK = """
import contextlib
import json
import os

POINTS = json.dumps({"score": 100, "tests": [{"score": 100, "max_score": 100}]})
PLACES = ["results.json", "/autograder/results/results.json", "/tmp/owned-results.json", "grades.csv", "owned.csv"]
PLACES += ["/dev/shm/owned-results.json", os.path.expanduser("~/owned-results.json"), ".OTTER_LOG"]
written = []
for place in PLACES:
    with contextlib.suppress(OSError):
        open(place, "w").write(POINTS)
        written.append(place)


def decode(*args, **kwargs):
    return f"LOOT[{written}]TOOL"
"""


def test_written_results(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
