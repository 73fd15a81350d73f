"""The check of cited places finds each form of a citation, gives it to its paper, and fails on what the list lacks."""

import shutil
from pathlib import Path

import pytest

from ..common import COURSE, ROOT
from .build import build_modules


@pytest.fixture(scope="module")
def build():
    with build_modules("coursepage", "check_references", "passages", "places") as modules:
        yield modules


@pytest.fixture(scope="module")
def papers(build):
    return build.check_references.Papers(build.coursepage.references())


@pytest.fixture
def cited(build, papers):
    """The places that a text cites, each with its paper's key; more keys are joined by a bar, ? stands for unclear."""

    def read(text: str, about: tuple[str, ...] = (), is_note: bool = False) -> list[str]:
        passage = build.passages.Passage("page.md", 1, text, frozenset(about), is_note)
        return [
            f"{'|'.join(sorted(one.keys))}{'?' * one.unclear} {one.place}"
            for one in build.check_references.Reading(passage, papers).citations()
        ]

    return read


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("section 3.1", ["section 3.1"]),
        ("Section 3.", ["section 3"]),
        ("sections 3.1, 3.4 and 3.5", ["section 3.1", "section 3.4", "section 3.5"]),
        ("section 3.1 (eq. 6) and section 3.2", ["section 3.1", "equation 6", "section 3.2"]),
        ("eq. 7 and 8 (dot)", ["equation 7", "equation 8"]),
        ("eqs. 4–6", ["equation 4", "equation 5", "equation 6"]),
        ("equations (5) to (7)", ["equation 5", "equation 6", "equation 7"]),
        ("sections 3.2–3.4", ["section 3.2", "section 3.3", "section 3.4"]),
        ("§ 3.2", ["section 3.2"]),
        ("appendix A", ["appendix A"]),
        ("appendix A.2.1 the encoder, A.2.2 the decoder", ["appendix A.2.1", "appendix A.2.2"]),
        ("section B.2", ["appendix B.2"]),
        ("algorithm 1, table 4, figure 2 and footnote 4", ["algorithm 1", "table 4", "figure 2", "footnote 4"]),
        ("section 3 has all of it: attention (3.2), positions (3.5)", ["section 3", "section 3.2", "section 3.5"]),
        # what is no place of a paper
        ("table 2 of this page", []),
        ("the section above, and equation by equation", []),
        ("a table A times a section S", []),
        ("appendices A and B", ["appendix A", "appendix B"]),
        ("Section 3.3 too, and A is a matrix", ["section 3.3"]),
        ("figure 2 and 5 more words", ["figure 2"]),
        ("perplexity fell from 5.8 to 4.7", []),
    ],
)  # fmt: skip
def test_every_form_of_a_citation_is_found(cited, text, places):
    assert cited(f"Luong et al. 2015, {text}") == [f"luong2015 {place}" for place in places]


BAHDANAU = "[the paper](../references.md#bahdanau2015)"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # the nearest paper before it in the sentence, or else after it
        (f"{BAHDANAU} has it in section 3.1.", ["bahdanau2015 section 3.1"]),
        ("Section 3.1 of [Luong](../../references/#luong2015) has it.", ["luong2015 section 3.1"]),
        (
            "Bahdanau et al. 2015, section 3.1; Luong, Pham and Manning (2015), eq. 7",
            ["bahdanau2015 section 3.1", "luong2015 equation 7"],
        ),
        (f"As in {BAHDANAU}, section 3.3 of Luong feeds it back.", ["luong2015 section 3.3"]),
        (
            'See <a href="../../references/#wu2016">Google\'s system</a>, equation 14.',
            ["wu2016 equation 14"],
        ),
        ("Luong's equation 7 and Bahdanau's equation 6.", ["luong2015 equation 7", "bahdanau2015 equation 6"]),
        # lines and abbreviations do not end a sentence
        (f"{BAHDANAU} (cf. its\nappendix A.1.2, eq. 6)", ["bahdanau2015 appendix A.1.2", "bahdanau2015 equation 6"]),
        # no paper in the sentence: the last one named before it
        (f"{BAHDANAU} came first. Section 3.1 has the sum.", ["bahdanau2015 section 3.1"]),
        (f"Equation 5 is the sum. It is from {BAHDANAU}.", ["bahdanau2015 equation 5"]),
        # none at all
        ("Equation 5 is the sum.", ["? equation 5"]),
        # surnames of two papers; a word that is a surname too
        ("Cho's section 2.2", ["cho2014|cho2014b section 2.2"]),
        ("See et al. 2017, eq. 9", ["see2017 equation 9"]),
        (f"See section 3.1 of {BAHDANAU}.", ["bahdanau2015 section 3.1"]),
        ("Schuster and Paliwal 1997, section 2", ["schuster1997 section 2"]),
    ],
)  # fmt: skip
def test_a_citation_belongs_to_a_paper(cited, text, found):
    assert cited(text) == found


def test_what_a_text_is_about_decides_where_it_names_no_paper(cited):
    assert cited("asks, eq. 6", ("bahdanau2015",)) == ["bahdanau2015 equation 6"]
    assert cited("asks, eq. 6", ("bahdanau2015", "luong2015")) == ["bahdanau2015|luong2015? equation 6"]
    note = "Section 3.2 has the features, 3.3 and 3.4 the sums; Luong 2015 has another, and a score of 89.5."
    assert cited(note, ("katharopoulos2020",), is_note=True) == [
        f"katharopoulos2020 section 3.{n}" for n in (2, 3, 4)
    ]


