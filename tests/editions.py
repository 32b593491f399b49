"""Articles as a crawl meets them: copies, second addresses, changed texts."""

from __future__ import annotations

import random
from typing import Any

STORIES, COPIES = 40, 3


def editions() -> Any:
    """Yield articles as a crawl meets them: copies on several sites, a second address, then the changed ones."""
    from mongo_articles import HOUR, MONDAY, article
    from story_articles import prose, reworded

    def edition(story: int, copy: int, name: str = "", **fields: Any) -> Any:
        text = prose(story) if copy == 0 else reworded(prose(story), 100 * story + copy)
        if fields.pop("is_changed", False):
            text += "\n更正：渡船周三停航。"
        key = f"s{copy}.example/{story:03}{name}"
        given = {"_id": key, "url": f"https://{key}", "site": f"s{copy}.example", "published_at": MONDAY + copy * HOUR}
        return article(0, text, f"第{story}条渡船恢复通航", **given | fields)

    first = [edition(story, copy) for story in range(STORIES) for copy in range(COPIES)]
    random.Random(1).shuffle(first)
    yield from first
    yield from (edition(story, 0, "-print") for story in range(3, STORIES, 10))
    yield from (edition(story, 1, is_changed=True, fetched_at=MONDAY + 30 * HOUR) for story in range(0, STORIES, 2))
    yield from (edition(story, 0, is_changed=True, fetched_at=MONDAY + 40 * HOUR) for story in range(0, STORIES, 5))
