"""Related links that a page's scripts hold as data, shown on the page or not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document

URL = "https://www.hekou.example/story/77100"
FIRST, SECOND = "渡口恢复通航后的第一个早晨", "老船工的二十年"
ROWS = [{"title": FIRST, "url": "/story/a1b2c3"}, {"title": SECOND, "url": "/story/20240501.html"}]
BY_ID = [{"title": FIRST, "id": "77123"}, {"title": "老船工守着渡口二十年", "id": "77124"}]
TEXT = "".join(
    f"<p>旧码头改成阅览室以后，第{number}个周末来了三百多人，村民说傍晚有了去处。</p>" for number in range(4)
)
NAMED = [{"@type": "ListItem", "item": {"url": "https://www.hekou.example/story/a1b2c3", "name": FIRST}}]


def state(value: Any, kind: str = "application/json") -> str:
    return f'<script id="__NEXT_DATA__" type="{kind}">{json.dumps(value, ensure_ascii=False)}</script>'


def assigned(name: str, value: Any) -> str:
    return f"<script>window.{name} = {json.dumps(value, ensure_ascii=False)};</script>"


def article(markup: str) -> ArticlePage:
    page = f"<title>旧码头改成阅览室 - 河口网</title><h1>旧码头改成阅览室</h1><div>2024-05-06 10:00</div>{TEXT}{markup}"
    return ArticlePage(Document.from_text(page, URL, datetime(2024, 5, 7, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("script", "block", "titles"),
    [
        (state({"props": {"pageProps": {"recommendList": ROWS}}}), "推荐阅读", [FIRST, SECOND]),
        (state({"article": {"id": "77100"}, "relatedNews": BY_ID}), "相关阅读", [FIRST, "老船工守着渡口二十年"]),
        (assigned("__INITIAL_STATE__", {"detail": {"similarArticles": {"list": ROWS}}}), "相关阅读", [FIRST, SECOND]),
        (assigned("__NUXT__", {"data": [{"relate_docs": ROWS}]}), "相关阅读", [FIRST, SECOND]),
        (state({"modules": [{"title": "猜你喜欢", "recommend": {"items": ROWS}}]}), "猜你喜欢", [FIRST, SECOND]),
        (state({"guessYouLike": [{"article": row} for row in ROWS]}), "推荐阅读", [FIRST, SECOND]),
        (
            state({"@type": "ItemList", "name": "相关推荐", "itemListElement": NAMED}, "application/ld+json"),
            "相关推荐",
            [FIRST],
        ),
    ],
    ids=["next", "ids", "initial state", "nuxt", "heading", "wrapped", "json-ld"],
)
def test_recommendations_in_a_script_are_a_block(script: str, block: str, titles: list[str]) -> None:
    page = article(script)
    assert [(link.block, link.title) for link in page.related()] == [(block, title) for title in titles]
    assert [(found.name, found.links) for found in page.related_blocks()] == [(block, len(titles))]


def test_row_with_an_id_alone_has_an_address_like_the_page() -> None:
    script = state({"article": {"id": "77100"}, "relatedNews": BY_ID})
    assert article(script).related()[0].url == "https://www.hekou.example/story/77123"


def test_link_that_is_shown_has_one_row() -> None:
    shown = f"<div><h3>相关阅读</h3><ul><li><a href='/story/a1b2c3'>{FIRST}</a></li></ul></div>"
    found = article(shown + state({"relatedNews": ROWS})).related()
    assert [(link.position, link.title) for link in found] == [(0, FIRST), (1, SECOND)]


@pytest.mark.parametrize(
    "value",
    [
        {"hotList": ROWS},
        {"relatedTags": [{"title": "渡口这个标签有十二个字长", "url": "/tag/1"}]},
        {"recommendUsers": [{"name": "河口客和他的老朋友们在这里", "url": "/u/1"}]},
        {"related": [{"title": "旧码头改成阅览室", "url": "/story/77100"}]},
    ],
    ids=["ranking", "tags", "users", "itself"],
)
def test_other_lists_are_no_block(value: Any) -> None:
    page = article(state(value))
    assert (page.related(), page.related_blocks()) == ([], [])
