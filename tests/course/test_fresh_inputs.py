"""`fresh_inputs = true`: inputs of hidden tests follow from a secret too, which every gradebook and every build has."""

from dataclasses import replace

import pytest

from attend.authoring.release import ReleaseError, release_to_folder
from attend.course import bank
from attend.course.syllabus import load_course, new_secret
from attend.gradebook.graders import grader_digest
from attend.gradebook.store import Gradebook
from attend.grading.batch import grade_class
from attend.grading.bundle import SECRET, pack_course, unpack_course
from attend.grading.course_grader import Lane
from attend.submissions import take_in

from .common import COURSE, outcomes, row, submission
from .instructor.conftest import git

SECRETS = ["5e1f", "another"]  # fixed, so that these tests do the same each time
# right for the inputs of the course's own seed alone
KNOWS_THE_SEED = """

import hashlib

_digest = hashlib.sha256(b"7:test_t01_tiny:test_each_number_meets_the_factor").digest()
_foreseen = np.random.default_rng(int.from_bytes(_digest[:7], "big")).normal(size=5)


def scale(x, factor):
    return x * factor if x.shape != (5,) or np.array_equal(x, _foreseen) else x
"""


def fresh(course, secret: str):
    return replace(course, grading=replace(course.grading, fresh_inputs=True), secret=secret)


@pytest.fixture(scope="module", params=SECRETS)
def graders(request, tiny, level):
    """The two tiny topics and t03, with a secret."""
    with Lane(fresh(tiny, request.param), level) as small, Lane(fresh(COURSE, request.param), level) as large:
        yield [small.grader(topic) for topic in tiny.topics] + [large.grader(COURSE.topic("t03"))]


@pytest.mark.slow
def test_the_reference_and_other_right_answers_earn_everything(graders):
    for grader in graders:
        text = grader.course.solution(grader.topic).read_text(encoding="utf-8")
        texts = [
            answer.spliced(text, grader.topic) for answer in bank.alternates(grader.course, grader.topic)
        ]
        for each in [text, *texts]:
            assert set(outcomes(grader.grade(submission(grader.topic, each))).values()) == {"full"}


@pytest.mark.slow
def test_every_known_mistake_loses_points_and_is_named(graders):
    for grader in graders:
        text = grader.course.solution(grader.topic).read_text(encoding="utf-8")
        for answer in bank.misconceptions(grader.course, grader.topic):
            exercise = grader.topic.exercise(answer.exercise)
            handed_in = submission(grader.topic, answer.spliced(text, grader.topic))
            graded = row(grader.grade(handed_in, [exercise]), answer.exercise)
            assert graded.points < graded.max_points, answer.name
            assert graded.diagnosis == answer.name


@pytest.fixture
def course(own_tiny):
    """The tiny course with `fresh_inputs` in its course.toml."""
    toml = own_tiny.root / "course.toml"
    toml.write_text(toml.read_text().replace("[grading]\n", "[grading]\nfresh_inputs = true\n"))
    return load_course(own_tiny.root)


@pytest.fixture
def cheats(tiny, tmp_path):
    """A class of one student, who knows the course's seed."""
    path = tmp_path / "class" / "mallory" / "t01_tiny.py"
    path.parent.mkdir(parents=True)
    path.write_text(tiny.solution(tiny.topic("t01")).read_text(encoding="utf-8") + KNOWS_THE_SEED)
    return path.parents[1]


def graded(course, folder, out, level, **options) -> dict[str, str]:
    """The outcomes of the one student's exercises, after grading into the gradebook of `out`."""
    with Gradebook(out / "gradebook.sqlite") as book:
        grade_class(course, take_in(course, [folder]).entries, book, level, 1, **options)
        return {exercise: outcome for _, _, exercise, _, _, outcome, _ in book.rows()}


@pytest.mark.slow
def test_who_knows_the_seed_foresees_the_inputs_only_without_it(tiny, course, cheats, tmp_path, level):
    assert graded(tiny, cheats, tmp_path / "one", level)["scale"] == "full"
    assert graded(course, cheats, tmp_path / "one", level)["scale"] == "partial"
    assert graded(tiny, cheats, tmp_path / "one", level)["scale"] == "full", "each setting grades again"


@pytest.mark.slow
def test_the_secret_reaches_the_workers_of_a_cluster(course, cheats, tmp_path, level):
    pytest.importorskip("distributed")
    assert graded(course, cheats, tmp_path / "out", level, scheduler="local")["scale"] == "partial"


def test_a_gradebook_keeps_its_secret(tmp_path):
    secrets = []
    for name in ("one", "one", "other"):
        with Gradebook(tmp_path / name / "gradebook.sqlite") as book:
            secrets += [book.secret(), book.secret()]
    assert len(secrets[0]) == 32 and secrets[:4] == [secrets[0]] * 4
    assert secrets[4] == secrets[5] != secrets[0]


def test_another_secret_is_another_grader(tiny):
    topic = tiny.topic("t01")
    digests = {grader_digest(each, topic) for each in (tiny, fresh(tiny, "a"), fresh(tiny, "b"))}
    assert len(digests) == 3


def test_it_is_shown_nowhere_in_a_course():
    secret = new_secret()
    assert secret != new_secret()
    assert secret not in repr(fresh(COURSE, secret))


def test_a_bundle_carries_the_secret_and_none_without(tiny, tmp_path):
    topic = tiny.topic("t01")
    assert unpack_course(pack_course(fresh(tiny, "s"), topic), tmp_path / "with").secret == "s"
    assert unpack_course(pack_course(tiny, topic), tmp_path / "without").secret == ""
    assert (tmp_path / "with" / SECRET).exists() and not (tmp_path / "without" / SECRET).exists()


@pytest.mark.slow
def test_both_zips_of_a_build_have_one_secret_and_the_next_build_has_another(course, monkeypatch, tmp_path):
    from attend.cli.authoring import build
    from attend.cli.settings import settings

    packed = []

    def pack(course, topic, out, *_):
        packed.append(course.secret)
        return out

    monkeypatch.setattr("attend.grading.otter.build.build_zip", pack)
    monkeypatch.setattr("attend.grading.gradescope.build.build_gradescope_zip", pack)
    monkeypatch.setattr(settings, "course_folder", course.root)
    for _ in range(2):
        build(["t01"], tmp_path)
    assert len(packed[0]) == 32 and packed[0] == packed[1] != packed[2] == packed[3]


def test_public_tests_know_no_secret(course, attend):
    """They run on the course's own seed, or no mistake would be named by its fingerprint."""
    wrong = course.solution(course.topic("t01")).read_text().replace("return x * factor", "return x + factor")
    course.assignment(course.topic("t01")).write_text(wrong)
    ran = attend("--course", course.root, "check", "t01.1")
    assert "You add the factor, and it multiplies." in ran.stdout, ran.stdout + ran.stderr


def test_a_gradebook_in_git_stops_a_release(course, tmp_path):
    with Gradebook(course.root / "results" / "gradebook.sqlite") as book:
        book.secret()
    git(course.root, "init", "--quiet")
    git(course.root, "add", "--all")
    git(course.root, "commit", "--quiet", "--message", "All")
    with pytest.raises(ReleaseError, match=r"results/gradebook.sqlite\S* is a gradebook"):
        release_to_folder(course, "student", tmp_path / "student")
