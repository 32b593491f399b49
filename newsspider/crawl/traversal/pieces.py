"""From an article page to the pieces that stand at other URLs: it waits for its frames and its related links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from scrapy import Request
from scrapy.http import Response

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.priorities import PART
from newsspider.crawl.problems import FetchProblem
from newsspider.crawl.request_context import RequestContext
from newsspider.crawl.scope import is_home, is_same_port
from newsspider.items import ARTICLE_LIKE_KINDS, RelatedBlock
from newsspider.pages.assembly.pieces import Piece, frame_pieces, piece_markup, with_piece
from newsspider.pages.assembly.related_sources import related_pieces
from newsspider.pages.block_page import block_page
from newsspider.pages.document import Document
from newsspider.responses import content_type, fetched_at
from newsspider.urls import registered_domain, url_pattern

MOST_FRAMES: Final = 3
MOST_BLOCKS: Final = 4
# failures in a row from which the pieces of a URL pattern are not asked for any more in this run
MOST_FAILURES: Final = 3
ERRORS: Final = list(range(400, 600))
NO_FRAMES_KINDS: Final = ARTICLE_LIKE_KINDS | {"login", "error", "shell"}


@dataclass(slots=True, frozen=True)
class AwaitedPage:
    """A page that waits for its pieces. `text` is its HTML with those that came, `wanted` are those still to come.

    `unread` has the related blocks whose links could not be read, and why.
    """

    response: Response
    text: str
    wanted: tuple[Piece, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()
    received: tuple[tuple[Piece, Response], ...] = ()

    def mark(self, blocks: Iterable[RelatedBlock]) -> None:
        mark_blocks(blocks, self.filled, self.unread)


def mark_blocks(blocks: Iterable[RelatedBlock], filled: Collection[str], unread: Mapping[str, str]) -> None:
    """Say of a page's related blocks which were read though they are empty, and why others were not."""
    for block in blocks:
        if block.name in filled and not block.links:
            block.unread = None
        elif not block.links and block.name in unread:
            block.unread = unread[block.name]


class PieceTraversal:
    """Requests the pieces of pages, one after the other, and puts them in."""

    def __init__(self, crawl: CrawlContext) -> None:
        self.crawl = crawl
        self._failures: Counter[str] = Counter()

    def of_frames(
        self, response: Response, document: Document, context: RequestContext, kind: str
    ) -> AwaitedPage | None:
        """Return the page that waits for its frames, where they may hold the article that it shows nothing of."""
        is_empty_seed = context.kind == "seed" and kind == "empty" and not is_home(document.url)
        if kind in NO_FRAMES_KINDS or not (context.kind == "article" or is_empty_seed):
            return None
        own = [piece for piece in frame_pieces(document) if is_same_port(piece.url, document.url)]
        pieces = [piece for piece in own if self.crawl.scope.contains(piece.url, context)]
        if pieces and block_page(document, "", response.status) is not None:
            return None
        return AwaitedPage(response, document.source.text, tuple(pieces[:MOST_FRAMES])) if pieces else None

    def of_related(
        self, response: Response, document: Document, context: RequestContext, blocks: list[RelatedBlock]
    ) -> AwaitedPage | None:
        """Return the article that waits for the related links that its scripts fetch; None if there are none."""
        if not any(block.unread for block in blocks):
            return None
        wanted: list[Piece] = []
        unread: dict[str, str] = {}
        for piece in related_pieces(document, blocks)[:MOST_BLOCKS]:
            if reason := self._refusal(piece, context):
                unread[str(piece.block)] = reason
            else:
                wanted.append(piece)
        return AwaitedPage(response, document.source.text, tuple(wanted), unread) if wanted or unread else None

    def _refusal(self, piece: Piece, context: RequestContext) -> str | None:
        crawl = self.crawl
        if not crawl.scope.contains(piece.url, context):
            return "its URL is on another site"
        if self._failures[url_pattern(piece.url)] >= MOST_FAILURES:
            return "its URLs could not be read"
        limit = crawl.limits_of(piece.url).related_fetches
        if not crawl.budget.take_related_fetch(registered_domain(piece.url), limit):
            return "RELATED_FETCHES is reached"
        return None

    def request(self, awaited: AwaitedPage, context: RequestContext) -> Request:
        """Return the request for the first of the pieces that are still to come."""
        piece, page_url = awaited.wanted[0], awaited.response.url
        request = self.crawl.request(piece.url, replace(context, page_url=page_url), PART, awaited=awaited)
        request.meta["handle_httpstatus_list"] = ERRORS
        request.headers["Referer"] = page_url
        if piece.block is not None:
            request.headers["X-Requested-With"] = "XMLHttpRequest"
        return request

    def received(self, awaited: AwaitedPage, response: Response) -> AwaitedPage:
        """Return the page with the piece that `response` holds; the page itself where it was asked for again."""
        if not awaited.wanted:
            return replace(awaited, response=response, text="", received=())
        piece, *others = awaited.wanted
        markup = None
        if response.status < 400:
            moment = fetched_at(response, is_replay=self.crawl.is_replay)
            base_url = awaited.response.url
            markup = piece_markup(response.body, response.url, moment, content_type(response), base_url)
        self.crawl.count("pages/piece" if markup is not None else "pieces/unread")
        if markup is None:
            reason = f"HTTP {response.status}" if response.status >= 400 else "its answer is not readable"
            return self._without(replace(awaited, wanted=tuple(others)), piece, reason)
        self._failures.pop(url_pattern(piece.url), None)
        filled = awaited.filled | ({piece.block} if piece.block else set())
        text = with_piece(awaited.text, piece, markup)
        received = (*awaited.received, (piece, response))
        return replace(awaited, text=text, wanted=tuple(others), filled=frozenset(filled), received=received)

    def given_up(self, awaited: AwaitedPage, context: RequestContext, problem: FetchProblem) -> Request:
        """Return the request for the page once more, to be read without its pieces: one of them gave no answer."""
        self.crawl.count("pieces/unread")
        for piece in awaited.wanted:
            awaited = self._without(awaited, piece, problem.line)
        awaited = replace(awaited, wanted=(), text="")
        url = awaited.response.url
        return self.crawl.request(url, replace(context, page_url=None), PART, awaited=awaited)

    def _without(self, awaited: AwaitedPage, piece: Piece, reason: str) -> AwaitedPage:
        self._failures[url_pattern(piece.url)] += 1
        unread = {**awaited.unread, piece.block: reason} if piece.block else awaited.unread
        return replace(awaited, unread=unread)
