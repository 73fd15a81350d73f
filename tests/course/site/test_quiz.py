"""The quiz that ends every topic's page: feedback for each answer, by keyboard, remembered, whole without a script."""

import json
import shutil
import tomllib
from types import SimpleNamespace

import pytest

from ..common import COURSE, ROOT, each_topic
from .build import build_modules

QUIZZES = ROOT / "docs" / "quizzes"


@pytest.fixture(scope="module")
def build():
    with build_modules("coursepage", "quizzes") as modules:
        yield modules


def plain(text: str) -> str:
    return text.replace("`", "").replace("*", "")


def questions(slug: str) -> list[dict]:
    return tomllib.loads((QUIZZES / f"{slug}.toml").read_text(encoding="utf-8"))["questions"]


ANSWERS = """quiz => [...quiz.querySelectorAll('fieldset')].map(question =>
    [...question.querySelectorAll('input')].map(radio => {
        radio.click();
        return [question.dataset.verdict, question.querySelector('[role=status]').textContent];
    }))"""


@each_topic
def test_every_answer_gets_its_own_sentence(page, server, topic):
    page.goto(f"{server}/topics/{topic.slug}/")
    quiz = page.locator("attend-quiz")
    page.wait_for_function("!!customElements.get('attend-quiz')")
    wanted = [
        [
            [["wrong", f"Not quite. {plain(option['why'])}"], ["right", f"Right. {plain(option['why'])}"]][
                option.get("right", False)
            ]
            for option in question["options"]
        ]
        for question in questions(topic.slug)
    ]
    assert quiz.evaluate(ANSWERS) == wanted
    asked = quiz.locator("legend").all_text_contents()
    assert asked == [f"{n}. {plain(one['ask'])}" for n, one in enumerate(questions(topic.slug), start=1)]


def test_the_quiz_works_by_keyboard_and_is_remembered(page, server):
    address, slug = f"{server}/topics/t03_attention_decoding/", "t03_attention_decoding"
    page.goto(address)
    page.wait_for_function("!!customElements.get('attend-quiz')")
    first = page.locator("attend-quiz fieldset").first
    feedback = first.locator(".quiz__feedback")
    assert feedback.get_attribute("aria-live") == "polite" and feedback.text_content() == ""
    first.locator("input").first.focus()
    page.keyboard.press("Space")
    assert feedback.text_content().startswith("Not quite.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    why = plain(questions(slug)[0]["options"][2]["why"])
    assert feedback.text_content() == f"Right. {why}"
    assert json.loads(page.evaluate("localStorage.getItem('attend:quiz:t03')")) == [2, -1, -1]

    page.reload()
    page.wait_for_function("!!customElements.get('attend-quiz')")
    assert first.locator("input").nth(2).is_checked() and feedback.text_content() == f"Right. {why}"
    assert page.locator("attend-quiz fieldset").nth(1).locator("input:checked").count() == 0


@pytest.mark.parametrize("kept", ["no json", '{"1": 2}', "[9, null, -3]", "[null]"])
def test_whatever_was_remembered_does_no_harm(page, server, kept):
    page.add_init_script(f"localStorage.setItem('attend:quiz:t03', {json.dumps(kept)})")
    page.goto(f"{server}/topics/t03_attention_decoding/")
    page.wait_for_function("!!customElements.get('attend-quiz')")
    page.locator("attend-quiz input").nth(1).check()
    assert page.locator("attend-quiz .quiz__feedback").first.text_content().startswith("Not quite.")


def test_without_a_script_the_answers_stand_where_they_open(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/topics/t08_multiplicative/")
    answers = page.locator("attend-quiz details")
    answers.locator("summary").click()
    told = answers.locator("li[data-right]").all_text_contents()
    wanted = [
        option for one in questions("t08_multiplicative") for option in one["options"] if option.get("right")
    ]
    assert told == [f"Right: {plain(option['text'])} {plain(option['why'])}" for option in wanted]
    assert answers.locator("li").first.is_visible()
    context.close()


@pytest.mark.parametrize("slug", [topic.slug for topic in COURSE.topics])
def test_the_right_answer_is_not_to_be_guessed(build, slug):
    """Neither always in one place, nor always the longest."""
    found = build.quizzes.questions(slug)
    places = {[option.get("right", False) for option in one["options"]].index(True) for one in found}
    assert len(places) > 1
    longest = [
        max(one["options"], key=lambda option: len(option["text"])).get("right", False) for one in found
    ]
    assert not all(longest)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("right = true", "right = false", "only one"),
        ('why = "', 'because = "', "`text` and `why`"),
        ("[[questions]]", "[[asked]]", "has 2 questions"),
        ("ask = ", "asks = ", "it needs `ask`"),
    ],
)
def test_a_quiz_that_lacks_something_is_refused(build, tmp_path, old, new, problem):
    text = (QUIZZES / "t01_seq2seq_recap.toml").read_text(encoding="utf-8")
    (tmp_path / "t01_seq2seq_recap.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(build.quizzes.QuizError, match=problem):
        build.quizzes.questions("t01_seq2seq_recap", tmp_path)
    with pytest.raises(build.quizzes.QuizError, match="is missing"):
        build.quizzes.questions("t99_nothing", tmp_path)


def test_a_page_without_its_quiz_is_refused(build, tmp_path, monkeypatch):
    topic = COURSE.topic("t01")
    page = tmp_path / "page.md"
    shutil.copy(COURSE.page(topic), page)
    monkeypatch.setattr(
        build.coursepage, "course", lambda: SimpleNamespace(topic=lambda slug: topic, page=lambda topic: page)
    )
    build.coursepage.Page(topic.slug)
    page.write_text(page.read_text(encoding="utf-8").replace("print(page.quiz())", ""), encoding="utf-8")
    with pytest.raises(build.coursepage.PageError, match="lacks `## Quiz`"):
        build.coursepage.Page(topic.slug)
