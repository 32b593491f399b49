"""The data card of an export: what is in it, how complete, how sure, by which rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from newsspider import __version__
from newsspider.cli.exporting.lines import Document
from newsspider.mongo.archive import COUNTED_FIELDS
from newsspider.text.zone import BEIJING

SHOWN_SITES = 50


class DataCard:
    """Counts the articles that pass through `counted`, and tells of them as Markdown."""

    def __init__(self) -> None:
        self.articles = 0
        self.sites: Counter[str] = Counter()
        self.fields: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self.copies = 0
        self.confidence: dict[str, list[float]] = {}
        self.times: list[datetime] = []

    def counted(self, articles: Iterable[Document]) -> Iterator[Document]:
        """Yield the articles as they come."""
        for article in articles:
            self._count(article)
            yield article

    def _count(self, article: Document) -> None:
        self.articles += 1
        self.sites[article["site"]] += 1
        self.copies += bool(article.get("duplicate_of"))
        self.rules[str(article.get("rules_version") or "not recorded")] += 1
        self.languages[article.get("language") or "not known"] += 1
        self.fields.update(name for name in COUNTED_FIELDS if article.get(name))
        for name, share in (article.get("confidence") or {}).items():
            totals = self.confidence.setdefault(name, [0, 0.0])
            totals[0] += 1
            totals[1] += share
        if at := article.get("published_at"):
            self.times = [min([at, *self.times]), max([at, *self.times])]

    def markdown(self, name: str, chosen: Mapping[str, object], now: datetime | None = None) -> str:
        """Return the card of the file `name`, whose articles were chosen by the options `chosen`."""
        now = now or datetime.now(UTC)
        span = " to ".join(at.astimezone(BEIJING).strftime("%Y-%m-%d") for at in self.times) or "no times"
        options = ", ".join(f"{option}={value}" for option, value in chosen.items()) or "all articles"
        lines = [
            f"# {name}",
            "",
            f"{self.articles} articles of {len(self.sites)} sites, published {span} (Beijing time).",
            f"{self.copies} of them are reprints of others (`duplicate_of`).",
            f"Written {now.astimezone(BEIJING).strftime('%Y-%m-%d %H:%M')} (+08:00) by newsspider {__version__}.",
            f"Chosen by: {options}.",
            "Texts and pictures are the property of their publishers; times are UTC.",
            "",
            *self._table("field", "articles that have it", self._shares()),
            *self._table("field", "mean confidence (of articles that state it)", self._means()),
            *self._table("language", "articles", _counts(self.languages)),
            *self._table("rules version", "articles", _counts(self.rules)),
            *self._table("site", "articles", _counts(self.sites)),
        ]
        return "\n".join(lines) + "\n"

    def _shares(self) -> Iterator[tuple[str, str]]:
        for name in COUNTED_FIELDS:
            yield name, f"{self.fields[name] / max(1, self.articles):.0%}"

    def _means(self) -> Iterator[tuple[str, str]]:
        for name, (count, total) in sorted(self.confidence.items()):
            yield name, f"{total / count:.2f} ({int(count)})"

    def _table(self, first: str, second: str, rows: Iterable[tuple[str, str]]) -> list[str]:
        shown = [f"| {name} | {value} |" for name, value in rows]
        return [f"| {first} | {second} |", "|---|---|", *shown, ""] if shown else []

    def write(self, path: Path, chosen: Mapping[str, object]) -> Path:
        """Write the card beside the export at `path` and return where. Raises OSError."""
        card = path.with_suffix(".md")
        card.write_text(self.markdown(path.name, chosen), "utf-8")
        return card


def _counts(counter: Counter[str]) -> list[tuple[str, str]]:
    rows = [(name, str(count)) for name, count in counter.most_common(SHOWN_SITES)]
    more = len(counter) - len(rows)
    return [*rows, (f"{more} more", str(counter.total() - sum(int(count) for _, count in rows)))] if more > 0 else rows
