"""What a listing has shown over all its pages, and whether the page after is worth a request."""

from __future__ import annotations

from collections.abc import Collection, Sequence

PATIENCE = 3


class PagerProgress:
    """The pages of one listing, so far.

    A ranking beside the list may show what later pages list, and a day may be empty: a page that adds nothing is
    forgiven up to `PATIENCE` times in a row. The same links in the same order are the end at once.
    """

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._pages: set[tuple[str, ...]] = set()
        self._idle = 0

    def goes_on(self, keys: Sequence[str], fresh: Collection[str], *, is_resumed: bool = False) -> bool:
        """Take in a page that shows `keys`, of which `fresh` are news to this run; return whether to go on.

        What an earlier page showed counts as news only where most of the page is: one new article in a ranking that
        stands on every page must not lead through the whole archive.
        """
        page = tuple(keys)
        added = set(page) - self._keys
        is_repeat = bool(page) and page in self._pages
        self._keys |= added
        self._pages.add(page)
        self._idle = 0 if added else self._idle + 1
        news = [key for key in page if key in fresh]
        is_news = not page or not added.isdisjoint(news) or (bool(news) and 2 * len(news) >= len(page))
        return not is_repeat and self._idle <= PATIENCE and (is_news or is_resumed)
