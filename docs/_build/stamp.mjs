// Last in the build: give the service worker the digest of everything else, so that browsers notice a new version.
// Usage: node stamp.mjs SITE
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const site = process.argv[2];
const digest = createHash("sha256");
for (const name of readdirSync(site, { recursive: true }).sort()) {
  const path = join(site, name);
  if (name === "sw.js" || name.startsWith("sitemap.xml") || !statSync(path).isFile()) continue;
  digest.update(`${name}\0`).update(readFileSync(path));
}
const worker = join(site, "sw.js");
const before = readFileSync(worker, "utf-8");
const after = before.replace('VERSION = "unstamped"', `VERSION = "${digest.digest("hex").slice(0, 16)}"`);
if (after === before) throw new Error(`${worker} has no version to set`);
writeFileSync(worker, after);
