"""Load-more responses (JSON, JSONP, XML or an HTML fragment): their articles and the URL of the next page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from newsspider.pages.entries import ListingEntry
from newsspider.pages.feed import SNIPPET_CHARACTERS, decode, is_feed, parse_feed, plain
from newsspider.pages.feed_dates import feed_date
from newsspider.pages.load_more.cursors import continued_value, last_value
from newsspider.pages.load_more.row_urls import filled
from newsspider.urls import article_likelihood, resolve
from newsspider.urls.paging import is_cursor_name, next_page_url, parameters

MAX_DEPTH = 12
MAX_NODES = 200_000
# of a row without a URL of its own: shorter ones are names of channels and people
LEAST_TITLE = 6

_JSONP = re.compile(
    r"^\s*(?:/\*.*?\*/\s*)?(?:(?:try\s*\{\s*)?[\w$.\[\]\"']{1,80}\s*\(|(?:var\s+|let\s+|const\s+|window\.)?[\w$.]{1,80}\s*=)\s*(?=[\[{])",
    re.S,
)
_BARE_KEY = re.compile(r"(?<=[{,])\s*([A-Za-z_$][\w$]*)\s*:")
_TRAILING_COMMA = re.compile(r",\s*(?=[\]}])")
_SINGLE_QUOTED = re.compile(r"(?<=[\[{,:\s])'((?:[^'\\\n]|\\.)*)'(?=\s*[\]},:])")
_URL_KEYS = (
    "url",
    "link",
    "href",
    "docurl",
    "arturl",
    "articleurl",
    "newsurl",
    "pageurl",
    "weburl",
    "pcurl",
    "linkurl",
    "shareurl",
    "detailurl",
    "sourceurl",
    "wapurl",
    "murl",
    "mobileurl",
    "path",
    "surl",
    "turl",
)
_NOT_ARTICLE_URL = re.compile(
    r"img|image|pic|thumb|cover|avatar|icon|logo|video|audio|comment|api|channel|author|media|user|tag|next|prev|more"
)
_TITLE_KEYS = (
    "title",
    "headline",
    "doctitle",
    "newstitle",
    "arttitle",
    "articletitle",
    "maintitle",
    "ltitle",
    "longtitle",
    "subject",
    "stitle",
    "shorttitle",
    "name",
    "text",
    "tl",
)
_SNIPPET_KEYS = (
    "summary",
    "digest",
    "intro",
    "brief",
    "abstract",
    "description",
    "desc",
    "introduction",
    "memo",
    "remark",
    "sub",
    "content",
)
_TIME_KEYS = (
    "publishedat",
    "publishtime",
    "publishdate",
    "publisheddate",
    "pubtime",
    "pubdate",
    "ptime",
    "showtime",
    "releasetime",
    "releasedate",
    "newstime",
    "inputtime",
    "createtime",
    "createdat",
    "ctime",
    "intime",
    "datetime",
    "date",
    "time",
    "timestamp",
    "dt",
    "sendtime",
    "focusdate",
    "updatetime",
    "mtime",
)
_CHANGE_KEYS = ("updatedat", "updatetime", "modifytime", "modifiedat", "mtime", "lastmodified")
_IMAGE_KEYS = ("img", "imgurl", "image", "imageurl", "pic", "picurl", "thumb", "thumbnail", "cover", "imgsrc")
_ANCHOR_MARKUP = re.compile(r"<a\s[^>]{0,400}href", re.I)


@dataclass(slots=True)
class Fragment:
    """One load-more response. `next_url` is the next page, None where the response ends the list.

    `kind` is json, jsonp, html, feed, or none where the bytes are nothing of these. `payload` is the decoded JSON.
    """

    kind: str
    entries: list[ListingEntry] = field(default_factory=list)
    next_url: str | None = None
    payload: Any = None


def parse_json(text: str) -> tuple[str, Any]:
    """Return ("json" or "jsonp", payload); ("none", None) where the text is neither. Accepts what scripts accept."""
    text = text.strip().lstrip("\ufeff")
    kind = "json"
    opening = _JSONP.match(text)
    if opening is not None:
        kind, text = "jsonp", text[opening.end() :]
    if text[:1] not in ("{", "["):
        return "none", None
    for candidate in (text, _as_json(text)):
        try:
            return kind, json.JSONDecoder(strict=False).raw_decode(candidate)[0]
        except (ValueError, RecursionError):
            continue
    return "none", None


def _as_json(text: str) -> str:
    """Return the text of a script's object with quotes and keys as JSON wants them."""
    text = _SINGLE_QUOTED.sub(lambda match: json.dumps(match[1].replace("\\'", "'"), ensure_ascii=False), text)
    return _TRAILING_COMMA.sub("", _BARE_KEY.sub(r'"\1":', text))


