"""Headings of related-link blocks, and headings of other blocks."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.document import Line
from newsspider.text import squeeze

_HEADING_WORDS: Final = (
    r"(?:相关|相關|关联|關聯)[·\s]?(?:阅读|閱讀|新闻|新聞|报道|報道|報導|文章|推荐|推薦|链接|連結|鏈接|资讯"
    r"|資訊|专题|專題|内容|內容|视频|影音|信息|主题|主題|"
    r"稿件|话题|話題|图集|產品|产品|资源|阅览|帖子|热点|熱點|文档)"
    r"|(?:推荐|推薦)[·\s]?(?:博文|作品|日志|帖子|阅读|閱讀|新闻|新聞|文章|报道|報導|资讯|資訊|内容|內容|专题|專題|视频|影音|信息"
    r"|图集|给您|给你|給您|給你)"
    r"|(?:延伸|拓展|扩展|擴展|深度)(?:\s?·\s?)?(?:阅读|閱讀|推荐|推薦|报道|新闻|新聞)"
    r"|(?:为|為|给|給)(?:您|你)(?:推荐|推薦|精选|精選)|猜(?:您|你)(?:还)?(?:喜欢|喜歡|感兴趣|想看)"
    r"|(?:您|你)(?:还|還)?(?:可能|也许|或许)?(?:还|還|也|会|會)?(?:可能)?(?:会|會)?(?:喜欢|喜歡|感兴趣"
    r"|感興趣|想看)(?:的)?(?:文章|新闻|内容)?"
    r"|(?:精彩|热门|熱門|编辑|編輯|小编|今日|最新|热点|熱點|本站|站内|本周|主编|重点|重磅|每日|智能|好文"
    r"|更多)(?:推荐|推薦|推送)"
    r"|精彩(?:放送|内容|內容|阅读|閱讀|文章|导读|導讀|图文)|今日推送|更多(?:相关|相關|精彩)?"
    r"(?:新闻|新聞|文章|内容|阅读|閱讀|报道|報道|報導)"
    r"|大家(?:都在|还在|正在|还)看|(?:网友|读者)(?:都|还)在看|看(?:了|过)(?:又看|本文的(?:人|网友)?(?:还"
    r"|也)(?:看(?:了|过)?|喜欢))|(?:此前|早前|往期|前期|历史)(?:报道|回顾|推荐|精彩|新闻|文章)"
    r"|同类(?:文章|新闻|推荐)|同题报道|系列报道"
)
_RELATED_SOMETHING: Final = re.compile(
    r"(?:相关|相關|更多|延伸)(?!部门|部門|人员|人員|负责|負責|规定|規定|法律|方面|单位|單位|证件|工作|情况|精彩|内容|评论|留言|跟帖)[\u4e00-\u9fff]{2,3}"
)
_DECORATION: Final = (
    " \t\u3000\u00a0【】[]〖〗「」『』《》<>＜＞()（）|丨│┃｜:：;；·•●○■□▌▎▍◆◇★☆▶►▼▲>»›+＋—-_~～*#＊…。.、,，/"
)
_MORE_WORDS: Final = (
    r"(?:点击|點擊|请)?(?:查看|阅读|閱讀|浏览|进入)?(?:更多|全部|more|MORE|More)(?:精彩|内容|內容|>>|新闻"
    r"|推荐|文章|相关|报道)?|更多(?:来自|來自)[该此本]?作者|换一[批换组]|換一批"
    r"|(?:点击|點擊)?(?:查看|阅读|閱讀|展开|继续阅读)?(?:全文|详情|詳情|详细|原文)"
)
# The characters with which one of the words above can begin: most lines are ruled out by them.
_FIRST_CHARACTERS: Final = frozenset(
    "相关關推延拓扩擴深为為给給猜您你精热熱编編小今最本站主重每智好更大网读看此早往前历同系"
)
# A line without text begins with nothing: it may be a heading by its image.
HEADING_STARTS: Final = _FIRST_CHARACTERS | frozenset(_DECORATION) | {"※", ""}
# A heading of fourteen characters with its decoration.
MAX_RAW_HEADING: Final = 26
HEADING: Final = re.compile(
    rf"(?P<name>{_HEADING_WORDS})(?:[\s>＞»:：+·|/]{{0,4}}(?:{_MORE_WORDS}|\d{{1,2}}|最新(?:文章|新闻|新聞)))?"
)
_INLINE_HEADING: Final = re.compile(
    rf"[【\[〖◆■●▼▶►★☆※•·>＞\s]{{0,4}}(?P<name>{_HEADING_WORDS}|相[关關](?:[\u4e00-\u9fff]{{2}}))\s{{0,2}}[:：】\]〗>·|丨]\s{{0,2}}"
)
# The characters with which it can begin, also behind a blank.
MORE_STARTS: Final = frozenset(" [【(（+＋>»…点點请查阅閱浏进更全mM换換展继详詳原")
_MORE: Final = re.compile(rf"[\[【(（+＋>»…\s]{{0,4}}(?:{_MORE_WORDS})[>＞»…\].】)）\s]{{0,6}}")
# What ends a block without being one: rankings, neighbours in the list, comments, the page's foot.
_OTHER_HEADING: Final = re.compile(
    r".{0,6}(?:排行榜?|榜单|热榜|风云榜|点击榜|热搜|热词)|(?:热门|熱門|热点|熱點|最新|实时|即时|今日|头条"
    r"|要闻|滚动|最近|国际|国内|社会|娱乐|体育|财经|图片|视频)?"
    r"(?:新闻|新聞|资讯|要闻|头条|发布|发表|更新|热点|专题|图集|视频|图片|公告|活动|动态|导航)|(?:最新|网友"
    r"|全部|热门|精彩|我要|发表|查看全部|新闻)?"
    r"(?:评论|評論|跟贴|留言)(?:[(（]?\d+[)）]?条?)?|友情链接|友情鏈接|关于我们|關於我們|联系我们|版权声明"
    r"|免责声明|网站地图|广告|廣告|赞助|好书精选|"
    r"热门标签|标签云|栏目|频道|频道推荐|分类|阅读下一篇|上一篇|下一篇|已显示全部内容|图片新闻|图说天下"
    r"|(?:热门|熱門)(?:放送|内容|內容|阅读|閱讀|文章|导读|導讀|图文)|24小时.{0,8}|48小时.{0,8}|新闻排行|关注我们|扫一扫"
)
# The last characters of the words above; what begins with a number of hours may end anyhow.
_OTHER_ENDS: Final = frozenset(
    "章读讀文送行榜单搜词闻聞讯条布表新点题集频片告动态航论論贴言)）0123456789０１２３４５６７８９接們们明图助选签云目道荐类篇容下扫"
)
_OTHER_STARTS: Final = frozenset("24")
_BLOCK_ENDS: Final = _OTHER_ENDS | frozenset(_DECORATION)
_BLOCK_STARTS: Final = _OTHER_STARTS | frozenset(_DECORATION)
_COMMENT_CHARACTERS: Final = frozenset("评評跟贴留热熱讨討回点點吐回迴cC")
# The characters with which a heading of comments can begin: `COMMENT_STARTS` are these and what decorates it.
_COMMENT_FIRST: Final = frozenset("网網全所最热熱精用读讀股大我发發查新文相评評跟留讨討回点點吐迴cC")
COMMENT_STARTS: Final = _COMMENT_FIRST | frozenset(_DECORATION)
_COMMENT_HEADING: Final = re.compile(
    r"(?:网友|網友|全部|所有|最新|热门|熱門|精彩|精选|精選|用户|读者|讀者|股友|网民|我要|发表|發表|查看|新闻|文章|相关|大家){0,2}"
    r"(?:评论|評論|跟贴|跟帖|留言|热议|熱議|讨论|討論|回复|回覆|回應|点评|點評|吐槽|回响|迴響)(?:区|區|列表|专区|本文)?"
    r"[\s（(:：共已有]{0,6}(?:\d{1,8}[\s）)]{0,2}(?:条|條|人|则|則|个|楼)?(?:评论|評論|参与|參與|回复|跟贴|留言)?)?[\s）)>»]{0,3}"
    r"|comments?[\s(（\d)）]{0,10}",
    re.IGNORECASE,
)
_NOT_A_TITLE: Final = re.compile(
    r"\d{1,2}(?::\d{2}){1,2}|[\d.,\s万亿+]{0,10}(?:条)?(?:评论|評論|跟贴|留言|点赞|阅读|回复|分享|收藏|举报|关注|订阅|不感兴趣|图)?[\d\s.万·⋅]{0,8}"
    r"|(?:QQ|微信|微博|新浪|朋友圈|易信|豆瓣|人人).{0,6}|https?:\S+",
)
# The characters with which that can begin, figures aside.
_NO_TITLE_STARTS: Final = frozenset(".,万亿+·⋅条评評跟留点阅回分收举关订不图Q微新朋易豆人h")
MIN_TITLE: Final = 6


def heading_name(text: str) -> str | None:
    """Return the block's name where `text` is nothing but such a heading, as `【相关阅读】` is; else None."""
    if not 2 <= len(text) <= 30 or text[0] not in HEADING_STARTS:
        return None
    text = text.strip(_DECORATION)
    if text[:1] not in _FIRST_CHARACTERS:
        return None
    found = HEADING.fullmatch(text)
    if found is None and _RELATED_SOMETHING.fullmatch(text):
        return text
    return squeeze(found["name"]).replace(" ", "") if found else None


