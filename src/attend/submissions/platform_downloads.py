"""The bulk downloads of Gradescope, Canvas and Moodle, each known by its naming."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from attend.submissions.entry import BatchError, Found, Person

METADATA = "submission_metadata.yml"
# eliotada_LATE_12345_67890_t03_attention_decoding.py; an anonymous download has anon_ab12c in place of the number
CANVAS = re.compile(
    r"(?:(?P<name>.+?)_)?(?:(?P<late>LATE)_)?(?P<user>\d+|anon_[A-Za-z0-9]+)_(?P<upload>\d+)_(?P<file>.+)"
)
# a folder `Ada Eliot_12345_assignsubmission_file_`, or a file with that beginning
MOODLE = re.compile(r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?")
DEPTH, MAX_FILES = 4, 500


def download(path: Path) -> tuple[str, list[Found]] | None:
    """The platform whose bulk download `path` is, and its files."""
    for shape, reader in (("Gradescope", _gradescope), ("Moodle", _moodle), ("Canvas", _canvas)):
        files = list(reader(path))
        if files:
            return shape, files
    return None


def _gradescope(path: Path) -> Iterator[Found]:
    """`submission_metadata.yml` beside a folder `submission_12345` a submission; a group's counts for each member."""
    metadata = path / METADATA
    if not metadata.is_file():
        return
    for name, record in _read_yaml(metadata).items():
        folder = path / str(name)
        if "/" in str(name) or not isinstance(record, dict):
            continue
        moment = _moment(record.get(":created_at"))
        for submitter in record.get(":submitters") or ():
            values = {key: str(submitter.get(f":{key}") or "").strip() for key in ("name", "email", "sid")}
            student = values["email"] or values["sid"] or values["name"]
            if not student:
                continue
            number = str(name).removeprefix("submission_")
            about = {"person": Person(**values), "submitted": moment, "reference": number}
            files = list(walk(folder, DEPTH)) if folder.is_dir() else []
            for file in files:
                yield Found(student, file, file.name, **about)
            if not files:  # an empty hand-in still gets its row
                yield Found(student, folder, folder.name, **about)


def _read_yaml(path: Path) -> dict:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        """Ruby wrote it: its own types are read as the plain maps, lists and texts that they are."""

    def plain(loader, _suffix, node):
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", plain)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        line = str(error).splitlines()[0]
        raise BatchError(f"{path} cannot be read as YAML ({line}); download it again.") from error
    if not isinstance(data, dict):
        raise BatchError(f"{path} is no list of submissions; download it again.")
    return data


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)  # YAML's reader has turned it to UTC


def _moodle(path: Path) -> Iterator[Found]:
    """`Ada Eliot_12345_assignsubmission_file_/t03….py`, or the same name in front of the file's."""
    for child in sorted(path.iterdir()):
        match = MOODLE.fullmatch(child.name)
        if not match or match["kind"] == "comments":
            continue
        student = f"{match['name']}_{match['user']}"
        person = Person(name=match["name"], moodle_id=match["user"])
        if child.is_dir():
            for file in walk(child, DEPTH):
                yield Found(student, file, file.name, person=person)
        else:
            yield Found(student, child, match["file"] or child.name, person=person)


def _canvas(path: Path) -> Iterator[Found]:
    """`eliotada_12345_67890_t03….py`: a name, the number of the person, the number of the upload, the file."""
    for child in sorted(path.iterdir()):
        match = CANVAS.fullmatch(child.name)
        if not match or child.is_dir():
            continue
        name = match["name"] or ""
        yield Found(
            f"{name}_{match['user']}" if name else match["user"],
            child,
            match["file"],
            person=Person(name=name, canvas_id=match["user"]),
            late=bool(match["late"]),
            reference=match["upload"],
            order=int(match["upload"]),
        )


def walk(folder: Path, depth: int) -> Iterator[Path]:
    """The files below `folder`, the nearest first, down to `depth` levels; links are named, never followed."""
    level, count = [folder], 0
    for _ in range(depth):
        following = []
        for parent in level:
            with os.scandir(parent) as entries:
                children = sorted(entries, key=lambda entry: entry.name)
            for child in children:
                if child.name.startswith((".", "__MACOSX", "__pycache__")):
                    continue
                if child.is_dir(follow_symlinks=False):
                    following.append(parent / child.name)
                    continue
                count += 1
                if count > MAX_FILES:
                    return
                yield parent / child.name
        level = following
