// Python in a worker of its own: what hangs here can be ended without the page's noticing.
//
// In:  { number, module, call, given }               call a function of attend.checking.MODULE with these named arguments
// Out: { kind: "ready" }                             Python has started
//      { kind: "begun", number }                     everything is loaded: the function's own work begins
//      { kind: "answer", number, answer }            what the function returned
//      { kind: "broken", number, words }             Python could not start, or the function failed
import { loadPyodide } from "../pyodide/pyodide.mjs";

const ROOT = "/attend";

async function start() {
  const archive = fetch(new URL("attend.zip", import.meta.url)).then((answer) => {
    if (!answer.ok) throw new Error(`attend.zip: ${answer.status}`);
    return answer.arrayBuffer();
  });
  const indexURL = new URL("../pyodide/", import.meta.url).href;
  const [pyodide, packed] = await Promise.all([loadPyodide({ indexURL, packages: ["numpy"] }), archive]);
  pyodide.unpackArchive(packed, "zip", { extractDir: ROOT });
  pyodide.runPython(`import sys; sys.path.insert(0, "${ROOT}/packages")`);
  pyodide.pyimport("attend.checking.browser");
  return pyodide;
}

const started = start();
started.then(
  () => postMessage({ kind: "ready" }),
  (error) => postMessage({ kind: "broken", words: String(error.message ?? error) }),
);

addEventListener("message", async ({ data: { number, module, call, given } }) => {
  try {
    const pyodide = await started;
    const named = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, pyodide.toPy(value)]));
    const on_ready = () => postMessage({ kind: "begun", number });
    const functions = pyodide.pyimport(`attend.checking.${module}`);
    const found = functions[call].callKwargs({ root: `${ROOT}/course`, ...named, on_ready });
    postMessage({ kind: "answer", number, answer: found.toJs({ dict_converter: Object.fromEntries }) });
    for (const proxy of [found, functions, ...Object.values(named)]) proxy?.destroy?.();
  } catch (error) {
    postMessage({ kind: "broken", number, words: String(error.message ?? error) });
  }
});
