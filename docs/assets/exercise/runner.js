// The page's one worker: started when it is first needed, ended when code does not come back, then started again.

const SECONDS = 5; // that a call may take; most take a fraction of one

export const STARTING = "Starting Python, which takes a moment the first time …";

let worker = null;
let isReady = false;
let current = null; // { number, owner, settle, clock } of the call that is running
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

function hear({ kind, number, answer, words }) {
  if (kind === "ready") {
    isReady = true;
    current?.owner.tell(current.owner.doing);
    return;
  }
  if (kind === "broken" && number === undefined) end(); // it never started: the next call tries again
  if (!current || (number !== undefined && number !== current.number)) return;
  if (kind === "begun") {
    current.clock = setTimeout(() => stop(current.owner, "timeout"), 1000 * SECONDS);
  } else {
    settle(kind === "answer" ? { kind, answer } : { kind, words });
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

/** End the call that is running for `owner`, with Python and all, and start Python again for the next. */
export function stop(owner, kind = "stopped") {
  if (current?.owner !== owner) return;
  end();
  begin();
  settle({ kind, words: `no answer in ${SECONDS} seconds, so it was stopped: does a loop never end?` });
}

/**
 * Call a function of Python, when the calls that were asked for before are done. Resolves to { kind }: "answer" with
 * `answer`; "timeout" or "broken" with `words`; "stopped".
 * @param owner { module, call, given, doing, tell }: the function and its arguments, words for what it does, and what is
 *     called with words as things go on
 */
export function ask(owner) {
  owner.tell(isReady ? owner.doing : STARTING);
  last = last.then(() => askNow(owner));
  return last;
}

function askNow(owner) {
  if (!worker) begin();
  const number = ++count;
  const { module, call, given } = owner;
  worker.postMessage({ number, module, call, given });
  return new Promise((settle) => {
    current = { number, owner, settle, clock: 0 };
  });
}
