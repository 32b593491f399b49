"""What the listings of this run have shown, and which of them need not be read further."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass, field

from newsspider.crawl.leased.key_sets import KeySet, site_of_key
from newsspider.crawl.request_context import RequestContext


@dataclass(slots=True)
class _SiteLists:
    """The keys of the articles on the front page's list and on others; whether the former was read to its end."""

    front: set[str] = field(default_factory=set)
    others: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    is_front_whole: bool = False


class ListCoverage:
    """Remembers which articles each listing has shown.

    A front page whose pager ends on a shorter page lists all articles of the site, as weblogs do. A channel that has
    shown no other article so far is part of it. A listing that ends on a full page was cut off at a limit.
    """

    def __init__(self) -> None:
        self.front_keys = KeySet()
        self._sites: defaultdict[str, _SiteLists] = defaultdict(_SiteLists)

    def read(self, context: RequestContext, shown: Set[str]) -> None:
        """Take in the keys of the articles on a page of a listing."""
        lists = self._sites[site_of_key(context.list_key)]
        if self.is_front(context):
            lists.front |= shown
        else:
            lists.others[context.list_key] |= shown

    def is_front(self, context: RequestContext) -> bool:
        """Return True for a front page and the further pages of its pager."""
        return context.kind in ("seed", "listing") and (context.first_page_key or "") in self.front_keys

    def ended(self, context: RequestContext, found: int) -> None:
        """Record that the listing ends with this page, which shows `found` articles."""
        is_shorter = 0 < found < context.found_before
        if self.is_front(context) and context.page > 1 and is_shorter:
            self._sites[site_of_key(context.list_key)].is_front_whole = True

    def is_covered(self, context: RequestContext) -> bool:
        """Return True if a further page of a listing shows only what the front page's listing has shown."""
        if context.kind != "listing" or context.page <= 1 or context.is_sheet:
            return False
        lists = self._sites[site_of_key(context.list_key)]
        shown = lists.others.get(context.first_page_key or "")
        return lists.is_front_whole and shown is not None and shown <= lists.front

    def forget(self, site: str) -> None:
        """Forget the listings of a site whose turn is over."""
        self._sites.pop(site, None)
