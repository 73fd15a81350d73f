"""A page that was opened works without a network, and a new version of the site takes the old one's place."""

import re
import shutil

import pytest

from .web import listen, serve

KEPT = """async () => {
  const names = await caches.keys();
  const urls = (await (await caches.open(names[0])).keys()).map((request) => new URL(request.url).pathname);
  return { names, urls };
}"""
PAGE = "/topics/t03_attention_decoding/"


def kept(page, *paths: str) -> dict:
    """Wait until one cache keeps these paths; its name, and all that it keeps."""
    for _ in range(100):
        found = page.evaluate(KEPT) if page.evaluate("caches.keys().then((names) => names.length)") else None
        if found and len(found["names"]) == 1 and set(paths) <= set(found["urls"]):
            return found
        page.wait_for_timeout(100)
    pytest.fail(f"{paths} were not kept: {found}")


@pytest.fixture
def context(browser):
    opened = browser.new_context()
    yield opened
    opened.close()


def test_a_visited_page_needs_no_network(context, site):
    """Opened once, a page shows itself, its fonts and its drawings while the server is gone; others say why not."""
    with serve(site) as server:
        page = context.new_page()
        heard = listen(page, server.address)
        page.goto(f"{server.address}{PAGE}", wait_until="networkidle")
        loaded = {path.split("?")[0] for path, _ in server.sent}
        kept(page, *(loaded - {"/sw.js"}))
        address = server.address

    page.reload(wait_until="networkidle")
    assert page.locator("h1").inner_text().startswith("t03")
    assert page.evaluate("""document.fonts.check("16px 'Source Sans 3'")""")
    assert page.evaluate("getComputedStyle(document.querySelector('.exercise')).borderLeftStyle") == "solid"
    assert heard.errors == []

    answer = page.goto(f"{address}/glossary/")
    assert answer.status == 503
    assert "offline" in page.locator("h1").inner_text()


def test_a_fragment_and_a_search_word_lead_to_the_same_page(context, site):
    """Without a network a page is found whatever follows its address."""
    with serve(site) as server:
        page = context.new_page()
        page.goto(f"{server.address}{PAGE}", wait_until="networkidle")
        kept(page, PAGE)
        address = server.address
    page.goto(f"{address}{PAGE}?h=softmax#masked_softmax")
    assert page.locator("h1").inner_text().startswith("t03")


def test_a_new_version_takes_over(context, site, tmp_path):
    """With a network a reader sees the new page at once; afterwards the new one is what is kept, and nothing of the old."""
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    with serve(copy) as server:
        page = context.new_page()
        for path in ("/glossary/", PAGE):
            page.goto(f"{server.address}{path}", wait_until="networkidle")
            before = kept(page, path)

        for path in ("topics/t03_attention_decoding", "glossary"):
            file = copy / path / "index.html"
            text = file.read_text(encoding="utf-8")
            file.write_text(re.sub(r"(<h1[^>]*>)", r"\1Second edition. ", text), encoding="utf-8")
        worker = copy / "sw.js"
        stamped = worker.read_text(encoding="utf-8")
        worker.write_text(re.sub(r'VERSION = "\w+"', 'VERSION = "second"', stamped), encoding="utf-8")

        page.reload(wait_until="networkidle")
        page.evaluate(
            "navigator.serviceWorker.getRegistration().then((registration) => registration.update())"
        )
        for _ in range(100):
            after = kept(page, PAGE, "/glossary/")
            if after["names"] != before["names"]:
                break
            page.wait_for_timeout(100)
        assert after["names"][0].endswith("second")
        address = server.address

    for path in (PAGE, "/glossary/"):
        page.goto(f"{address}{path}")
        assert page.locator("h1").inner_text().startswith("Second edition.")


def test_the_version_follows_from_the_site(site):
    """The service worker of a built site has a version, so that the next one differs."""
    assert re.search(r'VERSION = "[0-9a-f]{16}"', (site / "sw.js").read_text(encoding="utf-8"))
