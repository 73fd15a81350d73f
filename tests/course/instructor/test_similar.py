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
    assert not pairs and not likeness.identical
    assert [student for student, _ in likeness.left_out] == ["ada", "bela"]


def test_what_everybody_writes_is_no_likeness(found):
    pairs, likeness = found(**{f"student{number}": own(remark=f"{number}") for number in range(8)})
    assert not pairs and not likeness.identical


# four ways in which honest students write the same exercise
IDIOMS = [
    """
def gather(scores, values):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    context = np.einsum("ts,sd->td", weights, values)
    assert context.shape == (scores.shape[0], values.shape[1])
    return context, weights.round(6)
""",
    """
def gather(scores, values):
    found = []
    for row in scores:
        shifted = [math.exp(each - max(row)) for each in row]
        total = sum(shifted)
        found.append([each / total for each in shifted])
    result = [[sum(w * v[d] for w, v in zip(row, values)) for d in range(len(values[0]))] for row in found]
    return np.array(result), np.array(found)
""",
    """
def gather(scores, values):
    largest = np.amax(scores, axis=1).reshape(-1, 1)
    numerator = np.exp(np.subtract(scores, largest))
    denominator = np.add.reduce(numerator, axis=1).reshape(-1, 1)
    quotient = np.divide(numerator, denominator)
    return np.matmul(quotient, values), np.copy(quotient)
""",
    """
def gather(scores, values):
    log_weights = scores - scipy.special.logsumexp(scores, axis=-1, keepdims=True)
    weights = np.exp(log_weights)
    if not np.isfinite(weights).all():
        raise ValueError("scores are not finite")
    return (weights[..., None] * values[None]).sum(axis=1), weights
""",
]


def test_in_a_class_of_a_few_idioms_the_copies_are_found_and_honest_pairs_are_not(found):
    honest = {f"honest{number:02}": f"# mine {number}\n{IDIOMS[number % 4]}" for number in range(27)}
    copies = {
        "mallory": own(),
        "niaj": own(name="choose", weight="w", remark="I wrote this", table="seen", index="i", value="v"),
        "olivia": own(name="select", weight="lim", remark="all mine", table="kept", index="k", value="u"),
    }
    pairs, likeness = found(**honest, **copies)
    assert set(pairs) == {("mallory", "niaj"), ("mallory", "olivia"), ("niaj", "olivia")}
    assert likeness.compared == 30 and not likeness.identical


def test_identical_files_come_first_also_where_many_are_identical(found):
    five = {name: own() for name in ("ada", "bela", "chen", "dina", "emil")}
    others = {f"honest{number:02}": f"# mine {number}\n{IDIOMS[number % 4]}" for number in range(25)}
    pairs, likeness = found(**five, **others)
    assert likeness.identical == [("ada", "bela", "chen", "dina", "emil")]
    assert list(pairs)[:4] == [("ada", name) for name in ("bela", "chen", "dina", "emil")]
    assert all(pair.identical and pair.share == 1.0 for pair in pairs.values())


def test_a_pair_of_two_students_alone_is_found(found):
    pairs, _ = found(ada=own(), bela=own(name="choose", remark="other"))
    assert list(pairs) == [("ada", "bela")]


def test_a_few_dozen_shared_characters_are_no_likeness(found):
    short = "\ndef helper(rows):\n    return sorted(rows, key=lambda row: -row[0])\n"
    pairs, _ = found(ada=short + OTHER, bela=short + IDIOMS[1], at_least=0.1)
    assert not pairs


def test_a_file_that_cannot_be_read_stops_nothing(found, hand_in, tiny):
    hand_in({"zoe": "\0"})
    pairs, likeness = found(ada=own(), bela=own())
    assert list(pairs) == [("ada", "bela")]
    assert [student for student, _ in likeness.left_out] == ["zoe"] and "null character" in likeness.left_out[
        0
    ][1]


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
    pair = Pair(tiny.topic("t01"), 9, False, Side("zoe", 0.5, pieces), Side("bo", 0.5, [("y = 1", True)]))
    people = {"zoe": Person("Zo\u00eb Bj\u00f6rk"), "bo": Person()}
    [likeness] = without_names(
        [Likeness(tiny.topic("t01"), 3, [("cy", "empty")], [("zoe", "bo")], [pair])], people
    )
    left = likeness.pairs[0].left
    assert left.student == "student 1" and likeness.pairs[0].right.student == "student 2"
    assert likeness.identical == [("student 1", "student 2")] and likeness.left_out == [
        ("student 3", "empty")
    ]
    assert [len(text) for text, _ in left.pieces] == [len(text) for text, _ in pieces]
    masked = "".join(text for text, _ in left.pieces)
    assert "Bj\u00f6rk" not in masked and "zoological" in masked and masked.startswith("x = (  # by ")
