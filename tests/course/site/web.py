"""A server as GitHub Pages is one, a browser, and an ear for what goes wrong in a page."""

import gzip
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, sync_playwright

# `make site` puts the environment's own programs first, and so do the tests
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
ZIPPED = (".html", ".css", ".js", ".mjs", ".json", ".svg", ".xml", ".txt", ".py")
QUIET = [
    "--no-sandbox",  # a container's root has no sandbox to use; the pages are our own
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
]


@cache
def zipped(path: Path, changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), 6, mtime=0)


class Handler(SimpleHTTPRequestHandler):
    """Files as GitHub Pages serves them: text gzipped, kept for ten minutes, 404.html where there is nothing."""

    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.split("?")[0].split("#")[0].endswith("/"):
            path /= "index.html"
        if path.is_dir():
            return super().do_GET()  # it redirects to the same name with a slash
        status = 200
        if not path.is_file():
            status, path = 404, Path(self.directory) / "404.html"
        wanted = "gzip" in self.headers.get("Accept-Encoding", "") and path.suffix in ZIPPED
        body = zipped(path, path.stat().st_mtime_ns) if wanted else path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        if wanted:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if self.server.slow:
            time.sleep(LATENCY + len(body) / RATE)
        self.wfile.write(body)
        self.server.sent.append((self.path, len(body)))

    def log_message(self, *_):
        pass


# A slow mobile network, by the server: the browser's own throttle stalls for good now and then. On a fast network all
# scripts are there before the first paint, and nothing moves.
LATENCY, RATE = 0.15, 60_000  # seconds; bytes a second on each of a browser's six connections


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path, port: int):
        super().__init__(("127.0.0.1", port), partial(Handler, directory=str(folder)))
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.slow = False  # whether answers come as over a slow mobile network
        self.sent: list[tuple[str, int]] = []  # what was asked for, and the bytes of each answer's body
        self.connections: set[socket.socket] = set()

    def process_request(self, request, client_address):
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self):
        """End the connections that browsers keep open: a server that is gone answers nobody."""
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        """A browser that closes a connection is no error; whatever else happens is told as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[Server]:
    """Serve a folder on this machine alone."""
    with Server(folder, port) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.hang_up()


def find_browser() -> str | None:
    """The system's Chromium or Chrome, or the one that `playwright install chromium` brought."""
    # the first has no windows to draw, and takes half the processor time
    names = (
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    for name in names:
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextmanager
def open_browser(program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


def wait_for_colours(page: Page) -> None:
    """Wait until every transition and every animation that has an end is over: colours fade in."""
    page.wait_for_function(
        "document.getAnimations().every(({ playState, effect }) => "
        "playState !== 'running' || effect.getComputedTiming().endTime === Infinity)"
    )


@dataclass
class Heard:
    """What a page said and asked for while it was listened to."""

    errors: list[str] = field(default_factory=list)  # of the console, and exceptions nobody caught
    foreign: list[str] = field(default_factory=list)  # addresses outside the site
    waiting: set[str] = field(default_factory=set)  # addresses asked for and not answered so far


def listen(page: Page, server: str) -> Heard:
    heard = Heard()

    def asked(request: Request):
        heard.waiting.add(request.url)
        if not request.url.startswith((f"{server}/", "data:", "blob:")):
            heard.foreign.append(request.url)

    page.on("console", lambda said: heard.errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.errors.append(str(error)))
    page.on("request", asked)
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda request: heard.waiting.discard(request.url))
    return heard
