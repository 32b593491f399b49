"""Listing page: links to articles, next page, load-more URLs, channels and feeds."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from newsspider.pages.document import Document, Hint
from newsspider.pages.entries import ListingEntry
from newsspider.pages.feed import SNIPPET_CHARACTERS
from newsspider.pages.listing.channels import channels, feeds, page_sitemaps
from newsspider.pages.listing.drawn_rows import next_records, with_drawn_rows
from newsspider.pages.listing.epaper import is_issue, previous_issue, sheets
from newsspider.pages.listing.page_links import page_total
from newsspider.pages.listing.pager import next_listing_pages, page_links, says_next
from newsspider.pages.listing.rows import GENERIC_TEXT, PAGER_TEXT, Row, gather
from newsspider.pages.load_more.answer import (
    Fragment,
    feed_fragment,
    fragment_text,
    json_fragment,
    markup_in,
    next_cursor,
    row_entries,
    walk,
)
from newsspider.pages.load_more.buttons import LoadMore, cursor_facts, load_more
from newsspider.pages.load_more.cursors import rows_of
from newsspider.pages.load_more.records import Records, xml_records
from newsspider.pages.load_more.row_urls import row_url_templates
from newsspider.text import fold
from newsspider.urls import article_key, article_likelihood, registered_domain, resolve, url_pattern
from newsspider.urls.paging import next_page_url

LEAST_SCORE = 0.3
SURE_SCORE = 0.5
FEW_ENTRIES = 3
HEADLINE_CHARACTERS = 8
BIG_REGION = 5
SERVICE_LIKELIHOOD = 0.05

_STATE = re.compile(r"^\s*(?:window\.|var\s+|self\.)?[\w$.]{1,60}\s*=\s*[\[{]")
_HOT = re.compile(r"热|榜|排行|点击|推荐|图片|专题|热门|熱|排名|精选|视频")
_FOOT_TEXT = re.compile(
    r"备案|许可证|icp|公安|举报|版权|关于|联系我们|免责|隐私|网站地图|广告服务|法律声明|工作邮箱|加入我们|友情链接|不良信息"
)
_FOOT_NUMBER = re.compile(r"icp备|公网安备|公安备案|(?:备案?|许可证)\D{0,4}\d{4}|不良信息.{0,2}举报")
FOOT_CHARACTERS = 14
_SERVICE_TEXT = re.compile(
    r"登录|登入|注册|忘记密码|下载|客户端|app|订阅|投稿|搜索|设为首页|收藏本站|返回顶部|打印|纠错|分享到"
)


class ListingPage:
    """The entries of a listing page and its next page. Reads the lines once; values are computed on first use."""

    def __init__(self, document: Document) -> None:
        self.document = with_drawn_rows(document)

    @cached_property
    def rows(self) -> list[Row]:
        return gather(self.document)

    def entries(self) -> list[ListingEntry]:
        """Return the links that are likely articles, in reading order, one a target; scores from `LEAST_SCORE`."""
        found = [entry for entry in self.scored() if entry.score >= LEAST_SCORE and entry.region != "pager"]
        if sum(entry.score >= SURE_SCORE for entry in found) >= FEW_ENTRIES:
            return found
        known = {article_key(entry.url) for entry in found}
        return found + [entry for entry in self.state_entries() if article_key(entry.url) not in known]

    def state_entries(self) -> list[ListingEntry]:
        """Return what the JSON in the page's scripts lists: all there is where scripts draw the page."""
        document = self.document
        templates = self.row_url_templates()
        found: dict[str, ListingEntry] = {}
        for script in document.source.scripts:
            text, kind = script.text, script.tag.get("type") or ""
            is_state = "json" in kind or _STATE.search(text[:200]) is not None
            if not is_state or "ld+json" in kind:
                continue
            fragment = json_fragment(text, document.base_url, document.fetched_at, item_urls=templates)
            markup = "" if fragment.entries else markup_in(fragment.payload)
            drawn = type(self)(Document.from_text(markup, document.base_url, document.fetched_at)) if markup else None
            for entry in drawn.entries() if drawn else fragment.entries:
                found.setdefault(entry.url, entry)
        return list(found.values())

    def scored(self) -> list[ListingEntry]:
        """Return every link target of the page with its score, articles or not: what `entries` chooses from."""
        traits = _region_traits(self.rows, self.document.url)
        main = max(traits, key=lambda region: traits[region].weight, default=None)
        headlines = {line for row in self.rows if not row.is_generic for line in row.lines}
        return [
            _entry(row, traits[row.region], is_main=row.region == main)
            for row in self.rows
            if not (row.is_generic and headlines.issuperset(row.lines))  # 评论(3) beside its headline
        ]

    def next_page(self) -> list[str]:
        """Return candidates for the next page, the surest first: try another only when those before it fail.

        An issue of a paper goes on with the issue before it.
        """
        issue = previous_issue(self.document)
        return [issue] if issue else next_listing_pages(self.document, is_guessing=not self.named_load_more())

    @property
    def says_next(self) -> bool:
        """True if the next page is named in words: a list that did so on every page ends where it does not."""
        return says_next(self.document)

    def sheets(self) -> list[str]:
        """Return the other sheets of the issue of a paper; nothing on a page that leads to no earlier issue."""
        return sheets(self.document) if self.is_issue else []

    @property
    def is_issue(self) -> bool:
        return is_issue(self.document)

    def page_links(self) -> dict[int, str]:
        """Return page number -> URL of every numbered page shown."""
        return page_links(self.document)

    def load_more(self) -> list[LoadMore]:
        """Return the URLs of further rows that the page's elements and scripts name, each a list of its own.

        Where the page shows no list but a ranking, they begin at the first page.
        """
        site = registered_domain(self.document.url)
        found = [step for step in self.named_load_more() if registered_domain(step.url) == site]
        return found if self.shows_list else [step.from_the_start() for step in found]

    def row_url_templates(self) -> list[str]:
        """Return how the page makes URLs of rows that carry only a number: `/detail/{docId}.html`."""
        return row_url_templates(self.document.root, self.document.base_url)

    def named_load_more(self) -> list[LoadMore]:
        """Return the load-more URLs as they are named."""
        return list(self._named_load_more)

    @cached_property
    def _named_load_more(self) -> list[LoadMore]:
        document = self.document
        found = load_more(document.root, document.base_url, page_total(document))
        records = (resolve(document.base_url, href) for href in next_records(document))
        return [*(LoadMore(url, "xml") for url in records if url), *found]

    @property
    def shows_list(self) -> bool:
        """True if a list of headlines stands in the page, rankings and recommendations left out."""
        traits = _region_traits(self.rows, self.document.url)
        return any(
            traits[row.region].is_list
            for row in self.rows
            if row.title and not _HOT.search(row.heading) and not row.hints & (Hint.NAV | Hint.FOOTER | Hint.COMMENT)
        )

    def more_links(self) -> list[str]:
        """Return the listings behind 更多, 查看全部, `+ 点击查看更多精彩`: pages of their own, never articles."""
        site = registered_domain(self.document.url)
        found = (
            row.url
            for row in self.rows
            if any("更多" in text or text.lower() in ("more", "more>>", "查看全部", "全部") for text in row.texts)
            and row.is_generic
            and article_likelihood(row.url) <= 0.26
        )
        return [url for url in dict.fromkeys(found) if registered_domain(url) == site]

    def channels(self) -> list[str]:
        """Return the channels of this site that the page names, in its order, 更多 links of blocks among them."""
        return list(dict.fromkeys([*channels(self.rows, self.document), *self.more_links()]))

    def feeds(self) -> list[str]:
        """Return the RSS and Atom feeds the page names."""
        return feeds(self.document)

    def sitemaps(self) -> list[str]:
        """Return the XML sitemaps the page names; those of robots.txt are not among them."""
        return page_sitemaps(self.document)

    @classmethod
    def parse_fragment(
        cls,
        body: bytes,
        url: str,
        fetched_at: datetime,
        items_path: str | None = None,
        item_urls: Sequence[str] = (),
        content_type: str | None = None,
        base_url: str | None = None,
        cursor: Sequence[str] = (),
    ) -> FragmentPage:
        """Return what the answer of a load-more URL lists: JSON, JSONP, XML, HTML, or HTML inside JSON.

        `base_url` is the page that the answer is shown on, which its URLs are relative to; `cursor` is the parameter of
        `url` and the field of the last row that it goes on by, where the page tells.
        """
        fragment = feed_fragment(body, url, fetched_at)
        if fragment.kind == "none":
            text = fragment_text(body)
            if (records := xml_records(text)) is not None:
                return cls._of_records(records, url, fetched_at, item_urls, base_url or url)
            fragment = json_fragment(text, url, fetched_at, items_path, item_urls, base_url, cursor)
        if fragment.kind == "none":
            page = cls(Document.from_bytes(body, url, fetched_at, content_type))
            return FragmentPage(_html_fragment(page, url, cursor), page)
        markup = "" if fragment.entries else markup_in(fragment.payload)
        if markup:
            page = cls(Document.from_text(markup, base_url or url, fetched_at))
            fragment.entries = page.entries()
            rows: list[dict[str, Any]] = [{"url": entry.url} for entry in fragment.entries]
            marked = rows_of(page.document.root, cursor[1]) if cursor else []
            fragment.next_url = next_page_url(url, fragment.payload, rows, next_cursor(url, marked, cursor))
            return FragmentPage(fragment, page)
        return FragmentPage(fragment, None)

    @classmethod
    def _of_records(
        cls, records: Records, url: str, fetched_at: datetime, item_urls: Sequence[str], base_url: str
    ) -> FragmentPage:
        page = cls(Document.from_text(records.markup, base_url, fetched_at)) if records.markup else None
        entries = page.entries() if page else row_entries(records.rows, base_url, fetched_at, item_urls)
        rows: list[dict[str, Any]] = [{"url": entry.url} for entry in entries] if page else records.rows
        named = resolve(url, records.next_href) if records.next_href else None
        following = named or next_page_url(url, None, rows) if entries else None
        fragment = Fragment("xml", entries, following if following != url else None)
        return FragmentPage(fragment, page, says_next=named is not None)


