// What this browser remembers of a reader's work. Nothing of it leaves the browser.
//
//   attend:code:SLUG:EXERCISE     what stands in the exercise's editor; absent while it is the stub
//   attend:passed:SLUG:EXERCISE   the code that last passed; absent while the last run did not pass
//   attend:quiz:SLUG              the answers to the topic's quiz (kept by the quiz itself)
//
// SLUG is a topic's, as t03_attention_decoding. What else is to be kept takes a word of its own and a line here. A change
// of code or passes is announced on `window` by the event `attend:stored`.

const memory = new Map(); // where the browser allows no storage, work lasts as long as the page

export function read(kind, slug, exercise) {
  const key = `attend:${kind}:${slug}:${exercise}`;
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

/** Keep `text`, or forget what was kept where it is null. */
export function write(kind, slug, exercise, text) {
  const key = `attend:${kind}:${slug}:${exercise}`;
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    if (text === null) memory.delete(key);
    else memory.set(key, text);
  }
  dispatchEvent(new CustomEvent("attend:stored", { detail: { kind, slug, exercise } }));
}
