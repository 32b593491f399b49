"""Related links that a page's scripts hold as data: __NEXT_DATA__, __INITIAL_STATE__ and their like, JSON-LD."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from newsspider.items import RelatedBlock, RelatedLink
from newsspider.pages.document import Document
from newsspider.pages.entries import ListingEntry
from newsspider.pages.load_more.answer import row_entries, walk
from newsspider.pages.load_more.row_urls import row_url_templates
from newsspider.pages.markup.page_source import RawElement
from newsspider.pages.related.headings import heading_name
from newsspider.urls import article_key, article_likelihood

SURE_TITLE: Final = 12
MIN_LIKELIHOOD: Final = 0.2
MIN_ID: Final = 3
# What a row may be wrapped in: {"article": {…}}.
_WRAPPERS: Final = ("article", "news", "item", "doc", "content", "data", "node", "story")
_LISTS: Final = ("list", "items", "data", "rows", "articles", "docs", "results", "records", "news", "contents")
_NAMES: Final = ("title", "name", "label", "heading", "moduleName", "blockTitle")
_IDS: Final = (
    "id",
    "articleId",
    "article_id",
    "docId",
    "docid",
    "newsId",
    "news_id",
    "aid",
    "contentId",
    "storyId",
    "slug",
)
_RELATED: Final = "相关阅读"
_RECOMMENDED: Final = "推荐阅读"
_ABOUT: Final = r"relat|relevan|recom|similar|guess|also_?like|may_?like|read_?more|more_?news|xiangguan|tuijian"
# Keys of other things: tags, shares, users.
_NOT_ARTICLES: Final = re.compile(
    r"tag|topic|user|author|stock|keyword|word|channel|media|account|count|page|type|reason|goods|ad(?:s|vert)", re.I
)
_KEY: Final = re.compile(_ABOUT, re.IGNORECASE)
# How such keys are written, less a first letter of either case: plain searches, as scripts are long.
_STEMS: Final = (
    *("elat", "elevan", "ecom", "imilar", "uess", "lsoLike", "lso_like", "ayLike", "ay_like"),
    *("eadMore", "ead_more", "oreNews", "ore_news", "iangguan", "uijian"),
)
MAX_PLACES: Final = 200
_LIST_AFTER: Final = re.compile(r"""\w{0,40}["']?\s{0,3}:\s{0,3}[\[{]""")


def stating_scripts(document: Document) -> list[RawElement]:
    """Return the scripts that hold a list under a name such as relatedNews or recommendList."""
    return [script for script in document.source.scripts if _may_state(script.text)]


def _may_state(text: str) -> bool:
    if "ItemList" in text:
        return True
    for stem in _STEMS:
        place = text.find(stem)
        for _ in range(MAX_PLACES):
            if place < 0:
                break
            if _LIST_AFTER.match(text, place):
                return True
            place = text.find(stem, place + 1)
    return False


def add_stated(
    document: Document,
    payloads: Iterable[tuple[str, Any]],
    self_url: str,
    blocks: list[RelatedBlock],
    links: list[RelatedLink],
) -> None:
    """Add to the blocks and links of a page those of its data; an article that is shown has its row already."""
    taken = {article_key(link.url) for link in links} | {article_key(self_url)}
    templates: list[str] | None = None
    for _, payload in payloads:
        for name, rows in _lists(payload):
            if templates is None:
                templates = [*row_url_templates(document.root, document.base_url), *_templates(payload, self_url)]
            entries = row_entries(rows, document.base_url, document.fetched_at, templates)
            fresh = [entry for entry in entries if article_key(entry.url) not in taken and _is_article(entry)]
            taken.update(article_key(entry.url) for entry in fresh)
            if fresh:
                _add(name, fresh, blocks, links)


def _add(name: str, entries: Sequence[ListingEntry], blocks: list[RelatedBlock], links: list[RelatedLink]) -> None:
    """Add a block, or fill one of the name that the page shows empty."""
    block = next((block for block in blocks if block.name == name), None)
    if block is None:
        block = RelatedBlock(name, 0)
        blocks.append(block)
    for entry in entries:
        links.append(
            RelatedLink(
                *(name, block.links, entry.url, entry.title),
                snippet=entry.snippet,
                published_at=entry.published_at,
                published_raw=entry.published_at.isoformat() if entry.published_at else None,
                image=entry.image,
            )
        )
        block.links += 1
    block.unread = None


def _is_article(entry: ListingEntry) -> bool:
    return len(entry.title) >= SURE_TITLE or article_likelihood(entry.url) >= MIN_LIKELIHOOD


def _lists(payload: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield (name of the block, its rows) of every list that a key, a heading or its type calls related."""
    for node in walk(payload):
        if not isinstance(node, dict):
            continue
        if node.get("@type") == "ItemList" and (name := _name(node)):
            yield name, [_unwrapped(row) for row in node.get("itemListElement") or () if isinstance(row, dict)]
        for key, value in node.items():
            if not (isinstance(key, str) and _KEY.search(key)) or _NOT_ARTICLES.search(key):
                continue
            rows = _rows(value)
            if rows:
                name = _name(value) or _name(node)
                yield (
                    name or (_RELATED if re.search(r"relat|relevan|similar|xiangguan", key, re.I) else _RECOMMENDED),
                    rows,
                )


def _name(node: Any) -> str | None:
    """Return the heading that an object names itself by: {"title": "相关推荐", "list": […]}."""
    for key in _NAMES if isinstance(node, dict) else ():
        value = node.get(key)
        if isinstance(value, str) and (name := heading_name(value)):
            return name
    return None


def _rows(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        value = next((value[key] for key in _LISTS if isinstance(value.get(key), list)), None)
    return [_unwrapped(row) for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _unwrapped(row: dict[str, Any]) -> dict[str, Any]:
    inner = next((row[key] for key in _WRAPPERS if isinstance(row.get(key), dict)), None)
    return {**row, **inner} if inner else row


def _templates(payload: Any, self_url: str) -> Iterator[str]:
    """Yield the URLs of rows that carry only an id, where an object's own id stands in the page's path."""
    path = urlsplit(self_url).path
    seen: set[str] = set()
    for node in walk(payload):
        for key in _IDS if isinstance(node, dict) else ():
            value = node.get(key)
            text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
            if len(text) < MIN_ID or key in seen or not re.search(rf"(?:^|[/_-]){re.escape(text)}(?=$|[/._-])", path):
                continue
            seen.add(key)
            for other in _IDS:
                yield path.replace(text, f"{{{other}}}", 1)
