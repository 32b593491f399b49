"""Which requests are let through, what each is to say to the server, and how MongoDB is to remember it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scrapy import Request

from newsspider.crawl.request_context import LISTING_KINDS, Step, kept
from newsspider.frontier.pagination import PagerProgress
from newsspider.mongo.crawl_state.frontier import PageState, QueuedPage
from newsspider.urls import registered_domain

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

TOO_OLD = "before "
SHELL = "shell"
SOURCES = {"listing": "channels", "feed": "feeds", "sitemap": "sitemaps"}


class Admission:
    """Lets through what is worth a request, by what MongoDB knows of each page; asks MongoDB nothing itself.

    A link is let through if nobody asked for it yet, if its page is due, or if it is a listing. The page after a
    listing is let through only if the listing showed articles that no earlier run has dealt with, whatever this run
    already queued of them, or was itself interrupted.
    """

    def __init__(self, crawler: Crawler, run: str, *, is_conditional: bool) -> None:
        self.crawler = crawler
        self.run = run
        self.is_conditional = is_conditional
        self.fresh: set[str] = set()
        self.chains: dict[str, PagerProgress] = defaultdict(PagerProgress)
        self.sources: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    @property
    def spider(self) -> Any:
        return self.crawler.spider

    def admitted(
        self, requests: Iterable[Request], known: Mapping[str, PageState], step: Step, now: datetime
    ) -> tuple[list[Request], int]:
        """Return those of a page's requests to let through, prepared, and how many articles no earlier run knew.

        `known` has the states, by key, of what MongoDB knows of the requests' pages; `step` is the page's own.
        """
        admitted: list[Request] = []
        following: list[Request] = []
        shown: list[str] = []
        for request in requests:
            link: Step = request.meta["newsspider"]
            key = link["key"]
            if goes_on(request):
                admitted.append(request)
                continue
            if link["kind"] in LISTING_KINDS and link.get("page", 1) > 1:
                following.append(request)
                continue
            state = known.get(key)
            if link["kind"] == "article":
                if key not in self.spider.asked_for and (state is None or state.run == self.run):
                    self.fresh.add(key)
                shown.append(key)
            if self._is_let_through(link, state, now):
                self.prepare(request, link, state)
                admitted.append(request)
        news = {key for key in shown if key in self.fresh}
        if step.get("is_second_way"):
            news = {r.meta["newsspider"]["key"] for r in admitted if r.meta["newsspider"]["kind"] == "article"}
        chain = self.chains[step.get("chain") or step["key"]]
        is_moving = bool(following) and chain.goes_on(shown, news, is_resumed=bool(step.get("is_resumed")))
        admitted += self._following(following, known, is_moving=is_moving)
        return admitted, len(news)

    def _following(
        self, requests: Iterable[Request], known: Mapping[str, PageState], *, is_moving: bool
    ) -> list[Request]:
        """Return the requests for the pages after a listing, if that listing is worth going on with."""
        admitted = []
        for request in requests:
            link: Step = request.meta["newsspider"]
            if link["key"] in self.spider.asked_for:
                self._count("links/skipped/seen")
            elif not is_moving:
                self._count("links/skipped/nothing_new")
            else:
                self.prepare(request, link, known.get(link["key"]))
                admitted.append(request)
        return admitted

    def _is_let_through(self, link: Step, state: PageState | None, now: datetime) -> bool:
        if link["key"] in self.spider.asked_for:
            self._count("links/skipped/seen")
            return False
        if state is None or state.state == "queued":
            return True
        if state.state in ("failed", "gone"):
            if state.is_due(now):
                return True
            self._count("links/skipped/backoff" if state.state == "failed" else "links/skipped/gone")
            return False
        if link["kind"] in LISTING_KINDS and state.kind in LISTING_KINDS:
            return True
        changed_at = link.get("changed_at")
        has_changed = changed_at and state.last_fetch and datetime.fromisoformat(changed_at) > state.last_fetch
        was_too_old = (state.reason or "").startswith(TOO_OLD) and self._reaches_before(str(state.reason))
        if state.reason == SHELL and self.spider.is_rendering:
            return True
        if state.is_due(now) or was_too_old or (state.stored and has_changed):
            return True
        self._count("links/skipped/known")
        return False

    def _reaches_before(self, reason: str) -> bool:
        """Return whether this run wants articles older than the run did that closed the page with `reason`."""
        since = self.spider.reach["since"]
        return since is None or f"{TOO_OLD}{since}" < reason

    def prepare(self, request: Request, step: Step, state: PageState | None) -> None:
        """Take note that `request` will be sent, and let it ask "anything new since?" where that is safe."""
        self.spider.asked_for.add(step["key"])
        if step["kind"] in SOURCES and step.get("page", 1) == 1:
            self.sources[registered_domain(request.url)][SOURCES[step["kind"]]].add(request.url)
        if step["kind"] == "article" and (state is None or state.state == "queued"):
            self.fresh.add(step["key"])
        if state is None:
            return
        step["is_resumed"] = state.state == "queued"
        step["is_stored"] = state.stored
        if state.stored and step["kind"] == "seed":
            return  # its related links are asked for, however deep
        if not self.is_conditional or state.state != "done" or not _reaches_as_far(state.meta, step, self.spider.reach):
            return
        if state.etag:
            request.headers["If-None-Match"] = state.etag
        if state.last_modified:
            request.headers["If-Modified-Since"] = state.last_modified
        if state.etag or state.last_modified:
            request.meta["handle_httpstatus_list"] = [304]

    def queued_page(self, request: Request) -> QueuedPage:
        """Return what MongoDB is to know of `request`, so that a later run can ask it again."""
        step: Step = request.meta["newsspider"]
        parent = step.get("parent")
        meta = kept(step) | ({"reach": self.spider.reach} if step["kind"] in LISTING_KINDS else {})
        return QueuedPage(
            step["key"],
            request.url,
            step["kind"],
            meta,
            request.priority,
            parent=self.spider.key_of(parent) if parent else None,
            is_seed=step["kind"] == "seed",
        )

    def _count(self, stat: str) -> None:
        self.crawler.stats.inc_value(stat)


def goes_on(request: Request) -> bool:
    """Return whether `request` is for more of the page that it came from: an article's next part, its rendering."""
    return bool(request.meta["newsspider"].get("part") or request.meta.get("render"))


def _reaches_as_far(earlier: dict[str, Any], step: Step, reach: dict[str, Any]) -> bool:
    """Return whether the visit that `earlier` is the meta of took up all that this one would."""
    before = earlier.get("reach") or {}
    since, since_before = reach.get("since"), before.get("since")
    return (
        (since_before is None or (since is not None and since_before <= since))
        and (before.get("offsite") or not reach.get("offsite"))
        and earlier.get("channels", 0) >= step.get("channels", 0)
    ) or step["kind"] == "article"
