"""Channels by their names and addresses, in simplified and traditional characters."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage

HOST = "https://www.sample.example"
NEIGHBOURS = '<a href="/guonei/">国内</a><a href="/guoji/">国际</a>'


def channels(link: str, where: str = "nav") -> list[str]:
    html = f'<html><body><div class="nav">{NEIGHBOURS}</div><div class="{where}">{link}</div></body></html>'
    page = ListingPage(Document.from_text(html, f"{HOST}/", datetime(2026, 11, 1, 8, 0, tzinfo=UTC)))
    return [url.removeprefix(HOST) for url in page.channels() if url.removeprefix(HOST) not in ("/guonei/", "/guoji/")]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/cate/2", "要聞"),
        ("/breaknews/1", "即時"),
        ("/cate/4", "運動"),
        ("/yaowen/", "要闻"),
        ("/list.php?cat=3", "社会"),
        ("/zoujin/", "走进基层"),
        ("/scroll-news/news1.html", "滚动"),
    ],
)
def test_a_channel(path: str, name: str) -> None:
    assert channels(f'<a href="{path}">{name}</a>') == [path]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/pdf/20240426/3.pdf", "财经"),
        ("/bsfw/", "办事服务"),
        ("/hdjl/", "互动交流"),
        ("/guide/", "导航"),
        ("/comments/feed/", "訂閱資訊"),
        ("/contact/", "聯絡我們"),
        ("/page/2/", "較舊的文章"),
        ("/item/2", "详见"),
        ("/item/2.html", "东湖社会新闻"),
        ("/scroll-news/news1.html", "滚动新闻看这里"),
        ("/2026/1101/10001.html", "要闻"),
    ],
)
def test_no_channel(path: str, name: str) -> None:
    assert channels(f'<a href="{path}">{name}</a>') == []


def test_below_the_page_only_the_name_of_a_channel_counts() -> None:
    assert channels('<a href="/zt/zscq/">产权专题</a><a href="/shehui/">社会</a>', "footer") == ["/shehui/"]
