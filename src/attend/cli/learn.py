"""`attend learn`: make a known mistake of a group of wrong answers."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from attend.cli import app
from attend.cli.grading import Isolation
from attend.cli.settings import console, say, settings
from attend.course.words import how_many


@app.command()
def learn(
    topic: Annotated[str, typer.Argument(help="The topic, for example t03.")],
    group: Annotated[int, typer.Option(help="The group's number in the report.")],
    name: Annotated[str, typer.Option(help="A name for the mistake, for example divided_by_the_sum.")],
    sentence: Annotated[str, typer.Option(help="What a student who made the mistake reads.")],
    results: Annotated[Path, typer.Option(help="The folder that `attend grade --out` wrote.")] = Path(
        "results"
    ),
    isolation: Isolation = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Add the code without a question; you have read it.")
    ] = False,
) -> None:
    """Add the mistake of a group of wrong answers to the course, and to the feedback of everybody in the group.

    `attend report` shows the groups. Points stay as they are, and nothing is graded again.
    """
    # before any import: a students' copy is refused whatever is installed
    course = settings.instructors_course()

    from dataclasses import replace

    from attend.authoring.learn import learn as learn_mistake
    from attend.cli.instructor_output import say_waiting
    from attend.course.lock import locked
    from attend.gradebook.publish import write_results
    from attend.gradebook.store import LOCK, open_gradebook
    from attend.sandbox.levels import choose_level

    screen = console()
    [chosen] = course.select([topic])
    with open_gradebook(results) as gradebook:
        out = gradebook.path.parent
        with locked(out / LOCK, partial(say_waiting, out)):
            if course.grading.fresh_inputs:
                course = replace(course, secret=gradebook.secret())

            def agrees(code: str) -> bool:
                screen.print(code, markup=False, highlight=False)
                question = "This is a student's code, and the grader will run it without confinement. Add it?"
                return yes or typer.confirm(question)

            def report(step: str) -> None:
                say("{step} …", screen, step=step)

            level = choose_level(isolation)
            made = learn_mistake(course, chosen, gradebook, group, name, sentence, level, agrees, report)
            write_results(course, gradebook, out)
    path = course.misconceptions(chosen).relative_to(course.root)
    say("added {name} to {path}", screen, name=name, path=path)
    say("hidden tests that find it: {tests}", screen, tests=", ".join(made.tests))
    if not made.is_seen:
        say("no public test fails on it, so `attend check` cannot name it", screen)
    say("now in the feedback of {count}", screen, count=how_many(len(made.students), "student"))
