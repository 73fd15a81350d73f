"""Nothing that students receive quotes a solution, a hidden test or a bank; and every such quotation is found."""

import base64
import gzip
import html
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace

import pytest
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from attend.authoring.leaks import SHORTEST, LeakCheck, Secret, find_secrets, squeezed

from ..common import COURSE, ROOT, each_topic

pytest.importorskip("bibtexparser", reason="bibtexparser is not installed")

from attend.authoring.release import HIDDEN  # noqa: E402


def code(secret: Secret) -> str:
    return "\n".join(filter(None, (secret.header, *secret.lines)))


CHECK = LeakCheck(COURSE)
# a region so short is not looked for: one such line could be anybody's
TOO_SHORT = [
    secret for secret in CHECK.secrets if not secret.header and len(squeezed(code(secret))) < SHORTEST
]
ANSWERS = ("solutions/", "autograder/misconceptions/", "autograder/alternates/")


@pytest.fixture(scope="module")
def student_tree(tmp_path_factory):
    """What students may receive: every file of the repository but the hidden folders."""
    tree = tmp_path_factory.mktemp("student")
    listing = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
    for name in listing.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(HIDDEN):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    return tree


def test_nothing_is_quoted(student_tree):
    assert [str(leak) for leak in CHECK.in_folder(student_tree)] == []


def test_no_misconception_is_imported_or_named_by_its_file(student_tree):
    shipped = [path for path in (student_tree / "tests").rglob("*") if path.is_file()]
    assert shipped
    assert not [path for path in shipped if "autograder" in path.read_text(encoding="utf-8")]


# every secret, planted


def test_every_layer_is_a_secret():
    origins = {secret.origin.split(",")[0].rsplit("/", 1)[0] for secret in CHECK.secrets}
    hidden = {f"autograder/{layer}" for layer in ("graders", "misconceptions", "alternates", "otter")}
    assert origins >= {"solutions", *hidden}


def test_at_most_three_regions_are_too_short_to_look_for():
    assert len(TOO_SHORT) <= 3


def in_release_file(code: str) -> list:
    page = (ROOT / "docs" / "students" / "index.md").read_text(encoding="utf-8")
    return CHECK.in_file("docs/students/index.md", f"{page}\n```python\n{code}\n```\n".encode())


def in_page(code: str) -> list:
    return CHECK.in_file("page.html", highlight(code, PythonLexer(), HtmlFormatter()).encode())


@pytest.mark.parametrize("planted", [in_release_file, in_page])
@each_topic
def test_every_solution_and_every_answer_is_found(topic, planted):
    secrets = [secret for secret in CHECK.secrets if of_topic(secret, topic) and secret not in TOO_SHORT]
    assert len(secrets) >= 20
    assert [secret.origin for secret in secrets if not planted(code(secret))] == []


def of_topic(secret: Secret, topic) -> bool:
    return secret.origin.startswith(tuple(f"{folder}{topic.slug}.py" for folder in ANSWERS))


@pytest.fixture(scope="module")
def reformatted(tmp_path_factory):
    """The secrets of the same course, with its files formatted to short lines."""
    pytest.importorskip("ruff", reason="ruff is not installed")
    folder = tmp_path_factory.mktemp("course")
    for name in ("solutions", "autograder"):
        shutil.copytree(ROOT / name, folder / name)
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--quiet", "--isolated", "--line-length=50", folder],
        check=True,
    )
    return find_secrets(replace(COURSE, root=folder))


@each_topic
def test_another_format_hides_no_answer(topic, reformatted):
    short = {secret.origin for secret in TOO_SHORT}
    secrets = [secret for secret in reformatted if of_topic(secret, topic) and secret.origin not in short]
    same = {secret.lines for secret in CHECK.secrets}
    assert any(secret.lines not in same for secret in secrets)
    assert [secret.origin for secret in secrets if not CHECK.in_text("file.py", code(secret))] == []


def test_every_hidden_test_is_found_but_what_a_public_test_shares_with_it():
    public = squeezed("\n".join(path.read_text("utf-8") for path in (ROOT / "tests/public").glob("*.py")))
    hidden = [secret for secret in CHECK.secrets if not secret.origin.startswith(ANSWERS)]
    missed = [secret for secret in hidden if not CHECK.in_text("file.py", code(secret))]
    assert len(missed) < len(hidden) / 40
    assert [secret.origin for secret in missed if squeezed("\n".join(secret.lines)) not in public] == []


# wherever it is


def archive(code: str, name: str = "inside.py") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, code)
    return file.getvalue()


def tar(code: str) -> bytes:
    file, member = io.BytesIO(), tarfile.TarInfo("inside.py")
    member.size = len(code.encode())
    with tarfile.open(fileobj=file, mode="w") as made:
        made.addfile(member, io.BytesIO(code.encode()))
    return file.getvalue()


