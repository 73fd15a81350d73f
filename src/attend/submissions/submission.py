"""Take what a student handed in: a folder, a `.py`, an `.ipynb` or a zip. Nothing is unpacked, nothing is run."""

import hashlib
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from attend.course.errors import AttendError
from attend.course.notebook import code_of
from attend.course.syllabus import Topic
from attend.submissions.answer_file import answer

MAX_FILE = 1 << 20
MAX_ARCHIVE = 64 << 20
MAX_ENTRIES = 500
MAX_DIRECTORY = MAX_ENTRIES << 11  # bytes of a zip's table of contents: zipfile reads all of it at once


class Refused(AttendError):
    """The submission cannot be taken; the message names the file and the reason."""


@dataclass(frozen=True)
class Submission:
    """One student's answer to one topic: the text of the module that they edited."""

    student: str
    topic: str
    filename: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_submission(path: Path, topic: Topic, student: str) -> Submission:
    """The submission at `path` (a folder, a .py, an .ipynb or a zip).

    Raises:
        Refused: it is unsafe, is not UTF-8, or does not hold the topic's file.
    """
    if not path.exists():
        raise Refused(f"{path} does not exist.")
    if path.is_symlink():
        raise Refused(f"{path.name} is a link; hand in the file itself.")
    if path.is_dir():
        name, data = _from_folder(path, topic)
    elif path.suffix == ".zip":
        name, data = _from_zip(path, topic)
    else:
        name, data = path.name, _read_file(path)
    text = _decode(name, data)
    if name.endswith(".ipynb"):
        text = _notebook_code(name, text, topic)
    elif not name.endswith(".py"):
        raise Refused(f"{name} is no Python file; hand in {topic.slug}.py or a zip that holds it.")
    _check_unicode(name, text)
    return Submission(student, topic.slug, f"{topic.slug}.py", text)


def file_digest(path: Path) -> str:
    """A digest of what lies at `path`, also where it is refused: links are not followed, huge files not read."""
    digest = hashlib.sha256()
    try:
        mode = path.lstat()
        digest.update(f"{mode.st_mode} {mode.st_size}".encode())
        if stat.S_ISREG(mode.st_mode) and mode.st_size <= MAX_ARCHIVE:
            digest.update(path.read_bytes())
    except OSError as error:
        digest.update(str(error.errno).encode())
    return digest.hexdigest()


def _read_file(path: Path) -> bytes:
    mode = path.lstat()
    if not stat.S_ISREG(mode.st_mode):
        raise Refused(f"{path.name} is no ordinary file.")
    if mode.st_size > MAX_FILE:
        raise Refused(f"{path.name} has {mode.st_size:,} bytes; at most {MAX_FILE:,} are taken.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}.") from error


def _from_folder(path: Path, topic: Topic) -> tuple[str, bytes]:
    for suffix in (".py", ".ipynb", ".zip"):
        candidate = path / f"{topic.slug}{suffix}"
        if candidate.is_symlink():
            raise Refused(f"{candidate.name} is a link; hand in the file itself.")
        if candidate.is_file():
            if suffix == ".zip":
                return _from_zip(candidate, topic)
            chosen = answer(path, topic)
            return chosen.name, _read_file(chosen)
    raise Refused(f"{path.name} holds no {topic.slug}.py, .ipynb or .zip.")


def _from_zip(path: Path, topic: Topic) -> tuple[str, bytes]:
    if path.stat().st_size > MAX_ARCHIVE:
        raise Refused(f"{path.name} has {path.stat().st_size:,} bytes; at most {MAX_ARCHIVE:,} are taken.")
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            entry = _choose_entry(path.name, archive.infolist(), topic)
            with archive.open(
                entry
            ) as file:  # the size that a header tells may be a lie: read no more than is taken
                data = file.read(MAX_FILE + 1)
    except Refused:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise Refused(f"{path.name} is no readable zip archive ({clean(str(error))}).") from error
    except Exception as error:  # a damaged stream raises the decompressor's own error types
        raise Refused(f"{path.name} is damaged ({type(error).__name__}).") from error
    if len(data) > MAX_FILE:
        raise Refused(f"{clean(entry.filename)} in {path.name} unpacks to more than {MAX_FILE:,} bytes.")
    return PurePosixPath(entry.filename).name, data


def _check_directory(path: Path) -> None:
    """See that the table of contents is of a size that can be read. What has none is left to zipfile to refuse."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 16) - 64))
        tail = file.read()
    plain = len(tail) - 22  # where it starts in an archive without a comment; zipfile looks here first
    at = plain if tail[plain:].startswith(b"PK\5\6") and tail.endswith(b"\0\0") else tail.rfind(b"PK\5\6")
    if at < 0 or at + 22 > len(tail):
        return
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if size > MAX_DIRECTORY or tail[max(0, at - 20) : at].startswith(
        b"PK\6\7"
    ):  # of 64 bits: for huge archives
        raise Refused(f"{path.name} has too many entries; at most {MAX_ENTRIES} are taken.")


def _choose_entry(name: str, entries: list[zipfile.ZipInfo], topic: Topic) -> zipfile.ZipInfo:
    if len(entries) > MAX_ENTRIES:
        raise Refused(f"{name} has {len(entries)} entries; at most {MAX_ENTRIES} are taken.")
    files = [entry for entry in entries if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")]
    if not files:
        raise Refused(f"{name} is empty; it should hold {topic.slug}.py.")
    for entry in files:
        _check_entry(name, entry)
    wanted = (f"{topic.slug}.py", f"{topic.slug}.ipynb")
    found = [entry for entry in files if PurePosixPath(entry.filename).name in wanted]
    if not found:
        held = ", ".join(sorted(clean(entry.filename) for entry in files)[:5])
        raise Refused(f"{name} holds no {topic.slug}.py; it holds: {held}.")
    if len(found) > 1:
        raise Refused(f"{name} holds {topic.slug} {len(found)} times; it should hold it once.")
    return found[0]


def _check_entry(name: str, entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename or "\0" in entry.filename:
        raise Refused(f"{name} holds {clean(entry.filename)!r}, a path that leaves its own folder.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise Refused(f"{name} holds {clean(entry.filename)!r}, which is no ordinary file.")
    if entry.flag_bits & 1:
        raise Refused(f"{name} is encrypted.")


def _decode(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8 and hand it in again."
        ) from error
    if "\0" in text:
        raise Refused(f"{name} holds a null character; it is no Python text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_unicode(name: str, text: str) -> None:
    """A notebook can name half a character, which is no text that could be sent or stored."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Refused(f"{name} holds half a character (at {error.start}); it is no Unicode text.") from error


def _notebook_code(name: str, text: str, topic: Topic) -> str:
    try:
        return code_of(text, topic.names)
    except ValueError as error:
        raise Refused(f"{name} is no readable notebook.") from error


def clean(text: str, length: int = 120) -> str:
    """A student's text for one line of a message: printable characters only, cut at a length."""
    printable = "".join(char if char.isprintable() else "�" for char in text)
    return printable if len(printable) <= length else printable[:length] + "…"
