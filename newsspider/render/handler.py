"""Download handler for RENDER: scrapy-playwright's, with a lazily started browser and a gate per page."""

from __future__ import annotations

import asyncio
import logging
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from playwright.async_api import Error as PlaywrightError
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.provider import PlaywrightBrowserProvider

from newsspider.render.errors import RenderError
from newsspider.render.gate import PageGate
from newsspider.render.script_cache import ScriptCache
from newsspider.responses import RENDERED_HEADER

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 10.0
WAIT_FACTOR = 10
# as a reader in China has it: times without a zone are Beijing's; the long window shows lists that load as they appear
CONTEXT: dict[str, Any] = {
    "accept_downloads": False,
    "service_workers": "block",
    "permissions": [],
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "viewport": {"width": 1280, "height": 4000},
}
OWN_META = ("playwright_page", "playwright_context", "playwright_context_kwargs", "playwright_page_goto_kwargs")
OWN_CALLS = ("render_gate", "playwright_page_init_callback", "playwright_security_details")


class LazyBrowser(PlaywrightBrowserProvider):  # type: ignore[misc]  # has no types
    """Starts Playwright and its browser with the first page that needs them, and tries only once."""

    problem: RenderError | None = None

    async def start(self) -> None:
        """Nothing yet."""

    async def launch_browser(self) -> Browser:
        """Return the running browser. Raises RenderError, in one line."""
        if self.problem is not None:
            raise self.problem
        try:
            if self.playwright is None:
                await super().start()
            browser: Browser = await super().launch_browser()
            return browser
        except PlaywrightError as error:
            self.problem = RenderError(f"the browser does not start: {_reason(error)}")
            logger.error("RENDER: %s", self.problem)
            raise self.problem from None


class RenderHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # has no types
    """Renders requests that carry a shell (see render_meta), downloads all others as Scrapy does.

    A page being rendered waits in a slot of its own (RENDER_SLOT), never in a host's: what it asks for goes through
    the slots of the hosts, and could not if their places were taken by the pages that wait for it.
    """

    _of_crawler: ClassVar[WeakKeyDictionary[Crawler, RenderHandler]] = WeakKeyDictionary()

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._scripts = ScriptCache()
        self._numbers = count(1)
        self._timeout_s = crawler.settings.getfloat("RENDER_TIMEOUT_S")
        self._is_closed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RenderHandler:
        """Return the one handler of both schemes: it has one browser."""
        if crawler not in cls._of_crawler:
            cls._of_crawler[crawler] = cls(crawler)
        return cls._of_crawler[crawler]

    async def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            await super().close()

    async def download_request(self, request: Request) -> Response:
        shell: Response | None = request.meta.pop("render_shell", None)
        if shell is None:
            plain: Response = await super().download_request(request)
            return plain
        gate = PageGate(self._crawler, shell, request.meta.get("proxy"), self._scripts)
        try:
            response = await self._rendered(request, gate)
        except Exception:  # counted whatever it is, and raised again
            self.stats.inc_value("render/failed")
            if self.browser_provider.problem is not None:
                self.stats.inc_value("render/unavailable")
            raise
        self.stats.inc_value("render/pages")
        return response

    async def _rendered(self, request: Request, gate: PageGate) -> Response:
        """Return the page as its scripts leave it. Raises RenderError, DownloadCancelledError where it is too large."""
        context = f"render {next(self._numbers)}"
        request.meta.update(self._page_meta(context, gate))
        try:
            async with asyncio.timeout(WAIT_FACTOR * self._timeout_s):
                response: Response = await super().download_request(request)
        except TimeoutError:
            raise RenderError("its scripts do not finish") from None
        except PlaywrightError as error:
            raise RenderError(f"the browser cannot show it: {_reason(error)}") from None
        finally:
            await self._close_context(context)
            for name in (*OWN_META, *OWN_CALLS):
                request.meta.pop(name, None)
        gate.check_size(len(response.body))
        headers = response.headers.copy()
        headers[RENDERED_HEADER] = "chromium"
        return response.replace(url=request.url, headers=headers, ip_address=gate.shell.ip_address)

    def _page_meta(self, context: str, gate: PageGate) -> dict[str, Any]:
        """Return what scrapy-playwright reads: a fresh context, the gate before it, and when it is done."""
        return {
            "playwright": True,
            "autothrottle_dont_adjust_delay": True,
            "playwright_include_page": True,
            "playwright_context": context,
            "playwright_context_kwargs": CONTEXT | {"user_agent": self._crawler.settings["USER_AGENT"]},
            "playwright_page_init_callback": gate.install,
            "playwright_page_goto_kwargs": {"wait_until": "commit"},
            "render_gate": gate,
        }

    async def _apply_page_methods(self, page: Page, request: Request, spider: Spider) -> None:
        """Wait until the page is at rest; not for its `load`, which one picture or frame can keep from coming."""
        await request.meta["render_gate"].settle(page)

    async def _close_context(self, name: str) -> None:
        """Close a page's context and with it the page; a browser that does not is closed itself."""
        wrapper = self.context_wrappers.get(name)
        if wrapper is None:
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await wrapper.context.close()
        except (PlaywrightError, TimeoutError) as error:
            logger.info("a page does not close: %s", _reason(error))
            self.context_wrappers.pop(name, None)


def _reason(error: BaseException) -> str:
    """Return the first line of an error that says what happened."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]
