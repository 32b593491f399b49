"""hupan: a portal: home page with channels, an RSS feed, lists of <div> and <ul>, times in meta elements."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import format_datetime
from html import escape

from benchmarks.invented.edition import Edition, edition, gone_page, lines, others, pages_of, truth_of
from benchmarks.invented.prose import Story
from benchmarks.invented.site import Site, html_page, text_page

HOST = "www.hupan-news.example"
HOUSE = "湖畔网"
COUNT, A_PAGE, ON_HOME, IN_FEED, ONLY_IN_FEED = 36, 8, 6, 12, 3
CHANNELS = {"shehui": ("民生", "法治", "教育"), "jingji": ("财经", "交通", "科技"), "renwen": ("文化", "生态")}
NAMES = {"shehui": "社会", "jingji": "经济", "renwen": "人文"}


def build(is_later: bool = False) -> Site:
    """Return the site: three channels of up to three pages, and a feed that alone shows three of the articles."""
    site = Site("hupan", HOST, [f"https://{HOST}/"])
    news = edition("hupan", HOUSE, COUNT, is_later)
    hidden = set(range(COUNT - ONLY_IN_FEED + 1, COUNT + 1))
    for story in news.stories:
        _add_article(site, story, news)
    for channel, sections in CHANNELS.items():
        _add_channel(site, channel, [s for s in news.live if s.section in sections and s.number not in hidden])
    site.add("/", html_page(_home([story for story in news.live if story.number not in hidden][:ON_HOME])))
    in_feed = [story for story in news.live if story.number > COUNT - IN_FEED]
    site.add("/rss/news.xml", text_page(_feed(in_feed), "application/rss+xml; charset=utf-8"))
    site.add("/about/", html_page(_shell("关于我们", f"<h1>关于我们</h1><p>{HOUSE}是一家虚构的地方新闻网站。</p>")))
    site.add("/robots.txt", text_page("User-agent: *\nDisallow: /admin/\nCrawl-delay: 0\n", "text/plain"))
    return site


def _path(story: Story) -> str:
    return f"/a/{story.published:%Y%m%d}/{story.number:06}.html"


def _shell(title: str, body: str, head: str = "") -> str:
    navigation = "".join(f'<li><a href="/{key}/">{name}</a></li>' for key, name in NAMES.items())
    return (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{escape(title)}-{HOUSE}</title>\n{head}'
        '<link rel="alternate" type="application/rss+xml" title="RSS" href="/rss/news.xml">\n'
        f'<style>.nav li{{display:inline}}</style></head><body><header><a class="logo" href="/">{HOUSE}</a>\n'
        f'<ul class="nav"><li><a href="/">首页</a></li>{navigation}</ul></header>\n{body}\n'
        '<footer><a href="/about/">关于我们</a> <a href="mailto:desk@hupan-news.example">联系编辑部</a> '
        f'<a href="javascript:void(0)">设为首页</a><p>© 2024 {HOUSE} 湖ICP备00000000号</p></footer></body></html>\n'
    )


def _home(stories: Sequence[Story]) -> str:
    top, rest = stories[0], stories[1:]
    rows = "".join(f'<li><a href="{_path(story)}">{escape(story.title)}</a></li>' for story in rest)
    return _shell(
        "首页",
        f'<div class="focus"><a href="{_path(top)}"><img src="/img/{top.number}.jpg" alt="{escape(top.title)}"></a>'
        f'<h2><a href="{_path(top)}">{escape(top.title)}</a></h2></div>'
        f'<div class="yw"><h3>要闻</h3><ul>{rows}</ul></div>',
    )


def _add_channel(site: Site, channel: str, stories: Sequence[Story]) -> None:
    parts = pages_of(stories, A_PAGE)
    later = [f"/{channel}/index_{number}.html" for number in range(2, len(parts) + 1)]
    addresses = [f"/{channel}/", *later]
    for number, part in enumerate(parts):
        rows = "".join(
            f'<div class="item"><h4><a href="{_path(story)}">{escape(story.title)}</a></h4>'
            f'<p class="desc">{escape(story.snippet())}…</p>'
            f'<span class="time">{story.published:%Y-%m-%d %H:%M}</span></div>\n'
            for story in part
        )
        onward = f'<a class="next" href="{addresses[number + 1]}">下一页</a>' if number + 1 < len(parts) else ""
        back = f'<a class="prev" href="{addresses[number - 1]}">上一页</a>' if number else ""
        crumb = f'<div class="crumb">当前位置：<a href="/">首页</a> &gt; {NAMES[channel]}</div>'
        body = f'{crumb}<div class="list">{rows}</div>'
        site.add(addresses[number], html_page(_shell(NAMES[channel], f'{body}<div class="page">{back}{onward}</div>')))


def _add_article(site: Site, story: Story, news: Edition) -> None:
    if story.number in news.withdrawn:
        site.add(_path(story), gone_page(news.withdrawn[story.number], HOUSE))
        return
    related = others(news.live, story, (1, 3, 7, 12))
    has_picture = story.number % 4 == 0
    url = site.add(_path(story), html_page(_article(story, related, has_picture)))
    truth = truth_of(site, story, _path(story), authors=[story.reporter], editor=story.editor, tags=story.tags)
    truth.related = {"相关新闻": [site.url(_path(other)) for other in related]}
    truth.blocks = {"相关新闻": len(related)}
    truth.section = next(NAMES[key] for key, sections in CHANNELS.items() if story.section in sections)
    if has_picture:
        truth.images = [f"https://{HOST}/upload/{story.number}.jpg"]
        truth.text = f"{story.caption}\n{truth.text}"
    assert truth.url == url
    site.articles.append(truth)


def _article(story: Story, related: Sequence[Story], has_picture: bool) -> str:
    channel = next(key for key, sections in CHANNELS.items() if story.section in sections)
    heads = set(story.subheads.values())
    body = "".join(f"<h3>{line}</h3>\n" if line in heads else f"<p>{escape(line)}</p>\n" for line in lines(story))
    if has_picture:
        picture = f'<img src="/img/loading.gif" data-original="/upload/{story.number}.jpg">'
        body = f"<figure>{picture}<figcaption>{escape(story.caption)}</figcaption></figure>\n{body}"
    rows = "".join(f'<li><a href="{_path(other)}">{escape(other.title)}</a></li>' for other in related)
    tags = "".join(f'<a href="/tags/{escape(tag)}" rel="tag nofollow">{escape(tag)}</a>' for tag in story.tags)
    head = (
        f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(story.title)}">\n'
        f'<meta property="article:published_time" content="{story.published.isoformat()}">\n'
        f'<link rel="canonical" href="https://{HOST}{_path(story)}">\n'
    )
    return _shell(
        story.title,
        f'<div class="crumb"><a href="/">首页</a> &gt; <a href="/{channel}/">{NAMES[channel]}</a> &gt; 正文</div>\n'
        f'<article><h1>{escape(story.title)}</h1><div class="meta"><span>{story.published:%Y-%m-%d %H:%M:%S}</span>'
        f" <span>来源：{escape(story.source)}</span> <span>记者：{story.reporter}</span></div>\n"
        f'<div class="article-body">{body}<p class="ed">责任编辑：{story.editor}</p></div>\n'
        f'<div class="tags">标签：{tags}</div></article>\n'
        f'<div class="related"><h3>相关新闻</h3><ul>{rows}</ul></div>',
        head,
    )


def _feed(stories: Sequence[Story]) -> str:
    items = "".join(
        f"<item><title><![CDATA[{story.title}]]></title><link>https://{HOST}{_path(story)}</link>"
        f"<description><![CDATA[{story.snippet(120)}…]]></description>"
        f"<pubDate>{format_datetime(story.published)}</pubDate></item>\n"
        for story in stories
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{HOUSE}</title><link>https://{HOST}/</link><description>要闻</description>\n{items}</channel></rss>\n"
    )
