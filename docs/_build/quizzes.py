"""A topic's quiz: three questions with feedback, read from docs/quizzes/SLUG.toml and put on its page.

The answers stand in the page, under a heading that opens: that is how they are read without a script, and where the
script finds the sentence for the answer that was chosen.
"""

import re
import tomllib
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "quizzes"
QUESTIONS, FEWEST, MOST = 3, 3, 4


class QuizError(Exception):
    """A quiz is not as the page needs it; the message says what to mend."""


def questions(slug: str, folder: Path = FOLDER) -> list[dict]:
    """The questions of a topic: {"ask", "options": [{"text", "why", "right"?}]}.

    Raises:
        QuizError: there is no such file, or it has not three questions of three or four options, each option with its
            sentence of feedback and one of them right.
    """
    path = folder / f"{slug}.toml"
    if not path.exists():
        raise QuizError(
            f"docs/quizzes/{slug}.toml is missing: three questions, as beside it in the other topics' files."
        )
    found = tomllib.loads(path.read_text(encoding="utf-8")).get("questions", [])
    if len(found) != QUESTIONS:
        raise QuizError(f"{path.name} has {len(found)} questions; a quiz has {QUESTIONS}.")
    for number, question in enumerate(found, start=1):
        options = question.get("options", [])
        if not question.get("ask") or not FEWEST <= len(options) <= MOST:
            raise QuizError(f"{path.name}, question {number}: it needs `ask` and {FEWEST} or {MOST} options.")
        if not all(option.get("text") and option.get("why") for option in options):
            raise QuizError(f"{path.name}, question {number}: every option needs `text` and `why`.")
        if sum(option.get("right", False) for option in options) != 1:
            raise QuizError(f"{path.name}, question {number}: one option is `right = true`, and only one.")
    return found


def quiz(slug: str, base: str) -> str:
    """The HTML of a topic's quiz; `base` leads from the page to the site's root."""
    number = slug[:3]
    fields, answers = [], []
    for n, question in enumerate(questions(slug), start=1):
        name = f"{number}-question-{n}"
        radios = "".join(
            f'<label><input type="radio" name="{name}" value="{place}"> <span>{_text(option["text"])}</span></label>'
            for place, option in enumerate(question["options"])
        )
        fields.append(
            f'<fieldset class="quiz__question"><legend>{n}. {_text(question["ask"])}</legend>{radios}'
            '<p class="quiz__feedback" role="status" aria-live="polite"></p></fieldset>'
        )
        reasons = "".join(
            f"<li{' data-right' if option.get('right') else ''}>{'<strong>Right:</strong> ' if option.get('right') else ''}"
            f"{_text(option['text'])} <span>{_text(option['why'])}</span></li>"
            for option in question["options"]
        )
        answers.append(f"<p>{n}. {_text(question['ask'])}</p><ol>{reasons}</ol>")
    return (
        f'<div class="quiz"><attend-quiz data-topic="{number}" data-search-exclude>{"".join(fields)}'
        f'<details class="quiet"><summary>All answers, with their reasons</summary><div>{"".join(answers)}</div></details>'
        f'</attend-quiz></div><script type="module" src="{base}assets/elements/quiz.js"></script>'
    )


def _text(words: str) -> str:
    """Plain words in which `code` and *emphasis* are marked, as HTML."""
    words = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words, quote=False))
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", words)
