// Keeps every page that was opened, with what it loaded, for the time without a network. The network is asked first, so
// that nobody is shown an old page while there is a newer one; what is not opened is not fetched.
const VERSION = "unstamped"; // a digest of the whole site, set by the build: with it this file changes, which browsers notice
const NAME = `attend ${registration.scope}`; // other sites of this address have caches too
const OFFLINE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Offline</title><h1>You are offline</h1><p>This page was not opened on this device before.</p></html>`;

const plain = (url) => url.split(/[?#]/)[0];

async function keep(urls, how) {
  const cache = await caches.open(NAME);
  const renew = async (url) => {
    const response = await fetch(url, how);
    if (response.status === 200) await cache.put(plain(url), response);
    else await cache.delete(plain(url));
  };
  await Promise.allSettled(urls.map(renew));
}

// A new version fetches anew whatever is kept, so that no old page meets a new script, and drops what is gone. It need not
// hurry to take the old one's place: both answer alike.
async function install() {
  const kept = await (await caches.open(NAME)).keys();
  await keep(kept.map((request) => request.url), { cache: "no-cache" });
}

async function answer(event) {
  const { request } = event;
  const cache = await caches.open(NAME);
  try {
    const response = await fetch(request);
    if (response.status === 200) event.waitUntil(cache.put(plain(request.url), response.clone()));
    return response;
  } catch (error) {
    const kept = await cache.match(plain(request.url));
    if (kept) return kept;
    if (request.mode !== "navigate") throw error;
    return new Response(OFFLINE, { status: 503, headers: { "Content-Type": "text/html" } });
  }
}

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => event.waitUntil(keep(event.data)));
addEventListener("fetch", (event) => {
  const ours = event.request.method === "GET" && event.request.url.startsWith(registration.scope);
  if (ours) event.respondWith(answer(event));
});
