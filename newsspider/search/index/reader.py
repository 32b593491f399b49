"""Reads the index: hits page by page, counts, ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tantivy

from newsspider.search.facets import BY_TIME, MOST_VALUES, facet_counts
from newsspider.search.index.asking import Asking, facets_asked
from newsspider.search.index.files import BrokenIndexError, Mark, folder_of, open_index, read_mark
from newsspider.search.query import Query
from newsspider.search.results import FACETS, FacetCount, Sort

__all__ = ["BrokenIndexError", "Found", "IndexReader", "index_reader"]

_open: Final[dict[Path, IndexReader]] = {}


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the index: (id, score) of its hits, how many there are in all; by time the order key of each hit."""

    total: int
    ranked: tuple[tuple[str, float], ...]
    keys: tuple[int, ...]
    facets: Mapping[str, tuple[FacetCount, ...]]
    mark: Mark


class IndexReader:
    """An open index. Every question is about what was last committed."""

    def __init__(self, folder: Path, index: tantivy.Index) -> None:
        self._index = index
        self._asking = Asking(index.schema)
        self.inode = folder.stat().st_ino

    def mark(self) -> Mark | None:
        """Return up to where the index has followed the database. Raises BrokenIndexError."""
        self._index.reload()
        return read_mark(self._index)

    def ask(
        self,
        query: Query,
        limit: int,
        after: int | None,
        sort: Sort,
        *,
        has_facets: bool = False,
        is_counted: bool = True,
    ) -> Found | None:
        """Return a page of hits; `after` is an order key or an offset. None: the index is not ready.

        Without `is_counted` the total is that of what comes after `after`.

        Raises BrokenIndexError.
        """
        try:
            mark = self.mark()
            if mark is None or mark.state != "following":
                return None
            searcher, asked = self._index.searcher(), self._asking.of(query.root)
            facets = self._facets(searcher, asked) if has_facets else {}
            if sort == "relevance":
                result = searcher.search(asked, limit, offset=after or 0)
                ranked = tuple((_id(searcher, place), float(score)) for score, place in result.hits)
                return Found(_count(result), ranked, (), facets, mark)
            page = asked if after is None else self._asking.before(asked, after)
            result = searcher.search(page, limit, order_by_field="key")
            total = _count(searcher.search(asked, 1) if after is not None and is_counted else result)
            ranked = tuple((_id(searcher, place), 0.0) for _, place in result.hits)
            return Found(total, ranked, tuple(int(key) for key, _ in result.hits), facets, mark)
        except (ValueError, OSError) as error:
            raise BrokenIndexError(" ".join(str(error).split())[:200]) from None

    def _facets(self, searcher: tantivy.Searcher, asked: tantivy.Query) -> dict[str, tuple[FacetCount, ...]]:
        counted = searcher.aggregate(asked, facets_asked(MOST_VALUES, BY_TIME))
        return {
            name: facet_counts(name, ((row["key"], row["doc_count"]) for row in counted[name]["buckets"]))
            for name in FACETS
        }


def _count(result: Any) -> int:
    """Return how many hits there are in all; the library's own type hints leave it out."""
    return int(result.count)


def _id(searcher: tantivy.Searcher, place: tantivy.DocAddress) -> str:
    return str(searcher.doc(place).get_first("id"))


def index_reader(settings: Mapping[str, Any]) -> IndexReader | None:
    """Return the reader of the index for these settings, None where there is none. Raises BrokenIndexError."""
    if not settings.get("SEARCH_DIR"):
        return None
    folder = folder_of(settings)
    try:
        inode = folder.stat().st_ino
    except OSError:
        return None
    found = _open.get(folder)
    if found is None or found.inode != inode:
        index = open_index(folder)
        if index is None:
            return None
        found = _open[folder] = IndexReader(folder, index)
    return found
