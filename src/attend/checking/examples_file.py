"""The file in which a student writes examples: where it is, how it begins, and what is in it."""

from pathlib import Path

from attend.course.atomic_file import write_whole
from attend.course.errors import AttendError
from attend.course.syllabus import Course, Exercise, Topic
from attend.testing.examples import Example, Judged, judge, read_examples
from attend.testing.small_table import SmallTable

HEAD = """\
# Examples for {title}.
#
# Before you write a function, write down what it should return. One example on each line: a call, ==, and the answer.
# Work it out by hand, with small numbers. Round to two decimals or more. Lists stand for arrays.
#
#     softmax([0, 0]) == [0.5, 0.5]
#
# If the function must raise an error, write its name: `alibi_bias(3, 2) == ValueError`.
#
# Then check your examples with `attend examples {number}`. Good examples show the mistakes that people make.
"""


def begin(course: Course, topic: Topic, table: SmallTable) -> Path:
    """Make the file of examples where there is none; its path."""
    path = course.examples(topic)
    if not path.exists():
        parts = [HEAD.format(title=topic.title, number=topic.number)]
        parts += [_section(exercise, table) for exercise in topic.exercises]
        write_whole(path, "\n".join(parts))
    return path


def _section(exercise: Exercise, table: SmallTable) -> str:
    """The heading of one exercise, with the calls that its function takes."""
    forms = [f"# in the form {form}\n" for form in table.forms(exercise.name)]
    none = "# (it has no small calls: none can be checked)\n"
    return f"# {exercise.label} {exercise.name}\n{''.join(forms) or none}"


def judged_file(course: Course, topic: Topic, table: SmallTable) -> tuple[list[Judged], list[Example]]:
    """The judgements on a student's file, and the lines that are no example.

    Raises:
        AttendError: the file cannot be read.
    """
    path = course.examples(topic)
    try:
        examples = read_examples(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise AttendError(f"{path} cannot be read ({error}); save it as UTF-8 text.") from error
    return judge(topic, table, examples), [each for each in examples if each.problem]
