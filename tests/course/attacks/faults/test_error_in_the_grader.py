"""A mistake of our own, met by one submission, costs that one a row that says so, and the class nothing."""

FAULT = """
import sys

if any("spawn_main" in word for word in sys.argv) or "multiprocessing" in str(sys.orig_argv):
    import attend.grading.topic_grader

    grade = attend.grading.topic_grader.TopicGrader.grade

    def faulty(self, submission):
        if submission.student == "right-06":
            raise ZeroDivisionError("our own mistake")
        return grade(self, submission)

    attend.grading.topic_grader.TopicGrader.grade = faulty
"""


def test_error_in_the_grader(start, slow_class, undisturbed, tmp_path):
    (tmp_path / "fault").mkdir()
    (tmp_path / "fault" / "sitecustomize.py").write_text(FAULT)
    grading = start(slow_class, env={"PYTHONPATH": str(tmp_path / "fault")})
    code, error = grading.end()
    assert "Traceback" not in error
    rows = grading.rows()
    assert [row for row in rows if row[0] != "right-06"] == [
        row for row in undisturbed if row[0] != "right-06"
    ]
    assert {row[5] for row in rows if row[0] == "right-06"} == {"crash"}
    page = next((grading.out / "feedback" / "right-06").glob("*.md")).read_text()
    assert "an instructor has to look" in page
