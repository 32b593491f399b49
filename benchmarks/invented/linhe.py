"""linhe: the reference layout of an aggregator, UTF-8, with every trap of its related blocks."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape

from benchmarks.invented.prose import Newsroom, Story, cut_bytes
from benchmarks.invented.site import Site, Truth, html_page, text_page
from newsspider.text.zone import BEIJING

HOST = "www.linhe-news.example"
HOUSE = "临河新闻网"
SHORT_TITLE_BYTES = 44
SNIPPET_BYTES = 66
FEATURED_BYTES = 58
LISTED, SECOND_PAGE, LOADED, ONLY_RELATED, FEATURED = 9, 6, 5, 4, 6
INDENT = "　　"
PLACEHOLDERS = ("（资料图）", "(资料图)", "【资料图】", "（资料图片仅供参考）", "")
REFERENCE_TITLE = "霁川市容委：依法从重整治违规占道经营"
REFERENCE_TEXT = (
    "霁川市容委日前召开专题会议提出，要坚持疏堵结合、分类施策、标本兼治，依法从重整治违规占道经营等突出问题，"
    "依法从重处理屡教不改的组织者，切实保障街巷畅通和行人安全。",
    "近年来，一些流动摊点打着“临时便民”的旗号，长期挤占盲道、消防通道和校门前的空地，并衍生出私拉电线、"
    "倾倒油污、强占摊位等一连串问题，损害了周边住户和守规商户的利益。其占道时间之长、清理反复之多、"
    "纠纷牵扯之广，令人头疼。对违规占道必须依法从重整治，切实保障群众出行，切实维护街面秩序，切实守住安全底线。",
    "违规占道摊点分布零散、转移迅速，呈现出夜间聚集、车辆接应、分工盯梢、线上揽客等新的特点。"
    "这就需要打破街区之间的界限，同相邻各县联合巡查，合力拆除私设的仓储点，安置确有困难的摊主，"
    "将牵头收取好处费的人绳之以法。要借鉴已有的联合值守办法，探讨建立跨街区整治占道的常态协作机制，"
    "对心存侥幸者形成长久约束，维护各街区来之不易的共治局面。",
    "从占道手法看，摊主利用折叠货架、遥控灯箱、群聊接龙、AI报信等新花样，不断变换出摊地点，更具流动性和隐蔽性。"
    "这就需要市容、公安、消防、市场监管等部门协同发力，用好街面感知设备，压实日常巡查责任。"
    "要从源头着手压缩违规空间，组织逐户登记夜间使用的三轮车、储物柜，清理散布揽客消息的群组，畅通随手拍举报渠道。"
    "深挖彻查幕后收取摊位费的人，全力切断利益链条。",
    "各街区要进一步做好劝导和服务，不断提高经营者守规矩、讲卫生的意识和能力。尤其是对刚刚进城的年轻摊主，"
    "要帮助他们找到合规的摊位，放下投机心理和从众心态，在踏实经营中站稳脚跟。",
)


@dataclass(slots=True)
class Entry:
    """One row of a listing or a block, as the page shows it; `time` is the text shown, or None."""

    url: str
    title: str
    snippet: str
    time: str | None = None
    short_title: str | None = None


@dataclass(slots=True)
class Layout:
    """What one article page shows around its body; the defaults are the reference page's."""

    source: str
    time: str
    placeholder: str = "（资料图）"
    trailer: str = ""
    is_trailer_glued: bool = False
    header: str = "spans"
    tags: Sequence[str] = ()
    recommended: Sequence[Entry] = ()
    featured: Sequence[Entry] = ()
    more_url: str = "/gundong/"
    pictures: Sequence[str] = field(default_factory=list)


def article_html(title: str, paragraphs: Sequence[str], layout: Layout) -> str:
    """Return an article page whose last bytes are the heading of an empty block, without a final newline."""
    return (
        f"{_head(title)}<body>\n{NAVIGATION}\n"
        f'<div class="main"><div class="left">\n<h1>{escape(title)}</h1>\n{_byline(layout)}\n'
        f'<div class="con" id="con">\n{_body(paragraphs, layout)}\n</div>\n'
        f'<div class="bq">标签：{_tags(layout.tags)}</div>\n'
        f'<div class="xgyd"><h3>相关阅读</h3><ul></ul></div>\n'
        f'<div class="tjyd"><h3>推荐阅读</h3>\n{_recommended(layout.recommended)}'
        f'<div class="more"><a href="{layout.more_url}">+ 点击查看更多精彩</a></div></div>\n</div>\n'
        f'<div class="right"><div class="jcfs"><h3>精彩放送</h3><ul>\n{_featured(layout.featured)}</ul></div>\n'
        f'<div class="jrts"><h3>{INDENT}今日推送'
    )


NAVIGATION = (
    '<div class="top"><a href="/">首页</a><a href="/yaowen/">要闻</a><a href="/caijing/">财经</a></div>'
    '<form action="/search"><input name="q" placeholder="搜索"><button>搜索</button></form>'
)


