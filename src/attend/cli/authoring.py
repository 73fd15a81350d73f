"""The instructor's commands for the course itself: make files, test the graders, release."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from attend.cli import app
from attend.cli.grading import Isolation
from attend.cli.settings import console, say, settings
from attend.cli.student import Topics
from attend.course.words import how_many


class ClassLayout(StrEnum):
    """How the files of a class are laid out."""

    folders = "folders"
    gradescope = "gradescope"
    canvas = "canvas"
    moodle = "moodle"


@app.command()
def stubs(
    topics: Topics = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if a stub is out of date.")
    ] = False,
) -> None:
    """Make the stub modules in assignments/ from solutions/."""
    from attend.authoring.stubs import find_drift, write_stubs

    course = settings.instructors_course()
    if not check:
        for path in write_stubs(course, course.select(topics)):
            say("wrote {path}", path=path.relative_to(course.root))
        return
    drift = find_drift(course, course.select(topics))
    for entry in drift:
        print(f"{entry.path.relative_to(course.root)} {entry.problem}; run `attend stubs`.")
    if drift:
        raise typer.Exit(1)


@app.command()
def fingerprints(
    topics: Topics = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if one is out of date.")
    ] = False,
) -> None:
    """Make the tables by which public tests name a mistake and show the smallest wrong answer.

    They are made from the bank of misconceptions and from autograder/small/. Right answers of other shapes are sealed.
    """
    from attend.authoring.tables import write_tables

    course = settings.instructors_course()
    for path in write_tables(course, course.select(topics), check):
        say(
            "{path} {word}", path=path.relative_to(course.root), word="is out of date" if check else "written"
        )
        if check:
            raise typer.Exit(1)


@app.command("sample-class")
def sample_class(
    out: Annotated[Path, typer.Option(help="The folder to write the class to.")],
    students: Annotated[int, typer.Option(min=1, help="How many students.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed makes the same class.")] = 0,
    shape: Annotated[
        ClassLayout,
        typer.Option(help="Lay the files out as a folder per student, or as this platform's download."),
    ] = ClassLayout.folders,
    topics: Topics = None,
) -> None:
    """Make a class of sample submissions with known grades. The file truth.csv lists what each exercise contains."""
    from attend.authoring.sample_class import make_class

    course = settings.instructors_course()
    truths = make_class(course, course.select(topics), students, seed, out, shape.value)
    words = (
        f"wrote {how_many(students, 'student')} and {how_many(len(truths), 'exercise')} to {{out}}; "
        "{truth} lists what each contains"
    )
    say(words, out=out, truth=out / "truth.csv")


@app.command()
def build(
    topics: Topics = None,
    out: Annotated[Path, typer.Option(help="The folder for the zips.")] = Path("dist/otter"),
    isolation: Annotated[
        str | None,
        typer.Option(
            help="In the Gradescope zip, require this level in the place of the container's strongest."
        ),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(
            help="In both zips, use this package index too, for example PyTorch's own for its CPU builds.",
            metavar="URL",
        ),
    ] = None,
) -> None:
    """Build each topic's autograder zips: SLUG.zip for otter, SLUG-gradescope.zip for Gradescope without otter.

    The topic's own solution is graded first; nothing is built of a topic in which it does not earn everything.
    """
    from dataclasses import replace

    from attend.course.syllabus import new_secret
    from attend.grading.course_grader import Lane
    from attend.grading.gradescope.build import build_gradescope_zip
    from attend.grading.otter.build import build_zip
    from attend.sandbox.jail import best_level

    course = settings.instructors_course()
    if course.grading.fresh_inputs:
        course = replace(course, secret=new_secret())
    with Lane(course, best_level()) as lane:
        for topic in course.select(topics):
            with console().status(f"building {topic.slug}"):
                lane.grader(topic).check_reference()
                paths = [
                    build_zip(course, topic, out, index),
                    build_gradescope_zip(course, topic, out, isolation, index),
                ]
            for path in paths:
                say("wrote {path}", path=path)


@app.command()
def audit(
    topics: Topics = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, not a table.")] = False,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Try every pair of mistakes, not a fixed tenth of them.")
    ] = False,
    isolation: Isolation = None,
) -> None:
    """Test the graders on known answers. Stubs must score 0, references and other right answers full points, and every
    known mistake must be found and named, also together with an earlier mistake."""
    # before any import: a students' copy is refused whatever is installed
    course = settings.instructors_course()

    import json

    from attend.authoring.audit import SAMPLE, audit_topic
    from attend.cli.audit_output import print_audit
    from attend.grading.course_grader import Lane
    from attend.sandbox.levels import choose_level

    screen = console()
    audits = []
    with Lane(course, choose_level(isolation)) as lane, screen.status("auditing") as status:
        for topic in course.select(topics):

            def report(name: str, slug: str = topic.slug) -> None:
                status.update(f"{slug}: {name}")

            audits += audit_topic(course, topic, lane, report, 1 if pairs else SAMPLE)
    if as_json:
        print(json.dumps([entry.as_json() for entry in audits], indent=2))
    else:
        print_audit(screen, audits)
    if any(entry.holes for entry in audits):
        raise typer.Exit(1)


class ReleaseKind(StrEnum):
    """What a release contains: the students' files, or also the solutions."""

    student = "student"
    solutions = "solutions"


