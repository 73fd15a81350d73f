"""A page that was opened works without a network, and a new version of the site takes the old one's place."""

import re
import shutil

import pytest

from .web import listen, serve

KEPT = """async () => {
  const kept = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      kept[new URL(request.url).pathname] = await (await cache.match(request)).text();
    }
  }
  return kept;
}"""
INSTALLED = "async () => !(await navigator.serviceWorker.getRegistration()).installing"
PAGE = "/topics/t03_attention_decoding/"
GONE = "/students/feedback/"


def wait_until_kept(page, *paths: str, text: str = "") -> None:
    """Wait until these paths are kept, with a text in each."""
    for _ in range(100):
        found = page.evaluate(KEPT)
        if all(text in found.get(path, "") for path in paths) and set(paths) <= found.keys():
            return
        page.wait_for_timeout(100)
    missing = [path for path in paths if path not in found or text not in found[path]]
    pytest.fail(f"not kept: {missing} of {sorted(found)}")


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
        wait_until_kept(page, *(loaded - {"/sw.js"}))
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
        wait_until_kept(page, PAGE)
        address = server.address
    page.goto(f"{address}{PAGE}?h=softmax#masked_softmax")
    assert page.locator("h1").inner_text().startswith("t03")


def test_a_new_version_takes_over(context, site, tmp_path):
    """With a network a reader sees the new page at once; all that is kept is renewed, and what is gone is dropped."""
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    with serve(copy) as server:
        page = context.new_page()
        for path in (GONE, "/glossary/", PAGE):
            page.goto(f"{server.address}{path}", wait_until="networkidle")
            wait_until_kept(page, path)

        shutil.rmtree(copy / GONE.strip("/"))
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
        wait_until_kept(page, PAGE, "/glossary/", text="Second edition.")
        page.wait_for_function(INSTALLED)
        assert GONE not in page.evaluate(KEPT)
        address = server.address

    page = context.new_page()
    for path in (PAGE, "/glossary/"):
        page.goto(f"{address}{path}")
        assert page.locator("h1").inner_text().startswith("Second edition.")


def test_the_version_follows_from_the_site(site):
    """The service worker of a built site has a version, so that the next one differs."""
    assert re.search(r'VERSION = "[0-9a-f]{16}"', (site / "sw.js").read_text(encoding="utf-8"))
