"""Network access of a page in the browser, served by the crawler's own downloader.

A page is handed its own HTML, its scripts, and what these ask for by XMLHttpRequest or fetch. Each such request is made
by Scrapy: robots.txt, the host's delay, DNS answers, size and certificates are those of any link. Scripts are
stricter than links in one thing: a page of the public internet gets nothing from a private address, not even from a
typed host, and a page on a private address only what is on its own host and port.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError
from scrapy.utils.defer import maybe_deferred_to_future

from newsspider.downloadermiddlewares.addresses import is_private_host
from newsspider.downloadermiddlewares.download_errors import DOWNLOAD_ERRORS
from newsspider.downloadermiddlewares.refusals import RefusedError
from newsspider.render.errors import RenderError
from newsspider.render.script_cache import ScriptCache
from newsspider.urls import is_public_ip, registered_domain

if TYPE_CHECKING:
    from playwright.async_api import Page, Route, WebSocketRoute
    from playwright.async_api import Request as Asked
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

FETCHED: Final = ("script", "xhr", "fetch")
PIXEL: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00"
    b"\x01\x00\x00\x02\x02D\x01\x00;"
)
# Not fetched, but answered: a script may wait for its style sheet, and put another picture where one fails to load.
BLANK: Final = {"stylesheet": ("text/css", b""), "image": ("image/gif", PIXEL)}
METHODS: Final = ("GET", "HEAD", "POST")
REDIRECTS: Final = (301, 302, 303, 307, 308)
MAX_REDIRECTS: Final = 5
OURS: Final = frozenset({"host", "user-agent", "accept-encoding", "cookie", "content-length", "connection"})
TRANSFER: Final = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})
TICK_S, QUIET_S, BLANK_QUIET_S = 0.1, 0.5, 1.5
MUCH_TEXT: Final = 150
MEASURE: Final = "[document.documentElement.outerHTML.length, document.body ? document.body.innerText.length : 0]"


def abort_ungated(_: Asked) -> bool:
    """Refuse what no gate has answered: scrapy-playwright's own rule, which comes after ours."""
    return True


