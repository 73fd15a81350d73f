// What scrolls sideways must be reachable by keyboard: give it a tab stop while it overflows. A ResizeObserver tells when
// the browser has laid it out, which for what stands far below is when a reader comes near: asking earlier costs a layout
// of the whole page.
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

// The formulas' faces come when the page is there, not when a formula far below comes near: then its letters would move.
(() => {
  const faces = {
    KaTeX_Main: ".katex",
    KaTeX_Math: ".mathnormal",
    KaTeX_AMS: ".amsrm",
    KaTeX_Caligraphic: ".mathcal",
    KaTeX_Size1: ".size1, .small-op",
    KaTeX_Size2: ".size2, .large-op",
    KaTeX_Size3: ".size3",
    KaTeX_Size4: ".size4",
  };
  addEventListener("load", () => {
    for (const [face, users] of Object.entries(faces)) {
      if (document.querySelector(users)) document.fonts.load(`${face === "KaTeX_Math" ? "italic " : ""}1em ${face}`);
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
