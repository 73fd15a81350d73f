"""Make a class of sample submissions whose right grades are known: references, alternates, known mistakes,
stubs, syntax errors, endless loops and hostile files, spliced into the modules' text."""

import ast
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

from attend.authoring.class_layouts import SHAPES, HandedIn
from attend.authoring.stubs import make_stub
from attend.course import bank
from attend.course.archives import write_zip
from attend.course.source import SpliceError, definition_text, find_definition, parse, splice
from attend.course.syllabus import Course, Exercise, Topic
from attend.course.tables import write_csv

TRUTH_COLUMNS = ("student", "topic", "exercise", "truth")
# shares of the kinds of students; the other students answer each exercise on its own
WHOLE_FILES = {"syntax error": 0.06, "stub": 0.04, "hostile": 0.05}
ANSWERS = {"reference": 0.5, "alternate": 0.2, "misconception": 0.22, "stub": 0.05, "loop": 0.03}
UNANSWERED = ("stub", "loop", "blocked")
FAMILY = "Adichie Bashō Cervantes Dickinson Eliot Farrokhzad Goethe Heaney Ibsen Joyce Kafka Lorca Mistral Neruda Oe".split()
GIVEN = "Ada Bela Chen Dina Emre Faiz Gita Hugo Iman Jana Kofi Lena Mina Nils Olga Pia Quinn Rosa Sven Tara".split()

HOSTILE = '''
import os, sys, builtins
builtins.AssertionError = Exception
try:
    os.system("touch /tmp/owned; kill -9 -1")
except BaseException:
    pass


class Always:
    """Equal to everything."""

    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self


def __getattr__(name):
    return Always()


for frame in list(sys._current_frames().values()):
    print("<script>alert(1)</script>", frame.f_globals.keys())
'''


@dataclass(frozen=True)
class Truth:
    """What one exercise of one student holds: `reference`, `misconception no_max_shift`, `stub`, …"""

    student: str
    topic: str
    exercise: str
    truth: str


def make_class(
    course: Course, topics: list[Topic], students: int, seed: int, out: Path, shape: str = "folders"
) -> list[Truth]:
    """Write a class below `out` in one of SHAPES (every third file a zip), and `out/truth.csv`; what each exercise holds.

    The students of `truth.csv` are called as a gradebook calls them.
    """
    random_ = random.Random(seed)
    truths: list[Truth] = []
    names = _names(students, random_)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".class-", dir=out) as staging:
        for topic in topics:
            kinds = _whole_file_kinds(students, random_)
            banks = {
                "misconception": bank.misconceptions(course, topic),
                "alternate": bank.alternates(course, topic),
            }
            files = []
            for number, (name, kind) in enumerate(zip(names, kinds, strict=True), start=1):
                text, truth = _module(course, topic, kind, banks, random_)
                path = _write(Path(staging) / name, topic.slug, text, as_zip=number % 3 == 0)
                files.append(HandedIn(name, number, topic.slug, path))
                key = SHAPES[shape].key(files[-1])
                truths += [Truth(key, topic.slug, each.name, truth[each.name]) for each in topic.exercises]
            SHAPES[shape].write(out, files, random.Random(f"{seed} {shape} {topic.slug}"))
    rows = ((truth.student, truth.topic, truth.exercise, truth.truth) for truth in truths)
    write_csv(out / "truth.csv", TRUTH_COLUMNS, rows)
    return truths


def _names(count: int, random_: random.Random) -> list[str]:
    """`ada-eliot-001`: pronounceable, never twice."""
    return [
        f"{random_.choice(GIVEN)}-{random_.choice(FAMILY)}-{number:0{len(str(count))}}".lower()
        for number in range(1, count + 1)
    ]


def _whole_file_kinds(students: int, random_: random.Random) -> list[str]:
    """For each student the kind of file; each whole-file kind at least once in a class of ten or more."""
    kinds: list[str] = []
    for kind, share in WHOLE_FILES.items():
        kinds += [kind] * max(1 if students >= 10 else 0, round(share * students))
    kinds = (kinds + ["answers"] * students)[:students]
    random_.shuffle(kinds)
    return kinds


def _module(
    course: Course, topic: Topic, kind: str, banks: dict[str, list[bank.BankAnswer]], random_: random.Random
) -> tuple[str, dict[str, str]]:
    solution = course.solution(topic).read_text(encoding="utf-8")
    names = [exercise.name for exercise in topic.exercises]
    if kind == "syntax error":
        return break_text(solution, random_), dict.fromkeys(names, "syntax error")
    if kind == "stub":
        return make_stub(solution, topic), dict.fromkeys(names, "stub")
    if kind == "hostile":
        return HOSTILE, dict.fromkeys(names, "hostile")
    text, truth = solution, dict[str, str]()
    stub = make_stub(solution, topic)
    for exercise in topic.exercises:
        kind = random_.choices(list(ANSWERS), list(ANSWERS.values()))[0]
        if any(truth[name] in UNANSWERED for name in exercise.builds_on):
            truth[exercise.name] = "blocked"  # right, but it calls a function that never returns
            continue
        text, truth[exercise.name] = _answer(text, stub, topic, exercise, kind, banks, random_)
    return text, truth


def _answer(
    text: str,
    stub: str,
    topic: Topic,
    exercise: Exercise,
    kind: str,
    banks: dict[str, list[bank.BankAnswer]],
    random_: random.Random,
) -> tuple[str, str]:
    """The module with one exercise answered in the way `kind`, and the truth about it."""
    if kind == "reference":
        return text, "reference"
    if kind == "stub":
        return splice(text, exercise.target, definition_text(stub, exercise.target)), "stub"
    if kind == "loop":
        return endless(text, exercise.target), "loop"
    answer = random_.choice([answer for answer in banks[kind] if answer.exercise == exercise.name])
    try:
        spliced = answer.spliced(text, topic)
    except SpliceError:  # an answer to a method, where another answer has taken the whole class
        return text, "reference"
    return spliced, f"{kind} {answer.name}"


def endless(text: str, target: str) -> str:
    """`text` with an endless loop as the first statement of `target` (of a class: of its last method).

    Raises:
        SpliceError: `text` does not define `target`.
    """
    node = find_definition(parse(text), target)
    if node is None:
        raise SpliceError(f"no definition of {target}")
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    function = node
    if isinstance(node, ast.ClassDef):
        function = [item for item in node.body if isinstance(item, functions)][-1]
    body = function.body[1:] if len(function.body) > 1 else function.body  # after the docstring
    lines = text.splitlines()
    indent = " " * body[0].col_offset
    lines.insert(body[0].lineno - 1, f"{indent}while True:\n{indent}    pass")
    return "\n".join(lines) + "\n"


def break_text(text: str, random_: random.Random) -> str:
    """`text` with a colon lost, so that Python cannot read it."""
    lines = text.splitlines()
    ends = [index for index, line in enumerate(lines) if line.endswith(":")]
    for index in random_.sample(ends, len(ends)):
        broken = "\n".join([*lines[:index], lines[index].rstrip(":"), *lines[index + 1 :]]) + "\n"
        try:
            parse(broken)
        except SyntaxError:  # a line of a docstring may lose its colon without harm
            return broken
    raise ValueError("no line of the text ends in a colon that Python needs")


def _write(folder: Path, slug: str, text: str, as_zip: bool) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{slug}.{'zip' if as_zip else 'py'}"
    if not as_zip:
        path.write_text(text, encoding="utf-8")
        return path
    write_zip(path, [(f"{slug}.py", text.encode())])
    return path
