"""A class is taken in as folders, as the platforms' downloads, and as zips of these."""

import shutil
import zipfile
from datetime import UTC, datetime

import pytest

from attend.authoring.class_layouts import SHAPES
from attend.authoring.sample_class import make_class
from attend.submissions import BatchError, take_in, topic_of
from attend.submissions.submission import RefusedError, read_entry, read_submission


def keys(intake) -> set[tuple[str, str]]:
    return {(entry.student, entry.topic) for entry in intake.entries}


def expected(truths) -> set[tuple[str, str]]:
    return {(truth.student, truth.topic) for truth in truths}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_every_student_and_topic(tiny, tmp_path, shape):
    truths = make_class(tiny, list(tiny.topics), 12, 5, tmp_path / "class", shape)
    intake = take_in(tiny, [tmp_path / "class"])
    assert keys(intake) == expected(truths) and intake.students == 12
    assert intake.notes == []


@pytest.mark.parametrize("shape", SHAPES)
def test_a_download_may_come_as_its_zip(tiny, tmp_path, shape):
    truths = make_class(tiny, [tiny.topic("t01")], 5, 5, tmp_path / "class", shape)
    (tmp_path / "class" / "truth.csv").unlink()
    archive = shutil.make_archive(str(tmp_path / "download"), "zip", tmp_path, "class")
    intake = take_in(tiny, [tmp_path / "download.zip"])
    assert keys(intake) == expected(truths), archive
    assert keys(take_in(tiny, [tmp_path / "download.zip"])) == expected(truths)


def test_a_zip_cannot_write_outside_its_folder(tiny, tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("ada/t01_tiny.py", "right = 1")
        archive.writestr("../escaped.py", "")
        archive.writestr("/escaped.py", "")
        link = zipfile.ZipInfo("bela/t01_tiny.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    intake = take_in(tiny, [tmp_path / "class.zip"])
    assert keys(intake) == {("ada", "t01_tiny"), ("bela", "t01_tiny")}
    assert [path.name for path in tmp_path.iterdir()] == ["class.zip"]  # nothing is unpacked
    assert read_entry(intake.entries[1], tiny.topic("t01")).refusal == "t01_tiny.py is no ordinary file."
    assert intake.notes == [
        "../escaped.py has a path that leaves its own folder; it was left out.",
        "/escaped.py has a path that leaves its own folder; it was left out.",
    ]


def test_what_is_no_zip_is_named(tiny, tmp_path):
    (tmp_path / "class.zip").write_text("no zip")
    with pytest.raises(BatchError, match="no readable zip archive"):
        take_in(tiny, [tmp_path / "class.zip"])


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("t01_tiny.py", "t01_tiny"),
        ("t01_tiny-2.py", "t01_tiny"),  # handed in again on Canvas
        ("t01_tiny (1).zip", "t01_tiny"),  # downloaded twice by a browser
        ("T01_Tiny.ipynb", "t01_tiny"),
        ("t01.py", "t01_tiny"),
        ("t01_tiny.txt", None),
        ("my_t01_tiny.py", None),
        ("main.py", None),
    ],
)
def test_a_file_belongs_to_the_topic_it_is_called_after(tiny, name, slug):
    topic = topic_of(name, tiny)
    assert (topic.slug if topic else None) == slug


def test_gradescope_tells_who_when_and_every_member_of_a_group(tiny, tmp_path):
    export = tmp_path / "assignment_9_export"
    (export / "submission_31").mkdir(parents=True)
    (export / "submission_31" / "t01_tiny.py").write_text("")
    (export / "submission_metadata.yml").write_text(
        """---
submission_31: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
  :submitters:
  - :name: Ada Eliot
    :sid: 0042
    :email: ada@u.example
  - :name: Bela Oe
    :sid:
    :email: bela@u.example
  :created_at: 2026-10-02 15:23:28.128393000 Z
  :score: !ruby/object:BigDecimal 18:0.1e2
  :status: processed
submission_32:
  :submitters:
  - :name: Chen Ibsen
    :email: chen@u.example
  :created_at: 2026-10-03 01:00:00 +0200
""",
        encoding="utf-8",
    )
    intake = take_in(tiny, [export], ["t01"])
    by_student = {entry.student: entry for entry in intake.entries}
    assert set(by_student) == {"ada@u.example", "bela@u.example", "chen@u.example"}
    ada = by_student["ada@u.example"]
    assert (ada.person.name, ada.reference) == ("Ada Eliot", "31")
    assert ada.submitted == datetime(2026, 10, 2, 15, 23, 28, 128393, tzinfo=UTC)
    # an empty hand-in is not lost: grading it says what is missing
    assert by_student["chen@u.example"].submitted == datetime(2026, 10, 2, 23, tzinfo=UTC)


def test_a_broken_metadata_file_is_named(tiny, tmp_path):
    (tmp_path / "submission_metadata.yml").write_text("a: [")
    with pytest.raises(BatchError, match="cannot be read as YAML"):
        take_in(tiny, [tmp_path])


