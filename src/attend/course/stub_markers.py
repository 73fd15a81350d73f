"""Where the solution is in a finished module, and the line that is there in its stub."""

import re

from attend.course.syllabus import Exercise

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
REGION = re.compile(rf"^([ \t]*){BEGIN}\n.*?^[ \t]*{END}$", re.DOTALL | re.MULTILINE)
_MESSAGE = re.compile(r"(t\d\d\.\d+ \w{1,40}): see docs/topics/t\d\d_\w{1,40}", re.ASCII)


def stub_message(exercise: Exercise) -> str:
    """What the stub of an exercise says when it is called: its label, its name and its page."""
    return f"{exercise.label} {exercise.name}: see docs/topics/{exercise.slug}"


def stub_line(exercise: Exercise) -> str:
    """The line that is in a stub where the solution was."""
    return f'raise NotImplementedError("{stub_message(exercise)}")'


def stub_messages(text: str) -> dict[str, str]:
    """The messages of stubs in `text`, each by its exercise's label and name, as `t03.1 softmax`."""
    return {match[1]: match[0] for match in _MESSAGE.finditer(text)}
