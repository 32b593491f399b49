"""A story as people read it: who published first, what each copy changed."""

from __future__ import annotations

import difflib

from pymongo.asynchronous.database import AsyncDatabase

from newsspider.mongo.server.types import Document


async def story(database: AsyncDatabase[Document], name: str) -> Document | None:
    """Return the story that an article (or a story's id, also a merged one's) belongs to; None if it has no copies.

    `members` are in the order of publication, each with `changes`: how its paragraphs differ from the canonical copy's,
    lines that begin with "- " or "+ ".
    """
    found = await database["stories"].find_one({"members.id": name})
    found = found or await database["stories"].find_one({"_id": name})
    while found is not None and found.get("merged_into") not in (None, found["_id"]):
        found = await database["stories"].find_one({"_id": found["merged_into"]})
    if found is None or not found["members"]:
        return None
    ids = [member["id"] for member in found["members"]]
    cursor = database["articles"].find({"_id": {"$in": ids}}, {"text": True, "title": True, "url": True})
    articles = {article["_id"]: article async for article in cursor}
    first = articles.get(found["canonical_id"], {}).get("text", "").split("\n")
    for member in found["members"]:
        article = articles.get(member["id"], {})
        member |= {"title": article.get("title"), "url": article.get("url")}
        member["changes"] = paragraph_changes(first, article.get("text", "").split("\n"))
    return found


def paragraph_changes(before: list[str], after: list[str]) -> list[str]:
    """Return the paragraphs taken out ("- ...") and put in ("+ ...")."""
    return [line for line in difflib.ndiff(before, after) if line.startswith(("- ", "+ "))]
