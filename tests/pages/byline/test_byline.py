"""Source, authors, editor and time of whole pages: the header's, never a neighbour's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.pages.byline.byline import Byline, byline
from newsspider.pages.document import Document
from newsspider.text.zone import BEIJING

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
URL = "https://hekou.example/a/1.html"
TITLE = "河口镇渡口停航三天后恢复通航"
PARAGRAPHS = [
    "河口镇的渡口停了三天，2022年11月25日也停过一次，往来的货船都在下游等候。",
    "镇上的粮店照常开门，八月一日起改在上午营业，居民说影响不大。",
    "水位回落以后，第一班船坐满了人，船老大说从来没有这么热闹。",
]
ACCOUNT = (
    "<p><span>昨天 08:30</span>·<span class='name'><a href='/u/1'>渡口老王</a></span>·<span>文史领域创作者</span></p>"
)
VERIFIED = (
    "<div><a class='author_name' href='/u/1'>河口新闻</a><span class='author_v'>河口日报社官方账号</span></div>"
    "<p>08-06 14:25</p>"
)
RELATED = (
    "<div class='related'><h3>推荐阅读</h3><ul>"
    + "".join(
        f"<li><a href='/a/{number}.html'>渡口旧闻第{number}则：水位与船期的往事</a>"
        f"<span>2023-07-{number} 09:15:15</span></li>"
        for number in range(10, 18)
    )
    + "</ul></div>"
)


def page(header: str, *, tail: str = "", head: str = "", url: str = URL, before: str = "") -> Byline:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    html = (
        f"<html><head><title>{TITLE}</title>{head}</head><body>{before}<div class='main'><h1>{TITLE}</h1>{header}"
        f"<div class='content'>{body}{tail}</div>{RELATED}</div></body></html>"
    )
    document = Document.from_text(html, url, FETCHED)
    texts = [line.text for line in document.lines]
    first, last = (
        texts.index(PARAGRAPHS[0]),
        max(i for i, text in enumerate(texts) if text.startswith("水位回落")),
    )
    return byline(document, texts.index(TITLE), (first, last))


def local_time(found: Byline) -> str | None:
    return found.published and found.published.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")  # type: ignore[return-value]


@pytest.mark.parametrize(
    "header",
    [
        "<p>来源:经济日报时间:2023-08-06 14:25:32</p>",
        "<p>来源：经济日报　　时间：2023-08-06 14:25:32</p>",
        "<p><span>2023-08-06 14:25:32</span> <span>来源：</span><a href='/'>经济日报</a></p>",
        "<div><p>时间：2023-08-06 14:25:32</p><p>来源：经济日报</p></div>",
        "<div><div>来源：</div><div>经济日报</div><div>2023-08-06 14:25:32</div></div>",
        "<p>2023-08-06 14:25:32　经济日报</p>",
        "<p>２０２３-０８-０６ １４：２５：３２ 来源：经济日报</p>",
        "<ul><li>2023-08-06 14:25:32</li><li>经济日报</li><li>字号：大 中 小</li></ul>",
    ],
)
def test_header_forms(header: str) -> None:
    found = page(header)
    assert found.source == "经济日报"
    assert local_time(found) == "2023-08-06 14:25:32"
    assert found.authors == []


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("2小时前", "2023-08-07 10:00:00"),
        ("昨天 08:30", "2023-08-06 08:30:00"),
        ("2023年8月6日14时25分", "2023-08-06 14:25:00"),
        ("08-06 14:25", "2023-08-06 14:25:00"),
        ("2023年08月06日 14:25", "2023-08-06 14:25:00"),
    ],
)
def test_every_time_form_is_the_headers_and_not_a_neighbours(shown: str, expected: str) -> None:
    assert local_time(page(f"<p>来源：经济日报 {shown}</p>")) == expected


def test_missing_time_is_null_though_neighbours_show_theirs() -> None:
    assert page("<p>来源：经济日报</p>").published is None


def test_shown_time_beats_a_differing_machine_readable_one() -> None:
    head = "<meta property='article:published_time' content='2023-08-05T01:00:00+08:00'>"
    assert local_time(page("<p>2023-08-06 14:25 来源：经济日报</p>", head=head)) == "2023-08-06 14:25:00"


def test_machine_readable_time_serves_where_none_is_shown() -> None:
    head = "<meta property='article:published_time' content='2023-08-05T01:00:00+08:00'>"
    found = page("<p>来源：经济日报</p>", head=head)
    assert local_time(found) == "2023-08-05 01:00:00"
    assert found.methods["published_at"] == "meta article:published_time"


def test_full_machine_time_beats_a_relative_one() -> None:
    head = "<script>var ct = '1691303132';</script>"
    assert local_time(page("<p>经济日报 昨天</p>", head=head)) == "2023-08-06 14:25:32"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("var ct = '1691303132';", "2023-08-06 14:25:32"),
        ('{"id":16913,"publishTime":1691303132000}', "2023-08-06 14:25:32"),
        ('{"publish_time": "2023-08-06 14:25:32"}', "2023-08-06 14:25:32"),
        ("pubDate='2023-08-06 14:25'", "2023-08-06 14:25:00"),
        ("var id = 1691303132; var ct = '';", None),
        ('{"act":"1691303132"}', None),
        ("var ct = now() + 1691303132;", None),
    ],
)
def test_time_of_a_script(script: str, expected: str | None) -> None:
    assert local_time(page("<p>来源：经济日报</p>", head=f"<script>{script}</script>")) == expected


def test_day_in_the_address_chooses_between_dates() -> None:
    before = "<div class='top'>2023年8月7日 星期一</div>"
    found = page("<p>2023-08-06 14:25 来源：经济日报</p>", before=before, url="https://hekou.example/2023/0806/1.html")
    assert local_time(found) == "2023-08-06 14:25:00"


def test_empty_source_takes_the_trailers() -> None:
    found = page("<p>来源:时间:2023-08-06 14:25:32</p>", tail="<p>(文章来源:经济日报)</p>")
    assert found.source == found.source_trailer == "经济日报"


def test_header_comes_before_the_trailer() -> None:
    found = page("<p>来源：河口晚报 2023-08-06</p>", tail="<p>(文章来源:经济日报)</p>")
    assert (found.source, found.source_trailer) == ("河口晚报", "经济日报")


def test_header_that_names_the_site_gives_way_to_the_trailer() -> None:
    head = "<meta property='og:site_name' content='河口网'>"
    assert page("<p>来源：河口网 2023-08-06</p>", tail="<p>(来源:经济日报)</p>", head=head).source == "经济日报"


@pytest.mark.parametrize("name", ["未知", "网络", "互联网", ""])
def test_filler_is_no_source(name: str) -> None:
    assert page(f"<p>来源：{name} 时间：2023-08-06 14:25:32</p>").source is None


def test_source_address_is_the_links() -> None:
    found = page("<p>2023-08-06 来源：<a href='https://jjrb.example/'>经济日报</a></p>")
    assert found.source_url == "https://jjrb.example/"


@pytest.mark.parametrize(
    ("header", "tail", "authors"),
    [
        ("<p>2023-08-06 来源：河口报 作者：张三</p>", "", ["张三"]),
        ("<p>2023-08-06 来源：河口报 记者 张三、李四</p>", "", ["张三", "李四"]),
        ("<p>2023-08-06 来源：河口报</p>", "<p>河口报记者 陆小夫</p>", ["陆小夫"]),
        ("<p>2023-08-06 来源：河口报</p>", "<p>采写：河口报记者 余小菁 向小妮</p>", ["余小菁", "向小妮"]),
        ("<p>2023-08-06 来源：河口报 责任编辑：王五</p>", "", []),
        ("<p>2023-08-06 来源：河口报</p>", "<p>（责任编辑：王五）</p>", []),
        ("<p>2023-08-06 来源：河口报 编辑：王五 作者：张三</p>", "", ["张三"]),
        ("<p>2023-08-06 来源：车之渡 作者：车之渡 张三</p>", "", ["张三"]),
        ("<p>2023-08-06 来源：车之渡 作者：车之渡</p>", "", ["车之渡"]),
    ],
)
def test_authors(header: str, tail: str, authors: list[str]) -> None:
    assert page(header, tail=tail).authors == authors


def test_editor_of_the_trailer() -> None:
    assert page("<p>2023-08-06 来源：河口报</p>", tail="<p>（责任编辑：王五）</p>").editor == "王五"


@pytest.mark.parametrize(
    ("tail", "editor"),
    [
        ("<p>编辑：李四 责任编辑：王五</p>", "王五"),
        ("<p>编辑：李四</p><p>责编 王五 审读 赵六</p>", "王五"),
        ("<p>校对：赵六</p><p>编辑：李四</p>", "李四"),
        ("<div class=copyright-box><div>责任编辑：王五</div><div>校对：赵六</div></div>", "王五"),
        ("<div class=copyright-box><div>本站编辑部电话</div><div>编辑：李四</div></div>", None),
    ],
)
def test_editor_is_the_one_on_duty(tail: str, editor: str | None) -> None:
    assert page("<p>2023-08-06 来源：河口报</p>", tail=tail).editor == editor


@pytest.mark.parametrize(
    ("header", "authors"),
    [
        ("<p>由<span class='author vcard'><a href='/author/1'>李明</a></span>发布 2023-08-06</p>", ["李明"]),
        ("<p>由<span class='byline'><a href='/author/1'>渡口老王的船</a></span>发布 2023-08-06</p>", ["渡口老王的船"]),
        ("<p>By 李明 | August 6, 2023</p>", ["李明"]),
        ("<ul><li>李明</li><li>河口网记者</li></ul><p>2023-08-06</p>", ["李明"]),
        ("<ul><li>李明</li><li>河口网记者站</li></ul><p>2023-08-06</p>", []),
    ],
)
def test_author_by_the_elements_name_or_by(header: str, authors: list[str]) -> None:
    assert page(header).authors == authors


@pytest.mark.parametrize(
    ("tail", "source"),
    [
        ("<div>来自: <a href='http://hekou.example/1'>河口早报</a></div>", "河口早报"),
        ("<div>河口早报来自河口的渡船消息</div>", None),
    ],
)
def test_source_below_the_text(tail: str, source: str | None) -> None:
    assert page("<p>2023-08-06</p>", tail=tail).source == source


@pytest.mark.parametrize(
    ("tail", "authors"),
    [
        ("<div>来源：河口日报 作者：李明 责任编辑：王五</div>", ["李明"]),
        ("<div>来源：河口日报 作者：河口网 责任编辑：王五</div>", []),
        ("<p>作者：李明（河口大学教授）</p>", ["李明"]),
        ("<p>（作者系河口大学教授）</p>", []),
    ],
)
def test_author_of_the_trailer(tail: str, authors: list[str]) -> None:
    assert page("<p>2023-08-06</p>", tail=tail).authors == authors


@pytest.mark.parametrize(
    ("names", "authors"),
    [
        ("<p class=c-author__name>李明</p>", ["李明"]),
        ("<p class=c-author__name>李明</p><p class=c-author__name>王芳</p>", []),
        ("<p class=c-author__name>河口网</p>", []),
        ("<p class=c-author__job>李明</p>", []),
    ],
)
def test_author_of_the_card_beside_the_text(names: str, authors: list[str]) -> None:
    assert page("<p>2023-08-06</p>", tail=f"<aside><h5>作者</h5><div>{names}</div></aside>").authors == authors


def test_source_to_be_named_by_others_is_none() -> None:
    assert page("<p>2023-08-06</p>", tail="<p>转载请注明来源：河口网</p>").source is None
    assert page("<p>2023-08-06</p>", tail="<p>文章来源：河口网</p>").source == "河口网"


@pytest.mark.parametrize("label", ["图片来源", "资料来源", "数据来源", "封面来源"])
def test_origin_of_a_picture_or_figure_is_no_source(label: str) -> None:
    assert page("<p>2023-08-06</p>", tail=f"<p>{label}：河口图库</p>").source is None


@pytest.mark.parametrize(
    ("header", "source"),
    [
        (ACCOUNT, "渡口老王"),
        (VERIFIED, "河口新闻"),
        ("<p>2023-08-06 14:25 <span class='src'>渡口老王</span></p>", "渡口老王"),
        ("<p>2023-08-06 14:25 河口日报 <a href='/print'>列印</a></p>", "河口日报"),
        ("<p>2023-08-06 14:25 来源：河口日报 【大 中 小】【打印】【关闭】</p>", "河口日报"),
        ("<p>2023-08-06 14:25 来源：河口日报【字号：大 中 小】</p>", "河口日报"),
        ("<p>2023-08-06 14:25 來源：河口日報（列印）</p>", "河口日報"),
        ("<p>2023-08-06 14:25 来源：河口日报（海外版）</p>", "河口日报（海外版）"),
        ("<p>2023-08-06 14:25 <a href='/send'>轉寄</a> <a href='javascript:print()'>列印</a></p>", None),
        ("<div>出版：<time>2023-08-06 14:25</time></div><div>更新：<time>2023-08-06 18:02</time></div>", None),
        ("<div>發佈：2023-08-06 14:25</div>", None),
        ("<p><a href='//author.hekou.example/home?id=1'>渡口老王的船</a></p><p>08-06 14:25</p>", "渡口老王的船"),
        ("<p><a href='//author.hekou.example/home?id=1'>王渡口</a></p><p>2023-08-06 14:25</p>", None),
        ("<p><a href='/zhuanti/1'>渡口老王的船</a></p><p>2023-08-06 14:25</p>", None),
        ("<p>2023-08-06 14:25 <span>河口大学船舶系教师,优质科学领域创作者</span></p>", None),
        ("<p>2023-08-06 14:25 来源于 河口网 收藏</p>", "河口网"),
        ("<p>2023-08-06</p><div class=author><a href=/u/1><img src=1.jpg></a><div>渡口老王</div></div>", "渡口老王"),
        ("<div class=author><p>2023-08-06 14:25</p><p>第一行</p><p>第二行</p><div>渡口老王</div></div>", None),
        ("<p><span>来源：<a href='/1'>河口日报</a></span><span class=b>原标题</span> 2023-08-06</p>", "河口日报"),
        ("<p><span>来源：河口网</span><span class=f>-标准+</span> 2023-08-06</p>", "河口网"),
        ("<p>来源：<a href='/1'>河口网</a>-<a href='/2'>河口日报</a> 2023-08-06</p>", "河口网-河口日报"),
        ("<p>来源：<a href='/1'>河口网</a>(河口) 2023-08-06</p>", "河口网(河口)"),
        ("<div class=author-box><b>王渡口</b><div class=author-badge>船舶工程师</div></div><p>2023-08-06</p>", None),
        ("<div class=author-box><b>王渡口</b><div class=author-name>渡口老船</div></div><p>2023-08-06</p>", "渡口老船"),
        ("<p>2023-08-06 14:25 来自河口</p>", None),
        ("<p>http://hekou.example 2023-08-06 <a href='http://y.hekou.example'>河口渡船</a></p>", "河口渡船"),
        ("<p>2023-08-06 14:25 <a href='#'>[收藏]</a></p>", None),
        ("<p>2023-08-06 14:25 来自河口日报</p>", "河口日报"),
        ("<p>2023-08-06 14:25 IP属地：河口</p>", None),
        ("<p>2023-08-06 14:25 <a href='/c/1'>时政要闻</a></p>", None),
        ("<p>2023-08-06 14:25 <a href='/c/1'>河口新闻</a></p>", "河口新闻"),
        ("<p>2023-08-06 14:25</p><p>本文来自微信公众号“渡口老王”（ID：hekou），作者：李明</p>", "渡口老王"),
        ("<p>2023-08-06 14:25</p><p>题图来自：河口图库</p>", None),
        ("<p>2023-08-06 14:25 渡口老王 文史小站</p>", None),
        ("<p>2023-08-06 14:25</p><p class='v'>发布于河口</p>", None),
        ("<p>来源：<a href='/1'>河口网</a><a href='#gt'>参与讨论</a> 2023-08-06</p>", "河口网"),
        ("<p>来源：<a href='/1'>河口</a>日报 2023-08-06</p>", "河口日报"),
        ("<div class='date'>2023年8月6日星期日</div>", None),
        ("<div class='date'>2023年8月6日 星期日渡船</div>", "星期日渡船"),
    ],
)  # fmt: skip
def test_unlabelled_source_needs_evidence(header: str, source: str | None) -> None:
    assert page(header).source == source


@pytest.mark.parametrize(
    ("name", "source"),
    [("<a class='media-user' href='/u/1'>渡口老王</a>", "渡口老王"), ("<a href='/u/1'>渡口老王</a>", None)],
)
def test_account_on_the_bodys_first_line(name: str, source: str | None) -> None:
    html = f"<h1>{TITLE}</h1><div>{name}</div>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    document = Document.from_text(f"<html><body>{html}</body></html>", URL, FETCHED)
    assert byline(document, 0, (1, 4)).source == source


@pytest.mark.parametrize(
    ("header", "tail", "authors"),
    [
        ("<p>2023-08-06/<span class='who'>本刊记者</span><span class='who'>乔木生</span>/发自河口</p>", "", ["乔木生"]),
        ("<p>2023-08-06 本报记者 梅若川 通讯员 计小满</p>", "", ["梅若川", "计小满"]),
        ("<p>2023-08-06</p>", "<p>（本报记者 梅若川 通讯员 计小满）</p>", ["梅若川", "计小满"]),
        ("<p>2023-08-06</p>", "<p class='zuozhe'>河口社记者 秋鸿宇 摄</p>", ["秋鸿宇"]),
        ("<p>2023-08-06</p>", "<p>河口社记者 秋鸿宇 摄</p>", []),
        ("<p>2023-08-06 本报记者站 河口</p>", "", []),
    ],
)
def test_reporters(header: str, tail: str, authors: list[str]) -> None:
    assert page(header, tail=tail).authors == authors


def test_editor_behind_a_full_width_bar() -> None:
    assert page("<p>2023-08-06 来源：河口报</p>", tail="<p>编辑｜周木兰 校对｜小满</p>").editor == "周木兰"


def test_neighbours_source_is_not_taken() -> None:
    related = (
        "<div class='related'><h3>相关阅读</h3><p><a href='/a/9.html'>另一件事情的来龙去脉</a> 来源：隔壁日报</p></div>"
    )
    assert page("<p>2023-08-06 14:25</p>", tail="</div>" + related + "<div>").source is None


@given(
    st.sampled_from(["来源：经济日报", "来源:经济日报", "来源：<a href='/x'>经济日报</a>"]),
    st.sampled_from(["2023-08-06 14:25", "2023年8月6日14时25分", "昨天 14:25", "08-06 14:25"]),
    st.booleans(),
    st.sampled_from(
        [
            "<p>{0}{1}</p>",
            "<p>{0} {1}</p>",
            "<div><p>{0}</p><p>{1}</p></div>",
            "<p><span>{0}</span>|<span>{1}</span></p>",
        ]
    ),
)
def test_joined_split_and_reordered_headers_agree(source: str, time: str, is_swapped: bool, frame: str) -> None:
    parts = (f"时间：{time}", source) if is_swapped else (source, f"时间：{time}")
    found = page(frame.format(*parts))
    assert found.source == "经济日报"
    assert local_time(found) == "2023-08-06 14:25:00"


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ('<time datetime="2023-08-06T08:30:00+08:00">2023年8月6日</time>', "2023-08-06 08:30:00"),
        ('<time datetime="2023-08-05T08:30:00+08:00">2023年8月6日</time>', "2023-08-06 00:00:00"),
        ("<span>2023年8月6日</span>", "2023-08-06 00:00:00"),
    ],
)
def test_shown_day_takes_the_time_of_the_same_day_from_its_element(element: str, expected: str) -> None:
    assert local_time(page(f"<div class='meta'>{element}</div>")) == expected


def test_link_to_the_category_is_no_source() -> None:
    category = "<a rel='category tag' href='/jj/'>经济</a>"
    assert page(f"<div class='meta'>{category} <span>2023-08-06 14:25</span></div>").source is None
    assert page("<div class='meta'><span>河口日报</span> <span>2023-08-06 14:25</span></div>").source == "河口日报"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("<p>访谈时间：2023-08-01 15:00　发布时间：2023-08-06 10:12</p>", "2023-08-06 10:12:00"),
        ("<p>成文日期：2023年8月1日　发布日期：2023年8月6日</p>", "2023-08-06 00:00:00"),
        ("<p>时间：2023-08-06 10:12</p>", "2023-08-06 10:12:00"),
        ("<p>2023 08/06 10:12:32</p>", "2023-08-06 10:12:32"),
        ("<p>2023-08-06 HKT 16:53</p>", "2023-08-06 16:53:00"),
    ],
)
def test_time_of_an_event_is_not_the_publication(header: str, expected: str) -> None:
    assert local_time(page(header)) == expected


@pytest.mark.parametrize(("name", "source"), [("河口观察主笔", None), ("专栏作者", None), ("河口观察", "河口观察")])
def test_position_beside_an_author_is_no_account(name: str, source: str | None) -> None:
    header = f"<div><span class=author-name>李玉兰</span><span class=author-vip>{name}</span> 2023-08-06 08:00</div>"
    assert page(header).source == source


@pytest.mark.parametrize(("address", "source"), [("/channel/12.html", None), ("/u/12", "商业消费")])
def test_link_to_a_channel_beside_the_date_is_no_source(address: str, source: str | None) -> None:
    assert page(f"<div>2023-08-06 08:00 <a href='{address}'>商业消费</a></div>").source == source