def line_heading(line: Line) -> str | None:
    """Return the heading that a line is, in its text or, where it shows only an image, in that image's alt."""
    if line.text:
        return heading_name(line.text) if len(line.text) <= 30 else None
    for image in line.images:
        if (alt := image.get("alt")) and (name := heading_name(alt)):
            return name
    return None


def inline_heading(line: Line) -> str | None:
    """Return the name in `相关阅读：<a>…</a>`, a heading and its links on one line."""
    if not line.anchors or len(line.text) > 200:
        return None
    found = _INLINE_HEADING.match(line.text)
    return found["name"] if found and found.end() <= min(start for _, start, _ in line.anchors) + 2 else None


def ends_block(line: Line) -> bool:
    """Return True if a line is a heading of another kind: a ranking, comments, the page's foot."""
    text = line.text
    if not line.level and text[-1:] not in _BLOCK_ENDS and text[:1] not in _BLOCK_STARTS:
        return False
    if len(text) > MAX_RAW_HEADING or (text.isascii() and not line.level):
        return False
    text = text.strip(_DECORATION)
    if not text or len(text) > 14:
        return False
    if _is_other(text):
        return line.level > 0 or not line.anchors or all(link.text.strip() == line.text.strip() for link in line.links)
    return line.level > 0 and not line.anchors


