"""Tags: the labelled line, an empty label, links marked up as tags, metadata last and named as such."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.article.keywords import tags
from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
KEYWORDS = "<meta name='keywords' content='渡口,水位'>"


def read(tail: str, head: str = "") -> tuple[list[str], str | None]:
    body = "".join(f"<p>正文第{i}段，渡口的水位今天继续回落，船期照旧。</p>" for i in range(4))
    html = f"<html><head>{head}</head><body><h1>渡口恢复通航</h1><div>{body}</div>{tail}</body></html>"
    document = Document.from_text(html, "https://hekou.example/a/1.html", FETCHED)
    first = next(line.index for line in document.lines if line.text.startswith("正文第0段"))
    return tags(document, (first, first + 3))


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("<p>标签：<a href='/tag/1'>渡口</a> <a href='/tag/2'>水位</a></p>", ["渡口", "水位"]),
        ("<p>关键词：渡口 水位</p>", ["渡口", "水位"]),
        ("<p>标签：<span>渡口</span><span>水位</span></p>", ["渡口", "水位"]),
        ("<p><b>标签：</b><span>渡口</span><i>水位</i></p>", ["渡口", "水位"]),
        ("<div class='tags'><a href='/tag/1'>渡口</a><a href='/tag/2'>水位</a></div>", ["渡口", "水位"]),
        ("<p>标签:</p><h3>相关阅读</h3><ul><li><a href='/a/2.html'>渡口旧闻与船期的往事</a></li></ul>", []),
        ("<p>关联话题<a href='/s/1'>渡口</a><a href='/s/2'>水位</a></p>", ["渡口", "水位"]),
        ("<p class=tags><a href='/tag/1'>渡口</a> 来源：<a href='/m/1'>河口日报</a></p>", ["渡口"]),
        ("<p>标签化管理是今年的新词。</p>", []),
        (
            "<div><div>關鍵字：</div><ul><li><a href='K.aspx?id=1'>渡口</a></li>"
            "<li><a href='K.aspx?id=2'>水位</a></li></ul></div>",
            ["渡口", "水位"],
        ),
        ("<div>關鍵字：</div><ul><li><a href='/n/1'>往來的貨船都在下游等候，鎮上的糧店照常開門</a></li></ul>", []),
        (
            "<p>文章标签 <a href='/topic/1'>渡口</a> <a href='/topic/2'>水位</a> "
            "文章分类 <a href='/cat/3'>水运</a></p>",
            ["渡口", "水位"],
        ),
        (
            "<div class='tags'><a href='/search?q=1'>渡口停航三天后恢复通航</a>"
            "<a href='/search?q=2'>粮店改在上午营业受欢迎</a></div>",
            [],
        ),
    ],
)
def test_shown_tags(tail: str, expected: list[str]) -> None:
    assert read(tail)[0] == expected


@pytest.mark.parametrize(
    ("keywords", "title", "expected"),
    [
        ("渡口,船期,水位", "渡口恢复通航", ["渡口", "船期", "水位"]),
        ("渡口 水位", "渡口恢复通航", ["渡口", "水位"]),
        ("Ferry渡口,水位,船期", "渡口恢复通航", ["Ferry渡口", "水位", "船期"]),
        ("河口,新闻,日报", "渡口恢复通航--河口日报网--河口新闻", []),
        ("渡口,河口日报", "渡口恢复通航_河口日报网", ["渡口"]),
        ("渡口恢复通航水位回落,渡口", "渡口恢复通航水位回落-河口网", ["渡口"]),
        ("门户网站,论坛,渡口", "渡口恢复通航", []),
        ("渡口,口恢,恢复,复通,通航", "渡口恢复通航_河口网", []),
        ("渡口,恢复通航", "渡口恢复通航_河口网", ["渡口", "恢复通航"]),
    ],
)
def test_keywords_of_the_site_and_the_headline_are_no_tags(keywords: str, title: str, expected: list[str]) -> None:
    assert read("", f"<title>{title}</title><meta name='keywords' content='{keywords}'>")[0] == expected


def test_tag_links_above_the_headline_are_a_menu() -> None:
    menu = "<ul><li><a href='/tag/1'>渡口</a></li><li><a href='/tag/2'>水位</a></li></ul>"
    head = f"<title>渡口恢复通航</title></head><body>{menu}"
    assert read("", head) == ([], None)


def test_empty_label_does_not_fall_back_to_metadata() -> None:
    assert read("<p>标签：</p>", KEYWORDS) == ([], "empty label")


def test_metadata_keywords_are_named_as_such() -> None:
    assert read("", KEYWORDS) == (["渡口", "水位"], "meta keywords")
