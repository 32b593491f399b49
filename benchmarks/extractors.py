"""Runs one extractor over saved pages and prints JSON lines; benchmarks/extraction.py starts it once per extractor.

First line: version and CPU milliseconds per page. Then one line per page with id, title, publish_time, source,
author and content.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

# this file also runs where the project's own packages are missing
BEIJING = timezone(timedelta(hours=8))
Extractor = Callable[[bytes, str], dict[str, Any]]
# one URL for every page: extractors must read the page, not its URL
URL = "https://www.saved-page.example/"
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
MEASURED_S = 3.0
LEAST_ROUNDS = 3
PACKAGES = {
    "newsspider": "",
    "newsspider compiled": "",
    "lxml parse": "lxml",
    "gne": "gne",
    "trafilatura": "trafilatura",
    "newspaper4k": "newspaper4k",
    "readability": "readability-lxml",
    "goose3": "goose3",
    "boilerpy3": "boilerpy3",
    "resiliparse": "Resiliparse",
    "news-please": "news-please",
}


def decoded(body: bytes) -> str:
    """Return the page as text, the same way for every extractor that wants text: UTF-8, else GB18030."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030", "replace")


def shown(moment: Any) -> str | None:
    if isinstance(moment, datetime):
        return moment.isoformat(sep=" ")
    return str(moment) if moment else None


def newsspider() -> Extractor:
    from newsspider.extensions.gc_threshold import set_gc_threshold
    from newsspider.pages.article import ArticlePage
    from newsspider.pages.document import Document
    from newsspider.pipelines.clean import clean_article
    from newsspider.settings import COLLECTOR_THRESHOLD

    set_gc_threshold(COLLECTOR_THRESHOLD)  # as `scrapy extract` has it

    def extract(body: bytes, page: str) -> dict[str, Any]:
        item = clean_article(ArticlePage(Document.from_bytes(body, URL, FETCHED_AT)).to_item())
        published = item.published_at.astimezone(BEIJING) if item.published_at else None
        return {
            "title": item.title,
            "publish_time": published
            and (str(published.date()) if item.published_precision == "day" else shown(published)),
            "source": item.source,
            "author": "、".join(item.authors),
            "content": item.text,
        }

    return extract


def lxml_parse() -> Extractor:
    from lxml import html

    def extract(body: bytes, page: str) -> dict[str, Any]:
        html.document_fromstring(body or b"<html/>", parser=html.HTMLParser(encoding="utf-8"))
        return {}

    return extract


def gne() -> Extractor:
    from gne import GeneralNewsExtractor

    extractor = GeneralNewsExtractor()

    def extract(body: bytes, page: str) -> dict[str, Any]:
        found = extractor.extract(decoded(body))
        return {**{name: found[name] for name in ("title", "publish_time", "author", "content")}}

    return extract


def trafilatura() -> Extractor:
    from trafilatura import bare_extraction

    def extract(body: bytes, page: str) -> dict[str, Any]:
        found = bare_extraction(body, url=URL, include_comments=False, with_metadata=True)
        if found is None:
            return {}
        row = found.as_dict()
        return {"title": row["title"], "publish_time": row["date"], "author": row["author"], "content": row["text"]}

    return extract


def newspaper4k() -> Extractor:
    import newspaper

    def extract(body: bytes, page: str) -> dict[str, Any]:
        article = newspaper.article(URL, language="zh", input_html=decoded(body), fetch_images=False)
        return {
            "title": article.title,
            "publish_time": shown(article.publish_date),
            "author": " ".join(article.authors),
            "content": article.text,
        }

    return extract


def readability() -> Extractor:
    from lxml import html
    from readability import Document

    def extract(body: bytes, page: str) -> dict[str, Any]:
        document = Document(decoded(body))
        summary = html.fromstring(document.summary(html_partial=True))
        return {"title": document.short_title(), "content": summary.text_content()}

    return extract


def goose3() -> Extractor:
    from goose3 import Goose
    from goose3.text import StopWordsChinese

    goose = Goose({"stopwords_class": StopWordsChinese, "enable_image_fetching": False})

    def extract(body: bytes, page: str) -> dict[str, Any]:
        article = goose.extract(raw_html=decoded(body))
        return {
            "title": article.title,
            "publish_time": shown(article.publish_date),
            "author": " ".join(article.authors or []),
            "content": article.cleaned_text,
        }

    return extract


def boilerpy3() -> Extractor:
    from boilerpy3.extractors import ArticleExtractor

    extractor = ArticleExtractor()

    def extract(body: bytes, page: str) -> dict[str, Any]:
        document = extractor.get_doc(decoded(body))
        return {"title": document.title, "content": document.content}

    return extract


def resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text

    def extract(body: bytes, page: str) -> dict[str, Any]:
        return {"content": extract_plain_text(decoded(body), main_content=True)}

    return extract


def news_please() -> Extractor:
    from newsplease import NewsPlease

    def extract(body: bytes, page: str) -> dict[str, Any]:
        article = NewsPlease.from_html(decoded(body), url=URL, fetch_images=False)
        return {
            "title": article.title,
            "publish_time": shown(article.date_publish),
            "author": " ".join(article.authors or []),
            "content": article.maintext,
        }

    return extract


EXTRACTORS: dict[str, Callable[[], Extractor]] = {
    "newsspider": newsspider,
    "newsspider compiled": newsspider,
    "lxml parse": lxml_parse,
    "gne": gne,
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "readability": readability,
    "goose3": goose3,
    "boilerpy3": boilerpy3,
    "resiliparse": resiliparse,
    "news-please": news_please,
}


def network_off() -> None:
    """Make every connection attempt of this process fail."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError("the network is switched off in this benchmark")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.socket.connect_ex = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse


def rows(extract: Extractor, pages: list[Path]) -> Iterator[dict[str, Any]]:
    """Yield a row a page; what an extractor raises is its result for that page, whatever it is."""
    for page in pages:
        try:
            yield {"id": page.stem, **extract(page.read_bytes(), page.stem)}
        except Exception as error:
            yield {"id": page.stem, "error": f"{type(error).__name__}: {error}"[:200]}


def milliseconds_a_page(extract: Extractor, pages: list[Path]) -> float:
    """Return the CPU time a page in the fastest of the rounds that `MEASURED_S` seconds have room for; call it warm.

    Whatever else the machine does can only slow a round down.
    """
    rounds: list[float] = []
    while len(rounds) < LEAST_ROUNDS or sum(rounds) < MEASURED_S:
        start = time.process_time()
        for _ in rows(extract, pages):
            pass
        rounds.append(time.process_time() - start)
    return 1000 * min(rounds) / max(len(pages), 1)


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    extract = EXTRACTORS[name]()
    network_off()
    pages = sorted(folder.glob("*.html"))
    found = list(rows(extract, pages))
    milliseconds = milliseconds_a_page(extract, pages)
    package = PACKAGES[name]
    version = importlib.metadata.version(package) if package else ""
    sys.stdout.write(json.dumps({"version": version, "milliseconds": milliseconds}) + "\n")
    for row in found:
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


if __name__ == "__main__":
    main()
