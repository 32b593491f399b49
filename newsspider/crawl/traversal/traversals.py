"""The traversals of one crawl, put together."""

from __future__ import annotations

from dataclasses import dataclass

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.traversal.article import ArticleTraversal
from newsspider.crawl.traversal.continuation import Continuation
from newsspider.crawl.traversal.entries import EntryTraversal
from newsspider.crawl.traversal.feed import FeedTraversal
from newsspider.crawl.traversal.judging import Judge
from newsspider.crawl.traversal.listing import ListingTraversal
from newsspider.crawl.traversal.pieces import PieceTraversal
from newsspider.crawl.traversal.redirects import RedirectTraversal
from newsspider.crawl.traversal.rejected import RejectedAnswers
from newsspider.crawl.traversal.shell import ShellTraversal


@dataclass(slots=True, frozen=True)
class Traversals:
    """What follows from a page, by what it is."""

    articles: ArticleTraversal
    listings: ListingTraversal
    feeds: FeedTraversal
    shells: ShellTraversal
    redirects: RedirectTraversal
    pieces: PieceTraversal
    rejected: RejectedAnswers
    judge: Judge

    @classmethod
    def of(cls, crawl: CrawlContext) -> Traversals:
        """Return the traversals of a crawl."""
        entries = EntryTraversal(crawl)
        continuation = Continuation(crawl)
        feeds = FeedTraversal(crawl, entries, continuation)
        listings = ListingTraversal(crawl, entries, continuation, feeds)
        shells = ShellTraversal(crawl, listings)
        articles = ArticleTraversal(crawl)
        return cls(
            articles,
            listings,
            feeds,
            shells,
            RedirectTraversal(crawl),
            PieceTraversal(crawl),
            RejectedAnswers(crawl, articles, shells),
            Judge(crawl),
        )
