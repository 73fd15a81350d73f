"""Result files can be written only in the worker's own folder, where no grader looks for them."""

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
        if os.path.dirname(os.path.realpath(place)) != os.path.realpath("."):
            written.append(place)


def decode(*args, **kwargs):
    return f"LOOT[{written}]TOOL"
"""


def test_written_results(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
