"""The site is also built by Zensical, the successor of MkDocs Material; MkDocs is the default."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from ..common import ROOT
from .build import build_modules
from .web import PATH

INSTALL = "zensical is not installed: .venv/bin/pip install -e '.[zensical]'"


@pytest.mark.parametrize(
    ("builder", "page", "way"),
    [
        ("mkdocs", "index.md", ""),
        ("mkdocs", "references.md", "../"),
        ("mkdocs", "topics/index.md", "../"),
        ("mkdocs", "topics/t03_attention_decoding.md", "../../"),
        ("zensical", "index.md", ""),
        ("zensical", "references.md", ""),
        ("zensical", "topics/index.md", "../"),
        ("zensical", "topics/t03_attention_decoding.md", "../"),
    ],
)
def test_addresses_in_raw_html_lead_to_the_root(monkeypatch, builder, page, way):
    monkeypatch.setenv("SITE_BUILDER", builder)
    with build_modules("addresses") as modules:
        assert modules.addresses.up(page) == way


def test_mkdocs_is_the_default(monkeypatch):
    with build_modules("addresses") as modules:
        monkeypatch.delenv("SITE_BUILDER", raising=False)
        assert modules.addresses.up("references.md") == "../"
        monkeypatch.setenv("SITE_BUILDER", "hugo")
        with pytest.raises(ValueError, match="it can be mkdocs or zensical"):
            modules.addresses.up("references.md")


@pytest.mark.browser
@pytest.mark.slow
def test_zensical_builds_the_same_pages(site, node, tmp_path):
    """Strictly; the build itself checks links, loads and secrets. `site` is what MkDocs has built."""
    if importlib.util.find_spec("zensical") is None:
        pytest.skip(INSTALL)
    built = tmp_path / "site"
    made = subprocess.run(
        ["bash", "docs/_build/build_site.sh", sys.executable, built],
        cwd=ROOT,
        env=os.environ | {"PATH": PATH, "SITE_URL": "", "SITE_BUILDER": "zensical"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    pages = [{path.relative_to(root) for path in root.rglob("*.html")} for root in (built, site)]
    assert pages[0] == pages[1]
    for page in pages[0]:
        texts = [(root / page).read_text(encoding="utf-8") for root in (built, site)]
        for part in ('class="katex"', "<attend-exercise", "<attend-quiz", "<figure"):
            assert texts[0].count(part) == texts[1].count(part), f"{page}: {part}"
    found = json.loads((built / "search.json").read_text(encoding="utf-8"))["items"]
    assert any("softmax" in entry["title"] for entry in found)
    assert not any("<pre>" in entry["text"] or "\\(" in entry["text"] for entry in found)
