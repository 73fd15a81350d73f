// Python in a worker of its own: what hangs here can be ended without the page's noticing.
//
// In:  { number, slug, exercise, codes }             check this exercise with these codes
// Out: { kind: "ready" }                             Python has started
//      { kind: "begun", number }                     the student's code is about to run
//      { kind: "verdict", number, verdict }          as attend.checking.browser.check returns it
//      { kind: "broken", number, words }             Python could not start, or the check itself failed
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
  return { pyodide, inpage: pyodide.pyimport("attend.checking.browser") };
}

const started = start();
started.then(
  () => postMessage({ kind: "ready" }),
  (error) => postMessage({ kind: "broken", words: String(error.message ?? error) }),
);

addEventListener("message", async ({ data: { number, slug, exercise, codes } }) => {
  try {
    const { pyodide, inpage } = await started;
    const given = pyodide.toPy(codes);
    const begun = () => postMessage({ kind: "begun", number });
    const answer = inpage.check(`${ROOT}/course`, slug, exercise, given, begun);
    postMessage({ kind: "verdict", number, verdict: answer.toJs({ dict_converter: Object.fromEntries }) });
    answer.destroy();
    given.destroy();
  } catch (error) {
    postMessage({ kind: "broken", number, words: String(error.message ?? error) });
  }
});
