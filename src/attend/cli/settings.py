"""What all commands share: the course, and the console."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from attend.course.syllabus import Course


@dataclass
class Settings:
    """The options that come before a command."""

    course_folder: Path | None = None

    def course(self) -> Course:
        """The course in the named folder, or the one found from the working folder upwards.

        Raises:
            SyllabusError: there is no course, or its course.toml has a mistake.
        """
        from attend.course.syllabus import load_course

        return load_course(self.course_folder)

    def instructors_course(self) -> Course:
        """The course with its solutions and graders, which only instructors have.

        Raises:
            AttendError: the folder is a students' copy of the course.
        """
        from attend.course.errors import AttendError

        course = self.course()
        if not self.is_instructors(course):
            raise AttendError(
                f"{course.root} is a students' copy of the course, without solutions and graders; "
                "this command works in the instructors' repository."
            )
        return course

    @staticmethod
    def is_instructors(course: Course) -> bool:
        """Whether the course's folder is the instructors', not a students' copy."""
        return all((course.root / name).is_dir() for name in ("solutions", "autograder"))


settings = Settings()


def console() -> Console:
    """A rich console without automatic highlighting or emoji."""
    from rich.console import Console

    return Console(highlight=False, emoji=False)


def package_of(error: ModuleNotFoundError) -> str:
    """The package that is missing, also where the error names one of its modules."""
    return (error.name or "").partition(".")[0]


def say(template: str, screen: Console | None = None, **values: object) -> None:
    """Print a line. Square brackets are marks of Rich in the template alone; values are shown as they are."""
    from rich.markup import escape

    line = template.format(**{name: escape(str(value)) for name, value in values.items()})
    (screen or console()).print(line, soft_wrap=True)
