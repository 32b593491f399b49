"""The tables of `scrapy articles list` and `stats`, for a terminal, a pipe and as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from newsspider.cli.archive import last_list
from newsspider.cli.console import print_json, print_rows, printable
from newsspider.mongo.archive import COUNTED_FIELDS, Archive

Document = Mapping[str, Any]

# headings of the times on a terminal, where they are in Beijing time
BEIJING_TIME = "time +08:00"
LIST_COLUMNS = ("title", "source", BEIJING_TIME, "copy", "no.", "id")
PIPED_COLUMNS = ("published_at", "site", "source", "title", "revision", "duplicate_of", "short_id", "id")
COUNT_COLUMNS = ("articles", "copies", "revisions")
SPAN_COLUMNS = ("oldest", "newest")
RUN_COLUMNS = ("started +08:00", "spider", "pages", "new", "changed", "ended")


def articles_table(
    archive: Archive, articles: Sequence[Document], folder: Path, *, is_json: bool, has_ids: bool
) -> None:
    """Print articles as a list, and on a terminal remember their numbers in `folder`.

    On a terminal the id is a short one unless `has_ids`; in a pipe it is whole.
    """
    if is_json:
        print_json(articles)
    elif not sys.stdout.isatty():
        print_rows(PIPED_COLUMNS, ([*map(article.get, PIPED_COLUMNS[:-1]), article["_id"]] for article in articles))
    elif has_ids:
        last_list.remember(folder, [article["_id"] for article in articles])
        for article in articles:
            print(f"{printable(article['title'])}\n    {printable(article['_id'])}")
    else:
        is_numbered = last_list.remember(folder, [article["_id"] for article in articles])
        length = archive.id_length()
        rows = [_row(article, number if is_numbered else None, length) for number, article in enumerate(articles, 1)]
        print_rows(LIST_COLUMNS, rows)


def _row(article: Document, number: int | None, length: int) -> Sequence[object]:
    is_numbered = number is not None and number <= last_list.MAX_NUMBERED
    return (
        article["title"],
        article.get("source") or article["site"],
        article.get("published_at") or article.get("first_seen_at"),
        "yes" if article.get("duplicate_of") else "",
        number if is_numbered else "",
        shown_id(article, length),
    )


def shown_id(article: Document, length: int) -> str:
    """Return the first digits of an article's short id; its whole id where it has none yet (articles migrate)."""
    short = article.get("short_id")
    return str(short)[:length] if short else str(article["_id"])


def totals_table(rows: Iterable[Document], by: str, *, is_json: bool) -> None:
    """Print counts per group, and for each field the share of the articles that have it: two tables on a terminal.

    In JSON `group` is the group, and so is the name `by` unless that is the count of a field.
    """
    if is_json:
        print_json({"group": row["_id"], by: row["_id"]} | _without_id(row) for row in rows)
        return
    groups = [(_group(row["_id"]), _counts(row), _shares(row), (row["oldest"], row["newest"])) for row in rows]
    if not sys.stdout.isatty():
        columns = (by, *COUNT_COLUMNS, *COUNTED_FIELDS, *SPAN_COLUMNS)
        print_rows(columns, ([name, *counts, *shares, *span] for name, counts, shares, span in groups))
        return
    print_rows((by, *COUNT_COLUMNS, *SPAN_COLUMNS), ([name, *counts, *span] for name, counts, _, span in groups))
    print()
    print_rows((by, *COUNTED_FIELDS), ([name, *shares] for name, _, shares, _ in groups))
    print()


def _without_id(row: Document) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "_id"}


def _group(value: object) -> object:
    return "(none)" if value is None else value


def _counts(row: Document) -> list[object]:
    return [row[name] for name in COUNT_COLUMNS]


def _shares(row: Document) -> list[str]:
    return [f"{row[name] / max(1, row['articles']):.0%}" for name in COUNTED_FIELDS]


def runs_table(runs: Sequence[Document]) -> None:
    """Print a table of crawls."""
    rows = []
    for run in runs:
        counts = run.get("articles", {})
        ending = run.get("finish_reason", "not finished")
        rows.append(
            (run["started_at"], run["spider"], run.get("pages"), counts.get("new"), counts.get("changed"), ending)
        )
    print_rows(RUN_COLUMNS, rows)
