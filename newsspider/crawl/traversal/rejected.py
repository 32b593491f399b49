"""From an answer that is not the page that was asked for to the second attempt, in this run or in a later one."""

from __future__ import annotations

import logging
from collections.abc import Generator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.priorities import PART
from newsspider.crawl.problems import FetchProblem
from newsspider.crawl.request_context import PageResult, RequestContext
from newsspider.crawl.traversal.article import ArticleTraversal
from newsspider.crawl.traversal.shell import ShellTraversal
from newsspider.downloadermiddlewares.retry import OVERLOADED
from newsspider.items import Article
from newsspider.responses import is_rendered

logger = logging.getLogger(__name__)

# a wall is there at the next moment as well
NOT_ASKED_AGAIN = ("login",)


class RejectedAnswers:
    """Asks once more, at once with a cookie that the answer has set, else after all other pages; then puts off."""

    def __init__(self, crawl: CrawlContext, articles: ArticleTraversal, shells: ShellTraversal) -> None:
        self.crawl = crawl
        self.articles = articles
        self.shells = shells

    def rejected(
        self, response: Response, context: RequestContext, problem: FetchProblem, parts: list[Article]
    ) -> Generator[Any, None, PageResult]:
        """Yield the request that asks again; without one the article of the parts so far, or nothing."""
        crawl, host = self.crawl, urlsplit(response.url).hostname or ""
        self._count(host, problem)
        if problem.is_refusal:
            crawl.knowledge.refusing.refused(host)
            if response.status not in OVERLOADED and response.request is not None:
                crawl.slow_down(response.request)
        if problem.needs_scripts and crawl.renders(response.url) and not is_rendered(response):
            return (yield from self.shells.rendering(response, context, parts))
        if (request := self._again(response, context, problem, parts)) is not None:
            yield request
            return PageResult(kind="postponed")
        crawl.count(f"failures/{problem.reason}")
        crawl.count(f"rejected/given_up/{host}/{problem.reason}")
        if context.kind == "seed":
            crawl.count(f"rejected/seeds/{host}")
        level = logging.INFO if context.is_optional else logging.WARNING
        logger.log(level, "%s: %s", response.url, problem.line)
        if parts:
            gap = f"part {context.part}: {problem.line}"
            return (yield from self.articles.joined(parts, context, {}, gap))
        return PageResult(kind="postponed", problem=problem)

    def _count(self, host: str, problem: FetchProblem) -> None:
        """Count what the summary says of a host, its evidence once."""
        name = f"rejected/answers/{host}/{problem.reason}"
        if self.crawl.knowledge.refusing.is_new(name):
            self.crawl.count(f"rejected/evidence/{host}/{problem.reason}/{problem.evidence}")
        if problem.needs_scripts and self.crawl.knowledge.refusing.is_new(f"scripts {host}"):
            self.crawl.count(f"rejected/scripts/{host}")
        self.crawl.count(name)

    def _again(
        self, response: Response, context: RequestContext, problem: FetchProblem, parts: list[Article]
    ) -> Request | None:
        """Return the request for the URL that was asked for at first, None if it was asked for again already."""
        request = response.request
        if context.attempt or request is None or problem.reason in NOT_ASKED_AGAIN:
            return None
        if response.status >= 400 and request.meta.get("retry_times"):
            return None
        is_urgent = problem.is_urgent or "Set-Cookie" in response.headers
        url = request.meta.get("redirect_urls", [request.url])[0]
        keywords = {"parts": parts} if parts else {}
        again = replace(context, attempt=1, redirect_keys=(), answered=problem.digest)
        return self.crawl.again(
            self.crawl.request(url, again, PART if is_urgent or parts else 0, **keywords), problem.reason
        )
