"""Entry points of a site: channels in its navigation, feeds, sitemaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsspider.pages.document import Hint
from newsspider.pages.listing.page_links import NEXT_WORDS
from newsspider.pages.listing.rows import GENERIC_TEXT, PAGER_TEXT, Row
from newsspider.text import fold
from newsspider.urls import article_key, article_likelihood, registered_domain, resolve, url_pattern

if TYPE_CHECKING:
    from newsspider.pages.document import Document

MAX_CHANNELS = 120
CHANNEL_CHARACTERS = 10
NAV_CHARACTERS = 4
# a URL may look like an article at most so much; one with a channel's name may end in a short number, and in a
# navigation it may have an extension as well
LIKELY_CHANNEL, NUMBERED_CHANNEL, NAV_CHANNEL = 0.26, 0.4, 0.6
COMMON_FEED_PATHS = ("/sitemap.xml", "/rss.xml", "/feed/", "/sitemap_index.xml")

# names are compared in simplified characters
_CHANNEL_WORDS = re.compile(
    r"新闻|要闻|时政|政务|政治|国内|国际|社会|财经|经济|金融|股票|产经|房产|汽车|科技|互联网|体育|足球|娱乐|军事|教育|健康|文化"
    r"|历史|旅游|时尚|生活|评论|观点|理论|法治|民生|环球|港澳|台湾|两岸|本地|县区|地方|城市|乡村|三农|农业|能源|环保|滚动|快讯|即时|热点"
    r"|深度|调查|专栏|头条|焦点|综合|资讯|公告|动态|最新|全部|更多|运动|影音|副刊|产业|地产|消费",
)
_NO_CHANNEL = re.compile(
    r"登录|登入|注册|退出|会员|用户|个人中心|关于|联系|联络|招聘|诚聘|广告|版权|声明|隐私|帮助|反馈|投诉|举报|投稿"
    r"|下载|客户端|手机版|电脑版|app|微博|微信|公众号|二维码|地图|合作|友情|链接|订阅|设为首页|收藏|搜索|搜寻|返回|顶部|english|繁体|简体"
    r"|无障碍|邮箱|论坛|博客|部落格|许可证|备案|icp|公安|招标|商城|购物|直播|点播|日历|天气|彩票|游戏|投票|问卷|留言|信箱|电子报|数字报|标签|首页|archiver"
    r"|条款|协议|须知|指南|导航|办事|互动交流|政民互动|服务大厅|服务网|服务平台|在线访谈|概况|机构设置|组织机构|领导之窗|领导简介",
)
_NO_CHANNEL_PATH = re.compile(
    r"/(?:login|logout|register|passport|user|member|about|contact|help|search|so|tags?|app|download|copyright|privacy|rss"
    r"|feed|calendar|rili|comment|guestbook|authors?|ads?|job|api|static|redirect|goto|jump|link|out|cart|print|sitemap|terms|policy|agreement)(?=[/._?-]|\Z)",
    re.I,
)
_FEED_TYPE = re.compile(r"application/(?:rss|atom|rdf|feed)\+?(?:xml|json)?|text/xml", re.I)
_FEED_PATH = re.compile(
    r"(?:/|\b)(?:rss|feed|atom)(?:[/_\-]?[\w\-]{0,30})?(?:\.xml|\.rss|\.php|\.aspx)?/?\Z|\.rss\Z", re.I
)
_FEED_TEXT = re.compile(r"rss|atom|xml|订阅|訂閱", re.I)


def channels(rows: Iterable[Row], document: Document) -> list[str]:
    """Return the URLs in the navigation that look like channels of this site, as the page orders them.

    A channel has a short name, a URL without an article's number, and stands beside others of its kind.
    """
    site = registered_domain(document.url)
    home = article_key(resolve(document.url, "/") or "")
    ranked = [(_channel_rank(row, site), row) for row in rows if row.key != home]
    sure = {(row.region, url_pattern(row.url)) for rank, row in ranked if rank > 1 and row.region}
    found = dict.fromkeys(
        row.url for rank, row in ranked if rank > 1 or (rank == 1 and (row.region, url_pattern(row.url)) in sure)
    )
    return list(found)[:MAX_CHANNELS]


def _channel_rank(row: Row, site: str) -> int:
    """Return 0 for no channel, 1 for one if its neighbours are, 2 and more for what looks like one by itself."""
    texts = [fold(text) for text in row.texts] or [""]
    name = min(texts, key=len)
    is_pager = PAGER_TEXT.match(texts[0]) or NEXT_WORDS.match(texts[0])
    if registered_domain(row.url) != site or is_pager or _NO_CHANNEL.search(texts[0]):
        return 0
    parts = urlsplit(row.url)
    has_word = _CHANNEL_WORDS.search(name) is not None
    likelihood = article_likelihood(row.url)
    limit = NUMBERED_CHANNEL if has_word else LIKELY_CHANNEL
    if has_word and row.hints & Hint.NAV and len(name) <= NAV_CHARACTERS:
        limit = NAV_CHANNEL
    if _NO_CHANNEL_PATH.search(parts.path) or likelihood > limit:
        return 0
    if likelihood == 0.0 or (row.hints & Hint.FOOTER and not has_word):
        return 0  # a file; a topic or a service below the page
    is_more = GENERIC_TEXT.match(name) is not None and ("更多" in name or name.lower() == "more")
    if len(name) > CHANNEL_CHARACTERS and not is_more:
        return 0
    if parts.query:
        return 2 if has_word or is_more else 1
    is_short_path = parts.path.strip("/").count("/") <= 2
    return 1 + int(has_word or is_more) + int(is_short_path and name.isalpha())


def feeds(document: Document) -> list[str]:
    """Return the feeds a page names: `<link rel=alternate>`, then links that say RSS."""
    found: dict[str, None] = {}
    for element in document.source.head_tags:
        rel, kind = (element.get("rel") or "").lower(), element.get("type") or ""
        if (
            "alternate" in rel
            and _FEED_TYPE.match(kind)
            and (url := resolve(document.base_url, element.get("href") or ""))
        ):
            found[url] = None
    for line in document.lines:
        for link in line.links:
            if _FEED_PATH.search(link.href.partition("?")[0]) and _FEED_TEXT.search(
                f"{link.text} {link.href} {link.title or ''}"
            ):
                url = resolve(document.base_url, link.href)
                if url and registered_domain(url) == registered_domain(document.url):
                    found[url] = None
    return [url for url in found if "comment" not in url]


def common_feed_urls(url: str, *, only_sitemaps: bool = False) -> list[str]:
    """Return where a site that names neither feed nor sitemap may still have one; most answer 404."""
    paths = [path for path in COMMON_FEED_PATHS if "sitemap" in path or not only_sitemaps]
    return [found for path in paths if (found := resolve(url, path))]


def page_sitemaps(document: Document) -> list[str]:
    """Return the XML sitemaps that a page names itself."""
    found = dict.fromkeys(_sitemap_links(document))
    return [url for url in found if registered_domain(url) == registered_domain(document.url)]


def _sitemap_links(document: Document) -> Iterator[str]:
    yield from document.head_links("sitemap")
    for line in document.lines:
        for link in line.links:
            if "sitemap" in link.href.lower() and re.search(r"\.(?:xml|txt)(?:\.gz)?\Z", link.href, re.I):
                url = resolve(document.base_url, link.href)
                if url:
                    yield url
