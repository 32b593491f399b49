"""Record and replay with a spider of its own: what goes in comes out, and nothing reaches the network."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project import ROOT
from scrapy_server import ScrapyServer

from newsspider.recording.cases import FixtureFolder, RecordedResponse, RecordingError, case_name, request_key
from newsspider.recording.warc import ResponseScan, WarcRecording

CRAWL = """
import json, sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess

class LinkSpider(scrapy.Spider):
    name = "links"

    async def start(self):
        yield scrapy.Request(sys.argv[1], errback=self.failed)

    def parse(self, response):
        yield {
            "url": response.url,
            "status": response.status,
            "date": response.headers["Date"].decode(),
            "text": response.text,
        }
        for href in response.css("a::attr(href)").getall():
            yield response.follow(href, errback=self.failed)
        for action in response.css("form::attr(action)").getall():
            yield scrapy.Request(response.urljoin(action), method="POST", body=b"page=2", errback=self.failed)

    def failed(self, failure):
        yield {"failed": failure.request.url, "error": type(failure.value).__name__}

settings = json.loads(sys.argv[2])
process = AsyncCrawlerProcess({
    "ADDONS": {"newsspider.recording.replay.ReplayAddon": 0},
    "ROBOTSTXT_OBEY": True,
    "HTTPERROR_ALLOW_ALL": True,
    "RETRY_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_LEVEL": "ERROR",
    "FEEDS": {"stdout:": {"format": "jsonlines"}},
    **settings,
})
crawler = process.create_crawler(LinkSpider)
process.crawl(crawler)
process.start()
stats = {key: value for key, value in crawler.stats.get_stats().items() if isinstance(value, int | str | list)}
print(json.dumps(stats, default=str), file=sys.stderr)
"""

RUN = "import runpy, sys; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private/\n"),
    "/": (
        200,
        {"Content-Type": "text/html; charset=gb18030"},
        (
            '<title>首页</title><a href="/news/1.html">一</a><a href="/old">旧</a><a href="/gone">无</a>'
            '<a href="/private/x">私</a><a href="/news?id=2">二</a><form action="/more"></form>'
            '<a href="http://127.0.0.1:9/refused">坏</a>'
        ).encode("gb18030"),
    ),
    "/news/1.html": (200, {"Content-Type": "text/html; charset=utf-8"}, "<p>正文一</p>".encode() * 50),
    "/news": (200, {"Content-Type": "text/html; charset=utf-8"}, "<p>正文二</p>".encode()),
    "/old": (302, {"Location": "/news/1.html?from=old", "Content-Type": "text/html"}, b""),
    "/gone": (404, {"Content-Type": "text/html"}, b"<p>nothing here</p>"),
    "/more": (200, {"Content-Type": "application/json"}, b'{"list": []}'),
}


class SiteHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = PAGES.get(self.path.partition("?")[0], (404, {}, b""))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        packed = gzip.compress(body) if len(body) > 200 else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if packed is not body:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Set-Cookie", "session=secret")
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)

    do_POST = do_GET

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), SiteHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@dataclass
class Run:
    code: int
    lines: list[str]
    stats: dict[str, Any]
    errors: str

    @property
    def items(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture(scope="session")
def crawl(scrapy_server: ScrapyServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Run the script above in a process of its own; a file, as Scrapy reads the source of callbacks."""
    folder = tmp_path_factory.mktemp("script")
    (folder / "crawl.py").write_text(CRAWL)
    numbers = itertools.count()

    def run(url: str, **settings: Any) -> Run:
        environment = {name: value for name, value in os.environ.items() if name != "http_proxy"}
        streams = [folder / f"{next(numbers)}.{name}" for name in ("out", "err")]
        arguments = [str(folder / "crawl.py"), url, json.dumps(settings)]
        process = scrapy_server.start(arguments, environment, ROOT, streams, RUN)
        code = process.wait(60)
        last = process.errors.strip().splitlines()[-1:] or [""]
        stats = json.loads(last[0]) if last[0].startswith("{") else {}
        return Run(code, process.output.splitlines(), stats, process.errors)

    return run


@pytest.fixture(scope="module", params=["folder", "warc.gz"])
def recorded(
    request: pytest.FixtureRequest, crawl: Any, site: ThreadingHTTPServer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str, Run]:
    """Return (recording, seed URL, the recording run)."""
    folder = tmp_path_factory.mktemp("recordings")
    recording = folder / ("site" if request.param == "folder" else f"site.{request.param}")
    seed = f"http://127.0.0.1:{site.server_port}/"
    return recording, seed, crawl(seed, RECORD=str(recording))


def test_replay_gives_the_items_of_the_recorded_crawl_and_the_same_every_time_without_a_server(
    recorded: Any, crawl: Any
) -> None:
    recording, seed, live = recorded
    replay = crawl(seed, REPLAY=str(recording))
    assert len(live.items) == 8
    assert sorted(replay.lines) == sorted(live.lines)
    assert "replay/missing" not in replay.stats
    failures = [item for item in live.items if "failed" in item and item["error"] != "IgnoreRequest"]
    assert [failure["failed"] for failure in failures] == ["http://127.0.0.1:9/refused"]
    assert crawl(seed, REPLAY=str(recording), http_proxy="http://127.0.0.1:9").lines == replay.lines


