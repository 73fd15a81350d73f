"""The bulk downloads of Gradescope, Canvas and Moodle, each known by how it names most of its entries."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attend.submissions.entry import BatchError, Download, Person, PlatformRecord, Upload
from attend.submissions.names import clean, printable
from attend.submissions.trees import Member, RefusedError, Tree

METADATA = "submission_metadata.yml"
MAX_METADATA = 64 << 20
# eliotada_LATE_12345_67890_t03_attention_decoding.py; an anonymous download has anon_ab12c in place of the number. What
# was typed into a text field, or is a link, has no number of an upload: eliotada_12345_text.html.
CANVAS = re.compile(
    r"(?:(?P<name>.+?)_)?(?:(?P<late>LATE)_)?(?P<user>\d+|anon_[A-Za-z0-9]+)_(?:(?P<late_after>LATE)_)?"
    r"(?:(?P<upload>\d+)_(?P<file>.+)|(?P<typed>(?:text|link|media)[^_]*))"
)
# A folder `Ada Eliot_12345_assignsubmission_file_`, or a file with that beginning; a group may come without a number.
MOODLE = re.compile(r"(?P<name>.+?)(?:_(?P<user>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?")
# How platforms call groups: the number beside such a name is the group's, and no person's.
_GROUP_WORD = r"(?:default |standard)?(?:group|gruppe|groupe|grupo|gruppo|groep|team)"
_GROUP = re.compile(rf"{_GROUP_WORD}(?:[\W_]*\d+|[\W_]+\w{{1,3}})?", re.IGNORECASE)
_GROUP_AND_NAME = re.compile(rf"{_GROUP_WORD}\b[^-]*-(?P<name>.+)", re.IGNORECASE)


def read_download(tree: Tree, path: Path, platform: str = "") -> Download | None:
    """The platform's download that the folder or zip `tree` is, by most of its entries; None where it is none.

    Args:
        path: where the tree lies, for messages.
        platform: `gradescope`, `canvas` or `moodle` where somebody has said what it is.

    Raises:
        BatchError: Gradescope's table of submissions is there and cannot be read.
    """
    for name, reader in READERS.items():
        if platform in ("", name):
            found = reader(tree, path)
            if found is not None and found.uploads and (platform or 2 * found.fitting > found.total):
                return found
    return None


def is_a_platforms_entry(name: str) -> bool:
    """Whether a platform names what one person handed in like this."""
    return bool(CANVAS.fullmatch(name) or MOODLE.fullmatch(name) or re.fullmatch(r"submission_\d+", name))


def _gradescope(tree: Tree, path: Path) -> Download | None:
    """`submission_metadata.yml` beside a folder `submission_12345` a submission; a group's counts for each member."""
    entries = tree.entries()
    if entries.get(METADATA) is not False:
        return None
    records = _read_metadata(tree, path / METADATA)
    folders = {name for name, is_folder in entries.items() if is_folder}
    found = Download("Gradescope", total=len(folders | records.keys()), fitting=len(records))
    for name, value in records.items():
        record = value if isinstance(value, dict) else {}
        submitters = record.get(":submitters")
        listed = submitters if isinstance(submitters, list) else []
        people = [_submitter(each) for each in listed if isinstance(each, dict)]
        if not any(student for student, _ in people):
            found.notes.append(f"{clean(name)} names nobody who submitted it; it was not taken.")
        files = tuple(tree.folder(name).files()) if name in folders else ()
        for student, person in people:
            if student:
                moment, number = _moment(record.get(":created_at")), name.removeprefix("submission_")
                about = PlatformRecord(person=person, submitted=moment, reference=number)
                found.uploads.append(Upload(student, name, path / name, files, about, is_folder=True))
    found.notes += [
        f"{clean(name)} is not in {METADATA}; it was not taken." for name in sorted(folders - records.keys())
    ]
    return found


def _submitter(record: dict) -> tuple[str, Person]:
    values = {key: _text(record.get(f":{key}")) for key in ("name", "email", "sid")}
    return printable(values["email"] or values["sid"] or values["name"]), Person(**values)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) and value not in ("null", "~") else ""


