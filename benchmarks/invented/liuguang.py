"""liuguang: an app-like site: Next.js state in every page, load-more as JSON with a cursor and as JSONP with pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from benchmarks.invented.edition import Edition, edition, gone_page, lines, others, pages_of, truth_of
from benchmarks.invented.prose import Story
from benchmarks.invented.site import Page, Site, html_page, text_page

HOST = "www.liuguang-app.example"
HOUSE = "流光新闻"
COUNT, A_STEP, ONLY_STATE = 34, 7, 5
JSON = "application/json; charset=utf-8"


def build(is_later: bool = False) -> Site:
    """Return the site: odd stories through the home page's JSON cursor, even ones through /hot and its JSONP pages.

    Every fifth article page is an empty shell whose text is in its state only.
    """
    site = Site("liuguang", HOST, [f"https://{HOST}/"])
    news = edition("liuguang", HOUSE, COUNT, is_later)
    for story in news.stories:
        _add_article(site, story, news)
    _add_cursor_list(site, [story for story in news.live if story.number % 2])
    _add_jsonp_list(site, [story for story in news.live if story.number % 2 == 0])
    site.add("/robots.txt", text_page("User-agent: *\nAllow: /\nAllow: /api/\n", "text/plain"))
    return site


def _path(story: Story) -> str:
    return f"/p/{7180000 + 13 * story.number}"


def _shell(title: str, body: str, state: dict[str, Any]) -> Page:
    script = json.dumps({"props": {"pageProps": state}, "buildId": "k3x", "isFallback": False}, ensure_ascii=False)
    return html_page(
        '<!DOCTYPE html><html lang="zh"><head><meta charSet="utf-8"/>'
        f'<title>{escape(title)} - {HOUSE}</title><link rel="preload" href="/_next/static/app.js" as="script"/></head>'
        f'<body><div id="__next"><div class="nav_x1"><a href="/">推荐</a><a href="/hot">热榜</a></div>{body}</div>\n'
        f'<script id="__NEXT_DATA__" type="application/json">{script}</script>'
        '<script src="/_next/static/app.js" async=""></script></body></html>'
    )


def _row(story: Story) -> dict[str, Any]:
    return {
        "id": 7180000 + 13 * story.number,
        "title": story.title,
        "summary": story.snippet(80),
        "url": _path(story),
        "publishTime": int(story.published.timestamp() * 1000),
    }


def _cards(stories: Sequence[Story]) -> str:
    return "".join(
        f'<div class="card_a7"><a href="{_path(story)}"><h3>{escape(story.title)}</h3></a>'
        f"<p>{escape(story.snippet(80))}</p><time>{story.published:%m-%d %H:%M}</time></div>"
        for story in stories
    )


def _add_cursor_list(site: Site, stories: Sequence[Story]) -> None:
    """The home page shows the first step; each answer of /api/feed names the cursor of the next."""
    steps = pages_of(stories, A_STEP)
    cursors = [f"t{step[-1].number:05}" for step in steps]
    button = f'<button class="load-more" data-url="/api/feed" data-cursor="{cursors[0]}">加载更多</button>'
    site.add(
        "/",
        _shell("推荐", f'<div class="feed">{_cards(steps[0])}{button}</div>', {"feed": [_row(s) for s in steps[0]]}),
    )
    for number, step in enumerate(steps[1:], 1):
        has_more = number + 1 < len(steps)
        answer = {
            "status": "success",
            "data": {
                "items": [_row(story) for story in step],
                "has_more": has_more,
                "next_cursor": cursors[number] if has_more else "",
            },
        }
        path = f"/api/feed?cursor={cursors[number - 1]}"
        site.add(path, text_page(json.dumps(answer, ensure_ascii=False), JSON))


def _add_jsonp_list(site: Site, stories: Sequence[Story]) -> None:
    """/hot shows the first step; its JSONP URL counts pages and ends with an empty list."""
    steps = pages_of(stories, A_STEP)
    more = '<div class="more" data-url="/jsonp/hot.js?callback=renderHot&amp;page=2">查看更多</div>'
    site.add(
        "/hot",
        _shell("热榜", f'<div class="feed">{_cards(steps[0])}{more}</div>', {"list": [_row(s) for s in steps[0]]}),
    )
    for number, step in enumerate([*steps[1:], []], 2):
        answer = json.dumps({"page": number, "list": [_row(story) for story in step]}, ensure_ascii=False)
        path = f"/jsonp/hot.js?callback=renderHot&page={number}"
        site.add(path, text_page(f"renderHot({answer});", "application/javascript; charset=utf-8"))


def _add_article(site: Site, story: Story, news: Edition) -> None:
    if story.number in news.withdrawn:
        site.add(_path(story), gone_page(news.withdrawn[story.number], HOUSE))
        return
    related = others(news.live, story, (2, 4, 11))
    is_shell = story.number % ONLY_STATE == 0
    state = {
        "article": {
            **_row(story),
            "content": "".join(f"<p>{escape(line)}</p>" for line in lines(story)),
            "authorName": story.reporter,
            "source": story.source,
        },
        "recommend": [_row(other) for other in related],
    }
    visible = '<div class="spin">加载中…</div>' if is_shell else _visible(story, related)
    site.add(_path(story), _shell(story.title, visible, state))
    truth = truth_of(site, story, _path(story), authors=[story.reporter])
    block = "推荐阅读" if is_shell else "为你推荐"  # the data have no heading
    truth.related = {block: [site.url(_path(other)) for other in related]}
    truth.blocks = {block: len(related)}
    site.articles.append(truth)


def _visible(story: Story, related: Sequence[Story]) -> str:
    heads = set(story.subheads.values())
    body = "".join(
        f"<p><strong>{line}</strong></p>" if line in heads else f"<p>{escape(line)}</p>" for line in lines(story)
    )
    rows = "".join(f'<li><a href="{_path(other)}">{escape(other.title)}</a></li>' for other in related)
    return (
        f'<div class="article_q"><h1>{escape(story.title)}</h1><div class="info_z"><span>{story.source}</span>'
        f"<span>作者：{story.reporter}</span><span>{story.published:%Y-%m-%d %H:%M:%S}</span></div>"
        f'<div class="text_w">{body}</div></div><div class="rec_v"><h4>为你推荐</h4><ul>{rows}</ul></div>'
    )