class FragmentPage:
    """The answer of a load-more URL, with the same questions as a listing.

    `says_next` is True if the answer itself names the URL after it in a way that its last one will not.
    """

    def __init__(self, fragment: Fragment, page: ListingPage | None, *, says_next: bool = False) -> None:
        self.fragment = fragment
        self.says_next = says_next
        self.kind = fragment.kind
        self.page = page

    def entries(self) -> list[ListingEntry]:
        return self.fragment.entries

    @property
    def is_foreign(self) -> bool:
        """True if the answer lists something, but nothing in it was understood to be an article."""
        lists = (node for node in walk(self.fragment.payload) if isinstance(node, list))
        return not self.entries() and any(sum(isinstance(row, dict) for row in rows) >= FEW_ENTRIES for rows in lists)

    def next_page(self) -> list[str]:
        """Return the URL of the page after this one, at most one."""
        return [self.fragment.next_url] if self.fragment.next_url else []

    def load_more(self) -> list[LoadMore]:
        """Return the load-more URLs that the answer's own markup names."""
        return self.page.named_load_more() if self.page is not None else []


def _html_fragment(page: ListingPage, url: str, cursor: Sequence[str]) -> Fragment:
    entries = page.entries()
    shown = page.next_page()
    facts, rows = cursor_facts(page.document.root, url)
    marked = rows_of(page.document.root, cursor[1]) if cursor else rows
    goes_on = next_cursor(url, marked, cursor)
    following = shown[0] if shown else next_page_url(url, facts or None, rows, goes_on) if entries else None
    return Fragment("html", entries, following)


