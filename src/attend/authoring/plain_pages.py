"""Turn a page's source into Markdown that can be read without the site: in an editor, in a terminal, on a forge.

Only who has the solutions can build the site. In a release each Python block that would draw or compute something
becomes the words that describe it; nothing is run.
"""

import ast
import re
from collections.abc import Callable
from textwrap import dedent

from attend.course.bibliography import read_references
from attend.course.source import find_definition
from attend.course.syllabus import Course, Topic
from attend.course.words import how_many

BLOCK = re.compile(
    r'^(?P<indent> *)```python exec="true"(?P<options>[^\n]*)\n(?P<code>.*?)^(?P=indent)```$',
    re.DOTALL | re.MULTILINE,
)
ANCHOR = re.compile(r"^(.+?) *\{ *#([\w-]+) *\}$", re.MULTILINE)
COLOUR = re.compile(r"\\(?:query|ann|weight|context)(?=\{)")
LIBRARIES = {"numpy": "NumPy", "torch": "PyTorch"}


def plain_page(course: Course, text: str, topic: Topic | None = None) -> str:
    """The page `text` without generators; that of `topic`, if it is a topic's."""

    def in_words(match: re.Match) -> str:
        if 'source="block"' in match["options"]:
            return f"```python\n{dedent(match['code']).rstrip()}\n```"
        return "\n\n".join(filter(None, (_describe(course, topic, call) for call in _printed(match["code"]))))

    text = BLOCK.sub(in_words, text)
    text = ANCHOR.sub(r'<a id="\2"></a>\n\n\1', text)  # the links of `attend check` lead there
    text = re.sub(r"\{ *\.[\w. -]+\}", "", text)  # classes of the site's stylesheet
    text = COLOUR.sub("", text)
    text = re.sub(r"\\R(?![A-Za-z])", r"\\mathbb{R}", text)
    return re.sub(r"\n{3,}", "\n\n", text)


def _printed(code: str) -> list[ast.Call]:
    """The calls whose results a block prints."""
    return [
        node.value.args[0]
        for node in ast.parse(dedent(code)).body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "print"
        and node.value.args
        and isinstance(node.value.args[0], ast.Call)
    ]


def _describe(course: Course, topic: Topic | None, call: ast.Call) -> str:
    """The words for one generated part; none where only a browser can show it."""
    of_topic: dict[str, Callable[..., str]] = {
        "header": _header,
        "figure": _figure,
        "exercise": _exercise,
        "mistakes": _mistakes,
        "papers": _papers,
    }
    of_course: dict[str, Callable[..., str]] = {"topics": _topics, "bibliography": _bibliography}
    arguments = [ast.literal_eval(argument) for argument in call.args]
    keywords = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    if isinstance(call.func, ast.Name) and call.func.id in of_course:
        return of_course[call.func.id](course, *arguments, **keywords)
    if topic is not None and isinstance(call.func, ast.Attribute) and call.func.attr in of_topic:
        return of_topic[call.func.attr](course, topic, *arguments, **keywords)
    return ""


def _header(course: Course, topic: Topic) -> str:
    before = ", ".join(
        f"[{known.number} {known.title}]({slug}.md)" if (known := course.by_slug.get(slug)) else slug
        for slug in topic.prerequisites
    )
    return (
        f"{topic.summary}\n\nRead first: {before or 'nothing, start here'}. About {topic.minutes} minutes, "
        f"{how_many(len(topic.exercises), 'exercise')} for {how_many(topic.points, 'point')}, "
        f"written in {LIBRARIES[topic.library]}."
    )


def _figure(course: Course, topic: Topic, name: str) -> str:
    """What the figure shows, in the words of the function that draws it."""
    path = course.root / "docs" / "figures" / f"{topic.slug}.py"
    tree = ast.parse(path.read_text(encoding="utf-8") if path.exists() else "")
    function = find_definition(tree, name)
    words = ast.get_docstring(function) if function else None
    return f"*On the course's site, drawn: {words.splitlines()[0]}*" if words else ""


def _exercise(course: Course, topic: Topic, name: str) -> str:
    exercise = topic.exercise(name)
    facts = [how_many(exercise.points, "point"), f"about {exercise.minutes} minutes"]
    if exercise.builds_on:
        facts.append("builds on " + ", ".join(f"[{other}](#{other})" for other in exercise.builds_on))
    return (
        f"*{', '.join(facts)}.* Write it in [{topic.slug}.py](../../assignments/{topic.slug}.py), try it with "
        f"`attend check {exercise.label}` against [the public tests](../../tests/public/test_{topic.slug}.py); "
        f"`attend hint {exercise.label}` helps."
    )


def _mistakes(course: Course, topic: Topic) -> str:
    return f"The site lists them. `attend check {topic.number}` tells you the one that is yours."


def _papers(course: Course, topic: Topic, **notes: str) -> str:
    known = read_references(course.root)
    return "\n".join(f"- {_entry(known.get(key, {}), key)}. {note}" for key, note in notes.items())


def _topics(course: Course, base: str) -> str:
    """The list of topics; `base` leads from the page's address on the site to the site's root."""
    folder = "" if base else "topics/"
    return "\n".join(
        f"- [{topic.number} {topic.title}]({folder}{topic.slug}.md): {topic.summary}"
        for topic in course.topics
    )


def _bibliography(course: Course) -> str:
    return "\n".join(
        f'- <a id="{key}"></a>{_entry(fields, key)}, {fields.get("author", "")}, {fields.get("year", "")}.'
        for key, fields in sorted(read_references(course.root).items())
    )


def _entry(fields: dict[str, str], key: str) -> str:
    title = f"*{fields.get('title', key)}*"
    return f"[{title}]({fields['url']})" if "url" in fields else title
