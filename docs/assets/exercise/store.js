// What this browser remembers of a reader's work. Nothing of it leaves the browser.
//
//   attend:code:SLUG:EXERCISE      what stands in the exercise's editor; absent while it is the stub
//   attend:passed:SLUG:EXERCISE    the code that last passed; empty where a progress code says that it has passed
//                                  elsewhere; absent while the last run did not pass
//   attend:examples:SLUG:EXERCISE  the reader's own examples of the exercise, one a line
//   attend:module:SLUG             the module that was opened, where it has other lines outside the exercises than the stub
//   attend:before:SLUG             what was in the editors before a file was opened, as JSON
//   attend:quiz:SLUG               the answers to the topic's quiz (kept by the quiz itself)
//
// SLUG is a topic's, as t03_attention_decoding. What else is to be kept takes a word of its own and a line here. A change
// is announced on `window` by the event `attend:stored`.

const memory = new Map(); // where the browser allows no storage, work lasts as long as the page

const keyOf = (kind, slug, exercise) => ["attend", kind, slug, ...(exercise ? [exercise] : [])].join(":");

export function read(kind, slug, exercise) {
  const key = keyOf(kind, slug, exercise);
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

/** Keep `text`, or forget what was kept where it is null. */
export function write(kind, slug, exercise, text) {
  const key = keyOf(kind, slug, exercise);
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    if (text === null) memory.delete(key);
    else memory.set(key, text);
  }
  dispatchEvent(new CustomEvent("attend:stored", { detail: { kind, slug, exercise } }));
}

/** The exercises of all topics that have passed: pairs of a slug and a name. */
export function passed() {
  let keys;
  try {
    keys = Object.keys(localStorage);
  } catch {
    keys = [...memory.keys()];
  }
  return keys.map((key) => key.split(":")).filter(([name, kind]) => name === "attend" && kind === "passed").map((key) => key.slice(2));
}
