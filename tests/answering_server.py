"""An HTTP server in a thread, whose every answer a function decides: for gates, cookies and faults.

It listens on all loopback addresses, and 127.0.0.1, 127.0.0.2, ... are sites of their own: one crawl can try them all.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(slots=True)
class Asked:
    """A request: its path with query, its headers with lower-case names, and how often the path was asked before.

    `host` is the last number of the loopback address: 3 for 127.0.0.3.
    """

    path: str
    headers: Mapping[str, str]
    before: int = 0
    host: int = 1


@dataclass(slots=True)
class Answer:
    """An answer; `drop` closes the connection in place of it."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


class AnsweringServer:
    """Serves `answer(Asked) -> Answer | None` (None: 404); `answer` may be replaced between two crawls.

    `counts` is the number of requests by (host, path).
    """

    def __init__(self, answer: Callable[[Asked], Answer | None]) -> None:
        self.answer = answer
        self.counts: Counter[tuple[int, str]] = Counter()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("0.0.0.0", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return self.url_of(1)

    def url_of(self, host: int) -> str:
        """Return the URL of the front page of 127.0.0.`host`."""
        return f"http://127.0.0.{host}:{self._server.server_address[1]}/"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _ask(self, path: str, headers: Mapping[str, str]) -> Answer:
        host = int(headers.get("host", "127.0.0.1").partition(":")[0].rpartition(".")[2])
        with self._lock:
            before = self.counts[host, path]
            self.counts[host, path] += 1
            return self.answer(Asked(path, headers, before, host)) or Answer("<h1>404 Not Found</h1>", 404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ask = self._ask

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                found = ask(self.path, {name.lower(): value for name, value in self.headers.items()})
                if found.drop:
                    self.close_connection = True
                    return
                data = found.body if isinstance(found.body, bytes) else found.body.encode()
                self.send_response(found.status)
                headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(data))}
                for name, value in (headers | found.headers).items():
                    self.send_header(name, value)
                try:
                    self.end_headers()
                    self.wfile.write(data)
                except ConnectionError:
                    self.close_connection = True  # the client has gone

            def log_message(self, *_: object) -> None:
                pass

        return Handler
