"""Related blocks: one row an address, ended by the next heading, nothing of the article's own fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.items import RelatedBlock, RelatedLink
from newsspider.pages.document import Document
from newsspider.pages.related.blocks import related_blocks
from newsspider.pages.related.headings import heading_name, is_more, is_title

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
URL = "https://hekou.example/a/1000.html"
TITLE = "河口镇渡口停航三天后恢复通航"


def entry(number: int, title: str | None = None, *, url: str | None = None, snippet: str = "") -> str:
    title = title or f"渡口旧闻第{number}则：水位与船期的往事"
    url = url or f"/a/{number}.html"
    text = f"<p>{snippet}<a href='{url}'>更多</a></p>" if snippet else ""
    return (
        f"<li><a href='{url}'><img src='/i/{number}.jpg'></a><h4><a href='{url}'>{title}</a></h4>{text}"
        f"<span>2023-08-06 09:{number % 60:02}:15</span></li>"
    )


def read(html: str, url: str = URL) -> tuple[dict[str, RelatedBlock], list[RelatedLink]]:
    body = (
        "<div class='content'>"
        + "".join(f"<p>正文第{i}段，渡口的水位今天继续回落，船期照旧。</p>" for i in range(4))
        + "</div>"
    )
    page = f"<html><body><div class='main'><h1>{TITLE}</h1>{body}{html}</div></body></html>"
    document = Document.from_text(page, url, FETCHED)
    texts = [line.text for line in document.lines]
    first = next(i for i, text in enumerate(texts) if text.startswith("正文第0段"))
    last = next(i for i, text in enumerate(texts) if text.startswith("正文第3段"))
    blocks, links, _ = related_blocks(document, (first, last), url, TITLE)
    return {block.name: block for block in blocks}, links


def test_picture_title_and_more_are_one_row_with_its_time_and_snippet() -> None:
    _, links = read(
        f"<h3>推荐阅读</h3><ul>{entry(11, snippet='水位回落以后，第一班船坐满了人，船老大说')}{entry(12)}</ul>"
    )
    assert [link.url for link in links] == ["https://hekou.example/a/11.html", "https://hekou.example/a/12.html"]
    assert links[0].snippet == "水位回落以后，第一班船坐满了人，船老大说"
    assert links[0].published_raw == "2023-08-06 09:11:15"
    assert links[0].image == "https://hekou.example/i/11.jpg"
    assert [link.position for link in links] == [0, 1]


def test_block_ends_at_the_next_heading_and_empty_blocks_are_kept() -> None:
    blocks, links = read(
        f"<h3>相关阅读</h3><h3>推荐阅读</h3><ul>{entry(11)}{entry(12)}</ul><h3>精彩放送</h3><ul>{entry(13)}</ul><h3>今日推送</h3>"
    )
    assert {name: block.links for name, block in blocks.items()} == {
        "相关阅读": 0,
        "推荐阅读": 2,
        "精彩放送": 1,
        "今日推送": 0,
    }
    assert [link.block for link in links] == ["推荐阅读", "推荐阅读", "精彩放送"]


@pytest.mark.parametrize(
    ("left", "count"),
    [
        ("<div class='xg'><h3>相关阅读</h3><ul id='xg-list'></ul></div>", 0),
        ("<div class='xg'><div class='bt'><h3>相关阅读</h3></div><div><dl></dl></div></div>", 0),
        ("<div class='bt'><h3>相关阅读</h3></div>", 2),
        ("<ul></ul><div class='bt'><h3>相关阅读</h3></div>", 2),
    ],
)
def test_block_whose_own_list_is_empty_takes_no_other_list(left: str, count: int) -> None:
    """The list is one that scripts fill."""
    blocks, links = read(f"<div class='low'>{left}<div class='list'><ul>{entry(11)}{entry(12)}</ul></div></div>")
    assert (blocks["相关阅读"].links, len(links)) == (count, count)


def test_full_title_wins_over_the_cut_one() -> None:
    full = "惠誉下调评级后“债台高筑”的邻国会是下一个吗？"
    rows = (
        f"<p><a href='/a/11.html'>{full}</a></p><p><a href='/a/11.html'>{full[:14]}</a></p>"
        "<p><a href='/a/12.html'>渡口旧闻与船期的往事一则</a></p>"
    )
    _, links = read(f"<h3>推荐阅读</h3><div>{rows}</div>")
    assert (links[0].title, links[0].short_title) == (full, full[:14])
    assert links[1].short_title is None


def test_own_entry_is_marked_by_address_and_by_title() -> None:
    _, links = read(f"<h3>推荐阅读</h3><ul>{entry(1000, TITLE)}{entry(12)}{entry(13, TITLE)}</ul>")
    assert [link.is_self for link in links] == [True, False, True]


def test_own_entry_with_tracking_parameters_is_marked() -> None:
    _, links = read(
        f"<h3>推荐阅读</h3><ul>{entry(1000, '换了题目的同一篇文章', url='/a/1000.html?from=timeline')}{entry(12)}</ul>"
    )
    assert links[0].is_self


def test_more_link_is_the_blocks_and_no_row() -> None:
    blocks, links = read(
        f"<h3>推荐阅读</h3><ul>{entry(11, snippet='水位4月6日回落以后，第一班船坐满了人，')}{entry(12)}"
        f"<li><a href='/list/'>+ 点击查看更多精彩</a></li></ul>"
    )
    assert blocks["推荐阅读"].more_url == "https://hekou.example/list/"
    assert len(links) == 2
    assert links[0].snippet == "水位4月6日回落以后，第一班船坐满了人，"
    assert links[0].published_raw == "2023-08-06 09:11:15"


def test_heading_may_be_an_images_alt_or_a_bare_text_node() -> None:
    blocks, _ = read(
        f"<div><img src='/h.png' alt='相关阅读'><ul>{entry(11)}</ul></div><div>推荐阅读<ul>{entry(12)}</ul></div>"
    )
    assert {name: block.links for name, block in blocks.items()} == {"相关阅读": 1, "推荐阅读": 1}


def test_heading_and_links_on_one_line() -> None:
    blocks, links = read(
        "<p>相关阅读：<a href='/a/11.html'>渡口旧闻与船期的往事一则</a></p><p>后面的一段话没有链接。</p>"
    )
    assert blocks["相关阅读"].links == 1
    assert links[0].title == "渡口旧闻与船期的往事一则"


def test_short_title_at_an_address_like_its_neighbours_is_an_entry() -> None:
    rows = "".join(
        f"<li><a href='/s/{number}.html'>{text}</a></li>"
        for number, text in enumerate(
            ["渡口停航三天以后的镇上生活", "货船在下游等候水位回落", "船工老周的一天", "夜航"]
        )
    )
    other = "<li><a href='/about/we.html'>渡口的故事馆</a></li>"
    links = read(f"<div><h3>相关阅读</h3><ul>{rows}{other}</ul></div>")[1]
    assert [link.title for link in links][2:] == ["船工老周的一天"]


def test_title_of_four_characters_is_an_entry_where_it_is_all_of_its_line() -> None:
    rows = (
        f"{entry(11)}{entry(12)}<li><a href='/a/13.html'>渡口旧闻</a></li><li>读 <a href='/a/14.html'>渡口往事</a></li>"
    )
    links = read(f"<div><h3>相关阅读</h3><ul>{rows}<li><a href='/a/15.html'>查看更多</a></li></ul></div>")[1]
    assert [link.title for link in links][2:] == ["渡口旧闻"]


def test_rankings_and_neighbours_in_the_list_are_not_related() -> None:
    blocks, links = read(
        f"<h3>点击排行</h3><ul>{entry(11)}{entry(12)}</ul>"
        "<p>上一篇：<a href='/a/13.html'>渡口旧闻与船期的往事一则</a></p>"
    )
    assert (blocks, links) == ({}, [])


def test_site_wide_block_in_a_side_column_is_not_related() -> None:
    side = f"</div><div class='sidebar'><h3>热点推荐</h3><ul>{entry(11)}{entry(12)}</ul>"
    assert read(side)[1] == []


@pytest.mark.parametrize(
    ("column", "heading", "count"),
    [("menu", "相关主题", 2), ("menu", "推荐新闻", 0), ("footer", "相关主题", 0)],
)
def test_related_block_in_a_column_called_menu_is_one(column: str, heading: str, count: int) -> None:
    side = f"</div><div class='{column}'><ul><li>{heading}</li>{entry(11)}{entry(12)}</ul>"
    assert len(read(side)[1]) == count


def test_a_url_has_one_row_on_the_page() -> None:
    _, links = read(f"<h3>相关阅读</h3><ul>{entry(11)}{entry(12)}</ul><h3>推荐阅读</h3><ul>{entry(12)}{entry(13)}</ul>")
    assert [link.url[-7:-5] for link in links] == ["11", "12", "13"]


def test_dates_in_snippets_are_not_the_rows_times() -> None:
    row = (
        "<li><a href='/a/11.html'>渡口旧闻与船期的往事一则</a>"
        "<p>原创某某案被判13年2022年11月25日上午，河口镇人民法院作出一审判决...</p></li>"
    )
    _, links = read(f"<h3>精彩放送</h3><ul>{row}{entry(12)}</ul>")
    assert links[0].published_at is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("相关阅读", "相关阅读"),
        ("【相关新闻】", "相关新闻"),
        ("相關新聞：", "相關新聞"),
        ("推薦閱讀", "推薦閱讀"),
        ("为您推荐", "为您推荐"),
        ("猜你喜欢", "猜你喜欢"),
        ("精彩放送 更多>>", "精彩放送"),
        ("延伸 · 阅读", "延伸·阅读"),
        ("    今日推送", "今日推送"),
        ("相关阅读材料都在图书馆", None),
        ("推荐", None),
        ("编辑推荐理由", None),
        ("精彩文章", "精彩文章"),
        ("热门推荐", "热门推荐"),
        ("热门文章", None),
        ("点击排行", None),
        ("最新评论", None),
        ("", None),
    ],
)
def test_heading_name(text: str, name: str | None) -> None:
    assert heading_name(text) == name


@pytest.mark.parametrize(
    ("text", "expected"), [("更多", True), ("点击查看更多精彩", True), ("查看全文", True), ("更多人开始坐船", False)]
)
def test_is_more(text: str, expected: bool) -> None:
    assert is_more(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("渡口恢复通航了", True),
        ("12条评论", False),
        ("更多", False),
        ("QQ空间", False),
        ("2023", False),
        ("00:04:40", False),
    ],
)
def test_is_title(text: str, expected: bool) -> None:
    assert is_title(text) is expected


@given(
    st.lists(st.integers(10, 59), unique=True, max_size=8),
    st.sampled_from(["相关阅读", "推荐阅读", "精彩放送", "相關新聞", "为您推荐", "延伸阅读"]),
    st.sampled_from(
        [
            "<h3>{0}</h3><ul>{1}</ul>",
            "<div><div class='hd'><span>{0}</span></div><div class='bd'><ul>{1}</ul></div></div>",
            "<p>{0}：</p><div>{1}</div>",
        ]
    ),
    st.booleans(),
)
def test_each_entry_is_one_row_in_order(numbers: list[int], name: str, frame: str, with_snippets: bool) -> None:
    snippet = "水位回落以后，第一班船坐满了人，船老大说" if with_snippets else ""
    rows = "".join(entry(number, snippet=snippet) for number in numbers)
    blocks, links = read(frame.format(name, rows) + "<h3>最新评论</h3><p>说得好，支持渡口恢复通航。</p>")
    assert [link.url for link in links] == [f"https://hekou.example/a/{number}.html" for number in numbers]
    assert blocks[name].links == len(numbers)
    assert all(
        link.published_raw == f"2023-08-06 09:{number:02}:15" for link, number in zip(links, numbers, strict=True)
    )
