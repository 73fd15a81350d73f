"""docs/references.bib is read whatever its layout, and a broken entry is named."""

import pytest

from attend.course.bibliography import BibliographyError, read_references


@pytest.fixture
def references(write):
    """The papers of a course whose docs/references.bib has this text."""
    return lambda text: read_references(write("docs/references.bib", text).parent.parent)


ENTRY = """@inproceedings{luong2015,
  author = {Luong, Thang and Pham, Hieu and Manning, Christopher D.},
  title = {Effective Approaches to {Attention}-based {NMT}},
  booktitle = {EMNLP},
  year = {2015},
}"""


def test_an_entry_is_read_with_its_own_text(references):
    paper = references(f"% a comment\n\n{ENTRY}\n")["luong2015"]
    assert paper["title"] == "Effective Approaches to Attention-based NMT"
    assert paper.authors == ["Thang Luong", "Hieu Pham", "Christopher D. Manning"]
    assert paper.short == "Luong, Pham & Manning (2015)" and paper.venue == "EMNLP"
    assert paper.bibtex == ENTRY


@pytest.mark.parametrize(
    "text",
    [
        '@misc{a, title = "A, {B} and C", year = 2020}',
        "@misc{a,\n  title =\n    {A, {B}\n     and C},\n  year = {2020}\n}",
        "@misc{a,title={A, {B} and C},year={2020},}",
    ],
)
def test_another_layout_is_the_same_entry(references, text):
    assert {key: " ".join(value.split()) for key, value in references(text)["a"].items()} == {
        "title": "A, B and C",
        "year": "2020",
    }


@pytest.mark.parametrize(
    ("author", "short"),
    [
        ("Bahdanau, Dzmitry", "Bahdanau (2015)"),
        ("A, B and C, D", "A & C (2015)"),
        ("A, B and others", "A et al. (2015)"),
        ("A, B and C, D and E, F and G, H", "A et al. (2015)"),
    ],
)
def test_many_authors_are_shortened(references, author, short):
    assert (
        references(f"@misc{{a, author = {{{author}}}, year = {{2015}}, eprint = {{1}}}}")["a"].short == short
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{ENTRY}\n{ENTRY}",
        ENTRY.replace("{EMNLP}", "{EMNLP") + "\n@misc{b, year = {2000}}",
        ENTRY.replace("booktitle", "title"),
    ],
)
def test_a_broken_entry_is_named_by_its_line(references, text):
    with pytest.raises(BibliographyError, match=r"references.bib, line \d+:"):
        references(text)


def test_a_course_without_papers_has_none(tmp_path):
    assert read_references(tmp_path) == {}
