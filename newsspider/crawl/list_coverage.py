"""What the listings of this run have shown, and which of them need not be read further."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from newsspider.crawl.request_context import RequestContext


class ListCoverage:
    """Remembers which articles each listing has shown.

    A front page whose pager ends on a shorter page lists all articles of the site, as weblogs do. A channel that has
    shown no other article so far is part of it. A listing that ends on a full page was cut off at a limit.
    """

    def __init__(self) -> None:
        self.front_keys: set[str] = set()
        self._front: set[str] = set()
        self._others: defaultdict[str, set[str]] = defaultdict(set)
        self._is_front_whole = False

    def read(self, context: RequestContext, shown: Set[str]) -> None:
        """Take in the keys of the articles on a page of a listing."""
        if self.is_front(context):
            self._front |= shown
        else:
            self._others[context.list_key] |= shown

    def is_front(self, context: RequestContext) -> bool:
        """Return True for a front page and the further pages of its pager."""
        return context.kind in ("seed", "listing") and context.first_page_key in self.front_keys

    def ended(self, context: RequestContext, found: int) -> None:
        """Record that the listing ends with this page, which shows `found` articles."""
        is_shorter = 0 < found < context.found_before
        if self.is_front(context) and context.page > 1 and is_shorter:
            self._is_front_whole = True

    def is_covered(self, context: RequestContext) -> bool:
        """Return True if a further page of a listing shows only what the front page's listing has shown."""
        is_further = context.kind == "listing" and context.page > 1 and not context.is_sheet
        shown = self._others.get(context.first_page_key or "")
        return self._is_front_whole and is_further and shown is not None and shown <= self._front
