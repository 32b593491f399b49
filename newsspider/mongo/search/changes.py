"""What has changed in `articles`, for an index that follows it: a change stream, or where there is none new versions.

Only a replica set has change streams. Elsewhere `version_id`, which is made when a version is written, shows new and
changed articles; removals are seen in `tombstones`. Later marks of stories are then not seen until all is read again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from bson import ObjectId, Timestamp, json_util
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from newsspider.errors import NewsspiderError
from newsspider.mongo.server.types import Document

# a server that is not a replica set
_NO_CHANGE_STREAMS: Final = frozenset({40573, 20, 115})
# the changes since then are not kept any more, or the collection was dropped
_LOST: Final = frozenset({136, 222, 234, 260, 280, 286, 50811})
_WAIT_MS: Final = 50
# a server that is so long without a change and has not got to the present is left to the next time
_MOST_WAIT_S: Final = 60.0
_WATCHED: Final = (
    *("url", "site", "title", "text", "source", "authors", "tags", "section", "language", "story_id", "duplicate_of"),
    *("published_at", "first_seen_at", "version_seen_at"),
)
_PIPELINE: Final[list[Document]] = [
    {
        "$match": {
            "$or": [
                {"operationType": {"$ne": "update"}},
                *({f"updateDescription.updatedFields.{name}": {"$exists": True}} for name in _WATCHED),
            ]
        }
    },
    {"$project": {"operationType": True, "documentKey": True}},
]
# articles that are written at this moment may have an older `version_id`
_OVERLAP: Final = timedelta(minutes=10)
_VERSIONS: Final = "search_versions"


class ChangesLostError(NewsspiderError):
    """The changes since a token are not known: all articles have to be read."""


@dataclass(slots=True)
class Changes:
    """The ids of articles that were changed or removed, the token that is after them, and whether there may be more."""

    token: Mapping[str, Any]
    ids: set[str] = field(default_factory=set)
    is_more: bool = False


class ArticleChanges:
    """The changes of the collection `articles` of `database`. A token can be written as JSON."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._database = database
        self._articles = database["articles"]

    async def archive(self) -> str:
        """Return the UUID of the collection, another one after it was dropped; "" where there is none."""
        cursor = await self._database.list_collections(filter={"name": "articles"})
        found = await cursor.to_list()
        return str(found[0]["info"].get("uuid", "")) if found else ""

    async def now(self) -> dict[str, Any]:
        """Return the token for what changes from now on."""
        try:
            async with await self._articles.watch(_PIPELINE, max_await_time_ms=_WAIT_MS) as stream:
                await stream.try_next()
                return _plain({"stream": stream.resume_token})
        except OperationFailure as error:
            if error.code not in _NO_CHANGE_STREAMS:
                raise
        await self._articles.create_index([("version_id", ASCENDING)], name=_VERSIONS)
        newest = await self._articles.find_one({}, {"version_id": True}, sort=[("version_id", -1)])
        return _plain({"version": (newest or {}).get("version_id") or ObjectId("0" * 24)})

    async def since(self, token: Mapping[str, Any], limit: int) -> Changes:
        """Return what has changed since `token`, at most about `limit` changes. Raises ChangesLostError."""
        read = json_util.loads(json_util.dumps(token))
        if "version" in read:
            return await self._new_versions(read["version"], limit)
        try:
            return await self._streamed(read["stream"], limit)
        except OperationFailure as error:
            if error.code in _LOST | _NO_CHANGE_STREAMS or error.has_error_label("NonResumableChangeStreamError"):
                raise ChangesLostError(f"the changes since then are not kept (error {error.code})") from None
            raise

    async def _streamed(self, token: Mapping[str, Any], limit: int) -> Changes:
        changes = Changes(token)
        reply = await self._database.command("hello")
        until, ends_at = reply.get("operationTime"), time.monotonic() + _MOST_WAIT_S
        options: dict[str, Any] = {"resume_after": token, "max_await_time_ms": _WAIT_MS, "batch_size": limit}
        async with await self._articles.watch(_PIPELINE, **options) as stream:
            while len(changes.ids) < limit:
                change = await stream.try_next()
                if change is None:
                    if _has_reached(stream.resume_token, until) or time.monotonic() > ends_at:
                        break
                    continue
                if "documentKey" not in change:
                    raise ChangesLostError(f"the collection was changed as a whole ({change['operationType']})")
                changes.ids.add(change["documentKey"]["_id"])
            else:
                changes.is_more = True
            changes.token = _plain({"stream": stream.resume_token})
        return changes

    async def _new_versions(self, version: ObjectId, limit: int) -> Changes:
        since = ObjectId.from_datetime(version.generation_time - _OVERLAP)
        found = self._articles.find({"version_id": {"$gt": since}}, {"version_id": True}).sort("version_id", ASCENDING)
        changes, last = Changes({}), version
        async for article in found:
            changes.ids.add(article["_id"])
            last = max(last, article["version_id"])
        removed = self._database["tombstones"].find({"removed_at": {"$gte": since.generation_time}}, {"keys": True})
        async for tombstone in removed:
            changes.ids.update(tombstone["keys"])
        changes.token = _plain({"version": last})
        return changes

    async def read(self, ids: Collection[str], fields: Iterable[str]) -> tuple[list[Document], set[str]]:
        """Return those of the articles `ids` that are stored, and the ids of the others."""
        wanted = dict.fromkeys(fields, True)
        found = await self._articles.find({"_id": {"$in": list(ids)}}, wanted).to_list() if ids else []
        return found, set(ids) - {article["_id"] for article in found}

    async def after(self, key: str | None, fields: Iterable[str], limit: int) -> list[Document]:
        """Return up to `limit` articles whose id comes after `key`, by id."""
        query = {} if key is None else {"_id": {"$gt": key}}
        return (
            await self._articles.find(query, dict.fromkeys(fields, True)).sort("_id", ASCENDING).limit(limit).to_list()
        )

    async def count(self) -> int:
        """Return how many articles there are, about."""
        return await self._articles.estimated_document_count()


def _has_reached(token: Mapping[str, Any] | None, until: Timestamp | None) -> bool:
    """Return True if a resume token is of `until` or later: no answer alone may mean that the log is still read.

    A token begins with a type byte and the time in 4 + 4 bytes.
    """
    try:
        data = bytes.fromhex(str(token["_data"])[2:18]) if token else b""
    except ValueError:
        return True
    return until is None or len(data) < 8 or data >= until.time.to_bytes(4, "big") + until.inc.to_bytes(4, "big")


def _plain(token: Mapping[str, Any]) -> dict[str, Any]:
    """Return a token with nothing but what JSON has."""
    found: dict[str, Any] = json.loads(json_util.dumps(token))
    return found
