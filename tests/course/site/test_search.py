"""The site's search, whose index comes only when somebody searches."""

from playwright.sync_api import expect

from .web import listen, serve

INDEX = "/search/search_docs.json"


def test_search_finds_a_topic(browser, site):
    """No page loads the index; the first letters that are typed do, and the right topic is found with its word marked."""
    context = browser.new_context()
    page = context.new_page()
    with serve(site) as server:
        heard = listen(page, server.address)
        page.goto(f"{server.address}/", wait_until="networkidle")
        assert INDEX not in [path for path, _ in server.sent]

        page.locator(".md-search__input").click()
        page.keyboard.type("additive attention", delay=20)
        first = page.locator(".md-search-result__link").first
        expect(first).to_be_visible(timeout=15_000)
        assert INDEX in [path for path, _ in server.sent]
        assert "t09_additive" in first.get_attribute("href")

        first.click()
        expect(page.locator("article mark").first).to_be_visible()
        assert heard.errors == [] and heard.foreign == []
    context.close()


def test_search_without_a_network_says_nothing_found(browser, site):
    """A search that cannot load its index ends, and works again when the network is back."""
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    with serve(site) as server:
        page.goto(f"{server.address}/", wait_until="networkidle")
        port = server.server_address[1]
    page.locator(".md-search__input").click()
    page.keyboard.type("softmax", delay=20)
    expect(page.locator(".md-search-result__meta")).to_have_text("No matching documents", timeout=15_000)
    with serve(site, port):
        page.keyboard.press("Backspace")
        expect(page.locator(".md-search-result__link").first).to_be_visible(timeout=15_000)
    context.close()