def is_comment_heading(text: str) -> bool:
    """Return True if a line's text heads readers' comments: `网友评论 已有9人参与`, `评论(631)`, `精选留言`."""
    if not 2 <= len(text) <= 30 or _COMMENT_CHARACTERS.isdisjoint(text):
        return False
    return _COMMENT_HEADING.fullmatch(text.strip(_DECORATION)) is not None


def is_other_heading(text: str) -> bool:
    """Return True if a line's text is the heading of a ranking, of comments, of the page's foot."""
    text = text.strip(_DECORATION)
    return 0 < len(text) <= 14 and _is_other(text)


def _is_other(text: str) -> bool:
    if text[-1] not in _OTHER_ENDS and text[0] not in _OTHER_STARTS:
        return False
    return _OTHER_HEADING.fullmatch(text) is not None


def is_more(text: str) -> bool:
    """Return True if a link's text says no more than 更多, 查看全文 or the like."""
    text = text.strip()
    return text[:1] in MORE_STARTS and _MORE.fullmatch(text) is not None


def is_title(text: str) -> bool:
    """Return True if a link's text may be a title: long enough, not 更多 (more), a comment count or sharing."""
    text = text.strip()
    if len(text) < MIN_TITLE or is_more(text):
        return False
    return not (text[0] in _NO_TITLE_STARTS or text[0].isdecimal()) or _NOT_A_TITLE.fullmatch(text) is None
