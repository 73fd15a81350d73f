"""A lab names what it needs: an exercise left undone, a module that is missing, the line of a mistake."""

import re
from pathlib import Path

import pytest

from attend.course.source import find_definition, line_span, parse
from attend.course.stub_markers import REGION, stub_line
from attend.lab import bottleneck, summarise, transformer, translate, vision
from attend.lab.modules import Code, LabError

from ..common import COURSE

LABS = (bottleneck, translate, transformer, vision, summarise)


def undo(folder: Path, slug: str, name: str) -> None:
    """Make a stub of one exercise."""
    exercise = COURSE.topic(slug).exercise(name)
    path = folder / f"{slug}.py"
    text = path.read_text(encoding="utf-8")
    first, last = line_span(find_definition(parse(text), exercise.target))

    def raising(region: re.Match) -> str:
        inside = first <= text.count("\n", 0, region.start()) < last
        return f"{region[1]}{stub_line(exercise)}" if inside else region[0]

    path.write_text(REGION.sub(raising, text), encoding="utf-8")


def test_undone_exercises_are_named_before_any_training(own_code):
    undo(own_code, "t05_attention_decoder", "step")
    undo(own_code, "t06_encoder_decoder", "greedy_decode")
    undo(own_code, "t06_encoder_decoder", "beam_search")  # no lab needs it
    with pytest.raises(LabError) as caught:
        Code(own_code).require(translate.NEEDS)
    assert str(caught.value) == (
        "needs t05.2 step, t06.4 greedy_decode: not done yet; use --code solutions to see it work."
    )


def test_an_exercise_that_was_not_foreseen_is_named_when_it_is_reached(own_code):
    undo(own_code, "t04_attention_encoder", "source_mask")
    code = Code(own_code)
    code.require(translate.NEEDS)
    with pytest.raises(LabError, match="needs t04.1 source_mask: not done yet; use --code solutions"):
        with code.named_errors():
            code["t04"].source_mask(None)


def test_a_mistake_is_put_down_to_its_line(own_code):
    path = own_code / "t04_attention_encoder.py"
    path.write_text(
        path.read_text(encoding="utf-8") + "\n\ndef broken():\n    return 1 / 0\n", encoding="utf-8"
    )
    line = len(path.read_text(encoding="utf-8").splitlines())
    code = Code(own_code)
    with pytest.raises(
        LabError, match=rf"t04_attention_encoder.py, line {line}, in broken: ZeroDivisionError"
    ):
        with code.named_errors():
            code["t04"].broken()


def test_missing_and_unreadable_modules_are_named(own_code, tmp_path):
    with pytest.raises(LabError, match="needs t05, and .* has no t05_….py"):
        Code(tmp_path / "nothing").require({"t05": ["step"]})
    (own_code / "t05_attention_decoder.py").write_text("def step(:\n", encoding="utf-8")
    with pytest.raises(LabError, match="t05_attention_decoder.py, line 1"):
        Code(own_code).require(translate.NEEDS)


def test_comments_and_docstrings_do_not_change_the_digest_and_code_does(own_code):
    before = Code(own_code).digest(["t04"])
    path = own_code / "t04_attention_encoder.py"
    text = path.read_text(encoding="utf-8").replace("True on a sentence's real positions", "Mine: True there")
    path.write_text("# mine\n" + text, encoding="utf-8")
    assert Code(own_code).digest(["t04"]) == before
    path.write_text(path.read_text(encoding="utf-8") + "x = 1\n", encoding="utf-8")
    assert Code(own_code).digest(["t04"]) != before


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.__name__.rpartition(".")[2])
def test_what_a_lab_needs_are_exercises_of_the_course(lab):
    for number, names in lab.NEEDS.items():
        known = [topic for topic in COURSE.topics if topic.number == number]
        if known:  # a topic that is still being written is not in course.toml
            assert set(names) <= {exercise.name for exercise in known[0].exercises}


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.__name__.rpartition(".")[2])
def test_a_lab_s_needs_cover_every_module_that_it_loads(lab):
    """A digest is made of the modules in NEEDS: a module left out would be a checkpoint that never grows old."""
    files = {Path(lab.__file__)} | {Path(lab.__file__).with_name(f"{name}.py") for name in _own_parts(lab)}
    loaded = {number for path in files for number in re.findall(r'code\["(t\d\d)"\]', path.read_text())}
    if "models.py" in {path.name for path in files}:
        loaded -= {"t05"} if "t05" not in lab.NEEDS else {"t07"}  # models.py builds both kinds
    assert loaded <= set(lab.NEEDS)


def _own_parts(lab) -> set[str]:
    return set(
        re.findall(r"from attend\.lab\.(\w*models|translation) import", Path(lab.__file__).read_text())
    )
