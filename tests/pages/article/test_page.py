"""The article's page: selectors overrule, explanations, the canonical address, a typed item."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from newsspider.items import Article
from newsspider.pages.article import SELECTED, ArticlePage
from newsspider.pages.article.explain import EXPLAINED
from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
URL = "https://hekou.example/2023/0806/1001.html"
TITLE = "河口镇渡口停航三天后恢复通航"
SENTENCES = [
    "河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。",
    "水利站的值班员说，上游连日降雨，水位一度高出警戒线，昨天夜里才回落。",
    "六日清晨，第一班渡船载着二十多名乘客离岸，码头的小吃摊也支了起来。",
]
OTHER = (
    "<div id=x><b>码头公告</b><i>2023-08-01 09:00</i><u>码头所</u><s>周航</s><em>沈舟</em><q>船期</q>"
    "<p>明日停航</p></div>"
)
PAGE = (
    "<html><head><title>{title}_河口网</title>{head}</head><body><h1>{title}</h1>"
    "<div class=info>2023-08-06 10:20 来源：河口日报 作者：何玉</div><div class=content>{prose}</div>"
    "<p>责任编辑：林舟</p>{other}</body></html>"
)


def document(head: str = "", url: str = URL) -> Document:
    prose = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    return Document.from_text(PAGE.format(title=TITLE, head=head, prose=prose, other=OTHER), url, FETCHED)


def page(**selectors: str) -> ArticlePage:
    selected: Any = type("SelectedPage", (ArticlePage,), {f"{name}_selector": css for name, css in selectors.items()})
    return selected(document())


@pytest.mark.parametrize(
    ("name", "css", "xpath", "expected"),
    [
        ("title", "#x b", "//*[@id='x']/b", "码头公告"),
        ("body", "#x p", "//*[@id='x']/p", "明日停航"),
        ("source", "#x u::text", "//*[@id='x']/u/text()", "码头所"),
        ("authors", "#x s", "//*[@id='x']/s", ["周航"]),
        ("editor", "#x em", "(//*[@id='x']/em)[1]", "沈舟"),
        ("published_at", "#x i", "//*[@id='x']/i", datetime(2023, 8, 1, 1, 0, tzinfo=UTC)),
        ("tags", "#x q", "//*[@id='x']/q", ["船期"]),
        ("section", "#x b", "//*[@id='x']/b", "码头公告"),
    ],
)
def test_selector_overrules_what_is_found_without(name: str, css: str, xpath: str, expected: object) -> None:
    field = "text" if name == "body" else name
    assert getattr(ArticlePage(document()).to_item(), field) != expected
    for selector in (css, xpath):
        item = page(**{name: selector}).to_item()
        assert getattr(item, field) == expected
        assert item.methods[field] == "selector"


@pytest.mark.parametrize("name", SELECTED)
def test_selector_that_matches_nothing_leaves_the_field_as_found(name: str) -> None:
    field = "text" if name == "body" else name
    found = getattr(ArticlePage(document()).to_item(), field)
    assert getattr(page(**{name: "#nowhere"}).to_item(), field) == found


def test_explanation_has_value_method_and_candidates_of_each_field() -> None:
    told = ArticlePage(document()).explain()
    assert set(told) == set(EXPLAINED)
    assert all({"value", "method", "candidates"} <= set(field) for field in told.values())
    assert told["title"]["value"] == told["title"]["candidates"][0]["value"] == TITLE
    assert told["title"]["method"] == "h1 and title"
    assert told["text"]["candidates"]
    assert told["kind"]["reasons"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", URL),
        ("<link rel=canonical href='http://hekou.example/2023/0806/1001.html?from=rss'>", URL),
        ("<link rel=canonical href='https://hekou.example/'>", URL),
        ("<link rel=canonical href='https://hekou.example/2023/0806/1002.html'>", URL),
        ("<link rel=canonical href='https://elsewhere.example/2023/0806/1001.html'>", URL),
        ("<link rel=canonical href='javascript:;'>", URL),
        ("<meta property='og:url' content='https://hekou.example/2023/0806/1002.html'>", URL),
        (
            "<link rel=canonical href='https://www.hekou.example/2023/0806/1001.html'>",
            "https://www.hekou.example/2023/0806/1001.html",
        ),
    ],
)
def test_stated_address_is_taken_only_for_the_same_article(head: str, expected: str) -> None:
    url = ArticlePage(document(head)).url()
    assert url.removeprefix("http://").removeprefix("https://") == expected.removeprefix("https://")


def test_item_has_every_field_of_the_page() -> None:
    item = ArticlePage(document()).to_item()
    assert isinstance(item, Article)
    assert (item.title, item.text.split("\n")[:3], item.source) == (TITLE, SENTENCES, "河口日报")
    assert (item.authors, item.editor) == (["何玉"], "林舟")
    assert (item.published_at, item.published_precision) == (datetime(2023, 8, 6, 2, 20, tzinfo=UTC), "minute")
    assert (item.site, item.language, item.kind) == ("hekou.example", "zh-Hans", "article")
    assert item.body_html.count("\n") == item.text.count("\n")


def test_missing_field_is_none_or_empty() -> None:
    item = ArticlePage(Document.from_text(f"<p>{SENTENCES[0]}</p>", "https://hekou.example/x.html", FETCHED)).to_item()
    assert (item.source, item.editor, item.section, item.published_at, item.published_raw) == (None,) * 5
    assert (item.authors, item.tags, item.images, item.related) == ([], [], [], [])
