"""Crawls of a site that answers with gates, outages and blank pages in place of what was asked for."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from answering_server import Answer, AnsweringServer, Asked
from gated_site import FRAME, GATES, page, path, text, title

from newsspider.urls import article_key

COUNT = 8
MANY, SHARE, MOST_REQUESTS = 40, 0.2, 1.6
# the server is our own machine: a penalty of seconds would only make the tests slow
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_MAX_DELAY=0.01", "-s", "RETRY_TIMES=1")


OTHER_TITLE = "潮州湾三十艘拖网船提早收网避风"
OTHER_TEXT = [
    "台风外围环流昨夜影响沿岸，渔政部门逐船通知返港，到今晨六点所有拖网船均已靠泊，没有人员受伤。",
    "气象台预计风力到周四才会减弱，码头冷库已备足冰块，鱼价暂时平稳，市民不必抢购。",
]
OTHER = FRAME.format(
    title=OTHER_TITLE,
    body='<div class="info">2026-10-30 07:00 来源：海角早报</div><div class="words">'
    + "".join(f"<p>{line}</p>" for line in OTHER_TEXT)
    + "</div>",
)


class Gated:
    """A server whose answers a test sets, and crawls of `hosts` of its hosts, each with articles of its own."""

    def __init__(self, run_scrapy: Any, mongo: Any) -> None:
        self.server = AnsweringServer(own_page)
        self.run_scrapy = run_scrapy
        self.mongo = mongo
        self.hosts = range(1, 2)

    def answer(self, answer: Callable[[Asked], Answer | None]) -> None:
        """Answer by `answer` from now on; there is no robots.txt."""
        self.server.answer = lambda asked: None if asked.path == "/robots.txt" else answer(asked)

    def run(self, *args: str) -> Any:
        seeds = ",".join(map(self.server.url_of, self.hosts))
        done = self.run_scrapy("crawl", "news", "-a", f"url={seeds}", *FAST, *args)
        assert "Traceback" not in done.stderr, done.stderr[-3000:]
        return done

    def key(self, number: int, host: int = 1) -> str:
        return article_key(self.server.url_of(host) + path(number)[1:])

    def stored(self) -> dict[str, Any]:
        return {document["_id"]: document for document in self.mongo.articles.find()}

    def assert_right(self, count: int) -> None:
        """Assert that the articles are stored as they are, and that nothing else came of the other answers."""
        stored = self.stored()
        right = {self.key(number, host): number for host in self.hosts for number in numbers_of(host, count)}
        assert stored.keys() == right.keys()
        for key, number in right.items():
            found = stored[key]
            assert (found["title"], found["text"].split("\n")) == (title(number), text(number))
            assert found["revision"] == 1 and not found.get("aliases") and not found.get("disputed")
        assert self.mongo.revisions.count_documents({}) == 0
        assert self.mongo.pages.count_documents({"kind": "alias"}) == 0
        patterns = [item for site in self.mongo.sites.find() for item in site.get("shapes", {}).items()]
        assert [name for name, facts in patterns if facts.get("junk") and "/news/" in name] == []

    def assert_named_once(self, done: Any) -> None:
        """Assert that one line of the crawl's output says of each host what it answered."""
        output = done.stdout + done.stderr
        assert {host: output.count(f"127.0.0.{host} answered ") for host in self.hosts} == dict.fromkeys(self.hosts, 1)


@pytest.fixture
def gated(run_scrapy: Any, mongo: Any) -> Iterator[Gated]:
    site = Gated(run_scrapy, mongo)
    yield site
    site.server.stop()


def numbers_of(host: int, count: int = COUNT) -> range:
    """Return the numbers of the articles of 127.0.0.`host`."""
    return range(MANY * (host - 1) + 1, MANY * (host - 1) + 1 + count)


def own_page(asked: Asked, count: int = COUNT) -> Answer | None:
    return page(asked, count, numbers_of(asked.host)[0])


def gate_of(asked: Asked, names: Sequence[str]) -> Answer:
    """Return the gate of the host: the first of `names` for 127.0.0.1."""
    return GATES[names[asked.host - 1]](sum(map(ord, asked.path)) * 7 + asked.before)