def _head(title: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">\n'
        f"<title>{escape(title)}_{HOUSE}</title>\n"
        '<meta name="keywords" content="新闻,资讯,临河">\n'
        f'<meta name="description" content="{HOUSE}，看见身边事">\n'
        '<link rel="stylesheet" href="/static/site.css">\n'
        '<script>var _hits = _hits || []; _hits.push(["page", location.pathname]);</script></head>\n'
    )


def _byline(layout: Layout) -> str:
    source, time = escape(layout.source), layout.time
    forms = {
        "spans": f'<div class="info"><span>来源：{source}</span><span>时间：{time}</span></div>',
        "joined": f'<div class="info">来源：{source}时间：{time}</div>',
        "link": f'<div class="info">来源：<a href="https://www.media.example/">{source}</a>时间：{time}</div>',
        "reordered": f'<div class="info"><i>时间：{time}</i>　<i>来源：{source}</i></div>',
        "ascii": f'<div class="info">来源:{source}时间:{time}</div>',
    }
    return forms[layout.header]


def _body(paragraphs: Sequence[str], layout: Layout) -> str:
    lines = [f'<p style="text-align:center">{layout.placeholder}</p>'] if layout.placeholder else []
    lines += [f'<p><img data-src="{escape(url)}" src="/static/blank.gif" alt=""></p>' for url in layout.pictures]
    lines += [f"<p>{INDENT}{escape(paragraph)}</p>" for paragraph in paragraphs]
    if layout.trailer and layout.is_trailer_glued:
        lines[-1] = lines[-1].replace("</p>", f"{escape(layout.trailer)}</p>")
    elif layout.trailer:
        lines.append(f"<p>{INDENT}{escape(layout.trailer)}</p>")
    return "\n".join(lines)


def _tags(tags: Sequence[str]) -> str:
    return "".join(f"<span>{escape(tag)}</span>" for tag in tags)


def _recommended(entries: Sequence[Entry]) -> str:
    rows = []
    for entry in entries:
        url, short = escape(entry.url), entry.short_title or cut_bytes(entry.title, SHORT_TITLE_BYTES)
        rows.append(
            f'<dl><dt><a href="{url}"><img src="/static/blank.gif" alt="{escape(entry.title)}"></a></dt>'
            f'<dd><h4><a href="{url}" title="{escape(entry.title)}">{escape(entry.title)}</a></h4>\n'
            f'<p class="t"><a href="{url}">{escape(short)}</a></p>\n'
            f'<p class="s">{escape(entry.snippet)}<a href="{url}">更多</a></p>\n'
            f"<span>{entry.time}</span></dd></dl>\n"
        )
    return "".join(rows)


def _featured(entries: Sequence[Entry]) -> str:
    return "".join(
        f'<li><a href="{escape(entry.url)}">{escape(entry.title)}</a>\n<p>{INDENT}{escape(entry.snippet)}</p></li>\n'
        for entry in entries
    )


def build() -> Site:
    """Return the site: two channels, one with a second page and one with load-more, and articles only linked to."""
    site = Site("linhe", HOST, [f"https://{HOST}/yaowen/", f"https://{HOST}/caijing/"])
    stories = _stories()
    addresses = {story.number: _address(story) for story in stories}
    for story in stories:
        _add_article(site, story, stories, addresses)
    _add_listings(site, stories, addresses)
    site.add("/robots.txt", text_page("User-agent: *\nDisallow: /search\nDisallow: /api/private/\n", "text/plain"))
    return site


def _stories() -> list[Story]:
    """Return the stories newest first: listed, second page, loaded, only related, featured (months older)."""
    count = LISTED + SECOND_PAGE + LOADED + ONLY_RELATED + FEATURED
    stories = list(reversed(Newsroom("linhe", HOUSE).write(count)))
    for story in stories[-FEATURED:]:
        story.published -= timedelta(days=120 + 5 * story.number)
    reference = stories[1]
    reference.title, reference.paragraphs, reference.source = REFERENCE_TITLE, list(REFERENCE_TEXT), "霁川经济报"
    reference.subheads = {}
    long = stories[4]
    long.paragraphs += [paragraph for story in Newsroom("linhe-long", HOUSE).write(3) for paragraph in story.paragraphs]
    stories[3].title += " 一季度新增订单里超过六成来自首次下单的“回头客”老客户转介绍"
    stories[6].title = f"{stories[6].title[:12]} 有人说“早该如此”也有人担心往后的日子怎么办"
    return stories


def _address(story: Story) -> str:
    channel = "caijing" if story.section in ("财经", "科技", "交通") else "yaowen"
    return f"https://{HOST}/{channel}/{story.published:%Y/%m%d}/{20000 + 7 * story.number}.html"