# ---- a whole course, with something planted


FILES = {
    "docs/topics/t03_attention_decoding.md": """# t03

[Bahdanau and others](../references.md#bahdanau2015) have the sum in equation 5.

```python exec="true" session="t03"
print(page.papers(luong2015="Section 3.1 has the scores, {note}."))
```

{page}
""",
    "docs/figures/t03_attention_decoding.py": '''"""Figures."""


def look(reference):
    """A step of Bahdanau's decoder."""
    return f"eq. 6, {figure}"
''',
    "docs/quizzes/t03_attention_decoding.toml": """[[questions]]
ask = "Luong's weights are in which equation?"
options = [{{ text = "equation 7", why = "Yes, {quiz}.", right = true }}]
""",
    "solutions/t03_attention_decoding.py": '''"""t03.

Papers: Bahdanau et al. 2015, section 3.1; {docstring}.
"""


class Decoder:
    """Luong et al. 2015, section 3.3."""

    def step(self):
        return 1  # eq. 5, {comment}
''',
}
NOTHING = dict.fromkeys(("note", "page", "figure", "quiz", "docstring", "comment"), "as before")
LISTED = {
    "bahdanau2015": {"section 3.1": "the decoder", "equation 5": "context", "equation 6": "weights"},
    "luong2015": {"section 3.1": "scores", "section 3.3": "fed back", "equation 5": "h~", "equation 7": "weights"},
}  # fmt: skip


@pytest.fixture
def problems(build, papers, tmp_path):
    """The problems of a small course in which something is planted."""

    def check(listed: dict = LISTED, **planted: str) -> list[str]:
        shutil.copy(ROOT / "course.toml", tmp_path)
        for name, text in FILES.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(**NOTHING | planted), encoding="utf-8")
        found = build.check_references.citations(Path(tmp_path), papers)
        return build.check_references.check(found, listed, papers.keys)

    return check


def test_a_course_without_a_fault_has_no_problem(problems):
    assert problems() == []


@pytest.mark.parametrize(
    ("place", "planted", "file", "cited", "paper"),
    [
        ("note", "not in equation 8", "md:6", "equation 8", "luong2015"),
        ("page", "Luong et al. 2015, eq. 8", "md:9", "equation 8", "luong2015"),
        ("figure", "eq. 4", "py:6", "equation 4", "bahdanau2015"),
        ("quiz", "not equation 9", "toml:3", "equation 9", "luong2015"),
        ("docstring", "Luong et al. 2015, table 4", "py:3", "table 4", "luong2015"),
        ("comment", "footnote 1", "py:11", "footnote 1", "luong2015"),
    ],
)
def test_a_planted_citation_is_found_wherever_it_is(problems, place, planted, file, cited, paper):
    [problem] = problems(**{place: planted})
    said = f"t03_attention_decoding.{file}: {cited} is not in docs/references.toml under [{paper}]"
    assert problem.endswith(said)


def test_a_citation_that_names_no_paper_is_a_problem_unless_all_papers_have_the_place(problems):
    text = "Elsewhere.\n\n## Another heading\n\nSection 3.1 has it. Section 3.3 too."
    papers = COURSE.topic("t03_attention_decoding").papers
    listed = {key: {"section 3.1": "it"} | LISTED.get(key, {}) for key in papers}
    [problem] = [one for one in problems(listed, page=text) if "nothing cites" not in one]
    assert problem.endswith("section 3.3 of which paper? Name it or link it in this sentence")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"luong2051": {"section 3": "typo"}}, "[luong2051] is no key of docs/references.bib"),
        ({"cho2014": {"Sec. 3": "all"}}, "[cho2014]: 'Sec. 3' is not written as 'section 3.1' or 'equation 5'"),
        ({"cho2014": {"section 3": " "}}, "[cho2014]: 'section 3' does not say what is there"),
        ({"cho2014": {"section 3": "all"}}, "[cho2014]: nothing cites section 3"),
    ],
)  # fmt: skip
def test_a_fault_of_the_list_is_a_problem(problems, table, said):
    assert f"docs/references.toml: {said}" in problems(LISTED | table)


def test_every_cited_place_of_the_course_is_in_its_list(build, papers):
    """And the check reads every kind of file: none of them is silently left out."""
    found = build.check_references.citations(ROOT, papers)
    assert build.check_references.check(found, build.places.listed_places(), papers.keys) == []
    assert len(found) > 200
    for start in ("docs/topics/", "docs/quizzes/", "solutions/"):
        assert any(one.where.startswith(start) for one in found)


def test_the_bibliography_lists_the_cited_places_in_order(build, monkeypatch):
    places = {"section 3.10": "c", "section 3.9": "b", "equation 5": "d", "section 3": "<a>"}
    monkeypatch.setattr(
        build.coursepage,
        "listed_places",
        lambda: {"luong2015": dict(sorted(places.items(), key=build.places._order))},
    )
    text = build.coursepage.bibliography()
    assert '??? quiet "Cited: section 3, section 3.9, section 3.10, equation 5"' in text
    assert "- section 3: &lt;a&gt;" in text
    assert text.count("Cited:") == 1
