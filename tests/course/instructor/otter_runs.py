"""Run otter on several submissions in one process: `python otter_runs.py ZIP OUT SUBMISSION…`.

Each submission's results.json becomes OUT/NAME.json. What `otter run` does is one function of otter's, which is called here.
"""

import shutil
import sys
from pathlib import Path

from otter.run import main

if __name__ == "__main__":
    autograder, out, *submissions = sys.argv[1:]
    for path in map(Path, submissions):
        folder = Path(out) / "run"
        folder.mkdir(parents=True)
        main(str(path), autograder=autograder, output_dir=str(folder), no_logo=True)
        (folder / "results.json").rename(Path(out) / f"{path.parent.name}-{path.stem}.json")
        shutil.rmtree(folder)
