"""The check of the course's English finds what is planted in pages, programs and tables, and reads no code."""

from pathlib import Path

import pytest

from .build import build_modules


@pytest.fixture(scope="module")
def build():
    with build_modules("check_prose") as modules:
        yield modules.check_prose


@pytest.fixture(scope="module")
def reader(build):
    return build.Proofreader(build.Config.read())


@pytest.fixture
def problems(build, reader, tmp_path):
    """The problems of a file with this name and this text."""

    def check(text: str, name: str = "docs/page.md") -> list[str]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return [problem for text in build.texts(Path(tmp_path)) for problem in reader.problems(text)]

    return check


GOOD = "A query is compared with every key, and the scores become weights."


@pytest.mark.parametrize(
    ("sentence", "words", "advice"),
    [
        ("This is an test of the check.", "an", "AnA"),
        ("It compares the the query with every key.", "the the", "RepeatedWords"),
        ("The decoder recieves a context.", "recieves", "SpellCheck"),
        ("New is the mask, which hides the padding.", "New is", "make what is new the subject"),
        ("The weights lie as in PyTorch.", "lie as", "write `is`"),
        ("The reason stands in the paper.", "stands", "write `is`"),
        ("The student is told a sentence.", "is told", "say who reads what"),
        ("It keeps whatever comes first.", "whatever", "say which"),
        ("It is one number a word, and nothing more.", "one number a word", "for each"),
        ("The difference to the first result is small.", "difference to", "difference from"),
        ("Students' code runs in a cage.", "cage", "no metaphor"),
    ],
)
def test_a_planted_fault_is_found(problems, sentence, words, advice):
    [problem] = problems(f"# A page\n\n{GOOD}\n\n{GOOD} {sentence}\n")
    assert problem.startswith(f"docs/page.md:5: {words!r}: ")
    assert advice in problem


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "The two can no longer be told apart. N stands for the number of heads. The difference to 4 is 2.",
        "Time grows with $T^2$, and memory with T. The keys come first, and the values of all heads come after them, in the "
        "order of the heads, so that a query of any head finds the keys of its own group beside them.",
        "Call `attend check whatever` and read [the paper](../references.md#whatever).",
        "```text\nan test stands whatever recieves\n```",
        '```python exec="true"\nprint(page.header())  # the the house\n```',
        "> Humans recieve information, and other people's sentences stay as they are.",
        "| term | meaning |\n| --- | --- |\n| `dtype` | the kind of a tensor's numbers |",
        '<p class="whatever">The tensor has the shape (B, S, A), and nothing else.</p>',
        "$$\nwhatever = an test\n$$",
    ],
)
def test_what_is_right_or_is_no_english_is_left_alone(problems, text):
    assert problems(f"# A page\n\n{text}\n") == []


def test_messages_of_a_program_are_read_and_its_code_is_not(problems):
    program = '''"""A docstring may say that something stands somewhere."""

PATTERN = r"(?:an|the) (test|house)\\b \\w+ \\d+"
COMMAND = "python -m house --whatever an test"


def refuse(name):
    """Whatever stands here."""
    raise ValueError(
        f"{name!r} is no topic; "
        f"the topics stands in course.toml, {len(name)} of them"
    )
'''
    [problem] = problems(program, "src/attend/course/errors.py")
    assert "'stands'" in problem and problem.startswith("src/attend/course/errors.py:10:")


def test_a_question_is_read(problems):
    answer = '{ text = "It lies in the mask, and nowhere else.", why = "Yes." }'
    quiz = f'[[questions]]\nask = "{GOOD}"\noptions = [{answer}]\n'
    [problem] = problems(quiz, "docs/quizzes/t03_attention_decoding.toml")
    assert problem.startswith("docs/quizzes/t03_attention_decoding.toml:3: 'lies'")


def test_a_mistake_s_sentence_is_read(problems):
    sentence = "You divide by the sum over the queries, whatever the axis."
    bank = f'@misconception("softmax", "{sentence}")\ndef wrong(x):\n    return x\n'
    [problem] = problems(bank, "autograder/misconceptions/t03_attention_decoding.py")
    assert "'whatever'" in problem


def test_a_rule_that_harper_does_not_have_is_refused(build):
    with pytest.raises(SystemExit, match="Harper has no rule NoSuchRule"):
        build.Proofreader(build.Config(["NoSuchRule"], [], [], {}))
