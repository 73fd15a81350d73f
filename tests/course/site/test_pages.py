"""Every page of the built site, in a real browser: as a laptop shows it in light and in dark, and as a phone does."""

import os
import shutil

import pytest

from ..common import COURSE
from .visit import visit_all

MOST_SHIFT = 0.02  # cumulative layout shift; what browsers call good ends at 0.1
MOST_BYTES = 250_000


def test_every_topic_was_visited(visits):
    """Every topic of the course that has a page has it in the site, and the browser saw it."""
    seen = {visit.path for visit in visits}
    written = {
        f"/topics/{t.slug}/" for t in COURSE.topics if (COURSE.root / "docs/topics" / f"{t.slug}.md").exists()
    }
    assert written and written <= seen
    assert {"/", "/404.html", "/glossary/", "/students/", "/instructors/"} <= seen


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_no_accessibility_fault(visits, look):
    """axe finds no fault on any page."""
    assert [f"{visit.path}: {fault}" for visit in visits for fault in visit.faults[look]] == []


def test_no_console_error(visits):
    """No page reports an error."""
    assert [f"{visit.path}: {error}" for visit in visits for error in visit.errors] == []


def test_no_foreign_request(visits):
    """No page asks another address for anything."""
    assert [f"{visit.path}: {url}" for visit in visits for url in visit.foreign] == []


@pytest.mark.parametrize("device", ["phone", "laptop"])
def test_nothing_moves(visits, device):
    """What a reader looks at stays where it is while the rest arrives; on a phone the network is slow."""
    moved = {visit.path: visit.shifts[device] for visit in visits}
    assert {path: shift for path, shift in moved.items() if shift >= MOST_SHIFT} == {}


def test_topic_pages_are_light(visits):
    """A topic's page and all that it loads by itself weigh little."""
    weights = {visit.path: visit.weight for visit in visits if visit.path.startswith("/topics/")}
    assert min(weights.values()) > 50_000, "a page that loads so little was not measured whole"
    assert {path: weight for path, weight in weights.items() if weight > MOST_BYTES} == {}


FAULTS = """
<p style="background:#fff; color:#ccc">Too pale in every light.</p>
<style>
  [data-md-color-scheme=slate] #in-the-dark { background: #000; color: #333 }
  #on-a-phone { display: none }
  @media (max-width: 400px) { #on-a-phone { display: block } }
</style>
<p id="in-the-dark">Too dark at night.</p>
<p id="on-a-phone"><img src="/assets/logo.svg" width="20" height="20"></p>
<img alt="elsewhere" src="http://127.0.0.2:58999/elsewhere.png" width="20" height="20">
<script>
  fetch("/heavy.bin");
  const push = () => document.querySelector("h1").insertAdjacentHTML("beforebegin", "<div style='height: 300px'></div>");
  addEventListener("load", () => setTimeout(push, 200));
  setTimeout(() => { throw new Error("planted") });
</script>
"""


def test_planted_faults_are_found(site, tools, browser_program, tmp_path):
    """Each fault that the tests above look for is seen on a page that has it."""
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    home = copy / "index.html"
    text = home.read_text(encoding="utf-8")
    home.write_text(text.replace("</article>", f"{FAULTS}</article>"), encoding="utf-8")
    (copy / "heavy.bin").write_bytes(os.urandom(MOST_BYTES))

    [seen] = visit_all(copy, ["/"], browser_program, tools)
    assert any("planted" in error for error in seen.errors)
    assert set(seen.foreign) == {"http://127.0.0.2:58999/elsewhere.png"}
    assert seen.weight > MOST_BYTES
    assert min(seen.shifts.values()) > MOST_SHIFT
    assert [fault.split()[0] for fault in seen.faults["light"]] == ["color-contrast"]
    assert "#in-the-dark" in "".join(seen.faults["dark"])
    assert "#in-the-dark" not in "".join(seen.faults["light"])
    assert any(fault.startswith("image-alt") for fault in seen.faults["phone"])


@pytest.mark.parametrize("size", [(375, 812), (1280, 800)], ids=["phone", "laptop"])
@pytest.mark.parametrize("anchor", ["softmax", "common-mistakes", "quiz"])
def test_a_link_leads_to_its_heading(page, server, size, anchor):
    """What is laid out after the page has loaded does not push away what the reader came for."""
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page.goto(f"{server}/topics/t03_attention_decoding/#{anchor}")
    page.wait_for_load_state("networkidle")
    # not a wait for something: for half a second after the last answer the heading must stay where it is
    page.wait_for_timeout(500)
    top = page.evaluate("anchor => document.getElementById(anchor).getBoundingClientRect().top", anchor)
    assert 48 <= top <= 160, f"below the bar at the top, which is 48 pixels high, is {top}"
