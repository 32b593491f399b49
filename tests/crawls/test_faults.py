"""Crawls of a site whose server answers at random with anything: nothing wrong is stored and nothing is lost."""

from __future__ import annotations

import gzip
import random
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from answering_server import Answer, AnsweringServer, Asked
from gated_site import GATES, page, path, text, title

from newsspider.urls import article_key

COUNT = 6
FIRST_SEED = 1
FAULTY_CRAWLS = 3
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
    """Return the page cut off in the middle although its length says more."""
    data = str(good.body).encode()
    return Answer(data[: chance.randrange(len(data))], headers={"Content-Length": str(len(data))})


def _mislabelled(good: Answer, chance: random.Random) -> Answer:
    label = chance.choice(
        ["text/html; charset=gbk", "text/plain", "application/octet-stream", "image/png", "x; charset=?"]
    )
    return Answer(good.body, headers={"Content-Type": label})


def _recoded(good: Answer, chance: random.Random) -> Answer:
    """Return the page in another encoding than it says, or torn in the middle of its characters."""
    encoding = chance.choice(["gb18030", "utf-16", "big5hkscs"])
    return Answer(str(good.body).encode(encoding, "replace"))


def _packed(good: Answer, chance: random.Random) -> Answer:
    data = str(good.body).encode()
    packed = {"gzip": gzip.compress(data), "deflate": zlib.compress(data), "br": data}
    claimed, real = chance.choice(["gzip", "deflate", "br"]), chance.choice(["gzip", "deflate"])
    body = packed[real] if chance.random() < 0.5 else packed[real][: len(packed[real]) // 2]
    return Answer(body, headers={"Content-Encoding": claimed})


def _redirect(good: Answer, chance: random.Random) -> Answer:
    target = chance.choice(
        ["/", "/verify", "/404.html", path(chance.randint(1, COUNT)), "http://127.0.0.1:9/", "//[bad"]
    )
    return Answer("", chance.choice([301, 302, 303, 307, 308]), {"Location": target})


def _status(good: Answer, chance: random.Random) -> Answer:
    status = chance.choice([400, 401, 403, 404, 405, 408, 410, 412, 418, 429, 451, 500, 501, 502, 503, 504, 520, 521])
    headers = {"Retry-After": "1"} if chance.random() < 0.3 else {}
    body = chance.choice(["", "<h1>error</h1>", good.body])
    return Answer(body, status, headers)


def _other_headers(good: Answer, chance: random.Random) -> Answer:
    headers = {
        "Date": chance.choice(["Thu, 01 Jan 1970 00:00:00 GMT", "soon"]),
        "ETag": '"1"',
        "Last-Modified": "never",
    }
    return Answer(good.body, headers={**headers, "Set-Cookie": "a=b", "X-Noise": "\x7f" * 20})


def _gate(_: Answer, chance: random.Random) -> Answer:
    return GATES[chance.choice(sorted(GATES))](chance.randrange(10_000))


FAULTS: tuple[Callable[[Answer, random.Random], Answer], ...] = (
    *(_gate, _gate, _gate, _cut, _mislabelled, _recoded, _packed, _redirect, _status, _other_headers),
    lambda *_: Answer(drop=True),
)


class FaultyServer:
    """Answers with the page, or at random with a fault; the choices follow from `seed`."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.share = self.chance.choice([0.1, 0.3, 0.6, 0.9])
        self.is_faulty = True

    def __call__(self, asked: Asked) -> Answer | None:
        good = page(asked, COUNT)
        if asked.path == "/robots.txt" or good is None:
            return None if asked.path != "/verify" else GATES["strange words"](self.chance.randrange(10_000))
        is_fault = self.is_faulty and self.chance.random() < self.share
        return self.chance.choice(FAULTS)(good, self.chance) if is_fault else good


@pytest.fixture
def faulty() -> Iterator[Callable[[int], tuple[FaultyServer, AnsweringServer]]]:
    running: list[AnsweringServer] = []

    def start(seed: int) -> tuple[FaultyServer, AnsweringServer]:
        answers = FaultyServer(seed)
        running.append(AnsweringServer(answers))
        return answers, running[-1]

    yield start
    for server in running:
        server.stop()


def test_random_faults_store_nothing_wrong_and_lose_nothing(
    soak: Any, faulty: Any, run_scrapy: Any, mongo: Any
) -> None:
    """Each seed is a site: three crawls with faults, then four without, by which all has to be there."""
    ends_at = time.monotonic() + soak(SHORT_S, LONG_S)
    for seed in range(FIRST_SEED, FIRST_SEED + int(soak(2, 300))):
        if time.monotonic() > ends_at:
            break
        print(f"seed {seed}")
        answers, server = faulty(seed)
        for collection in mongo.list_collection_names():
            mongo[collection].delete_many({})
        for _ in range(FAULTY_CRAWLS):
            crawl(server, run_scrapy, seed)
            assert_nothing_wrong(mongo, server, seed)
        answers.is_faulty = False
        for _ in range(4):
            crawl(server, run_scrapy, seed)
        assert_nothing_wrong(mongo, server, seed)
        found = {document["_id"] for document in mongo.articles.find({"withdrawn_at": None})}
        lost = {key_of(server, number) for number in range(1, COUNT + 1)} - found
        states = list(mongo.pages.find({"_id": {"$in": sorted(lost)}}))
        assert not [state for state in states if not is_waiting(state)], f"seed {seed}: {lost}: {states}"
        server.stop()


def is_waiting(state: dict[str, Any]) -> bool:
    """Return True for a page that the site itself called gone: it is asked for again later."""
    return state["state"] == "gone" and state.get("next_visit") is not None


def key_of(server: AnsweringServer, number: int) -> str:
    return article_key(server.url + path(number)[1:])


def crawl(server: AnsweringServer, run_scrapy: Any, seed: int) -> None:
    done = run_scrapy("crawl", "news", "-a", f"url={server.url}", *ARGUMENTS)
    assert "Traceback" not in done.stderr, f"seed {seed}: {done.stderr[-3000:]}"
    assert done.returncode in (0, 1), f"seed {seed}: exit code {done.returncode}"


def assert_nothing_wrong(mongo: Any, server: AnsweringServer, seed: int) -> None:
    right = {key_of(server, number): (title(number), text(number)) for number in range(1, COUNT + 1)}
    for document in mongo.articles.find():
        where = f"seed {seed}: {document['_id']} {document['title']}: {document['text'][:80]}"
        assert document["_id"] in right, where
        assert (document["title"], document["text"].split("\n")) == right[document["_id"]], where
        assert document["revision"] == 1, where
    assert mongo.revisions.count_documents({}) == 0, f"seed {seed}"
