"""Lines: one for each block between two breaks, white space squeezed, with links, formats and marks by offset."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document, Line

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
URL = "https://hekou.example/a/1.html"
TITLE = "河口镇渡口停航三天后恢复通航"
PROSE = "河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。"


def read(markup: str) -> Document:
    return Document.from_text(f"<html><body>{markup}</body></html>", URL, FETCHED)


def texts(markup: str) -> list[str]:
    return [line.text for line in read(markup).lines]


def only(markup: str) -> Line:
    (line,) = read(markup).lines
    return line


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>渡<b>口</b>停航</p>", ["渡口停航"]),
        ("<p>ferry <b>stops</b> today</p>", ["ferry stops today"]),
        ("<p>渡口<span> 停航</span></p>", ["渡口 停航"]),
        ("<p>渡口<span></span> <i>停航</i></p>", ["渡口 停航"]),
        ("<p>渡口</p><p>停航</p>", ["渡口", "停航"]),
        ("<div>渡口<p>停航</p>三天</div>", ["渡口", "停航", "三天"]),
        ("<p>渡口<br>停航</p>", ["渡口", "停航"]),
        ("<p>渡口<br/><br/>停航<br></p>", ["渡口", "停航"]),
        ("<p>渡口<hr>停航</p>", ["渡口", "停航"]),
        ("渡口<p></p>停航", ["渡口", "停航"]),
        ("<p> \n </p><p>&nbsp;</p><p>停航</p>", ["停航"]),
        ("<p>水位 &lt;3 米&amp;上涨</p>", ["水位 <3 米&上涨"]),
        ("<table><tr><td>渡口</td><td>停航</td></tr></table>", ["渡口", "停航"]),
        ("<p>渡\0口</p>", ["渡口"]),
    ],
)
def test_line_is_the_text_between_two_blocks_or_breaks(markup: str, expected: list[str]) -> None:
    assert texts(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>渡口\n   停航</p>", "渡口停航"),
        ("<p>渡口，\n停航</p>", "渡口，停航"),
        ("<p>渡口 停航</p>", "渡口 停航"),
        ("<p>渡口\u3000\u3000停航</p>", "渡口 停航"),
        ("<p>the\nferry</p>", "the ferry"),
        ("<p>渡口\nferry</p>", "渡口 ferry"),
        ("<p>渡\u200b口\ufeff停\xad航</p>", "渡口停航"),
    ],
)
def test_break_of_the_source_between_han_characters_is_no_space(markup: str, expected: str) -> None:
    assert only(markup).text == expected


@pytest.mark.parametrize(
    ("markup", "expected", "level"),
    [
        ("<h1>渡口停航<br>三天后恢复</h1>", ["渡口停航 三天后恢复"], 1),
        ("<h2>渡口停航<br><br>三天后恢复</h2>", ["渡口停航 三天后恢复"], 2),
        ("<h1>渡口停航<br><span>2023-08-06</span></h1>", ["渡口停航", "2023-08-06"], 1),
        ("<p>渡口停航<br>三天后恢复</p>", ["渡口停航", "三天后恢复"], 0),
    ],
)
def test_break_in_a_heading_ends_it_only_at_an_element_of_its_own(markup: str, expected: list[str], level: int) -> None:
    lines = read(markup).lines
    assert [line.text for line in lines] == expected
    assert lines[0].level == level


@pytest.mark.parametrize(
    ("markup", "links"),
    [
        ("<p>看<a href='/2'>第二版</a>和<a href='/3'>第三版</a></p>", [("/2", "第二版"), ("/3", "第三版")]),
        ("<p>看 <a href='/2'> 第二版 </a> 上</p>", [("/2", "第二版")]),
        ("<p><a href='/2'>第<b>二</b>版</a></p>", [("/2", "第二版")]),
        ("<p><a href='/2?a=1&amp;b=2'>第二版</a></p>", [("/2?a=1&b=2", "第二版")]),
        ("<p><a name='top'>第二版</a></p>", []),
        ("<p><a href='/2'><img src='2.jpg'></a></p>", [("/2", "")]),
        ("<p><a href='/2'></a>第二版</p>", [("/2", "")]),
    ],
)
def test_link_is_its_part_of_the_line(markup: str, links: list[tuple[str, str]]) -> None:
    line = only(markup)
    assert [(link.href, link.text) for link in line.links] == links
    for link in line.links:
        assert line.text[link.start : link.end] == link.text
    assert line.linked == sum(len(text) for _, text in links)


def test_link_around_blocks_is_in_the_line_of_each() -> None:
    lines = read("<a href='/2'><h3>渡口停航</h3><p>三天后恢复</p></a><p>另一行</p>").lines
    assert [[link.href for link in line.links] for line in lines] == [["/2"], ["/2"], []]
    assert [line.linked for line in lines] == [4, 5, 0]


def test_link_around_a_picture_and_a_block_is_in_both_lines() -> None:
    lines = read("<a href='/2'><img src='2.jpg'><p>渡口停航</p></a>").lines
    assert [(line.text, [link.text for link in line.links], len(line.images)) for line in lines] == [
        ("", [""], 1),
        ("渡口停航", ["渡口停航"], 0),
    ]


def test_link_knows_tooltip_and_relation() -> None:
    (link,) = only("<p><a href='/2' title='渡口&quot;停航&quot;' rel='nofollow'>渡口…</a></p>").links
    assert (link.title, link.rel) == ('渡口"停航"', "nofollow")


@pytest.mark.parametrize(
    ("markup", "formats"),
    [
        ("<p>渡口<strong>停航</strong>三天</p>", [("停航", "strong")]),
        ("<p><b>渡口</b>停航<em>三天</em></p>", [("渡口", "strong"), ("三天", "em")]),
        ("<p><strong>渡口<br>停航</strong></p>", [("停航", "strong")]),
        ("<p><strong> </strong>停航</p>", []),
        ("<p><span>渡口</span>停航</p>", []),
    ],
)
def test_format_is_the_part_of_the_line_that_it_covers(markup: str, formats: list[tuple[str, str]]) -> None:
    line = read(markup).lines[-1]
    assert [(line.text[start:end], name) for start, end, name in line.formats] == formats


@pytest.mark.parametrize(
    ("markup", "marks"),
    [
        ("<p>渡口<span class=source>河口日报</span></p>", [("河口日报", "source")]),
        ("<p><a class=source href='/'>河口日报</a></p>", [("河口日报", "source")]),
        ("<p><a href='/'>河口日报</a></p>", []),
        ("<p>渡口<span>河口日报</span></p>", []),
    ],
)
def test_mark_is_an_inline_element_with_attributes(markup: str, marks: list[tuple[str, str]]) -> None:
    line = only(markup)
    assert [(line.text[start:end].strip(), tag.get("class")) for start, end, tag in line.marks] == marks


@pytest.mark.parametrize(
    "element",
    [
        "<script>var a = '<p>代码</p>';</script>",
        "<style>p { content: '样式' }</style>",
        "<noscript><p>请启用脚本</p></noscript>",
        "<select><option>一版</option><option>二版</option></select>",
        "<svg><title>图标</title><svg><text>里</text></svg><text>外</text></svg>",
        "<template><p>模板</p></template>",
        "<textarea>写下评论</textarea>",
        "<!-- <p>注释</p> -->",
    ],
)
def test_element_that_is_not_shown_has_no_line(element: str) -> None:
    assert texts(f"<p>渡口</p>{element}<p>停航</p>") == ["渡口", "停航"]


@pytest.mark.parametrize(
    ("style", "size", "is_read"),
    [("display:none", 20_001, False), ("display:none", 20_000, True), ("color:red", 20_001, True)],
)
def test_words_by_the_thousand_that_nobody_sees_are_left_out(style: str, size: int, is_read: bool) -> None:
    """Search engines are to find them: whoever broke into the site put them there."""
    words = ("祥云刻章 " * (size // 5 + 1))[:size]
    found = texts(f"<p>渡口</p><div style='{style}'>{words}</div><p>停航</p>")
    assert (len(found) == 3) is is_read
    assert {"渡口", "停航"} <= set(found)


def test_line_with_a_picture_has_it_in_reading_order() -> None:
    lines = read("<p>渡口</p><p><img src='1.jpg' alt='货船'></p><p>停航</p>").lines
    assert [[image.get("src") for image in line.images] for line in lines] == [[], ["1.jpg"], []]


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><p>渡口</p></body></html><p>停航</p>",
        "<html><body><p>渡口</p></html><div><p>停航</p></div></body></html>",
        "<p>渡口</p></body></body></html></html><p>停航</p>",
        "<html><head></head></html><html><body><p>渡口</p><p>停航</p></body></html>",
        "<p>渡口<p>停航",
        "渡口<br>停航",
    ],
)
def test_text_behind_an_early_end_of_the_page_is_read(page: str) -> None:
    assert [line.text for line in Document.from_text(page, URL, FETCHED).lines] == ["渡口", "停航"]


@pytest.mark.parametrize("depth", [200, 2000])
def test_deep_nesting_is_read(depth: int) -> None:
    lines = read("<div>" * depth + "<p>渡口</p>" + "</div>" * depth + "<p>停航</p>").lines
    assert "渡口" in [line.text for line in lines]


def test_block_knows_its_first_and_last_line_and_the_block_around_it() -> None:
    document = read("<div id=a><p>一</p><div id=b><p>二</p><p>三</p></div></div><p>四</p>")
    by_id = {block.tag.get("id"): block for block in document.blocks}
    assert (by_id["a"].first, by_id["a"].last) == (0, 2)
    assert (by_id["b"].first, by_id["b"].last) == (1, 2)
    assert document.blocks[by_id["b"].parent] is by_id["a"]
    assert [block.tag.name for block in document.around(document.lines[1].block)] == ["p", "div", "div", "body", "html"]


def test_block_without_lines_ends_before_it_begins() -> None:
    document = read("<p>一</p><div id=a> </div><p>二</p>")
    (block,) = [block for block in document.blocks if block.tag.get("id") == "a"]
    assert block.last < block.first


MENU = "".join(f"<li><a href='/c/{number}'>栏目{number}</a></li>" for number in range(900))
BODY = "".join(f"<p>{PROSE}第{number}段。</p>" for number in range(20))
RELATED = "<h3>相关阅读</h3><ul><li><a href='/a/2.html'>渡口旧闻：十年前的一次停航</a></li></ul>"
CREDIT = "2023-08-06 来源：河口日报"
LONG_PAGE = f"<ul>{MENU}</ul><h1>{TITLE}</h1><div>{CREDIT}</div><div id=c>{BODY}</div>{RELATED}<p>京ICP备0号</p>"


def test_focused_view_leaves_out_menus_and_nothing_from_the_headline_on() -> None:
    whole = [line.text for line in read(LONG_PAGE).lines]
    focused = [line.text for line in read(LONG_PAGE).focused().lines]
    assert len(focused) < len(whole)
    assert focused[-len(whole) + whole.index(TITLE) :] == whole[whole.index(TITLE) :]


def test_focused_view_reaches_back_to_a_headline_far_in_front_of_the_text() -> None:
    menu = "".join(f"<i>栏目{number}</i>" for number in range(900))
    assert TITLE in [line.text for line in read(f"{menu}<h1>{TITLE}</h1>{menu}{BODY}").focused().lines]


def test_focused_view_of_a_page_without_sentences_is_the_page() -> None:
    document = read(f"<ul>{MENU}</ul>")
    assert [line.text for line in document.focused().lines] == [line.text for line in document.lines]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<pre>第一行\n第二行</pre>", ["第一行", "第二行"]),
        (
            "<pre><span>第一行</span>\n<span>第二行</span>\n</pre><p><b>一</b>\n<b>二</b></p>",
            ["第一行", "第二行", "一 二"],
        ),
        ("<pre><a href='/'>第一行</a>\n<i>第</i>二行</pre>", ["第一行", "第二行"]),
        ("<p><span style='white-space: pre-wrap'>第一行\n第二行</span>\n三</p>", ["第一行", "第二行 三"]),
        ("<listing>第一行\n第二行</listing>", ["第一行", "第二行"]),
        ("<div style='white-space:pre-wrap'>第一行\n\n第二行</div><p>一\n二</p>", ["第一行", "第二行", "一二"]),
        ("<div style='white-space:nowrap'>第一行\n第二行</div>", ["第一行第二行"]),
    ],
)
def test_break_of_the_source_is_kept_where_it_is_shown(markup: str, expected: list[str]) -> None:
    document = Document.from_text(f"<body>{markup}</body>", "https://hekou.example/", FETCHED)
    assert [line.text for line in document.lines] == expected


ROWS = "<tr><th>品种</th><th>价格</th></tr><tr><td>鲫鱼</td><td><b>8.5</b></td></tr><tr><td>草鱼</td><td></td></tr>"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (f"<table>{ROWS}</table>", ["品种 价格", "鲫鱼 8.5", "草鱼"]),
        (f"<table><caption>今日<br>鱼价</caption>{ROWS}</table>", ["今日 鱼价", "品种 价格", "鲫鱼 8.5", "草鱼"]),
        (f"<table><thead>{ROWS}</thead><tr><td><p>白鲢</p><p>两尾</p><td>3<br>元</table>",
            ["品种 价格", "鲫鱼 8.5", "草鱼", "白鲢 两尾 3 元"]),
        ("<table><tr><td>左栏</td><td>右栏</td></tr></table>", ["左栏", "右栏"]),
        ("<table><tr><td>一</td></tr><tr><td>二</td></tr></table>", ["一", "二"]),
        (f"<table><tr><td>一</td><td>{PROSE * 4}</td></tr><tr><td>二</td><td>三</td></tr></table>",
            ["一", PROSE * 4, "二", "三"]),
        ("<table><tr><td><a href=/1>一</a></td><td><a href=/2>二</a></td></tr><tr><td><a href=/3>三</a></td>"
            "<td><a href=/4>四</a></td></tr></table>", ["一", "二", "三", "四"]),
        ("<table><tr><td>来源：</td><td>河口日报</td></tr><tr><td>日期：</td><td>八月六日</td></tr></table>",
            ["来源：", "河口日报", "日期：", "八月六日"]),
        (f"<table><tr><td>一</td><td><table>{ROWS}</table></td></tr></table>", ["一", "品种 价格", "鲫鱼 8.5", "草鱼"]),
    ],
)  # fmt: skip
def test_row_of_a_table_of_data_is_a_line(table: str, expected: list[str]) -> None:
    assert texts(f"<p>渡口</p>{table}<p>停航</p>") == ["渡口", *expected, "停航"]


def test_row_knows_its_cells() -> None:
    cells = [[(line.text[start:end], name) for start, end, name in line.cells] for line in read(f"<table>{ROWS}").lines]
    assert cells == [[("品种", "th"), ("价格", "th")], [("鲫鱼", "td"), ("8.5", "td")], [("草鱼", "td"), ("", "td")]]


def test_blocks_in_a_row_hold_its_line() -> None:
    document = read(f"<p>渡口</p><table><tr><td><div>一</div></td><td>二</td></tr>{ROWS}</table>")
    for line in document.lines:
        for block in document.around(line.block):
            assert block.first <= line.index <= block.last
