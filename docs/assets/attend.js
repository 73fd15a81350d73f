// What scrolls sideways must be reachable by keyboard: give it a tab stop while it overflows.
(() => {
  const scrollers = ".md-typeset__scrollwrap, div.arithmatex, .course-figure__drawing, .numbers-scroll";
  const update = () => {
    for (const element of document.querySelectorAll(scrollers)) {
      if (element.scrollWidth > element.clientWidth) {
        element.tabIndex = 0;
        element.setAttribute("role", "group");
        element.setAttribute("aria-label", "scrolls sideways");
      } else {
        element.removeAttribute("tabindex");
        element.removeAttribute("role");
        element.removeAttribute("aria-label");
      }
    }
  };
  // Material puts the copy button of every block of code into a <nav>: that is no landmark.
  new MutationObserver(() => {
    for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "none");
  }).observe(document.body, { childList: true, subtree: true });
  addEventListener("load", update);
  addEventListener("resize", update);
  addEventListener("toggle", update, true);
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
