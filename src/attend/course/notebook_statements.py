"""Which statements of a notebook are needed: those that define or change a wanted name, and all that these use."""

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class _Names:
    """The names of the module that a statement binds, changes (`CFG["a"] = 1`, `TABLE.append(2)`) and uses."""

    binds: set[str]
    changes: set[str]
    uses: set[str]


def kept_statements(text: str, filename: str, needed: set[str]) -> ast.Module:
    """The statements of `text` that the names `needed` need, in their order.

    Raises:
        SyntaxError: the text is no Python.
    """
    tree = ast.parse(text, filename)
    imported = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    needed = set(needed)
    found_names = [_names(statement, imported) for statement in tree.body]
    waiting = dict(enumerate(found_names))
    chosen = set()
    while found := [
        number
        for number, names in waiting.items()
        if (names.binds | names.changes) & needed or "*" in names.binds
    ]:
        for number in found:
            chosen.add(number)
            names = waiting.pop(number)
            needed |= names.uses | names.changes
    body = [
        node
        for number in sorted(chosen)
        for node in _usable(tree.body[number], found_names[number], filename)
    ]
    future = [line for line in tree.body if isinstance(line, ast.ImportFrom) and line.module == "__future__"]
    tree.body = future + [line for line in body if line not in future]
    return tree


def names_of(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """The names of the module that a statement binds, and those that it uses, now or when its functions are called."""
    names = _names(statement, set())
    return names.binds, names.uses


def _usable(statement: ast.stmt, names: _Names, filename: str) -> list[ast.stmt]:
    """The statement; where it is allowed in no module (`x = await f()`), functions of its names that raise SyntaxError."""
    try:
        compile(ast.Module([statement], []), filename, "exec", dont_inherit=True)
        return [statement]
    except SyntaxError:
        code = "def {}(*args, **kwargs): raise SyntaxError('this statement cannot stand here')"
        tree = ast.parse("\n".join(code.format(name) for name in sorted(names.binds)))
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt | ast.expr | ast.arg):
                node.lineno = node.end_lineno = statement.lineno
        return tree.body


def _names(statement: ast.stmt, imported: set[str]) -> _Names:
    """What a statement does to names of the module, now or when its functions are called.

    To call a function of an imported module changes nothing that is kept: `np.testing.assert_equal(…)` is a trial.
    """
    if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
        return _Names({"*"}, set(), set())  # it may bind anything
    table = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    symbols = table.get_symbols()
    binds = {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}
    uses = {symbol.get_name() for symbol in symbols if symbol.is_referenced()}
    inside = list(table.get_children())
    while inside:
        table = inside.pop()
        uses |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
        inside += table.get_children()
    changes = {root for node in _changed(statement) if (root := _root(node)) is not None}
    return _Names(binds, changes - imported, uses)


def _changed(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions whose value a statement changes: where it stores into them, or calls their method by itself."""
    if isinstance(statement, _SCOPES):
        for decorator in getattr(statement, "decorator_list", ()):
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(call, ast.Attribute):
                yield call
        return
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if isinstance(call.func, ast.Attribute):
            yield call.func
        elif isinstance(call.func, ast.Name) and call.func.id in ("setattr", "delattr") and call.args:
            yield call.args[0]
    for node in ast.iter_child_nodes(statement):
        if isinstance(node, ast.stmt):
            yield from _changed(node)
        elif isinstance(node, ast.ExceptHandler | ast.match_case):
            for inner in node.body:
                yield from _changed(inner)
        else:
            yield from _stored(node)


def _stored(expression: ast.AST) -> Iterator[ast.expr]:
    """The items and attributes in an expression that are assigned to or deleted."""
    if isinstance(expression, ast.Attribute | ast.Subscript) and not isinstance(expression.ctx, ast.Load):
        yield expression
    if not isinstance(expression, _SCOPES):
        for node in ast.iter_child_nodes(expression):
            yield from _stored(node)


def _root(node: ast.expr) -> str | None:
    """The name at the beginning of `name.part[0].method(…)`; None where there is none."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return None
    return node.id
