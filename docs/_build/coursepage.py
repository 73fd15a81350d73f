"""The parts of a page that the build makes: the header, the exercises, the common mistakes, the papers.

A page calls them from its own Python blocks (markdown-exec); each returns Markdown. They read `course.toml`, the
stubs, the public tests and the *sentences* of the misconception bank. Nothing here returns a solution, a hidden
test or a line of a misconception: check_site.py proves it on the built site.
"""

import ast
import importlib
import importlib.util
import re
from functools import cache, cached_property
from html import escape
from pathlib import Path
from textwrap import indent
from types import ModuleType

import controls
import quizzes
import widgets
import yaml
from addresses import up
from places import listed_places

from attend.authoring.hosted import notebook_path
from attend.course.bibliography import Reference, read_references
from attend.course.source import definition_text
from attend.course.syllabus import Course, Exercise, Topic, load_course
from attend.testing.small_table import SmallTable
from attend.testing.ways import SealedWays

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = {"numpy": "NumPy", "torch": "PyTorch"}
HINTS = ("a question", "an approach", "nearly there")
SCRIPTS = ("exercise", "progress", "work")


class PageError(Exception):
    """A page and the course do not agree; the message says how to mend it."""


@cache
def course() -> Course:
    return load_course(ROOT)


@cache
def reference(slug: str) -> ModuleType:
    """A topic's finished module; t10 to t12 have one before they have a page."""
    path = ROOT / "solutions" / f"{slug}.py"
    spec = importlib.util.spec_from_file_location(f"reference_{slug}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Page:
    """One topic's page."""

    def __init__(self, slug: str):
        self.topic: Topic = course().topic(slug)
        self.up = up(f"topics/{slug}.md")
        self.text = course().page(self.topic).read_text(encoding="utf-8")
        for exercise in self.topic.exercises:
            heading = f"### {exercise.label} {exercise.name} {{ #{exercise.name} }}"
            if heading not in self.text:
                raise PageError(f"docs/topics/{slug}.md lacks the heading `{heading}`.")
        if "\n## Quiz\n" not in self.text or "print(page.quiz())" not in self.text:
            raise PageError(f"docs/topics/{slug}.md lacks `## Quiz` with a block that prints page.quiz().")

    @property
    def reference(self) -> ModuleType:
        """The finished module, to compute with. Never print its source."""
        return reference(self.topic.slug)

    def header(self) -> str:
        """What the topic asks for: what comes before, minutes, difficulty, exercises."""
        topic = self.topic
        hardest = max(exercise.difficulty for exercise in topic.exercises)
        facts = {
            "Read first": ", ".join(_topic_link(slug, self.up) for slug in topic.prerequisites)
            or "nothing: start here",
            "Time": f"about {_duration(topic.minutes)}",
            "Difficulty": f"up to {_dots(hardest)}",
            "Exercises": f"{len(topic.exercises)} for {topic.points:g} points",
            "Written in": _library_link(topic.library, self.up),
        }
        if runs_in_page(topic):
            facts["In this browser"] = _progress(topic)
        items = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())
        names = [*(SCRIPTS if runs_in_page(topic) else ()), *(["examples"] if self._table.rows else [])]
        scripts = "".join(_script(name, self.up) for name in names)
        summary = f'{scripts}<p class="topic-summary">{escape(topic.summary)}</p>'
        return f'{summary}\n\n<dl class="facts">{items}</dl>{self._hosts()}'

    def _hosts(self) -> str:
        """Buttons that open the topic's notebook where PyTorch is installed; none without `repo_url` in course.toml."""
        repository = course().repository
        if repository is None or runs_in_page(self.topic):
            return ""
        links = repository.opened_in(notebook_path(self.topic)).items()
        buttons = [f'<a class="md-button" href="{escape(url)}">Open in {name}</a>' for name, url in links]
        return f'<p class="hosts">{" ".join(buttons)}</p>'

    def figure(self, name: str) -> str:
        """The figure `name` of docs/figures/SLUG.py, drawn with the reference module."""
        return getattr(importlib.import_module(self.topic.slug), name)(self.reference)

    def notebook(self) -> str:
        """A link by which a browser saves the topic's notebook."""
        name = f"assignments/{self.topic.slug}.ipynb"
        return f'<a href="{self.up}files/{name}" download>Save the notebook</a>'

    def widget(self, name: str) -> str:
        """The live figure `name` of docs/_build/widgets/, in its first state, with its script."""
        return widgets.widget(name, base=self.up)

    def quiz(self) -> str:
        """The topic's three questions, from docs/quizzes/SLUG.toml."""
        return quizzes.quiz(self.topic.slug, base=self.up)

    def exercise(self, name: str) -> str:
        """What stands under an exercise's task: facts, examples, the stub, public tests, hints, links.

        The stub of a topic that a browser can run is an editor with buttons; the others tell the command. Below the last
        exercise of such a topic are the files of a reader's work.
        """
        exercise = self.topic.exercise(name)
        slug = self.topic.slug
        in_page = runs_in_page(self.topic)
        opening = "Write it here, or in" if in_page else "Write it in"
        command = f"{self.topic.number}.{exercise.number}"
        forms = self._table.forms(name)
        has_ways = name in self._sealed.exercises
        ways = (
            f" When it is right, <code>attend ways {command}</code> shows other ways to write it."
            if has_ways and not in_page
            else ""
        )
        parts = [
            f'<p class="exercise-facts">{self._facts(exercise)}</p>',
            f'<p class="exercise-facts">{opening} <a href="{self.up}files/assignments/{slug}.py" download>{slug}.py</a> '
            f"and try it with <code>attend check {command}</code> against "
            f'<a href="{self.up}files/tests/public/test_{slug}.py" download>the public tests</a>.{ways}</p>',
            '<div data-search-exclude markdown="block">',
            *([controls.examples(exercise, forms)] if forms else []),
            controls.runner(exercise, self._stub(exercise), has_ways)
            if in_page
            else _details("Your stub", _fenced(self._stub(exercise))),
            _details("The tests you can read", _fenced(self._public_tests(exercise))),
            *(
                _details(f"Hint {index}: {kind}", hint)
                for index, (kind, hint) in enumerate(zip(HINTS, exercise.hints, strict=False), start=1)
            ),
            "</div>",
        ]
        body = "\n\n".join(parts)
        is_last = exercise == self.topic.exercises[-1]
        work = f"\n\n{controls.work(self.topic)}" if in_page and is_last else ""
        return (
            f'<div class="exercise" data-topic="{slug}" data-exercise="{exercise.name}" markdown="block">'
            f"\n\n{body}\n\n</div>{work}"
        )

    def mistakes(self) -> str:
        """The misconception bank's sentences, an exercise at a time."""
        parts = []
        for exercise in self.topic.exercises:
            entries = [
                f"**{_title(name)}.** {sentence}"
                for name, owner, sentence in self._sentences
                if owner == exercise.name
            ]
            if entries:
                count = f"{len(entries)} mistake{'s' if len(entries) > 1 else ''}"
                body = "\n".join(f"- {entry}" for entry in entries)
                parts.append(_details(f"{exercise.label} {exercise.name}: {count}", body))
        return '<div class="mistakes" markdown="block">\n\n' + "\n\n".join(parts) + "\n\n</div>"

    def papers(self, **notes: str) -> str:
        """The topic's papers, each with what to read in it: one note for every key in course.toml.

        A note links another topic's page by its file, as `[t07](t07_bahdanau_luong.md)`.
        """
        if set(notes) != set(self.topic.papers):
            raise PageError(
                f"{self.topic.slug}: notes for {sorted(notes)}, but its papers are {self.topic.papers}."
            )
        library = references()
        lines = []
        for key in self.topic.papers:
            note = re.sub(r"\]\((t\d\d_\w+)\.md\)", rf"]({self.up}topics/\1/)", notes[key])
            lines.append(
                f"- [{library[key].short}]({self.up}references/#{key}), *{library[key]['title']}*. {note}"
            )
        return "\n".join(lines)

    def _facts(self, exercise: Exercise) -> str:
        facts = [f"<strong>{exercise.points:g} points</strong>", f"about {exercise.minutes} minutes"]
        facts.append(_dots(exercise.difficulty))
        if exercise.builds_on:
            links = ", ".join(f'<a href="#{name}">{name}</a>' for name in exercise.builds_on)
            facts.append(f"builds on {links}")
        return " · ".join(facts)

    @cached_property
    def _table(self) -> SmallTable:
        return SmallTable.read(course().small_calls(self.topic))

    @cached_property
    def _sealed(self) -> SealedWays:
        return SealedWays.read(course().ways(self.topic))

    @cached_property
    def _stub_text(self) -> str:
        return course().assignment(self.topic).read_text(encoding="utf-8")

    def _stub(self, exercise: Exercise) -> str:
        return definition_text(self._stub_text, exercise.target)

    def _public_tests(self, exercise: Exercise) -> str:
        text = course().public_tests(self.topic).read_text(encoding="utf-8")
        tests = [
            definition_text(text, node.name)
            for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef) and exercise.name in _marks(node, "exercise")
        ]
        if not tests:
            raise PageError(f"{self.topic.slug}: no public test is marked with exercise {exercise.name!r}.")
        return "\n\n".join(tests)

    @cached_property
    def _sentences(self) -> list[tuple[str, str, str]]:
        """(name, exercise, sentence) of every misconception, read without running the bank."""
        tree = ast.parse(course().misconceptions(self.topic).read_text(encoding="utf-8"))
        found = []
        for node in tree.body:
            for decorator in getattr(node, "decorator_list", ()):
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "misconception":
                    exercise, sentence = (ast.literal_eval(argument) for argument in decorator.args[:2])
                    found.append((node.name, exercise, sentence))
        return found