def test_canvas_tells_numbers_and_lateness_and_the_last_upload_counts(tiny, tmp_path):
    for name in (
        "eliotada_101_5001_t01_tiny.py",
        "eliotada_101_5009_t01_tiny-1.py",
        "oe2bela_LATE_102_5002_t01_tiny.py",
        "anon_a1b2_5003_t01_tiny.py",
        "ibsenchen_104_5004_notes.txt",
    ):
        (tmp_path / name).write_text("")
    intake = take_in(tiny, [tmp_path])
    by_student = {entry.student: entry for entry in intake.entries}
    assert set(by_student) == {"eliotada_101", "oe2bela_102", "anon_a1b2"}
    assert by_student["eliotada_101"].path.name == "eliotada_101_5009_t01_tiny-1.py"
    assert by_student["eliotada_101"].person.canvas_id == "101"
    assert [by_student[name].late for name in ("eliotada_101", "oe2bela_102")] == [False, True]
    note = "eliotada_101 handed in t01 2 times; eliotada_101_5009_t01_tiny-1.py counts."
    assert by_student["eliotada_101"].notes == (note,)
    assert any("ibsenchen_104" in note and "notes.txt" in note for note in intake.notes)


def test_moodle_tells_numbers_with_and_without_folders(tiny, tmp_path):
    (tmp_path / "Ada Eliot_201_assignsubmission_file_").mkdir()
    (tmp_path / "Ada Eliot_201_assignsubmission_file_" / "t01_tiny.py").write_text("")
    (tmp_path / "Bela_Oe_202_assignsubmission_file_t01_tiny.py").write_text("")
    (tmp_path / "Chen Ibsen_203_assignsubmission_onlinetext_").mkdir()
    (tmp_path / "Chen Ibsen_203_assignsubmission_onlinetext_" / "onlinetext.html").write_text("")
    intake = take_in(tiny, [tmp_path])
    assert {(entry.student, entry.person.moodle_id) for entry in intake.entries} == {
        ("Ada Eliot_201", "201"),
        ("Bela_Oe_202", "202"),
    }
    assert any("Chen Ibsen_203" in note for note in intake.notes)


def test_where_one_topic_is_named_files_of_other_names_are_taken(tiny, hand_in):
    hand_in({"ada": ""}, "homework.py")
    hand_in({"bela": ""}, "scan.pdf")
    folder = hand_in({"chen": ""}, "t02_gate.py")
    assert keys(take_in(tiny, [folder], ["t01"])) == {("ada", "t01_tiny"), ("bela", "t01_tiny")}
    assert keys(take_in(tiny, [folder])) == {("chen", "t02_gate")}


def test_the_better_of_two_files_counts_and_is_told(tiny, hand_in):
    hand_in({"ada": "x = 1\n"}, "t01_tiny.py")
    intake = take_in(tiny, [hand_in({"ada": "x = 2\n"}, "deep/t01_tiny.py")])
    [entry] = intake.entries
    taken = read_entry(entry, tiny.topic("t01"))
    assert (taken.text, taken.filename) == ("x = 1\n", "t01_tiny.py")
    assert taken.notes == ("2 files are called t01; t01_tiny.py counts, not deep/t01_tiny.py.",)


def test_one_file_of_strange_name_makes_no_canvas_class(tiny, hand_in):
    hand_in({"ada": ""}, "try_1_2_t01.py")
    folder = hand_in({"bela": ""})
    assert "bela" in {entry.student for entry in take_in(tiny, [folder]).entries}


def test_links_are_named_and_never_followed(tiny, hand_in, tmp_path):
    folder = hand_in({"ada": ""})
    (folder / "bela").symlink_to(tmp_path)
    (folder / "chen").mkdir()
    (folder / "chen" / "t01_tiny.py").symlink_to("/etc/passwd")
    assert {entry.student for entry in take_in(tiny, [folder]).entries} == {"ada", "chen"}


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_where_there_is_nothing_it_says_so(tiny, tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BatchError, match="does not exist|holds no submission"):
        take_in(tiny, [tmp_path / name])


def test_results_among_the_submissions_are_nobodys(tiny, hand_in):
    folder = hand_in({"ada": ""})
    (folder / "results").mkdir()
    (folder / "results" / "gradebook.sqlite").touch()
    (folder / "results" / "t01_tiny.py").touch()
    assert {entry.student for entry in take_in(tiny, [folder], ["t01"]).entries} == {"ada"}


def test_one_students_folder_or_file_will_do(tiny, hand_in):
    folder = hand_in({"ada": "", "bela": ""})
    assert keys(take_in(tiny, [folder / "ada"])) == {("ada", "t01_tiny")}
    both = [folder / "ada", folder / "bela" / "t01_tiny.py"]
    assert keys(take_in(tiny, both)) == {("ada", "t01_tiny"), ("bela", "t01_tiny")}


def test_an_empty_folder_is_somebody_too(tiny, hand_in):
    folder = hand_in({"ada": "x = 1\n"})
    (folder / "bela").mkdir()
    intake = take_in(tiny, [folder])
    assert [entry.student for entry in intake.entries] == ["ada"]
    assert intake.notes == ["bela handed in nothing called after a topic (an empty folder)."]
    [ada, bela] = take_in(tiny, [folder], ["t01"]).entries  # where one topic is named, a row of its own
    assert bela.student == "bela" and bela.path == folder / "bela"
    assert read_entry(bela, tiny.topic("t01")).refusal == "bela holds no t01_tiny.py."
    with pytest.raises(RefusedError, match="holds no t01_tiny.py"):
        read_submission(bela.path, tiny.topic("t01"), "bela")
