"""What readers work with in a topic's page, as HTML that a script takes over: editors, examples, files and progress codes.

The scripts are in docs/assets/exercise/. Without a script a page shows the same, with buttons that are off.
"""

from collections.abc import Iterable
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from attend.course.syllabus import Exercise, Topic

EXERCISE_BUTTONS = (("edit", "Edit"), ("run", "Run tests"), ("stop", "Stop"), ("reset", "Reset"))
FILE_BUTTONS = (
    ("module", "Download module"),
    ("hand_in", "Download hand-in"),
    ("choose", "Open a file"),
    ("back", "Bring back"),
)
CODE_BUTTONS = (("make", "Make a code"), ("use", "Use this code"))
NO_SCRIPT = '<noscript><p class="exercise-facts">The buttons need JavaScript.</p></noscript>'
AS_TYPED = 'spellcheck="false" autocapitalize="off" autocomplete="off"'
FEWEST_LINES, MOST_LINES = 10, 30  # of an editor; what is longer scrolls
COLUMNS = 76  # of an editor on a wide screen; a longer line is wrapped


def runner(exercise: Exercise, stub: str, has_ways: bool) -> str:
    """The stub as exercise.js takes it over, and the place for other ways to write it where the course has some."""
    stub = stub.rstrip() + "\n"
    label, hint = f"{exercise.label} {exercise.name}", f"keys-{exercise.name}"
    needed = 1 + sum(max(1, -(-len(line) // COLUMNS)) for line in stub.splitlines())
    lines = min(max(needed, FEWEST_LINES), MOST_LINES)
    ways = (
        '<div class="exercise-ways"><details class="quiet" hidden><summary>Other ways to write it</summary>'
        "<div></div></details></div>"
    )
    return (
        f'<div><attend-exercise topic="{exercise.slug}" name="{exercise.name}" label="{label}">'
        f'<div class="exercise-code highlight no-copy" style="--lines:{lines}" tabindex="0" role="group" '
        f'aria-label="{label}: the stub"><pre><code>{_hanging(stub)}</code></pre></div>'
        f'<div class="exercise-bar">{_buttons(EXERCISE_BUTTONS)}<span class="exercise-hint" id="{hint}">'
        "Ctrl-Enter runs; Escape, then Tab, leaves the editor</span></div>"
        f'<div class="exercise-verdict" role="status"></div>{ways if has_ways else ""}</attend-exercise>'
        f"{NO_SCRIPT}</div>"
    )


def examples(exercise: Exercise, forms: list[str]) -> str:
    """A closed field for a reader's examples, which examples.js checks.

    Args:
        forms: calls of the exercise's function, to show what a call looks like.
    """
    hint = f"examples-{exercise.name}"
    return (
        f'<div><attend-examples topic="{exercise.slug}" name="{exercise.name}"><details class="quiet">'
        f'<summary>Write examples first</summary><p class="exercise-facts" id="{hint}">What should it return? One '
        "example on each line: a call, <code>==</code>, and the answer. Calls have the form "
        f"{' or '.join(f'<code>{escape(form)}</code>' for form in forms)}. Work the answer out by hand; two decimals are enough.</p>"
        f'<textarea rows="4" {AS_TYPED} aria-label="{exercise.label} {exercise.name}: your examples" '
        f'aria-describedby="{hint}"></textarea>'
        f'<div class="exercise-bar">{_buttons([("check", "Check examples")])}</div>'
        f'<div class="exercise-verdict" role="status"></div>{NO_SCRIPT}</details></attend-examples></div>'
    )


def work(topic: Topic) -> str:
    """The reader's code of a topic as files, files opened into the editors, and progress codes, by work.js."""
    return (
        f'<div class="work" data-search-exclude><attend-work topic="{topic.slug}">'
        '<h3 id="your-work">Take your work along</h3><p class="exercise-facts">'
        "What you write stays in this browser. Take it along as the module that belongs in <code>assignments/</code>, "
        "or as the zip that <code>attend submit</code> makes. <em>Open a file</em> puts the code of a module or a "
        "hand-in into the editors, and <em>Bring back</em> undoes that.</p>"
        f'<div class="exercise-bar">{_buttons(FILE_BUTTONS)}'
        '<input type="file" accept=".py,.zip,.ipynb" aria-label="A module or a hand-in" hidden></div>'
        '<p class="exercise-facts">A progress code says which exercises of the course have passed. '
        "<code>attend import</code> takes it, and <code>attend progress --code</code> prints one for this page.</p>"
        f'<div class="exercise-bar"><input type="text" aria-label="Progress code" placeholder="attend-…" size="34" '
        f"{AS_TYPED}>{_buttons(CODE_BUTTONS)}</div>"
        f'<p class="work__status" role="status"></p></attend-work>{NO_SCRIPT}</div>'
    )


def _buttons(buttons: Iterable[tuple[str, str]]) -> str:
    """Buttons that a script turns on."""
    return "".join(
        f'<button type="button" name="{action}" disabled>{words}</button>' for action, words in buttons
    )


def _hanging(code: str) -> str:
    """Highlighted code, each line in an element with its indentation, below which a wrapped line goes on."""
    html = highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")
    return "".join(
        f'<span class="line" style="--indent:{len(line) - len(line.lstrip(" "))}ch">{coloured}\n</span>'
        for line, coloured in zip(code.splitlines(), html.splitlines(), strict=True)
    )
