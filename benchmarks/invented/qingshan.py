"""qingshan: a county paper on an old system: GBK bytes, tables, bodies broken by <br>, articles of two pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from benchmarks.invented.prose import Newsroom, Story
from benchmarks.invented.site import Page, Site, Truth, html_page, text_page

HOST = "www.qingshan-daily.example"
HOUSE = "青山日报"
COUNT, A_PAGE = 16, 6
TWO_PAGES = 4
INDENT = "　　"
# characters beyond GB2312 and GBK that real pages declare as gb2312 all the same
RARE_NAME = "祝镕㛃"
RARE_PLACE = "𠮷野村"


def build() -> Site:
    """Return the site: three listing pages, 16 articles, every fourth of two pages; all bytes GB18030 called gb2312."""
    site = Site("qingshan", HOST, [f"https://{HOST}/news/index.htm"])
    stories = list(reversed(Newsroom("qingshan", HOUSE).write(COUNT)))
    stories[2].reporter = RARE_NAME
    stories[3].paragraphs[0] = f"在{RARE_PLACE}，" + stories[3].paragraphs[0]
    for position, story in enumerate(stories):
        neighbours = [stories[(position + step) % COUNT] for step in (1, 4, 6)]
        _add_article(site, story, neighbours)
    for start in range(0, COUNT, A_PAGE):
        name = "index.htm" if start == 0 else f"index_{start // A_PAGE + 1}.htm"
        site.add(f"/news/{name}", _page("新闻中心", _listing(stories, start)))
    site.add("/robots.txt", text_page("User-agent: *\nDisallow:\n", "text/plain"))
    return site


def _path(story: Story, page: int = 1) -> str:
    tail = "" if page == 1 else f"_{page}"
    return f"/html/{story.published:%Y-%m/%d}/content_{4000 + story.number}{tail}.htm"


def _page(title: str, rows: str) -> Page:
    text = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">\n'
        f"<title>{escape(title)} - {HOUSE}网络版</title></head>\n<body bgcolor=#ffffff topmargin=0>\n"
        f'<table width=780 align=center><tr><td><img src="/images/logo.gif" alt="{HOUSE}"></td></tr>\n'
        '<tr><td bgcolor=#cc0000><a href="/news/index.htm"><font color=white>新闻中心</font></a></td></tr></table>\n'
        f"<table width=780 align=center cellpadding=4>\n{rows}\n</table>\n"
        f"<table width=780 align=center><tr><td align=center>{HOUSE}社版权所有 未经授权不得转载<br>"
        "地址：青山县文化路8号 电话：0000-0000000</td></tr></table></body></html>\n"
    )
    return html_page(text, "gb18030", charset="")


def _when(moment: datetime, number: int) -> str:
    if number % 2:
        return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
    return f"{moment:%Y-%m-%d %H:%M}"


def _add_article(site: Site, story: Story, neighbours: Sequence[Story]) -> None:
    is_long = story.number % TWO_PAGES == 0 and len(story.paragraphs) > 2
    half = len(story.paragraphs) // 2 if is_long else len(story.paragraphs)
    parts = [story.paragraphs[:half], story.paragraphs[half:]] if is_long else [story.paragraphs]
    for number, part in enumerate(parts, 1):
        rows = _article(story, part, number, len(parts), neighbours)
        site.add(_path(story, number), _page(story.title, rows))
    site.articles.append(
        Truth(
            [site.url(_path(story))],
            story.title,
            story.text,
            story.published.replace(second=0),
            "minute",
            source=story.source,
            authors=[story.reporter],
            editor=story.editor,
            images=[site.url(f"/images/{story.number}.jpg")] if story.number % 5 == 0 else [],
            pages=len(parts),
            related={"相关新闻": [site.url(_path(other)) for other in neighbours]},
            blocks={"相关新闻": len(neighbours)},
        )
    )


def _article(story: Story, part: Sequence[str], number: int, count: int, neighbours: Sequence[Story]) -> str:
    """Return the table rows of page `number` of `count`; the editor stands on the last one only."""
    byline = f"来源：{story.source}　作者：{story.reporter}　{_when(story.published, story.number)}"
    lines = "<br>\n<br>\n".join(INDENT + escape(paragraph) for paragraph in part)
    if number == 1 and story.number % 5 == 0:
        lines = f'<center><img src="/images/{story.number}.jpg" width=500></center><br>\n{lines}'
    editor = f"<br>\n<p align=right>（责任编辑：{story.editor}）</p>" if number == count else ""
    related = "<br>\n".join(
        f'·<a href="{_path(other)}">{escape(other.title)}</a> ({other.published:%m-%d %H:%M})' for other in neighbours
    )
    return (
        f"<tr><td align=center><font size=5><b>{escape(story.title)}</b></font></td></tr>\n"
        f"<tr><td align=center bgcolor=#eeeeee><font size=2>{byline}</font></td></tr>\n"
        f"<tr><td class=content><font size=3>{lines}</font>{editor}</td></tr>\n"
        f"{_part_pager(story, number, count)}"
        f"<tr><td bgcolor=#eeeeee><b>相关新闻</b></td></tr>\n<tr><td>{related}</td></tr>"
    )


def _part_pager(story: Story, number: int, count: int) -> str:
    if count == 1:
        return ""
    names = [_path(story, page).rpartition("/")[2] for page in range(1, count + 1)]
    numbers = " ".join(
        f"[{page}]" if page == number else f'<a href="{name}">[{page}]</a>' for page, name in enumerate(names, 1)
    )
    before = f'<a href="{names[number - 2]}">上一页</a> ' if number > 1 else ""
    after = f' <a href="{names[number]}">下一页</a>' if number < count else ""
    return f"<tr><td align=center>{before}{numbers}{after}</td></tr>\n"


def _listing(stories: Sequence[Story], start: int) -> str:
    rows = "\n".join(
        f'<tr><td>·<a href="{_path(story)}" target=_blank>{escape(story.title)}</a></td>'
        f"<td width=80><font color=#999999>{story.published:%m-%d}</font></td></tr>"
        for story in stories[start : start + A_PAGE]
    )
    page, last = start // A_PAGE + 1, (len(stories) - 1) // A_PAGE + 1
    names = {number: "index.htm" if number == 1 else f"index_{number}.htm" for number in range(1, last + 1)}
    links = [f'<a href="{names[1]}">首页</a>']
    if page > 1:
        links.append(f'<a href="{names[page - 1]}">上一页</a>')
    links += [str(number) if number == page else f'<a href="{name}">{number}</a>' for number, name in names.items()]
    if page < last:
        links.append(f'<a href="{names[page + 1]}">下一页</a>')
    links.append(f'<a href="{names[last]}">尾页</a>')
    return f"{rows}\n<tr><td colspan=2 align=center>共{len(stories)}条 第{page}/{last}页 {' '.join(links)}</td></tr>"
