"""guojing: one site on two old content systems, and every article under many URLs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from benchmarks.invented.edition import Edition, edition, gone_page, lines, others, pages_of, truth_of
from benchmarks.invented.prose import Story
from benchmarks.invented.site import Page, Site, html_page, redirect, text_page

HOST = "www.guojing-cms.example"
MOBILE = "m.guojing-cms.example"
BARE = "guojing-cms.example"
HOUSE = "国境线"
COUNT, A_PAGE = 40, 7
TRACKERS = ("?spm=a1.b2.0.0", "?from=timeline&isappinstalled=0", "?utm_source=wechat", "")
QUERY_TRACKERS = tuple(tracker.replace("?", "&") for tracker in TRACKERS)


def build(is_later: bool = False) -> Site:
    """Return the site: odd stories on index.php?m=content URLs, even ones on /a/caijing/ with list_12_N.html.

    Links carry trackers, some go to the mobile twin, some to http:// or the bare domain, which redirect.
    """
    site = Site("guojing", HOST, [f"https://{HOST}/"])
    news = edition("guojing", HOUSE, COUNT, is_later)
    for story in news.stories:
        _add_article(site, story, news)
    _add_content_lists(site, [story for story in news.live if story.number % 2])
    _add_static_lists(site, [story for story in news.live if story.number % 2 == 0])
    for path in ("/", "/index.html"):
        site.add(path, _page("首页", _rows(news.live[:6], 1)))
    site.add("/", _page("首页", _rows(news.live[:6], 0)), MOBILE)
    site.add("/", redirect(f"https://{HOST}/"), BARE)
    for host in (HOST, MOBILE, BARE):
        site.add("/robots.txt", text_page("User-agent: *\nDisallow: /phpsso/\nDisallow: /dede/\n", "text/plain"), host)
    return site


def _path(story: Story) -> str:
    if story.number % 2:
        return f"/index.php?m=content&c=index&a=show&catid=6&id={100 + story.number}"
    return f"/a/caijing/{story.published:%Y/%m%d}/{500 + story.number}.html"


def _tracked(story: Story, turn: int) -> str:
    """Return one of the URLs under which pages link to `story`."""
    path = _path(story)
    place = (story.number + turn) % 7
    if place == 5:
        return f"https://{MOBILE}{path}"
    if place == 6:
        return f"http://{HOST}{path}"
    return path + (QUERY_TRACKERS if "?" in path else TRACKERS)[place % 4]


def _page(title: str, body: str, head: str = "") -> Page:
    return html_page(
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
        '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml">'
        '<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8" />'
        f"<title>{escape(title)}_{HOUSE}</title>{head}</head><body>\n"
        '<div class="header"><a href="/index.html">首页</a> '
        '<a href="/index.php?m=content&amp;c=index&amp;a=lists&amp;catid=6">时政</a>'
        ' <a href="/a/caijing/">财经</a> <a href="/phpsso/login.php">登录</a></div>\n'
        f'<div class="w960">{body}</div><div class="footer">Powered by an old system © {HOUSE}</div></body></html>\n'
    )


def _rows(stories: Sequence[Story], turn: int) -> str:
    rows = "".join(
        f'<li><a href="{escape(_tracked(story, turn))}" class="title">{escape(story.title)}</a>'
        f'<span class="rt">{story.published:%Y-%m-%d}</span></li>\n'
        for story in stories
    )
    return f'<ul class="list lh24 f14">\n{rows}</ul>'


def _add_content_lists(site: Site, stories: Sequence[Story]) -> None:
    base = "/index.php?m=content&c=index&a=lists&catid=6"
    parts = pages_of(stories, A_PAGE)
    for number, part in enumerate(parts, 1):
        links = [
            f"<span>{page}</span>" if page == number else f'<a href="{escape(base)}&amp;page={page}">{page}</a>'
            for page in range(1, len(parts) + 1)
        ]
        if number < len(parts):
            links.append(f'<a class="a1" href="{escape(base)}&amp;page={number + 1}">下一页</a>')
        page = _page(
            "时政", f'{_rows(part, number)}<div id="pages"><a class="a1">{len(stories)}条</a> {" ".join(links)}</div>'
        )
        site.add(f"{base}&page={number}", page)
        if number == 1:
            site.add(base, page)


def _add_static_lists(site: Site, stories: Sequence[Story]) -> None:
    parts = pages_of(stories, A_PAGE)
    names = [f"list_12_{number}.html" for number in range(1, len(parts) + 1)]
    for number, part in enumerate(parts):
        links = [f'<li><a href="{name}">{page}</a></li>' for page, name in enumerate(names, 1) if page != number + 1]
        onward = f'<li><a href="{names[number + 1]}">下一页</a></li>' if number + 1 < len(parts) else ""
        last = f'<li><a href="{names[-1]}">末页</a></li>'
        page = _page("财经", f'{_rows(part, number + 2)}<ul class="pagelist">{"".join(links)}{onward}{last}</ul>')
        site.add(f"/a/caijing/{names[number]}", page)
        if number == 0:
            site.add("/a/caijing/", page)


def _addresses(story: Story) -> list[str]:
    path = _path(story)
    return [path, *(path + tracker for tracker in (QUERY_TRACKERS if "?" in path else TRACKERS)[:3])]


def _add_article(site: Site, story: Story, news: Edition) -> None:
    if story.number in news.withdrawn:
        for path in _addresses(story):
            site.add(path, gone_page(news.withdrawn[story.number], HOUSE))
        return
    related = others(news.live, story, (3, 6, 8))
    canonical = f'<link rel="canonical" href="{escape(site.url(_path(story)))}" />'
    page = _page(story.title, _article(story, related), canonical)
    for path in _addresses(story):
        site.add(path, page)
    site.add(_path(story), _page(story.title, _article(story, []), canonical), MOBILE)
    site.upgraded.append((HOST, _path(story)))
    truth = truth_of(site, story, _path(story), editor=story.editor)
    truth.addresses += [site.url(path) for path in _addresses(story)[1:]]
    truth.addresses += [site.url(_path(story), MOBILE), f"http://{HOST}{_path(story)}"]
    truth.related = {"相关文章": [site.url(_path(other)) for other in related]}
    truth.blocks = {"相关文章": len(related)}
    site.articles.append(truth)


def _article(story: Story, related: Sequence[Story]) -> str:
    heads = set(story.subheads.values())
    body = "".join(
        f"<div><b>{line}</b></div>\n" if line in heads else f"<div>　　{escape(line)}</div>\n" for line in lines(story)
    )
    rows = "".join(f'<li><a href="{escape(_tracked(other, 3))}">{escape(other.title)}</a></li>' for other in related)
    block = f'<div class="box"><h5 class="title-2">相关文章</h5><ul>{rows}</ul></div>' if related else ""
    return (
        f'<div id="Article"><h1>{escape(story.title)}<br />\n<span>{story.published:%Y-%m-%d %H:%M:%S}　　'
        f"来源：{escape(story.source)}　　编辑：{story.editor}　　点击：<em>0</em></span></h1>\n"
        f'<div class="content">{body}</div>\n'
        f'<p class="f14"><strong>上一篇：</strong>没有了　<strong>下一篇：</strong>没有了</p>{block}</div>'
    )
