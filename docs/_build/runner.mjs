// After MkDocs: what exercises in the page run on. Bundles the editor, shortens the scripts, and puts Pyodide beside them
// with numpy's wheel.
// Usage: node runner.mjs SITE
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(process.argv[2], "assets");
const modules = join(here, "node_modules");

await build({
  entryPoints: [join(here, "editor.mjs")],
  outfile: join(assets, "exercise", "editor.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
});
// The bundle's parts are all under the MIT licence, which wants to go with them.
const authors = ["@codemirror/view", "@lezer/highlight", "style-mod", "w3c-keyname", "crelt", "@marijn/find-cluster-break"];
const licences = authors.map((name) => `${name}\n\n${readFileSync(join(modules, name, "LICENSE"), "utf-8")}`);
writeFileSync(join(assets, "exercise", "editor.LICENSE.txt"), licences.join("\n\n"));

// The scripts of pages, without their comments.
for (const folder of ["elements", "exercise"]) {
  for (const name of readdirSync(join(assets, folder)).filter((name) => name.endsWith(".js") && name !== "editor.js")) {
    const file = join(assets, folder, name);
    const { code } = await transform(readFileSync(file, "utf-8"), { minify: true, target: "es2022" });
    writeFileSync(file, code);
  }
}

const pyodide = join(modules, "pyodide");
const target = join(assets, "pyodide");
mkdirSync(target, { recursive: true });
for (const file of ["pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"]) {
  cpSync(join(pyodide, file), join(target, file));
}
// Of all that Pyodide could load, numpy alone is here: its lock names the wheel and what the wheel's hash must be.
const lock = JSON.parse(readFileSync(join(pyodide, "pyodide-lock.json"), "utf-8"));
const { numpy } = lock.packages;
writeFileSync(join(target, "pyodide-lock.json"), JSON.stringify({ info: lock.info, packages: { numpy } }));
const wheel = join(here, "vendor", numpy.file_name);
const sha256 = createHash("sha256").update(readFileSync(wheel)).digest("hex");
if (sha256 !== numpy.sha256) {
  console.error(`${wheel} is not the wheel that Pyodide ${lock.info.version} names: its sha256 is ${sha256}.`);
  process.exit(1);
}
cpSync(wheel, join(target, numpy.file_name));
writeFileSync(
  join(target, "LICENSE.txt"),
  `Pyodide ${lock.info.version}, unchanged from its npm package, is under the Mozilla Public License 2.0
(https://www.mozilla.org/MPL/2.0/); its source is at https://github.com/pyodide/pyodide. It contains CPython, under the
licence of the Python Software Foundation. numpy's wheel holds its own licence, BSD-3-Clause.\n`,
);
console.log(`Pyodide ${lock.info.version} with numpy ${numpy.version}, and the editor`);
