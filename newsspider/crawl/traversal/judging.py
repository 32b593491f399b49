"""Whether an answer is the page that was asked for, judged before anything is believed of it.

A gate, an outage, a wall or a blank answer is a failure of the fetch. An answer that may be an odd article is doubted:
it is believed when a later visit gets the same one and no other URL does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from scrapy.http import Response

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.problems import TEMPORARY, FetchProblem
from newsspider.crawl.request_context import RequestContext
from newsspider.crawl.scope import is_home
from newsspider.crawl.site_knowledge.usual_pages import (
    FITS,
    MISFITS,
    UNPROVEN,
    Reading,
    elements_of,
    fit_of,
    named,
)
from newsspider.items import Article
from newsspider.pages.article import ArticlePage
from newsspider.pages.block_page import LONG_TEXT, BlockPage, block_page, is_surely_none
from newsspider.pages.client_redirects import frame_urls, reloads_itself
from newsspider.pages.damage import has_lost_characters, is_cut_off, is_questioned
from newsspider.pages.document import Document
from newsspider.pages.feed import is_feed
from newsspider.pages.listing import ListingPage
from newsspider.pages.sniff import body_type, is_file
from newsspider.responses import content_type, fetched_at, is_rendered
from newsspider.urls import registered_domain

PRESENT: Final = timedelta(minutes=20)
DAY: Final = timedelta(days=1)
BEIJING_OFFSET: Final = timedelta(hours=8)
# so many empty frames of a site are asked for again
MOST_FRAMES: Final = 3
# statuses that blame the request itself, not the visitor or the server
WRONG_REQUESTS: Final = (400, 405, 406, 411, 413, 414, 415, 416, 431, 501, 505)
REFUSALS: Final = ("challenge", "refused", "outage")
_WORDS: Final = {
    "challenge": "a challenge in place of the page",
    "refused": "a refusal in place of the page",
    "outage": "a notice of an outage in place of the page",
    "error": "an error of the site's program in place of the page",
}
_DOUBTS: Final = {
    "misfit": "a page that does not fit the link that led to it",
    "unlike": "a page unlike the site's articles",
    "repeated": "the same text as under another URL",
    UNPROVEN: "a first page that nothing speaks for",
}
# what an error page says of a server in trouble; the others say that the article was taken down
_TROUBLE: Final = re.compile(r"无法访问|出错了|参数错误|參數錯誤")


class Judge:
    """Judges answers by their bytes, by what they say, and against the site's other pages and the link."""

    def __init__(self, crawl: CrawlContext) -> None:
        self.crawl = crawl
        self._frames: Counter[str] = Counter()

    def form(self, form: str, response: Response, context: RequestContext) -> FetchProblem | None:
        """Return the problem of an answer that is blank or cannot be read, None for any other."""
        if context.is_optional:
            return None
        if form == "empty":
            return _rejection("empty", "a blank answer")
        if form == "binary" and not is_file(response.body):
            return _rejection("unreadable", "an answer that cannot be read")
        return None

    def listless(self, response: Response, form: str, context: RequestContext) -> FetchProblem | None:
        """Return the problem of data where an article was expected, None where it may be a list."""
        if context.kind != "article":
            return None
        if form == "feed" and is_feed(response.body, content_type(response) or ""):
            return None
        return _rejection("unreadable", "data in place of the page")

    def status(self, response: Response, page: ArticlePage | None, problem: FetchProblem) -> FetchProblem | None:
        """Return the problem of an answer with an error status that is a gate or a refusal; None for a plain error."""
        is_plain = problem.is_gone or response.status in WRONG_REQUESTS
        other = None if is_plain else _rejection(problem.reason, problem.line, is_refusal=True)
        if page is None:
            return other
        block = block_page(page.document, page.text(), 200 if is_plain else response.status)
        if block is None or (is_plain and block.reason not in ("challenge", "refused")):
            return other
        is_plain = block.evidence.startswith("HTTP ")
        return _rejection(problem.reason, problem.line, is_refusal=True) if is_plain else _blocked(block)

    def page(
        self,
        page: ArticlePage,
        document: Document,
        kind: str,
        response: Response,
        context: RequestContext,
        parts: Sequence[Article],
    ) -> FetchProblem | None:
        """Return why an HTML page is not the one that was asked for, None to believe it."""
        text = page.text() if kind != "empty" else ""
        is_part = page.document.source is document.source
        if len(text) < LONG_TEXT and not (is_part and is_surely_none(page.document, text, response.status)):
            if block := block_page(document, text, response.status):
                return _blocked(block)
            if context.kind != "more" and not is_rendered(response) and reloads_itself(document):
                return _rejection("blocked", "a page that only loads itself again", is_refusal=True)
        if problem := self._damaged(page, kind, response, context):
            return problem
        if kind == "error":
            says = "; ".join(page.kind_reasons())
            return None if not _TROUBLE.search(says) else _rejection("outage", f"an error page: {says}", evidence=says)
        if kind in ("login", "empty") and self._is_expected(document.url, context):
            return _rejection(kind, "shown only after a login" if kind == "login" else "a page without text")
        if kind == "article":
            return self._doubted(page, context, parts)
        if context.kind == "article" and kind == "shell":
            return self._empty_frame(page, context)
        if context.kind == "article" and kind in ("listing", "topic"):
            return self._list(page, document, kind, context)
        return None

    def _damaged(
        self, page: ArticlePage, kind: str, response: Response, context: RequestContext
    ) -> FetchProblem | None:
        """Return the problem of an article's page that seems cut off or torn, unless it has come again as it was.

        Question marks in place of characters are never believed: no text is better than a wrong one. A recording holds
        one answer for each request, so that a replay takes what it holds for the page.
        """
        if "article" not in (context.kind, kind) or is_rendered(response):
            return None
        html = page.document.source.text
        if self.crawl.is_replay and not is_questioned(f"{page.title()}\n{page.text()}"):
            return None
        is_cut = is_cut_off(html) and not self.crawl.knowledge.usual_pages(page.document.url).are_open
        read = f"{page.title()}\n{page.text()}"
        if not is_cut and not has_lost_characters(html) and not is_questioned(read):
            return None
        digest = named(read)
        if digest in (context.answered, context.doubted) and not is_questioned(read):
            return None
        return _rejection(
            "damaged", "a page that is cut off" if is_cut else "a page with lost characters", digest=digest
        )

    def _is_expected(self, url: str, context: RequestContext) -> bool:
        """Return True if a page with content was to be expected: typed, or at an article's URL."""
        if context.kind != "article":
            return context.kind == "seed"
        return self.crawl.knowledge.may_be_article(url)

    def _doubted(self, page: ArticlePage, context: RequestContext, parts: Sequence[Article]) -> FetchProblem | None:
        if parts or context.part:
            return None
        usual = self.crawl.knowledge.usual_pages(page.document.url)
        title, text = page.title(), page.text()
        fit = fit_of(context.headline, title, text)
        is_compared = usual.is_learning or fit is None or fit < FITS
        reading = Reading(
            key=context.key,
            headline=context.headline,
            title=title,
            text=text,
            elements=elements_of(page.document) if is_compared else frozenset(),
            has_byline=_has_byline(page),
            is_redirected=bool(context.redirect_keys),
            is_closed=not is_cut_off(page.document.source.text),
        )
        doubt = usual.doubt(reading)
        if doubt == UNPROVEN and context.is_stored:
            return None  # what is stored speaks for it or against it
        is_likely = doubt == UNPROVEN
        is_same = reading.exact == context.doubted or (is_likely and reading.exact == context.answered)
        url = page.document.url
        if doubt is None or (is_same and self._is_confirmed(url, reading.digest, context, is_likely=is_likely)):
            usual.believe(reading)
            return None
        usual.note_doubt(reading.digest, context.key)
        return _rejection("misfit", _DOUBTS[doubt], evidence=title, digest=reading.exact, is_urgent=is_likely)

    def _is_confirmed(self, url: str, digest: str, context: RequestContext, *, is_likely: bool) -> bool:
        """Return True if a doubted answer that has come again is to be believed.

        It has to be the second in this run and under no other URL; an unlikely one also from a host that has refused
        nothing in this run.
        """
        knowledge = self.crawl.knowledge
        if not context.attempt or knowledge.usual_pages(url).is_shared(digest, context.key):
            return False
        return is_likely or not knowledge.refusing.has_refused(urlsplit(url).hostname or "")

    def _empty_frame(self, page: ArticlePage, context: RequestContext) -> FetchProblem | None:
        """Return the problem of an empty frame where a link named an article; None for a site that is made of them."""
        site = registered_domain(page.document.url)
        if self.crawl.knowledge.usual_pages(page.document.url).is_unlike(elements_of(page.document)) is not None:
            return _rejection("blocked", "an empty frame, unlike the site's articles", is_refusal=True, scripts=True)
        if self.crawl.renders(page.document.url) or context.attempt or self._frames[site] >= MOST_FRAMES:
            return None
        self._frames[site] += 1
        return _rejection("misfit", "an empty frame where an article was")

    def _list(self, page: ArticlePage, document: Document, kind: str, context: RequestContext) -> FetchProblem | None:
        """Return the problem of a list where a link named an article; None if it comes again."""
        usual = self.crawl.knowledge.usual_pages(document.url)
        shown = "\n".join(line.text for line in document.lines)
        fit = fit_of(context.headline, document.title_tag or "", shown)
        is_odd = (fit is None or fit <= MISFITS) and self._is_expected(document.url, context)
        if not is_odd and not context.is_stored:
            return None
        digest = named(f"{kind} {document.title_tag}")
        is_likely = fit is None and not context.is_stored
        is_same = digest == context.doubted or (is_likely and digest == context.answered)
        if is_same and self._is_confirmed(document.url, digest, context, is_likely=is_likely):
            return None
        usual.note_doubt(digest, context.key)
        return _rejection("misfit", "a list where an article was", evidence=document.title_tag or "", digest=digest)

    def bare_seed(self, listing: ListingPage, context: RequestContext) -> FetchProblem | None:
        """Return the problem of a typed page that leads nowhere, at first; always of a front page that once did."""
        document = listing.document
        if context.kind != "seed" or context.is_shell or listing.entries() or listing.channels() or listing.feeds():
            return None
        if listing.load_more() or frame_urls(document):
            return None
        is_known = is_home(document.url) and self.crawl.knowledge.patterns_of(document.url).have_articles
        if context.attempt and not is_known:
            return None
        return _rejection("misfit", "a typed page that leads nowhere", evidence=document.title_tag or "")

    def error_document(self, response: Response) -> Document | None:
        """Return the HTML document of an answer with an error status, None where it has none."""
        if body_type(response.body, content_type(response)) != "html":
            return None
        moment = fetched_at(response, is_replay=self.crawl.is_replay)
        return Document.from_bytes(response.body, response.url, moment, content_type(response))


