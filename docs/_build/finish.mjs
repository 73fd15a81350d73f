// After MkDocs or Zensical: render the formulas with KaTeX, join the style sheets and put the faces beside them, mend what axe finds
// in Material.
// Usage: node finish.mjs SITE
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import katex from "katex";

const site = process.argv[2];
const zensical = process.env.SITE_BUILDER === "zensical";
const modules = join(dirname(fileURLToPath(import.meta.url)), "node_modules");
const assets = join(site, "assets");

// The colour code in formulas: \query{s} is coloured as the state that asks is in every picture.
const coloured = (name) => `\\htmlClass{c-${name}}{#1}`;
const macros = {
  "\\query": coloured("query"),
  "\\ann": coloured("annotation"),
  "\\weight": coloured("weight"),
  "\\context": coloured("context"),
  "\\R": "\\mathbb{R}",
};
const options = {
  macros,
  throwOnError: true,
  output: "htmlAndMathml",
  strict: (code) => (code === "htmlExtension" ? "ignore" : "error"),
  trust: (context) => context.command === "\\htmlClass",
};

const unescape = (text) =>
  text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, "&");
const formula = /<(span|div) class="arithmatex">\\([[(])([\s\S]*?)\\[\])]<\/\1>/g;
let count = 0;
const failures = [];

function render(html, file) {
  return html.replace(formula, (_, tag, bracket, tex) => {
    count += 1;
    try {
      const rendered = katex.renderToString(unescape(tex), { ...options, displayMode: bracket === "[" });
      // ℝ as a character: every system has it, and KaTeX's face for that one letter weighs 28 KB
      const light = rendered.replaceAll('<span class="mord mathbb">R</span>', '<span class="mord">ℝ</span>');
      return `<${tag} class="arithmatex">${light}</${tag}>`;
    } catch (error) {
      failures.push(`${file}: ${error.message}`);
      return tex;
    }
  });
}

// The faces that a page shows at once; with font-display: optional they never move the text.
const preloads = (up, html) =>
  (/<(em|i)>/.test(html) ? ["normal", "italic"] : ["normal"])
    .map((style) => `${up}/fonts/source-sans-3-latin-wght-${style}.woff2`)
    .map((href) => `<link rel="preload" as="font" type="font/woff2" crossorigin href="${href}">`)
    .join("");

// A page shows nothing before its last style sheet is there, so the site has one, which every page after the first one
// finds in the browser's cache.
const sheetLink = /<link rel="stylesheet" href="[^"]*?assets\/([^"]*)">\s*/g;
const sheets = new Set(); // paths below assets/, in the order of their rules

function keepOne(link, sheet) {
  sheets.add(sheet);
  return sheet === "attend.css" ? link : "";
}

// A word is explained where a page first uses it, not every time.
function explainOnce(html) {
  const seen = new Set();
  return html.replace(/<abbr title="([^"]*)">([^<]*)<\/abbr>/g, (whole, title, word) => {
    if (seen.has(title)) return word;
    seen.add(title);
    return whole;
  });
}

// In code, names, operators, brackets and spaces look like plain text: half of a page's elements would be theirs.
const plainToken = /<span class="(?:n|o|p|w)">([^<]*)<\/span>/g;

// The buttons that copy code stand in the page: Material puts in one after another and measures the page after each. It
// also measures the code of every closed fold, which is laid out for nothing else; in a <span> it does not find it.
function copyable(html) {
  let count = 0;
  const block = /(<div class="language-\w+ highlight"><pre)>(?:<span><\/span>)?(<code>[\s\S]*?<\/code>)<\/pre>/g;
  return html.replace(block, (_, start, code) => {
    const id = `__code_${count++}`;
    const button = `<button class="md-code__button" title="Copy to clipboard" data-clipboard-target="#${id} code" data-md-type="copy">`;
    return `${start} id="${id}"><span class="md-code__nav">${button}</button></span><span class="code">${code}</span></pre>`;
  });
}

// Inside the navigation, lists within lists are groups: a page needs one landmark of a kind, not ten.
function oneLandmark(html) {
  const inner = /<nav class="md-nav" data-md-level="([1-9])"([^>]*?)( aria-expanded="\w+")?>((?:(?!<nav|<\/nav>)[\s\S])*)<\/nav>/g;
  const next = html.replace(inner, '<div role="group" class="md-nav" data-md-level="$1"$2>$4</div>');
  return next === html ? html : oneLandmark(next);
}

