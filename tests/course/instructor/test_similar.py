"""Likeness is found where code is one's own, and the report says what it is not."""

import pytest

from attend.grading.similarity import find_likeness
from attend.submissions import take_in

pytest.importorskip("copydetect")

OWN = """
def {name}(values, {weight}):
    # {remark}
    {table} = {{}}
    for {index}, {value} in enumerate(values):
        if {value} > {weight} and {index} % 3 != 1:
            {table}[{index}] = [{value} ** 2, {weight} - {value}]
        elif {value} < -{weight}:
            {table}.setdefault({index}, []).append(abs({value}))
    return sorted({table}.items(), key=lambda pair: (len(pair[1]), -pair[0]))
"""
OTHER = """
def collect(stream, size=4):
    chunk, result = [], []
    while True:
        try:
            chunk.append(next(stream))
        except StopIteration:
            break
        finally:
            if len(chunk) == size:
                result.append(tuple(chunk)); chunk = []
    return result + ([tuple(chunk)] if chunk else [])
"""


def own(**names: str) -> str:
    plain = dict(name="pick", weight="weight", remark="mine", table="table", index="index", value="value")
    return OWN.format(**{**plain, **names})


@pytest.fixture
def found(tiny, hand_in, answers):
    """The pairs of a class of these files; each stands below the stub."""

    def look(at_least=0.6, **files):
        folder = hand_in({student: answers["stub"] + text for student, text in files.items()})
        likeness = find_likeness(tiny, tiny.topic("t01"), take_in(tiny, [folder]).entries, at_least)
        return {(pair.left.student, pair.right.student): pair for pair in likeness.pairs}, likeness

    return look


def test_a_copy_with_other_names_and_comments_is_found(found):
    renamed = own(name="choose", weight="w", remark="I wrote this", table="seen", index="i", value="v")
    pairs, _ = found(ada=own(), bela=renamed, chen=OTHER)
    assert list(pairs) == [("ada", "bela")]
    pair = pairs["ada", "bela"]
    assert pair.share > 0.9
    assert "".join(text for text, _ in pair.left.pieces).endswith(own())
    marked = "".join(text for text, shared in pair.right.pieces if shared)
    assert "setdefault" in marked and "NotImplementedError" not in marked


def test_what_all_were_given_is_no_likeness(found):
    pairs, likeness = found(ada="", bela="")
    assert not pairs and likeness.skipped == 2


def test_what_everybody_writes_is_no_likeness(found):
    pairs, _ = found(**{f"student{number}": own() for number in range(8)})
    assert not pairs


def test_a_file_that_cannot_be_read_stops_nothing(found, hand_in, tiny):
    hand_in({"zoe": "\0"})
    pairs, likeness = found(ada=own(), bela=own())
    assert list(pairs) == [("ada", "bela")] and likeness.skipped == 1


def test_the_report_says_that_it_is_no_proof_and_escapes_what_it_shows(attend, tiny, hand_in, tmp_path):
    hostile = own() + "\ntext = '<script>alert(1)</script>'\n"
    folder = hand_in({"ada": hostile, "bela": hostile})
    ran = attend(tiny, "similar", folder, "--out", tmp_path / "alike.html")
    assert ran.code == 0, ran.err
    assert "does not prove copying" in ran.out
    text = (tmp_path / "alike.html").read_text(encoding="utf-8")
    assert "This is not proof" in text and "<script>" not in text and "&lt;script&gt;" in text


NAMED = '''
"""Written by Eliot, Ada with Bela Oe (bela@u.example)."""


def ada(values):
    # ADA: the first half, max of them
    return f"ada {values}" + "adage", max(values), "kept"
'''


def test_a_report_names_nobody_unless_asked(attend, tiny, hand_in, answers, tmp_path):
    text = answers["stub"] + NAMED + own()
    hand_in({"Ada Eliot_123": text, "Bela Oe_456": text.replace("kept", "other"), "Max Ray_789": OTHER})
    (tmp_path / "class").rename(tmp_path / "handed-in")
    out = tmp_path / "alike.html"
    ran = attend(tiny, "similar", tmp_path / "handed-in", "--topic", "t01", "--out", out)
    assert ran.code == 0, ran.err
    page = out.read_text(encoding="utf-8")
    assert "student 1" in page and "student 2" in page and "--names" in page
    assert not [word for word in ("Ada Eliot", "Bela Oe", "_123", "bela@") if word in page]
    assert "ADA" not in page and "█" in page
    # code is not changed, nor are words that only look alike
    assert "def ada(" in page and "adage" in page and "max of them" in page and "setdefault" in page
    ran = attend(tiny, "similar", tmp_path / "handed-in", "--topic", "t01", "--out", out, "--names")
    page = out.read_text(encoding="utf-8")
    assert "Ada Eliot_123" in page and "█" not in page and "--names" not in page


def test_masked_pieces_are_as_long_as_before_also_in_a_file_that_is_no_python(tiny):
    from attend.grading.similar_names import without_names
    from attend.grading.similarity import Likeness, Pair, Side
    from attend.submissions import Person

    pieces = [("x = (  # by Zo\u00eb Bj\u00f6", False), ("rk\n", True), ("zo\u00eb = 'zoological'\n", False)]
    pair = Pair(tiny.topic("t01"), 9, Side("zoe", 0.5, pieces), Side("bo", 0.5, [("y = 1", True)]))
    people = {"zoe": Person("Zo\u00eb Bj\u00f6rk"), "bo": Person()}
    [likeness] = without_names([Likeness(tiny.topic("t01"), 2, 0, [pair])], people)
    left = likeness.pairs[0].left
    assert left.student == "student 1" and likeness.pairs[0].right.student == "student 2"
    assert [len(text) for text, _ in left.pieces] == [len(text) for text, _ in pieces]
    masked = "".join(text for text, _ in left.pieces)
    assert "Bj\u00f6rk" not in masked and "zoological" in masked and masked.startswith("x = (  # by ")
