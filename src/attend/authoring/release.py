"""Make a release with git: the tree that students get, or the tree with the solutions.

The input is a commit. The same commit, on top of the same earlier release, gives the same commit hash: files come
from the commit, never from the working folder; stubs are made from the solutions; author, date and message depend on
the input alone.
"""

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from attend.authoring.hosted import hosted_notebook, notebook_path
from attend.authoring.leaks import LeakCheck
from attend.authoring.nested_texts import git_objects
from attend.authoring.plain_pages import plain_page
from attend.authoring.stubs import make_stub
from attend.course.errors import AttendError
from attend.course.repository import RELEASED_BY
from attend.course.scratch import scratch_folder
from attend.course.stub_markers import BEGIN, END
from attend.course.syllabus import COURSE_FILE, Course, load_course
from attend.submissions import GRADEBOOK

# in no release, neither in its files nor in its history
HIDDEN = ("solutions/", "autograder/", "tests/course/")
# of no use without the hidden folders
INSTRUCTORS = (
    ".ci/",
    ".dockerignore",
    ".github/",
    ".pre-commit",
    "benchmarks/",
    "CONTRIBUTING.md",
    "Dockerfile",
    "Makefile",
    "docs/_build/",
    "docs/figures/",
    "mkdocs.yml",
)
KINDS = ("student", "solutions")
AUTHOR = {"NAME": "Attend", "EMAIL": RELEASED_BY}


class ReleaseError(AttendError):
    """A release cannot be made as asked."""

    exit_code = 1


@dataclass(frozen=True)
class Release:
    """A commit that can be published."""

    kind: str
    commit: str
    files: int
    where: str
    changed: bool = True


@dataclass(frozen=True)
class _File:
    """One file of a tree: its mode and blob."""

    mode: str
    blob: str


class _Git:
    """git in one repository, independent of the user's environment and settings."""

    def __init__(self, root: Path):
        self.root = root

    def __call__(self, *words: str, given: bytes = b"", variables: Mapping[str, str] | None = None) -> str:
        return self.bytes(*words, given=given, variables=variables).decode().strip()

    def bytes(self, *words: str, given: bytes = b"", variables: Mapping[str, str] | None = None) -> bytes:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment = {
            **kept,
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            **(variables or {}),
        }
        plain = ("-c", "core.autocrlf=false", "-c", "commit.gpgSign=false", "-c", "i18n.commitEncoding=UTF-8")
        try:
            done = subprocess.run(
                ["git", *plain, "-C", str(self.root), *words],
                input=given,
                env=environment,
                capture_output=True,
            )
        except FileNotFoundError as error:
            raise ReleaseError("a release needs git; install it.") from error
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise ReleaseError(f"git {words[0]} failed: {said[-1] if said else 'it said nothing'}")
        return done.stdout

    def find(self, name: str) -> str:
        """The commit called `name`, or nothing."""
        try:
            return self("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        except ReleaseError:
            return ""


def release_to_folder(course: Course, kind: str, out: Path, commit: str = "HEAD") -> Release:
    """A new repository at `out` with one commit, on the branch main.

    Raises:
        ReleaseError: `out` is not empty, the commit is not there, or a file quotes something hidden.
    """
    if out.exists() and any(out.iterdir()):
        raise ReleaseError(f"{out} is not empty; name a new folder.")
    git = _repository(course)
    made, files = _commit(git, kind, commit, parent="")
    out.mkdir(parents=True, exist_ok=True)
    there = _Git(out)
    there("init", "--quiet", "--initial-branch=main")
    temporary = f"refs/attend/{kind}-{made[:12]}"
    git("update-ref", temporary, made)
    try:
        there("fetch", "--quiet", "--no-tags", str(course.root), f"{temporary}:refs/attend/release")
    finally:
        git("update-ref", "-d", temporary)
    there("reset", "--quiet", "--hard", "refs/attend/release")
    there("update-ref", "-d", "refs/attend/release")
    return Release(kind, made, files, str(out))


def release_to_branch(course: Course, kind: str, branch: str, commit: str = "HEAD") -> Release:
    """A commit on top of `branch` (the local one, or origin's), or none where nothing changed.

    Raises:
        ReleaseError: the branch is checked out, its history holds something hidden, or a file quotes
            something hidden.
    """
    git = _repository(course)
    git("check-ref-format", "--branch", branch)
    reference = f"refs/heads/{branch}"
    if f"branch {reference}" in git("worktree", "list", "--porcelain").splitlines():
        raise ReleaseError(f"the branch {branch} is checked out; switch to another one first.")
    parent = git.find(reference) or git.find(f"refs/remotes/origin/{branch}")
    if parent:
        _check_history(git, branch, parent)
    made, files = _commit(git, kind, commit, parent)
    git("update-ref", reference, made)
    return Release(kind, made, files, branch, changed=made != parent)


def _repository(course: Course) -> _Git:
    git = _Git(course.root)
    if not git.find("HEAD") or Path(git("rev-parse", "--show-toplevel")).resolve() != course.root:
        raise ReleaseError(f"{course.root} is no git repository with a commit; a release is made from one.")
    return git


def uncommitted(course: Course) -> bool:
    """Whether the working folder differs from HEAD: such changes are in no release."""
    return bool(_repository(course)("status", "--porcelain", "--untracked-files=no"))


def _check_history(git: _Git, branch: str, tip: str) -> None:
    """Refuse a branch whose history holds a hidden folder: whoever clones it gets all of that."""
    for folder in HIDDEN:
        if git("log", "--format=%h", "--max-count=1", tip, "--", folder):
            raise ReleaseError(
                f"the history of {branch} holds {folder}; a release on top of it would publish that. "
                "Name another branch."
            )


def _commit(git: _Git, kind: str, commit: str, parent: str) -> tuple[str, int]:
    """The release of `commit` as a commit on `parent` (or its own beginning), and how many files it holds."""
    source = git.find(commit)
    if not source:
        raise ReleaseError(f"there is no commit {commit!r}.")
    with scratch_folder("release") as scratch:
        folder = scratch / "course"
        with tarfile.open(fileobj=io.BytesIO(git.bytes("archive", source))) as archive:
            archive.extractall(folder, filter="data")
        course = load_course(folder)
        files = _files(git, source, course)
        for path, text in _made(course, kind):
            mode = files[path].mode if path in files else "100644"
            files[path] = _File(mode, git("hash-object", "-w", "--stdin", given=text.encode()))
        _check_leaks(git, course, kind, files)
        index = {"GIT_INDEX_FILE": str(scratch / "index")}
        lines = "".join(f"{file.mode} {file.blob}\t{path}\0" for path, file in sorted(files.items()))
        git("update-index", "-z", "--index-info", given=lines.encode(), variables=index)
        tree = git("write-tree", variables=index)
    if parent and git("rev-parse", f"{parent}^{{tree}}") == tree:
        return parent, len(files)
    date = f"@{git('show', '--no-patch', '--format=%ct', source)} +0000"
    people = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in AUTHOR.items()}
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    message = f"{course.name} {course.version}: {'the course' if kind == 'student' else 'the solutions'}\n"
    parents = ("-p", parent) if parent else ()
    return git("commit-tree", tree, *parents, given=message.encode(), variables=people | dates), len(files)


