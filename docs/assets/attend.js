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
  // faces that have arrived change what a formula needs, though not the room it has
  document.fonts.addEventListener("loadingdone", () => {
    for (const element of watched) {
      sizes.unobserve(element);
      sizes.observe(element);
    }
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
