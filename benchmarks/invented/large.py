"""large: 3,000 pages of 40 to 200 KB, generated on request: the load of a large portal."""

from __future__ import annotations

import random
from functools import cache, partial
from html import escape

from benchmarks.invented.prose import Newsroom, Story
from benchmarks.invented.site import Page, Site, html_page, text_page

HOST = "www.large-portal.example"
HOUSE = "大观网"
PAGES, A_LISTING = 3000, 29
SMALLEST_KB, LARGEST_KB = 40, 200
RELATED = 8
FIRST_NUMBER = 10_000_000


def counts(pages: int) -> tuple[int, int]:
    """Return how many articles and listing pages make `pages` pages."""
    listings = -(-pages // (A_LISTING + 1))
    return pages - listings, listings


def build(pages: int = PAGES) -> Site:
    """Return the site: one channel, its numbered pager, and articles that recommend one another."""
    articles, _ = counts(pages)
    site = Site("large", HOST, [f"https://{HOST}/news/"])
    site.add("/robots.txt", text_page("User-agent: *\nDisallow:\n", "text/plain"))
    site.endless = {"/news/": partial(page_at, articles=articles)}
    return site


def paths(pages: int) -> list[str]:
    """Return the paths of all pages, listings first."""
    articles, listings = counts(pages)
    return [*(_listing_path(page) for page in range(1, listings + 1)), *(_path(n) for n in range(1, articles + 1))]


def page_at(path: str, articles: int) -> Page:
    """Return the page of `path`; the same path gives the same bytes in every process."""
    name = path.rpartition("/")[2].partition(".")[0]
    if not name or name.startswith("index_"):
        return html_page(_listing(int(name[6:] or 1), articles))
    return html_page(_article(int(name) - FIRST_NUMBER, articles))


def _path(number: int) -> str:
    return f"/news/202404/{FIRST_NUMBER + number}.html"


def _listing_path(page: int) -> str:
    return "/news/" if page == 1 else f"/news/index_{page}.html"


@cache
def _stories() -> list[Story]:
    return Newsroom("large", HOUSE).write(PAGES)


@cache
def _filler(kind: str) -> str:
    """Return about 260 KB of one kind of what fills real pages: a script's state, a style sheet, or a site map."""
    rng = random.Random(f"large {kind}")
    pieces: list[str] = []
    while sum(map(len, pieces)) < 260_000:
        word = f"{rng.randrange(1 << 40):x}"
        if kind == "script":
            pieces.append(f'{{"k":"{word}","v":{rng.random():.12f},"on":{rng.choice(("true", "false"))}}},\n')
        elif kind == "style":
            pieces.append(
                f".c-{word}{{margin:{rng.randrange(40)}px;color:#{word[:6]:0>6};line-height:1.{rng.randrange(9)}}}\n"
            )
        else:
            name = rng.choice(("要闻", "地方", "图说", "评论", "深度", "财经", "健康", "旅游"))
            link = f'<a href="https://www.elsewhere.example/{word}/" target="_blank">{name}</a>'
            pieces.append(
                f'<li class="i-{word[:5]}">{rng.choice((link, f"<span>{name}</span>", f"<em>{name}</em>"))}</li>\n'
            )
    return "".join(pieces)


def _frame(title: str, body: str, number: int) -> str:
    """Return a page padded to its size: a third script, a third style, the rest a site map in the footer."""
    rng = random.Random(f"large page {number}")
    room = int(1024 * min(LARGEST_KB, max(SMALLEST_KB, rng.lognormvariate(4.35, 0.45)))) - 3 * len(body)
    script = _filler("script")[: max(0, room // 3)].rpartition("\n")[0]
    style = _filler("style")[: max(0, room // 3)].rpartition("\n")[0]
    links = _filler("links")[: max(0, room // 3)].rpartition("\n")[0]
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}_{HOUSE}</title>\n'
        f"<style>\n{style}\n</style><script>var STATE=[\n{script}\n];</script></head><body>\n"
        f'<div class="nav"><a href="/news/">新闻</a></div>\n{body}\n'
        f'<div class="sitemap"><ul>\n{links}\n</ul></div></body></html>\n'
    )


def _listing(page: int, articles: int) -> str:
    last = -(-articles // A_LISTING)
    rows = "".join(
        f'<li><a href="{_path(number)}">{escape(_stories()[number - 1].title)}</a>'
        f"<span>{_stories()[number - 1].published:%Y-%m-%d %H:%M}</span></li>\n"
        for number in range((page - 1) * A_LISTING + 1, min(page * A_LISTING, articles) + 1)
    )
    onward = f'<a href="{_listing_path(page + 1)}">下一页</a>' if page < last else ""
    return _frame("新闻", f'<ul class="list">\n{rows}</ul><div class="pages"><b>{page}</b>{onward}</div>', -page)


def _article(number: int, articles: int) -> str:
    story = _stories()[number - 1]
    near = [(number * 7 + 13 * step) % articles + 1 for step in range(RELATED)]
    rows = "".join(
        f'<li><a href="{_path(n)}">{escape(_stories()[n - 1].title)}</a></li>\n' for n in near if n != number
    )
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in story.paragraphs)
    return _frame(
        story.title,
        f"<h1>{escape(story.title)}</h1>\n"
        f'<div class="info">来源：{story.source} 时间：{story.published:%Y-%m-%d %H:%M:%S}</div>\n'
        f'<div class="content">\n{body}<p>（责任编辑：{story.editor}）</p></div>\n'
        f'<div class="related"><h3>相关阅读</h3><ul>\n{rows}</ul></div>',
        number,
    )