def shown_time(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def entry_of(story: Story, url: str) -> Entry:
    """Return the row of `story` in 推荐阅读: title at full length, snippet cut by bytes."""
    return Entry(url, story.title, story.snippet(SNIPPET_BYTES), shown_time(story.published))


def _add_article(site: Site, story: Story, stories: Sequence[Story], addresses: dict[int, str]) -> None:
    rng = random.Random(f"linhe {story.number}")
    position = stories.index(story)
    is_reference = story.title == REFERENCE_TITLE
    featured = stories[-FEATURED:]
    middle = stories[:-FEATURED]
    others = [middle[(position + step) % len(middle)] for step in (1, 2, 3, 5, 8, 13, 21) if len(middle) > step]
    shown = [story, *(other for other in others if other is not story)]
    swap = rng.randrange(2, len(shown) - 1)
    shown[swap], shown[swap + 1] = shown[swap + 1], shown[swap]
    trailer = "" if position % 4 == 3 else f"（文章来源：{story.source}）"
    layout = Layout(
        story.source,
        shown_time(story.published),
        placeholder="（资料图）" if is_reference else PLACEHOLDERS[position % len(PLACEHOLDERS)],
        trailer=trailer,
        is_trailer_glued=not is_reference and position % 5 == 2,
        header="spans" if is_reference else ("spans", "joined", "link", "reordered", "ascii")[position % 5],
        tags=story.tags if position % 6 == 5 else (),
        recommended=[entry_of(other, addresses[other.number]) for other in shown],
        featured=[_featured_entry(other, addresses[other.number]) for other in featured],
        pictures=[f"https://{HOST}/upload/{story.number}.jpg"] if position % 7 == 4 else [],
    )
    url = addresses[story.number]
    site.add(url.removeprefix(f"https://{HOST}"), html_page(article_html(story.title, story.paragraphs, layout)))
    site.articles.append(_truth(story, url, layout))


def _featured_entry(story: Story, url: str) -> Entry:
    return Entry(url, story.title, cut_bytes(story.paragraphs[0], FEATURED_BYTES) + "...")


def _truth(story: Story, url: str, layout: Layout) -> Truth:
    rows = {
        "推荐阅读": [entry.url for entry in layout.recommended],
        "精彩放送": [entry.url for entry in layout.featured],
    }
    if url in rows["精彩放送"]:
        rows["精彩放送"].remove(url)
    return Truth(
        [url],
        story.title,
        story.text,
        story.published,
        source=story.source,
        tags=list(layout.tags),
        images=list(layout.pictures),
        related=rows,
        blocks={"相关阅读": 0, **{name: len(urls) for name, urls in rows.items()}, "今日推送": 0},
        self_links=1,
    )


def _add_listings(site: Site, stories: Sequence[Story], addresses: dict[int, str]) -> None:
    """要闻 has two pages, 财经 one page and two answers of its load-more URL, the second empty."""
    first, rest = stories[:LISTED], stories[LISTED:]
    second, loaded = rest[:SECOND_PAGE], rest[SECOND_PAGE : SECOND_PAGE + LOADED]
    onward = '<a href="/yaowen/index_2.html">'
    pager = f'<div class="pages"><span>1</span>{onward}2</a>{onward}下一页</a></div>'
    back = '<div class="pages"><a href="/yaowen/">上一页</a><a href="/yaowen/">1</a><span>2</span></div>'
    site.add("/yaowen/", html_page(_listing("要闻", first[:7], addresses, pager)))
    site.add("/yaowen/index_2.html", html_page(_listing("要闻", second, addresses, back)))
    more = (
        '<div class="more" id="load-more" data-url="/api/list?channel=caijing&amp;page=2">'
        '<a href="javascript:;">+ 点击查看更多精彩</a></div>'
    )
    site.add("/caijing/", html_page(_listing("财经", first[5:], addresses, more)))
    site.add("/", html_page(_listing("首页", first, addresses, "")))
    site.add("/gundong/", html_page(_listing("滚动", first, addresses, "")))
    rows = [
        {
            "title": story.title,
            "url": addresses[story.number],
            "time": shown_time(story.published),
            "intro": story.snippet(),
        }
        for story in loaded
    ]
    for page, part in ((2, rows), (3, [])):
        answer = {"code": 0, "msg": "ok", "data": {"page": page, "hasMore": page < 3, "list": part}}
        site.add(
            f"/api/list?channel=caijing&page={page}",
            text_page(json.dumps(answer, ensure_ascii=False), "application/json; charset=utf-8"),
        )


def _listing(name: str, stories: Sequence[Story], addresses: dict[int, str], below: str) -> str:
    rows = "".join(
        f'<li><h2><a href="{addresses[story.number]}" target="_blank">{escape(story.title)}</a></h2>'
        f"<p>{escape(story.snippet())}...</p><span>{shown_time(story.published)}</span></li>\n"
        for story in stories
    )
    return (
        f"{_head(f'{name}频道')}<body>\n{NAVIGATION}\n"
        f'<div class="main"><h2>{name}</h2>\n<ul class="list">\n{rows}</ul>\n{below}\n</div>\n'
        f'<div class="foot">{HOUSE} 版权所有</div></body></html>\n'
    )
