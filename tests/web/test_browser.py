"""The pages in a real Chromium: found, read and compared without a script, by keyboard, on a phone, in the dark.

One server shows one archive to all tests: a crawl of recorded pages, and the invented articles of shown_archive.py.
"""

from __future__ import annotations

import os
import shutil
import socket
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from project import ROOT
from pymongo import MongoClient
from shown_archive import fill

from newsspider.mongo.articles.documents import short_id
from newsspider.render.addon import BROWSERS

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: make setup-render")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium here: `make setup-render` installs it"),
]
START_S = 60
FIRST, LINKING, PICTURED = (short_id(f"hekou.example/{number}") for number in (1, 4, 5))
PAGES = {
    "search": "/search?q=轮渡",
    "newest": "/?lang=zh",
    "article": f"/articles/{LINKING}",
    "versions": f"/articles/{LINKING}/versions",
    "story": f"/stories/{FIRST}?lang=zh",
    "graph": f"/articles/{LINKING}/graph",
    "coverage": "/coverage?since=2026-02-20&until=2026-03-10",
    "sources": "/sources?since=2026-02-20&until=2026-03-10",
    "sites": "/sites",
    "site": "/sites/hekou.example",
    "runs": "/runs",
    "alarms": "/alarms?all=1",
    "help": "/help",
    "nothing": "/nothing",
}
LOOKED_AT_TWICE = ("search", "article", "versions", "coverage")
SERIOUS = ("serious", "critical")


@dataclass
class Shown:
    """A running `scrapy serve` and a browser."""

    base: str
    browser: Any

    def page(self, **options: Any) -> Any:
        """Return a page of a new browser context without JavaScript, unless `options` say otherwise."""
        given = {"java_script_enabled": False, "base_url": self.base, "locale": "en-US"} | options
        return self.browser.new_context(**given).new_page()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(base: str) -> None:
    ends_at = time.monotonic() + START_S
    while time.monotonic() < ends_at:
        try:
            with urllib.request.urlopen(f"{base}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(base)


@pytest.fixture(scope="module")
def shown(mongo_uri: str, scrapy_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder, name = tmp_path_factory.mktemp("shown"), f"test_{uuid.uuid4().hex[:16]}"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")},
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": name,
        "NEWSSPIDER_DATA_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    fill(mongo_uri, name, folder)
    crawled = scrapy_server.run(("crawl", "qingshan", "-s", "REPLAY=fixtures/qingshan"), environment, ROOT, 120)
    assert crawled.returncode == 0, crawled.stderr
    port, log = _free_port(), Path(folder) / "serve.log"
    process = scrapy_server.start(("serve", "--port", str(port)), environment, ROOT, [log, log])
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(base)
        with sync_api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
            yield Shown(base, browser)
            browser.close()
        assert "Traceback" not in log.read_text("utf-8")
    finally:
        process.kill()
        process.wait()
        with MongoClient(mongo_uri) as client:
            client.drop_database(name)


def test_a_newcomer_finds_an_article_in_either_script_and_where_it_came_from(shown: Shown) -> None:
    page = shown.page(locale="zh-CN")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.locator(".hits > li").count() == 20
    page.get_by_role("searchbox").fill("輪渡公司")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert page.locator(".hits > li").count() == 3
    assert page.locator(".hits mark").first.inner_text() in ("轮渡公司", "輪渡公司")
    page.locator(f'.hits a[href^="/articles/{FIRST}"]').first.click()
    assert page.locator("h1").inner_text() == "轮渡有了新的时刻表"
    page.get_by_role("link", name="转载脉络").click()
    assert page.locator(".timeline > li").count() == 3
    assert "河口日报" in page.locator(".lead").inner_text()
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", name="Who published it when").is_visible()
    # nothing but this server was asked for anything
    assert {url.split("/", 3)[2] for url in asked} == {shown.base.removeprefix("http://")}
    page.context.close()


def test_recorded_pages_are_found_narrowed_and_read(shown: Shown) -> None:
    page = shown.page()
    page.goto("/")
    page.locator(".facets").get_by_role("link", name="qingshan-daily.example").click()
    assert "16 articles" in page.locator(".lead").inner_text()
    page.locator(".hits h2 a").first.click()
    assert len(page.locator(".body").inner_text()) > 200
    page.get_by_text("Each field: how it was found").click()
    assert page.get_by_role("rowheader", name="title", exact=True).is_visible()
    page.context.close()


def test_pictures_are_asked_for_on_a_click_alone(shown: Shown) -> None:
    page = shown.page()
    asked: list[str] = []
    page.route("https://img.hekou.example/**", lambda route: route.abort())
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/articles/{PICTURED}")
    assert not any("img.hekou" in url for url in asked)
    with page.expect_request("https://img.hekou.example/a.jpg"):
        page.get_by_role("link", name="Show 2 pictures").click()
    page.context.close()


def test_the_keyboard_alone_is_enough(shown: Shown) -> None:
    page = shown.page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.locator(".skip:focus").is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1
    page.goto("/")
    while not page.locator("#q:focus").count():
        page.keyboard.press("Tab")
    page.keyboard.type("时刻表")
    page.keyboard.press("Enter")
    while not page.locator(".hits h2 a:focus").count():
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/*")
    while not page.locator("summary:focus").count():
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("details[open] table").first.is_visible()
    page.context.close()


def test_no_page_is_wider_than_a_phone(shown: Shown) -> None:
    page = shown.page(java_script_enabled=True, viewport={"width": 360, "height": 740}, is_mobile=True)
    for name, path in PAGES.items():
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(shown: Shown, scheme: str) -> None:
    page = shown.page(java_script_enabled=True, color_scheme=scheme, bypass_csp=True)
    for name in PAGES if scheme == "light" else LOOKED_AT_TWICE:
        page.goto(PAGES[name])
        for summary in page.locator("summary").all():
            summary.click()
        found = axe.Axe().run(page).response["violations"]
        serious = [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found if rule["impact"] in SERIOUS]
        assert serious == [], (name, serious)
    page.context.close()


def test_dark_is_dark(shown: Shown) -> None:
    for scheme, is_bright in (("light", True), ("dark", False)):
        page = shown.page(java_script_enabled=True, color_scheme=scheme)
        page.goto(f"/articles/{FIRST}")
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(colour.strip("rgb()").split(",")[0]) > 127) is is_bright
        page.context.close()
