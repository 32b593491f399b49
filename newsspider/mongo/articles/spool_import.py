"""The import of spooled articles into MongoDB."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsspider.items import Article
from newsspider.mongo.articles.documents import article_of
from newsspider.mongo.articles.spool import Record, Spool, SpoolFile, claimed, dismiss
from newsspider.mongo.articles.store import ArticleStore, QuarantinedError
from newsspider.mongo.articles.tombstones import Tombstones

AssignStories = Callable[[list[Article]], Awaitable[list[Article]]]


@dataclass(slots=True)
class SpoolImport:
    """The counts of one spool file: articles stored, quarantined, left out as removed; bytes that could not be read."""

    path: Path
    stored: int = 0
    quarantined: int = 0
    removed: int = 0
    damaged_bytes: int = 0


async def import_spools(store: ArticleStore, folder: Path, assign: AssignStories | None = None) -> list[SpoolImport]:
    """Store what ended runs have left in the spool folder; files of living processes are left alone."""
    imports = [await import_spool(store, path, assign) for path in Spool(folder, 0).files()]
    return [done for done in imports if done is not None]


async def import_spool(store: ArticleStore, path: Path, assign: AssignStories | None = None) -> SpoolImport | None:
    """Store the records of one spool file and remove it when all are; None if a living process writes it.

    `assign` gives articles that have not been compared with others their stories and returns those to be stored.
    """
    descriptor = claimed(path)
    if descriptor is None:
        return None
    try:
        file, report = SpoolFile(path), SpoolImport(path)
        records: list[Record] = []
        for record in file:
            records.append(record)
            if len(records) >= store.options.batch_size:
                await _import_records(store, records, report, assign)
                records.clear()
        await _import_records(store, records, report, assign)
        report.damaged_bytes = file.damaged_bytes
        dismiss(file)
        return report
    finally:
        os.close(descriptor)


async def _import_records(
    store: ArticleStore, records: Sequence[Record], report: SpoolImport, assign: AssignStories | None
) -> None:
    kept = [record.document for record in records if record.kind == "quarantine"]
    buried = await Tombstones(store.connection.db).known_keys({document["article_id"] for document in kept})
    for document in kept:
        if document["article_id"] not in buried:
            await store.quarantine([document])
            report.quarantined += 1
    articles = [article_of(record.document) for record in records if record.kind == "article"]
    removed = await Tombstones(store.connection.db).removed(articles)
    report.removed += sum(article._id in removed for article in articles)
    articles = [article for article in articles if article._id not in removed]
    unassigned = [article for article in articles if article.fingerprint is None]
    if assign is not None and unassigned:
        articles = [article for article in articles if article.fingerprint is not None] + await assign(unassigned)
    results = await asyncio.gather(*map(store.save, articles), return_exceptions=True)
    for result in results:
        if isinstance(result, QuarantinedError):
            report.quarantined += 1
        elif isinstance(result, BaseException):
            raise result
        else:
            report.stored += 1
