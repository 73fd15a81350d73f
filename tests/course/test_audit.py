"""Every topic's graders are proven, and a grader that proves nothing is found out."""

import json
import re
import shutil

import pytest

from attend.authoring.audit import audit_topic
from attend.authoring.small_builder import write_small
from attend.authoring.small_templates import SmallCallsError, templates_path
from attend.course import bank
from attend.course.errors import AttendError
from attend.course.syllabus import load_course
from attend.grading.course_grader import Lane

from .common import COURSE

# one pair of mistakes in so many is tried here, and one in ten by `attend audit`
ONE_IN, ONE_IN_MANY = 20, 40
# the topics that have many pairs, and take long
MANY_PAIRS = ("t06", "t07", "t10", "t11", "t12", "t13")


# those that take longest come first
@pytest.mark.slow
@pytest.mark.parametrize("topic", COURSE.topics[::-1], ids=lambda topic: topic.number)
def test_the_audit_of_a_topic_has_no_hole(lane, topic):
    audits = audit_topic(COURSE, topic, lane, one_in=ONE_IN_MANY if topic.number in MANY_PAIRS else ONE_IN)
    assert [f"{audit.exercise}: {hole}" for audit in audits for hole in audit.holes] == []
    assert [audit.exercise for audit in audits] == [exercise.name for exercise in topic.exercises]
    for audit in audits:
        assert audit.stub_fails and audit.reference_passes
        assert audit.killed == audit.diagnosed == audit.misconceptions >= 3
        assert audit.accepted == audit.alternates >= 2
        assert audit.hidden_tests > 0 and audit.public_tests > 0


# the audit itself, on copies of the tiny course with something wrong in them


@pytest.fixture
def holes(own_tiny, level):
    """The holes of the NumPy topic after files of the course were changed."""

    def audit(*changes: tuple[str, str, str]) -> list[str]:
        for name, pattern, replacement in changes:
            path = own_tiny.root / name
            text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), flags=re.DOTALL)
            assert count, f"{name} does not hold {pattern}"
            path.write_text(text, encoding="utf-8")
        course = load_course(own_tiny.root)
        with Lane(course, level) as lane:
            audits = audit_topic(course, course.topic("t01"), lane)
        return [f"{entry.exercise}: {hole}" for entry in audits for hole in entry.holes]

    return audit


GRADERS = "autograder/graders/test_t01_tiny.py"
WRONG = "autograder/misconceptions/t01_tiny.py"


def test_a_sound_topic_has_no_hole(holes):
    assert holes() == []


@pytest.fixture
def small_holes(holes, own_tiny):
    """The holes of the NumPy topic with a file of small calls."""

    def audit(text: str) -> list[str]:
        path = templates_path(own_tiny, own_tiny.topic("t01"))
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        write_small(own_tiny, [own_tiny.topic("t01")])
        return holes()

    return audit


CALLS = 'scale = [["a number", "scale(ones(2), 3)"]]\nshifted = [["a number", "shifted(ones(2), 2, 3)"]]\n'


def test_mistakes_that_no_small_call_shows_are_holes(small_holes):
    found = small_holes('scale = [["a number", "scale(ones(1), 3)"]]\n')
    words = "is shown by no small call of at most 6 numbers"
    assert found and all(words in hole for hole in found)
    assert any(hole.startswith("shifted: ") for hole in found)


def test_a_reason_for_what_is_not_shown_fills_the_hole_and_only_that(small_holes, own_tiny):
    topic = own_tiny.topic("t01")
    names = [hole.split()[2] for hole in small_holes("scale = []\n")]
    assert len(names) == len(bank.misconceptions(own_tiny, topic))
    reasons = "".join(f'{name} = "A reason."\n' for name in names)
    assert small_holes(f"[not_shown]\n{reasons}") == []
    found = small_holes(f"{CALLS}[not_shown]\n{reasons}")
    assert found and all(hole.endswith("not_shown says why not") for hole in found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[not_shown]\nunknown_mistake = "A reason."\n', "unknown_mistake is no known mistake"),
        ("unknown = []\n", "unknown is no exercise"),
        ('scale = [["scale([1], 2)"]]\n', "is not what it is about and a call"),
        ("scale = [\n", "is no TOML"),
    ],
)
def test_a_file_of_small_calls_that_cannot_be_used(small_holes, text, words):
    with pytest.raises(SmallCallsError, match=words):
        small_holes(text)


