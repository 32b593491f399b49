"""The headers that forums, weblogs, portals, papers and offices print, as whole pages: time, source and authors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.text.zone import BEIJING

FETCHED = datetime(2024, 5, 20, 2, 0, tzinfo=UTC)
TITLE = "沈家湾老码头改成露天剧场"
BODY = (
    "<p>沈家湾的老码头停用多年，今年春天改成了露天剧场，六百个座位全部用旧船板拼成，坐在上面能看见江水从脚下流过。</p>"
    "<p>负责改造的工程师说，船板先在盐水里泡了两个月，再刷三遍桐油，雨淋日晒也不会翘边，拆下来的铁钉则做成了栏杆。</p>"
    "<p>附近的居民每周五可以免费看戏，外地游客凭渡轮船票进场。镇里打算入秋以后再加演两台皮影戏，请老艺人登台。</p>"
)
TRADITIONAL = (
    "<p>沈家灣的老碼頭停用多年，今年春天改成了露天劇場，六百個座位全部用舊船板拼成，坐在上面能看見江水從腳下流過。</p>"
    "<p>負責改造的工程師說，船板先在鹽水裡泡了兩個月，再刷三遍桐油，這項經驗將與各縣市分享，並且開放報名參觀。</p>"
)
PARAGRAPH = "沈家湾的老码头停用多年，今年春天改成了露天剧场，来看戏的人坐满了台阶。"
FORUM = "{title} - 江边闲话 - 江岸论坛 - Powered by Discuz!"
WEBLOG = "{title} - 江上客 - 江岸博客"
PORTAL = "{title}_江岸在线"
MINUTE = "2024-05-18 09:20"
DAY = "2024-05-18"
WORDPRESS = "<meta name='generator' content='WordPress 6.4'>"


def read(
    header: str, *, title_tag: str = PORTAL, tail: str = "", head: str = "", body: str = BODY, before: str = ""
) -> tuple[str | None, str | None, list[str]]:
    """Return (time in China, source, authors) of a page with this header."""
    html = (
        f"<html><head><meta charset='utf-8'><title>{title_tag.format(title=TITLE)}</title>{head}</head><body>"
        f"<div class='top'><a href='/'>首页</a> <a href='/news/'>新闻</a> <a href='/culture/'>文化</a></div>{before}"
        f"<div class='main'><h1>{TITLE}</h1>{header}<div class='content'>{body}</div>{tail}</div>"
        "<div class='footer'>江岸在线 版权所有</div></body></html>"
    )
    page = ArticlePage(Document.from_text(html, "https://www.jiangan.example/a/889.html", FETCHED))
    found = page.published_at()
    local = found and found.at.astimezone(BEIJING).strftime(
        "%Y-%m-%d" if found.precision == "day" else "%Y-%m-%d %H:%M"
    )
    return local, page.source(), page.authors()


@pytest.mark.parametrize(
    ("header", "time", "authors"),
    [
        (
            "<div class='authi'><a href='home.php?mod=space&uid=3'>渡口摆渡人</a></div><div>积分</div><div>120</div>"
            "<div class='authi'>发表于 2024-5-18 09:20:31 | <a href='#'>只看该作者</a> | 倒序浏览</div>",
            MINUTE,
            ["渡口摆渡人"],
        ),
        (
            "<div class='authi'><a class='xw1' href='space-uid-33.html'>老艄公</a></div><p>主题</p><p>88</p>"
            "<div class='authi'>发表于 <span title='2024-5-18 09:20'>前天&nbsp;09:20</span></div>",
            MINUTE,
            ["老艄公"],
        ),
        (
            "<div>楼主：<a href='/home/main?un=x'>江上客</a> 1楼 2024-05-18 09:20 来自 Android客户端</div>",
            MINUTE,
            ["江上客"],
        ),
        (
            "<div>2024-05-18, 09:20 AM #1</div><div><a class='username' href='member.php?u=5'>riverman</a></div>"
            "<div>注册时间: 2009-03-01</div><div>帖子: 121</div>",
            MINUTE,
            ["riverman"],
        ),
        (
            "<div><a class='user-name' href='/u/88'>riverman</a> · 2024年05月18日 · 最后由 "
            "<a class='user-name' href='/u/9'>lily</a> 回复于 2024年05月19日 · 205 次阅读</div>",
            DAY,
            ["riverman"],
        ),
        (
            "<div><a href='/space-uid-3'>渡口摆渡人</a> 发表于 2024-5-18 09:20</div>"
            "<div>本帖最后由 渡口摆渡人 于 2024-5-19 20:11 编辑</div>",
            MINUTE,
            ["渡口摆渡人"],
        ),
        ("<h3>来自: <a href='/people/31/'>miss.L</a> 2024-05-18 09:20:11</h3>", MINUTE, ["miss.L"]),
    ],
)
def test_the_poster_of_a_forum_is_an_author_and_no_source(header: str, time: str, authors: list[str]) -> None:
    assert read(header, title_tag=FORUM) == (time, None, authors)


@pytest.mark.parametrize(
    ("header", "tail", "head", "authors"),
    [
        ("", "<div>posted @ 2024-05-18 09:20 江上客 阅读(12) 评论(0) 编辑 收藏</div>", "", ["江上客"]),
        ("", "<p>由江上客张贴 @ 2024-05-18 09:20:31 (370)</p>", "", ["江上客"]),
        (
            "<div>Posted on <time class='entry-date published updated' datetime='2024-05-18T09:20:00+08:00'>"
            "2024年5月18日</time> by <span class='author vcard'><a href='/author/river'>river</a></span></div>",
            "",
            WORDPRESS,
            ["river"],
        ),
        (
            "<div><span class='author'><a href='/author/wu'>老吴头</a></span> "
            "<span title='2024-05-18 09:20'>5 月 18, 2024</span> "
            "<a rel='category tag' href='/category/city'>城事</a> <span>0 评论</span></div>",
            "",
            WORDPRESS,
            ["老吴头"],
        ),
        ("<span>(2024-05-18 09:20:31)</span><div>分类：<a href='/c/1'>随笔</a></div>", "", "", []),
    ],
)
def test_the_account_of_a_weblog_is_an_author_and_no_source(
    header: str, tail: str, head: str, authors: list[str]
) -> None:
    assert read(header, tail=tail, head=head, title_tag=WEBLOG) == (MINUTE, None, authors)


@pytest.mark.parametrize(
    "beside",
    [
        "<a href='#'>字号</a> <a href='javascript:print()'>打印</a> <a href='#'>收藏</a>",
        "<span><a href='#'>文字大小</a></span>",
        "<a href='#' class='m5'>江事</a>",
        "<a class='category' href='/immed/jiangan'>江岸</a>",
        "<a href='/culture/'>文化</a>",
        "星期六",
        "阅读 3.2万 评论 15",
        "<span class='author-reading-time'>3 分钟</span>",
        "来自浙江",
        "IP属地：浙江",
        "来源：转载文章",
        "来源：网络 作者：佚名",
        '作者： size="20" 来源： size="20"',
        "来源： 作者：",
        "--阅读 · --喜欢 · --评论",
        "责任编辑：沈一舟",
    ],
)
def test_what_stands_beside_a_date_is_no_source(beside: str) -> None:
    assert read(f"<div class='info'><span>2024-05-18 09:20</span> {beside}</div>") == (MINUTE, None, [])


@pytest.mark.parametrize(
    ("header", "source", "authors"),
    [
        (
            "<div>2024年05月18日09:20 来源：<a href='http://jp.example/'>江浦日报</a> 作者：沈一舟 编辑：高岸</div>",
            "江浦日报",
            ["沈一舟"],
        ),
        ("<div>来　源：江浦日报　作　者：沈一舟　发布时间：2024-05-18 09:20　点击：302</div>", "江浦日报", ["沈一舟"]),
        ("<div><span>江浦晚报</span> <span>2024-05-18 09:20</span></div>", "江浦晚报", []),
        ("<p>沈一舟/江浦晚报</p><p>2024-05-18 09:20</p>", "江浦晚报", ["沈一舟"]),
        ("<div>江浦网 沈一舟 2024-05-18 09:20</div>", "江浦网", ["沈一舟"]),
        ("<div>JPnet中国 2024-05-18 09:20</div>", "JPnet中国", []),
        ("<div>2024-05-18 09:20 [ 沈舟 ] 来源：[ 江浦日报 ]</div>", "江浦日报", ["沈舟"]),
        ("<div>信息来源：县水利局 发布时间：2024-05-18 09:20 浏览次数：15 字体：[大 中 小]</div>", "县水利局", []),
        ("<div>发布机构：县水利局 成文日期：2024-05-15 发布日期：2024-05-18 09:20</div>", "县水利局", []),
        (
            "<div><a href='/u/77/'>江上听风</a><span>关注</span></div><div>2024-05-18 09:20 · 优质创作者</div>",
            "江上听风",
            [],
        ),
        (
            "<div><span>2024-05-18 09:20</span><a class='account' href='/mp/12'>江上听风</a><span>企鹅号</span></div>",
            "江上听风",
            [],
        ),
        ("<div class='author'><span class='name'>沈若舟</span>2024-05-18 09:20:02</div>", None, ["沈若舟"]),
        ("<div>2024/05/18 09:20</div><div>記者林書豪／江岸報導</div>", None, ["林書豪"]),
        ("<div>2024/05/18 09:20</div><div>〔記者林書豪、陳美麗／江岸報導〕</div>", None, ["林書豪", "陳美麗"]),
        ("<div>2024-05-18 09:20</div><div>記者︰林書豪 羅執中 台北報導</div>", None, ["林書豪", "羅執中"]),
        ("<div>By Lin Shuhao</div><div>May 18, 2024, 9:20 AM</div>", None, ["Lin Shuhao"]),
    ],
)
def test_media_and_persons_of_a_header(header: str, source: str | None, authors: list[str]) -> None:
    assert read(header) == (MINUTE, source, authors)


@pytest.mark.parametrize(
    ("header", "source", "authors"),
    [
        ("<p>2024年05月18日09:20 | 来源：<a href='http://j.example'>江浦网－江岸频道</a></p>", "江浦网－江岸频道", []),
        (
            "<div><span><em>2024</em></span><span><em>05</em>/<em>18</em></span><span>09:20:33</span></div>"
            "<div>来源：江浦社</div>",
            "江浦社",
            [],
        ),
        ("<p>2024年05月18日 09:20　来源：江浦社 <a>大字体</a> 分享到：</p>", "江浦社", []),
        ("<p><span>2024年05月18日 09:20</span><span>稿源：<a>快浪</a></span><span>12条评论</span></p>", "快浪", []),
        ("<p><span>新江浦报</span><span>编辑 高岸</span><span>2024-05-18 09:20</span></p>", "新江浦报", []),
        ("<p>2024-05-18 09:20 来源： 南江日报网 沈一舟</p>", "南江日报网", ["沈一舟"]),
        (
            "<p><span class='author'><a href='/journalists/1.html'>沈一舟</a></span> · 2024/05/18 09:20 "
            "浏览 3.1w 来源：江面</p>",
            "江面",
            ["沈一舟"],
        ),
        (
            "<p class='metas'><span class='publisher'>发布者：沈一舟</span><span class='arti_update'>发布时间："
            "2024-05-18 09:20</span><span>浏览次数：15</span></p>",
            None,
            ["沈一舟"],
        ),
        (
            "<p class='media-name'><a href='/omn/author/5'>江浦晚报</a></p><p><span>2024-05-18 09:20</span>"
            "<span>发布于浙江</span><span>江浦晚报官方账号</span></p>",
            "江浦晚报",
            [],
        ),
        (
            "<div><span class='meta_text'>沈一舟</span><span class='nickname'><a id='js_name'>江浦发布</a></span>"
            "<em>2024-05-18 09:20</em><em>浙江</em></div>",
            "江浦发布",
            [],
        ),
        (
            "<p><time>2024-05-18 09:20</time><span><a href='/x'>江岸日報</a> 記者<a href='/a'>林書豪</a>"
            "／江岸即時報導</span></p>",
            "江岸日報",
            ["林書豪"],
        ),
        (
            "<div><time datetime='2024-05-18 09:20'><span>09:20</span> <span>2024/05/18</span></time></div>"
            "<div class='source'>江岸新聞網</div><div class='author'>林書豪</div>",
            "江岸新聞網",
            ["林書豪"],
        ),
        ("<div>发布/2024年5月18日 09:20</div><div>更新/2024年5月19日 10:00</div>", None, []),
        (
            "<p>发表时间： 18/05/2024 - 09:20</p><p>更改时间： 19/05/2024 - 11:00</p><p>作者： 林书豪</p>",
            None,
            ["林书豪"],
        ),
        ("<div>江浦融媒 2024-05-18 09:20 浙江</div>", "江浦融媒", []),
        ("<div>2024-05-18 09:20</div><div>记者 沈一舟 高岸 通讯员 江流 文/图</div>", None, ["沈一舟", "高岸", "江流"]),
        ("<div>2024-05-18 09:20</div><div>By JANE DOE</div>", None, ["JANE DOE"]),
        ("<p>最新推荐文章于 2024-05-19 20:00 发布</p><p>于 2024-05-18 09:20:33 发布</p>", None, []),
    ],
)
def test_layouts_of_portals_and_papers(header: str, source: str | None, authors: list[str]) -> None:
    assert read(header) == (MINUTE, source, authors)


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        (f"{BODY}<p>（记者 沈一舟 通讯员 高岸）</p>", ["沈一舟", "高岸"]),
        (f"{BODY}<p>文字：沈一舟</p><p>摄影：高岸</p><p>编辑：江流</p>", ["沈一舟"]),
        (f"{BODY}<p>文/江浦日报记者 沈一舟 图/高岸</p>", ["沈一舟"]),
        (f"{BODY}<p>整合 江浦日报·浪花记者 沈一舟</p>", ["沈一舟"]),
        (f"<p>江浦讯（记者沈一舟 整合） {PARAGRAPH}</p>{BODY}", ["沈一舟"]),
        (f"<p>江浦讯（见习记者 沈一舟 实习生 高岸）{PARAGRAPH}</p>{BODY}", ["沈一舟", "高岸"]),
        (f"<p>（江岸社記者林書豪江岸18日電）{PARAGRAPH}</p>{BODY}", ["林書豪"]),
        (f"<p>□江浦日报记者 阿卜杜拉·艾山 沈一舟</p>{BODY}", ["阿卜杜拉·艾山", "沈一舟"]),
        (f"{BODY}<p>{PARAGRAPH}（林书豪／江岸报道）</p>", ["林书豪"]),
        (f"{BODY}<p>{PARAGRAPH}（陳奕華報導）</p>", ["陳奕華"]),
        (f"{BODY}<p>{PARAGRAPH}（船夫报道）</p>", []),
        (f"<p>江浦晚报记者沈晗侯婷婷摄影高岸</p>{BODY}", ["沈晗", "侯婷婷"]),
        (f"<p>《江潮》作者 沈一舟</p>{BODY}", ["沈一舟"]),
        (f"<p>沈一舟</p>{BODY}", ["沈一舟"]),
        (f"<p>关注</p>{BODY}", []),
        (f"{BODY}<p>黃千容 羅世杰 台中</p>", ["黃千容", "羅世杰"]),
        (f"{BODY}<p>记者：您好</p><p>沈工：你好，今天的戏是新排的，欢迎来剧场看戏。</p>{BODY}", []),
    ],
)
def test_bylines_in_the_text(text: str, authors: list[str]) -> None:
    assert read("<div>2024-05-18 09:20</div>", body=text) == (MINUTE, None, authors)


@pytest.mark.parametrize(
    "header",
    [
        "<div>更新時間：2024-05-19 20:00</div><div>發布時間：2024-05-18 09:20</div>",
        "<div>编辑于 2024-05-19 20:00</div><div>发布于 2024-05-18 09:20</div>",
        "<div>2024-05-19 20:00 更新</div><div>2024-05-18 09:20 发布</div>",
        "<div>Last updated: 2024-05-19 20:00</div><div>Published: 2024-05-18 09:20</div>",
        "<div>Updated: May 19, 2024 · Posted: May 18, 2024 9:20 AM</div>",
        "<div><time itemprop='dateModified'>2024-05-19 20:00</time> "
        "<time itemprop='datePublished'>2024-05-18 09:20</time></div>",
        "<div><span class='update-time'>2024-05-19 20:00</span> "
        "<span class='publish-time'>2024-05-18 09:20</span></div>",
        "<div><span class='update-time'>2024-05-18 09:20</span></div>",
        "<div>会议时间：2024-05-10 14:00 发布时间：2024-05-18 09:20</div>",
        "<div>2024-05-18 09:20</div><div>回复于 2024-05-19 20:00</div>",
    ],
)
def test_the_publication_counts_and_not_the_edit(header: str) -> None:
    assert read(header)[0] == MINUTE


PUBLISHED = "<meta property='article:published_time' content='2024-05-18T09:20:00+08:00'>"
EDITED = "<meta property='article:modified_time' content='2021-05-18T09:20:11+08:00'>"


@pytest.mark.parametrize(
    ("header", "head", "time"),
    [
        ("<div>最后更新 2024-05-19 20:00</div>", PUBLISHED, MINUTE),
        ("<div>已于 2024-05-19 20:00 修改</div>", PUBLISHED, MINUTE),
        ("<div>最后更新 2024-05-19 20:00</div>", "", "2024-05-19 20:00"),
        ("<div>05-18 09:20</div>", EDITED, "2021-05-18 09:20"),
        ("<div>05-17 09:20</div>", EDITED, "2024-05-17 09:20"),
        ("<div>5月18日</div>", PUBLISHED, MINUTE),
        ("<div></div>", EDITED, None),
        ("<div><span title='2024-05-18 09:20:00'>2天前</span></div>", "", MINUTE),
        ("<div><time datetime='2024-05-18T01:20:00Z'>2 days ago</time></div>", "", MINUTE),
        ("<div data-ts='1715995200'>2天前</div>", "", MINUTE),
        ("<div><em data-time='1715995200000'>5小时前</em></div>", "", MINUTE),
        ("<div><em data-edit-time='1715995200000'>2天前</em></div>", "", DAY),
        ("<div><span title='2024-05-17 09:20'>05-18</span></div>", "", None),
        ("<div><b>18</b><span>2024-05</span></div>", "", DAY),
        ("<div><p>18</p><p>May 2024</p></div>", "", DAY),
        ("<div>2024年5月18日（农历四月十一）星期六 上午9:20</div>", "", MINUTE),
        ("<div>发布日期：20240518</div>", "", DAY),
        (
            "<div>2024年5月18日第三届江岸戏剧节组织委员会会议通过</div>",
            PUBLISHED.replace("18T", "19T"),
            "2024-05-19 09:20",
        ),
    ],
)
def test_times_that_need_each_other(header: str, head: str, time: str | None) -> None:
    assert read(header, head=head)[0] == time


def test_the_sites_own_clock_is_no_time_of_the_article() -> None:
    before = "<div>今天是2024年5月20日 星期一</div>"
    assert read("<div>来源：江浦日报</div>", before=before) == (None, "江浦日报", [])


@pytest.mark.parametrize(("text", "time"), [(TRADITIONAL, DAY), (BODY, None)])
def test_a_bare_year_of_the_republic_is_one_on_traditional_pages_alone(text: str, time: str | None) -> None:
    assert read("<div>113.05.18</div>", body=text)[0] == time
