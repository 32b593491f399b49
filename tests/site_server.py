"""A real HTTP server on 127.0.0.1, in a process of its own, that serves invented sites and misbehaves on request.

Every host of the sites gets a loopback address of its own (127.0.0.1, 127.0.0.2, ...) on one port, and what the pages
say about their host is rewritten to that address. The same port is also an HTTP proxy for the sites under their own
hosts, for those of several hosts; it speaks http only, so https:// in their pages is rewritten.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import multiprocessing
import re
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

from benchmarks.invented.site import Page, Site

LAST_MODIFIED = "Fri, 26 Apr 2024 02:00:00 GMT"
TEXTUAL = re.compile(r"html|xml|json|javascript|text")
READ_TIMEOUT_S = 60


@dataclass(slots=True)
class Behaviour:
    """How an address answers beyond its page.

    `kind`: "retry-after" (429 for the first `times` requests), "status" (`value` for the first `times`), "slow"
    (`value` seconds before the answer), "truncated" (gzip cut in the middle), "bomb" (gzip of `value` zero bytes),
    "refuse" (the connection is closed without an answer), "loop" (a redirect to itself), "no-validators".
    """

    kind: str
    value: float = 0
    times: int = 1 << 30


@dataclass(slots=True)
class _State:
    pages: dict[tuple[str, str], Page]
    endless: dict[str, Callable[[str], Page]] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    log: list[tuple[float, str, int]] = field(default_factory=list)
    delay_s: float = 0.0
    ahead_s: float = 0.0


class SiteServer:
    """The server as tests see it. `requests` counts by original URL path, `log` has (time, path, status) in order."""

    def __init__(self, sites: Sequence[Site], delay_s: float = 0.0) -> None:
        self._sites = list(sites)
        hosts = list(dict.fromkeys(host for site in self._sites for host in [site.host, *site.hosts]))
        self._hosts = {host: f"127.0.0.{number}" for number, host in enumerate(hosts, 1)}
        context = multiprocessing.get_context("spawn")
        self._pipe, remote = context.Pipe()
        self._process = context.Process(target=_serve, args=(remote, self._hosts), daemon=True)
        self._process.start()
        self.port = int(self._ask("start"))
        self._ask("sites", self._sites)
        self._ask("delay", delay_s)

    def _ask(self, command: str, value: Any = None) -> Any:
        self._pipe.send((command, value))
        if not self._pipe.poll(READ_TIMEOUT_S):
            raise RuntimeError(f"the site server does not answer to {command!r}")
        return self._pipe.recv()

    def url(self, url_or_path: str = "/", host: str | None = None) -> str:
        """Return the address on this server of an original URL, or of a path of the first site."""
        if url_or_path.startswith("/"):
            return f"http://{self._hosts[host or self._sites[0].host]}:{self.port}{url_or_path}"
        parts = urlsplit(url_or_path)
        query = f"?{parts.query}" if parts.query else ""
        return f"http://{self._hosts[parts.netloc]}:{self.port}{parts.path}{query}"

    @property
    def proxy_url(self) -> str:
        """The address to use as http_proxy: sites are then served under their own hosts, http only."""
        return f"http://127.0.0.1:{self.port}"

    def put_ahead(self, seconds: float) -> None:
        """Put the clock that the Date headers show ahead of the machine's."""
        self._ask("ahead", seconds)

    def replace(self, *sites: Site) -> None:
        """Serve later states of the same hosts from now on."""
        self._ask("sites", list(sites))

    def behave(self, path: str, kind: str, value: float = 0, times: int = 1 << 30) -> None:
        """Make `path` (with its query) misbehave: see Behaviour."""
        self._ask("behave", (path, Behaviour(kind, value, times)))

    @property
    def requests(self) -> Counter[str]:
        return self._ask("counts")

    @property
    def total(self) -> int:
        """The number of requests."""
        return int(self._ask("total"))

    @property
    def log(self) -> list[tuple[float, str, int]]:
        return self._ask("log")

    def forget_requests(self) -> None:
        self._ask("forget")

    def stop(self) -> None:
        if self._process.is_alive():
            self._ask("stop")
            self._process.join(5)
        if self._process.is_alive():
            self._process.terminate()

    def __enter__(self) -> SiteServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _serve(pipe: Connection, hosts: dict[str, str]) -> None:
    asyncio.run(_Server(pipe, hosts).run())