def test_request_that_the_recording_lacks_is_named(recorded: Any, crawl: Any) -> None:
    recording, seed, _ = recorded
    replay = crawl(seed + "elsewhere", REPLAY=str(recording))
    assert replay.stats["replay/missing"] == 1
    assert f"the recording lacks GET {seed}elsewhere" in replay.errors
    assert "Traceback" not in replay.errors


def test_recording_holds_decoded_bodies_and_no_cookies(recorded: Any) -> None:
    recording, seed, _ = recorded
    opened = (WarcRecording if recording.is_file() else FixtureFolder).open(recording, writable=False)
    page = opened.find(request_key("GET", seed + "news/1.html"))
    assert page is not None
    assert page.body == PAGES["/news/1.html"][2]
    assert not {"content-encoding", "set-cookie"} & {name.lower() for name, _ in page.headers}
    assert opened.find(request_key("POST", seed + "more", b"page=2")) is not None
    assert opened.find(request_key("POST", seed + "more", b"page=3")) is None
    assert opened.find(request_key("GET", seed + "robots.txt")) is not None
    opened.close()


def test_folder_is_readable(crawl: Any, site: ThreadingHTTPServer, tmp_path: Path) -> None:
    seed = f"http://127.0.0.1:{site.server_port}/"
    crawl(seed, RECORD=str(tmp_path / "x"))
    names = sorted(path.relative_to(tmp_path / "x").as_posix() for path in (tmp_path / "x").rglob("page.*"))
    assert names == [
        "gone/page.html", "index/page.html", "more/page.json", "news-1-html-from-old/page.html",
        "news-1-html/page.html", "news-id-2/page.html", "old/page.txt", "robots-txt/page.txt",
    ]  # fmt: skip
    meta = json.loads((tmp_path / "x/old/meta.json").read_text())
    assert (meta["status"], meta["headers"]["location"]) == (302, "/news/1.html?from=old")
    assert datetime.fromisoformat(meta["fetched_at"]).tzinfo is not None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"REPLAY": "{tmp}/absent"}, "no such recording"),
        ({"REPLAY": "{tmp}/absent.warc.gz"}, "no such recording"),
        ({"RECORD": "{tmp}/file/x"}, "cannot record to"),
        ({"RECORD": "{tmp}/file/x.warc.gz"}, "cannot record to"),
        ({"RECORD": "{tmp}/x.warc"}, "give a .warc.gz file"),
        ({"RECORD": "{tmp}/a", "REPLAY": "{tmp}/file"}, "not both"),
    ],
)
def test_unusable_path_is_one_line_and_code_2(
    crawl: Any, tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    (tmp_path / "file").write_text("")
    run = crawl("http://news.example/", **{name: value.format(tmp=tmp_path) for name, value in settings.items()})
    assert run.code == 2
    assert message in run.errors
    assert len(run.errors.strip().splitlines()) == 1


def answer(url: str, body: bytes = b"<p>x</p>", **changes: Any) -> RecordedResponse:
    headers = [("content-type", "text/html")]
    return RecordedResponse(url, 200, headers, body, datetime(2023, 8, 6, 6, 30, tzinfo=UTC), **changes)


@pytest.mark.parametrize(
    "meta",
    [
        "{", "[]", "{}", '{"url": "http://a.example/", "status": 200, "headers": {}, "body": "page.html"}',
        '{"url": "http://a.example/", "status": 200, "headers": {}, "body": "page.html", "fetched_at": "2023-08-06"}',
        '{"url": 1, "status": 200, "headers": {}, "body": "page.html", "fetched_at": "2023-08-06T00:00:00Z"}',
    ],
)  # fmt: skip
def test_corrupt_fixture_is_one_line(crawl: Any, tmp_path: Path, meta: str) -> None:
    FixtureFolder.open(tmp_path, writable=True).store(answer("http://news.example/"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/meta.json").write_text(meta)
    run = crawl("http://news.example/", REPLAY=str(tmp_path), ROBOTSTXT_OBEY=False)
    assert run.stats["replay/corrupt"] == 1
    assert f"corrupt fixture {tmp_path}/broken/meta.json" in run.errors
    assert "Traceback" not in run.errors
    assert len(run.items) == 1


@pytest.mark.parametrize("name", ["gone.html", "../../secret"])
def test_body_outside_the_case_or_absent_is_corrupt(tmp_path: Path, name: str) -> None:
    case = FixtureFolder.open(tmp_path, writable=True).store(answer("http://news.example/"))
    meta = json.loads((case / "meta.json").read_text())
    (case / "meta.json").write_text(json.dumps(meta | {"body": name}))
    folder = FixtureFolder.open(tmp_path, writable=False)
    with pytest.raises(RecordingError, match="corrupt fixture"):
        folder.find(request_key("GET", "http://news.example/"))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://a.example", "index"),
        ("http://a.example/../../etc/passwd", "etc-passwd"),
        ("http://a.example/%2e%2e/%2fx?y=../z", "x-y-z"),
        ("http://a.example/新闻/", "index"),
        ("http://a.example/News/2023/0806/1.shtml", "news-2023-0806-1-shtml"),
        ("http://a.example/" + "x" * 300, "x" * 80),
    ],
)
def test_case_names_stay_inside_the_folder(url: str, name: str) -> None:
    assert case_name(url) == name


def test_cases_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    folder = FixtureFolder.open(tmp_path, writable=True)
    urls = ["http://a.example/新闻/", "http://a.example/财经/", "http://b.example/", "http://a.example/x#part"]
    for url in urls:
        folder.store(answer(url, url.encode()))
    folder.store(answer(urls[0], b"again"))
    again = FixtureFolder.open(tmp_path, writable=False)
    assert len(again) == 4
    bodies = {response.url: response.body for response in again.responses()}
    assert bodies == {url: url.encode() for url in urls[1:]} | {urls[0]: b"again"}


def test_warc_is_appended_to_and_the_last_answer_counts(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    for body in (b"first", b"second"):
        recording = WarcRecording.open(path, writable=True)
        recording.store(answer("http://a.example/", body))
        recording.store(answer(f"http://a.example/{body.decode()}", body))
        recording.close()
    recording = WarcRecording.open(path, writable=False)
    assert len(recording) == 3
    found = recording.find(request_key("GET", "http://a.example/"))
    assert found is not None and found.body == b"second"
    assert found.fetched_at == datetime(2023, 8, 6, 6, 30, tzinfo=UTC)
    assert [response.body for response in ResponseScan(path)] == [b"first", b"first", b"second", b"second"]


def test_uncompressed_warc_is_read_and_not_written(tmp_path: Path) -> None:
    packed, path = tmp_path / "x.warc.gz", tmp_path / "x.warc"
    recording = WarcRecording.open(packed, writable=True)
    for number in range(3):
        recording.store(answer(f"http://a.example/{number}", b"<p>x</p>" * number))
    recording.close()
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    reader = WarcRecording.open(path, writable=False)
    assert (len(reader), reader.problems) == (3, [])
    assert [response.body for response in reader.responses()] == [b"<p>x</p>" * number for number in range(3)]
    path.write_bytes(path.read_bytes()[:-20])
    assert "corrupt WARC" in WarcRecording.open(path, writable=False).problems[0]
    with pytest.raises(RecordingError, match=r"give a \.warc\.gz file"):
        WarcRecording.open(path, writable=True)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 10_000), removed=st.integers(0, 60), inserted=st.binary(max_size=20))
