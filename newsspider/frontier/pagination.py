"""Progress through the pages of a listing: whether the next page is worth a request."""

from __future__ import annotations

from collections.abc import Collection, Sequence

PATIENCE = 3


class PagerProgress:
    """The pages of one listing so far.

    A ranking beside the list may show what later pages list, and a day may be empty: up to `PATIENCE` pages in a row
    may add nothing. The same links in the same order end the listing at once.
    """

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._pages: set[tuple[str, ...]] = set()
        self._idle = 0

    def is_moving(self, keys: Sequence[str], unseen: Collection[str], *, is_resumed: bool = False) -> bool:
        """Take in a page that shows `keys`; return True if the page after it is worth a request.

        `unseen` are the keys that no earlier run knew. One that an earlier page showed counts only if most of the page
        is unseen: one new article in a ranking on every page must not lead through the whole archive.
        """
        page = tuple(keys)
        added = set(page) - self._keys
        is_repeat = bool(page) and page in self._pages
        self._keys |= added
        self._pages.add(page)
        self._idle = 0 if added else self._idle + 1
        unseen_keys = [key for key in page if key in unseen]
        is_mostly_unseen = bool(unseen_keys) and 2 * len(unseen_keys) >= len(page)
        has_unseen = not page or not added.isdisjoint(unseen_keys) or is_mostly_unseen
        return not is_repeat and self._idle <= PATIENCE and (has_unseen or is_resumed)