@app.command()
def release(
    kind: Annotated[ReleaseKind, typer.Argument(help="What to publish: `student` or `solutions`.")],
    out: Annotated[Path | None, typer.Option(help="A new folder, for a repository of one commit.")] = None,
    branch: Annotated[
        str | None, typer.Option(help="A branch of this repository to add a commit to.")
    ] = None,
    commit: Annotated[str, typer.Option(help="The commit to make it from.")] = "HEAD",
) -> None:
    """Make a release for students. Nothing hidden is in its files or in its history.

    The same commit always makes the same release, with the same hash.
    """
    from attend.authoring.release import release_to_branch, release_to_folder, uncommitted
    from attend.course.errors import AttendError

    if (out is None) == (branch is None):
        raise AttendError("name the target, with either --out DIR or --branch NAME.")
    course = settings.instructors_course()
    screen = console()
    if commit == "HEAD" and uncommitted(course):
        screen.print(
            "[yellow]note[/yellow] there are uncommitted changes; a release is made from the last commit"
        )
    if out is not None:
        made = release_to_folder(course, kind.value, out, commit)
    elif branch is not None:
        made = release_to_branch(course, kind.value, branch, commit)
    verb = "now has" if made.changed else "already had"
    words = f"{{where}} {verb} {{commit}}, {how_many(made.files, 'file')}"
    say(words, screen, where=made.where, commit=made.commit)


class Library(StrEnum):
    """The library of a topic's exercises."""

    numpy = "numpy"
    torch = "torch"


@app.command("new-topic")
def new_topic(
    slug: Annotated[str, typer.Argument(help="Its name in every layer, for example t15_my_topic.")],
    title: Annotated[str, typer.Option(help="Its title.")] = "TODO: a title",
    library: Annotated[Library, typer.Option(help="What its exercises are written with.")] = Library.numpy,
) -> None:
    """Begin a topic. Every layer gets a valid file with TODOs, which `attend audit` lists."""
    from attend.authoring.new_topic import new_topic as begin

    course = settings.instructors_course()
    screen = console()
    made = begin(course, slug, title, library.value)
    for path in made.paths:
        say("wrote {path}", screen, path=path.relative_to(course.root))
    screen.print(
        f"\nNext: write solutions/{slug}.py, run `attend stubs`, then the tests and the banks; "
        f"`attend audit {slug[:3]}` says what is missing.\n"
        f"Add topics/{slug}.md to nav in mkdocs.yml. CONTRIBUTING.md explains every step.",
        soft_wrap=True,
    )
