// What scrolls sideways must be reachable by keyboard: give it a tab stop while it overflows. A ResizeObserver tells when
// the browser has laid it out: asking earlier costs a layout of the whole page.
(() => {
  const scrollers = ".md-typeset__scrollwrap, pre > code, div.arithmatex, .course-figure__drawing, .numbers-scroll";
  const update = ([element, overflows]) => {
    if (overflows) {
      element.tabIndex = 0;
      element.setAttribute("role", "group");
      element.setAttribute("aria-label", "scrolls sideways");
    } else {
      element.removeAttribute("tabindex");
      element.removeAttribute("role");
      element.removeAttribute("aria-label");
    }
  };
  // first read all, then write: a reading after a writing lays out anew
  const sizes = new ResizeObserver((entries) =>
    entries.map(({ target }) => [target, target.scrollWidth > target.clientWidth]).forEach(update),
  );
  const watched = new Set();
  const watch = () => {
    for (const element of document.querySelectorAll(scrollers)) {
      if (!watched.has(element)) sizes.observe(element);
      watched.add(element);
    }
  };
  // Material wraps tables, and puts the copy button of every block of code into a <nav>: that is no landmark.
  new MutationObserver(() => {
    watch();
    for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "none");
  }).observe(document.body, { childList: true, subtree: true });
  watch();
})();

// What stands far below is laid out when a reader begins to scroll: most of a page's layout is there. By then the faces of
// its formulas are here, so that no letter moves. A link to a place in the page needs all of it at once.
(() => {
  const faces = {
    "1em KaTeX_Main": ".katex",
    "italic 1em KaTeX_Math": ".mathnormal",
    "1em KaTeX_Caligraphic": ".mathcal",
    "1em KaTeX_Size1": ".delimsizing.size1, .small-op",
    "1em KaTeX_Size2": ".delimsizing.size2, .large-op",
    "1em KaTeX_Size3": ".delimsizing.size3",
    "1em KaTeX_Size4": ".delimsizing.size4",
  };
  const layOut = () => document.documentElement.classList.add("laid-out"); // attend.css knows it
  if (location.hash) layOut();
  for (const event of ["scroll", "hashchange"]) addEventListener(event, layOut, { once: true });
  addEventListener("load", () => {
    for (const [face, users] of Object.entries(faces)) if (document.querySelector(users)) document.fonts.load(face);
  });
})();

// A page that was opened works without a network. On the first visit the service worker comes too late to see what the
// page loads, so it is told.
(() => {
  if (!navigator.serviceWorker) return;
  const root = new URL("../", document.currentScript.src);
  addEventListener("load", async () => {
    await navigator.serviceWorker.register(new URL("sw.js", root));
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    active.postMessage([location.href, ...loaded.filter((url) => url.startsWith(root.href))]);
  });
})();
