// The page's one worker: started when it is first needed, ended when code does not come back, then started again.

const SECONDS = 5; // that an exercise's tests may take; they take a fraction of one

let worker = null;
let isReady = false;
let current = null; // { number, owner, settle, tell, clock } of the check that is running
let count = 0;
let last = Promise.resolve();

function begin() {
  isReady = false;
  const begun = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  const listen = (message) => begun === worker && hear(message); // not to what an ended one said last
  begun.addEventListener("message", ({ data }) => listen(data));
  begun.addEventListener("error", ({ message }) => listen({ kind: "broken", words: message || "the worker failed" }));
  worker = begun;
}

function hear({ kind, number, verdict, words }) {
  if (kind === "ready") {
    isReady = true;
    current?.tell("running");
    return;
  }
  if (kind === "broken" && number === undefined) end(); // it never started: the next run tries again
  if (!current || (number !== undefined && number !== current.number)) return;
  if (kind === "begun") {
    current.clock = setTimeout(() => stop(current.owner, "timeout"), 1000 * SECONDS);
  } else {
    settle(kind === "verdict" ? { kind, verdict } : { kind, words });
  }
}

function settle(outcome) {
  const done = current;
  current = null;
  clearTimeout(done.clock);
  done.settle(outcome);
}

function end() {
  worker?.terminate();
  worker = null;
  isReady = false;
}

/** End the check that is running for `owner`, with Python and all, and start Python again for the next. */
export function stop(owner, kind = "stopped") {
  if (current?.owner !== owner) return;
  end();
  begin();
  settle({ kind, seconds: SECONDS });
}

/**
 * Check an exercise, when those that were asked for before are done. Resolves to { kind }: "verdict" with `verdict`,
 * "timeout" with `seconds`, "stopped", "broken" with `words`.
 * @param owner { slug, exercise, codes, tell }; `tell` is called with "starting" or "running" as things go on
 */
export function check(owner) {
  owner.tell(isReady ? "running" : "starting");
  last = last.then(() => checkNow(owner));
  return last;
}

function checkNow(owner) {
  if (!worker) begin();
  const number = ++count;
  const { slug, exercise, codes, tell } = owner;
  worker.postMessage({ number, slug, exercise, codes });
  return new Promise((settle) => {
    current = { number, owner, settle, tell, clock: 0 };
  });
}