def nested(code: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("inner.zip", archive(code))
    return file.getvalue()


def cells(code: str) -> bytes:
    source = code.splitlines(keepends=True)
    return json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode()


def as_html(code: str) -> str:
    escaped = code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return f"<pre>{escaped.replace('return', '<span class=k>return</span>').replace(' = ', '&nbsp;=&#32;')}</pre>"


def each_line(code: str, before: str, after: str = "") -> bytes:
    return "\n".join(f"{before}{line}{after}" for line in code.splitlines()).encode()


PLACES = {
    "plain.py": str.encode,
    "windows.py": lambda code: code.replace("\n", "\r\n").encode(),
    "indented.md": lambda code: each_line(code, "       ", "   # so"),
    "one-line.py": lambda code: code.replace("\n", "; ").encode(),
    "prompt.md": lambda code: each_line(code, ">>> "),
    "quoted.md": lambda code: each_line(code, "> "),
    "change.diff": lambda code: each_line(code, "+ "),
    "tabs.py": lambda code: code.replace("    ", "\t").encode(),
    "page.html": lambda code: as_html(code).encode(),
    "tags-in-words.html": lambda code: re.sub(r"(?<=\w)(?=\w)", "<wbr>", html.escape(code)).encode(),
    "entities-in-words.html": lambda code: html.escape(code).replace("e", "&#101;").encode(),
    "attribute.html": lambda code: f'<a data-code="{html.escape(code)}">here</a>'.encode(),
    "lab.ipynb": cells,
    "deep.json": lambda code: json.dumps({"deep": [{"text": code}]}).encode(),
    "page-in.json": lambda code: json.dumps({"text": as_html(code)}).encode(),
    "json-in.json": lambda code: json.dumps({"text": json.dumps({"text": code})}).encode(),
    "code.js": lambda code: f"const given = {json.dumps(code)};".encode(),
    "unicode.js": lambda code: json.dumps(code).replace("<", "\\u003c").replace("'", "\\u0027").encode(),
    "template.mjs": lambda code: f"export default `{code}`;".encode(),
    "code.zip": archive,
    "code-1.0-py3-none-any.whl": archive,
    "nested.zip": nested,
    "code.tar": tar,
    "code.tar.gz": lambda code: gzip.compress(tar(code)),
    "code.json.gz": lambda code: gzip.compress(json.dumps(code).encode()),
    "notebook.zip": lambda code: archive(cells(code).decode(), "lab.ipynb"),
    "encoded.js": lambda code: f'const packed = "{base64.b64encode(code.encode()).decode()}";'.encode(),
    "packed.js": lambda code: f'const packed = "{base64.b64encode(archive(code)).decode()}";'.encode(),
}
SAMPLES = [secret for secret in CHECK.secrets if len(secret.lines) >= 3 and not TOO_SHORT.count(secret)][::60]


@pytest.mark.parametrize("place", PLACES)
def test_a_quotation_is_found_wherever_it_is(tmp_path, place):
    assert len(SAMPLES) >= 10
    for secret in SAMPLES:
        body = "\n".join(line for line in secret.lines if "#" not in line)
        (tmp_path / place).write_bytes(PLACES[place](body))
        assert secret.origin in {leak.origin for leak in CHECK.in_folder(tmp_path)}


def test_a_quotation_is_found_in_the_history(tmp_path):
    (tmp_path / "old.py").write_text(code(SAMPLES[0]), encoding="utf-8")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    for command in ("init -q", "add .", "commit -qm one", "rm -q old.py", "commit -qm two"):
        subprocess.run([*git, *command.split()], check=True)
    assert not (tmp_path / "old.py").exists()
    assert SAMPLES[0].origin in {leak.origin for leak in CHECK.in_folder(tmp_path)}


def test_a_part_of_a_solution_is_found():
    """Some lines in a row are enough, wherever in the solution they are."""
    long = [
        secret
        for secret in CHECK.secrets
        if secret.origin.startswith("solutions/") and len(secret.lines) >= 6
    ]
    assert len(long) >= 20
    for secret in long:
        for half in (secret.lines[: len(secret.lines) // 2], secret.lines[len(secret.lines) // 2 :]):
            if len(squeezed("\n".join(half))) >= 90:
                assert CHECK.in_text("file.py", "\n".join(half)), (secret.origin, half)


# what is no secret


@pytest.mark.parametrize(
    "text",
    [
        "α_i = exp(e_i) / Σ_k exp(e_k)        c = Σ_s α_s h_s",
        "penalty = ((5 + length) / 6) ** alpha",
        "weights = masked_softmax(scores, mask)",
        "def softmax(scores, axis=-1):\n    return scores",
        "return self.linear(x)",
        "x = self.embedding(tokens)  # (B, S, D)",
        "import numpy as np\nimport torch\nfrom torch import Tensor, nn\n",
        "loss.backward()\noptimizer.step()\noptimizer.zero_grad()",
        "",
    ],
)
def test_formulas_and_common_lines_are_no_leak(text):
    assert CHECK.in_text("page.md", text) == []


@pytest.mark.parametrize("length", [0, 1, SHORTEST, 10_000])
def test_bytes_that_are_no_text_are_no_error(length):
    assert CHECK.in_file("picture.png", bytes(range(256)) * length) == []
    assert CHECK.in_file("broken.gz", b"\x1f\x8b" + b"x" * length) == []
