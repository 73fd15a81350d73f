"""The course's modules as the labs use them: a student's own, or the solutions."""

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from types import ModuleType

from attend.course.errors import AttendError
from attend.course.stub_markers import stub_messages
from attend.student.module import load_module

HELP = "use --code solutions to see it work"
Needs = Mapping[str, Sequence[str]]  # topic → names of the exercises that a lab calls


class LabError(AttendError):
    """A lab cannot go on; the message says what it needs."""

    exit_code = 1


class Code:
    """The modules of one folder, loaded when first asked for: `code["t05"].AttentionDecoder`."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self._modules: dict[str, ModuleType] = {}

    def __getitem__(self, number: str) -> ModuleType:
        if number not in self._modules:
            path = self._path(number)
            with self.named_errors():
                name = f"lab_{self.folder.name}_{path.stem}"
                self._modules[number] = load_module(self._text(number), name, str(path))
        return self._modules[number]

    def require(self, needs: Needs) -> None:
        """Check before any training that all exercises that a lab needs are written.

        Raises:
            LabError: some are not; the message names all of them.
        """
        undone = []
        for number, names in needs.items():
            undone += [stub for stub in stub_messages(self._text(number)) if stub.split()[1] in names]
        if undone:
            raise LabError(_not_done(undone))

    def digest(self, numbers: Sequence[str]) -> str:
        """A digest of the modules' code, without comments, docstrings and layout.

        Raises:
            LabError: a module is missing or is not Python.
        """
        trees = (ast.dump(_without_texts(ast.parse(self._text(number)))) for number in sorted(numbers))
        return hashlib.sha256("\n".join(trees).encode()).hexdigest()[:16]

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Turn an error of the modules' code into one that names the exercise that is not done, or the line.

        Raises:
            LabError: the block raised an error of that kind.
        """
        try:
            yield
        except NotImplementedError as error:
            if stubs := stub_messages(str(error)):
                raise LabError(_not_done(list(stubs))) from error
            raise
        except AttendError:
            raise
        except Exception as error:
            own = [frame for frame in extract_tb(error.__traceback__) if self._owns(frame.filename)]
            if own:
                where = f"{Path(own[-1].filename).name}, line {own[-1].lineno}, in {own[-1].name}"
                raise LabError(f"{where}: {type(error).__name__}: {error}; {HELP}.") from error
            raise

    def _owns(self, filename: str) -> bool:
        return Path(filename).parent == self.folder

    def _path(self, number: str) -> Path:
        found = sorted(self.folder.glob(f"{number}_*.py"))
        if found:
            return found[0]
        if self.folder.name == "solutions":
            raise LabError(
                f"{self.folder} has no {number}_….py; finished modules come with their own branch."
            )
        raise LabError(f"needs {number}, and {self.folder} has no {number}_….py; {HELP}.")

    def _text(self, number: str) -> str:
        path = self._path(number)
        text = path.read_text(encoding="utf-8")
        try:
            ast.parse(text)
        except SyntaxError as error:
            raise LabError(f"{path.name}, line {error.lineno}: {error.msg}; {HELP}.") from error
        return text


def _without_texts(tree: ast.Module) -> ast.Module:
    """Remove docstrings and all other constants that are statements."""
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            body[:] = [
                line
                for line in body
                if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            ]
    return tree


def _not_done(exercises: Sequence[str]) -> str:
    return f"needs {', '.join(exercises)}: not done yet; {HELP}."
