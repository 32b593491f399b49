"""yunding: a modern site: opaque URLs, sitemap index with a gzip news sitemap, JSON-LD in every article."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from html import escape

from benchmarks.invented.edition import Edition, edition, gone_page, lines, others, truth_of
from benchmarks.invented.prose import Story
from benchmarks.invented.site import Page, Site, html_page, text_page

HOST = "www.yunding-times.example"
HOUSE = "云顶时报"
COUNT, ON_HOME, IN_NEWS_SITEMAP = 32, 5, 14
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def build(is_later: bool = False) -> Site:
    """Return the site: the home page shows five articles, the two sitemaps all of them."""
    site = Site("yunding", HOST, [f"https://{HOST}/"])
    news = edition("yunding", HOUSE, COUNT, is_later)
    for story in news.stories:
        _add_article(site, story, news)
    site.add("/", html_page(_home(news.live[:ON_HOME])))
    for name, text in (("contact", "联系我们"), ("terms", "使用条款")):
        site.add(
            f"/{name}", html_page(_shell(text, f"<main><h1>{text}</h1><p>本页说明{text}事宜，内容从略。</p></main>"))
        )
    site.add("/sitemap_index.xml", text_page(_index(), "application/xml"))
    recent = [story for story in news.live if story.number > COUNT - IN_NEWS_SITEMAP]
    site.add("/sitemaps/news.xml.gz", Page(gzip.compress(_news(recent).encode(), mtime=0), 200, GZIP))
    site.add("/sitemaps/2024-04.xml", text_page(_urls(news.live, news), "application/xml"))
    site.add("/sitemaps/pages.xml", text_page(_plain(["/", "/contact", "/terms"]), "application/xml"))
    rules = f"User-agent: *\nAllow: /\n\nSitemap: https://{HOST}/sitemap_index.xml\n"
    site.add("/robots.txt", text_page(rules, "text/plain"))
    return site


GZIP = {"content-type": "application/x-gzip"}


def _path(story: Story) -> str:
    return f"/story/{hashlib.sha256(f'yunding {story.number}'.encode()).hexdigest()[:12]}"


def _shell(title: str, body: str, head: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{escape(title)} | {HOUSE}</title>\n"
        f'<meta name="viewport" content="width=device-width">{head}</head>\n<body class="theme-light">\n'
        f'<nav class="css-1x9"><a href="/">{HOUSE}</a><a href="/contact">联系我们</a>'
        '<a href="/terms">使用条款</a></nav>\n'
        f'{body}\n<footer class="css-7q2"><small>{HOUSE} 版权所有</small></footer></body></html>\n'
    )


def _home(stories: Sequence[Story]) -> str:
    cards = "".join(
        f'<section class="css-k3"><a class="css-a1" href="{_path(story)}">'
        f'<h2 class="css-h">{escape(story.title)}</h2></a>'
        f'<p class="css-p">{escape(story.snippet(90))}</p></section>\n'
        for story in stories
    )
    return _shell("首页", f'<main class="css-m">{cards}</main>')


def _add_article(site: Site, story: Story, news: Edition) -> None:
    if story.number in news.withdrawn:
        site.add(_path(story), gone_page(news.withdrawn[story.number], HOUSE))
        return
    related = others(news.live, story, (2, 5, 9))
    site.add(_path(story), html_page(_article(site, story, related)))
    truth = truth_of(site, story, _path(story), source=HOUSE, authors=[story.reporter], section=story.section)
    truth.related = {"延伸阅读": [site.url(_path(other)) for other in related]}
    truth.blocks = {"延伸阅读": len(related)}
    truth.images = [f"https://{HOST}/media/{story.number}.webp"] if story.number % 3 == 0 else []
    site.articles.append(truth)


def _article(site: Site, story: Story, related: Sequence[Story]) -> str:
    graph = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": site.url(_path(story)),
        "headline": story.title,
        "datePublished": story.published.isoformat(),
        "dateModified": story.published.isoformat(),
        "author": [{"@type": "Person", "name": story.reporter}],
        "publisher": {"@type": "Organization", "name": HOUSE},
        "articleSection": story.section,
    }
    heads = set(story.subheads.values())
    body = "".join(
        f'<h2 class="css-s">{line}</h2>\n' if line in heads else f'<div class="css-t">{escape(line)}</div>\n'
        for line in lines(story)
    )
    picture = f'<img class="css-i" src="/media/{story.number}.webp" alt="">\n' if story.number % 3 == 0 else ""
    cards = "".join(f'<a class="css-r" href="{_path(other)}"><h4>{escape(other.title)}</h4></a>\n' for other in related)
    script = json.dumps(graph, ensure_ascii=False)
    return _shell(
        story.title,
        f'<main class="css-m"><h1 class="css-hh">{escape(story.title)}</h1>\n'
        f'<div class="css-b"><span>文｜{story.reporter}</span><time datetime="{story.published.isoformat()}">'
        f"{story.published:%Y-%m-%d %H:%M:%S}</time><span>来源：{HOUSE}</span></div>\n"
        f'<div class="css-c">{picture}{body}</div>\n<aside class="css-e"><h3>延伸阅读</h3>{cards}</aside></main>',
        f'<link rel="canonical" href="{site.url(_path(story))}"><script type="application/ld+json">{script}</script>',
    )


def _plain(paths: Sequence[str]) -> str:
    rows = "".join(f"<url><loc>https://{HOST}{path}</loc></url>\n" for path in paths)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SITEMAP}">\n{rows}</urlset>\n'


def _urls(stories: Sequence[Story], news: Edition) -> str:
    """Return the month's sitemap; an edited article has a later lastmod."""
    rows = "".join(
        f"<url><loc>https://{HOST}{_path(story)}</loc><lastmod>"
        f"{'2024-04-27T08:00:00+08:00' if story.number in news.edited else story.published.isoformat()}"
        "</lastmod></url>\n"
        for story in stories
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SITEMAP}">\n{rows}</urlset>\n'


def _news(stories: Sequence[Story]) -> str:
    rows = "".join(
        f"<url><loc>https://{HOST}{_path(story)}</loc><news:news><news:publication><news:name>{HOUSE}</news:name>"
        f"<news:language>zh-cn</news:language></news:publication><news:publication_date>{story.published.isoformat()}"
        f"</news:publication_date><news:title>{escape(story.title)}</news:title></news:news></url>\n"
        for story in stories
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SITEMAP}" xmlns:news="{NEWS}">\n{rows}</urlset>\n'


def _index() -> str:
    rows = "".join(
        f"<sitemap><loc>https://{HOST}/sitemaps/{name}</loc><lastmod>2024-04-25</lastmod></sitemap>\n"
        for name in ("news.xml.gz", "2024-04.xml", "pages.xml")
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{SITEMAP}">\n{rows}</sitemapindex>\n'