def test_a_reason_that_says_nothing_is_none(small_holes):
    name = small_holes("scale = []\n")[0].split()[2]
    with pytest.raises(SmallCallsError, match="has no reason"):
        small_holes(f'[not_shown]\n{name} = " "\n')


def test_a_grader_that_accepts_any_value_is_found_by_the_mistakes_that_it_lets_pass(holes):
    found = holes((GRADERS, 'what="shifted"', 'what="shifted", atol=1e9'))
    passed = ("shift_first", "offset_taken_away", "offset_not_used")
    assert found == [f"shifted: misconception {name} earns full points" for name in passed]


def test_a_test_that_never_calls_the_student_is_found_by_the_stub(holes):
    found = holes(
        (GRADERS, r"check\.close\(student\.scale\(np\.zeros\(0\), 2\.5\).*?what=\"scaled\"\)", "pass")
    )
    assert found == ["scale: the stub earns points"]


def test_a_wrong_reference_is_found(holes):
    found = holes(("solutions/t01_tiny.py", r"return x \* factor", "return x * factor + 1"))
    assert any(
        hole.startswith("scale: the reference fails: test_each_number_meets_the_factor") for hole in found
    )


def test_a_right_answer_that_is_refused_is_found(holes):
    found = holes(("autograder/alternates/t01_tiny.py", r"np\.multiply\(x, factor\)", "x * factor + 1"))
    assert len(found) == 1
    assert found[0].startswith(
        "scale: alternate scale_by_multiply fails scale: test_each_number_meets_the_factor"
    )


def test_two_mistakes_that_no_test_tells_apart_are_found(holes):
    found = holes((WRONG, r"return x / factor", "return factor + x"))
    assert found == ["scale: misconception divided is diagnosed as factor_added"]


def test_too_few_wrong_answers_are_found(holes):
    found = holes((WRONG, r"@misconception\(\"scale\", \"You divide.*?factor\n\n\n", ""))
    assert found == ["scale: has 2 misconceptions, needs 3"]


def test_too_few_right_answers_are_found(holes):
    found = holes(
        ("autograder/alternates/t01_tiny.py", r"@alternate\(\"scale\"\)\ndef scale_by.*?factor\)\n\n\n", "")
    )
    assert found == ["scale: has 1 alternates, needs 2"]


@pytest.mark.parametrize(
    ("name", "pattern", "replacement", "hole"),
    [
        ("docs/topics/t01_tiny.md", "#shifted", "#shift", "shifted: has no anchor on its page"),
        ("course.toml", r'hints = \["What comes first\?", ', "hints = [", "shifted: has no three hints"),
        (
            "tests/public/test_t01_tiny.py",
            r'exercise\("shifted"\)',
            'exercise("scale")',
            "shifted: has no public test",
        ),
    ],
)
def test_what_a_topic_lacks_is_found(holes, name, pattern, replacement, hole):
    assert holes((name, pattern, replacement)) == [hole]


@pytest.mark.parametrize(
    "layer", ["solution", "graders", "misconceptions", "alternates", "public_tests", "page"]
)
def test_a_layer_that_is_missing_is_found(own_tiny, holes, layer):
    path = getattr(own_tiny, layer)(own_tiny.topic("t01"))
    path.unlink()
    assert f"scale: {path.relative_to(own_tiny.root)} does not exist" in holes()


def test_an_answer_to_no_exercise_is_wrong_use(holes):
    with pytest.raises(AttendError, match="factor_added for 'scales', which is no exercise"):
        holes((WRONG, r'misconception\("scale"', 'misconception("scales"'))


def test_the_command_prints_a_table_and_fails_on_a_hole(attend, own_tiny):
    sound = attend("--course", own_tiny.root, "audit", "t01")
    assert sound.returncode == 0 and "no holes" in sound.stdout and "3 of 3" in sound.stdout
    plain = attend("--course", own_tiny.root, "audit", "t01", "--json")
    assert plain.returncode == 0
    for entry in json.loads(plain.stdout):
        assert entry["topic"] == "t01_tiny" and entry["holes"] == []
        assert entry["killed"] == entry["diagnosed"] == entry["misconceptions"] == 3
    shutil.copy(own_tiny.root / "docs/topics/t02_gate.md", own_tiny.root / "docs/topics/t01_tiny.md")
    holed = attend("--course", own_tiny.root, "audit", "t01")
    assert holed.returncode == 1 and "hole t01 scale: has no anchor on its page" in holed.stdout
