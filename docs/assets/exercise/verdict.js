// What a run or a check has found, as elements.
const MARKS = { passed: "✓", failing: "✗", waiting: "·", todo: "·" };

/** A paragraph with the mark of a state and some words. */
export function line(state, words) {
  const mark = Object.assign(document.createElement("b"), { textContent: MARKS[state] ?? "", ariaHidden: "true" });
  const paragraph = document.createElement("p");
  paragraph.append(mark, ` ${words}`);
  return paragraph;
}

/** A list of pairs of a label and a text. */
export function table(rows) {
  const list = document.createElement("dl");
  for (const [label, text] of rows) {
    const term = Object.assign(document.createElement("dt"), { textContent: label });
    const words = Object.assign(document.createElement("dd"), { textContent: text });
    words.dataset.row = label;
    list.append(term, words);
  }
  return list;
}

/** A list of sentences. */
export function sentences(texts) {
  const list = document.createElement("ul");
  list.append(...texts.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
  return list;
}
