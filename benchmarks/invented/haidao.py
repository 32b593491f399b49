"""haidao: a Traditional Chinese paper in Big5: ?id= URLs, numbered ?page= pagers, years of the Republic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from html import escape

from opencc import OpenCC

from benchmarks.invented.edition import Edition, edition, gone_page, lines, others, pages_of
from benchmarks.invented.prose import Story
from benchmarks.invented.site import Page, Site, Truth, html_page, text_page

HOST = "www.haidao-post.example"
HOUSE = "海島郵報"
COUNT, A_PAGE = 36, 6
CATEGORIES = {
    1: ("社會", ("民生", "法治", "教育", "交通")),
    2: ("產經", ("财经", "科技")),
    3: ("藝文", ("文化", "生态")),
}
FIRST_YEAR = 1911


@cache
def _converter() -> OpenCC:
    return OpenCC("s2tw")


def traditional(text: str) -> str:
    """Return `text` in Traditional characters that Big5 holds; what it lacks becomes □."""
    converted = _converter().convert(text)
    return "".join(c if c.encode("big5hkscs", "ignore") else "□" for c in converted)


def build(is_later: bool = False) -> Site:
    """Return the site: three categories with numbered pagers of several pages, all bytes Big5."""
    site = Site("haidao", HOST, [f"https://{HOST}/"])
    news = edition("haidao", HOUSE, COUNT, is_later)
    for story in news.stories:
        _to_traditional(story)
    for story in news.stories:
        _add_article(site, story, news)
    for category, (name, _) in CATEGORIES.items():
        _add_category(site, category, name, [story for story in news.live if _category(story) == category])
    site.add("/", _page("首頁", _rows(news.live[:8])))
    site.add("/robots.txt", text_page("User-agent: *\nDisallow: /member.php\n", "text/plain"))
    return site


def _to_traditional(story: Story) -> None:
    story.title = traditional(story.title)
    story.paragraphs = [traditional(p).replace("“", "「").replace("”", "」") for p in story.paragraphs]
    story.subheads = {index: traditional(text) for index, text in story.subheads.items()}
    story.reporter, story.source = traditional(story.reporter), HOUSE


def _category(story: Story) -> int:
    return next(number for number, (_, sections) in CATEGORIES.items() if story.section in sections)


def _path(story: Story) -> str:
    return f"/news.php?id={88000 + story.number}"


def _when(moment: datetime) -> str:
    return f"民國{moment.year - FIRST_YEAR}年{moment.month}月{moment.day}日 {moment:%H:%M}"


def _page(title: str, body: str) -> Page:
    links = "".join(f'<a href="list.php?cat={number}">{name}</a>｜' for number, (name, _) in CATEGORIES.items())
    text = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=big5">'
        f"<title>{escape(title)} | {HOUSE}</title></head><body>\n"
        f'<div id="top"><a href="/">{HOUSE}</a>｜{links}<a href="member.php">會員登入</a></div>\n'
        f'<div id="main">{body}</div>\n<div id="bottom">本站內容為虛構　{HOUSE}　版權所有</div></body></html>\n'
    )
    return html_page(text, "big5hkscs", charset="big5")


def _rows(stories: Sequence[Story]) -> str:
    rows = "".join(
        f'<li><span class="d">{story.published:%m/%d %H:%M}</span> '
        f'<a href="{_path(story)[1:]}">{escape(story.title)}</a></li>\n'
        for story in stories
    )
    return f'<ul class="newslist">\n{rows}</ul>'


def _add_category(site: Site, category: int, name: str, stories: Sequence[Story]) -> None:
    parts = pages_of(stories, A_PAGE)
    for number, part in enumerate(parts, 1):
        pager = " ".join(
            f"<b>{page}</b>" if page == number else f'<a href="list.php?cat={category}&amp;page={page}">{page}</a>'
            for page in range(1, len(parts) + 1)
        )
        body = _page(name, f'<h2>{name}</h2>{_rows(part)}<div class="pager">頁次：{pager}</div>')
        site.add(f"/list.php?cat={category}&page={number}", body)
        if number == 1:
            site.add(f"/list.php?cat={category}", body)


def _add_article(site: Site, story: Story, news: Edition) -> None:
    if story.number in news.withdrawn:
        site.add(_path(story), gone_page(news.withdrawn[story.number], HOUSE))
        return
    related = others(news.live, story, (1, 2, 5))
    site.add(_path(story), _page(story.title, _article(story, related)))
    site.articles.append(
        Truth(
            [site.url(_path(story))],
            story.title,
            "\n".join(lines(story)),
            story.published.replace(second=0),
            "minute",
            source=HOUSE,
            authors=[story.reporter],
            related={"延伸閱讀": [site.url(_path(other)) for other in related]},
            blocks={"延伸閱讀": len(related)},
        )
    )


def _article(story: Story, related: Sequence[Story]) -> str:
    heads = set(story.subheads.values())
    body = "".join(f"<h3>{line}</h3>\n" if line in heads else f"<p>{escape(line)}</p>\n" for line in lines(story))
    rows = "".join(f'<li><a href="{_path(other)[1:]}">{escape(other.title)}</a></li>' for other in related)
    return (
        f"<h1>{escape(story.title)}</h1>\n"
        f'<div class="by">{_when(story.published)}　來源：{HOUSE}　記者：{story.reporter}</div>\n'
        f'<div class="story">\n{body}</div>\n<div class="more"><b>延伸閱讀</b><ul>{rows}</ul></div>'
    )
