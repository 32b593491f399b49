"""The section: the breadcrumb's last step in all its forms, metadata, the title element; never a menu or the site."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.article.section import section
from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
TITLE = "河口镇渡口停航三天后恢复通航"
MENU = "<ul class='nav'><li><a href='/1/'>社会</a></li><li><a href='/2/'>水运</a></li></ul>"


def read(before: str, *, head: str = "", title: str = TITLE) -> str | None:
    html = (
        f"<html><head><title>{title}</title>{head}</head><body>{before}<h1>{TITLE}</h1><p>渡口通航。</p></body></html>"
    )
    document = Document.from_text(html, "https://hekou.example/a/1.html", FETCHED)
    return section(document, next(line.index for line in document.lines if line.level == 1))


@pytest.mark.parametrize(
    "before",
    [
        "<p>当前位置: <a href='/'>河口热线</a>&gt; <a href='/sh'>社会</a></p>",
        "<p>您现在的位置：<a href='/'>河口网</a> &gt;&gt; <a href='/sh/'>社会</a> 正文</p>",
        "<p><a href='/'>河口</a> -&gt; <a href='/sh/'>社会</a> -&gt; 正文</p>",
        "<div class='z'><a href='/'>河口人论坛</a> ›<a href='/p'>门户</a> ›<a href='/sh'>社会</a> ›查看内容</div>",
        "<div><a href='http://hekou.example/'>河口网</a>&gt;&gt;<a href='http://sh.hekou.example/'>社会</a></div>",
        "<div>河口图片站 → <a href='/sh/'>社会</a></div>",
        "<div class='box_crumb__1'><a href='/'>资讯</a><i>/</i><a href='/sh'>社会</a><i>/</i><b>正文</b></div>",
        "<div><a href='/'>首页</a> / <a href='/sh'>社会</a> / 正文</div>",
        "<ol class='breadcrumb'><li><a href='/'>主頁</a></li><li><a href='/sh'>社会</a></li></ol>",
        "<table><td><a href='/'>首页</a></td><td>&gt;<a href='/sh'>社会</a></td></table>",
        "<div class='path'><a href='/'>河口網</a> &gt; <a href='/sh/'>社会</a> &gt; <a href='/rb/'>河口日報</a></div>",
        "<div id='breadcrumb'><a href='/'>河口</a> &gt; <a href='/sh/'>社会</a> 2023年8月6日</div>",
        "<p><a href='/'>河口热线</a> &gt; <a href='/sh'>社会</a></p><p><a href='/ad'>渡口公司专版</a></p>",
    ],
)  # fmt: skip
def test_last_step_of_the_breadcrumb(before: str) -> None:
    assert read(before) == "社会"


@pytest.mark.parametrize(
    "before",
    [
        "<p>您现在的位置：<a href='/'>河口网</a> &gt; 正文</p>",
        "<p><a href='/'>首页</a> &gt; <a href='/1'>河口新闻网</a></p>",
        MENU,
        "<p><a href='/1'>社会</a> | <a href='/2'>水运</a></p>",
        "<p><a href='/a/2.html'>渡口旧闻</a> 更多&gt;&gt; <a href='/a/3.html'>船期公告与往来货船的大小事情一览</a></p>",
        "<div class='breadcrumb'><a href='/'>河口</a></div>",
    ],
)
def test_menus_and_the_sites_name_are_no_section(before: str) -> None:
    assert read(before) is None


def test_metadata_follow_the_breadcrumb() -> None:
    head = "<meta property='article:section' content='水运'>"
    assert read("", head=head) == "水运"
    assert read("<p>当前位置：<a href='/'>首页</a> &gt; <a href='/sh'>社会</a></p>", head=head) == "社会"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (f"{TITLE} - 水运 - 河口网", "水运"),
        (f"{TITLE}_水运_河口网", "水运"),
        (f"{TITLE} - 河口网", None),
        (f"{TITLE} - 渔业 - 河口网", None),
    ],
)
def test_title_element_names_a_channel_of_the_menu(title: str, expected: str | None) -> None:
    assert read(MENU, title=title) == expected
