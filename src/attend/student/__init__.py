"""The handle through which every test calls a student's code, here or in another process."""

from attend.student.errors import (
    NotDone,
    NotPlain,
    StudentCrashed,
    StudentError,
    StudentMissing,
    StudentRaised,
    StudentTimeout,
)
from attend.student.handle import ModuleHandle, Student

__all__ = [
    "ModuleHandle",
    "NotDone",
    "NotPlain",
    "Student",
    "StudentCrashed",
    "StudentError",
    "StudentMissing",
    "StudentRaised",
    "StudentTimeout",
]
