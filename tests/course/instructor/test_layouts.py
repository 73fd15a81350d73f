"""Nobody vanishes: every entry of a download is a row or a note, and no entry changes what becomes of the others."""

import zipfile

import pytest

from attend.submissions import BatchError, take_in
from attend.submissions.submission import read_entry

SLUG = "t01_tiny"


def names(intake) -> set[str]:
    return {entry.student for entry in intake.entries}


def test_every_entry_of_canvas_is_a_row_or_a_note(tiny, lay):
    folder = lay({
        f"eliotada_101_5001_{SLUG}.py": "x = 1",
        "oebela_102_text.html": "<p>see my page</p>",
        "ibsenchen_LATE_103_link.html": "<a href='https://example.org'>",
        f"anon_a1b2_LATE_5003_{SLUG}.py": "x = 2",
        "anon_c3d4_text.html": "",
        "index.html": "",
    })  # fmt: skip
    intake = take_in(tiny, [folder], ["t01"])
    assert names(intake) == {"eliotada_101", "oebela_102", "ibsenchen_103", "anon_a1b2", "anon_c3d4"}
    by_name = {entry.student: entry for entry in intake.entries}
    assert by_name["anon_a1b2"].late and by_name["ibsenchen_103"].late and not by_name["eliotada_101"].late
    words = read_entry(by_name["oebela_102"], tiny.topic("t01")).refusal
    assert words == f"text.html is no Python file; hand in {SLUG}.py or a zip that holds it."
    assert intake.shapes == [f"{folder}: a download of Canvas, 5 of 6 entries taken"]
    assert intake.notes == ["index.html is not named as Canvas names a submission; it was not taken."]
    without = take_in(tiny, [folder])  # where no topic is named, the same are named
    assert names(without) == {"eliotada_101", "anon_a1b2"}
    assert len(without.notes) == 4 and "2 of 6 entries" in without.shapes[0]
    for name in ("oebela_102", "ibsenchen_103", "anon_c3d4", "index.html"):
        assert any(name in note for note in without.notes)


def test_every_entry_of_moodle_is_a_row_or_a_note(tiny, lay):
    folder = lay({
        f"Ada Eliot_201_assignsubmission_file_/{SLUG}.py": "x = 1",
        "Ada Eliot_201_assignsubmission_onlinetext_/onlinetext.html": "",
        "Bela Oe_202_assignsubmission_file_/": "",
        "Chen Ibsen_203_assignsubmission_onlinetext_/onlinetext.html": "",
        f"Default group-Dina Yu_204_assignsubmission_file_/{SLUG}.py": "x = 4",
        f"Default group_assignsubmission_file_/{SLUG}.py": "x = 5",
        f"Group 7_1234_assignsubmission_file_/{SLUG}.py": "x = 6",
        "feedback.csv": "",
    })  # fmt: skip
    intake = take_in(tiny, [folder], ["t01"])
    people = {entry.student: entry.person.moodle_id for entry in intake.entries}
    assert people == {
        "Ada Eliot_201": "201", "Bela Oe_202": "202", "Chen Ibsen_203": "203", "Dina Yu_204": "204",
        "Default group": "", "Group 7_1234": "",
    }  # fmt: skip
    assert "7 of 8 entries taken" in intake.shapes[0]
    assert len(intake.notes) == 3 and any(
        note.startswith("feedback.csv is not named") for note in intake.notes
    )


def test_a_groups_number_is_no_persons(tiny, lay):
    folder = lay({
        f"group7_17_5001_{SLUG}.py": "x = 1", f"team_blue_18_5002_{SLUG}.py": "", f"groupieadam_19_5003_{SLUG}.py": "",
    })  # fmt: skip
    intake = take_in(tiny, [folder])
    assert [(entry.student, entry.person.canvas_id) for entry in intake.entries] == [
        ("group7_17", ""), ("groupieadam_19", "19"), ("team_blue_18", "18"),
    ]  # fmt: skip
    assert intake.notes == [f"group7_17_5001_{SLUG}.py is a group's; its points go to nobody in Canvas."]


GRADESCOPE = """---
submission_1:
  :submitters:
  - :name: Ada Eliot
    :email: ada@u.example
  :created_at: 2026-10-02 15:23:28 Z
submission_2:
  :submitters: []
submission_3: nonsense
submission_4:
  :submitters:
  - nonsense
  - :name: Bela Oe
    :sid: 0042
"""