def at_path(payload: Any, path: str) -> Any:
    """Return what stands at a path such as `data.list` or `result.0.items`; None where it leads nowhere."""
    for step in path.split("."):
        if isinstance(payload, dict):
            payload = payload.get(step)
        elif isinstance(payload, list) and step.isdigit() and int(step) < len(payload):
            payload = payload[int(step)]
        else:
            return None
    return payload


def json_fragment(
    text: str,
    url: str,
    fetched_at: datetime,
    items_path: str | None = None,
    item_urls: Sequence[str] = (),
    base_url: str | None = None,
    cursor: Sequence[str] = (),
) -> Fragment:
    """Return what a JSON or JSONP answer lists; kind "none" where it is neither.

    `items_path` names the list where it cannot be guessed; `item_urls` are templates such as `/a/{id}.html` for rows
    that hold no URL; `base_url` is the page that shows the rows, which their URLs are relative to.
    """
    kind, payload = parse_json(text)
    if kind == "none":
        return Fragment("none")
    start = at_path(payload, items_path) if items_path else payload
    fragment = Fragment(kind, payload=payload)
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    for row in _objects(start):
        entry = _row_entry(row, base_url or url, fetched_at, item_urls)
        if entry is not None:
            rows.append(row)
            if entry.url not in seen:
                seen.add(entry.url)
                fragment.entries.append(entry)
    fragment.next_url = next_page_url(url, payload, rows, next_cursor(url, rows, cursor))
    return fragment


def row_entries(
    rows: Iterable[dict[str, Any]], url: str, fetched_at: datetime, item_urls: Sequence[str] = ()
) -> list[ListingEntry]:
    """Return the entries of rows that are given as name -> value, one a URL."""
    found = (_row_entry(row, url, fetched_at, item_urls) for row in rows)
    return list({entry.url: entry for entry in found if entry is not None}.values())


def next_cursor(url: str, rows: Sequence[dict[str, Any]], cursor: Sequence[str] = ()) -> tuple[str, str] | None:
    """Return (parameter of `url`, its next value) where the last row says it.

    `cursor` is the parameter and the field; without it the field is found by its value.
    """
    asked = parameters(url)
    if len(cursor) == 2 and cursor[0] in asked and (value := last_value(rows, cursor[1])):
        return cursor[0], value
    for name, shown in asked.items():
        if is_cursor_name(name) and (value := continued_value(rows, name, unquote_plus(shown))):
            return name, value
    return None


def markup_in(payload: Any) -> str:
    """Return the HTML that a JSON answer wraps (`{"html": "<li>..."}`), joined; "" without any."""
    return "\n".join(value for value in _strings(payload) if _ANCHOR_MARKUP.search(value))


def feed_fragment(body: bytes, url: str, fetched_at: datetime) -> Fragment:
    """Return what an XML answer lists; kind "none" where it is not a feed."""
    if not is_feed(body):
        return Fragment("none")
    feed = parse_feed(body, url, fetched_at)
    next_url = feed.next or (next_page_url(url, None, []) if feed.entries else None)
    return Fragment("feed", feed.entries, next_url)


def fragment_text(body: bytes) -> str:
    """Return the text of an answer, by its bytes alone."""
    return decode(body)


