"""How a folder or a zip that was named is laid out: a class by folders, a platform's download, or one person's hand-in.

The layout follows from the whole of it, never from a single entry, and nothing below a person's folder takes part: what
one student calls a file cannot change what becomes of the others.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from attend.course.syllabus import Course, Topic
from attend.submissions.entry import GRADEBOOK, BatchError, Download, Upload
from attend.submissions.git_clones import Due, due_of, is_class_of_clones, is_clone, read_clone, read_clones
from attend.submissions.names import clean, kind_of, printable, topic_of
from attend.submissions.platform_downloads import is_a_platforms_entry, read_download
from attend.submissions.trees import DiskTree, RefusedError, Tree, file_at
from attend.submissions.zips import open_zip

LAYOUTS = ("folders", "student", "gradescope", "canvas", "moodle", "git")


def read_path(
    course: Course,
    path: Path,
    layout: str = "",
    known: Collection[str] = (),
    topics: Sequence[Topic] = (),
    due: Due | None = None,
) -> Download:
    """The uploads in what an instructor named.

    Args:
        topics, due: of clones of git, for which topics hand-ins are wanted, and when each is due for whom.
        layout: one of LAYOUTS where the instructor has said what it is.
        known: the students of the gradebook: what has one's name is that student's hand-in, whatever it holds.

    Raises:
        BatchError: it does not exist or cannot be read.
    """
    if not path.exists():
        raise BatchError(f"{path} does not exist; name a folder with a folder per student, or a file.")
    if path.is_dir() and layout in ("", "git"):
        tree = DiskTree(path.resolve())
        topics, due = topics or course.topics, due or due_of(course)
        if layout == "git" and is_clone(path):
            return read_clone(course, path.resolve(), topics, due)
        # on a platform a student may hand in a folder that git made
        if is_class_of_clones(tree) and (layout or read_download(tree, path) is None):
            return read_clones(course, tree, path, topics, due)
        if layout == "git":
            raise BatchError(f"{path} is no clone of git, and not most of its folders are.")
    elif layout == "git":
        raise BatchError(f"{path} is no folder; clones of git are read from folders.")
    if path.is_dir():
        return _read_tree(course, DiskTree(path.resolve()), path, path.resolve().name, layout, known)
    # a zip that is not called after a topic is one of a class, or of one student's folder
    whole = kind_of(path.name) == "zip" and topic_of(path.name, course) is None and not path.is_symlink()
    if whole and not is_a_platforms_entry(path.name):
        try:
            archive = open_zip(path, path.name, of_a_class=True)
        except RefusedError as error:
            raise BatchError(f"{error} Download it again.") from error
        found = _read_tree(course, archive.tree, path, path.stem, layout, known, zipped=True)
        found.notes += [f"{each.shown} {each.problem}; it was left out." for each in archive.unsafe]
        return found
    student = printable(path.resolve().parent.name)
    return Download("a file", [Upload(student, path.name, path, (file_at(path),))], total=1)


def _read_tree(
    course: Course,
    tree: Tree,
    path: Path,
    name: str,
    layout: str,
    known: Collection[str],
    zipped: bool = False,
) -> Download:
    if layout in ("gradescope", "canvas", "moodle"):
        found = read_download(tree, path, layout)
        if found is None:
            raise BatchError(f"{path} does not look like a download of {layout.title()}.")
        return _named(found)
    one = layout == "student" or not layout and (printable(name) in known or is_a_platforms_entry(name))
    if one or not layout and _is_one_persons(tree, course):
        files = tuple(tree.files())
        return Download(
            "one student's files", [Upload(printable(name), name, path, files, is_folder=True)], total=1
        )
    if not layout:
        found = read_download(tree, path)
        if found is not None:
            return _named(found)
        found = _several(course, tree, path, known)
        if found is not None:
            return found
    folders = [entry for entry, is_folder in tree.entries().items() if is_folder]
    if zipped and len(tree.entries()) == 1 and folders and not _own_files(tree.folder(folders[0]), course):
        # the zip of a folder holds that folder
        inner = folders[0]
        return _read_tree(course, tree.folder(inner), path / inner, inner, layout, known)
    return _folders(course, tree, path)


def _named(download: Download) -> Download:
    download.shape = f"a download of {download.shape}"
    return download


def _own_files(tree: Tree, course: Course) -> list[str]:
    return [entry for entry, is_folder in tree.entries().items() if not is_folder and topic_of(entry, course)]


def _is_one_persons(tree: Tree, course: Course) -> bool:
    """Whether more files called after topics lie in it than folders that hold such files."""
    own = len(_own_files(tree, course))
    if not own:
        return False
    folders = [entry for entry, is_folder in tree.entries().items() if is_folder]
    return own >= sum(bool(_own_files(tree.folder(entry), course)) for entry in folders)


def _several(course: Course, tree: Tree, path: Path, known: Collection[str]) -> Download | None:
    """The downloads of which `tree` holds a folder each; None where one of its folders is none."""
    parts = []
    folders = [entry for entry, is_folder in tree.entries().items() if is_folder]
    for entry in folders:
        inside = tree.folder(entry)
        if printable(entry) in known or is_a_platforms_entry(entry) or _own_files(inside, course):
            return None
        try:
            found = read_download(inside, path / entry)
        except BatchError:
            return None
        if found is None:
            return None
        parts.append(found)
    if not parts:
        return None
    names = " and ".join(sorted({part.shape for part in parts}))
    shape = f"a download of {names}" if len(parts) == 1 else f"{len(parts)} downloads of {names}"
    together = Download(shape, total=sum(part.total for part in parts))
    together.uploads = [upload for part in parts for upload in part.uploads]
    together.notes = [note for part in parts for note in part.notes]
    _note_loose_files(course, tree, together)
    return together


def _folders(course: Course, tree: Tree, path: Path) -> Download:
    """`SUBMISSIONS/STUDENT/SLUG.py`; a zip beside the folders is that of a student who is called like it."""
    found = Download("a folder a student")
    for entry, is_folder in tree.entries().items():
        if is_folder:
            inside = tree.folder(entry)
            files = tuple(inside.files())
            # what an earlier grading wrote is nobody's
            if any(member.parts == (GRADEBOOK,) for member in files):
                found.notes.append(
                    f"{clean(entry)} holds a gradebook, so it is no student's folder; it was not taken."
                )
                continue
            found.uploads.append(Upload(printable(entry), entry, path / entry, files, is_folder=True))
        elif kind_of(entry) == "zip" and topic_of(entry, course) is None:
            student = printable(entry[: -len(".zip")])
            found.uploads.append(Upload(student, entry, path / entry, (tree.file(entry),)))
    found.total = len({upload.entry for upload in found.uploads})
    _note_loose_files(course, tree, found)
    return found


def _note_loose_files(course: Course, tree: Tree, found: Download) -> None:
    """Name the files beside the folders that may be somebody's answer."""
    taken = {upload.entry for upload in found.uploads}
    for entry, is_folder in tree.entries().items():
        if not is_folder and kind_of(entry) and entry not in taken:
            found.total += 1
            found.notes.append(f"{clean(entry)} is in no student's folder; it was not taken.")
