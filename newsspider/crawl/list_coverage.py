"""What the lists of this run have shown, and which of them need not be read on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from newsspider.crawl.request_context import Step


class ListCoverage:
    """Remembers which articles each list has shown.

    A front page that is turned page by page to a last, shorter one lists all there is, as weblogs do; a channel that
    has shown nothing else so far is part of it. A list that breaks off at a limit ends on a full page.
    """

    def __init__(self) -> None:
        self.fronts: set[str] = set()
        self._front: set[str] = set()
        self._others: defaultdict[str, set[str]] = defaultdict(set)
        self._is_front_whole = False

    def read(self, step: Step, shown: Set[str]) -> None:
        """Take in the keys of the articles on a page of a list."""
        if self.is_front(step):
            self._front |= shown
        else:
            self._others[step.get("chain") or step["key"]] |= shown

    def is_front(self, step: Step) -> bool:
        """Return whether the page is a front page or one of those it is turned to."""
        return step["kind"] in ("seed", "listing") and step.get("chain") in self.fronts

    def ended(self, step: Step) -> None:
        """Take note that a list has no page after this one."""
        is_shorter = 0 < step.get("found", 0) < step.get("found_before", 0)
        if self.is_front(step) and step.get("page", 1) > 1 and is_shorter:
            self._is_front_whole = True

    def is_covered(self, step: Step) -> bool:
        """Return whether a further page of a list shows only what the front page's list has shown."""
        is_further = step["kind"] == "listing" and step.get("page", 1) > 1 and not step.get("is_sheet")
        shown = self._others.get(step.get("chain", ""))
        return self._is_front_whole and is_further and shown is not None and shown <= self._front
