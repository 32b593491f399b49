"""`scrapy articles search` and `index`, and the ids that a query chooses for other actions."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from newsspider.cli.archive import last_list
from newsspider.cli.archive.tables import shown_id
from newsspider.cli.console import complain, print_json, print_rows, printable, shown_time
from newsspider.cli.database import with_connection
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError
from newsspider.mongo.search.reads import SearchTimeoutError
from newsspider.mongo.server.connection import Connection
from newsspider.search.archive_search import MAX_LIMIT, matching_ids, search
from newsspider.search.parsing import parse
from newsspider.search.query import Query, QueryError
from newsspider.search.results import Hit, SearchPage, Segment, Sort

__all__ = ["MAX_LIMIT", "SHOWN", "build", "found_page", "ids_of", "print_hits", "read_query", "refresh_index"]

COLUMNS = ("title", "site", "source", "published_at", "copies", "short_id", "id", "snippet")
SHOWN = 10
# a search by a command may take as long as reading all articles does
SEARCH_S = 60.0


def read_query(text: str) -> Query:
    """Return the query of a command. Raises UsageError, one line."""
    try:
        return parse(text)
    except QueryError as error:
        raise UsageError(str(error), print_help=False) from None


def found_page(settings: Settings, query: Query, limit: int, sort: Sort | None) -> SearchPage:
    """Return the first hits; by default the best ones, or the newest where no word is searched for.

    The index is brought up to date before. Raises ArchiveError, MongoUnavailableError.
    """

    async def work(connection: Connection) -> SearchPage:
        await refresh_index(connection, settings)
        order = sort or ("relevance" if query.is_textual else "newest")
        return await search(connection, settings, query, limit=limit, sort=order, within_s=SEARCH_S)

    try:
        return with_connection(settings, work)
    except SearchTimeoutError as error:
        raise ArchiveError(str(error)) from None


def ids_of(settings: Settings, query: Query, most: int = 0) -> list[str]:
    """Return the ids of the articles that `query` asks for, newest first, `most` at most; 0: all. Raises as above."""

    async def work(connection: Connection) -> list[str]:
        await refresh_index(connection, settings)
        found: list[str] = []
        async for ids in matching_ids(connection, settings, query, within_s=SEARCH_S):
            found += ids
            if most and len(found) >= most:
                return found[:most]
        return found

    try:
        return with_connection(settings, work)
    except SearchTimeoutError as error:
        raise ArchiveError(str(error)) from None


async def refresh_index(connection: Connection, settings: Settings) -> None:
    try:
        from newsspider.search.index.keeping import refresh
    except ImportError:  # no tantivy: the articles are scanned
        return
    if waiting := await refresh(connection, settings):
        complain(
            _("{waiting} articles are scanned: `scrapy articles index` builds the full-text index, once").format(
                waiting=waiting
            )
        )


def index_again(settings: Settings) -> None:
    """Take what was removed out of the index, where there is one. Raises MongoUnavailableError."""
    if any(Path(settings["SEARCH_DIR"]).glob("*.lock")):
        with_connection(settings, lambda connection: refresh_index(connection, settings))


def print_hits(page: SearchPage, folder: Path, length: int, *, is_json: bool) -> None:
    """Print hits, on a terminal with numbers that `articles show` takes; `length` is that of a short id."""
    if is_json:
        print_json(map(_as_json, page.hits))
    elif not sys.stdout.isatty():
        print_rows(COLUMNS, map(_row, page.hits))
    else:
        is_numbered = last_list.remember(folder, [hit.id for hit in page.hits])
        console = Console()
        for number, hit in enumerate(page.hits, 1):
            _print_hit(console, hit, str(number) if is_numbered else "-", length)
        print(
            _("{count} of {total}; more with --limit; `articles show NO.` or `show ID` for one").format(
                count=len(page.hits), total=page.total
            )
        )
    if not page.hits:
        print(_("0 articles"), file=sys.stderr)


def _print_hit(console: Console, hit: Hit, number: str, length: int) -> None:
    article = hit.article
    moment = article.get("published_at") or article.get("first_seen_at")
    facts = [article.get("source") or article["site"], shown_time(moment, is_terminal=True)]
    facts += [f"{hit.copies} copies"] * (hit.copies > 1) + [shown_id(article, length)]
    console.print(Text(f"{number:>3} ").append_text(_marked(hit.title, "bold")), soft_wrap=True)
    console.print(Text("    " + "  ".join(map(printable, facts)), style="dim"), soft_wrap=True)
    console.print(Text("    ").append_text(_marked(hit.snippet, "")), "", soft_wrap=True)


def _marked(segments: Sequence[Segment], style: str) -> Text:
    shown = Text(style=style)
    for segment in segments:
        shown.append(printable(segment.text), "bold yellow" if segment.is_hit else "")
    return shown


def _row(hit: Hit) -> list[object]:
    article = hit.article
    marked = "".join(f"**{text}**" if is_hit else text for text, is_hit in hit.snippet)
    named = [article.get(name) for name in ("title", "site", "source", "published_at")]
    return [*named, hit.copies, article.get("short_id"), hit.id, marked]


def _as_json(hit: Hit) -> Mapping[str, Any]:
    shown = {"title_marked": hit.title, "snippet": hit.snippet}
    marks = {name: [{"text": text, "is_hit": is_hit} for text, is_hit in found] for name, found in shown.items()}
    return {"id": hit.id, **hit.article, "copies": hit.copies, "score": round(hit.score, 3), **marks}


def build(settings: Settings, *, is_rebuilt: bool, is_following: bool) -> int:
    """Bring the index up to date, and with `is_following` keep it so until Ctrl-C; return the exit code."""
    try:
        from newsspider.search.index.follower import Follower
        from newsspider.search.index.keeping import IndexKeeper
    except ImportError:
        raise ArchiveError(
            _("the index needs tantivy, which is not installed: pip install -r requirements.txt")
        ) from None

    async def work(connection: Connection) -> int:
        follower = Follower(connection, settings, _say)
        if not await follower.open():
            raise ArchiveError(
                _("another process writes the index: a crawl, `scrapy serve` or `articles index --follow`")
            )
        try:
            count = await follower.catch_up(is_rebuilt=is_rebuilt)
        finally:
            await follower.close(is_merged=not is_following)
        print(_("the index is up to date: {count} articles read").format(count=count), file=sys.stderr)
        if is_following:
            await IndexKeeper(connection, settings).run()
        return count

    try:
        with_connection(settings, work)
    except OSError as error:
        raise ArchiveError(_("SEARCH_DIR cannot be written: {error}").format(error=error)) from None
    return 0


def _say(count: int) -> None:
    if sys.stderr.isatty():
        print("\r" + _("{count} articles").format(count=count), end="", file=sys.stderr, flush=True)
