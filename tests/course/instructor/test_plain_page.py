"""Pages as a release carries them: words where the site has pictures, and a place for every link."""

import re

import pytest

from attend.authoring.plain_pages import plain_page
from attend.course.syllabus import load_course

from ..common import ROOT

COURSE = load_course(ROOT)
PAGES = sorted(
    path for path in (ROOT / "docs").rglob("*.md") if not {"instructors", "node_modules"} & set(path.parts)
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_page_keeps_what_only_the_site_understands(path):
    topic = next((topic for topic in COURSE.topics if COURSE.page(topic) == path), None)
    text = plain_page(COURSE, path.read_text(encoding="utf-8"), topic)
    for left in (
        "exec=",
        "coursepage",
        "page.reference",
        "{ #",
        "{ .",
        r"\query{",
        r"\ann{",
        r"\weight{",
        r"\context{",
    ):
        assert left not in text, left
    assert text.count("```") % 2 == 0


@pytest.mark.parametrize("topic", COURSE.topics, ids=lambda topic: topic.number)
def test_every_exercise_has_its_task_its_facts_and_the_place_that_check_names(topic):
    text = plain_page(COURSE, COURSE.page(topic).read_text(encoding="utf-8"), topic)
    for exercise in topic.exercises:
        _, found, rest = text.partition(
            f'<a id="{exercise.name}"></a>\n\n### {exercise.label} {exercise.name}\n'
        )
        assert found
        task = re.split(r"<a id=|^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
        assert f"{exercise.points:g} points, about {exercise.minutes} minutes" in task
        assert f"attend check {exercise.label}" in task
        assert len(task.split(f"*{exercise.points:g} points")[0].split()) >= 8, (
            "the task's own words come first"
        )
    assert topic.summary in text
    for key in topic.papers:
        assert re.search(r"^- \[\*.+\*\]\(https?://", text.partition("## Papers")[2], re.MULTILINE), key


def test_a_figure_is_told_in_the_words_of_what_draws_it():
    topic = COURSE.topic("t01")
    text = plain_page(COURSE, COURSE.page(topic).read_text(encoding="utf-8"), topic)
    assert "*On the course's site, drawn: Encoder, one vector, decoder.*" in text


def test_an_example_stays_and_its_names_are_not_given_away():
    source = 'a\n\n```python exec="true" session="t01"\nf = page.reference.f\n```\n\n'
    source += '```python exec="true" source="block" result="text" session="t01"\nprint(f(1))\n```\n'
    assert plain_page(COURSE, source) == "a\n\n```python\nprint(f(1))\n```\n"


def test_colours_inside_colours_leave_the_formula():
    assert (
        plain_page(COURSE, r"$\weight{\alpha_{\query{s_{i}}}} \in \R^3$")
        == r"${\alpha_{{s_{i}}}} \in \mathbb{R}^3$"
    )
