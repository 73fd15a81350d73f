"""Where the solution stands in a finished module, and the line that stands there in its stub."""

import re

from attend.course.syllabus import Exercise

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
REGION = re.compile(rf"^([ \t]*){BEGIN}\n.*?^[ \t]*{END}$", re.DOTALL | re.MULTILINE)


def undone(exercise: Exercise) -> str:
    """The line that stands in a stub where the solution stood."""
    return f'raise NotImplementedError("{exercise.label} {exercise.name}: see docs/topics/{exercise.slug}")'
