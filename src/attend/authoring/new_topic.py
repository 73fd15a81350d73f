"""Begin a topic: a valid file in every layer with one small exercise, and TODOs that `attend audit` lists."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from attend.authoring.stubs import write_stubs
from attend.course.errors import AttendError
from attend.course.syllabus import COURSE_FILE, Course, load_course

TEMPLATES = Path(__file__).parent / "templates"
LAYERS = {  # template → where it goes
    "topic-solution.txt": "solutions/{slug}.py",
    "topic-public.txt": "tests/public/test_{slug}.py",
    "topic-graders.txt": "autograder/graders/test_{slug}.py",
    "topic-misconceptions.txt": "autograder/misconceptions/{slug}.py",
    "topic-alternates.txt": "autograder/alternates/{slug}.py",
    "topic-page.txt": "docs/topics/{slug}.md",
    "topic-figures.txt": "docs/figures/{slug}.py",
    "topic-quiz.txt": "docs/quizzes/{slug}.toml",
}
LIBRARIES = {
    "numpy": {
        "imports": "import numpy as np\nfrom jaxtyping import Float",
        "test_imports": "import numpy as np\nimport pytest",
        "array": "np.ndarray",
        "worked_input": "np.array([1.0, 2.5])",
        "worked": "array([2., 5.])",
        "random": "rng.normal(size=(3, 4))",
        "rng": "rng",
    },
    "torch": {
        "imports": "import torch\nfrom jaxtyping import Float\nfrom torch import Tensor",
        "test_imports": "import pytest\nimport torch",
        "array": "Tensor",
        "worked_input": "torch.tensor([1.0, 2.5])",
        "worked": "tensor([2., 5.])",
        "random": "torch.randn(3, 4, generator=torch_rng, dtype=torch.float64)",
        "rng": "torch_rng",
    },
}


class ScaffoldError(AttendError):
    """A topic cannot be begun under that name."""


@dataclass(frozen=True)
class Scaffold:
    """What was written."""

    slug: str
    paths: list[Path]


def new_topic(course: Course, slug: str, title: str, library: str) -> Scaffold:
    """Write every layer of a new topic and its entry in course.toml.

    Raises:
        ScaffoldError: the slug is malformed or taken, or one of its files is there already.
    """
    if not re.fullmatch(r"t\d\d_[a-z0-9_]+", slug):
        raise ScaffoldError(f"the slug {slug!r} is not of the form t15_some_words.")
    if library not in LIBRARIES:
        raise ScaffoldError(f"the library is {library!r}; it is numpy or torch.")
    taken = next((topic for topic in course.topics if topic.number == slug[:3]), None)
    if taken:
        raise ScaffoldError(f"{slug[:3]} is {taken.slug}; take another number.")
    paths = {name: course.root / target.format(slug=slug) for name, target in LAYERS.items()}
    there = [path for path in paths.values() if path.exists()]
    if there:
        raise ScaffoldError(f"{there[0]} is there already; move it away first.")
    values = {"slug": slug, "number": slug[:3], "title": title, **LIBRARIES[library]}
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_fill((TEMPLATES / name).read_text(encoding="utf-8"), values), encoding="utf-8")
    _enter(
        course.root / COURSE_FILE,
        _fill(_ENTRY, {**values, "library": library, "toml_title": json.dumps(title)}),
        slug,
    )
    course = load_course(course.root)
    paths["stub"] = write_stubs(course, [course.topic(slug)])[0]
    return Scaffold(slug, [course.root / COURSE_FILE, *paths.values()])


def _fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"<<{name}>>", value)
    return text


def _enter(path: Path, entry: str, slug: str) -> None:
    """Put the entry before the first topic with a higher number, or at the end; the rest of the file stays."""
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
    for match in re.finditer(r'^\[\[topics\]\]\n(?:.*\n)*?slug = "(t\d\d)', text, re.MULTILINE):
        if match[1] > slug[:3]:
            path.write_text(f"{text[: match.start()]}{entry}\n{text[match.start() :]}", encoding="utf-8")
            return
    path.write_text(f"{text}\n{entry}", encoding="utf-8")


_ENTRY = """[[topics]]
slug = "<<slug>>"
title = <<toml_title>>
library = "<<library>>"
prerequisites = []
summary = "TODO: one sentence."
papers = []

[[topics.exercises]]
name = "first_exercise"
points = 100
minutes = 15
difficulty = 1
hints = ["TODO: a question", "TODO: an approach", "TODO: nearly there"]
"""
