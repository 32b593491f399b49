"""The meaning of a query: what it finds in an article."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from newsspider.search.matching import MatchedArticle
from newsspider.search.parsing import parse
from newsspider.search.query import Term
from newsspider.search.snippets import marked, snippet
from newsspider.search.units import term_units

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
ARTICLE: dict[str, Any] = {
    "_id": "news.hekou.example/1",
    "url": "https://news.hekou.example/1",
    "site": "hekou.example",
    "title": "“一渡一桥”倡议：５Ｇ網絡進村",
    "text": "河口鎮的產業鏈，Ａ股漲3.5%。\n有人\u200b答覆：AT&T said so, iPhone 15也來了。",
    "source": "河口日報 客户端",
    "authors": ["周小舟", "Li Ming"],
    "tags": ["渡船"],
    "section": "国内",
    "language": "zh-Hant",
    "published_at": None,
    "first_seen_at": NOW,
    "duplicate_of": "other.example/1",
}


@pytest.mark.parametrize(
    "text",
    [
        *("产业链", "產業鏈", "渡", "5G", "5g网络", "一渡一桥倡议", "A股", "股涨3.5", "AT&T", "said so", "iphone 15"),
        *("答复", '"产业链，A股"', '"人答复"', "title:进村", "-title:股", "渡 股", "没有 OR 股", "镇的产业"),
        *("source:河口日报", "source:日报", 'source:"河口日报客户端"', "author:周小舟", "author:liming", "tag:渡船"),
        *("section:国内", "lang:zh", "lang:zh-hant", "site:hekou.example", "site:news.hekou.example", "site:example"),
        *("since:2026-12-01 until:2026-12-01", "copies:only", "-lang:en", ""),
    ],
)
def test_found(text: str) -> None:
    assert MatchedArticle(ARTICLE).matches(parse(text, NOW).root)


@pytest.mark.parametrize(
    "text",
    [
        *("产业链A股", '"t so"', "phone", "sai", "title:股", "涨有人", "-渡", "渡 没有", '"5 网络"', "网进站", "3.50"),
        *('source:"河口日报"', 'author:"周小"', "lang:zh-hans", "site:ekou.example", "site:a.hekou.example"),
        *("since:2026-12-02", "until:2026-11-30", "copies:no", "-lang:zh", "story:x"),
    ],
)
def test_not_found(text: str) -> None:
    assert not MatchedArticle(ARTICLE).matches(parse(text, NOW).root)


def shown(segments: tuple[Any, ...]) -> str:
    return "".join(f"[{text}]" if is_hit else text for text, is_hit in segments)


def test_hits_are_marked_as_the_text_has_them() -> None:
    terms = parse("一渡一桥倡议 5g网络 A股 答复 said t", NOW).terms
    assert shown(marked(ARTICLE["title"], terms)) == "“[一渡一桥”倡议]：[５Ｇ網絡]進村"
    assert shown(snippet(ARTICLE["text"], terms)) == (
        "河口鎮的產業鏈，[Ａ股]漲3.5%。 有人\u200b[答覆]：AT&[T] [said] so, iPhone 15也來了。"
    )


def test_a_snippet_shows_most_of_the_words() -> None:
    filling = "水位退了。" * 60
    text = f"渡船停航。{filling}渡船与桥都通了。{filling}"
    found = shown(snippet(text, [Term(term_units(word)) for word in ("渡船", "桥")], 40))
    assert found.startswith("…") and found.endswith("…") and "[渡船]与[桥]都通了" in found and len(found) < 60
    assert shown(snippet(text, [], 10)) == "渡船停航。水位退了。…"
    assert shown(snippet(text, [Term(("渡",), in_title=True)], 5)) == "渡船停航。…"