def _read_metadata(tree: Tree, path: Path) -> dict[str, object]:
    import yaml

    # Ruby wrote it: its own types are read as maps, lists and texts, and a number (`0042`) as the text that it is
    loader_class: Any = type("Loader", (getattr(yaml, "CBaseLoader", yaml.BaseLoader),), {})

    def plain(loader: Any, _suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    loader_class.add_multi_constructor("!", plain)
    try:
        text = tree.file(METADATA).read(MAX_METADATA).decode("utf-8-sig")
        data = yaml.load(text, loader_class)
    except RefusedError as error:
        raise BatchError(f"{path} cannot be read: {error}") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        line = (str(error) or type(error).__name__).splitlines()[0]
        raise BatchError(f"{path} cannot be read as YAML ({line}); download it again.") from error
    if not isinstance(data, dict):
        raise BatchError(f"{path} is no list of submissions; download it again.")
    return {str(name): record for name, record in data.items()}


def _moment(value: object) -> datetime | None:
    """`2026-10-02 15:23:28.128393000 Z`, as Ruby writes a moment; without a time zone it is UTC."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\s+(?=Z|[+-]\d)", "", str(value).strip()))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moodle(tree: Tree, path: Path) -> Download | None:
    """`Ada Eliot_12345_assignsubmission_file_/t03….py`, or the same name in front of the file's.

    Where students submit in groups, a name is `Group 7-Ada Eliot`, or that of the group.
    """
    found = Download("Moodle")
    for entry, is_folder in tree.entries().items():
        found.total += 1
        match = MOODLE.fullmatch(entry)
        if not match:
            found.notes.append(f"{clean(entry)} is not named as Moodle names a submission; it was not taken.")
            continue
        found.fitting += 1
        named = _GROUP_AND_NAME.fullmatch(match["name"])
        name = printable(named["name"] if named else match["name"])
        if is_folder:
            files = tuple(tree.folder(entry).files())
        else:
            files = (_renamed(tree, entry, match["file"] or entry),)
        number = match["user"] or ""
        person = Person(name=name, moodle_id=number)
        if not number or _GROUP.fullmatch(name):
            person = Person(name=name)
            found.notes.append(
                f"{clean(entry)} is a group's or has no participant's number; its points go to nobody in Moodle."
            )
        student = f"{name}_{number}" if number else name
        about = PlatformRecord(person=person)
        found.uploads.append(Upload(student, entry, path / entry, files, about, is_folder=is_folder))
    return found


def _canvas(tree: Tree, path: Path) -> Download | None:
    """`eliotada_12345_67890_t03….py`: a name, the number of the person, the number of the upload, the file."""
    found = Download("Canvas")
    for entry, is_folder in tree.entries().items():
        found.total += 1
        match = None if is_folder else CANVAS.fullmatch(entry)
        if not match:
            found.notes.append(f"{clean(entry)} is not named as Canvas names a submission; it was not taken.")
            continue
        found.fitting += 1
        name, number = printable(match["name"] or ""), match["user"]
        is_group = bool(_GROUP.fullmatch(name))
        if is_group:
            found.notes.append(f"{clean(entry)} is a group's; its points go to nobody in Canvas.")
        about = PlatformRecord(
            person=Person(name=name, canvas_id="" if is_group else number),
            late=bool(match["late"] or match["late_after"]),
            reference=match["upload"] or "",
        )
        file = _renamed(tree, entry, match["file"] or match["typed"])
        student = f"{name}_{number}" if name else number
        found.uploads.append(Upload(student, entry, path / entry, (file,), about, int(match["upload"] or 0)))
    return found


def _renamed(tree: Tree, entry: str, name: str) -> Member:
    """A file of the tree under the name that its author gave it."""
    return replace(tree.file(entry), parts=(name,))


READERS: dict[str, Callable[[Tree, Path], Download | None]] = {
    "gradescope": _gradescope,
    "moodle": _moodle,
    "canvas": _canvas,
}
