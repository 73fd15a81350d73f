"""No name can be chosen so that its page takes the place of somebody else's."""

from attend.gradebook.folders import folder_name
from attend.gradebook.grade import Grade
from attend.gradebook.reports.feedback import write_feedback


def grade_of(student: str) -> Grade:
    return Grade(student, "t01_tiny", "1", 7, "", "namespaces", [])


def test_no_name_can_be_chosen_to_be_anothers_folder(tmp_path, tiny):
    """A name that becomes another one on disk, and a name that is already like that."""
    topic = tiny.topic("t01")
    victim = "ada/eliot"
    posing = folder_name(victim)
    assert folder_name(posing) != posing and folder_name(folder_name(posing)) != folder_name(posing)
    pages = {}
    for name in (victim, posing, "ada_eliot"):
        path = write_feedback(grade_of(name), topic, tmp_path)
        pages[path] = path.read_text(encoding="utf-8")
    assert len(pages) == 3
    assert {path: path.read_text(encoding="utf-8") for path in pages} == pages


def test_a_page_of_somebody_else_is_not_written_over(tmp_path, tiny):
    """As on a file system that takes Ada and ada for one name."""
    topic = tiny.topic("t01")
    first = write_feedback(grade_of("ada"), topic, tmp_path)
    before = first.read_text(encoding="utf-8")
    first.parent.rename(tmp_path / "Ada")
    second = write_feedback(grade_of("Ada"), topic, tmp_path)
    assert (tmp_path / "Ada" / first.name).read_text(encoding="utf-8") == before
    assert second.parent.name.startswith("Ada_") and "Ada" in second.read_text(encoding="utf-8")
