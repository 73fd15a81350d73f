// The site's search starts with the first letter that is typed: its index would be a third of every page.
// This worker stands before Material's own, whose address comes as ?worker=, and speaks its four messages.
const SETUP = 0, READY = 1, RESULT = 3;
let setup; // what Material sends first: the index's settings, without its entries
let engine; // a promise of Material's worker

async function start() {
  const docs = await (await fetch("../search/search_docs.json")).json();
  const worker = new Worker(new URLSearchParams(location.search).get("worker"));
  await new Promise((ready) => {
    worker.onmessage = ready;
    worker.postMessage({ ...setup, data: { ...setup.data, docs } });
  });
  worker.onmessage = ({ data }) => postMessage(data);
  return worker;
}

addEventListener("message", async ({ data }) => {
  if (data.type === SETUP) {
    setup = data;
    postMessage({ type: READY });
  } else if (!engine && !data.data) {
    postMessage({ type: RESULT, data: { items: [] } });
  } else {
    try {
      (await (engine ??= start())).postMessage(data);
    } catch {
      engine = undefined; // no network: the next letter tries again
      postMessage({ type: RESULT, data: { items: [] } });
    }
  }
});