class _Traits:
    """The common features of the rows of one region."""

    def __init__(self, rows: list[Row], url: str) -> None:
        titled = [row for row in rows if row.title]
        self.site = registered_domain(url)
        self.host = url.partition("://")[2].partition("/")[0]
        self.size = len(titled)
        lengths = [len(row.title) for row in titled]
        self.mean_length = sum(lengths) / len(lengths) if lengths else 0.0
        self.headline_share = sum(length >= HEADLINE_CHARACTERS for length in lengths) / max(1, len(lengths))
        self.date_share = sum(row.published is not None for row in titled) / max(1, len(titled))
        self.snippet_share = sum(row.snippet is not None for row in titled) / max(1, len(titled))
        likely = [self.likelihood(row) for row in titled]
        self.likely_share = sum(value >= 0.5 for value in likely) / max(1, len(likely))
        patterns = Counter(url_pattern(row.url) for row in titled)
        self.shape_share = patterns.most_common(1)[0][1] / self.size if patterns else 0.0
        self.offsite_share = sum(registered_domain(row.url) != self.site for row in titled) / max(1, len(titled))
        self.weight = sum(lengths) * (0.2 + self.likely_share) * (1 + self.date_share) * (1 + self.snippet_share)

    def likelihood(self, row: Row) -> float:
        """Return how much the row's address looks like an article's; a forum's own host does not count against it."""
        return article_likelihood(row.url, is_own_host=row.url.partition("://")[2].startswith(f"{self.host}/"))

    @property
    def is_list(self) -> bool:
        """True if this is a list of headlines: many, long, of one URL pattern or dated."""
        is_alike = self.shape_share >= 0.6 or self.date_share >= 0.5 or self.likely_share >= 0.6
        return self.size >= 3 and self.headline_share >= 0.6 and is_alike and self.offsite_share < 0.6