def runs_in_page(topic: Topic) -> bool:
    """Whether a browser can run the topic: no registry ships PyTorch for one."""
    return topic.library == "numpy"


def topics(base: str) -> str:
    """Every topic of the course, with its facts; `base` leads from the page to the site's root."""
    cards = []
    for topic in course().topics:
        facts = f"{_duration(topic.minutes)} · {len(topic.exercises)} exercises · {LIBRARIES[topic.library]}"
        if runs_in_page(topic):
            facts += f" · {_progress(topic)}"
        cards.append(
            f'<li><p class="topic-card__title">{_topic_link(topic.slug, base)}</p>'
            f'<p>{escape(topic.summary)}</p><p class="topic-card__facts">{facts}</p></li>'
        )
    return f'<ul class="topic-cards">{"".join(cards)}</ul>{_script("progress", base)}'


@cache
def references() -> dict[str, Reference]:
    return read_references(ROOT)


def bibliography() -> str:
    """The references page: an entry a paper, its anchor the key."""
    parts = []
    for key, paper in sorted(references().items(), key=lambda item: item[1]["author"].lower()):
        authors = ", ".join(paper.authors).replace("others", "and others")
        used = [topic for topic in course().topics if key in topic.papers]
        links = ", ".join(_topic_link(topic.slug, up("references.md")) for topic in used)
        where = f" Read in {links}." if used else ""
        parts.append(
            f"### {paper['title']} {{ #{key} }}\n\n{authors}. *{paper.venue}*, {paper['year']}. "
            f"[{_host(paper['url'])}]({paper['url']}).{where}\n\n"
            + "\n\n".join([*_cited(key), _details(f"BibTeX: {key}", f"```bibtex\n{paper.bibtex}\n```")])
        )
    return "\n\n".join(parts)


