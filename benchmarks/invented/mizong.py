"""mizong: plain articles between traps: a calendar, facets and session ids without end, chains, mirrors, walls."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from benchmarks.invented.edition import Edition, edition, gone_page, lines, others, pages_of, truth_of
from benchmarks.invented.prose import Newsroom, Story
from benchmarks.invented.site import Page, Site, html_page, redirect, text_page

HOST = "www.mizong-traps.example"
TWIN = "news.mizong-traps.example"
HOUSE = "迷踪新闻"
COUNT, A_PAGE = 60, 7
FIRST_PAGES_OF_TRAPS = 6
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def build(is_later: bool = False) -> Site:
    """Return the site; what its `endless` functions make is recorded for the first few steps only."""
    site = Site("mizong", HOST, [f"https://{HOST}/"])
    news = edition("mizong", HOUSE, COUNT, is_later)
    for story in news.stories:
        _add_article(site, story, news)
    parts = pages_of(news.live, A_PAGE)
    for number, part in enumerate(parts, 1):
        site.add("/news/" if number == 1 else f"/news/?p={number}", _page("新闻", _listing(part, number, len(parts))))
    site.add("/", _page("首页", _rows(news.live[:5]) + _temptations(news.live[0])))
    _add_walls(site)
    site.endless = {
        "/calendar/": calendar_page,
        "/search/list": facet_page,
        "/sid_": session_page,
        "/chain/": chain_page,
        "/go/": farm_page,
    }
    for path in _first_steps():
        make = next(make for start, make in site.endless.items() if path.startswith(start))
        site.add(path, make(path))
    for host in (HOST, TWIN):
        site.add("/robots.txt", text_page("User-agent: *\nDisallow: /cart/\n", "text/plain"), host)
    return site


def _path(story: Story) -> str:
    return f"/news/{story.published:%Y/%m/%d}/s-{story.number}.html"


def _page(title: str, body: str, head: str = "") -> Page:
    return html_page(
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{escape(title)}_{HOUSE}</title>{head}</head>"
        '<body><div class="nav"><a href="/">首页</a><a href="/news/">新闻</a>'
        '<a href="/calendar/2024-04-26.html">日历</a>'
        '<a href="/search/list?area=1&amp;sort=new">筛选</a><a href="/zt/huanhu/">专题</a></div>\n'
        f'{body}\n<div class="footer">{HOUSE}</div></body></html>\n'
    )


def _rows(stories: Sequence[Story], before: str = "") -> str:
    rows = "".join(
        f'<li><a href="{before}{_path(story)}">{escape(story.title)}</a><i>{story.published:%Y-%m-%d %H:%M}</i></li>\n'
        for story in stories
    )
    return f'<ul class="news">\n{rows}</ul>\n'


def _listing(stories: Sequence[Story], number: int, count: int) -> str:
    """Return one page of the list; twins and dead ends stand between the articles."""
    twin = f'<p><a href="https://{TWIN}{_path(stories[0])}">{escape(stories[0].title)}</a></p>'
    onward = f'<a href="/news/?p={number + 1}">下一页</a>' if number < count else ""
    numbers = "".join(f'<a href="{"/news/" if n == 1 else f"/news/?p={n}"}">{n}</a>' for n in range(1, count + 1))
    return f'{_rows(stories)}{twin}<div class="pg">{numbers}{onward}</div>'


def _temptations(story: Story) -> str:
    links = (
        ("/news/2024/04/20/s-9901.html", "环湖马拉松报名通道临时关闭的三个原因"),
        ("/vip/2024/04/21/v-31.html", "深度：一座老码头的十二次转身"),
        ("/photo/2024/04/19/p-77.html", "图集：雨后的石埠头"),
        ("/go/1", "点击领取优惠，今日最后一天别错过"),
        (f"/sid_{_token('start')}/news/", "返回我的阅读列表"),
        (f"https://{TWIN}{_path(story)}", story.title),
    )
    rows = "".join(f'<li><a href="{url}">{escape(text)}</a></li>\n' for url, text in links)
    return f'<div class="side"><h3>随便看看</h3><ul>{rows}</ul></div>'


def _add_walls(site: Site) -> None:
    site.add("/news/2024/04/20/s-9901.html", gone_page("soft", HOUSE))
    wall = "<h1>深度：一座老码头的十二次转身</h1><div class='login'><p>本文为会员专享，请登录后阅读全文。</p>"
    form = (
        '<form action="/login"><input name="user"><input type="password" name="pass"><button>登录</button></form></div>'
    )
    site.add("/vip/2024/04/21/v-31.html", _page("深度：一座老码头的十二次转身", wall + form))
    pictures = "".join(f'<li><img src="/pic/{n}.jpg"><span>{n}/9</span></li>' for n in range(1, 10))
    gallery = f'<h1>图集：雨后的石埠头</h1><div class="gallery"><ul>{pictures}</ul></div>'
    site.add("/photo/2024/04/19/p-77.html", _page("图集：雨后的石埠头", gallery))
    topic = "".join(
        f'<div class="block"><h3>环湖{name}</h3><ul><li><a href="/zt/huanhu/#{name}">更多</a></li></ul></div>'
        for name in ("要闻", "图说", "评论", "回顾")
    )
    site.add("/zt/huanhu/", _page("环湖专题", f'<div class="banner"><h1>环湖专题</h1></div>{topic}'))


def _add_article(site: Site, story: Story, news: Edition) -> None:
    path = _path(story)
    if story.number in news.withdrawn:
        for host in (HOST, TWIN):
            site.add(path, gone_page(news.withdrawn[story.number], HOUSE), host)
        return
    related = others(news.live, story, (1, 5))
    has_canonical = story.number % 2 == 0
    head = f'<link rel="canonical" href="{site.url(path)}">' if has_canonical else ""
    page = _page(story.title, _article(story, related), head)
    for host in (HOST, TWIN):
        site.add(path, page, host)
    truth = truth_of(site, story, path)
    truth.addresses.append(site.url(path, TWIN))
    chain = site.url(f"/chain/{story.number * 1000}.html")
    truth.related = {"相关阅读": [*(site.url(_path(other)) for other in related), chain]}
    truth.blocks = {"相关阅读": len(related) + 1}
    site.articles.append(truth)


def _article(story: Story, related: Sequence[Story]) -> str:
    heads = set(story.subheads.values())
    body = "".join(f"<h4>{line}</h4>\n" if line in heads else f"<p>{escape(line)}</p>\n" for line in lines(story))
    old = f'<li><a href="/chain/{story.number * 1000}.html">旧闻一则：码头边的修船铺</a><i>2015-03-02 10:00</i></li>'
    rows = _rows(related).replace("</ul>", f"{old}</ul>")
    return (
        f"<h1>{escape(story.title)}</h1>"
        f'<p class="by">{story.published:%Y-%m-%d %H:%M:%S} 来源：{escape(story.source)}</p>\n'
        f'<div class="text">{body}</div><div class="rel"><h3>相关阅读</h3>{rows}</div>'
    )


def _token(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _first_steps() -> list[str]:
    days = [date(2024, 4, 26) + timedelta(days=step) for step in range(-FIRST_PAGES_OF_TRAPS, FIRST_PAGES_OF_TRAPS)]
    return [
        *(f"/calendar/{day}.html" for day in days),
        *(f"/search/list?area={area}&sort={order}" for area in (1, 2, 3) for order in ("new", "hot")),
        *(f"/go/{step}" for step in range(1, 12)),
        f"/sid_{_token('start')}/news/",
    ]


def calendar_page(path: str) -> Page:
    """Return the page of one day, with links to the day before and after and to the months around."""
    found = DAY.search(path)
    day = date(int(found[1]), int(found[2]), int(found[3])) if found else date(2024, 4, 26)
    near = [day + timedelta(days=step) for step in (-365, -30, -2, -1, 1, 2, 30, 365)]
    links = "".join(f'<td><a href="/calendar/{other}.html">{other.month}月{other.day}日</a></td>' for other in near)
    onward = f'<a href="/calendar/{day + timedelta(days=1)}.html">下一页</a>'
    return _page(
        f"{day} 日历", f'<h2>{day} 的新闻</h2><table class="cal"><tr>{links}</tr></table><p>当日暂无内容</p>{onward}'
    )


def facet_page(path: str) -> Page:
    """Return a filtered list: always the same few articles, and links that add one more filter."""
    stories = Newsroom("mizong", HOUSE).write(COUNT)
    seed = int(hashlib.sha256(path.encode()).hexdigest()[:6], 16)
    shown = [stories[(seed + step) % COUNT] for step in range(4)]
    more = "".join(
        f'<a href="{escape(path)}&amp;{name}={value}">{name} {value}</a> '
        for name in ("year", "type", "area", "tag")
        for value in range(1, 5)
    )
    return _page("筛选", f'<div class="facets">{more}</div>{_rows(shown)}')


def session_page(path: str) -> Page:
    """Return a list below a session id whose links all carry a new one."""
    token = _token(path)
    stories = Newsroom("mizong", HOUSE).write(COUNT)
    found = next((story for story in stories if path.endswith(_path(story))), None)
    if found is not None:
        return _page(found.title, _article(found, []))
    again = f'<a href="/sid_{token}/news/">刷新列表</a>'
    return _page("我的阅读列表", f"{_rows(stories[-4:], f'/sid_{token}')}{again}")


def chain_page(path: str) -> Page:
    """Return an old story that recommends the next old story, and so on."""
    number = int("".join(filter(str.isdigit, path)) or 0)
    story = Newsroom(f"chain {number}", HOUSE).write(1)[0]
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
    title = f"旧闻第{number + 1}则：码头边的修船铺"
    onward = f'<ul><li><a href="/chain/{number + 1}.html">{title}</a><i>2015-03-02 10:00</i></li></ul>'
    head = f'<h1>{escape(story.title)}</h1><p class="by">2015-03-02 10:00:00 来源：{HOUSE}</p>'
    return _page(story.title, f'{head}<div class="text">{body}</div><div class="rel"><h3>相关阅读</h3>{onward}</div>')


def farm_page(path: str) -> Page:
    """Return a redirect to the next URL of the farm."""
    number = int("".join(filter(str.isdigit, path)) or 0)
    return redirect(f"/go/{number + 1}", 302)
