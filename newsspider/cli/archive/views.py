"""Views of one article, its versions and its story on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from newsspider.cli.archive.tables import shown_id
from newsspider.cli.console import print_rows, printable, shown_time
from newsspider.messages import _
from newsspider.mongo.articles.revisions import REREAD, paragraph_diff
from newsspider.text import fold

Document = Mapping[str, Any]

HEAD_FIELDS = (
    *(
        "_id",
        "short_id",
        "url",
        "site",
        "source",
        "authors",
        "editor",
        "published_at",
        "section",
        "tags",
        "language",
        "pages",
    ),
    *("kind", "revision", "first_seen_at", "last_seen_at", "withdrawn_at", "story_id", "duplicate_of", "aliases"),
    "rules_version",
)
STORY_COLUMNS = ("title", "source", "published", "first seen", "shared", "id")


def show(article: Document) -> None:
    """Print the fields of an article, then its text, images and related blocks."""
    print(printable(article["title"]))
    for name in HEAD_FIELDS:
        value = article.get(name)
        if value:
            print(f"{name:<14} {_value(value)}")
    print()
    for line in article["text"].split("\n"):
        print(printable(line))
    for image in article.get("images", ()):
        print(f"[image] {image['url']} {printable(image.get('caption'))}".rstrip())
    for block in article.get("related_blocks", ()):
        print(f"\n{printable(block['name'])}")
        for link in article.get("related", ()):
            if link["block"] == block["name"]:
                mark = " (this article)" if link.get("is_self") else ""
                print(f"  {printable(link['title'])}{mark}\n    {link['url']}")
    if disputed := article.get("disputed"):
        print(
            _("\n[disputed, seen {seen_at}: {reason}]").format(
                seen_at=_value(disputed["seen_at"]), reason=disputed["reason"]
            )
        )
        print(printable(disputed["title"]))
        for line in disputed["text"].split("\n"):
            print(printable(line))
    for removed in article.get("removed", ()):
        print(_("[removed: {rule}] {text}").format(rule=removed["rule"], text=printable(removed["text"])))


def _value(value: object) -> str:
    if isinstance(value, datetime):
        is_terminal = sys.stdout.isatty()
        return shown_time(value, is_terminal=is_terminal) + (" (+08:00)" if is_terminal else "")
    return ", ".join(map(printable, value)) if isinstance(value, list) else printable(value)


def history(versions: Sequence[Document]) -> None:
    """Print what each version of an article changed against the one before, first one first, and our corrections."""
    before: Document | None = None
    corrections = versions[-1].get("corrections", ()) if versions else ()
    for version in versions:
        seen_at = version.get("version_seen_at") or version.get("fetched_at")
        change = version.get("change") or {}
        is_ours = change.get("kind") == REREAD
        how = _("reread by our rules, not an edit of the paper,") if is_ours else _("seen")
        print(
            _("revision {revision}  {how} {seen_at}").format(
                revision=version["revision"], how=how, seen_at=_value(seen_at)
            )
        )
        if before is None:
            print(f"    {printable(version['title'])}")
        else:
            for line in changes(before, version):
                print(f"    {line}")
            for line in _reread_fields(change):
                print(f"    {line}")
        for correction in corrections:
            if correction["revision"] == version["revision"]:
                print(f"    {_corrected(correction)}")
        before = version


def _reread_fields(change: Document) -> Iterator[str]:
    """Yield what a reread changed besides what every version shows."""
    fields = change.get("fields") or {}
    for name in sorted(fields.keys() - {"title", "source", "published_at"}):
        yield f"{name}: - {_value(fields[name]['old'] or '')}"
        yield f"{name}: + {_value(fields[name]['new'] or '')}"
    others = [name for name in change.get("reason") or () if name not in fields and name != "text"]
    if change.get("kind") == REREAD and others:
        yield _("also changed: {others}").format(others=", ".join(others))


def _corrected(correction: Document) -> str:
    """Return the line about a correction that is ours and not the paper's."""
    old, new = (_value(correction[name]) for name in ("old", "new"))
    reason = f" ({printable(correction['reason'])})" if correction.get("reason") else ""
    return _("corrected by {by} {at}: {field} {old} -> {new}{reason}").format(
        by=correction["by"], at=_value(correction["at"]), field=correction["field"], old=old, new=new, reason=reason
    )


def changes(before: Document, after: Document, same: Callable[[str], str] | None = None) -> Iterator[str]:
    """Yield the changed fields and paragraphs: "- " what was there, "+ " what is there now.

    With `same`, paragraphs for which it returns the same count as unchanged.
    """
    for name in ("title", "source", "published_at"):
        if before.get(name) != after.get(name):
            yield f"{name}: - {_value(before.get(name) or '')}"
            yield f"{name}: + {_value(after.get(name) or '')}"
    for run in paragraph_diff(before["text"], after["text"], same):
        if run.get("is_cut"):
            yield _("text: too long to compare paragraph by paragraph")
        yield from (f"- {printable(line)}" for line in run["old"])
        yield from (f"+ {printable(line)}" for line in run["new"])


def story(articles: Sequence[Document], id_length: int) -> None:
    """Print the copies of a story, first published first, and in which paragraphs they differ from the first.

    Paragraphs that differ in script, width or white space alone are the same.
    """
    first = articles[0]
    first_lines = set(map(fold, first["text"].split("\n")))
    is_terminal = sys.stdout.isatty()
    rows = []
    for article in articles:
        lines = list(map(fold, article["text"].split("\n")))
        shared = f"{sum(line in first_lines for line in lines)}/{len(lines)}"
        times = (article.get("published_at"), article.get("first_seen_at"))
        shown = shown_id(article, id_length) if is_terminal else article["_id"]
        rows.append((article["title"], article.get("source"), *times, shared, shown))
    print_rows(STORY_COLUMNS, rows)
    for article in articles[1:]:
        differing = list(changes(first, article, fold))
        if differing:
            print(_("\n{id}, against the first:").format(id=article["_id"]))
            for line in differing:
                print(f"    {line}")
