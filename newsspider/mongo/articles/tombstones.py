"""Tombstones: what is left of a removed article, so that it is not stored again, by whichever way it comes.

A document of `tombstones`: `_id` the article's id, `keys` (that id, its aliases, the keys of its other URLs), `hashes`
(see `text_hash`), `sites` (registered domains of the keys), removed_at. `is_unfinished` and `neighbours` (ids of
articles of its stories) are there until the removal is finished.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.items import Article
from newsspider.mongo.daily.marks import mark_articles
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.repair import forget
from newsspider.text import fold
from newsspider.urls import article_key, registered_domain

COLLECTION: Final = "tombstones"
UNFINISHED: Final = "is_unfinished"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("keys", ASCENDING)], name="keys"),
        IndexModel([("hashes", ASCENDING)], name="hashes"),
        IndexModel([("sites", ASCENDING)], name="sites"),
        IndexModel(
            [(UNFINISHED, ASCENDING)], name="unfinished", partialFilterExpression={UNFINISHED: {"$exists": True}}
        ),
    ],
    "audit": [IndexModel([("at", ASCENDING)], name="at")],
}
# folded characters from which on a text alone tells an article; a shorter one needs its title beside it
TELLING_LENGTH: Final = 80


def text_hash(site: str, title: str, text: str) -> str | None:
    """Return a SHA-256 of a text on its site, None for an article without text.

    It covers the site, so that reprints elsewhere are not meant, and the folded text: width, script, case and white
    space do not count. It does not depend on the rules of the dedupe, which change from version to version.
    """
    folded = fold(text)
    if not folded:
        return None
    told = folded if len(folded) >= TELLING_LENGTH else f"{fold(title)}\n{folded}"
    return hashlib.sha256(f"{site}\n{told}".encode("utf-8", "surrogatepass")).hexdigest()


def sites_of(keys: Iterable[str]) -> list[str]:
    """Return the registered domains of article keys, sorted."""
    return sorted({registered_domain(f"http://{key}") for key in keys})


@dataclass(slots=True)
class Tombstones:
    """The tombstones of one database. What is known of the sites that have any may be `max_age_s` seconds old.

    Sites without removed articles cost nothing but that.
    """

    database: AsyncDatabase[Document]
    max_age_s: float = 0.0
    _sites: frozenset[str] = frozenset()
    _read_at: float = field(default=float("-inf"))

    async def removed(self, articles: Sequence[Article], sites: Collection[str] | None = None) -> set[str]:
        """Return the ids of those `articles` that were removed, under this or another URL of the same site.

        `sites` is what `sites()` returned just now.
        """
        sites = await self.sites() if sites is None else sites
        if not sites:
            return set()
        keys = {article._id: {key for key in (article._id, article.alias_of) if key} for article in articles}
        asked = [a for a in articles if a.site in sites or any(site in sites for site in sites_of(keys[a._id]))]
        if not asked:
            return set()
        hashes = {article._id: text_hash(article.site, article.title, article.text) for article in asked}
        known_keys = await self.known_keys({key for article in asked for key in keys[article._id]})
        known_hashes = await self._known("hashes", {found for found in hashes.values() if found})
        return {a._id for a in asked if not known_keys.isdisjoint(keys[a._id]) or hashes[a._id] in known_hashes}

    async def removed_links(self, articles: Sequence[Article], sites: Collection[str]) -> set[str]:
        """Return the URLs of the related links of `articles` that lead to removed articles; `sites` as above."""
        if not sites:
            return set()
        urls = {link.url for article in articles for link in article.related}
        keys = {url: article_key(url) for url in urls if registered_domain(url) in sites}
        known = await self.known_keys(set(keys.values()))
        return {url for url, key in keys.items() if key in known}

    async def known_keys(self, keys: Collection[str]) -> set[str]:
        """Return those of `keys` that a tombstone holds."""
        return await self._known("keys", keys)

    async def _known(self, name: str, values: Collection[str]) -> set[str]:
        if not values:
            return set()
        query = {name: {"$in": list(values)}}
        return {
            value
            async for found in self.database[COLLECTION].find(query, {name: True})
            for value in found[name]
            if value in values
        }

    async def sites(self) -> frozenset[str]:
        """Return the registered domains that have tombstones."""
        now = monotonic()
        if now - self._read_at >= self.max_age_s:
            self._sites = frozenset(await self.database[COLLECTION].distinct("sites"))
            self._read_at = now
        return self._sites


async def delete_contents(database: AsyncDatabase[Document], keys: Collection[str], session: Any = None) -> int:
    """Delete what is stored under `keys` besides fingerprints and stories; return how many articles that were."""
    chosen = {"$in": list(keys)}
    await mark_articles(database, keys, session)
    deleted = await database["articles"].delete_many({"_id": chosen}, session=session)
    await database["revisions"].delete_many({"article_id": chosen}, session=session)
    await database["quarantine"].delete_many({"article_id": chosen}, session=session)
    for example in ("first_bad", "example"):  # how alarms explain a page holds parts of its text
        update: Document = {"$set": {f"{example}.explain": []}}
        await database["alarms"].update_many({f"{example}.id": chosen}, update, session=session)
    return deleted.deleted_count


async def take_back(database: AsyncDatabase[Document], keys: Collection[str]) -> None:
    """Delete articles that were stored while they were being removed, with their fingerprints."""
    await delete_contents(database, keys)
    await forget(database, keys)
