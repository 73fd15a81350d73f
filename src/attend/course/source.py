"""Python source as text: find a definition in a module, and put another in its place."""

import ast
import codecs
import contextlib
import io
import re
import textwrap
import tokenize
from functools import lru_cache

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


# As Python names them: what editors wrote before UTF-8. Most other codecs of Python's do not leave ASCII as it is.
_OLDER_ENCODING = re.compile(
    r"iso8859-\d+|cp125\d|mac-roman|koi8-[rtu]|gbk|gb2312|gb18030|big5|euc_kr|cp949|shift_jis|cp932|euc_jp"
)

# in one of the first two lines, of which the first is empty or a comment too
_DECLARATION = re.compile(r"\A((?:[ \t\f]*(?:#.*)?\n)?[ \t\f]*#.*?coding[:=][ \t]*)[-\w.]+")


class SpliceError(ValueError):
    """A definition that is asked for is not in the text, or a replacement is not exactly one definition."""


def decode(data: bytes) -> str:
    """The text of a file of source, with line ends of one kind.

    It is in UTF-8, or in an older encoding that one of its first two lines declares (PEP 263). There the text declares
    UTF-8 instead, for that is how it is written from here on.

    Raises:
        UnicodeDecodeError: it is of another encoding.
    """
    encoding = ""
    if not data.startswith(codecs.BOM_UTF8):
        # a declaration that cannot be read, or a line that is no UTF-8
        with contextlib.suppress(SyntaxError):
            declared = codecs.lookup(tokenize.detect_encoding(io.BytesIO(data).readline)[0]).name
            encoding = declared if _OLDER_ENCODING.fullmatch(declared) else ""
    text = data.decode(encoding or "utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    return _DECLARATION.sub(r"\1utf-8", text, count=1) if encoding else text


@lru_cache(maxsize=32)  # a bank asks for fifty definitions of the same text
def parse(text: str) -> ast.Module:
    """The syntax tree of `text`. Later calls return the same tree: do not change it.

    Raises:
        SyntaxError: `text` is not Python.
    """
    return ast.parse(text)


def find_definition(tree: ast.Module, target: str) -> Definition | None:
    """The last `def` or `class` called `target` (`f`, `Class` or `Class.method`), or None."""
    body: list[ast.stmt] = tree.body
    node = None
    for name in target.split("."):
        found = [item for item in body if isinstance(item, Definition) and item.name == name]
        if not found:
            return None
        node = found[-1]
        body = node.body
    return node


def line_span(node: Definition) -> tuple[int, int]:
    """First and last line (0-based, half open) of a definition, its decorators included."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return first - 1, node.end_lineno or node.lineno


def get_definition(text: str, target: str) -> Definition:
    """The definition called `target` in `text`.

    Raises:
        SpliceError: `text` does not define it.
        SyntaxError: `text` is not Python.
    """
    node = find_definition(parse(text), target)
    if node is None:
        raise SpliceError(f"no definition of {target}")
    return node


def definition_text(text: str, target: str) -> str:
    """The source of the definition called `target`, dedented.

    Raises:
        SpliceError: `text` does not define `target`.
        SyntaxError: `text` is not Python.
    """
    first, last = line_span(get_definition(text, target))
    return textwrap.dedent("\n".join(text.splitlines()[first:last]))


def splice(text: str, target: str, replacement: str) -> str:
    """`text` with the definition of `target` replaced by `replacement`, which is renamed to fit.

    Raises:
        SpliceError: `text` does not define `target`, or `replacement` is not one definition.
        SyntaxError: one of the two is not Python.
    """
    node = get_definition(text, target)
    lines = text.splitlines()
    first, last = line_span(node)
    indent = " " * node.col_offset
    new = textwrap.indent(rename(replacement, target.rsplit(".", 1)[-1]), indent)
    return "\n".join([*lines[:first], *new.splitlines(), *lines[last:]]) + "\n"


def rename(definition: str, name: str) -> str:
    """The one `def` or `class` in `definition`, called `name`, without decorators.

    Raises:
        SpliceError: it is not exactly one function or class.
        SyntaxError: it is not Python.
    """
    definition = textwrap.dedent(definition)
    body = parse(definition).body
    node = body[0] if len(body) == 1 else None
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        raise SpliceError("a replacement is exactly one function or class")
    lines = definition.splitlines()[node.lineno - 1 : node.end_lineno]
    lines[0] = re.sub(rf"^(def|class)\s+{node.name}\b", rf"\1 {name}", lines[0])
    text = "\n".join(lines)
    if isinstance(node, ast.ClassDef):  # super(OldName, self) names the class too
        text = re.sub(rf"\bsuper\(\s*{node.name}\b", f"super({name}", text)
    return text
