"""`scrapy articles remove` and `tombstones`: articles taken down for good, and what keeps them away after a restore."""

from __future__ import annotations

import json
import os
import pwd
import re
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from scrapy.settings import Settings

from newsspider.cli.console import print_rows
from newsspider.cli.database import with_connection
from newsspider.cli.whole_file import write_whole
from newsspider.messages import _
from newsspider.mongo.archive import Archive, ArchiveError
from newsspider.mongo.articles.spool import expunge
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.upkeep.takedown import (
    Erase,
    Order,
    finish_take_downs,
    ids_of_site,
    restore_tombstones,
    take_down,
)
from newsspider.mongo.upkeep.tombstone_export import exported, imported
from newsspider.recording.archive_settings import archive_options
from newsspider.recording.kept_pages import KeptPages

AUDIT_COLUMNS: Final = ("at (+08:00)", "by", "action", "articles", "reason")
_HASH: Final = re.compile(r"[0-9a-f]{64}\Z")


def remove(settings: Settings, archive: Archive, names: Sequence[str], reason: str, *, with_copies: bool) -> int:
    """Remove the articles that `names` (ids, URLs, aliases) stand for, with their copies if so wanted.

    Raises ArchiveError, and removes nothing, where one of them is not stored.
    """
    articles = [archive.get(name) for name in names]
    chosen = {article["_id"]: article["title"] for article in articles}
    copies = {
        copy["_id"]: copy["title"]
        for article in articles
        for copy in archive.story(article)
        if copy["_id"] not in chosen
    }
    if with_copies:
        chosen |= copies
    removed = take_down_ids(settings, list(chosen), reason)
    for key in chosen:
        print(_("removed {key}").format(key=key))
    print(_("{removed} articles removed; they are not stored again").format(removed=removed), file=sys.stderr)
    if copies and not with_copies:
        print(
            _("{count} copies of them stay (--copies removes these as well):").format(count=len(copies)),
            file=sys.stderr,
        )
        for key in copies:
            print(f"  {key}", file=sys.stderr)
    return removed


def take_down_ids(settings: Settings, ids: Sequence[str], reason: str) -> int:
    """Remove stored articles for good; return how many there were."""
    return with_connection(settings, lambda connection: _take_down(connection, settings, ids, reason))


def take_down_site(settings: Settings, site: str, reason: str) -> int:
    """Remove all stored articles of a site (a registered domain) for good; return how many there were."""

    async def work(connection: Connection) -> int:
        return await _take_down(connection, settings, await ids_of_site(connection.db, site), reason)

    return with_connection(settings, work)


async def _take_down(connection: Connection, settings: Settings, ids: Sequence[str], reason: str) -> int:
    removed = await take_down(connection.db, ids, Order(operator(), reason))
    await finish_take_downs(connection.db, erase(settings))
    return removed


def erase(settings: Settings) -> Erase:
    """Return what takes removed articles out of the files under DATA_DIR."""

    def work(keys: AbstractSet[str]) -> None:
        expunge(Path(settings["SPOOL_DIR"]), keys)
        KeptPages(archive_options(settings).folder).erase(keys)

    return work


def export_tombstones(archive: Archive, output: str | None) -> None:
    """Write tombstones and audit log as JSON lines, to stdout or a file that is whole or not there."""
    if output is None:
        _write_lines(exported(archive.database), sys.stdout)
        return
    path = Path(output)

    def write(draft: Path) -> int:
        with draft.open("w", encoding="utf-8") as stream:
            return _write_lines(exported(archive.database), stream)

    try:
        count = write_whole(path, write)
    except OSError as error:
        raise ArchiveError(_("cannot write {path}: {strerror}").format(path=path, strerror=error.strerror)) from None
    print(_("{count} tombstones and audit entries in {path}").format(count=count, path=path), file=sys.stderr)


def _write_lines(records: Iterable[Mapping[str, Any]], stream: TextIO) -> int:
    count = 0
    for record in records:
        count += 1
        line = json.dumps(record, ensure_ascii=False, default=lambda moment: moment.isoformat())
        stream.write(f"{line}\n")
    return count


def import_tombstones(settings: Settings, name: str) -> None:
    """Bring the tombstones of an export back, and remove what a restored backup has brought back of these articles."""
    records = _records(Path(name))
    graves = [record["tombstone"] for record in records if "tombstone" in record]

    async def work(connection: Connection) -> int:
        await imported(connection.db, [record["audit"] for record in records if "audit" in record])
        order = Order(operator(), f"tombstones imported from {Path(name).name}", "restore")
        removed = await restore_tombstones(connection.db, graves, order) if graves else 0
        await finish_take_downs(connection.db, erase(settings))
        return removed

    removed = with_connection(settings, work)
    print(
        _("{count} tombstones; {removed} articles that were there again are removed").format(
            count=len(graves), removed=removed
        ),
        file=sys.stderr,
    )


def audit(archive: Archive) -> None:
    """Print the audit log, oldest first."""
    entries = archive.database["audit"].find().sort("at", 1)
    print_rows(AUDIT_COLUMNS, ((e["at"], e["by"], e["action"], ", ".join(e["articles"]), e["reason"]) for e in entries))


def operator() -> str:
    """Return who gives the command: user@host."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"


def _records(path: Path) -> list[dict[str, Any]]:
    """Return the lines of an export. Raises ArchiveError, naming the line, before anything is written."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveError(
            _("cannot read {path}: {error}").format(path=path, error=getattr(error, "strerror", None) or error)
        ) from None
    records = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            records.append(_record(json.loads(line)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ArchiveError(
                _("{path}, line {number}: not a tombstone: {error}").format(path=path, number=number, error=error)
            ) from None
    return records


def _record(record: dict[str, Any]) -> dict[str, Any]:
    if "tombstone" in record:
        grave = record["tombstone"]
        grave["removed_at"] = _aware(grave["removed_at"])
        lists = (grave["keys"], grave["hashes"], grave["sites"])
        if grave["_id"] not in grave["keys"] or not all(isinstance(part, str) for held in lists for part in held):
            raise ValueError(_("its keys are not those of an article"))
        if not all(_HASH.match(found) for found in grave["hashes"]):
            raise ValueError(_("its hashes are not SHA-256"))
        return {"tombstone": grave}
    entry = record["audit"]
    entry["at"] = _aware(entry["at"])
    if not re.fullmatch(r"[0-9a-f]{24}", entry["_id"]) or not isinstance(entry["articles"], list):
        raise ValueError(_("not an entry of the audit log"))
    return {"audit": entry}


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(_("a time without zone"))
    return moment