def test_gates_before_articles_store_nothing_lose_nothing_and_change_nothing(gated: Gated) -> None:
    """Each host has a gate of its own: before new articles, gone, before the stored articles, gone again."""
    names = list(GATES)
    gated.hosts = range(1, len(names) + 1)
    gated.answer(lambda asked: own_page(asked) if asked.path == "/" else gate_of(asked, names))
    done = gated.run()
    assert gated.stored() == {}
    assert done.returncode == 1
    gated.assert_named_once(done)
    gated.answer(own_page)
    assert gated.run().returncode == 0
    gated.assert_right(COUNT)
    gated.answer(lambda asked: own_page(asked) if asked.path == "/" else gate_of(asked, names))
    gated.run("-s", "REVISIT_ARTICLE_S=0")
    gated.assert_right(COUNT)
    assert gated.mongo.articles.count_documents({"withdrawn_at": {"$exists": True}}) == 0
    gated.answer(own_page)
    assert gated.run("-s", "REVISIT_ARTICLE_S=0").returncode == 0
    gated.assert_right(COUNT)


def test_first_answers_that_are_gates_are_asked_for_again(gated: Gated) -> None:
    names = list(GATES)
    gated.hosts = range(1, len(names) + 1)
    paths = {
        path(number) for host, name in enumerate(names, 1) for number in random.Random(name).sample(numbers_of(host), 3)
    }
    gated.answer(lambda asked: gate_of(asked, names) if asked.path in paths and not asked.before else own_page(asked))
    assert gated.run().returncode == 0
    gated.assert_right(COUNT)


def test_gate_before_the_front_page_is_a_failed_crawl_with_one_line(gated: Gated) -> None:
    names = ["words", "script", "outage", "blank", "403", "412", "503", "202"]
    gated.hosts = range(1, len(names) + 1)
    gated.answer(lambda asked: gate_of(asked, names))
    done = gated.run()
    assert done.returncode == 1
    gated.assert_named_once(done)
    gated.answer(own_page)
    assert gated.run().returncode == 0
    gated.assert_right(COUNT)


def test_challenge_to_a_fifth_of_the_requests_harms_nothing(gated: Gated) -> None:
    """The seed of the random choice is the gate's name."""
    names = ["words", "strange words", "script", "own frame", "503"]
    gated.hosts = range(1, len(names) + 1)
    chances = [random.Random(name) for name in names]

    def answer(asked: Asked) -> Answer | None:
        is_gated = chances[asked.host - 1].random() < SHARE
        return gate_of(asked, names) if is_gated else own_page(asked, MANY)

    gated.answer(answer)
    for _ in range(3):
        gated.run()
    gated.assert_right(MANY)
    for host in gated.hosts:
        counts = {asked: count for (of, asked), count in gated.server.counts.items() if of == host}
        requests = sum(count for asked, count in counts.items() if asked.startswith("/news/"))
        assert requests <= MOST_REQUESTS * MANY


def test_cookie_that_a_gate_sets_is_sent_with_the_next_request(gated: Gated) -> None:
    """The first host redirects, the second reloads, the third refreshes; a cookie runs out after some pages."""
    gated.hosts = range(1, 4)
    passes = dict.fromkeys(gated.hosts, 0)
    headers = {"Set-Cookie": "way=open; path=/"}
    script = "<script>setTimeout('location.reload()',500)</script>"
    refresh = '<meta http-equiv="refresh" content="1">'
    waiting = "<html><head>{}</head><body>请稍候</body></html>"

    def answer(asked: Asked) -> Answer | None:
        passes[asked.host] += 1
        if "way=open" in asked.headers.get("cookie", "") and (passes[asked.host] - 1) % 7:
            return own_page(asked)
        if asked.host == 1:
            return Answer("", 302, headers | {"Location": asked.path})
        return Answer(waiting.format(script if asked.host == 2 else refresh), 200, headers)

    gated.answer(answer)
    for _ in range(3):
        gated.run()
    gated.assert_right(COUNT)