class _Server:
    """The process' side: answers requests, and commands that come through the pipe."""

    def __init__(self, pipe: Connection, hosts: dict[str, str]) -> None:
        self.pipe = pipe
        self.hosts = hosts
        self.port = 0
        self.state = _State({})
        self.stopped = asyncio.Event()

    async def run(self) -> None:
        first = await asyncio.start_server(self.talk, "127.0.0.1", 0, backlog=512)
        self.port = first.sockets[0].getsockname()[1]
        others = [
            await asyncio.start_server(self.talk, address, self.port, backlog=512)
            for address in self.hosts.values()
            if address != "127.0.0.1"
        ]
        asyncio.get_running_loop().add_reader(self.pipe.fileno(), self.command)
        await self.stopped.wait()
        for server in (first, *others):
            server.close()

    @property
    def addresses(self) -> dict[str, str]:
        return {host: f"{address}:{self.port}" for host, address in self.hosts.items()}

    def command(self) -> None:
        try:
            name, value = self.pipe.recv()
        except EOFError:
            self.stopped.set()
            return
        answer: Any = None
        if name == "start":
            answer = self.port
        elif name == "sites":
            self.install(value)
        elif name == "delay":
            self.state.delay_s = value
        elif name == "ahead":
            self.state.ahead_s = value
        elif name == "behave":
            path, behaviour = value
            self.state.behaviours[path] = behaviour
        elif name == "counts":
            answer = self.state.counts
        elif name == "total":
            answer = self.state.counts.total()
        elif name == "log":
            answer = self.state.log
        elif name == "forget":
            self.state.counts, self.state.log = Counter(), []
        elif name == "stop":
            self.stopped.set()
        self.pipe.send(answer)

    def install(self, sites: Sequence[Site]) -> None:
        self.state.pages = {}
        self.state.endless = {}
        for site in sites:
            self.state.endless.update(site.endless)
            for (host, path), page in site.pages.items():
                self.state.pages[(host, path)] = rewritten(page, {name: name for name in self.hosts})
                self.state.pages[(self.hosts[host], path)] = rewritten(page, self.addresses)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), READ_TIMEOUT_S)).decode("latin-1")
                length = re.search(r"^content-length:\s*(\d+)", request, re.I | re.M)
                body = await reader.readexactly(int(length[1])) if length else b""
                if not await self.answer(request, body.decode("latin-1"), writer):
                    break
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError):
            pass  # the client has gone
        finally:
            writer.close()

    async def answer(self, request: str, sent: str, writer: asyncio.StreamWriter) -> bool:
        """Write one answer; False if the connection is to be closed. A POST's page is at `path#body`."""
        lines = request.split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        target += f"#{sent}" if method == "POST" else ""
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        if target.startswith("http"):
            parts = urlsplit(target)
            host, target = parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if self.state.delay_s:
            await asyncio.sleep(self.state.delay_s)
        behaviour = self.state.behaviours.get(target)
        if behaviour is not None and behaviour.times <= 0:
            behaviour = None
        if behaviour is not None:
            behaviour.times -= 1
            if behaviour.kind == "slow":
                await asyncio.sleep(behaviour.value)
            if behaviour.kind == "refuse":
                self.note(target, 0)
                return False
        status, answer_headers, body = self.response(host, target, headers, behaviour)
        self.note(target, status)
        answer_headers = {**answer_headers, "date": formatdate(time.time() + self.state.ahead_s, usegmt=True)}
        writer.write(_head(status, answer_headers, len(body)) + (b"" if method == "HEAD" else body))
        await writer.drain()
        return headers.get("connection", "").lower() != "close"

    def invented(self, host: str, target: str) -> Page | None:
        """Return a page that the site makes when it is asked for, the same one from then on."""
        for start, make in self.state.endless.items():
            if target.startswith(start):
                places = {name: name for name in self.hosts} if host in self.hosts else self.addresses
                self.state.pages[(host, target)] = rewritten(make(target), places)
                return self.state.pages[(host, target)]
        return None

    def note(self, target: str, status: int) -> None:
        self.state.counts[target] += 1
        self.state.log.append((time.time(), target, status))

    def response(
        self, host: str, target: str, asked: Mapping[str, str], behaviour: Behaviour | None
    ) -> tuple[int, dict[str, str], bytes]:
        kind = behaviour.kind if behaviour else ""
        if behaviour and kind == "retry-after":
            return 429, {"content-type": "text/plain", "retry-after": str(int(behaviour.value))}, b"slow down"
        if behaviour and kind == "status":
            return int(behaviour.value), {"content-type": "text/html"}, b"<h1>error</h1>"
        if kind == "loop":
            return 302, {"location": target}, b""
        page = self.state.pages.get((host, target)) or self.invented(host, target)
        if page is None:
            return 404, {"content-type": "text/html"}, b"<html><title>404</title><h1>404 Not Found</h1></html>"
        headers, body = dict(page.headers), page.body
        if behaviour and kind == "bomb":
            return 200, headers | {"content-encoding": "gzip"}, _zeros(int(behaviour.value))
        if kind == "truncated":
            return 200, headers | {"content-encoding": "gzip"}, gzip.compress(body, mtime=0)[: len(body) // 8]
        if page.status != 200 or kind == "no-validators":
            return page.status, headers, body
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers |= {"etag": etag, "last-modified": LAST_MODIFIED}
        if asked.get("if-none-match") == etag:
            return 304, headers, b""
        if "gzip" in asked.get("accept-encoding", "") and len(body) > 1000 and kind == "gzip":
            return 200, headers | {"content-encoding": "gzip"}, gzip.compress(body, mtime=0)
        return 200, headers, body


def _head(status: int, headers: Mapping[str, str], length: int) -> bytes:
    lines = [f"HTTP/1.1 {status} -", f"content-length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name != "content-length"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _zeros(count: int) -> bytes:
    """Return gzip of `count` zero bytes, made in pieces."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(1 << 20)
    packed = [packer.compress(piece) for _ in range(count >> 20)]
    return b"".join([*packed, packer.flush()])


def rewritten(page: Page, places: Mapping[str, str]) -> Page:
    """Return `page` with every address of a host, also in gzip bodies and locations, moved to its place over http."""
    headers = {name: _moved(value.encode(), places).decode() for name, value in page.headers.items()}
    body = page.body
    if body.startswith(b"\x1f\x8b"):
        body = gzip.compress(_moved(gzip.decompress(body), places), mtime=0)
    elif TEXTUAL.search(page.headers.get("content-type", "")):
        body = _moved(body, places)
    return Page(body, page.status, headers)


def _moved(body: bytes, places: Mapping[str, str]) -> bytes:
    for host, place in places.items():
        new = place.encode()
        name = rb"((?:\\?/){2})" + re.escape(host.encode()) + rb"(?![\w.:-])"
        body = re.sub(rb"https?:" + name, rb"http:\g<1>" + new, body)
        body = re.sub(rb"(?<!:)" + name, rb"\g<1>" + new, body)
    return body
