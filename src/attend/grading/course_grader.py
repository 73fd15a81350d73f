"""A lane: what one process grades with, submission after submission."""

import sys
import traceback
from dataclasses import replace

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Topic
from attend.course.threads import use_one_thread
from attend.gradebook.grade import Grade
from attend.grading.topic_grader import TopicGrader
from attend.grading.ungraded import given_up, refused
from attend.sandbox.client import Zygote
from attend.submissions import Entry
from attend.submissions.submission import Submission, read_entry


class Lane:
    """One process's zygotes and topic graders, opened when first needed."""

    def __init__(self, course: Course, level: str):
        use_one_thread()
        self._course, self._level = course, level
        self._zygotes: dict[str, Zygote] = {}
        self._graders: dict[str, TopicGrader] = {}

    def grade(self, entry: Entry) -> Grade:
        """Read what was handed in, and grade it."""
        return self.grade_submission(read_entry(entry, self._course.by_slug[entry.topic]))

    def grade_submission(self, submission: Submission) -> Grade:
        """The grade of a submission; where it could not be taken, or our own code fails, one that says so.

        Raises:
            AttendError: it concerns the whole class, such as a hidden grader that cannot be read.
        """
        if submission.refusal:
            return refused(self._course, submission)
        try:
            grade = self.grader(self._course.by_slug[submission.topic]).grade(submission)
        except AttendError:
            raise
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{submission.student}'s {submission.topic}"
            text = f"attend: {where}: {type(error).__name__}: {error} ({place.filename}:{place.lineno})"
            print(text, file=sys.stderr)
            return given_up(self._course, submission, f"code raised {type(error).__name__}")
        return replace(grade, notes=[*submission.notes, *grade.notes], filename=submission.filename)

    def grader(self, topic: Topic, checked: bool = True) -> TopicGrader:
        """The graders of a topic, opened when first asked for.

        Raises:
            ReferenceFailsError: the course's own solution does not pass them; not asked for where `checked` is False.
        """
        if topic.slug not in self._graders:
            if topic.library not in self._zygotes:
                self._zygotes[topic.library] = Zygote(topic.library, self._level)
            self._graders[topic.slug] = TopicGrader(self._course, topic, self._zygotes[topic.library])
        if checked:
            self._graders[topic.slug].check_reference()
        return self._graders[topic.slug]

    def close(self) -> None:
        """End the sessions of the tests, and the zygotes."""
        for grader in self._graders.values():
            grader.close()
        for zygote in self._zygotes.values():
            zygote.stop()

    def __enter__(self) -> "Lane":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
