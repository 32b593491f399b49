"""Crawls of a site whose server answers at random with anything: nothing wrong is stored and nothing is lost."""

from __future__ import annotations

import gzip
import random
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from answering_server import Answer, AnsweringServer, Asked
from gated_site import GATES, Style, odd_gate, page, path, title

from newsspider.urls import article_key

COUNT = 6
FIRST_SEED = 1
FAULTY_CRAWLS, SOUND_CRAWLS = 4, 4
SHORT_S, LONG_S = 120, 7200
# no pauses: a fault is over at the next crawl
ARGUMENTS = tuple(
    part
    for setting in (
        *("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_MAX_DELAY=0.01", "RETRY_TIMES=1", "DOWNLOAD_TIMEOUT=2", "BACKOFF_S=0"),
        *("REVISIT_ARTICLE_S=0", "RETRY_AFTER_MAX_S=1"),
    )
    for part in ("-s", setting)
)


def _cut(good: Answer, chance: random.Random) -> Answer:
    """Return the page cut off in the middle, whether its length says so or not."""
    headers = chance.choice([{}, {"Content-Length": str(len(good.body)), "Connection": "close"}])
    return replace(good, body=bytes(good.body)[: chance.randrange(len(good.body))], headers=good.headers | headers)


def _torn(good: Answer, chance: random.Random) -> Answer:
    """Return the page with a stretch of its bytes lost on the way and zeros or noise in their place."""
    body, length = bytes(good.body), chance.randint(1, 400)
    start = chance.randrange(len(body))
    noise = bytes(length) if chance.random() < 0.5 else chance.randbytes(length)
    return replace(good, body=body[:start] + noise + body[start + length :])


def _mislabelled(good: Answer, chance: random.Random) -> Answer:
    label = chance.choice(
        ["text/html; charset=gbk", "text/plain", "application/octet-stream", "image/png", "x; charset=?"]
    )
    return replace(good, headers={"Content-Type": label})


def _recoded(good: Answer, chance: random.Random) -> Answer:
    """Return the page in another encoding than it says."""
    encoding = chance.choice(["gb18030", "utf-16", "big5hkscs", "utf-8"])
    said = str(good.headers["Content-Type"]).rpartition("=")[2]
    return replace(good, body=bytes(good.body).decode(said).encode(encoding, "replace"))