def _cited(key: str) -> list[str]:
    """A row that opens: the places of a paper that the course cites, and what is there."""
    places = listed_places().get(key, {})
    if not places:
        return []
    rows = "\n".join(f"- {place}: {escape(words)}" for place, words in places.items())
    return [_details(f"Cited: {', '.join(places)}", rows)]


def citation() -> str:
    """The course itself as BibTeX, from CITATION.cff."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    authors = " and ".join(f"{{{author['name']}}}" for author in cited["authors"])
    licences = dict(zip(("Code", "text"), cited["license"], strict=True))
    note = f"Version {cited['version']}. " + ", ".join(f"{part} {name}" for part, name in licences.items())
    return (
        f"```bibtex\n@misc{{attend{cited['version'][:4]},\n  author = {{{authors}}},\n  title = {{{cited['title']}}},\n"
        f"  year = {{{cited['version'][:4]}}},\n  note = {{{note}}},\n}}\n```"
    )


def glossary_is_whole() -> str:
    """Nothing; raises where a tooltip has no entry in the glossary."""
    tooltips = (ROOT / "docs" / "includes" / "abbreviations.md").read_text(encoding="utf-8")
    entries = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
    for term in re.findall(r"^\*\[(.+?)\]:", tooltips, re.MULTILINE):
        if not re.search(rf"^\*\*.*\b{re.escape(term.lower().rstrip('s'))}", entries, re.MULTILINE):
            raise PageError(f"docs/glossary.md has no entry for the tooltip {term!r}.")
    return ""


def _topic_link(slug: str, base: str) -> str:
    topic = course().by_slug.get(slug)
    name = f"{topic.number} {topic.title}" if topic else slug.replace("_", " ")
    if topic is None or not course().page(topic).exists():
        return escape(name)
    return f'<a href="{base}topics/{slug}/">{escape(name)}</a>'


def _library_link(library: str, base: str) -> str:
    """The library's name; PyTorch's leads to the page that shows its calls."""
    name = LIBRARIES[library]
    return f'<a href="{base}pytorch/">{name}</a>' if library == "torch" else name


def _progress(topic: Topic) -> str:
    """How many exercises have passed in this browser; docs/assets/exercise/progress.js counts them."""
    names = " ".join(exercise.name for exercise in topic.exercises)
    return f'<attend-progress topic="{topic.slug}" exercises="{names}">0 of {len(topic.exercises)} done</attend-progress>'


def _script(name: str, base: str) -> str:
    return f'<script type="module" src="{base}assets/exercise/{name}.js"></script>'


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest else [])])


def _dots(difficulty: int) -> str:
    return (
        f'<span class="dots" role="img" aria-label="difficulty {difficulty} of 3">'
        f"{'●' * difficulty}{'○' * (3 - difficulty)}</span>"
    )


def _details(title: str, body: str) -> str:
    return f'??? quiet "{title}"\n\n{indent(body, "    ")}'


def _fenced(code: str, language: str = "python") -> str:
    return f"````{language}\n{code.rstrip()}\n````"


def _title(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).replace("_", " ").lower()
    return words[0].upper() + words[1:]


def _host(url: str) -> str:
    match = re.search(r"arxiv\.org/abs/(.+)$", url)
    return f"arXiv:{match[1]}" if match else url.split("/")[2]


def _marks(node: ast.FunctionDef, name: str) -> list[str]:
    return [
        argument.value
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") == name
        for argument in decorator.args
        if isinstance(argument, ast.Constant)
    ]
