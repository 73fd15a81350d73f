"""A summary of the hidden graders for students: for each exercise, how many tests of which kind, and nothing else.

`attend fingerprints` makes `tests/public/outlook/SLUG.json` from the graders, and students get these files: so they know
for what kinds of tests points can be lost.
"""

import inspect
import json
import re
from pathlib import Path

from attend.course.syllabus import Course, Topic
from attend.testing.items import function_of
from attend.testing.session import TopicTests

# The kinds, each with the words by which its tests are recognised. The first that fits counts.
KINDS = (
    ("little memory", r"fit into memory"),
    ("gradients", r"gradient|backward|learns|\.grad\b"),
    ("dtypes", r"float32|dtype|precision"),
    (
        "extreme numbers",
        r"huge|extreme|overflow|10,000|1e4|ten_thousand|too large|very low|very high|saturate",
    ),
    ("masks and padding", r"mask|hidden|padding|padded|allowed|nothing_to_attend|no_weight"),
    ("errors", r"raises|refused|error"),
    ("smallest sizes", r"single|only one|only_one|one_word|one word|empty|no row|is_enough|max_len"),
    ("batches", r"batch"),
    ("PyTorch as a peer", r"pytorch|torch\.nn"),
    ("worked by hand", r"by_hand|by hand|worked"),
)
OTHER = "properties"


def kind_of(name: str, sentence: str, source: str, exercise: str) -> str:
    """The kind of a test, from its name and its sentence; from its code only whether it asks for gradients."""
    words = f"{name} {sentence}".lower().replace(exercise.lower(), "")
    for kind, pattern in KINDS:
        if re.search(pattern, words):
            return kind
    return "gradients" if re.search(r"requires_grad|\.backward\(|gradcheck|autograd", source) else OTHER


def build_summary(course: Course, topic: Topic) -> dict[str, dict[str, int]]:
    """Exercise → kind → number of hidden tests, in the order of the kinds.

    Raises:
        SessionError: the graders cannot be collected.
    """
    tests = TopicTests(course, topic, course.graders(topic))
    order = [kind for kind, _ in KINDS] + [OTHER]
    summary = {}
    for exercise in topic.exercises:
        kinds = []
        for item in tests.items[exercise.name]:
            function = function_of(item)
            sentence = (function.__doc__ or "").strip().partition("\n")[0]
            kinds.append(kind_of(item.name, sentence, inspect.getsource(function), exercise.name))
        summary[exercise.name] = {kind: kinds.count(kind) for kind in order if kind in kinds}
    tests.close()
    return summary


def summary_path(course: Course, topic: Topic) -> Path:
    """The file of the summary of the topic's graders."""
    return course.root / "tests" / "public" / "outlook" / f"{topic.slug}.json"


def summary_text(summary: dict[str, dict[str, int]]) -> str:
    """The summary as JSON, for a file."""
    return json.dumps(summary, indent=1) + "\n"


def read_summary(course: Course, topic: Topic) -> dict[str, dict[str, int]]:
    """The summary in the topic's file; empty where there is no such file."""
    try:
        text = summary_path(course, topic).read_text(encoding="utf-8")
        summary: dict[str, dict[str, int]] = json.loads(text)
    except (OSError, ValueError):
        return {}
    return summary
