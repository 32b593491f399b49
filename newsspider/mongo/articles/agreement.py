"""Whether a new reading of a stored article is still that article: a gate or an error page in its place is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pymongo.errors import PyMongoError

from newsspider.items import Article
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.server.errors import explained
from newsspider.text.likeness import pairs, share_of

LIKE_TITLE: Final = 0.5
LIKE_TEXT: Final = 0.3
# a text this much shorter under the old headline, with hardly a word of the old one, is a teaser or a wall
SHRUNK: Final = 0.4
HARDLY: Final = 0.1
MAX_COMPARED: Final = 20_000
_CORRECTED: Final = re.compile(
    r"(?:本文|本稿|此文|文章|报道|報道|标题|標題|内容)[^。\n]{0,12}(?:已|有所|作了|做了)[^。\n]{0,6}(?:更正|修改|修订|修訂|更新|订正|訂正)"
    r"|[（(【\[]?(?:更正|勘误|勘誤|订正|訂正)(?:启事|說明|说明)?[）)】\]：:]"
)


def agrees(stored: Mapping[str, Any], fetched: Mapping[str, Any]) -> bool:
    """Return True if `fetched` may replace `stored`: it has its headline or a good part of its text, or says that the
    text was corrected.

    Both are documents with `title` and `text`. A reading under the old headline whose text is far shorter and shares
    hardly anything with the old one does not agree either.
    """
    old_text, new_text = (str(document.get("text") or "")[:MAX_COMPARED] for document in (stored, fetched))
    if _CORRECTED.search(new_text):
        return True
    old, new = pairs(old_text), pairs(new_text)
    shorter, longer = sorted((old, new), key=len)
    shared = share_of(shorter, longer)
    if len(new) < SHRUNK * len(old):
        return share_of(new, old) >= HARDLY if _is_like_title(stored, fetched) else shared >= LIKE_TEXT
    return shared >= LIKE_TEXT or _is_like_title(stored, fetched)


def is_disputed(stored: Mapping[str, Any], fetched: Mapping[str, Any], seen_at: datetime) -> bool:
    """Return True if `fetched`, read at `seen_at`, must not replace `stored`.

    It may if the two agree, or if an earlier visit has read the same: then the page has become another one.
    """
    if agrees(stored, fetched):
        return False
    earlier = stored.get("disputed")
    return not (earlier and earlier["seen_at"] < seen_at and agrees(earlier, fetched))


async def disputes(connection: Connection, article: Article) -> bool:
    """Return True if what is stored under the key of `article` does not agree with it; False where nothing is.

    Raises MongoUnavailableError.
    """
    names = dict.fromkeys(("title", "text", "content_hash", "disputed"), True)
    try:
        stored = await connection.db["articles"].find_one({"_id": article._id}, names)
    except PyMongoError as error:
        raise explained(error, connection.uri) from None
    if stored is None or stored.get("content_hash") == article.content_hash:
        return False
    return is_disputed(stored, {"title": article.title, "text": article.text}, article.fetched_at)


def _is_like_title(stored: Mapping[str, Any], fetched: Mapping[str, Any]) -> bool:
    shorter, longer = sorted((pairs(str(document.get("title") or "")) for document in (stored, fetched)), key=len)
    return share_of(shorter, longer) >= LIKE_TITLE