def test_every_entry_of_gradescope_is_a_row_or_a_note(tiny, lay):
    files = {f"submission_{number}/{SLUG}.py": f"x = {number}" for number in (1, 2, 3, 4, 5)}
    intake = take_in(tiny, [lay({**files, "submission_metadata.yml": GRADESCOPE})])
    assert names(intake) == {"ada@u.example", "0042"}
    assert "2 of 5 entries taken" in intake.shapes[0]
    assert [note.partition(" ")[0] for note in intake.notes] == [
        "submission_2",
        "submission_3",
        "submission_5",
    ]


def test_every_folder_of_a_class_is_a_row_or_a_note(tiny, lay):
    folder = lay({
        f"ada/{SLUG}.py": "x = 1", "bela/": "", "chen/t02_gate.py": "x = 2", "dina/scan.pdf": "",
        f"{SLUG}.py": "whose?", "emil.zip": b"PK", "readme.txt": "",
    })  # fmt: skip
    intake = take_in(tiny, [folder], ["t01"])
    assert names(intake) == {"ada", "bela", "dina", "emil"}
    assert intake.shapes == [f"{folder}: a folder a student, 4 of 6 entries taken"]
    assert intake.notes == [
        f"{SLUG}.py is in no student's folder; it was not taken.", "chen handed in t02_gate, and not t01_tiny.",
    ]  # fmt: skip


def test_the_command_says_how_many_entries_it_took(attend, own_tiny, lay, tmp_path, answers):
    folder = lay({f"ada/{SLUG}.py": answers["right"], "bela/": ""})
    ran = attend(own_tiny, "grade", folder, "--out", tmp_path / "out", "--topic", "t01", "--jobs", 1)
    assert ran.code == 0 and "a folder a student, 2 of 2 entries taken" in ran.out


def test_a_layout_that_does_not_fit_is_named(tiny, lay):
    with pytest.raises(BatchError, match="does not look like a download of Canvas"):
        take_in(tiny, [lay({f"ada/{SLUG}.py": ""})], layout="canvas")


# a damaged member, an odd name or a missing folder costs one row


def test_a_damaged_member_of_a_classs_zip_costs_one_row(tiny, tmp_path):
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("ada", "bela", "chen"):
            archive.writestr(f"class/{name}/{SLUG}.py", f"x = '{name}'\n" * 20)
    data = bytearray(path.read_bytes())
    start = data.index(f"bela/{SLUG}.py".encode()) + len(f"bela/{SLUG}.py")
    data[start : start + 8] = b"\xa5" * 8
    path.write_bytes(data)
    found = {entry.student: read_entry(entry, tiny.topic("t01")) for entry in take_in(tiny, [path]).entries}
    assert "is damaged" in found.pop("bela").refusal
    assert {name: each.text[:10] for name, each in found.items()} == {
        "ada": "x = 'ada'\n",
        "chen": "x = 'chen'",
    }


def test_long_and_odd_names_in_a_classs_zip_stop_nobody(tiny, tmp_path):
    long = ["ä" * 200 + "a", "ä" * 200 + "b"]  # 400 bytes each: no file system of today takes them
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in (*long, "ada", "CON", "a?b*c", "nul.", " "):
            archive.writestr(f"class/{name}/{SLUG}.py", f"x = {name!r}")
    found = {
        entry.student: read_entry(entry, tiny.topic("t01")).text
        for entry in take_in(tiny, [tmp_path / "class.zip"]).entries
    }
    assert found == {name: f"x = {name!r}" for name in (*long, "ada", "CON", "a?b*c", "nul.", " ")}


def test_names_that_a_mac_has_zipped_are_read_as_they_are(tiny, tmp_path):
    """macOS writes names in UTF-8, decomposed, and does not say so."""
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"Zoe\u0308 Bjo\u0308rk/{SLUG}.py", "x = 1")
        archive.writestr(f"Ada/{SLUG}.py", "x = 2")
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + flags + 1] &= ~0x08
    path.write_bytes(data)
    assert names(take_in(tiny, [path])) == {"Zo\u00eb Bj\u00f6rk", "Ada"}


def test_a_folder_that_cannot_be_read_costs_one_row(tiny, lay):
    folder = lay({f"ada/{SLUG}.py": "x = 1", f"bela/{SLUG}.py": "x = 2"})
    intake = take_in(tiny, [folder])
    (folder / "bela" / f"{SLUG}.py").unlink()
    (folder / "bela").rmdir()
    found = {entry.student: read_entry(entry, tiny.topic("t01")) for entry in intake.entries}
    assert (found["ada"].text, found["bela"].refusal) == ("x = 1", f"{SLUG}.py does not exist.")