for (const name of readdirSync(site, { recursive: true })) {
  if (!name.endsWith(".html")) continue;
  const path = join(site, name);
  const before = readFileSync(path, "utf-8");
  const up = relative(dirname(path), assets) || ".";
  const html = oneLandmark(copyable(explainOnce(render(before, name))))
    .replace(plainToken, "$1")
    .replace(/<(link|script)[^>]*_markdown_exec_pyodide[^>]*>(<\/script>)?/g, "") // a part of the plugin that we do not use
    .replace(sheetLink, keepOne)
    // Material says late that scripts run and that focus is followed, and its switch between light and dark dresses the page anew before anybody
    // touched it: each time the browser works out every element's style again. assets/attend.js has a switch that waits.
    .replace("<head>", '<head><script>document.documentElement.className = "js js-focus-visible"</script>')
    .replace('data-md-component="palette"', "data-palette")
    .replace("</head>", `${name === "404.html" ? "" : preloads(up, before)}</head>`) // 404.html is served at any depth
    .replace(/"search": "([^"]*)assets\/(javascripts\/workers\/[\w.]+)"/, '"search": "$1assets/search.js?worker=$2"')
    .replace('data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"');
  writeFileSync(path, html);
}

// The search index holds code, and the formulas' source: keep the words alone. Every page loads search_index.json, so that
// has the settings only; assets/search.js loads the entries when somebody searches.
function readIndex() {
  if (zensical) return JSON.parse(readFileSync(join(site, "search.json"), "utf-8"));
  const { docs, ...settings } = JSON.parse(readFileSync(join(site, "search", "search_index.json"), "utf-8"));
  return { ...settings, items: docs };
}

function writeIndex({ items, ...settings }) {
  const files = zensical
    ? { "search.json": { ...settings, items } } // its own script loads this when somebody searches
    : { "search/search_docs.json": items, "search/search_index.json": { ...settings, docs: [] } };
  for (const [name, value] of Object.entries(files)) writeFileSync(join(site, name), JSON.stringify(value));
}

const search = readIndex();
for (const entry of search.items) {
  entry.text = entry.text.replace(/<pre>[\s\S]*?<\/pre>/g, "").replace(/\\\([\s\S]*?\\\)|\\\[[\s\S]*?\\\]/g, " … ");
}
writeIndex(search);

if (failures.length) {
  console.error(failures.join("\n"));
  process.exit(1);
}

mkdirSync(join(assets, "katex", "fonts"), { recursive: true });
mkdirSync(join(assets, "fonts"), { recursive: true });
for (const file of ["js", "css"]) rmSync(join(assets, `_markdown_exec_pyodide.${file}`), { force: true });
const face = join(modules, "@fontsource-variable", "source-sans-3");
for (const file of readdirSync(join(face, "files"))) {
  if (/-(latin|latin-ext)-wght-|-greek-wght-normal/.test(file)) cpSync(join(face, "files", file), join(assets, "fonts", file));
}
cpSync(join(face, "LICENSE"), join(assets, "fonts", "LICENSE"));
const dist = join(modules, "katex", "dist");
cpSync(join(modules, "katex", "LICENSE"), join(assets, "katex", "LICENSE"));
// Only the woff2 faces are served, so only they are named.
const css = readFileSync(join(dist, "katex.min.css"), "utf-8").replace(/,url\([^)]*\.(woff|ttf)\) format\("[a-z]+"\)/g, "");
writeFileSync(join(assets, "katex", "katex.min.css"), css);
for (const file of readdirSync(join(dist, "fonts"))) {
  if (file.endsWith(".woff2")) cpSync(join(dist, "fonts", file), join(assets, "katex", "fonts", file));
}

// What a sheet names stands beside that sheet; from the joined one, which takes the place of attend.css, it is elsewhere.
const joined = [...sheets, "katex/katex.min.css"].map((sheet) => {
  const file = join(assets, sheet);
  const text = readFileSync(file, "utf-8").replace(/\/\*# sourceMappingURL=.*?\*\//g, "");
  for (const gone of [file, `${file}.map`]) rmSync(gone, { force: true });
  return text.replace(/url\((["']?)(?!["']|data:)([^"')]+)\1\)/g, (_, quote, url) => `url(${posix.join(posix.dirname(sheet), url)})`);
});
const rules = joined.join("\n").replace(/\bpre ?> ?code\b/g, "pre code"); // there is a <span> between: see `copyable`
const { code } = await transform(rules, { loader: "css", minify: true });
writeFileSync(join(assets, "attend.css"), code);
console.log(`${count} formulas rendered`);
