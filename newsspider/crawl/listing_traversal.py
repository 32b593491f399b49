"""From a listing, a feed or a load-more answer to the articles it shows and to what continues it."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime
from statistics import median_low
from typing import ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from newsspider.crawl.link_policy import FEED, UNPROVEN, article_priority, is_before, is_home, listing_priority
from newsspider.crawl.request_context import Step
from newsspider.crawl.scope import LEAST_LIKELIHOOD, CrawlScope
from newsspider.pages.document import Document
from newsspider.pages.entries import ListingEntry
from newsspider.pages.feed import parse_feed
from newsspider.pages.listing import ListingPage
from newsspider.pages.listing.channels import common_feed_urls
from newsspider.pages.load_more.buttons import LoadMore, is_beyond
from newsspider.responses import fetched_at
from newsspider.urls import resolve
from newsspider.urls.paging import narrows

logger = logging.getLogger(__name__)


class ListingTraversal(CrawlScope):
    """What follows from a page that lists articles."""

    listing_class: ClassVar[type[ListingPage]] = ListingPage

    def listing(self, listing: ListingPage, document: Document, step: Step) -> Iterator[Request]:
        """Return requests for what a listing shows, and for what continues it; a middleware stops an idle pager."""
        entries = [*listing.entries(), *self.entries_by_pattern(document)]
        step["verdict"] = "listing"
        found = yield from self.entries(entries, document.url, document.fetched_at, step)
        step["found"] = found
        if step.get("offsite") or step.get("is_sheet"):
            return
        yield from self.sheets(listing, document.url, step)
        if not found and step["kind"] == "seed":
            step["channels"] = max(1, step.get("channels", 0))
        yield from self.channels(listing, document.url, step)
        following = listing.next_page() if found or listing.is_issue else []
        step["says_next"] = bool(following) and not listing.is_issue and listing.says_next
        if step.get("said_next") and not step["says_next"]:
            following = []
        yield from self.continuation(following, document.url, step)
        if not following:
            self.lists.ended(step)
        steps = [more for more in listing.load_more() if found or more.is_first] if self.more_url is None else []
        shown_on = Step(
            **{**step, "base": document.base_url, "item_urls": listing.row_url_templates() if steps else []}
        )
        yield from self.more(steps, document.url, shown_on, is_second_way=bool(following))
        if step["kind"] == "seed" and is_home(document.url) and not (following or steps):
            yield from self.usual_sources(listing, document.url, step)
        if not found and not steps and step["kind"] == "seed":
            logger.warning("%s: a listing without articles", document.url)

    def entries_by_pattern(self, document: Document) -> Iterator[ListingEntry]:
        """Yield the links that the site's `article_pattern` names, whatever they look like."""
        if self._article is None:
            return
        for line in document.lines:
            for link in line.links:
                url = resolve(document.base_url, link.href)
                if url and self._article.search(url):
                    yield ListingEntry(url, link.text or "", score=1.0)

    def entries(
        self, entries: Iterable[ListingEntry], parent: str, moment: datetime, step: Step
    ) -> Generator[Request, None, int]:
        """Yield requests for articles, one an address; return their number."""
        entries = list(entries)
        self.shapes_of(parent).saw_links(entry.url for entry in entries)
        self.saw_headlines((entry.url, entry.title) for entry in entries)
        limit_name = "MAX_LINKS_PER_SITEMAP" if step["kind"] in ("feed", "sitemap") else "MAX_LINKS_PER_PAGE"
        limit = self.crawler.settings.getint(limit_name, 2_000)
        seen: set[str] = set()
        priorities: list[int] = []
        for position, entry in enumerate(entries):
            key = self.entry_key(entry.url)
            if key in seen:
                continue
            seen.add(key)
            reason = "links_limit" if len(seen) > limit else self.entry_refusal(entry, step)
            if reason:
                self.count(f"links/skipped/{reason}")
                continue
            follow = self.article_step(entry.url, parent, 0, offsite=not self.is_in_scope(entry.url, step))
            if entry.changed_at:
                follow["changed_at"] = entry.changed_at.isoformat()
            priority = article_priority(entry.published_at, moment, position)
            if not self.shapes_of(entry.url).is_scout(entry.url):
                priority -= UNPROVEN
            priorities.append(priority)
            yield self.request(entry.url, follow, priority)
        step["urgency"] = median_low(priorities or [0])
        return len(seen)

    def entry_refusal(self, entry: ListingEntry, step: Step) -> str | None:
        """Return why a listed link is not followed, None if it is."""
        if not self.is_in_scope(entry.url, step) and not (
            self.arguments.is_one_hop_offsite and not step.get("offsite")
        ):
            return "offsite"
        if is_before(self.arguments.since, entry.published_at or entry.changed_at, entry.url):
            return "since"
        if self._article is not None and self._article.search(entry.url):
            return None
        likelihood = (self.shapes_of(entry.url).predict(entry.url) + entry.score) / 2
        return "unlikely" if likelihood < LEAST_LIKELIHOOD else None

    def channels(self, listing: ListingPage, parent: str, step: Step) -> Iterator[Request]:
        """Yield requests for the channels, feeds and sitemaps that a front page names."""
        left = step.get("channels", 0)
        if left <= 0 or step.get("page", 1) > 1:
            return
        for url in listing.channels():
            key = self.key_of(url)
            if not self.is_in_scope(url, step) or (is_home(url) and key in self.homes):
                continue
            if narrows(parent, url):
                self.count("links/skipped/narrower")
                continue
            follow = Step(kind="listing", key=key, depth=0, parent=parent, page=1, chain=key, channels=left - 1)
            yield self.request(
                url, follow, listing_priority(1, self.crawler.settings.getint("CHANNEL_DEPTH", 2) - left)
            )
        if step["kind"] == "seed":
            sitemaps = [*listing.sitemaps(), *self.robots_sitemaps.get(urlsplit(parent).netloc, [])]
            yield from self.feeds(listing.feeds(), "feed", parent, step)
            yield from self.feeds(sitemaps, "sitemap", parent, step)

    def sheets(self, listing: ListingPage, parent: str, step: Step) -> Iterator[Request]:
        """Yield requests for the other sheets of a paper's issue, of a past one as long as the walk back goes on."""
        page, chain = step.get("page", 1), step.get("chain", step["key"])
        for url in listing.sheets():
            if self.is_in_scope(url, step):
                follow = Step(kind="listing", depth=0, parent=parent, page=page, chain=chain, is_sheet=True)
                yield self.request(url, follow, listing_priority(page, 0))

    def feeds(self, urls: Iterable[str], kind: str, parent: str, step: Step) -> Iterator[Request]:
        for url in dict.fromkeys(urls):
            if self.is_in_scope(url, step):
                key = self.key_of(url)
                follow = Step(kind=kind, key=key, depth=0, parent=parent, page=1, chain=key, is_optional=True)
                yield self.request(url, follow, FEED)

    def usual_sources(self, listing: ListingPage, parent: str, step: Step) -> Iterator[Request]:
        """Yield the request for a sitemap or feed where most sites have one, for a front page that leads nowhere."""
        named = [*listing.channels(), *listing.feeds(), *listing.sitemaps()]
        if named or self.robots_sitemaps.get(urlsplit(parent).netloc):
            return
        first, *others = common_feed_urls(parent)
        follow = Step(kind="sitemap", depth=0, parent=parent, page=1, is_optional=True, alternatives=others)
        yield self.request(first, follow, FEED)

    def continuation(self, urls: Sequence[str], parent: str, step: Step, kind: str = "listing") -> Iterator[Request]:
        """Yield the request for the page after this one; the other candidates are tried when the first fails."""
        page = step.get("page", 1) + 1
        candidates = [url for url in urls if self.is_in_scope(url, step) and self.key_of(url) != step["key"]]
        if not candidates:
            return
        if page > self.crawler.settings.getint("MAX_LISTING_PAGES", 200):
            self.count("links/skipped/listing_pages")
            self.count(f"listings/cut/{parent}")
            return
        follow = Step(kind=kind, depth=0, parent=parent, page=page, chain=step.get("chain", step["key"]))
        follow["alternatives"], follow["is_second_way"] = candidates[1:4], step.get("is_second_way", False)
        follow["found_before"], follow["said_next"] = step.get("found", 0), step.get("says_next", False)
        if kind == "more":
            follow["base"], follow["item_urls"] = step.get("base") or parent, step.get("item_urls", [])
            follow["last_page"] = step.get("last_page")
        priority = listing_priority(page, 0)
        if kind == "listing" and self.lists.is_front(step):
            priority = max(priority, step.get("urgency", 0))  # in time for the articles of this page to follow
        yield self.request(candidates[0], follow, priority)

    def more(
        self, steps: Iterable[LoadMore], parent: str, step: Step, *, is_second_way: bool = False
    ) -> Iterator[Request]:
        """Yield requests for what load-more buttons would fetch, each a list of its own.

        `is_second_way`: the listing has a pager too; what it gives twice is then not gone through twice.
        """
        if self.more_url is not None:
            if step["kind"] != "more" and step.get("found"):
                yield from self.continuation([self.more_url.format(page=self.more_first_page)], parent, step, "more")
            return
        for more in steps:
            chain = self.key_of(more.url)
            own = Step(**{**step, "chain": chain, "is_second_way": is_second_way, "last_page": more.last})
            if more.is_first:
                own["page"] = 0
            yield from self.continuation([more.url, *filter(None, [more.fallback_url])], parent, own, "more")

    def parse_feed(self, response: Response, step: Step) -> Iterator[Request]:
        moment = fetched_at(response, is_replay=self.is_replay)
        feed = parse_feed(response.body, response.url, moment)
        step["verdict"] = feed.kind
        self.count(f"pages/{feed.kind if feed.kind != 'none' else 'other'}")
        if feed.kind == "none":
            step["verdict"] = "other"
            return
        for child in feed.children:
            changed_at = feed.children_changed_at.get(child)
            if not is_before(self.arguments.since, changed_at, ""):
                yield from self.feeds([child], "sitemap", response.url, step)
        step["found"] = yield from self.entries(feed.entries, response.url, moment, step)
        if feed.next and step["found"]:
            yield from self.continuation([feed.next], response.url, step, "feed")

    def parse_fragment(self, response: Response, step: Step) -> Iterator[Request]:
        moment = fetched_at(response, is_replay=self.is_replay)
        fragment = self.listing_class.parse_fragment(
            response.body,
            response.url,
            moment,
            item_urls=step.get("item_urls", ()),
            base_url=step.get("base"),
        )
        step["verdict"] = "more"
        self.count("pages/more")
        step["found"] = yield from self.entries(fragment.entries(), response.url, moment, step)
        if not step["found"]:
            if step["kind"] == "more" and step.get("page", 1) <= 2 and fragment.is_foreign:
                self.count(f"more/not_understood/{response.url}")
            return
        if self.more_url is not None and step["kind"] == "more":
            page = step.get("page", 1) + self.more_first_page - 1
            yield from self.continuation([self.more_url.format(page=page)], response.url, step, "more")
            return
        following = [*fragment.next_page(), *(more.url for more in fragment.load_more())]
        following = [url for url in following if not is_beyond(url, step.get("last_page"))]
        yield from self.continuation(following, response.url, step, "more")
