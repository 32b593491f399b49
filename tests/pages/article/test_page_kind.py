"""The kind of a page: an article or what else, each told from an article that looks a little like it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
TITLE = "河口镇渡口停航三天后恢复通航"
URL = "https://hekou.example/2023/0806/1.html"
HOME = "https://hekou.example/"
BYLINE = "<div class=info>2023-08-06 10:20 来源：河口日报</div>"
PROSE = "".join(
    f"<p>{sentence}</p>"
    for sentence in (
        "河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。",
        "水利站的值班员说，上游连日降雨，水位一度高出警戒线，昨天夜里才回落。",
        "六日清晨，第一班渡船载着二十多名乘客离岸，码头的小吃摊也支了起来。",
        "船工老周告诉记者，停航的三天里，他和同伴把两条船的缆绳都换了新的。",
        "下一步，镇里将在码头加装水位尺，并把船期公告贴到每个村口。",
        "粮店的店主说，停航期间镇上的米面没有涨价，库存足够半个月。",
        "学校的老师说，住在对岸的学生这几天在亲戚家借宿，没有人缺课。",
    )
)
ROWS = "".join(
    f"<li><a href='/2023/0806/{number}.html'>第{number}号渡口今年的船期公告已经发布</a></li>" for number in range(2, 32)
)
TEASERS = "".join(
    f"<div><h3><a href='/2023/0806/{number}.html'>第{number}号渡口今年的船期公告已经发布</a></h3>"
    f"<p>公告说，第{number}号渡口今年增开夜班，乘客可以提前一天订票。</p></div>"
    for number in range(2, 22)
)
PICTURES = "".join(f"<p><img src='/p/{number}.jpg' width=600 height=400></p>" for number in range(8))


def kind(body: str, *, title: str = TITLE, url: str = URL) -> str:
    html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return ArticlePage(Document.from_text(html, url, FETCHED)).kind()


def article(body: str = PROSE, title: str = TITLE) -> str:
    return f"<h1>{title}</h1>{BYLINE}<div>{body}</div>"


@pytest.mark.parametrize(
    ("expected", "body", "title", "url"),
    [
        ("listing", f"<ul>{ROWS}</ul>", "河口网", HOME),
        ("listing", TEASERS, "河口网", HOME),
        ("topic", f"<ul>{ROWS}</ul>", "渡口复航专题", "https://hekou.example/zt/2023dk/"),
        (
            "gallery",
            f"<h1>{TITLE}</h1><div>{PICTURES}<p>渡口今日恢复通航，首班船上午六点离岸。</p><p>货船陆续起锚，两岸居民出行如常。</p></div>",
            TITLE,
            URL,
        ),
        ("video", f"<h1>{TITLE}</h1><video src='/v/1.mp4'></video>", TITLE, "https://hekou.example/video/1.html"),
        ("login", "<form>请先登录<input name=u><input type=password></form>", "登录", "https://hekou.example/login"),
        (
            "login",
            article(
                "<p>渡口停了三天，往来的货船都在下游等候。</p><p>水位昨天回落，镇上的粮店照常开门。</p><p>登录后即可阅读全文</p>"
            ),
            TITLE,
            URL,
        ),
        ("error", "<h1>404</h1><p>您访问的页面不存在</p>", "404", URL),
        ("error", "<p>抱歉，该文章已被删除。</p>", "河口网", URL),
        ("empty", "", "", URL),
        ("empty", "<p>…</p>", "", URL),
    ],
)
def test_page_that_is_no_article_says_what_it_is(expected: str, body: str, title: str, url: str) -> None:
    assert kind(body, title=title, url=url) == expected


@pytest.mark.parametrize(
    ("body", "title", "url"),
    [
        (article(), TITLE, URL),
        (article("<p>河口镇的渡口停了三天，昨天恢复通航。</p>"), TITLE, URL),
        (article() + f"<div class=related><h3>相关阅读</h3><ul>{ROWS}</ul></div>", TITLE, URL),
        (article(), TITLE, "https://hekou.example/zt/2023dk/1.html"),
        (article(PICTURES[: len(PICTURES) // 2] + PROSE), TITLE, URL),
        (article("<video src='/v/1.mp4'></video>" + PROSE), TITLE, "https://hekou.example/video/1.html"),
        (article(PROSE + "<p>乘客请先登录码头的公众号，再选择班次订票。</p>"), TITLE, URL),
        (article() + "<div>请先登录后发表评论 <input type=password></div>", TITLE, URL),
        (article(PROSE, "渡口网站的404页面写满船期"), "渡口网站的404页面写满船期", URL),
        (article(PROSE + "<p>旧的公告已被删除，新的公告贴在码头。</p>"), TITLE, URL),
        (article(PROSE + "<p>博物馆登录后即可查看船票，会员专享的展厅在二楼。</p>"), TITLE, URL),
        (article(), "河口网", HOME),
    ],
)
def test_article_that_looks_like_another_kind_is_one(body: str, title: str, url: str) -> None:
    assert kind(body, title=title, url=url) == "article"


def test_verdict_gives_its_reasons() -> None:
    document = Document.from_text("<h1>404</h1><p>您访问的页面不存在</p>", URL, FETCHED)
    item = ArticlePage(document).to_item()
    assert item.kind == "error"
    assert item.kind_reasons == ["it says '404'"]
