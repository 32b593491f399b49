"""Every search as RSS, Atom and JSON Feed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any, Final

from feedgenerator import Atom1Feed, Rss201rev2Feed

from newsspider.search.results import Hit, SearchPage
from newsspider.web.answers import Raw, to_json
from newsspider.web.asking import Question
from newsspider.web.pages.search import asked_query, find
from newsspider.web.presenting import article_path
from newsspider.web.words import translator

ENTRIES: Final = 50
JSON_FEED: Final = "https://jsonfeed.org/version/1.1"
# what XML 1.0 cannot hold
NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def rss(question: Question) -> Raw:
    """Return the newest hits of ?q= as RSS 2.0."""
    return Raw(_xml(question, Rss201rev2Feed, "/feed.rss"), "application/rss+xml; charset=utf-8")


def atom(question: Question) -> Raw:
    """Return the newest hits of ?q= as Atom 1.0."""
    return Raw(_xml(question, Atom1Feed, "/feed.atom"), "application/atom+xml; charset=utf-8")


def json_feed(question: Question) -> Raw:
    """Return the newest hits of ?q= as JSON Feed 1.1."""
    page = find(question, asked_query(question), limit=ENTRIES)
    document: dict[str, Any] = {
        "version": JSON_FEED,
        "title": _title(question),
        "home_page_url": _url(question, "/search"),
        "feed_url": _url(question, "/feed.json"),
        "items": [_json_item(question, hit) for hit in page.hits],
    }
    return Raw(to_json(document), "application/feed+json; charset=utf-8")


def _json_item(question: Question, hit: Hit) -> dict[str, Any]:
    article = hit.article
    item: dict[str, Any] = {
        "id": hit.id,
        "url": f"{question.base_url}{article_path(article)}",
        "external_url": article["url"],
        "title": article["title"],
        "content_text": _snippet(hit),
        "date_published": _time(article),
    }
    if authors := article.get("authors"):
        item["authors"] = [{"name": name} for name in authors]
    return {name: value for name, value in item.items() if value is not None}


def _xml(question: Question, form: type[Any], path: str) -> bytes:
    page: SearchPage = find(question, asked_query(question), limit=ENTRIES)
    feed = form(
        title=_xml_text(_title(question)),
        link=_url(question, "/search"),
        description=_xml_text(_title(question)),
        feed_url=_url(question, path),
        language={"zh": "zh-CN"}.get(question.language, question.language),
    )
    for hit in page.hits:
        article = hit.article
        at = _time(article)
        feed.add_item(
            title=_xml_text(article["title"]),
            link=f"{question.base_url}{article_path(article)}",
            description=_xml_text(escape(_snippet(hit))),
            unique_id=_xml_text(hit.id),
            unique_id_is_permalink=False,
            pubdate=at,
            updateddate=at,
            author_name=_xml_text(article.get("source") or article["site"]),
        )
    return str(feed.writeString("utf-8")).encode("utf-8")


def _title(question: Question) -> str:
    query = question.text("q")
    name = translator(question.language)("News archive")
    return f"{name}: {query}" if query else name


def _url(question: Question, path: str) -> str:
    return question.base_url + question.link(path, q=question.text("q"))


def _time(article: Mapping[str, Any]) -> datetime | None:
    return article.get("published_at") or article.get("first_seen_at")


def _snippet(hit: Hit) -> str:
    return "".join(segment.text for segment in hit.snippet)


def _xml_text(text: str) -> str:
    return NOT_XML.sub(" ", text)