class PageGate:
    """Stands between one page and the network; knows when the page has come to rest."""

    def __init__(self, crawler: Crawler, shell: Response, proxy: str | None, scripts: ScriptCache) -> None:
        self.crawler = crawler
        self.shell = shell
        self.scripts = scripts
        self.is_proxied = proxy is not None
        self.site = registered_domain(shell.url)
        self.private_origin = self._private_origin()
        self.pending = 0
        self.asked = 0
        self.is_shown = False
        self._most = crawler.settings.getint("RENDER_MAX_REQUESTS")
        self._max_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._timeout_s = crawler.settings.getfloat("RENDER_TIMEOUT_S")

    def _private_origin(self) -> tuple[str, int] | None:
        """Return host and port of a page that is on a private network itself."""
        address = self.shell.ip_address
        is_private = address is not None and not self.is_proxied and not is_public_ip(str(address))
        return _origin(self.shell.url) if is_private or is_private_host(_origin(self.shell.url)[0]) else None

    async def install(self, page: Page, request: Request) -> None:
        """Put the gate before everything that `page`, or a window it opens, can ask for."""
        await page.context.route("**/*", lambda route: _aborted(route))
        await page.context.route_web_socket("**/*", _close_socket)
        await page.route("**/*", self.answer)
        page.context.on("page", lambda opened: asyncio.ensure_future(_close_window(opened)))

    # --- What the page asks for ----------------------------------------------------------------------------------

    async def answer(self, route: Route, asked: Asked) -> None:
        """Answer one request of the page, or refuse it."""
        self.pending += 1
        try:
            status, headers, body = await self._answer(asked)
            await route.fulfill(status=status, headers=headers, body=body)
        except RefusedError as refusal:
            self.crawler.stats.inc_value(f"render/refused/{refusal.reason}")
            logger.info("%s: %s", self.shell.url, refusal)
            await _aborted(route)
        except (*DOWNLOAD_ERRORS, ValueError) as error:
            self.crawler.stats.inc_value("render/refused/failed")
            logger.info("%s: %s: %s", self.shell.url, asked.url[:200], " ".join(str(error).split())[:200])
            await _aborted(route)
        except PlaywrightError as error:
            logger.debug("%s: not answered: %s", self.shell.url, error)
            await _aborted(route)
        finally:
            self.pending -= 1

    async def _answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        kind = asked.resource_type
        if asked.is_navigation_request():
            return self._document()
        if kind in BLANK:
            content_type, body = BLANK[kind]
            return 200, {"content-type": content_type, "access-control-allow-origin": "*"}, body
        if kind not in FETCHED or asked.method not in METHODS:
            raise RefusedError("kind", f"{asked.method} of {kind} {asked.url[:200]}")
        self.asked += 1
        if self.asked > self._most:
            raise RefusedError("limit", f"more than RENDER_MAX_REQUESTS ({self._most}): {asked.url[:200]}")
        if kind == "script" and asked.method == "GET":
            await self._check(asked.url, "GET")
            response = await self.scripts.fetched((asked.url, self.private_origin), self._script)
        else:
            headers = await self._headers(asked)
            response = await self._fetched(asked.url, asked.method, headers, asked.post_data_buffer or b"")
            self._check_is_shared(response)
        return response.status, _headers_of(response), response.body

    def _document(self) -> tuple[int, dict[str, str], bytes]:
        """Return the page's own HTML, as it was fetched before; the browser goes nowhere else, and into no frame."""
        if self.is_shown:
            raise RefusedError("navigation", "its scripts navigate to another page")
        self.is_shown = True
        return self.shell.status, _headers_of(self.shell), self.shell.body

    async def _headers(self, asked: Asked) -> dict[str, str]:
        """Return the headers of the browser that the downloader does not make itself; cookies only of the own site."""
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in OURS}
        if registered_domain(asked.url) == self.site:
            cookies = await asked.frame.page.context.cookies(asked.url)
            if cookies:
                headers["cookie"] = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)
        return headers

    async def _script(self, url: str) -> Response:
        return await self._fetched(url, "GET", {}, b"")

    def _check_is_shared(self, response: Response) -> None:
        """Raise Refused for data of another origin that does not say who may read it: Playwright would let it pass."""
        url = response.url
        is_own = urlsplit(url).scheme == urlsplit(self.shell.url).scheme and _origin(url) == _origin(self.shell.url)
        if not is_own and "Access-Control-Allow-Origin" not in response.headers:
            raise RefusedError("origin", f"not meant for other origins: {url[:200]}")

    async def _fetched(self, url: str, method: str, headers: dict[str, str], body: bytes) -> Response:
        """Return what the downloader gets, redirects followed one by one. Raises Refused and download errors."""
        for _ in range(MAX_REDIRECTS):
            await self._check(url, method)
            response = await self.crawler.engine.download_async(self._request(url, method, headers, body))
            target = response.headers.get("Location")
            if response.status not in REDIRECTS or not target:
                return response
            if method == "POST":
                raise RefusedError("redirect", f"redirect of a POST: {url[:200]}")
            url = urljoin(url, target.decode("latin-1"))
            headers = {name: value for name, value in headers.items() if name != "cookie"}
        raise RefusedError("redirect", f"too many redirects: {url[:200]}")

    def _request(self, url: str, method: str, headers: dict[str, str], body: bytes) -> Request:
        meta: dict[str, Any] = {"dont_redirect": True, "dont_merge_cookies": True, "dont_cache": True}
        if method == "POST":
            meta["dont_retry"] = True
        return Request(url, method=method, headers=headers, body=body, meta=meta, dont_filter=True)

    async def _check(self, url: str, method: str) -> None:
        """Raise Refused for a URL that scripts of this page may not ask for.

        The URL is resolved here and the connection is made to the same answer, which is kept for the run.
        """
        if urlsplit(url).scheme not in ("http", "https"):
            raise RefusedError("scheme", f"not an http(s) URL: {url[:200]}")
        if method == "POST" and registered_domain(url) != self.site:
            raise RefusedError("kind", f"POST to another site: {url[:200]}")
        origin = _origin(url)
        if origin == self.private_origin:
            return
        if is_private_host(origin[0]) or not (self.is_proxied or await _resolves_public(origin[0])):
            raise RefusedError("private_address", f"request to a private address: {url[:200]}")

    # --- When the page is done -------------------------------------------------------------------------------------

    async def settle(self, page: Page) -> None:
        """Return when the page is at rest, or its time is over. Raises DownloadCancelledError if it grows too large.

        At rest: nothing is fetched, and its markup stays as long as it is; longer while it has no text.
        """
        session = await page.context.new_cdp_session(page)
        tree = await session.send("Page.getFrameTree")
        frame = tree["frameTree"]["frame"]["id"]
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
        clock = quiet = 0.0
        last = -1
        while clock < self._timeout_s:
            await asyncio.sleep(TICK_S)
            if self.pending:
                quiet = 0.0
                continue
            clock += TICK_S
            size, text = await self._measured(session, world["executionContextId"])
            quiet, last = (quiet + TICK_S if size == last else 0.0), size
            if quiet >= (QUIET_S if text >= MUCH_TEXT else BLANK_QUIET_S):
                return

    async def _measured(self, session: Any, context: int) -> tuple[int, int]:
        """Return characters of markup and of text, out of reach of the page's scripts."""
        arguments = {"contextId": context, "expression": MEASURE, "returnByValue": True}
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await session.send("Runtime.evaluate", arguments)
        except PlaywrightError:
            raise RenderError("its scripts navigate away") from None
        size, text = answer["result"].get("value") or (0, 0)
        self.check_size(size)
        return size, text

    def check_size(self, size: int) -> None:
        """Raise DownloadCancelledError where a page is larger than any page may be."""
        if self._max_bytes and size > self._max_bytes:
            raise DownloadCancelledError(f"{self.shell.url}: rendered, it is larger than DOWNLOAD_MAXSIZE")


def _origin(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise RefusedError("scheme", f"not an http(s) URL: {url[:200]}") from None
    return (parts.hostname or "").lower(), port or (443 if parts.scheme == "https" else 80)


async def _resolves_public(host: str) -> bool:
    """Return True if DNS gives a public address for `host`. Raises OSError where it gives none."""
    from twisted.internet import reactor

    installed: Any = reactor
    return is_public_ip(await maybe_deferred_to_future(installed.resolve(host)))


def _headers_of(response: Response) -> dict[str, str]:
    """Return the headers of a decoded answer as the browser takes them: one a name, cookies a line each."""
    found = {}
    for name, values in response.headers.items():
        key = name.decode("latin-1").lower()
        if key not in TRANSFER:
            glue = "\n" if key == "set-cookie" else ", "
            found[key] = glue.join(value.decode("latin-1") for value in values)
    return found


async def _aborted(route: Route) -> None:
    """Let a request fail. A navigation that is "aborted" leaves the page as it is, others put an error page there."""
    try:
        await route.abort("aborted")
    except PlaywrightError as error:
        logger.debug("the page is gone: %s", error)


async def _close_window(page: Page) -> None:
    try:
        await page.close()
    except PlaywrightError as error:
        logger.debug("the window is gone: %s", error)


async def _close_socket(socket: WebSocketRoute) -> None:
    await socket.close()
