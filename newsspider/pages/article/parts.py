"""One article out of its parts."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from newsspider.items import Article, RelatedBlock, RelatedLink
from newsspider.text import content_hash, fold
from newsspider.urls import article_key

T = TypeVar("T")

MOST_REPEATED = 3


def join_pages(parts: Sequence[Article]) -> Article:
    """Return one article out of the parts of a split one, in their order; the first part names title, time, source.

    A part that another holds whole (the first of `?page=all`, a part fetched twice) is left out; a lead, editor's line
    or note that every part repeats is kept once. Raises ValueError for no parts.
    """
    if not parts:
        raise ValueError("no parts to join")
    kept = _without_contained(parts)
    article = copy.deepcopy(parts[0])
    lines = _joined_lines(kept)
    article.text = "\n".join(text for text, _ in lines)
    article.body_html = "\n".join(markup for _, markup in lines)
    article.pages = max(len(kept), max(part.pages for part in parts))
    for part in parts[1:]:
        _fill_gaps(article, part)
    if shares := [part.confidence["text"] for part in kept if "text" in part.confidence]:
        article.confidence["text"] = min(shares)
    article.images = _merged((part.images for part in kept), lambda image: image.url)
    article.tags = _merged((part.tags for part in parts), lambda tag: tag)
    article.removed = _merged((part.removed for part in parts), lambda removed: (removed.rule, removed.text))
    article.related = _joined_related(parts)
    article.related_blocks = _joined_blocks(parts, article.related)
    if article.pages > 1 or len(kept) < len(parts):
        article.methods["pages"] = f"{len(kept)} of {len(parts)} parts"
    if article.content_hash is not None:
        article.content_hash = content_hash(article.title, article.text)
    return article


def _without_contained(parts: Sequence[Article]) -> list[Article]:
    """Return the parts without those whose lines another part holds, the earlier of equals kept."""
    folded = [_folded_lines(part) for part in parts]
    kept: list[Article] = []
    for index, lines in enumerate(folded):
        others = (other for position, other in enumerate(folded) if position != index)
        is_twice = any(lines == other for other in folded[:index])
        is_inside = any(lines < other for other in others)
        if not (is_twice or is_inside or not lines):
            kept.append(parts[index])
    return kept or [parts[0]]


def _folded_lines(part: Article) -> frozenset[str]:
    return frozenset(folded for line in part.text.split("\n") if (folded := fold(line)))


def _joined_lines(parts: Sequence[Article]) -> list[tuple[str, str]]:
    """Return (text line, markup line) of all parts: a repeated head stays in the first, a repeated tail in the last."""
    pieces = [list(zip(part.text.split("\n"), part.body_html.split("\n"), strict=False)) for part in parts]
    for piece, following in itertools.pairwise(pieces):
        tail = _common_tail(piece, following)
        del piece[len(piece) - tail :]
    lines: list[tuple[str, str]] = []
    known: set[str] = set()
    for piece in pieces:
        fresh = piece[_known_head(piece, known) :]
        lines += fresh
        known.update(fold(text) for text, _ in fresh)
    return lines


def _common_tail(piece: Sequence[tuple[str, str]], following: Sequence[tuple[str, str]]) -> int:
    """Return how many of the last lines both parts end in, at most `MOST_REPEATED`, never all."""
    count = 0
    for one, other in zip(reversed(piece), reversed(following), strict=False):
        if fold(one[0]) != fold(other[0]) or count >= min(MOST_REPEATED, len(piece) - 1):
            break
        count += 1
    return count


def _known_head(piece: Sequence[tuple[str, str]], known: set[str]) -> int:
    count = 0
    while count < min(MOST_REPEATED, len(piece)) and fold(piece[count][0]) in known:
        count += 1
    return count


def _fill_gaps(article: Article, part: Article) -> None:
    """Take from a later part what the first one did not have: an editor or a source's trailer stand on the last."""
    for name in ("source", "source_url", "source_trailer", "editor", "section", "language"):
        if getattr(article, name) is None and getattr(part, name) is not None:
            setattr(article, name, getattr(part, name))
            article.methods[name] = part.methods.get(name, "later part")
            if name in part.confidence:
                article.confidence[name] = part.confidence[name]
    if not article.authors:
        article.authors = list(part.authors)
    if article.published_at is None and part.published_at is not None:
        article.published_at, article.published_raw = part.published_at, part.published_raw
        article.published_precision, article.tz_assumed = part.published_precision, part.tz_assumed


def _merged(groups: Iterable[Sequence[T]], key: Callable[[T], Hashable]) -> list[T]:
    """Return all values in order, the first of each key."""
    found: dict[Hashable, T] = {}
    for group in groups:
        for value in group:
            found.setdefault(key(value), value)
    return list(found.values())


def _joined_related(parts: Sequence[Article]) -> list[RelatedLink]:
    """Return the related links of all parts, one an address, those to a part itself marked, renumbered by block."""
    own = {part._id for part in parts} | {part.url for part in parts}
    links = [copy.copy(link) for link in _merged((part.related for part in parts), lambda link: link.url)]
    positions: dict[str, int] = {}
    for link in links:
        link.is_self = link.is_self or link.url in own or article_key(link.url) in own
        link.position = positions.get(link.block, 0)
        positions[link.block] = link.position + 1
    return links


def _joined_blocks(parts: Sequence[Article], links: Sequence[RelatedLink]) -> list[RelatedBlock]:
    blocks = [copy.copy(block) for block in _merged((part.related_blocks for part in parts), lambda block: block.name)]
    for block in blocks:
        block.links = max(block.links, sum(link.block == block.name for link in links))
    return blocks
