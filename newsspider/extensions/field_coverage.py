"""Field coverage: how often each field of a site's articles is found, compared with earlier crawls of the site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from newsspider.items import Article

COVERED_FIELDS = ("source", "authors", "editor", "published_at", "images", "tags", "section", "related")
# below these numbers of articles shares are not compared
FEWEST_NOW, FEWEST_BEFORE = 8, 20
ALARMING_FALL = 0.4


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


def drift(site: str, now: Mapping[str, int], usual: Mapping[str, int]) -> list[str]:
    """Return a line per field of `site` that is found far less often than in earlier crawls."""
    total, usual_total = now.get("articles", 0), usual.get("articles", 0)
    if total < FEWEST_NOW or usual_total < FEWEST_BEFORE:
        return []
    lines = []
    for name in ("stored", *COVERED_FIELDS):
        share, usual_share = now.get(name, 0) / total, usual.get(name, 0) / usual_total
        if usual_share - share >= ALARMING_FALL:
            lines.append(
                f"{site}: {name} in {share:.0%} of {total} articles, usually {usual_share:.0%}: layout changed?"
            )
    return lines
