"""RSS, Atom, JSON Feed, sitemaps and news sitemaps, also gzipped, in GBK, or broken: always a Feed, never an error."""

from __future__ import annotations

import io
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape, unescape
from html.entities import html5
from typing import Any, Final

import feedparser
from lxml import etree

from newsspider.pages.entries import ListingEntry
from newsspider.pages.feed_dates import feed_date
from newsspider.pages.json_feed import JsonFeed, is_json_feed, read_json_feed
from newsspider.pages.markup.encoding import decode as page_text
from newsspider.urls import article_likelihood, resolve

MAX_TEXT_BYTES = 50_000_000
MAX_ENTRIES = 50_000
SNIPPET_CHARACTERS = 300

_GZIP_MAGIC = b"\x1f\x8b"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>", re.I)
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]{0,500}(?:\[[^\]]{0,20000}\]\s*)?>", re.I)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROOT = re.compile(r"<(?:[\w\-]+:)?(rss|rdf|feed|urlset|sitemapindex|channel)\b", re.I)
_AMPERSAND = re.compile(r"&(?:#(\d{1,7}|[xX][0-9A-Fa-f]{1,6});|([A-Za-z][A-Za-z0-9]{1,31});)?")
_XML_ENTITIES: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
# what feedparser lets out where a value is beyond its repair
_PARSER_ERRORS: Final = (ValueError, AssertionError, LookupError, TypeError, AttributeError, RecursionError)
_TAG = re.compile(r"<[^<>]{1,500}>")
_SPACE = re.compile(r"[\s\u3000\xa0]+")
_ADDRESS_LINE = re.compile(r"https?://\S+\Z")
_KINDS = {"rss": "rss", "rdf": "rss", "channel": "rss", "feed": "atom", "urlset": "sitemap"}


@dataclass(slots=True)
class Feed:
    """What a feed lists: entries in its own order; of a sitemap index, the sitemaps, last changed first.

    `kind` is rss, atom, jsonfeed, sitemap, newssitemap, sitemapindex, or none where the bytes are nothing of these.
    """

    kind: str
    entries: list[ListingEntry] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    children_changed_at: dict[str, datetime] = field(default_factory=dict)
    next: str | None = None


def parse_feed(body: bytes, url: str, fetched_at: datetime) -> Feed:
    """Return what the feed in `body` lists; kind "none" where it is not a feed. Naive times are Beijing time."""
    text = _DECLARATION.sub("", decode(_unzipped(body))).lstrip()
    if is_json_feed(text):
        return _from_json(read_json_feed(text), url, fetched_at)
    found = _ROOT.search(text[:20_000])
    if found is None:
        return _address_list(text, url)
    name = found[1].lower()
    text = _DOCTYPE.sub("", _NOT_XML.sub("", text[found.start() :] if name in ("urlset", "sitemapindex") else text))
    if name == "sitemapindex":
        return _sitemap_index(text, url, fetched_at)
    if name == "urlset":
        return _sitemap(text, url, fetched_at)
    return _syndication(text, url, fetched_at, _KINDS[name])


def is_feed(body: bytes, content_type: str = "") -> bool:
    """Return True if the response is a feed or sitemap, not a page: by its first element, not by its label."""
    head = _unzipped(body[:200_000])[:8_000].removeprefix(BOM_UTF8)
    start = (decode(head) if b"\0" in head else head.decode("latin-1"))[:4_000]
    if is_json_feed(start):
        return True
    start = re.sub(r"<!--.*?-->", "", start, flags=re.S).lower()
    if "<html" in start or "<!doctype html" in start or "<body" in start:
        return False
    return _ROOT.search(start) is not None


def decode(body: bytes) -> str:
    """Return the text of an XML or JSON answer, decoded as a page is."""
    return page_text(body)[0]


def _unzipped(body: bytes) -> bytes:
    """Return the bytes without their gzip wrapping, what can be read of it, up to `MAX_TEXT_BYTES`."""
    for _ in range(2):
        if not body.startswith(_GZIP_MAGIC):
            break
        try:
            body = zlib.decompressobj(wbits=31).decompress(body, MAX_TEXT_BYTES)
        except zlib.error:
            return b""
    return body[:MAX_TEXT_BYTES]


def _address_list(text: str, url: str) -> Feed:
    """Return a sitemap in plain text: one URL per line, nothing else."""
    lines = [line.strip() for line in text[:MAX_TEXT_BYTES].splitlines() if line.strip()][:MAX_ENTRIES]
    if not lines or not all(_ADDRESS_LINE.match(line) for line in lines):
        return Feed("none")
    entries = [_sitemap_entry(address) for line in lines if (address := resolve(url, line))]
    return Feed("sitemap", entries)