def _region_traits(rows: list[Row], url: str) -> dict[Any, _Traits]:
    grouped: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.region].append(row)
    return {region: _Traits(group, url) for region, group in grouped.items()}


def _entry(row: Row, traits: _Traits, *, is_main: bool) -> ListingEntry:
    published = row.published
    snippet = row.snippet[:SNIPPET_CHARACTERS] if row.snippet else None
    return ListingEntry(
        url=row.url,
        title=row.title,
        published_at=published.at if published else None,
        published_precision=published.precision if published else None,
        snippet=snippet,
        score=_score(row, traits),
        region=_region_name(row, is_main=is_main),
        image=row.image,
        redirector=row.redirector,
    )


def _region_name(row: Row, *, is_main: bool) -> str:
    texts = row.texts or [""]
    if row.is_pager or (all(PAGER_TEXT.match(text) for text in texts if text) and any(texts)):
        return "pager"
    if is_main:
        return "main"
    if row.hints & (Hint.NAV | Hint.FOOTER):
        return "navigation"
    return "hot" if _HOT.search(row.heading) else "side"


def _score(row: Row, traits: _Traits) -> float:
    """Return the probability (0 to 1) that a row is an article, from URL, title, date, region and position.

    The weights are logits, set by hand on written layouts; `LEAST_SCORE` leaves room for the spider's own evidence.
    """
    if any(PAGER_TEXT.match(text) for text in row.texts) and len(row.title) < 4:
        return 0.0
    likelihood = traits.likelihood(row)
    if likelihood <= 0.0:
        return 0.0
    weight = 3.0 * (likelihood - 0.45) + _title_weight(row)
    if likelihood < 0.1 and row.published is None:
        weight -= 1.0
    if likelihood < SERVICE_LIKELIHOOD and len(row.title) < HEADLINE_CHARACTERS:
        weight -= 3.0  # an author's or a tag's page beside the date of an article
    elif likelihood < SERVICE_LIKELIHOOD and row.published is None:
        weight -= 2.0
    if row.is_generic and (row.is_moment or registered_domain(row.url) != traits.site):
        weight -= 2.5  # the last reply of a thread, 原文链接, a button to share
    weight += 1.2 if row.published is not None else 0.0
    weight += 0.4 if row.snippet is not None else 0.0
    if traits.is_list:
        weight += 0.6 + 0.5 * traits.date_share + (0.4 if traits.size >= BIG_REGION else 0.0)
        weight += 0.8 * traits.shape_share if likelihood < 0.5 else 0.0
    elif traits.mean_length < 6 and traits.size >= 3 and likelihood < 0.7:
        weight -= 1.0
    weight -= 1.2 if row.hints & Hint.NAV and likelihood < 0.7 else 0.0
    weight -= 1.5 if row.hints & (Hint.FOOTER | Hint.COMMENT) and likelihood < 0.9 else 0.0
    return round(1 / (1 + math.exp(-weight)), 3)


def _title_weight(row: Row) -> float:
    if row.is_generic or not row.title:
        return -0.9
    title = row.title
    folded = fold(title)
    is_foot = len(title) <= FOOT_CHARACTERS and _FOOT_TEXT.search(folded) is not None
    if (
        is_foot
        or _FOOT_NUMBER.search(folded)
        or (_SERVICE_TEXT.search(folded) and len(title) <= 12)
        or GENERIC_TEXT.match(title)
    ):
        return -3.0
    length = len(title)
    for limit, weight in ((2, -2.5), (4, -1.2), (6, -0.3), (9, 0.5)):
        if length <= limit:
            return weight
    return 1.0 if length <= 90 else -0.5
