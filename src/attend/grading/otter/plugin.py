"""The otter plugin: grade with the hidden tests in a jailed worker, and hand otter the results.

Otter would run the submission and its tests in one kernel. Before it does, this plugin moves all that was
handed in out of otter's reach, grades it as `attend grade` does, and leaves an empty script for the kernel.
"""

import shutil
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from otter.plugins import AbstractOtterPlugin
from otter.test_files import GradingResults
from otter.test_files.abstract_test import TestCase, TestCaseResult
from otter.test_files.exception_test import ExceptionTestFile

from attend.course.scratch import scratch_folder
from attend.course.syllabus import Topic
from attend.gradebook.grade import ExerciseGrade, round_points
from attend.gradebook.reports.plain_text import exercise_text
from attend.grading.bundle import unpack_course
from attend.grading.course_grader import Lane
from attend.grading.showing import VISIBLE, Showing, showing
from attend.sandbox.levels import choose_level
from attend.submissions import Entry

BUNDLE = "attend_course.zip"
Results = dict[str, Any]


# otter has no type information, so its base class is Any
class AttendPlugin(AbstractOtterPlugin):  # type: ignore[misc]
    """Configuration: `{"topic": SLUG}`, and `"isolation": LEVEL` where the strongest is not wanted."""

    def before_grading(self, config: object) -> None:
        """Grade, and leave nothing of the student's where otter would read it."""
        folder = Path.cwd()
        with scratch_folder("otter") as private:
            handed_in = _move_out(folder, private)
            course = unpack_course(handed_in / BUNDLE, private / "course")
            (handed_in / BUNDLE).unlink()
            topic = course.topic(self.plugin_config["topic"])
            level = choose_level(self.plugin_config.get("isolation"))
            with Lane(course, level) as lane:
                self.grade = lane.grade(Entry("submission", topic.slug, handed_in))
            self.topic = topic
            self.showing = showing(course, topic, self.submission_metadata)
        _leave_nothing(Path(self.submission_path))

    def after_grading(self, results: GradingResults) -> None:
        """Put our grade in place of what otter found, one question an exercise."""
        files = [question(self.topic, row, hidden=bool(self.showing.why)) for row in self.grade.exercises]
        results.results = {file.name: file for file in files}
        results.set_output(self.showing.output(self.topic, self.grade))
        as_results = GradingResults.to_gradescope_dict
        as_results = getattr(as_results, "__wrapped__", as_results)
        named = self.showing.named(self.topic, self.grade)
        GradingResults.to_gradescope_dict = _shown(as_results, self.showing, named)

    def generate_report(self) -> str:
        """The grade as lines of text, which otter prints; no points while they wait."""
        return self.showing.output(self.topic, self.grade)


def _shown(
    as_results: Callable[..., Results], showing: Showing, named: list[tuple[str, str]]
) -> Callable[..., Results]:
    """Otter's function for results.json with rounded points, and each test as visible as it should be.

    Otter computes the score as a share times the points possible, and knows two kinds of visibility.
    """

    @wraps(as_results)
    def shown(*arguments: object, **options: object) -> Results:
        data = as_results(*arguments, **options)
        if "score" in data:
            data["score"] = round_points(data["score"])
        if showing.why:
            # Otter adds a test without points about public tests, of which it knows none here
            tests = [test for test in data["tests"] if "score" in test]
            tests = [{**test, "visibility": showing.visibility} for test in tests]
            about = [{"name": name, "output": words, "visibility": VISIBLE} for name, words in named]
            data["tests"] = [*about, *tests]
        return data

    return shown


def _move_out(folder: Path, private: Path) -> Path:
    """Everything in the working folder but otter's own `tests`, moved to a private folder."""
    handed_in = private / "submission"
    handed_in.mkdir()
    for path in folder.iterdir():
        if path.name != "tests":
            shutil.move(path, handed_in / path.name)
    return handed_in


def _leave_nothing(path: Path) -> None:
    """An empty script or notebook under the submission's name: otter insists on running one."""
    empty = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    path.write_text(empty if path.suffix == ".ipynb" else "pass\n", encoding="utf-8")


def question(topic: Topic, row: ExerciseGrade, hidden: bool = False) -> ExceptionTestFile:
    """One exercise as otter's question: one case that holds its points and its feedback."""
    exercise = topic.exercise(row.exercise)
    passed = row.points == row.max_points
    text = exercise_text(row)
    case = TestCase(f"{exercise.label} {row.exercise}", None, hidden, row.max_points, None, None)
    file = ExceptionTestFile(f"{exercise.label} {row.exercise}", "", [case], all_or_nothing=False)
    file.test_case_results = [TestCaseResult(case, text, passed)]
    file.update_score(row.points)
    return file
