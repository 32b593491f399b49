"""A page that only its scripts can show, told from pages that are merely short."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.pages.listing.shell import is_shell

FETCHED = datetime(2024, 4, 26, 2, 0, tzinfo=UTC)
URL = "https://www.shazhou-app.example/a/2024-04/7001.html"
PROGRAM = '<script src="/js/app.js"></script>'
PLACE = '<div id="app"></div>'
ARTICLE = "筹备三十六个月之后，樨桥区的古戏台迎来第一批看客，台下坐满了从各村赶来的老人。"
ROWS = [
    {"title": f"樨桥区古戏台第{number}场演出售票", "url": f"/a/2024-04/{number}.html"} for number in range(7001, 7006)
]
DATA = f'<script type="application/json">{json.dumps({"list": ROWS}, ensure_ascii=False)}</script>'
STORY = {"title": "樨桥古戏台重开", "content": 3 * f"<p>{ARTICLE}</p>"}
STATE = f"<script>window.__INITIAL_STATE__ = {json.dumps({'article': STORY}, ensure_ascii=False)};</script>"


def document(body: str, head: str = "") -> Document:
    html = f"<html><head><title>沙洲新闻</title>{head}</head><body>{body}</body></html>"
    return Document.from_text(html, URL, FETCHED)


@pytest.mark.parametrize(
    "body",
    [
        PLACE + PROGRAM,
        '<div id="root"><div class="loading"><i></i>正在加载，请稍候…</div></div>' + PROGRAM,
        "<news-app></news-app>" + PROGRAM,
        "<noscript>您需要启用JavaScript才能查看本页。</noscript>" + PROGRAM,
        "<strong>We're sorry but this app doesn't work properly without JavaScript enabled.</strong>" + PLACE + PROGRAM,
        PLACE + "<script>" + "var page = location.pathname; draw(page);" * 3 + "</script>",
        '<div class="nav"><a href="/gn/">国内</a><a href="/gj/">国际</a></div><ul class="news-list"></ul>' + PROGRAM,
        "<h1>沙洲新闻</h1>" + PLACE + PROGRAM + "<div>版权所有 沙洲新闻社 未经许可不得转载 京ICP备00000000号</div>",
    ],
    ids=["place", "loading", "own-element", "noscript", "message", "inline", "menu", "foot"],
)
def test_a_frame_that_scripts_fill_is_a_shell(body: str) -> None:
    assert is_shell(document(body))
    assert ArticlePage(document(body)).kind() == "shell"


def test_a_description_in_the_head_is_not_what_the_page_shows() -> None:
    head = f'<meta name="description" content="{ARTICLE}{ARTICLE}"><meta property="og:title" content="沙洲新闻">'
    assert ArticlePage(document(PLACE + PROGRAM, head)).kind() == "shell"


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>樨桥古戏台重开</h1><p>{ARTICLE}</p>" + PLACE + PROGRAM,
        "<p>本站将于4月26日夜间升级，届时暂停访问。</p>" + PLACE + PROGRAM,
        PLACE + '<a href="/a/2024-04/7002.html">樨桥区古戏台第二场演出开始售票</a>' + PROGRAM,
        PLACE + "".join(f'<a href="/c/{number}.html">潮汐车道加开夜班服务</a>' for number in range(9)) + PROGRAM,
        PLACE + DATA + PROGRAM,
        PLACE + STATE + PROGRAM,
        '<div id="app" class="news-list" data-url="/api/list?page=1"></div>' + PROGRAM,
        PLACE,
        "<script>location.href = '/index.html?from=' + encodeURIComponent(document.referrer);</script>",
        '<div id="ad_top"></div><p>沙洲新闻</p>' + PROGRAM,
        PLACE + '<video src="/v/1.mp4"></video>' + PROGRAM,
        PLACE + '<iframe src="/frame.html"></iframe>' + PROGRAM,
        PLACE + "".join(f'<img src="/p/{number}.jpg">' for number in range(4)) + PROGRAM,
    ],
    ids=[
        *("article", "notice", "article-link", "headlines", "list-in-data", "article-in-data", "named-endpoint"),
        *("no-script", "redirect", "no-place", "video", "frame", "pictures"),
    ],
)
def test_what_shows_or_names_something_is_no_shell(body: str) -> None:
    assert not is_shell(ArticlePage(document(body)).document)
    assert ArticlePage(document(body)).kind() != "shell"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('<div class="error">抱歉，您访问的页面不存在或已被删除</div>' + PLACE + PROGRAM, "error"),
        ('<p>请先登录</p><input type="password">' + PLACE + PROGRAM, "login"),
    ],
)
def test_a_soft_404_or_a_login_in_a_frame_is_what_it_says(body: str, kind: str) -> None:
    assert ArticlePage(document(body)).kind() == kind
