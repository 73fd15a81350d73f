"""One student's files never say what the whole class is: nobody vanishes, nobody gets another's row, nothing stops."""

import csv
import zipfile

import pytest

from attend.submissions import take_in
from attend.submissions.submission import read_entry

SLUG = "t01_tiny"
METADATA = """---
submission_1:
  :submitters:
  - :name: Ada Eliot
    :email: ada@u.example
"""


def names(intake) -> set[str]:
    return {entry.student for entry in intake.entries}


POSES = {
    "metadata": {"mallory/submission_metadata.yml": "a: ["},
    "nested metadata": {"mallory/submission_metadata.yml": "- " * 100_000},
    "metadata of others": {
        "mallory/submission_metadata.yml": METADATA,
        f"mallory/submission_1/{SLUG}.py": "x = 9",
    },
    "a canvas file": {f"ada_1_2_{SLUG}.py": "x = 9", f"mallory/{SLUG}.py": ""},
    "a moodle folder": {f"ada_1_assignsubmission_file_/{SLUG}.py": "x = 9", f"mallory/{SLUG}.py": ""},
    "a gradescope folder": {f"submission_1/{SLUG}.py": "x = 9", f"mallory/{SLUG}.py": ""},
    "canvas files inside": {f"mallory/ada_1_2_{SLUG}.py": "x = 9", f"mallory/bela_3_4_{SLUG}.py": "x = 9"},
    "a gradebook": {"mallory/gradebook.sqlite": ""},
}


@pytest.mark.parametrize("pose", POSES)
def test_an_entry_that_looks_like_a_platforms_takes_nobody_away(tiny, lay, pose):
    folder = lay({f"{name}/{SLUG}.py": f"x = '{name}'" for name in ("ada", "bela", "chen")} | POSES[pose])
    intake = take_in(tiny, [folder])
    texts = {entry.student: read_entry(entry, tiny.topic("t01")).text for entry in intake.entries}
    assert {name: texts.get(name) for name in ("ada", "bela", "chen")} == {
        name: f"x = '{name}'" for name in ("ada", "bela", "chen")
    }
    listed = names(intake) | {word for note in intake.notes for word in note.replace("/", " ").split()}
    assert listed & {"mallory", f"ada_1_2_{SLUG}.py", "ada_1_assignsubmission_file_", "submission_1"}


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_single_hand_in_is_its_students_own_whatever_it_holds(tiny, lay, form):
    """As `attend grade class/mallory --out OUT` into a gradebook that knows the student mallory."""
    folder = (
        lay({f"mallory/ada_1_2_{SLUG}.py": "x = 9", "mallory/submission_metadata.yml": METADATA}) / "mallory"
    )
    if form == "zip":
        with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as archive:
            archive.writestr(f"ada_1_2_{SLUG}.py", "x = 9")
        folder = folder.with_suffix(".zip")
    assert names(take_in(tiny, [folder], ["t01"], known={"ada", "mallory"})) == {"mallory"}
    assert names(take_in(tiny, [folder], ["t01"], layout="student")) == {"mallory"}
    if form == "zip":  # an instructor who names a download gets it
        assert names(take_in(tiny, [folder], layout="canvas")) == {"ada_1"}


@pytest.mark.slow
def test_all_of_them_at_once_by_the_command(house, attend_grade, lay, tmp_path):
    text = house.solution(house.by_slug[SLUG]).read_text()
    class_of = {f"{name}/{SLUG}.py": text for name in ("ada", "bela", "chen", "dina", "emil")}
    for number, files in enumerate(POSES.values()):
        for name, content in files.items():
            class_of[name.replace("mallory", f"mallory{number}")] = content
    done = attend_grade(lay(class_of), "--out", tmp_path / "out", "--jobs", 1)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out" / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["topic"] == SLUG]
    full = {row["student"] for row in rows if row["outcome"] == "full"}
    assert full == {"ada", "bela", "chen", "dina", "emil"}
    said = (
        done.stdout + (tmp_path / "out" / "notes.txt").read_text() + " ".join(row["student"] for row in rows)
    )
    for number in range(len(POSES)):
        assert f"mallory{number}" in said
