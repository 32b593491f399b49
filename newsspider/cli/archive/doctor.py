"""`scrapy articles doctor`: what today's rules would not have stored, shown and with `--fix` put right."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from scrapy.settings import Settings

from newsspider import clock
from newsspider.cli.archive.diagnosis import Finding, finding, not_an_article, wrong_time
from newsspider.cli.archive.takedown import erase
from newsspider.cli.console import print_rows, shown_time
from newsspider.messages import N_, _
from newsspider.mongo.schema import prepare
from newsspider.mongo.server.connection import Connection, MongoSettings
from newsspider.mongo.stories.repair import forget, reassign
from newsspider.mongo.upkeep.corrections import correct_time, restore
from newsspider.mongo.upkeep.examination import Text, batches, repeated_texts, versions
from newsspider.mongo.upkeep.removal import fetch_again, finish_removals, remove
from newsspider.mongo.upkeep.takedown import finish_take_downs
from newsspider.text.dates import Published

COLUMNS: Final = ("rule", "title", "what would change", "id")
FIXED_COLUMNS: Final = ("rule", "title", "what was changed", "id")
# rows that a table on a terminal holds; a pipe gets all
SHOWN: Final = 200
SKIPPED: Final = N_("left: changed by a crawl meanwhile, or too large for quarantine")

Document = Mapping[str, Any]
Row = tuple[str, str, str, str]


@dataclass(slots=True)
class Examined:
    """An article and what is wrong with it; `good`: its earlier versions as far back as the one to restore."""

    article: Document
    finding: Finding
    good: list[dict[str, Any]] = field(default_factory=list)

    @property
    def change(self) -> str:
        if self.finding.published is not None:
            old, new = (shown_time(at, is_terminal=False) for at in (self.article["published_at"], self._new))
            return f"published_at {old} -> {new} ({self.finding.evidence})"
        aim = f"revision {self.good[-1]['revision']} again" if self.good else "quarantine, fetched again"
        return f"{aim} ({self.finding.evidence})"

    @property
    def _new(self) -> datetime | None:
        return self.finding.published.at if self.finding.published else None


def run(settings: Settings, *, site: str | None, is_fixing: bool) -> int:
    """Print a row per finding; return the exit code: 1 if anything was found that has not been put right, else 0."""
    return asyncio.run(_run(settings, site, is_fixing))


async def _run(settings: Settings, site: str | None, is_fixing: bool) -> int:
    connection = await Connection.open(*MongoSettings.of(settings))
    doctor = Doctor(connection, site, is_fixing, settings)
    table = Table(FIXED_COLUMNS if is_fixing else COLUMNS)
    try:
        async for rows in doctor.rows():
            table.add(rows)
    finally:
        table.close()
        await connection.close()
    say(doctor.found, doctor.left, is_fixing=is_fixing)
    return 1 if (doctor.left if is_fixing else doctor.found.total()) else 0


class Doctor:
    """Examines the articles of a database, of one site if it is given, and puts right what it finds if told so."""

    def __init__(self, connection: Connection, site: str | None, is_fixing: bool, settings: Settings) -> None:
        self.database = connection.db
        self.site = site
        self.is_fixing = is_fixing
        self.window_days = settings.getint("DEDUPE_WINDOW_DAYS")
        self.erase = erase(settings)
        self.found: Counter[str] = Counter()
        self.left = 0

    async def rows(self) -> AsyncIterator[list[Row]]:
        """Yield the rows of the findings, batch by batch; what is put right has been written then."""
        if self.is_fixing:
            await prepare(self.database)
            await finish_removals(self.database, clock.now())
            await finish_take_downs(self.database, self.erase)
        repeated = await repeated_texts(self.database, self.site)
        async for batch in batches(self.database, self.site):
            examined = [one for article in batch if (one := await self._examined(article, repeated)) is not None]
            self.found.update(one.finding.rule for one in examined)
            fixed = await self._fixed(examined) if self.is_fixing else {one.article["_id"] for one in examined}
            self.left += len(examined) - len(fixed)
            yield [_row(one, is_done=one.article["_id"] in fixed) for one in examined]

    async def _examined(self, article: Document, repeated: set[Text]) -> Examined | None:
        found = finding(article, is_repeated=_text(article) in repeated)
        if found is None:
            return None
        good: list[dict[str, Any]] = []
        if found.published is None and article["revision"] > 1:
            for version in await versions(self.database, article["_id"]):
                good.append(version)
                if not not_an_article({**article, **_content(version)}, is_repeated=_text(version) in repeated):
                    return Examined(article, found, good)
        return Examined(article, found)

    async def _fixed(self, examined: Sequence[Examined]) -> set[str]:
        """Put right what was found; return the ids of the articles that this was done for."""
        now = clock.now()
        changed: set[str] = set()
        bad: list[tuple[Document, str]] = []
        for one in examined:
            reason = f"{one.finding.rule}: {one.finding.evidence}"
            if one.finding.published is not None:
                is_done = await self._correct_time(one.article, one.finding.published, now)
            elif one.good:
                is_done = await restore(self.database, one.article, one.good, reason, now)
            else:
                bad.append((one.article, reason))
                continue
            changed |= {one.article["_id"]} if is_done else set()
        restored = [one.article for one in examined if one.good and one.article["_id"] in changed]
        await fetch_again(self.database, restored, now)
        # their fingerprints are those of a later text, which an earlier one does not replace
        await forget(self.database, {article["_id"] for article in restored})
        await reassign(self.database, changed, self.window_days)
        return changed | await remove(self.database, bad, now)

    async def _correct_time(self, article: Document, published: Published, now: datetime) -> bool:
        earlier = [
            (version, _time(found.published))
            for version in await versions(self.database, article["_id"])
            if (found := wrong_time(version)) is not None and found.published is not None
        ]
        return await correct_time(self.database, article, _time(published), earlier, now)


class Table:
    """Rows on stdout as they come; on a terminal the first SHOWN of them under headings."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns
        self.kept: list[Row] = []
        self.more = 0
        self.is_begun = False

    def add(self, rows: list[Row]) -> None:
        if rows and not sys.stdout.isatty():
            print_rows(self.columns, rows, has_heading=not self.is_begun)
            self.is_begun = True
            return
        room = SHOWN - len(self.kept)
        self.kept += rows[:room]
        self.more += len(rows[room:])

    def close(self) -> None:
        if self.kept:
            print_rows(self.columns, self.kept)
        if self.more:
            print(_("... and {more} more; all of them in a pipe").format(more=self.more))


def say(found: Counter[str], left: int, *, is_fixing: bool) -> None:
    """Print the counts on stderr."""
    if not found:
        print(_("nothing found that today's rules would not have stored"), file=sys.stderr)
        return
    counts = ", ".join(f"{count} {rule}" for rule, count in sorted(found.items()))
    if is_fixing:
        ending = _("{total} put right").format(total=found.total() - left) + (f", {left} {_(SKIPPED)}" if left else "")
    else:
        ending = _("nothing was changed (--fix puts them right)")
    print(
        _("{total} articles: {counts}; {ending}").format(total=found.total(), counts=counts, ending=ending),
        file=sys.stderr,
    )


def _row(one: Examined, *, is_done: bool) -> Row:
    return one.finding.rule, one.article["title"], one.change if is_done else _(SKIPPED), one.article["_id"]


def _text(article: Document) -> Text:
    return article.get("site") or "", article.get("content_hash") or ""


def _content(version: Document) -> Document:
    return {name: value for name, value in version.items() if name not in ("_id", "article_id")}


def _time(published: Published) -> dict[str, Any]:
    return {
        "published_at": published.at,
        "published_precision": published.precision,
        "tz_assumed": published.tz_assumed,
    }
