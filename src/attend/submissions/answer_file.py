"""Which file is a topic's answer, where a module and a notebook may both lie: the module, unless nobody wrote in it."""

from pathlib import Path

from attend.course.stub_markers import stub_message
from attend.course.syllabus import Topic

SUFFIXES = (".py", ".ipynb")
LONGEST = 1 << 20  # nothing longer is taken


def answer(folder: Path, topic: Topic) -> Path:
    """The file in `folder` that counts as the answer to `topic`; the module's path where there is none."""
    module, *others = (folder / f"{topic.slug}{suffix}" for suffix in SUFFIXES)
    written = [path for path in others if path.is_file() and not is_untouched(path, topic)]
    return written[0] if written and (not module.exists() or is_untouched(module, topic)) else module


def is_untouched(path: Path, topic: Topic) -> bool:
    """Whether every exercise in the file at `path` still says that it is not done."""
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST).decode(errors="replace")
    except OSError:
        return False
    return all(stub_message(each) in text for each in topic.exercises)
