"""An article: its text, how it was read, its versions, its neighbours, the page that was kept of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from newsspider.cli.archive.reread import kept_page as read_kept_page
from newsspider.items import CONFIDENT_FIELDS
from newsspider.mongo.archive import STORE_INTERNAL
from newsspider.mongo.articles.revisions import REREAD
from newsspider.mongo.network import linking, stored_targets
from newsspider.mongo.server.types import Document
from newsspider.text import fold
from newsspider.web.answers import Answer, Moved, Raw
from newsspider.web.asking import BadQuestionError, NotThereError, Question
from newsspider.web.body import picture_origins, safe_body
from newsspider.web.comparing import side_by_side
from newsspider.web.presenting import article_path

# fields in the order of the table that says how they were found
EXPLAINED: Final = (
    *("title", "text", "source", "authors", "editor", "published_at", "section", "tags", "images", "related"),
    *("language", "pages", "kind"),
)
# not for a page or a program: what the store compares, and the keys of the dedupe
HIDDEN: Final = (*STORE_INTERNAL, "fingerprint")
MOST_KEPT_PARTS: Final = 50
CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,40})(?![\w-])", re.IGNORECASE)


def article_of(question: Question) -> Document:
    """Return the article that the path names. Raises NotThereError."""
    name = question.names["name"]
    if len(name) > 1000 or "\0" in name:
        raise NotThereError("")
    return question.archive.get(name)


def look_up(question: Question) -> Moved:
    """Lead to the article that ?id= (an id, a short id or a URL) names."""
    name = question.text("id", 2000)
    if name is None:
        return Moved(question.link("/"))
    return Moved(question.link(article_path(question.archive.get(name))))


def article_page(question: Question) -> Answer:
    """Return the page of an article; ?pictures=1 lets the browser load its pictures."""
    article = article_of(question)
    has_pictures = question.flag("pictures")
    database = question.archive.database
    shown = [link for link in article.get("related") or () if not link.get("is_self")]
    targets = stored_targets(database, shown)
    story = question.archive.story(article) if _is_in_story(article) else [article]
    path = article_path(article)
    origins = picture_origins(image["url"] for image in article.get("images") or ())
    links = linking(database, article)
    values = {
        "article": article,
        "body": safe_body(article, has_pictures=has_pictures),
        "has_pictures": has_pictures,
        "pictures": article.get("images") or [],
        "picture_origins": origins,
        "path": path,
        "explained": list(explained(article)),
        "blocks": _blocks(article, shown, targets),
        "linking": links,
        "copies": len(story),
        "versions": article.get("revision") or 1,
    }
    document = {name: value for name, value in article.items() if name not in HIDDEN}
    document["linked_from"] = [one["_id"] for one in links]
    document["story"] = [one["_id"] for one in story]
    return Answer("article.html", values, document, picture_hosts=origins if has_pictures else ())


def _is_in_story(article: Mapping[str, Any]) -> bool:
    return bool(article.get("story_id") or article.get("duplicate_of"))


def explained(article: Mapping[str, Any]) -> Iterator[tuple[str, object, str, float | None]]:
    """Yield (field, value, how it was found, confidence) of the fields that say how."""
    methods, confidence = article.get("methods") or {}, article.get("confidence") or {}
    for name in EXPLAINED:
        if methods.get(name) or name in CONFIDENT_FIELDS or article.get(name):
            yield name, article.get(name), str(methods.get(name) or ""), confidence.get(name)
    for name in sorted(methods.keys() - set(EXPLAINED)):
        yield name, None, str(methods[name]), confidence.get(name)


def _blocks(article: Mapping[str, Any], links: list[Any], targets: Mapping[str, Document]) -> list[Document]:
    """Return the related blocks in their order: name, more_url, unread, and links with the article that is stored."""
    return [
        {
            "name": block["name"],
            "more_url": block.get("more_url"),
            "unread": block.get("unread"),
            "links": [
                {**link, "article": targets.get(link["url"])} for link in links if link["block"] == block["name"]
            ],
        }
        for block in article.get("related_blocks") or ()
    ]


def versions_page(question: Question) -> Answer:
    """Return two versions of an article side by side: ?old= and ?new=, the last two of them without."""
    article = article_of(question)
    versions = [*question.archive.versions(article["_id"]), article]
    numbers = [int(version["revision"]) for version in versions]
    new = _chosen(question, "new", numbers, numbers[-1])
    old = _chosen(question, "old", numbers, max([n for n in numbers if n < new], default=new))
    by_number = dict(zip(numbers, versions, strict=True))
    before, after = by_number[old], by_number[new]
    rows = side_by_side(before.get("text") or "", after.get("text") or "", fold) if old != new else []
    values = {
        "article": article,
        "path": article_path(article),
        "versions": versions,
        "reread": REREAD,
        "old": before,
        "new": after,
        "rows": rows,
        "fields": [
            (name, before.get(name), after.get(name))
            for name in ("title", "source", "published_at")
            if before.get(name) != after.get(name)
        ],
    }
    shown = [{name: value for name, value in version.items() if name not in HIDDEN} for version in versions]
    return Answer("versions.html", values, {"id": article["_id"], "items": shown})


def _chosen(question: Question, name: str, numbers: list[int], default: int) -> int:
    chosen = question.number(name, default, 1, 1_000_000)
    if chosen not in numbers:
        raise BadQuestionError(f"{name}: there is no version {chosen}")
    return chosen


def kept_page(question: Question) -> Raw:
    """Return the page that an article was read from, as a download of plain bytes; ?part= is one of its parts."""
    article = article_of(question)
    part = question.number("part", 1, 1, MOST_KEPT_PARTS)
    page = read_kept_page(question.settings, article, part)
    name = f"{article_path(article).rpartition('/')[2]}-{part}.html.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Raw(page.body, _plain_type(page.headers), headers)


def _plain_type(headers: Sequence[tuple[str, str]]) -> str:
    """Return the type of plain text in the encoding that the page was sent in; bytes where that is not said."""
    sent = next((value for name, value in headers if name.lower() == "content-type"), "")
    found = CHARSET.search(sent)
    return f"text/plain; charset={found[1]}" if found else "application/octet-stream"
