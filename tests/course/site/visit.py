"""Look at pages as a phone and as a laptop do, and write down what they did."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from .web import Server, listen, open_browser, serve, wait_for_colours

LANES = 2  # browsers side by side
PHONE = {"viewport": {"width": 375, "height": 812}, "is_mobile": True, "has_touch": True}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}
# Pages of text alone, which load what the topics' pages load and less: a slow network would show nothing more.
PLAIN = ("/students/", "/instructors/", "/glossary/", "/references/", "/404.html")

# Every shift counts: nobody touches the page before it is measured. `hadRecentInput` is no help here, for Chromium sets it
# after a change of the viewport too, and a phone's viewport changes while the page loads: all that moved then went unseen.
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
SCROLL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
    scrollTo(0, y);
    await new Promise(requestAnimationFrame);
  }
  scrollTo(0, 0);
}"""
# In the dark the page is the same but for its colours, so only what looks at colours runs again.
COLOURS = ["color-contrast", "link-in-text-block"]
RUN_AXE = """async (rules) => {
  const some = rules ? { runOnly: rules } : {};
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...some });
  const places = (nodes) => nodes.map((node) => node.target.join(" ")).join(", ");
  return violations.map(({ id, help, nodes }) => `${id} (${help}): ${places(nodes)}`);
}"""


@dataclass
class Visit:
    """What one page did."""

    path: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    weight: int = 0  # bytes of all answers, gzipped where GitHub Pages does, before anything is clicked
    shifts: dict[str, float] = field(default_factory=dict)  # by device
    faults: dict[str, list[str]] = field(default_factory=dict)  # axe's, by look: light, dark, phone


def pages_of(site: Path) -> list[str]:
    """The addresses of all pages below the site's root, the biggest first."""
    files = sorted(site.rglob("*.html"), key=lambda path: -path.stat().st_size)
    return [f"/{path.relative_to(site).as_posix().removesuffix('index.html')}" for path in files]


def open_page(browser: Browser, server: Server, visit: Visit, axe: str, device: str, **options) -> Page:
    """A page that has loaded and was scrolled through; its context belongs to it alone, with an empty cache."""
    # no service worker: what it does has tests of its own, and it would fetch everything a second time
    page = browser.new_context(
        color_scheme="light", reduced_motion="reduce", service_workers="block", **options
    ).new_page()
    heard = listen(page, server.address)
    page.add_init_script(WATCH_SHIFTS)
    server.slow = device == "phone" and not visit.path.startswith(PLAIN)
    try:
        page.goto(f"{server.address}{visit.path}", wait_until="networkidle")
    except PlaywrightError as error:
        error.add_note(f"{visit.path} on the {device} still waited for {sorted(heard.waiting)}")
        raise
    page.evaluate(SCROLL)
    page.wait_for_load_state("networkidle")
    visit.shifts[device] = page.evaluate("shifted")
    visit.errors += heard.errors
    visit.foreign += heard.foreign
    page.evaluate(axe)
    return page


def visit_page(browser: Browser, server: Server, path: str, axe: str) -> Visit:
    visit = Visit(path)
    page = open_page(browser, server, visit, axe, "phone", **PHONE)
    visit.faults["phone"] = page.evaluate(RUN_AXE)
    page.context.close()

    server.sent.clear()
    page = open_page(browser, server, visit, axe, "laptop", **LAPTOP)
    visit.weight = sum(size for _, size in server.sent)
    visit.faults["light"] = page.evaluate(RUN_AXE)
    page.evaluate("document.getElementById('__palette_1').click()")  # the button that readers have
    page.wait_for_selector("body[data-md-color-scheme=slate]")
    wait_for_colours(page)
    visit.faults["dark"] = page.evaluate(RUN_AXE, COLOURS)
    page.context.close()
    return visit


def visit_all(site: Path, paths: list[str], program: str, tools: Path) -> list[Visit]:
    axe = (tools / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def some(paths: list[str]) -> list[Visit]:
        with serve(site) as server, open_browser(program) as browser:
            return [visit_page(browser, server, path, axe) for path in paths]

    with ThreadPoolExecutor(LANES) as pool:
        lanes = pool.map(some, [paths[lane::LANES] for lane in range(LANES)])
        return sorted((visit for lane in lanes for visit in lane), key=lambda visit: visit.path)