def walk(payload: Any) -> Iterator[Any]:
    """Yield every dict, list and string below `payload` in reading order, as deep as a real answer goes."""
    stack: list[tuple[Any, int]] = [(payload, 0)]
    for _ in range(MAX_NODES):
        if not stack:
            return
        node, depth = stack.pop()
        yield node
        if depth < MAX_DEPTH and isinstance(node, dict | list):
            below: list[Any] = list(node.values()) if isinstance(node, dict) else node
            stack += [(child, depth + 1) for child in below[::-1] if isinstance(child, dict | list | str)]


def _objects(payload: Any) -> Iterator[dict[str, Any]]:
    return (node for node in walk(payload) if isinstance(node, dict))


def _strings(payload: Any) -> Iterator[str]:
    return (node for node in walk(payload) if isinstance(node, str))


def _row_entry(row: dict[str, Any], url: str, fetched_at: datetime, item_urls: Sequence[str]) -> ListingEntry | None:
    """Return the entry of an object with a title and a URL, None for any other object."""
    values = {str(key).lower().replace("_", "").replace("-", ""): value for key, value in row.items()}
    title = _first_text(values, _TITLE_KEYS)
    address = _row_address(values, row, url)
    if address is None and len(title) >= LEAST_TITLE:
        address = next((resolve(url, made) for template in item_urls if (made := filled(template, row))), None)
    if not title or address is None or len(title) < 4:
        return None
    published_at, precision = _row_time(values, _TIME_KEYS, fetched_at)
    changed_at, _ = _row_time(values, _CHANGE_KEYS, fetched_at)
    image = _first_text(values, _IMAGE_KEYS)
    snippet = _first_text({key: value for key, value in values.items() if value != title}, _SNIPPET_KEYS)
    return ListingEntry(
        url=address,
        title=title,
        published_at=published_at,
        published_precision=precision,
        snippet=snippet[:SNIPPET_CHARACTERS] or None,
        score=max(article_likelihood(address), 0.85 if published_at else 0.6),
        region="json",
        changed_at=changed_at,
        image=resolve(url, image) if image else None,
    )


def _row_address(values: dict[str, Any], row: dict[str, Any], url: str) -> str | None:
    found = [address for key in _URL_KEYS if (address := _address(values.get(key), url, key))]
    found = [address for address in found if article_likelihood(address) > 0.0]
    if not found:
        others = (key for key in values if key.endswith(("url", "link", "href")) and not _NOT_ARTICLE_URL.search(key))
        found = [address for key in others if (address := _address(values[key], url, key))]
    return max(found, key=article_likelihood) if found else None


def _address(value: Any, url: str, key: str) -> str | None:
    if not isinstance(value, str) or len(value) > 1000:
        return None
    value = value.strip()
    is_address = value.startswith(("http://", "https://", "/", "./", "../", "?")) or (
        "." in value and " " not in value and key != "path"
    )
    return resolve(url, value) if value and is_address else None


def _first_text(values: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Return the first text under one of `keys`, of titles the longest where a short form stands beside it."""
    texts = [plain(value) for key in keys if isinstance(value := values.get(key), str) and value.strip()]
    texts = [text for text in texts if text]
    if not texts:
        return ""
    longer = [text for text in texts[1:] if len(text) > len(texts[0]) and text.startswith(texts[0].rstrip(".… "))]
    return longer[0] if longer and keys == _TITLE_KEYS else texts[0]


def _row_time(
    values: dict[str, Any], keys: tuple[str, ...], fetched_at: datetime
) -> tuple[datetime | None, str | None]:
    for key in keys:
        value = values.get(key)
        if isinstance(value, bool) or value in (None, "", 0):
            continue
        moment, precision = epoch_time(value, fetched_at)
        if moment is None and isinstance(value, str):
            moment, precision = feed_date(value, fetched_at)
        if moment is not None:
            return moment, precision
    return None, None


def epoch_time(value: Any, reference: datetime) -> tuple[datetime | None, str | None]:
    """Return (aware UTC time, "second") of seconds or milliseconds since 1970, also as text; else (None, None)."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None, None
    if seconds > 1e11:
        seconds /= 1000
    if not 631_152_000 <= seconds <= reference.timestamp() + 86_400:
        return None, None
    return datetime.fromtimestamp(seconds, UTC), "second"