def _files(git: _Git, source: str, course: Course) -> dict[str, _File]:
    """The files of the commit that belong in a release."""
    closed = (*HIDDEN, *INSTRUCTORS, *_private(course))
    files = {}
    for line in git.bytes("ls-tree", "-r", "-z", "--full-tree", source).decode().split("\0"):
        if not line:
            continue
        about, path = line.split("\t", 1)
        mode, kind, blob = about.split()
        if kind == "blob" and not path.startswith(closed) and not _stray(path, course):
            files[path] = _File(mode, blob)
    return files


def _private(course: Course) -> list[str]:
    """The files that name people: the tables of extensions and adjustments."""
    names = (course.policy.extensions, course.policy.adjustments)
    return [PurePosixPath(name).as_posix() for name in names if name]


def _stray(path: str, course: Course) -> bool:
    """Whether `path` is a module or a test of a topic that the syllabus does not have."""
    folder, _, name = path.rpartition("/")
    slug = name.removeprefix("test_").removesuffix(".py")
    placed = folder in ("assignments", "tests/public") and name.endswith(".py")
    return placed and slug[:1] == "t" and slug[1:3].isdigit() and slug not in course.by_slug


def _made(course: Course, kind: str) -> Iterator[tuple[str, str]]:
    """The files that are made for a release: the modules in assignments/, notebooks for hosts, the pages, and its README."""
    for topic in course.topics:
        if not course.solution(topic).exists():
            raise ReleaseError(f"{topic.slug} has no solution; take it out of {COURSE_FILE} or write it.")
        solution = course.solution(topic).read_text(encoding="utf-8")
        text = make_stub(solution, topic) if kind == "student" else without_marks(solution)
        yield f"assignments/{topic.slug}.py", text
        if kind == "student":
            # the one in assignments/ is written over: `attend reset` and `attend update` need it as it was
            yield course.stub(topic).relative_to(course.root).as_posix(), text
        if kind == "student" and course.repository and topic.library == "torch":
            yield notebook_path(topic), hosted_notebook(course, topic, course.repository)
    for notebook in sorted((course.root / "solutions").glob("*.ipynb")) if kind == "solutions" else ():
        yield f"assignments/{notebook.name}", notebook.read_text(encoding="utf-8")
    by_page = {course.page(topic): topic for topic in course.topics}
    for path in sorted((course.root / "docs").rglob("*.md")):
        page = plain_page(course, path.read_text(encoding="utf-8"), by_page.get(path))
        yield path.relative_to(course.root).as_posix(), page
    yield "README.md", _readme(course, kind)


def without_marks(solution: str) -> str:
    """A solution without the lines that mark where the student's part begins and ends."""
    lines = solution.splitlines(keepends=True)
    return "".join(line for line in lines if line.strip() not in (BEGIN, END))


def _readme(course: Course, kind: str) -> str:
    path = Path(__file__).parent / "templates" / f"README-{kind}.md"
    return path.read_text(encoding="utf-8").replace("{course}", f"{course.name} {course.version}")


def _check_leaks(git: _Git, course: Course, kind: str, files: dict[str, _File]) -> None:
    """Refuse a release that holds a hidden path, a gradebook, or a file that quotes a secret."""
    inside = [path for path in files if path.startswith(HIDDEN)]
    if inside:
        raise ReleaseError(f"{inside[0]} is hidden from students and must be in no release.")
    books = [path for path in files if PurePosixPath(path).name.startswith(GRADEBOOK)]
    if books:
        raise ReleaseError(
            f"{books[0]} is a gradebook, which students must not see; take its folder out of git."
        )
    check = LeakCheck(course, solutions=kind == "student")
    # in a release of the solutions the assignments are solutions, and alternates are like them
    paths = [path for path in sorted(files) if kind == "student" or not path.startswith("assignments/")]
    listing = git.bytes(
        "cat-file", "--batch", given="".join(f"{files[path].blob}\n" for path in paths).encode()
    )
    for path, (_, _, data) in zip(paths, git_objects(listing), strict=True):
        for leak in check.in_file(path, data):
            raise ReleaseError(f"{leak}: students must not see this.")
