"""A grade as lines of text, for platforms that show no page of ours."""

from attend.course.syllabus import Topic
from attend.gradebook.grade import VERDICTS, ExerciseGrade, Grade, explained_sentences


def exercise_text(row: ExerciseGrade) -> str:
    """An exercise's verdict, diagnosis and messages as plain lines."""
    lines = [f"{VERDICTS[row.outcome]}: {row.points:g} of {row.max_points:g} points"]
    lines += [row.sentence] if row.sentence else []
    lines += [f"The smallest call that shows it: {row.smallest}"] if row.smallest else []
    lines += row.notes
    explained = "; ".join(explained_sentences(row))
    lines += [f"- It is why this does not hold: {explained}"] if explained else []
    others = [test for test in row.tests if not test.passed and not test.explained]
    shown = {f"{test.sentence}\n    {test.message}": None for test in others}
    return "\n".join([*lines, *(f"- {text}" for text in shown)])


def summary(topic: Topic, grade: Grade) -> str:
    """The grade as lines of text: the problem with the file if there is one, then a line an exercise."""
    lines = [f"{topic.title}: {grade.points:g} of {grade.max_points:g} points (isolation: {grade.isolation})"]
    lines += [grade.problem] if grade.problem else []
    lines += grade.notes
    for row in grade.exercises:
        label = topic.exercise(row.exercise).label
        lines.append(f"{label} {row.exercise}: {row.points:g} of {row.max_points:g}, {VERDICTS[row.outcome]}")
    return "\n".join(lines)
