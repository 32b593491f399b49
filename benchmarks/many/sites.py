"""A server of many small news sites on 127.0.1.N, one address each, that notes who asked for what and when.

Every site has two listings of its articles and a robots.txt. The articles of a pair of sites with the same number below
`pairs` are reprints of one text.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection


def _words(joined: str) -> list[str]:
    return [joined[start : start + 2] for start in range(0, len(joined), 2)]


PLACES = _words("河口石桥柳林青山白沙长宁东营南坪新安玉泉临江云台凤鸣金寨平湖双溪")
THINGS = _words("水库渡口果园集市学校医院车站公园菜场码头粮站祠堂老街作坊苗圃泵房")
DEEDS = _words("修缮扩建开放停运验收改造巡查绿化清淤加固迁建试用检修评选公示移交")
PEOPLE = _words("村民教师船工医生店主司机会计学生护士木匠牧民茶农电工邮差厨师裁缝")
DATE = "2026-11-22"


@dataclass(slots=True, frozen=True)
class Plan:
    """How many sites with how many articles each; `first` is the number of the first site's address.

    Each of the two listings of a site shows half of its articles, but no more than `shown`.
    """

    sites: int
    articles: int
    pairs: int = 0
    delay_s: float = 0.0
    first: int = 1
    shown: int = 50

    def host(self, site: int) -> str:
        number = site + self.first
        return f"127.0.{1 + number // 250}.{1 + number % 250}"


@dataclass(slots=True)
class Asked:
    """A request: when it came and when it was answered (seconds), its host, its path, and the User-Agent."""

    at: float
    host: str
    path: str
    worker: str
    done: float = 0.0


@dataclass(slots=True)
class _State:
    plan: Plan
    log: list[Asked] = field(default_factory=list)


def text_of(seed: str) -> tuple[str, list[str]]:
    """Return the title and three paragraphs of the article `seed`, unlike those of any other."""
    chance = random.Random(seed)

    def clause() -> str:
        place, thing, deed, person = (chance.choice(words) for words in (PLACES, THINGS, DEEDS, PEOPLE))
        return f"{place}{thing}{deed}由{chance.randint(2, 98)}名{person}参加"

    title = f"{chance.choice(PLACES)}{chance.choice(THINGS)}{chance.choice(DEEDS)}第{chance.randint(100, 999)}号"
    return title, ["，".join(clause() for _ in range(6)) + "。" for _ in range(3)]


def page(plan: Plan, site: int, path: str) -> bytes | None:
    """Return the page at `path` of a site, None where there is none."""
    if path == "/robots.txt":
        return b"User-agent: *\nAllow: /\n"
    if path in ("/", "/list_2.html"):
        half = min((plan.articles + 1) // 2, plan.shown)
        numbers = range(half) if path == "/" else range(half, min(plan.articles, 2 * half))
        rows = "".join(
            f"<li><a href='/2026/1122/{n}.html'>{text_of(_seed(plan, site, n))[0]}</a> <span>{DATE}</span></li>"
            for n in numbers
        )
        pager = "<div class='pages'><a href='/list_2.html'>下一页</a></div>" if path == "/" else ""
        return f"<html><title>新闻</title><body><ul class='list'>{rows}</ul>{pager}</body></html>".encode()
    number = path.removeprefix("/2026/1122/").removesuffix(".html")
    if not number.isdigit() or int(number) >= plan.articles:
        return None
    title, paragraphs = text_of(_seed(plan, site, int(number)))
    body = "".join(f"<p>　　{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<div class='info'>来源：第{site}日报　时间：{DATE} 10:30:00</div>"
        f"<div class='content'>{body}</div></body></html>"
    ).encode()


def _seed(plan: Plan, site: int, number: int) -> str:
    return f"pair {site // 2} {number}" if number < plan.pairs else f"{site} {number}"


class ManySites:
    """The server as a benchmark sees it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        context = multiprocessing.get_context("spawn")
        self._pipe, remote = context.Pipe()
        self._process = context.Process(target=_serve, args=(remote, plan), daemon=True)
        self._process.start()
        self.port = int(self._pipe.recv())

    def url(self, site: int) -> str:
        return f"http://{self.plan.host(site)}:{self.port}/"

    @property
    def urls(self) -> str:
        return ",".join(self.url(site) for site in range(self.plan.sites))

    def log(self) -> list[Asked]:
        self._pipe.send("log")
        found: list[Asked] = self._pipe.recv()
        return found

    def count(self) -> int:
        self._pipe.send("count")
        return int(self._pipe.recv())

    def forget(self) -> None:
        self._pipe.send("forget")
        self._pipe.recv()

    def stop(self) -> None:
        self._process.terminate()
        self._process.join(5)


@contextmanager
def many_sites(plan: Plan) -> Iterator[ManySites]:
    server = ManySites(plan)
    try:
        yield server
    finally:
        server.stop()


def _serve(pipe: Connection, plan: Plan) -> None:
    asyncio.run(_Server(pipe, plan).run())


class _Server:
    def __init__(self, pipe: Connection, plan: Plan) -> None:
        self.pipe = pipe
        self.state = _State(plan)
        self.sites = {plan.host(site): site for site in range(plan.sites)}

    async def run(self) -> None:
        first, *others = self.sites
        servers = [await asyncio.start_server(self.talk, first, 0, backlog=256)]
        port = servers[0].sockets[0].getsockname()[1]
        servers += [await asyncio.start_server(self.talk, host, port, backlog=256) for host in others]
        asyncio.get_running_loop().add_reader(self.pipe.fileno(), self.command)
        self.pipe.send(port)
        await asyncio.Event().wait()

    def command(self) -> None:
        word = self.pipe.recv()
        answer: object = self.state.log if word == "log" else len(self.state.log)
        if word == "forget":
            self.state.log = []
        self.pipe.send(answer)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await self.answer(request, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, request: str, writer: asyncio.StreamWriter) -> None:
        lines = request.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        host, path = headers["host"].partition(":")[0], lines[0].split(" ")[1]
        asked = Asked(time.monotonic(), host, path, headers.get("user-agent", ""))
        self.state.log.append(asked)
        if self.state.plan.delay_s:
            await asyncio.sleep(self.state.plan.delay_s)
        body = page(self.state.plan, self.sites[host], path)
        kind = "text/plain" if path.endswith(".txt") else "text/html; charset=utf-8"
        status = "200 OK" if body is not None else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body or b'')}\r\n\r\n"
        writer.write(head.encode() + (body or b""))
        asked.done = time.monotonic()
        await writer.drain()