def _has_byline(page: ArticlePage) -> bool:
    """Return True if the page states a source, an author, an editor or a time.

    A day in the URL does not count, and neither does the present moment: gates print when they were asked.
    """
    if page.source() or page.authors() or page.editor():
        return True
    published = page.published_at()
    if published is None or page.methods().get("published_at") == "url":
        return False
    age = page.document.fetched_at - published.at
    if published.precision == "day":
        return age > DAY
    return age > PRESENT and abs(age - BEIJING_OFFSET) > PRESENT  # servers print UTC as well


def _blocked(block: BlockPage) -> FetchProblem:
    reason = "blocked" if block.reason in ("challenge", "refused") else "outage"
    line = f"{_WORDS[block.reason]}: {block.evidence}"
    is_refusal = block.reason in REFUSALS
    return _rejection(reason, line, evidence=block.evidence, is_refusal=is_refusal, scripts=block.needs_scripts)


def _rejection(
    reason: str,
    line: str,
    *,
    evidence: str = "",
    is_refusal: bool = False,
    scripts: bool = False,
    digest: str | None = None,
    is_urgent: bool = False,
) -> FetchProblem:
    return FetchProblem(
        reason,
        TEMPORARY,
        line,
        is_rejected=True,
        is_refusal=is_refusal,
        needs_scripts=scripts,
        evidence=evidence[:60] or line[:60],
        digest=digest,
        is_urgent=is_urgent,
    )
