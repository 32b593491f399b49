"""Who may ask: the addresses that the server listens on, the names that it answers to, the token."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsspider.messages import _

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# a shorter token can be guessed
SHORTEST_TOKEN: Final = 16
HOST: Final = re.compile(r"(?P<name>\[[0-9a-fA-F:.%]+\]|[^\[\]:/@\s]+)(?::\d{1,5})?")
OPEN_PATHS: Final = frozenset({"/healthz"})
# a page may load nothing but our own style sheet; pictures of an article are let in by the page that shows them
POLICY: Final = (
    "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; img-src 'self'{pictures}"
)
PICTURES: Final = "x-newsspider-pictures"
HEADERS: Final = {
    "Content-Security-Policy": POLICY.format(pictures=""),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Where the server listens and whom it answers: `hosts` are the names of SERVE_HOSTS, "" for `token` asks for none.

    `is_behind_proxy`: a reverse proxy decides who comes in.
    """

    address: str
    port: int
    token: str = ""
    hosts: frozenset[str] = frozenset()
    is_behind_proxy: bool = False

    @classmethod
    def of(cls, settings: Any) -> AccessPolicy:
        """Return the policy of the project's settings."""
        return cls(
            str(settings["SERVE_ADDRESS"]).strip("[]"),
            settings.getint("SERVE_PORT"),
            str(settings["SERVE_TOKEN"] or ""),
            frozenset(name.strip().lower() for name in settings.getlist("SERVE_HOSTS") if name.strip()),
            settings.getbool("SERVE_PROXY"),
        )

    def problem(self) -> str | None:
        """Return in one line what forbids to listen so, None where nothing does."""
        if self.token and len(self.token) < SHORTEST_TOKEN:
            said = _("SERVE_TOKEN has {count} characters: {least} or more are hard to guess")
            return said.format(count=len(self.token), least=SHORTEST_TOKEN)
        if not self.token.isascii() or not self.token.isprintable() or " " in self.token:
            return _("SERVE_TOKEN may hold ASCII letters, digits and signs")
        if not 0 < self.port < 65_536:
            return _("SERVE_PORT: {port} is not a port").format(port=self.port)
        if is_loopback(self.address) or self.token or self.is_behind_proxy:
            return None
        return _(
            "SERVE_ADDRESS {address} lets other machines in: set SERVE_TOKEN, or SERVE_PROXY=1 where a reverse proxy "
            "asks who comes in"
        ).format(address=self.address)

    def answers_to(self, host: str) -> bool:
        """Return True if a request for this Host may be answered.

        A page of another site whose name resolves to our address (DNS rebinding) sends its own name, never an address.
        With a token such a page has no way in, so that any name will do unless SERVE_HOSTS says which.
        """
        found = HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].strip("[]").lower().rstrip(".")
        if name in LOOPBACK_NAMES or name in self.hosts or is_address(name):
            return True
        return bool(self.token) and not self.hosts

    def lets_in(self, authorization: str) -> bool:
        """Return True if a request with this Authorization header may be answered: Bearer, or Basic with any user."""
        if not self.token:
            return True
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            try:
                value = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return False
        elif scheme.lower() != "bearer":
            return False
        return hmac.compare_digest(value.strip().encode(), self.token.encode())

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        name = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{'127.0.0.1' if name in ('0.0.0.0', '[::]') else name}:{self.port}/"  # noqa: S104 it is replaced


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    return name in LOOPBACK_NAMES or (is_address(name) and ipaddress.ip_address(name).is_loopback)


class Gate:
    """ASGI middleware: refuses foreign hosts and those without the token, and gives every answer the headers."""

    def __init__(self, app: ASGIApp, policy: AccessPolicy) -> None:
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _set_headers(MutableHeaders(scope=message))
            await send(message)

        refusal = self._refusal(Headers(scope=scope), scope["path"])
        await (refusal or self.app)(scope, receive, send_with_headers)

    def _refusal(self, headers: Mapping[str, str], path: str) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if not self.policy.answers_to(host):
            return PlainTextResponse("This server does not answer to that name: see SERVE_HOSTS.\n", 421)
        if path in OPEN_PATHS or self.policy.lets_in(headers.get("authorization", "")):
            return None
        ask = {"WWW-Authenticate": 'Basic realm="newsspider", charset="UTF-8"'}
        return PlainTextResponse("The token is asked for: as password of any user, or as Bearer.\n", 401, ask)


def _set_headers(headers: MutableHeaders) -> None:
    pictures = headers.get(PICTURES, "")
    if pictures:
        del headers[PICTURES]
    for name, value in HEADERS.items():
        headers[name] = value
    if pictures:
        headers["Content-Security-Policy"] = POLICY.format(pictures=f" {pictures}")
    headers.setdefault("Cache-Control", "no-cache")