def _tree(text: str) -> etree._Element | None:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True
    )
    try:
        return etree.fromstring(_AMPERSAND.sub(_xml_reference, text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _xml_reference(match: re.Match[str]) -> str:
    """Return what stands for an ampersand in XML, where no entities of HTML are known and a bare one is an error."""
    number, name = match.groups()
    if number or name in _XML_ENTITIES:
        return match[0]
    meant = html5.get(f"{name};") if name else None
    return f"&amp;{match[0][1:]}" if meant is None else escape(meant)


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _child_texts(element: etree._Element) -> dict[str, str]:
    """Return the texts of all elements below by local name, the first of each name."""
    texts: dict[str, str] = {}
    for below in element.iterdescendants():
        name = _name(below)
        value = "".join(str(part) for part in below.itertext()).strip() if len(below) == 0 else ""
        if name and value:
            texts.setdefault(name, value)
    return texts


def _elements(text: str, name: str) -> Iterator[etree._Element]:
    root = _tree(text)
    if root is None:
        return
    count = 0
    for element in root.iter():
        if _name(element) == name:
            yield element
            count += 1
            if count >= MAX_ENTRIES:
                return


def _sitemap_index(text: str, url: str, fetched_at: datetime) -> Feed:
    feed = Feed("sitemapindex")
    for element in _elements(text, "sitemap"):
        texts = _child_texts(element)
        address = resolve(url, texts.get("loc", ""))
        if address and address != url and address not in feed.children:
            feed.children.append(address)
            changed_at, _ = feed_date(texts.get("lastmod"), fetched_at)
            if changed_at:
                feed.children_changed_at[address] = changed_at
    oldest = datetime.min.replace(tzinfo=UTC)
    feed.children.sort(key=lambda child: feed.children_changed_at.get(child, oldest), reverse=True)
    return feed


def _sitemap(text: str, url: str, fetched_at: datetime) -> Feed:
    feed = Feed("sitemap")
    seen: set[str] = set()
    for element in _elements(text, "url"):
        texts = _child_texts(element)
        address = resolve(url, texts.get("loc", ""))
        if not address or address in seen:
            continue
        seen.add(address)
        entry = _sitemap_entry(address)
        entry.changed_at, _ = feed_date(texts.get("lastmod"), fetched_at)
        if "publication_date" in texts or any(_name(child) == "news" for child in element):
            feed.kind = "newssitemap"
            entry.published_at, entry.published_precision = feed_date(texts.get("publication_date"), fetched_at)
            entry.title = plain(texts.get("title", ""))
            entry.score = max(entry.score, 0.9)
        feed.entries.append(entry)
    return feed


def _sitemap_entry(address: str) -> ListingEntry:
    return ListingEntry(url=address, title="", score=article_likelihood(address), region="sitemap")


def _syndication(text: str, url: str, fetched_at: datetime, kind: str) -> Feed:
    feed = Feed(kind)
    parsed = _parsed(text, url)
    for entry in parsed.get("entries", [])[:MAX_ENTRIES]:
        raw = entry.get("published") or entry.get("updated") or entry.get("created")
        _add_entry(
            feed, _entry_address(entry), entry.get("title") or "", entry.get("summary") or "", raw, url, fetched_at
        )
    if not feed.entries:
        _recover_entries(feed, text, url, fetched_at)
    for link in parsed.get("feed", {}).get("links", []):
        if link.get("rel") == "next" and link.get("href"):
            feed.next = resolve(url, link["href"])
    return feed


def _parsed(text: str, url: str) -> Any:
    """Return what feedparser makes of a feed, {} where it fails."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        return feedparser.parse(io.BytesIO(text.encode("utf-8", "replace")), response_headers=headers)
    except _PARSER_ERRORS:
        return {}


def _from_json(read: JsonFeed, url: str, fetched_at: datetime) -> Feed:
    feed = Feed("jsonfeed", next=resolve(url, read.next_url) if read.next_url else None)
    for item in read.items[:MAX_ENTRIES]:
        _add_entry(feed, item.url, item.title, item.summary, item.date, url, fetched_at)
        if feed.entries and item.image and feed.entries[-1].image is None:
            feed.entries[-1].image = resolve(url, item.image)
    return feed


def _entry_address(entry: Any) -> str:
    for link in entry.get("links", []):
        if link.get("rel") == "alternate" and link.get("href") and "html" in link.get("type", "html"):
            return str(link["href"])
    address = entry.get("link") or entry.get("id") or ""
    return str(address)


def _recover_entries(feed: Feed, text: str, url: str, fetched_at: datetime) -> None:
    """Add the entries of XML so broken that feedparser finds none."""
    for name in ("item", "entry"):
        for element in _elements(text, name):
            texts = _child_texts(element)
            hrefs = [
                str(below.get("href"))
                for below in element.iterdescendants()
                if _name(below) == "link" and below.get("href")
            ]
            address = texts.get("link") or (hrefs[0] if hrefs else "") or texts.get("guid") or texts.get("id", "")
            raw = texts.get("pubdate") or texts.get("date") or texts.get("published") or texts.get("updated")
            summary = texts.get("description") or texts.get("summary", "")
            _add_entry(feed, address, texts.get("title", ""), summary, raw, url, fetched_at)


def _add_entry(
    feed: Feed, href: str, title: str, summary: str, raw: str | None, url: str, fetched_at: datetime
) -> None:
    address = resolve(url, href)
    if address is None or any(entry.url == address for entry in feed.entries[-50:]):
        return
    published_at, precision = feed_date(raw, fetched_at)
    feed.entries.append(
        ListingEntry(
            url=address,
            title=plain(title),
            published_at=published_at,
            published_precision=precision,
            snippet=plain(summary)[:SNIPPET_CHARACTERS] or None,
            score=max(0.9, article_likelihood(address)),
            region=feed.kind,
        )
    )


def plain(markup: str) -> str:
    """Return the words of a title or summary that may hold markup, escaped once or twice."""
    for _ in range(2):
        if "<" in markup or "&" in markup:
            markup = unescape(_TAG.sub(" ", markup))
    return _SPACE.sub(" ", _NOT_XML.sub("", markup)).strip()
