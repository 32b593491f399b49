"""Whole crawls over HTTP from a real server into a real MongoDB: discovery, later states, traps, bad answers."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.invented.site import html_page
from benchmarks.invented_sites import DISCOVERY, LATER, SITES, Site
from newsspider.urls import article_key

FAST = (
    *("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "AUTOTHROTTLE_MAX_DELAY=0.01"),
    *("-s", "RETRY_TIMES=1"),
)
REQUESTS_AN_ARTICLE = 1.25
LATER_RATIO = 1.3
NEW = 20
BAD = (
    *(("status", status) for status in (404, 410, 403, 500)),
    *(("refuse", 0), ("truncated", 0), ("bomb", 64 << 20), ("loop", 0)),
)


class Crawl:
    """One site on a server, crawled as often as a test wants, under its own hosts through the server as proxy."""

    def __init__(self, site: Site, start: Any, run_scrapy: Any, mongo: Any) -> None:
        self.site = site
        self.server = start(site)
        self.run_scrapy = run_scrapy
        self.mongo = mongo
        self.seed = f"http://{site.host}{urlsplit(site.seeds[0]).path}"
        self.names: dict[str, str] = {}

    def run(self, *args: str, seed: str | None = None) -> Any:
        self.server.forget_requests()
        environment = {"http_proxy": self.server.proxy_url}
        return self.run_scrapy("crawl", "news", "-a", f"url={seed or self.seed}", *FAST, *args, env=environment)

    def articles(self) -> dict[str, Any]:
        """Return what is stored by the key of its first address; that of a twin host is as good as any."""
        self.names |= {article_key(url): article_key(t.url) for t in self.site.articles for url in t.addresses}
        documents = list(self.mongo.articles.find())
        found = {self.names.get(document["_id"], document["_id"]): document for document in documents}
        assert len(found) == len(documents), "an article is stored twice"
        return found

    def requests(self) -> Counter[str]:
        return Counter({path: count for path, count in self.server.requests.items() if path != "/robots.txt"})


@pytest.fixture
def crawl(site_server: Any, run_scrapy: Any, mongo: Any) -> Any:
    return lambda site: Crawl(site, site_server, run_scrapy, mongo)


def keys(site: Site) -> set[str]:
    return {article_key(truth.url) for truth in site.articles}


def paths(site: Site) -> set[str]:
    """Return every path under which an article of `site` may be asked for."""
    addresses = [urlsplit(url) for truth in site.articles for url in truth.addresses]
    return {f"{parts.path}?{parts.query}" if parts.query else parts.path for parts in addresses}


@pytest.mark.parametrize("name", DISCOVERY)
def test_three_runs_of_a_site(name: str, crawl: Any) -> None:
    """All is found with few requests; a second run changes nothing; a later state gives what is new and gone."""
    run = crawl(SITES[name]())
    assert_all_is_found_once(run)
    before = run.articles()
    listings = sum(count for path, count in run.requests().items() if path not in paths(run.site))
    assert run.run().returncode == 0
    assert sorted(run.requests().keys() & paths(run.site)) == []
    assert run.articles().keys() == before.keys()
    assert run.mongo.revisions.count_documents({}) == 0
    assert_later_state_is_stored(run, LATER[name](), before, listings)


def assert_all_is_found_once(run: Crawl) -> None:
    done = run.run()
    assert done.returncode == 0, done.stderr[-3000:]
    found = run.articles()
    assert sorted(keys(run.site) - found.keys()) == [], "articles not found"
    assert sorted(found.keys() - keys(run.site)) == [], "stored, but no article"
    total = run.requests().total()
    assert total <= REQUESTS_AN_ARTICLE * len(found), f"{total} requests for {len(found)} articles"
    titles = {article_key(truth.url): truth.title for truth in run.site.articles}
    assert {key: document["title"] for key, document in found.items()} == titles


def assert_later_state_is_stored(run: Crawl, later: Site, before: dict[str, Any], listings: int) -> None:
    """Assert that the new, the edited and the withdrawn are stored; `listings` is what the first run took of these."""
    run.server.replace(later)
    run.site = later
    # every article is due again at once
    done = run.run("-s", "REVISIT_ARTICLE_S=0", "-s", "REVISIT_LISTING_S=0")
    assert done.returncode == 0, done.stderr[-3000:]
    after = run.articles()
    assert keys(later) <= after.keys()
    assert len(after.keys() - before.keys()) == NEW
    assert run.requests().total() <= LATER_RATIO * (listings + len(before) + NEW)
    texts = {article_key(truth.url): truth.text for truth in later.articles}
    edited = {key for key, document in before.items() if key in texts and document["text"] != texts[key]}
    assert {key for key, document in after.items() if document["revision"] == 2} == edited
    withdrawn = before.keys() - keys(later)
    assert {key for key, document in after.items() if document.get("withdrawn_at")} == withdrawn
    assert all(after[key]["text"] == before[key]["text"] for key in withdrawn)


def test_channels_on_hosts_of_their_own_are_followed(crawl: Any) -> None:
    site = SITES["qingshan"]()
    channel = "news.qingshan-daily.example"
    for (host, path), page in list(site.pages.items()):
        site.pages[(channel, "/" if path == "/news/index.htm" else path)] = page
        del site.pages[(host, path)]
    link = f'<html><div class="nav"><a href="https://{channel}/">新闻</a></div><p>青山日报</p></html>'
    site.add("/", html_page(link), site.host)
    run = crawl(site)
    done = run.run(seed=f"http://{site.host}/")
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(run.articles()) == len(site.articles)


def test_channel_feed_sitemap_and_article_are_seeds_as_well(crawl: Any) -> None:
    run = crawl(SITES["hupan"]())
    for seed in ("/shehui/", "/rss/news.xml", run.site.articles[0].url.partition(run.site.host)[2]):
        before = len(run.articles())
        assert run.run(seed=f"http://{run.site.host}{seed}").returncode == 0
        assert len(run.articles()) >= max(before, 1)


def test_bad_articles_harm_no_other(crawl: Any) -> None:
    run = crawl(SITES["qingshan"]())
    bad = [truth.url for truth in run.site.articles[3 : 3 + len(BAD)]]
    for url, (kind, value) in zip(bad, BAD, strict=True):
        run.server.behave(url.partition(run.site.host)[2], kind, value)
    done = run.run()
    assert "Traceback" not in done.stderr
    assert keys(run.site) - run.articles().keys() <= set(map(article_key, bad))


def test_unchanged_listing_is_answered_with_304(crawl: Any) -> None:
    run = crawl(SITES["hupan"]())
    assert run.run().returncode == 0
    assert run.run("-s", "REVISIT_LISTING_S=0").returncode == 0
    statuses = Counter(status for _, path, status in run.server.log if path != "/robots.txt")
    assert statuses[304] > 0
