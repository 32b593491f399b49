"""Articles that a page's scripts hold and the page itself does not show."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document

FETCHED_AT = datetime(2024, 4, 26, 2, 30, tzinfo=UTC)
URL = "https://www.example.com/article/7180065"
TITLE = "环湖绿道月底通车 绕行成过往"
SENTENCES = [
    "环湖绿道二期工程月底通车，沿线居民出行不再绕行。",
    "项目负责人说，验收已经完成，剩下的是照明调试和标线复核。",
    "附近的老人等这条路等了六年，如今出门就能走到湖边。",
    "下一步，沿线还将补种乔木，并增设饮水点和长椅，方便市民休息。",
]
HTML = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
PLAIN = "\n".join(SENTENCES)
BLOCKS = [{"type": "text", "text": sentence} for sentence in SENTENCES]


def shell(title: str, script: str, kind: str = "", shown: str = '<div class="spin">加载中…</div>') -> ArticlePage:
    page = (
        f"<html><head><title>{title}</title></head><body><div id=app>{shown}</div>"
        f"<script{kind}>{script}</script></body></html>"
    )
    return ArticlePage(Document.from_text(page, URL, FETCHED_AT))


def state(**article: Any) -> str:
    rows = [{"title": "另一篇报道的标题", "url": "/article/1", "summary": "导语。"}]
    return json.dumps({"props": {"article": {"title": TITLE, **article}, "recommend": rows}}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (state(content=HTML), ' type="application/json"'),
        (f"window.__INITIAL_STATE__ = {state(content=HTML)};(function(){{}}());", ""),
        (f"var pageState={state(body=PLAIN)};", ""),
        (state(paragraphs=SENTENCES), ' type="application/json"'),
        (state(blocks=BLOCKS), ' type="application/json"'),
        (json.dumps({"@type": "NewsArticle", "headline": TITLE, "articleBody": PLAIN}), ' type="application/ld+json"'),
    ],
)
def test_text_of_a_shell_is_that_of_its_state(script: str, kind: str) -> None:
    item = shell(f"{TITLE} - 某新闻", script, kind).to_item()
    assert (item.title, item.text, item.kind) == (TITLE, PLAIN, "article")
    assert item.methods["text"].startswith(("state", "json-ld"))


@pytest.mark.parametrize("moment", [1712541600000, 1712541600, "2024-04-08 10:00:00"])
def test_state_gives_time_source_and_author(moment: int | str) -> None:
    script = state(content=HTML, publishTime=moment, source="某某晚报", authorName="何玉")
    item = shell(f"{TITLE} - 某新闻", script, ' type="application/json"').to_item()
    assert item.published_at == datetime(2024, 4, 8, 2, 0, tzinfo=UTC)
    assert (item.source, item.authors) == ("某某晚报", ["何玉"])


def test_title_that_the_head_does_not_repeat_is_taken_from_the_only_long_text() -> None:
    assert shell("某新闻", state(content=HTML), ' type="application/json"').to_item().title == TITLE


def areas(**fields: str) -> str:
    rows = "".join(f"<textarea class='hide article-{name}'>{escape(text)}</textarea>" for name, text in fields.items())
    return f"<div>违法和不良信息举报电话。</div><div style='display:none'>{rows}</div>"


def test_article_that_only_textareas_hold() -> None:
    shown = areas(title=TITLE, content=HTML, time="1712541600000", **{"source-name": "某某晚报"}, author="何玉")
    item = shell(f"{TITLE} - 某新闻", "", shown=shown).to_item()
    assert (item.title, item.text, item.methods["text"]) == (TITLE, PLAIN, "textarea")
    assert (item.source, item.authors) == ("某某晚报", ["何玉"])
    assert item.published_at == datetime(2024, 4, 8, 2, 0, tzinfo=UTC)


def test_tags_of_a_textarea_are_those_of_a_list() -> None:
    shown = areas(content=HTML, keywords='["绿道", "环湖"]')
    assert shell(TITLE, "", shown=shown).tags() == ["绿道", "环湖"]
    assert shell(TITLE, "", shown=areas(content=HTML, keywords="绿道,环湖")).tags() == []


@pytest.mark.parametrize("content", [PLAIN, "<p>短。</p>", "<div class=embed></div>"])
def test_textarea_without_an_articles_markup_is_none(content: str) -> None:
    assert shell(TITLE, "", shown=areas(content=content)).text() != PLAIN


@pytest.mark.parametrize(
    "script",
    [
        state(summary="只有导语。"),
        json.dumps([{"title": f"第{n}篇报道的标题", "content": PLAIN} for n in range(3)]),
        "window.x = {broken",
        "",
    ],
)
def test_state_without_one_article_gives_none(script: str) -> None:
    assert shell("某新闻", script, ' type="application/json"').text() != PLAIN


def test_text_that_the_page_shows_comes_before_its_state() -> None:
    shown = f"<h1>{TITLE}</h1><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p><p>{SENTENCES[2]}</p>"
    page = shell(TITLE, state(content=HTML), ' type="application/json"', shown)
    assert page.text() == "\n".join(SENTENCES[:3])


LITERAL = f'{{title:"{TITLE}",content:{json.dumps(HTML)}}}'
CHUNK = json.dumps("5:" + state(content=HTML))


@pytest.mark.parametrize(
    "script",
    [
        f"window.__NUXT__={LITERAL};",
        f"window.__STATE__=JSON.parse({json.dumps(state(content=HTML))});",
        f"self.__next_f.push([1,{CHUNK}])",
    ],
)
def test_text_of_a_shell_is_that_of_an_assigned_literal(script: str) -> None:
    assert shell(f"{TITLE} - 某新闻", script).text() == PLAIN


def test_expression_in_a_script_is_not_run() -> None:
    script = f"window.__NUXT__=(function(a){{return {{title:a,content:{json.dumps(HTML)}}}}})({json.dumps(TITLE)})"
    assert shell(f"{TITLE} - 某新闻", script).text() != PLAIN
