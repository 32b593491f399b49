"""The collection `alarms`: at most one open alarm of a kind per site, and those acknowledged or healed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, PyMongoError

from newsspider.alarms.alarm import ACKNOWLEDGED, HEALED, OPEN, Alarm
from newsspider.alarms.judging import Judgement
from newsspider.alarms.window import SiteWindow
from newsspider.errors import NewsspiderError
from newsspider.mongo.crawl_state.site_windows import add_notes, load, looked_updates
from newsspider.mongo.server.types import Document

COLLECTION: Final = "alarms"
INDEXES: Final = {
    COLLECTION: [
        # two processes that find the same thing at once raise one alarm
        IndexModel(
            [("site", ASCENDING), ("kind", ASCENDING)],
            name="one_open",
            unique=True,
            partialFilterExpression={"state": OPEN},
        ),
        IndexModel([("site", ASCENDING), ("raised_at", DESCENDING)], name="site_raised"),
        IndexModel([("state", ASCENDING), ("raised_at", DESCENDING)], name="state_raised"),
    ]
}
# earlier alarms of a site that still say what is usual
REMEMBERED: Final = timedelta(days=400)
MAX_REMEMBERED: Final = 200
DIGEST: Final = "digest"
A_DAY: Final = timedelta(days=1)
# states of a site, as its operator has set them, in which it is not judged
UNWATCHED: Final = ("paused", "retired", "removed")
# what a caller catches that can do without alarms
AlarmsUnavailable = PyMongoError


class NoSuchAlarmError(NewsspiderError):
    """No alarm, or more than one, has this id."""


class AlarmLog:
    """Reads and writes the alarms of `database`; raises PyMongoError."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._database = database
        self._alarms = database[COLLECTION]

    async def prepare(self) -> None:
        """Create the indexes where they do not exist."""
        await self._alarms.create_indexes(INDEXES[COLLECTION])

    async def windows(self, sites: Iterable[str] | None, now: datetime) -> AsyncIterator[SiteWindow]:
        """Yield the windows of `sites` (None: of all) that are watched."""
        names = None if sites is None else list(sites)
        is_over = {"state": "paused", "paused_until": {"$lte": now}}
        query: Document = {"state": {"$in": list(UNWATCHED)}, "$nor": [is_over]}
        if names is not None:
            query["_id"] = {"$in": names}
        unwatched = {found["_id"] async for found in self._database["sites"].find(query, {"_id": True})}
        async for window in load(self._database, names):
            if window.site not in unwatched:
                yield window

    async def of_site(self, site: str, now: datetime) -> list[Alarm]:
        """Return the open alarms of a site and those of the time that its window may hold, newest first."""
        query = {"site": site, "$or": [{"state": OPEN}, {"raised_at": {"$gte": now - REMEMBERED}}]}
        found = self._alarms.find(query).sort("raised_at", DESCENDING).limit(MAX_REMEMBERED)
        return [Alarm.of(document) async for document in found]

    async def find(self, sites: Iterable[str] | None = None, *, is_open: bool = True) -> list[Alarm]:
        """Return the open alarms, or all, of `sites` or of all sites, newest first."""
        query: Document = {"state": OPEN} if is_open else {}
        if sites is not None:
            query["site"] = {"$in": list(sites)}
        return [Alarm.of(document) async for document in self._alarms.find(query).sort("raised_at", DESCENDING)]

    async def record(self, window: SiteWindow, judgement: Judgement, now: datetime) -> list[Alarm]:
        """Write what became of a site's alarms; return those raised, without what another process has raised before."""
        raised = [alarm for alarm in judgement.raised if await self._raise(alarm)]
        updates = [_update(alarm) for alarm in (*judgement.changed, *judgement.healed)]
        if updates:
            await self._alarms.bulk_write(updates, ordered=False)
        await add_notes(self._database, looked_updates(window, now))
        return raised

    async def _raise(self, alarm: Alarm) -> bool:
        try:
            await self._alarms.insert_one(alarm.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def explain(self, alarm: Alarm) -> None:
        """Write the examples of an alarm."""
        document = alarm.to_document()
        changes = {name: document[name] for name in ("first_bad", "example")}
        await self._alarms.update_one({"_id": alarm.id}, {"$set": changes})

    async def get(self, name: str) -> Alarm:
        """Return the alarm whose id is `name`, or begins or ends with it. Raises NoSuchAlarmError."""
        found = await self._alarms.find({"_id": name}).to_list()
        if not found and name:
            everything = [Alarm.of(document) async for document in self._alarms.find()]
            like = [alarm for alarm in everything if alarm.id.startswith(name) or alarm.id.endswith(f"-{name}")]
            if len(like) > 1:
                names = ", ".join(alarm.id for alarm in like[:5])
                raise NoSuchAlarmError(f"{name!r} may be {len(like)} alarms: {names}")
            if like:
                return like[0]
        if not found:
            raise NoSuchAlarmError(f"no alarm {name!r} (`scrapy alarms list --all` shows their ids)")
        return Alarm.of(found[0])

    async def acknowledge(self, alarm: Alarm, now: datetime) -> bool:
        """Mark an open alarm as dealt with; return False if it is not open any more."""
        changes = {"state": ACKNOWLEDGED, "acknowledged_at": now}
        result = await self._alarms.update_one({"_id": alarm.id, "state": OPEN}, {"$set": changes})
        return result.modified_count > 0

    async def claim_news(self, now: datetime) -> list[Alarm]:
        """Return the open alarms that nobody was told of; another process does not get them as well."""
        claimed: list[Alarm] = []
        while len(claimed) < MAX_REMEMBERED:
            found = await self._alarms.find_one_and_update(
                {"state": OPEN, "told_at": None},
                {"$set": {"told_at": now}},
                sort=[("raised_at", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
            if found is None:
                break
            claimed.append(Alarm.of(found))
        return claimed

    async def unclaim(self, alarms: Sequence[Alarm]) -> None:
        """Leave alarms, whose message was not taken, to the next run."""
        await self._alarms.update_many({"_id": {"$in": [alarm.id for alarm in alarms]}}, {"$set": {"told_at": None}})

    async def claim_digest(self, now: datetime) -> tuple[list[Alarm], list[Alarm]] | None:
        """Return the alarms for the daily message: open ones, and those healed since the last; None if it is not due.

        Only one process gets them. There is no message where no alarm is open and none has healed.
        """
        states = self._database["alarm_digests"]
        last = await states.find_one({"_id": DIGEST})
        since = last["at"] if last else now - A_DAY
        if now - since < A_DAY:
            return None
        told: Document = {"told_at": {"$ne": None}}
        still = [Alarm.of(found) async for found in self._alarms.find({"state": OPEN, **told}).sort("site", ASCENDING)]
        healed_query = {"state": HEALED, "healed_at": {"$gt": since}, **told}
        healed = [Alarm.of(found) async for found in self._alarms.find(healed_query).sort("site", ASCENDING)]
        still = [alarm for alarm in still if alarm.told_at is not None and now - alarm.told_at >= A_DAY / 2]
        if not still and not healed:
            return None
        try:
            await states.find_one_and_update(
                {"_id": DIGEST, "at": since} if last else {"_id": DIGEST, "at": {"$exists": False}},
                {"$set": {"at": now}},
                upsert=not last,
            )
        except DuplicateKeyError:
            return None
        taken = await states.find_one({"_id": DIGEST, "at": now})
        return (still, healed) if taken else None

    async def unclaim_digest(self, now: datetime) -> None:
        """Let the next run send the daily message that was not taken."""
        await self._database["alarm_digests"].update_one({"_id": DIGEST, "at": now}, {"$set": {"at": now - A_DAY}})


def _update(alarm: Alarm) -> UpdateOne:
    """Return the write of what a look has changed; one that was acknowledged meanwhile stays so."""
    document: dict[str, Any] = alarm.to_document()
    names = ("parts", "present", "usual", "notes", "checked_at", "state", "healed_at", "example")
    changes = {name: document[name] for name in names}
    if alarm.told_at is None:
        changes["told_at"] = None
    return UpdateOne({"_id": alarm.id, "state": OPEN}, {"$set": changes})
