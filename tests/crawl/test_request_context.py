"""What is stored of a request, and read back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from newsspider.crawl.request_context import RequestContext

KEY = "www.sample.example/list_2.html"
PAGER: dict[str, Any] = {
    "kind": "more",
    "key": KEY,
    "parent": "https://www.sample.example/",
    "page": 2,
    "chain": "www.sample.example",
    "alternatives": ["https://www.sample.example/2/"],
    "is_second_way": True,
    "base": "https://www.sample.example/",
    "item_urls": ["/a/{id}.html"],
    "found_before": 20,
    "said_next": True,
    "last_page": 9,
}
RELATED: dict[str, Any] = {
    "kind": "article",
    "key": KEY,
    "depth": 1,
    "block": "相关阅读",
    "parent": "https://www.sample.example/1.html",
    "page": 1,
    "newest": "2024-04-24T08:00:00+00:00",
    "changed_at": "2024-04-24T08:00:00+00:00",
    "offsite": True,
}
FRONT: dict[str, Any] = {"kind": "seed", "key": KEY, "page": 1, "chain": KEY, "channels": 2}


@pytest.mark.parametrize("stored", [PAGER, RELATED, FRONT], ids=["pager", "related", "front"])
def test_the_names_in_mongodb_are_read_and_written(stored: dict[str, Any]) -> None:
    context = RequestContext.of_meta(stored | {"reach": {"since": None}, "of_a_later_version": 1}, KEY)
    assert json.loads(json.dumps(context.to_meta())) == stored


def test_what_only_the_running_request_knows_is_not_stored() -> None:
    context = RequestContext(
        kind="article", key=KEY, is_resumed=True, is_stored=True, is_shell=True, part=2, part_keys=("a",)
    ).redirected("b")
    assert context.to_meta() == {"kind": "article", "key": KEY, "page": 1}
    assert RequestContext.of_meta({"part": 2, "is_stored": True}, KEY) == RequestContext(kind="article", key=KEY)


def test_a_page_without_a_listing_is_its_own_first_page() -> None:
    assert RequestContext(kind="sitemap", key=KEY).list_key == KEY
