"""Field coverage: how often each field of a site's articles was found in a crawl."""

from __future__ import annotations

from collections import Counter

from newsspider.items import COVERED_FIELDS, Article


class Coverage:
    """Counts of one crawl per site: articles read, articles stored, and per field how many articles had it."""

    def __init__(self) -> None:
        self.sites: dict[str, Counter[str]] = {}

    def add(self, article: Article, *, is_stored: bool) -> None:
        counts = self.sites.setdefault(article.site, Counter())
        counts["articles"] += 1
        counts["stored"] += is_stored
        for name in COVERED_FIELDS:
            counts[name] += bool(getattr(article, name))

    def to_documents(self) -> list[dict[str, object]]:
        """Return the counts as stored in `runs`."""
        return [{"site": site, "fields": dict(counts)} for site, counts in sorted(self.sites.items())]
