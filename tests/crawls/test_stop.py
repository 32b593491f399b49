"""Ctrl-C and SIGTERM end a crawl within five seconds, whatever hangs, and nothing is lost."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from project import ROOT
from pymongo import MongoClient
from scrapy_server import ScrapyProcess

from newsspider.mongo.server.local_server import LocalServer

# of five seconds; the rest is for a machine that has other work to do
WITHIN_S = 5.0
PATIENCE_S = 60
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")
ROBOTS = "User-agent: *\nAllow: /\n"
TITLES = [f"河口镇渡口第{number}次更换航标灯" for number in range(1, 7)]
FRONT = "<html><title>河口镇新闻</title><h1>新闻</h1><ul>{}</ul></html>".format(
    "".join(f'<li><a href="/2026/0301/{number}.html">{title}</a></li>' for number, title in enumerate(TITLES))
)
STORY = "船工老周说，新的航标灯比旧的亮一倍，夜里过河的人都能看清水道，镇里还打算在下游再装两盏。"
ARTICLE = (
    "<html><title>{0}</title><h1>{0}</h1><p>2026-03-01 10:30 来源：河口日报</p>"
    "<div>" + f"<p>{STORY}</p>" * 3 + "</div></html>"
)


class HangingServer:
    """Answers the paths of `pages`; accepts every other request and never answers it."""

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = pages
        self.hung: list[str] = []
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        for one in (self._socket, *self._open):
            one.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(client)
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        path = client.recv(65536).decode("latin-1").split(" ")[1]
        if path not in self.pages:
            self.hung.append(path)
            return
        body = self.pages[path].encode()
        kind = b"text/plain" if path.endswith(".txt") else b"text/html; charset=utf-8"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        client.sendall(head % (kind, len(body)) + body)
        client.close()


@pytest.fixture
def hanging_server() -> Iterator[Callable[[dict[str, str]], HangingServer]]:
    running: list[HangingServer] = []

    def start(pages: dict[str, str]) -> HangingServer:
        running.append(HangingServer(pages))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def crawl(start_scrapy: Callable[..., ScrapyProcess]) -> Callable[..., ScrapyProcess]:
    def start(url: str, *options: str, spider: str = "news", **environment: str) -> ScrapyProcess:
        return start_scrapy("crawl", spider, "-a", f"url={url}", *FAST, *options, env=environment)

    return start


def wait_for(condition: Callable[[], object], process: ScrapyProcess) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, process.output
        assert time.monotonic() < deadline
        time.sleep(0.05)


def stopped(process: ScrapyProcess, number: signal.Signals = signal.SIGINT) -> str:
    """Send one signal and return what the process has printed; it has to end in time."""
    began_at = time.monotonic()
    process.send_signal(number)
    process.wait(PATIENCE_S)
    took_s = time.monotonic() - began_at
    output = process.output
    assert took_s < WITHIN_S, f"{took_s:.1f} s\n{output}"
    assert "Traceback" not in output
    return output


@pytest.mark.parametrize(
    ("pages", "number", "given_up"),
    [
        ({}, signal.SIGINT, "robots.txt"),
        ({"/robots.txt": ROBOTS}, signal.SIGTERM, "the first page"),
        ({"/robots.txt": ROBOTS, "/": FRONT}, signal.SIGINT, "the articles"),
    ],
    ids=["robots", "seed", "articles"],
)
def test_server_that_never_answers(
    hanging_server: Any,
    crawl: Any,
    mongo: Any,
    pages: dict[str, str],
    number: signal.Signals,
    given_up: str,
) -> None:
    server = hanging_server(pages)
    process = crawl(server.url)
    wait_for(lambda: any(path.startswith("/2026/") or "/" not in pages for path in server.hung), process)
    output = stopped(process, number)
    assert process.returncode == 0, output
    assert "requests were given up" in output, given_up
    states = {page["url"].removeprefix(server.url): page["state"] for page in mongo["pages"].find()}
    wanted = [f"2026/0301/{number}.html" for number in range(len(TITLES))] if "/" in pages else [""]
    assert {states[path] for path in wanted} == {"queued"}


def test_what_was_given_up_is_fetched_by_the_next_crawl(hanging_server: Any, crawl: Any, mongo: Any) -> None:
    server = hanging_server({"/robots.txt": ROBOTS, "/": FRONT})
    process = crawl(server.url)
    wait_for(lambda: any(path.startswith("/2026/") for path in server.hung), process)
    stopped(process)
    server.pages |= {f"/2026/0301/{number}.html": ARTICLE.format(title) for number, title in enumerate(TITLES)}
    again = crawl(server.url, "-s", "DOWNLOAD_TIMEOUT=3", "-s", "RETRY_TIMES=0")
    assert again.wait(PATIENCE_S) == 0, again.output
    assert {found["title"] for found in mongo["articles"].find()} == set(TITLES)


def test_frozen_mongod(hanging_server: Any, crawl: Any, tmp_path: Path) -> None:
    server = hanging_server({"/robots.txt": ROBOTS, "/": FRONT})
    mongod = LocalServer.start(tmp_path / "mongo")
    identity = mongod.process_id
    assert identity
    try:
        process = crawl(server.url, MONGO_URI=mongod.uri, MONGO_DATABASE="frozen")
        wait_for(lambda: any(path.startswith("/2026/") for path in server.hung), process)
        os.kill(identity, signal.SIGSTOP)
        output = stopped(process)
        assert process.returncode in (0, 1), output
    finally:
        os.kill(identity, signal.SIGCONT)
    with MongoClient(mongod.uri) as client:
        pages = client["frozen"]["pages"]
        assert pages.count_documents({"state": "queued", "kind": "article"}) == len(TITLES)
    mongod.release()


def test_mongod_frozen_while_articles_are_stored(hanging_server: Any, crawl: Any, tmp_path: Path) -> None:
    pages = {f"/2026/0301/{number}.html": ARTICLE.format(title) for number, title in enumerate(TITLES)}
    server = hanging_server({"/robots.txt": ROBOTS, "/": FRONT, **dict(list(pages.items())[:1])})
    mongod = LocalServer.start(tmp_path / "mongo")
    identity = mongod.process_id
    assert identity
    try:
        process = crawl(server.url, MONGO_URI=mongod.uri)
        wait_for(lambda: len(server.hung) >= 2, process)
        os.kill(identity, signal.SIGSTOP)
        server.pages |= pages
        time.sleep(1)
        stopped(process)
    finally:
        os.kill(identity, signal.SIGCONT)
        mongod.release()


def test_no_mongod_at_all(hanging_server: Any, crawl: Any) -> None:
    server = hanging_server({"/robots.txt": ROBOTS})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"mongodb://127.0.0.1:{silent.getsockname()[1]}"
        silent.settimeout(PATIENCE_S)
        process = crawl(server.url, MONGO_URI=uri)
        first, _ = silent.accept()
        time.sleep(1)
        output = stopped(process)
        first.close()
    assert process.returncode == 1, output
    assert server.hung == []


@pytest.mark.parametrize("what", ["page", "name server"])
def test_what_cannot_be_interrupted(what: str, hanging_server: Any, crawl: Any, mongo: Any, tmp_path: Path) -> None:
    """A page that takes long to read, and a thread that waits for a name server: the process ends all the same."""
    server = hanging_server({"/robots.txt": ROBOTS, "/": FRONT})
    flag = tmp_path / "flag"
    wait = f"open({str(flag)!r}, 'w').close(); import time; time.sleep(60)"
    if what == "page":
        code = (
            "from newsspider import ListingPage, SiteSpider\n"
            "class Busy(SiteSpider):\n    name = 'busy'\n"
            f"    def parse(self, response, **kw):\n        {wait}\n"
        )
        (tmp_path / "busy_spiders.py").write_text(code)
        url, spider, options = server.url, "busy", ("-s", "SPIDER_MODULES=busy_spiders")
    else:
        (tmp_path / "slow_names.py").write_text(
            "import socket\nreal = socket.gethostbyname\n"
            f"def gethostbyname(host):\n    if host == 'slow.example':\n        {wait}\n    return real(host)\n"
            "socket.gethostbyname = gethostbyname\n"
        )
        url, spider, options = "http://slow.example/", "news", ("-s", "SPIDER_MODULES=newsspider.spiders,slow_names")
    process = crawl(url, *options, spider=spider, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    wait_for(flag.exists, process)
    output = stopped(process)
    assert process.returncode == (1 if what == "page" else 0), output
    assert ("not in order" in output) == (what == "page")
    assert [page["state"] for page in mongo["pages"].find({"seed": True})] == ["queued"]
