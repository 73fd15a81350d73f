"""What the arguments of small calls are: the parameters of a module's functions, with the kinds of their values."""

import ast

# of a function, class or method: its parameters, each with the kind of its values
Signatures = dict[str, list[tuple[str, str]]]
KINDS = {"Float": "float", "Shaped": "float", "Num": "float", "Int": "int", "Bool": "bool"}
PLAIN = "plain"
# what follows the kind of the arrays that a list holds
LIST = " list"


def signatures(source: str) -> Signatures:
    """The parameters of every function, class and method of a module, with the kinds that its annotations name."""
    found: Signatures = {}
    body = ast.parse(source).body
    aliases = {ast.unparse(node.targets[0]): node.value for node in body if isinstance(node, ast.Assign)}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = _parameters(node, 0, aliases)
        elif isinstance(node, ast.ClassDef):
            found.setdefault(node.name, [])
            for method in (each for each in node.body if isinstance(each, ast.FunctionDef)):
                name = node.name if method.name == "__init__" else f"{node.name}.{method.name}"
                found[name] = _parameters(method, 1, aliases)
    return found


def _parameters(node: ast.FunctionDef, skipped: int, aliases: dict[str, ast.expr]) -> list[tuple[str, str]]:
    arguments = [*node.args.posonlyargs, *node.args.args][skipped:] + node.args.kwonlyargs
    return [(each.arg, _kind(each.annotation, aliases)) for each in arguments]


def _kind(annotation: ast.expr | None, aliases: dict[str, ast.expr]) -> str:
    """The kind of an argument from its annotation: `Float[Tensor, "B S"]`, one of several in a union, or a list of it.

    An annotation may be an alias: a name that the module gives to another annotation. A `Tensor` whose kind is not
    named holds floats.
    """
    if isinstance(annotation, ast.Name) and annotation.id in aliases:
        return _kind(aliases[annotation.id], aliases)
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "list":
        kind = _kind(annotation.slice, aliases)
        return kind if kind == PLAIN else kind + LIST
    for node in ast.walk(annotation) if annotation is not None else ():
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in KINDS:
            return KINDS[node.value.id]
        if isinstance(node, ast.Name) and node.id == "Tensor":
            return "float"
    return PLAIN
