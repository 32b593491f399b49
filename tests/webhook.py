"""A webhook that alarms and saved searches are sent to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "s3cr3t-t0ken"


class Webhook(ThreadingHTTPServer):
    """Keeps the JSON that is posted to it; answers 500 while `is_broken`."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.is_broken = False
        super().__init__(("127.0.0.1", 0), Receiver)

    @property
    def alert_url(self) -> str:
        return f"json://user:{SECRET}@127.0.0.1:{self.server_port}/{SECRET}"


class Receiver(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.server.is_broken:
            self.server.posts.append(json.loads(body))
        self.send_response(500 if self.server.is_broken else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def listening() -> Iterator[Webhook]:
    """Yield a webhook that answers."""
    server = Webhook()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
