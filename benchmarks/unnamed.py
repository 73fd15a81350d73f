"""Measure how well groups cover the wrong answers that fit no known mistake.

    python benchmarks/unnamed.py [--students 400] [--topic t03] [--seed 1]

Makes a class whose mistakes are small changes of right code (another operator, sign, constant or argument, a statement
left out), some much more frequent than others, and each written with names of its own. Grades it, and prints how many
wrong answers have no name, in how many groups they are, and how many of them the ten largest groups hold.
"""

import argparse
import ast
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attend.course import bank
from attend.course.source import get_definition, splice
from attend.course.syllabus import load_course
from attend.gradebook.groups import Groups
from attend.gradebook.store import Gradebook
from attend.grading.batch import grade_class
from attend.sandbox.levels import choose_level
from attend.submissions import take_in

OTHER = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.MatMult: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip


def mutants(code: str) -> Iterator[str]:
    """The code of one definition with one small change, every such change once."""
    nodes = list(ast.walk(ast.parse(code)))
    for index in range(len(nodes)):
        for change in range(3):
            tree = ast.parse(code)
            node = list(ast.walk(tree))[index]
            if _change(node, change):
                yield ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _change(node: ast.AST, change: int) -> bool:
    """Change a node in place in one of three ways; False where it cannot be changed in this one."""
    match node, change:
        case ast.BinOp(op=op), 0 if type(op) in OTHER:
            node.op = OTHER[type(op)]()
        case ast.BinOp(), 1:
            node.left, node.right = node.right, node.left
        case ast.Compare(ops=[op]), 0 if type(op) in OTHER:
            node.ops = [OTHER[type(op)]()]
        case ast.Constant(value=int(value)), 0 if not isinstance(value, bool):
            node.value = value + 1
        case ast.Constant(value=bool(value)), 0:
            node.value = not value
        case ast.UnaryOp(op=ast.USub()), 0:
            node.op = ast.UAdd()
        case ast.Call(args=[_, _, *_]), 0:
            node.args[:2] = node.args[1::-1]
        case ast.Call(keywords=[_, *_]), 1:
            node.keywords.pop()
        case ast.FunctionDef(body=body), _ if len(body) > change + 1:
            del body[change]
        case _:
            return False
    return True


def renamed(code: str, number: int) -> str:
    """The code with other names for its own variables."""
    tree = ast.parse(code)
    own = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in own:
            node.id = f"{node.id}_{number}"
    return ast.unparse(tree) + "\n"


def make_class(course, topic, students: int, seed: int, folder: Path) -> None:
    """`students` hand-ins, each with one small change in one exercise."""
    rng = random.Random(seed)
    solution = course.solution(topic).read_text(encoding="utf-8")
    rights = [(each.target(topic), each.source) for each in bank.alternates(course, topic)]
    rights += [(each.target, ast.unparse(get_definition(solution, each.target))) for each in topic.exercises]
    pool = [(target, wrong) for target, source in rights for wrong in mutants(source)]
    rng.shuffle(pool)
    # the mistake in place n is made n times less often than the first one
    weights = [1 / (place + 1) for place in range(len(pool))]
    for number, (target, wrong) in enumerate(rng.choices(pool, weights, k=students)):
        path = folder / f"student-{number:04}" / f"{topic.slug}.py"
        path.parent.mkdir(parents=True)
        path.write_text(splice(solution, target, renamed(wrong, number)), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=400)
    parser.add_argument("--topic", default="t03")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    course = load_course(Path(__file__).parents[1])
    topic = course.topic(options.topic)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_class(course, topic, options.students, options.seed, folder / "class")
        with Gradebook(folder / "gradebook.sqlite") as gradebook:
            entries = take_in(course, [folder / "class"], None).entries
            grade_class(course, entries, gradebook, choose_level(None), os.cpu_count(), lambda progress: None)
            groups, wrong, named = Groups(), 0, 0
            for grade in gradebook.grades():
                groups.add(topic, grade)
                wrong += sum(row.outcome not in ("full", "carried") for row in grade.exercises)
                named += sum(bool(row.diagnosis) for row in grade.exercises)
    found = groups.of(topic)
    unnamed, largest = (sum(len(each.students) for each in part) for part in (found, found[:10]))
    print(f"{topic.slug}: {options.students} students, {wrong} wrong answers, {named} with a name")
    print(
        f"without a name: {unnamed} in {len(found)} groups; the ten largest hold {largest} ({largest / max(unnamed, 1):.0%})"
    )


if __name__ == "__main__":
    main()
