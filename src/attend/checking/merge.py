"""A student's module put into a new stub: what the student changed stays, and all else is the new stub's."""

import ast
from dataclasses import dataclass

from attend.course.source import Definition, SpliceError, definition_text, parse, splice


@dataclass(frozen=True)
class Merged:
    """The new text, and the names of definitions that both sides have changed: the text has the student's."""

    text: str
    both: list[str]


def merged(mine: str, old: str, new: str) -> Merged | None:
    """The new stub with everything that `mine` has changed of the old one; None where `mine` is not Python.

    Definitions are compared one by one, methods within their class. A definition that the student changed is the
    student's; so are statements at the top that the old stub does not have. Of what only the stub changed, the new one
    is taken.
    """
    try:
        theirs, before, after = _definitions(mine), _definitions(old), _definitions(new)
        own = _own_statements(mine, old, new)
    except SyntaxError:
        return None
    text, both = new, []
    for target, code in theirs.items():
        # a class is taken whole where more than its methods was changed
        owner = target.rpartition(".")[0]
        whole = owner and _shell(theirs[owner]) != _shell(before.get(owner, ""))
        methods = [name for name in theirs if name.startswith(f"{target}.")]
        if whole or methods and _shell(code) == _shell(before.get(target, "")):
            continue
        if before.get(target) != code:
            text = _placed(text, target, code)
            both += [target] if target in before and after.get(target) not in (before[target], code) else []
    return Merged(_with_statements(text, own) if own else text, both)


def _shell(code: str) -> str:
    """What a class holds beside its methods, as a text that layout does not change."""
    if not code:
        return ""
    node = ast.parse(code).body[0]
    if isinstance(node, ast.ClassDef):
        node.body = [each for each in node.body if not isinstance(each, Definition)]
    return ast.dump(node)


def _definitions(text: str) -> dict[str, str]:
    """Every function, class and method at the top of a module, by its dotted name, with its text."""
    found: dict[str, str] = {}
    for node in parse(text).body if text else ():
        if isinstance(node, Definition):
            found[node.name] = definition_text(text, node.name)
            methods = [each for each in getattr(node, "body", ()) if isinstance(node, ast.ClassDef)]
            for method in (each for each in methods if isinstance(each, Definition)):
                found[f"{node.name}.{method.name}"] = definition_text(text, f"{node.name}.{method.name}")
    return found


def _placed(text: str, target: str, code: str) -> str:
    """The text with a definition of the student's in its place; a method that is new there goes to the end of its class."""
    try:
        return splice(text, target, code)
    except SpliceError:
        owner, _, _ = target.rpartition(".")
    if not owner:
        return f"{text.rstrip()}\n\n\n{code}\n"
    try:
        whole = definition_text(text, owner)
    except SpliceError:
        return text
    indented = "\n".join(f"    {line}" if line else line for line in code.splitlines())
    return splice(text, owner, f"{whole.rstrip()}\n\n{indented}\n")


def _own_statements(mine: str, old: str, new: str) -> list[str]:
    """The statements at the top of the student's module that neither stub has: imports, constants."""
    known = {ast.dump(node) for text in (old, new) if text for node in parse(text).body}
    lines = mine.splitlines()
    return [
        "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in parse(mine).body
        if not isinstance(node, Definition) and ast.dump(node) not in known
    ]


def _with_statements(text: str, statements: list[str]) -> str:
    """The text with statements behind its imports."""
    body = parse(text).body
    imports = [node.end_lineno or 0 for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    docstring = [node.end_lineno or 0 for node in body[:1] if isinstance(node, ast.Expr)]
    place = max([*imports, *docstring], default=0)
    lines = text.splitlines()
    return "\n".join([*lines[:place], *statements, *lines[place:]]) + "\n"