def _packed(good: Answer, chance: random.Random) -> Answer:
    packed = {"gzip": gzip.compress(bytes(good.body)), "deflate": zlib.compress(bytes(good.body))}
    claimed, real = chance.choice(["gzip", "deflate", "br", "zstd"]), chance.choice(["gzip", "deflate"])
    body = packed[real] if chance.random() < 0.5 else packed[real][: len(packed[real]) // 2]
    return Answer(body, headers=good.headers | {"Content-Encoding": claimed})


def _redirect(good: Answer, chance: random.Random) -> Answer:
    target = chance.choice(
        ["/", "/verify", "/404.html", path(chance.randint(1, COUNT)), "http://127.0.0.1:9/", "//[bad"]
    )
    return Answer("", chance.choice([301, 302, 303, 307, 308]), {"Location": target})


def _status(good: Answer, chance: random.Random) -> Answer:
    status = chance.choice([400, 401, 403, 404, 405, 408, 410, 412, 418, 429, 451, 500, 501, 502, 503, 504, 520, 521])
    headers = {"Retry-After": "1"} if chance.random() < 0.3 else {}
    body = chance.choice(["", "<h1>error</h1>", good.body])
    return Answer(body, status, good.headers | headers)


def _other_headers(good: Answer, chance: random.Random) -> Answer:
    headers = {
        "Date": chance.choice(["Thu, 01 Jan 1970 00:00:00 GMT", "soon"]),
        "ETag": '"1"',
        "Last-Modified": "never",
        "Set-Cookie": chance.choice(
            ["a=b", "a=b; domain=.example", "a=b; domain=com.cn", "a=b; domain=127.0.0.1", "="]
        ),
        "X-Noise": "\x7f" * 20,
    }
    return replace(good, headers=good.headers | headers)


def _gate(_: Answer, chance: random.Random) -> Answer:
    return GATES[chance.choice(sorted(GATES))](chance.randrange(10_000))


FAULTS: tuple[Callable[[Answer, random.Random], Answer], ...] = (
    *(_gate, _gate, _cut, _torn, _mislabelled, _recoded, _packed, _redirect, _status, _other_headers),
    lambda *_: Answer(drop=True),
)


class FaultyServer:
    """Answers with the page, or at random with a fault; how the site is made and each fault follow from `seed`."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.share = self.chance.choice([0.1, 0.3, 0.6, 0.9])
        self.style = Style(
            rows=self.chance.choice(["whole", "cut", "pictures"]),
            has_byline=self.chance.random() < 0.7,
            is_brief=self.chance.random() < 0.3,
            encoding=self.chance.choice(["utf-8", "utf-8", "gbk"]),
        )
        self.own_gate = self.chance.randrange(1_000_000)
        self.is_faulty = True

    def __call__(self, asked: Asked) -> Answer | None:
        good = page(asked, COUNT, style=self.style)
        if asked.path == "/robots.txt" or good is None:
            return None if asked.path != "/verify" else self._own_gate()
        if not self.is_faulty or self.chance.random() >= self.share:
            return good
        return self._own_gate() if self.chance.random() < 0.2 else self.chance.choice(FAULTS)(good, self.chance)

    def _own_gate(self) -> Answer:
        return odd_gate(self.own_gate * 100 + self.chance.randrange(100))


def test_random_faults_store_nothing_wrong_and_lose_nothing(soak: Any, run_scrapy: Any, mongo: Any) -> None:
    ends_at = time.monotonic() + soak(SHORT_S, LONG_S)
    for seed in range(FIRST_SEED, FIRST_SEED + int(soak(2, 300))):
        if time.monotonic() > ends_at:
            break
        print(f"seed {seed}")
        for collection in mongo.list_collection_names():
            mongo[collection].delete_many({})
        trial(seed, run_scrapy, mongo)


def trial(seed: int, run_scrapy: Any, mongo: Any) -> None:
    """Crawl the site of `seed` with faults, then without until all is there: it has to be after four crawls."""
    answers = FaultyServer(seed)
    server = AnsweringServer(answers)
    try:
        for number in range(FAULTY_CRAWLS + SOUND_CRAWLS):
            answers.is_faulty = number < FAULTY_CRAWLS
            crawl(server, run_scrapy, seed)
            assert_nothing_wrong(mongo, server, answers.style, seed)
            lost = lost_pages(mongo, server)
            if not answers.is_faulty and not lost:
                return
    finally:
        server.stop()
    raise AssertionError(f"seed {seed}: {lost}")


def lost_pages(mongo: Any, server: AnsweringServer) -> list[Any]:
    """Return the state of each article that is not stored, a URL without one; not those that wait for a later visit."""
    found = {document["_id"] for document in mongo.articles.find({"withdrawn_at": None})}
    keys = [key_of(server, number) for number in range(1, COUNT + 1)]
    states = {state["_id"]: state for state in mongo.pages.find({"_id": {"$in": keys}})}
    return [states.get(key, key) for key in keys if key not in found and not is_waiting(states.get(key, {}))]


def is_waiting(state: dict[str, Any]) -> bool:
    """Return True for a page that the site itself called gone or showed as a list, and that has a later visit."""
    is_told = state.get("state") == "gone" or state.get("kind") == "listing"
    return is_told and state.get("next_visit") is not None


def key_of(server: AnsweringServer, number: int) -> str:
    return article_key(server.url + path(number)[1:])


def crawl(server: AnsweringServer, run_scrapy: Any, seed: int) -> None:
    done = run_scrapy("crawl", "news", "-a", f"url={server.url}", *ARGUMENTS)
    assert "Traceback" not in done.stderr, f"seed {seed}: {done.stderr[-3000:]}"
    assert done.returncode in (0, 1), f"seed {seed}: exit code {done.returncode}"


def assert_nothing_wrong(mongo: Any, server: AnsweringServer, style: Style, seed: int) -> None:
    right = {key_of(server, number): (title(number), style.lines(number)) for number in range(1, COUNT + 1)}
    for document in mongo.articles.find():
        where = f"seed {seed}: {document['_id']} {document['title']}: {document['text'][:80]}"
        assert document["_id"] in right, where
        assert (document["title"], document["text"].split("\n")) == right[document["_id"]], where
        assert document["revision"] == 1, where
    assert mongo.revisions.count_documents({}) == 0, f"seed {seed}"
