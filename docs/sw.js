// Keeps every page that was opened, with what it loaded, for the time without a network. The network is asked first, so
// that nobody is shown an old page while there is a newer one; what is not opened is not fetched.
const VERSION = "unstamped"; // a digest of the whole site, set by the build
const OURS = `attend ${registration.scope} `; // other sites of this address have caches too
const NAME = OURS + VERSION;
const OFFLINE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Offline</title><h1>You are offline</h1><p>This page was not opened on this device before.</p></html>`;

const plain = (url) => url.split(/[?#]/)[0];

async function keep(urls, how) {
  const cache = await caches.open(NAME);
  const add = async (url) => {
    const response = await fetch(url, how);
    if (response.status === 200) await cache.put(plain(url), response);
  };
  await Promise.allSettled(urls.map(add));
}

const older = async () => (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== NAME);

// A new version fetches anew whatever the old one kept, and then takes its place.
async function install() {
  for (const name of await older()) {
    const kept = await (await caches.open(name)).keys();
    await keep(kept.map((request) => request.url), { cache: "no-cache" });
  }
  await skipWaiting();
}

async function activate() {
  for (const name of await older()) await caches.delete(name);
  await clients.claim();
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
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => event.waitUntil(keep(event.data)));
addEventListener("fetch", (event) => {
  const ours = event.request.method === "GET" && event.request.url.startsWith(registration.scope);
  if (ours) event.respondWith(answer(event));
});