def test_damage_anywhere_is_an_error_of_ours(tmp_path: Path, position: int, removed: int, inserted: bytes) -> None:
    path = tmp_path / "x.warc.gz"
    path.unlink(missing_ok=True)
    recording = WarcRecording.open(path, writable=True)
    for number in range(3):
        recording.store(answer(f"http://a.example/{number}", bytes(range(200))))
    recording.close()
    content = path.read_bytes()
    start = position % len(content)
    path.write_bytes(content[:start] + inserted + content[start + removed :])
    with contextlib.suppress(RecordingError):
        list(ResponseScan(path))
    with contextlib.suppress(RecordingError):
        list(WarcRecording.open(path, writable=False).responses())
    with contextlib.suppress(RecordingError):
        recording = WarcRecording.open(path, writable=True)
        recording.store(answer("http://a.example/new"))
        recording.close()
        assert WarcRecording.open(path, writable=False).find(request_key("GET", "http://a.example/new"))


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_warc_cut_short_keeps_what_is_whole(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "x.warc.gz"
    recording = WarcRecording.open(path, writable=True)
    for number in range(3):
        recording.store(answer(f"http://a.example/{number}", os.urandom(400)))
    recording.close()
    path.write_bytes(path.read_bytes()[:-cut])
    reader = WarcRecording.open(path, writable=False)
    assert len(reader) == 2
    assert "corrupt WARC" in reader.problems[0]
    reader.close()
    writer = WarcRecording.open(path, writable=True)
    writer.store(answer("http://a.example/new"))
    writer.close()
    whole = WarcRecording.open(path, writable=False)
    assert (len(whole), whole.problems) == (3, [])


def test_warc_damaged_in_the_middle_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    recording = WarcRecording.open(path, writable=True)
    for number in range(5):
        recording.store(answer(f"http://a.example/{number}", os.urandom(400)))
    recording.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    reader = WarcRecording.open(path, writable=False)
    assert 0 < len(reader) < 5
    assert reader.problems
    reader.close()
    with pytest.raises(RecordingError, match="damaged"):
        WarcRecording.open(path, writable=True)
    assert path.read_bytes() == content


def test_two_processes_cannot_write_one_warc(tmp_path: Path) -> None:
    first = WarcRecording.open(tmp_path / "x.warc.gz", writable=True)
    with pytest.raises(RecordingError, match="another process"):
        WarcRecording.open(tmp_path / "x.warc.gz", writable=True)
    first.close()
