"""Python source as text: find a definition in a module, and put another in its place."""

import ast
import re
import textwrap
from functools import lru_cache


class SpliceError(ValueError):
    """The text has no such definition."""


@lru_cache(maxsize=32)  # a bank asks for fifty definitions of the same text
def parse(text: str) -> ast.Module:
    """The syntax tree of `text`: shared, so only to be read."""
    return ast.parse(text)


def find_definition(tree: ast.Module, target: str) -> ast.AST | None:
    """The last `def` or `class` called `target` (`f`, `Class` or `Class.method`), or None."""
    body, node = tree.body, None
    for name in target.split("."):
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        found = [item for item in body if isinstance(item, kinds) and item.name == name]
        if not found:
            return None
        node = found[-1]
        body = node.body
    return node


def line_span(node: ast.AST) -> tuple[int, int]:
    """First and last line (0-based, half open) of a definition, its decorators included."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return first - 1, node.end_lineno


def definition_text(text: str, target: str) -> str:
    """The source of the definition called `target`, dedented."""
    node = find_definition(parse(text), target)
    if node is None:
        raise SpliceError(f"no definition of {target}")
    first, last = line_span(node)
    return textwrap.dedent("\n".join(text.splitlines()[first:last]))


def splice(text: str, target: str, replacement: str) -> str:
    """`text` with the definition of `target` replaced by `replacement`, which is renamed to fit.

    Raises:
        SpliceError: `text` does not define `target`, or `replacement` is not one definition.
    """
    node = find_definition(parse(text), target)
    if node is None:
        raise SpliceError(f"no definition of {target}")
    lines = text.splitlines()
    first, last = line_span(node)
    indent = " " * node.col_offset
    new = textwrap.indent(rename(replacement, target.rsplit(".", 1)[-1]), indent)
    return "\n".join([*lines[:first], *new.splitlines(), *lines[last:]]) + "\n"


def rename(definition: str, name: str) -> str:
    """The one `def` or `class` in `definition`, called `name`, without decorators."""
    definition = textwrap.dedent(definition)
    body = parse(definition).body
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef | ast.ClassDef):
        raise SpliceError("a replacement is exactly one function or class")
    node = body[0]
    lines = definition.splitlines()[node.lineno - 1 : node.end_lineno]
    lines[0] = re.sub(rf"^(def|class)\s+{node.name}\b", rf"\1 {name}", lines[0])
    text = "\n".join(lines)
    if isinstance(node, ast.ClassDef):  # super(OldName, self) names the class too
        text = re.sub(rf"\bsuper\(\s*{node.name}\b", f"super({name}", text)
    return text
