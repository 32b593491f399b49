"""Articles from elsewhere into MongoDB: WARC files of responses, exported JSON lines, or the spool of a crawl."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from newsspider.cli.console import complain
from newsspider.cli.database import with_connection
from newsspider.cli.importing.choice import RecordChoice
from newsspider.cli.importing.jobs import files_of, import_files
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError
from newsspider.mongo.articles.spool_import import import_spool as import_spool_file
from newsspider.mongo.articles.spool_import import import_spools
from newsspider.mongo.articles.store import ArticleStore
from newsspider.mongo.migrations import migrate as run_migrations
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.stories import repair, spooled
from newsspider.text import fold

SPOOL = "spool"


def run(
    names: Sequence[str],
    settings: Settings,
    *,
    jobs: int = 1,
    is_again: bool = False,
    choice: RecordChoice | None = None,
) -> int:
    """Import the word "spool", .spool files, or .warc(.gz, .zst) and .jsonl files; return the exit code.

    `names` may be folders and patterns. Files that were imported before and have not changed are passed over unless
    `is_again`. `choice` says which records are taken.
    """
    spools = [name for name in names if name == SPOOL or name.endswith(".spool")]
    paths = files_of(name for name in names if name not in spools)
    codes = [import_spool(name, settings) for name in spools]
    if paths:
        codes.append(import_files(paths, settings, jobs=jobs, is_again=is_again, choice=choice))
    return max(codes)


def import_spool(name: str, settings: Settings) -> int:
    """Store what crawls have left in the spool folder, or in one of its files; 1 if any of it was damaged."""
    reports = with_connection(settings, lambda connection: _import_spool(connection, name, settings))
    stored, damaged = sum(r.stored for r in reports), sum(r.damaged_bytes for r in reports)
    quarantined = sum(r.quarantined for r in reports)
    removed = sum(r.removed for r in reports)
    left_out = _(", {removed} left out that were removed").format(removed=removed) if removed else ""
    print(
        _("{stored} articles stored, {quarantined} put into quarantine{left_out}, from {count} files").format(
            stored=stored, quarantined=quarantined, left_out=left_out, count=len(reports)
        ),
        file=sys.stderr,
    )
    if damaged:
        complain(_("{damaged} bytes could not be read; the files are kept as *.damaged").format(damaged=damaged))
    return 1 if damaged or quarantined else 0


async def _import_spool(connection: Connection, name: str, settings: Settings) -> list[Any]:
    store = ArticleStore(connection, fold=fold)
    keep, window_days = settings["DEDUPE_KEEP"], settings.getint("DEDUPE_WINDOW_DAYS")
    assign = spooled.story_assigner(connection, window_days, keep) if settings.getbool("DEDUPE_ENABLED") else None
    if name == SPOOL:
        return await import_spools(store, Path(settings["SPOOL_DIR"]), assign)
    if not Path(name).is_file():
        raise ArchiveError(_("no such file: {name}").format(name=name))
    report = await import_spool_file(store, Path(name), assign)
    if report is None:
        raise ArchiveError(_("{name} is being written by a crawl that runs").format(name=name))
    return [report]


def migrate(settings: Settings) -> int:
    """Bring the stored documents to the present schema, saying what was done."""

    done = with_connection(settings, lambda connection: run_migrations(connection.db), is_prepared=False)
    for step, count in done:
        print(_("{step}: {count} documents").format(step=step, count=count))
    if not done:
        print(_("nothing to do: the schema is up to date"))
    return 0


def recluster(settings: Settings) -> int:
    """Derive all stories anew from the stored articles."""
    window_days = settings.getint("DEDUPE_WINDOW_DAYS")
    counts = with_connection(settings, lambda connection: repair.recluster(connection.db, window_days))
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 0
