// What scrolls sideways must be reachable by keyboard: give it a tab stop while it overflows. A ResizeObserver tells when
// the browser has laid it out: asking earlier costs a layout of the whole page.
(() => {
  const scrollers = ".md-typeset__scrollwrap, pre code, div.arithmatex, .course-figure__drawing, .numbers-scroll";
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
  new MutationObserver(watch).observe(document.body, { childList: true, subtree: true }); // Material wraps tables
  watch();
  // faces that have arrived change what a formula needs, though not the room it has
  document.fonts.addEventListener("loadingdone", () => {
    for (const element of watched) {
      sizes.unobserve(element);
      sizes.observe(element);
    }
  });
})();

// Light or dark: what the reader chose, else what the system has. Material's script in the page reads `__palette` before
// the first paint.
(() => {
  const switches = [...document.querySelectorAll("[data-palette] input")];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const wear = (chosen) => {
    const color = Object.fromEntries(
      ["media", "scheme", "primary", "accent"].map((key) => [key, chosen.getAttribute(`data-md-color-${key}`)]),
    );
    for (const [key, value] of Object.entries(color)) document.body.setAttribute(`data-md-color-${key}`, value);
    for (const input of switches) input.nextElementSibling.hidden = input !== chosen;
    return { index: switches.indexOf(chosen), color };
  };
  const start = () => {
    const stored = switches[__md_get("__palette")?.index];
    return stored ?? switches.find((input) => matchMedia(input.getAttribute("data-md-color-media")).matches) ?? switches[0];
  };
  for (const input of switches) input.addEventListener("change", () => __md_set("__palette", wear(input)));
  dark.addEventListener("change", () => wear(start()));
  if (switches.length) wear(start());
})();

// A page that was opened works without a network. On the first visit the service worker comes too late to see what the
// page loads, so it is told, as long as some answers still pass it by.
(() => {
  if (!navigator.serviceWorker) return;
  const root = new URL("../", document.currentScript.src);
  addEventListener("load", async () => {
    await navigator.serviceWorker.register(new URL("sw.js", root));
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage([location.href]);
    new PerformanceObserver((list) => {
      const unseen = list.getEntries().filter(({ name, workerStart }) => workerStart === 0 && name.startsWith(root.href));
      if (unseen.length) active.postMessage(unseen.map(({ name }) => name));
    }).observe({ type: "resource", buffered: true });
  });
})();