def test_gate_that_redirects_is_neither_an_alias_nor_a_withdrawal(gated: Gated) -> None:
    assert gated.run().returncode == 0
    gate = GATES["strange words"]
    is_shut = True

    def answer(asked: Asked) -> Answer | None:
        if asked.path == "/verify":
            return gate(asked.before)
        if asked.path != "/" and is_shut:
            return Answer("", 302, {"Location": "/verify"})
        return page(asked, COUNT + 4)

    gated.answer(answer)
    gated.run("-s", "REVISIT_ARTICLE_S=0")
    gated.assert_right(COUNT)
    is_shut = False
    gated.run("-s", "REVISIT_ARTICLE_S=0", "-s", "BACKOFF_S=0")
    gated.run("-s", "REVISIT_ARTICLE_S=0", "-s", "BACKOFF_S=0")
    gated.assert_right(COUNT + 4)
    assert gated.mongo.articles.count_documents({"withdrawn_at": {"$exists": True}}) == 0


def test_page_that_is_cut_off_is_asked_for_again_unless_the_site_closes_none(gated: Gated) -> None:
    """The first host cuts a third of its first answers, the second one closes neither body nor html."""
    gated.hosts = range(1, 3)

    def answer(asked: Asked) -> Answer | None:
        found = own_page(asked)
        if found is None or asked.path == "/":
            return found
        html = bytes(found.body).decode()
        if asked.host == 2:
            return Answer(html.replace("</body></html>", ""))
        return found if asked.before or ord(asked.path[-6]) % 3 else Answer(html[: len(html) // 2])

    gated.answer(answer)
    assert gated.run().returncode == 0
    gated.assert_right(COUNT)


def test_odd_article_is_stored_when_it_comes_again(gated: Gated) -> None:
    letter = (
        "<p>编辑同志：我家门前的路灯修好了，谢谢你们上月的报道，特此写信告知。</p>"
        "<p>从前下夜班的人都要打着手电走，老人晚上不敢出门，如今亮堂多了，孩子们也能在楼下多玩一会儿。</p>"
    )
    odd = f"<html><head><title>读者来信</title></head><body>{letter}</body></html>"
    gated.answer(lambda asked: Answer(odd) if asked.path == path(5) else page(asked, COUNT))
    gated.run()
    assert gated.key(5) not in gated.stored()
    gated.run()
    assert "路灯修好了" in gated.stored()[gated.key(5)]["text"]


def test_deleted_article_is_withdrawn_and_its_text_kept(gated: Gated) -> None:
    assert gated.run().returncode == 0
    gone = "<html><head><title>提示信息</title></head><body><h1>您访问的文章已被删除</h1></body></html>"
    gated.answer(lambda asked: Answer(gone) if asked.path == path(3) else page(asked, COUNT))
    gated.run("-s", "REVISIT_ARTICLE_S=0")
    found = gated.stored()[gated.key(3)]
    assert found["withdrawn_at"] is not None
    assert found["text"].split("\n") == text(3)


def test_other_article_under_a_stored_url_is_disputed_until_it_comes_again(gated: Gated) -> None:
    assert gated.run().returncode == 0
    gated.answer(lambda asked: Answer(OTHER) if asked.path == path(3) else page(asked, COUNT))
    again = ("-s", "REVISIT_ARTICLE_S=0", "-s", "BACKOFF_S=0")
    # read before the site's usual elements are known, it does not even get as far at the first visit
    for _ in range(2):
        gated.run(*again)
        found = gated.stored()[gated.key(3)]
        assert (found["title"], found["revision"]) == (title(3), 1)
        if found.get("disputed"):
            break
    assert (found["disputed"]["title"], found["disputed"]["text"].split("\n")) == (OTHER_TITLE, OTHER_TEXT)
    shown = gated.run_scrapy("articles", "show", gated.key(3)).stdout
    assert OTHER_TITLE in shown and "disputed" in shown
    for _ in range(2):
        gated.run(*again)
        found = gated.stored()[gated.key(3)]
        if found["revision"] == 2:
            break
    assert (found["title"], found["revision"], found.get("disputed")) == (OTHER_TITLE, 2, None)


def test_dispute_ends_when_the_article_is_there_again(gated: Gated) -> None:
    assert gated.run().returncode == 0
    gated.answer(lambda asked: Answer(OTHER) if asked.path == path(3) else page(asked, COUNT))
    gated.run("-s", "REVISIT_ARTICLE_S=0")
    gated.answer(lambda asked: page(asked, COUNT))
    gated.run("-s", "REVISIT_ARTICLE_S=0", "-s", "BACKOFF_S=0")
    gated.assert_right(COUNT)
