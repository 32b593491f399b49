"""RSS, Atom, sitemaps and news sitemaps, also gzipped, in GBK, or broken: always a Feed, never an exception."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Any

import feedparser
from lxml import etree
from lxml import html as lxml_html

from newsspider.pages.entries import ListingEntry
from newsspider.text.dates import parse_date
from newsspider.urls import article_likelihood, resolve

MAX_TEXT_BYTES = 50_000_000
MAX_ENTRIES = 50_000
SNIPPET_CHARACTERS = 300
BEIJING = timezone(timedelta(hours=8))

_GZIP_MAGIC = b"\x1f\x8b"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.\-]+)", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>", re.I)
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]{0,500}(?:\[[^\]]{0,20000}\]\s*)?>", re.I)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROOT = re.compile(r"<(?:[\w\-]+:)?(rss|rdf|feed|urlset|sitemapindex|channel)\b", re.I)
_BARE_AMPERSAND = re.compile(r"&(?!(?:\w{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});)", re.I)
_TAG = re.compile(r"<[^<>]{1,500}>")
_SPACE = re.compile(r"[\s\u3000\xa0]+")
_ADDRESS_LINE = re.compile(r"https?://\S+\Z")
_KINDS = {"rss": "rss", "rdf": "rss", "channel": "rss", "feed": "atom", "urlset": "sitemap"}


@dataclass(slots=True)
class Feed:
    """What a feed lists: entries in its own order; of a sitemap index, the sitemaps, last changed first.

    `kind` is rss, atom, sitemap, newssitemap, sitemapindex, or none where the bytes are nothing of these.
    """

    kind: str
    entries: list[ListingEntry] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    children_changed_at: dict[str, datetime] = field(default_factory=dict)
    next: str | None = None


def parse_feed(body: bytes, url: str, fetched_at: datetime) -> Feed:
    """Return what the feed in `body` lists; kind "none" where it is no feed. Naive times are Beijing time."""
    text = _DECLARATION.sub("", decode(_unzipped(body))).lstrip()
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
    """Return whether the answer is XML of a feed or sitemap, not a page: by its first element, not by its label."""
    start = decode(_unzipped(body[:200_000]))[:4_000]
    start = re.sub(r"<!--.*?-->", "", start, flags=re.S).lower()
    if "<html" in start or "<!doctype html" in start or "<body" in start:
        return False
    return _ROOT.search(start) is not None


def decode(body: bytes) -> str:
    """Return the text of an XML or JSON answer: BOM, then valid UTF-8, then what is declared, then GB18030."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED_ENCODING.search(body[:500])
    encoding = declared[1].decode("ascii").lower() if declared else "gb18030"
    if encoding.startswith("gb"):
        encoding = "gb18030"
    if encoding in ("utf-8", "utf8") and body.decode("gb18030", "replace").count("\ufffd") == 0:
        encoding = "gb18030"
    try:
        return body.decode("big5hkscs" if encoding == "big5" else encoding, "replace")
    except (LookupError, UnicodeError):
        return body.decode("gb18030", "replace")


def feed_date(raw: str | None, reference: datetime) -> tuple[datetime | None, str | None]:
    """Return (aware UTC time, precision) of a feed's date; (None, None) for what is none or cannot be true.

    A time marked GMT that lies ahead of `reference` by up to eight hours is Beijing time under a wrong label.
    """
    raw = (raw or "").strip()
    moment, precision = _iso_date(raw)
    if moment is None:
        moment, precision = _mail_date(raw)
    if moment is None and raw:
        published = parse_date(raw, reference)
        if published is not None:
            moment, precision = published.at, published.precision
    if moment is None or moment.year < 1990:
        return None, None
    if moment - reference > timedelta(minutes=10) and moment - timedelta(hours=8) <= reference:
        moment -= timedelta(hours=8)
    if moment - reference > timedelta(days=1):
        return None, None
    return moment, precision


def _iso_date(raw: str) -> tuple[datetime | None, str | None]:
    if len(raw) < 8 or not raw[:4].isdigit():
        return None, None
    try:
        moment = datetime.fromisoformat(raw)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
        return aware.astimezone(UTC), "day" if len(raw) <= 10 else "second"
    except (ValueError, OverflowError):
        return None, None


def _mail_date(raw: str) -> tuple[datetime | None, str | None]:
    parts = parsedate_tz(raw) if raw[:1].isalpha() or ":" in raw else None
    if parts is None:
        return None, None
    try:
        offset = timezone(timedelta(seconds=parts[9])) if parts[9] is not None else BEIJING
        return datetime(*parts[:6], tzinfo=offset).astimezone(UTC), "second"
    except (ValueError, OverflowError):
        return None, None


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
    """Return a sitemap in plain text: one address a line, nothing else."""
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
        return etree.fromstring(_BARE_AMPERSAND.sub("&amp;", text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


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
    parsed: Any = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
    )
    feed = Feed(kind)
    for entry in parsed.entries[:MAX_ENTRIES]:
        raw = entry.get("published") or entry.get("updated") or entry.get("created")
        _add_entry(
            feed, _entry_address(entry), entry.get("title") or "", entry.get("summary") or "", raw, url, fetched_at
        )
    if not feed.entries:
        _recover_entries(feed, text, url, fetched_at)
    for link in parsed.feed.get("links", []):
        if link.get("rel") == "next" and link.get("href"):
            feed.next = resolve(url, link["href"])
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
    if "<" in markup or "&" in markup:
        markup = _TAG.sub(" ", markup.replace("&lt;", "<").replace("&gt;", ">"))
        if "&" in markup:
            markup = "".join(str(part) for part in lxml_html.fromstring(f"<p>{markup}</p>").itertext())
    return _SPACE.sub(" ", markup).strip()
