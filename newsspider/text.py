"""Folding for keys, squeezing for display, language, and the boilerplate rules for a body's lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import xxhash
from opencc import OpenCC

ZERO_WIDTH: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2061\u2062\u2063\u2064"), None)
_SPACE: Final = re.compile(r"\s+")
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]")
_KANA: Final = re.compile(r"[\u3041-\u30fa]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_ENGLISH: Final = re.compile(r"\b(?:the|and|of|to|in|is|for|that)\b", re.IGNORECASE)
_TRADITIONAL: Final = re.compile(
    "[國這個們來時會學說對發經後過為業東車開關問間應將無現實產長門電話頭體進種點還與從當動員運達軍馬區號華黨兩]"
)
_SIMPLIFIED: Final = re.compile(
    "[国这个们来时会学说对发经后过为业东车开关问间应将无现实产长门电话头体进种点还与从当动员运达军马区号华党两]"
)
LANGUAGE_SAMPLE: Final = 3000


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Return `text` with Traditional characters as Simplified ones."""
    return _to_simplified().convert(text) if _HAN.search(text) else text


def fold(text: str) -> str:
    """Return `text` for keys and hashes only: one width, one script (繁 to 简), one case, no white space."""
    text = simplified(unicodedata.normalize("NFKC", text).translate(ZERO_WIDTH))
    return _SPACE.sub("", text.casefold())


def squeeze(text: str) -> str:
    """Return `text` for display: every run of white space one space, zero-width characters out; width is kept."""
    if not text.isascii():
        text = text.translate(ZERO_WIDTH)
    return " ".join(text.split())


def content_hash(title: str, text: str) -> str:
    """Return 32 hex digits over folded title and text: equal for copies that differ in width, script, case, space."""
    return xxhash.xxh3_128_hexdigest(f"{fold(title)}\n{fold(text)}".encode("utf-8", "surrogatepass"))


def language(text: str) -> str | None:
    """Return "zh-Hans", "zh-Hant", "ja", "ko", "ru" or "en" from the script of the first characters; else None."""
    sample = text[:LANGUAGE_SAMPLE]
    han, kana = len(_HAN.findall(sample)), len(_KANA.findall(sample))
    hangul, latin, cyrillic = (len(p.findall(sample)) for p in (_HANGUL, _LATIN, _CYRILLIC))
    if kana * 6 > han + kana:
        return "ja"
    if hangul > max(han, latin / 3):
        return "ko"
    if han * 4 > latin + cyrillic and han:
        return "zh-Hant" if len(_TRADITIONAL.findall(sample)) > len(_SIMPLIFIED.findall(sample)) else "zh-Hans"
    if cyrillic > latin:
        return "ru"
    if latin > 20 and len(_ENGLISH.findall(sample)) * 60 > latin:
        return "en"
    return None


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of line that is no part of an article's text.

    The pattern has to match the whole line, the line has to be no longer than `max_length`, and only lines with at most
    `HEAD_LINES` (`TAIL_LINES`) of kept text before (after) them are at the head (tail): prose is never eaten.
    """

    id: str
    pattern: re.Pattern[str]
    where: Literal["head", "tail", "ends", "anywhere"]
    max_length: int


HEAD_LINES: Final = 3
TAIL_LINES: Final = 5
# Only disclaimers, at the tail, are longer than the second.
MAX_RULED_LINE: Final = 420
MAX_SHORT_LINE: Final = 120

_OPEN: Final = r"[(（\[【〔「<＜*＊▲●■◆※—\-\s]{0,6}"
_CLOSE: Final = r"[)）\]】〕」>＞。.;；*＊—\-\s]{0,6}"
_SOURCE_LABEL: Final = (
    r"(?:(?:文章|本文|稿件|信息|信息稿|内容|內容|新闻|新聞|资料|原文|本稿|图文|文字|消息)?(?:来源|來源|出处"
    r"|出處)(?:于|於)?"
    r"|(?:本文|文章)?(?:转自|轉自|摘自|转载自|轉載自|综合自|綜合自)|稿源)"
)
_EDITOR_LABEL: Final = (
    r"(?:(?:本文|本期|本版|文字|图片|視頻|视频|新媒体|网络|見習|见习|实习|實習|值班|执行|執行|栏目|欄目|统筹|轮值|当值|"
    r"微信|网页|高级|资深|内容|責任|责任|流程|运营)?(?:编辑|編輯|主编|主編|编审|編審|责编|責編|美编|美編|编导"
    r"|小编|校对|校對|校審|校审|"
    r"审校|審校|审核|審核|审读|監審|监审|监制|監製|终审|終審|初审|复审|一审|二审|三审|一校|二校|排版|制作"
    r"|製作|制图|製圖|"
    r"统筹|統籌|策划|策劃|值班编委|值班主任|签发|簽發|总监制|出品人?|版式|美术|设计|責任校對|责任校对|质检|编务))"
)
_NAMES: Final = r"[^。！？!?；;，,]{0,40}"


_DAY: Final = r"\d{4}\s?[-./年]\s?\d{1,2}\s?[-./月]\s?\d{1,2}\s?日?"
_CLOCK: Final = r"(?:[(（]?(?:星期|周)[一二三四五六日天][)）]?\s?)?(?:上午|下午)?\d{1,2}\s?[:：时]\s?\d{2}"
_TOOL: Final = (
    r"(?:(?:一键|我要|点击)?(?:分享|转发|轉寄|转寄|收藏|打印|列印|友善列印|检举|檢舉|举报|纠错|朗读|保存|复制"
    r"|评论|留言)"
    r"(?:至好友和朋友圈|到|至|给|本文|本页|此页|按钮|链接|好友|文章|好友和朋友圈|让更多人看到)?|关闭(?:窗口)?"
    r"|關閉|(?:调整"
    r"|調整|小|大)?(?:字号|字號|字体|字體)"
    r"|大|中|小|放大|缩小|正常|新浪微博|腾讯微博|微博|微信|易信|QQ空间|QQ好友|QQ|朋友圈|微信好友|豆瓣|人人网"
    r"|开心网|Qzone|Facebook|Twitter|LINE"
    r"|点赞|赞|踩|在看|阅读|推荐|好文|钦佩|(?:我要|发表|查看|全部|网友|最新)?评论|条评论|跟帖管理|跟贴"
    r"|参与互动|有?\d{0,7}\s?人?参与"
    r"|手机看新闻|更多|责任编辑|TOP|▲|▼|歷史新聞|回顶部|返回顶部)"
)


def _rule(rule_id: str, pattern: str, where: Literal["head", "tail", "ends", "anywhere"], max_length: int) -> Rule:
    return Rule(rule_id, re.compile(pattern, re.IGNORECASE), where, max_length)


RULES: Final[tuple[Rule, ...]] = (
    _rule(
        "placeholder",
        _OPEN + r"(?:资料|資料|配|示意|网络|網絡)(?:图|圖)(?:片|像)?[\s,，:：/]{0,3}"
        r"(?:(?:图文无关|圖文無關|与本文无关|仅供参考|僅供參考)|(?:来源|來源|图源|圖源|图片来源|via)[:：]?\s?.{0,20})?"
        + _CLOSE,
        "anywhere",
        40,
    ),
    _rule(
        "original-title", _OPEN + r"原(?:标题|標題|题|題|文标题|文標題)\s{0,2}(?:[:：]|为|為).{1,110}", "anywhere", 120
    ),
    _rule("source-trailer", _OPEN + _SOURCE_LABEL + r"\s{0,3}[:：丨|/]\s{0,3}[^。！？!?]{0,50}" + _CLOSE, "ends", 60),
    _rule("editor", _OPEN + _EDITOR_LABEL + r"\s{0,3}[:：丨|/／\]】]\s{0,3}" + _NAMES + _NAMES + _CLOSE, "ends", 90),
    _rule(
        "editor",
        _OPEN + r"(?:责任)?(?:编辑|責編|责编)\s[^\s。，,]{2,4}(?:\s{1,4}[^\s。，,]{2,5}){0,7}" + _CLOSE,
        "ends",
        50,
    ),
    _rule(
        "disclaimer",
        _OPEN + r"(?:(?:免责|免責|特别|特別|版权|版權|郑重|鄭重|重要|本站|平台|原创|侵权|作者|转载)?(?:声明|聲明)"
        r"|免责条款|版权说明|"
        r"版权所有|版權所有|法律声明|风险提示及免责|特别提示|特别提醒|转载须知)\s{0,2}[:：】\])）丨|].{0,400}",
        "tail",
        420,
    ),
    _rule("disclaimer", _OPEN + r"(?:版权所有|版權所有|copyright|©|\(c\))[\s:：©].{0,100}", "tail", 120),
    _rule(
        "disclaimer",
        r"(?=.{0,120}(?:仅代表|僅代表|不代表|并不代表|不构成|不構成|未经.{0,16}(?:不得|禁止|严禁|请勿)"
        r"|未經.{0,16}(?:不得|禁止|嚴禁|請勿)|"
        r"转载请|轉載請|转载时请|谢绝转载|請勿轉載|请勿转载|如有侵权|如有侵權|涉及版权|版权归|版權歸|风险自担"
        r"|投资需谨慎|据此操作))"
        r"(?=.{0,160}(?:观点|觀點|立场|立場|建议|建議|转载|轉載|注明|註明|删除|刪除|联系|聯繫|所有|作者|原创"
        r"|自担|谨慎|使用|复制)).{6,260}",
        "tail",
        270,
    ),
    _rule(
        "promotion",
        r"(?=.{0,8}(?:扫一扫|掃一掃|扫码|掃碼|扫描|长按|長按|识别|識別|点击|點擊|关注|關注|搜索|添加|订阅"
        r"|加入|下载|打开|請關注))"
        r"(?=.{0,80}(?:二维码|二維碼|公众号|公眾號|公众帐号|微信号|服务号|订阅号|蓝字|藍字|小程序|视频号|官方微信|"
        r"官方微博|微信群|客户端下载|左上角|右上角|星标|置顶)).{4,90}",
        "ends",
        96,
    ),
    _rule(
        "promotion",
        _OPEN + r"(?:(?:更多|获取更多|了解更多|查看更多|想看更多|想了解更多|想要了解更多|想知道更多).{0,20}(?:请|敬请"
        r"|欢迎|点击|關注|关注|下载|登录|訂閱|订阅|扫|尽在|请看|搜索)"
        r"|(?:欢迎|歡迎|敬请|请|快来|喜欢.{0,8}请)(?:关注|關注|订阅|訂閱|转发|分享|点赞|下载|扫描)"
        r"|(?:下载|下載|打开|打開|点击打开|安装)[^。，,]{0,16}(?:APP|客户端|客戶端)"
        r"|(?:觉得|如果).{0,14}(?:点赞|在看|点个赞|转发|分享)).{0,60}",
        "ends",
        80,
    ),
    _rule(
        "more-link",
        r"[+＋>》»▼↓\[【(（\s]{0,4}(?:点击|點擊|请点击|戳|猛戳)?(?:这里|此处)?(?:查看|阅读|閱讀|閱讀|加载"
        r"|加載|浏览|瀏覽|展开|展開|进入|進入|返回|看)?"
        r"(?:更多(?:精彩|内容|內容|新闻|新聞|资讯|資訊|详情|相关|报道|文章|图片){0,2}|全文|原文|余下全文"
        r"|剩余全文|详情|首页|首頁|顶部|頂部|列表|"
        r"目录|目錄|原网页|原網頁)[>》»…\].】)）\s+＋↓▼]{0,6}",
        "anywhere",
        24,
    ),
    _rule(
        "pager",
        r"(?=.{0,60}[页頁篇])[\[【(（\s]{0,2}(?:(?:上一|下一|前一|后一|後一|上|下|首|尾|末|第|共"
        r"|本文共)?\s?\d{0,3}\s?[页頁]|\d{1,3}"
        r"|[上下]一?篇|\.{2,3}|…|[|/<>«»·.,，\[\]【】()（）\s]"
        r"|全文阅读|阅读全文|在本页阅读全文|余下全文|单页阅读){2,60}",
        "anywhere",
        120,
    ),
    _rule("pager", r"[\[【(（<«\s]{0,3}(?:上一?|下一?|前一?|后一?|首|尾|末)[页頁][\]】)）>»\s]{0,3}", "anywhere", 12),
    _rule("pager", r"[\[【(（<«\s]{0,3}[上下]一?[篇条條则]\s{0,2}[:：].{0,80}", "ends", 90),
    _rule(
        "share",
        rf"(?=.{{0,40}}{_TOOL})(?:{_TOOL}|[\[\]【】()（）|｜/·:：︰,，、<>↑↓+＋\-\s]|\d{{1,6}}){{1,40}}",
        "ends",
        90,
    ),
    _rule("count", r"\d{1,7}", "ends", 7),
    _rule(
        "header",
        rf"(?:(?:发布|發布|发表|更新|成文)?(?:时间|時間|日期)\s?[:：]\s?|https?://\S{{1,60}}\s"
        rf"|发布于\s?)?{_DAY}\s?{_CLOCK}[^。！？；]{{0,70}}",
        "head",
        110,
    ),
    _rule("header", rf"(?:发布|發布|发表|更新)(?:时间|時間|日期)\s?[:：]\s?{_DAY}[^。！？；]{{0,70}}", "ends", 110),
    _rule("header", rf"{_DAY}[^。！？；]{{0,12}}(?:来源|來源)\s?[:：][^。！？；]{{0,60}}", "head", 110),
    _rule("header", r"(?:来源|來源)\s?[:：][^。！？；]{0,60}\d{4}[-./年]\d{1,2}[-./月]\d{1,2}.{0,40}", "head", 120),
    _rule("header", rf"[^。！？，；:：]{{0,20}}\s{_DAY}\s?{_CLOCK}(?:[:：]\d{{2}})?", "head", 60),
    _rule("author-unknown", _OPEN + r"(?:作者|记者)\s?[:：]\s?(?:未知|佚名|不详|admin|网络)?" + _CLOSE, "ends", 24),
    _rule(
        "source-trailer",
        r"[【(（]\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?\s[^。！？]{2,16}[】)）](?:@?\s?https?://\S{1,60})?",
        "tail",
        80,
    ),
    _rule(
        "source-trailer",
        _OPEN + r"(?:图文|信息|内容|图片|文章|资料|素材|本文)?(?:来源于|來源於|来自|來自)(?:于)?(?:网络|網絡|互联网"
        r"|网友).{0,10}",
        "tail",
        40,
    ),
    _rule(
        "player",
        _OPEN + r"(?:视频|音频|图片|文章)?(?:正在)?(?:加载中|載入中)[.…]{0,6}|(?:您|你)的浏览器(?:版本|不支持"
        r"|暂不支持|过低).{0,60}|"
        r"(?:点击|點擊)?(?:播放|重播|全屏)(?:视频|音频)?",
        "anywhere",
        80,
    ),
    _rule(
        "related-heading",
        r"[\[【(（〖◆■●▼↓>＞※•·\s]{0,4}(?:(?:相关|相關)(?:阅读|閱讀|新闻|新聞|报道|報道|報導|链接|連結|鏈接|推荐"
        r"|推薦|文章|资讯|专题|內容|内容)|"
        r"(?:推荐|推薦|延伸|拓展|扩展|深度|更多|热门|往期|精彩)(?:\s?·\s?)?(?:阅读|閱讀|新闻|文章|推荐|回顾|报道|內容"
        r"|内容)|(?:此前|早前|新闻|往期)(?:报道|回顾|回放|链接)|"
        r"猜你喜欢|为您推荐|新闻多看点|今日推送|精彩放送)\s{0,2}(?:[:：>】\])）〗》↓▼].{0,80})?",
        "anywhere",
        90,
    ),
    _rule(
        "promotion",
        _OPEN
        + r"(?:扫一扫|掃一掃|扫码|掃碼|扫描).{0,14}(?:关注|關注|下载|加入|查看|阅读|观看|打开|分享|在手机).{0,40}",
        "ends",
        60,
    ),
    _rule(
        "promotion",
        r"(?=.{0,120}(?:facebook|fb|twitter|instagram|telegram|whatsapp|google|微博|line@?|公[众眾][号號]))"
        r"(?=.{0,160}(?:我[们們]|本[报報网網台]))"
        r"(?=.{0,200}(?:专页|專頁|粉丝|粉絲|主页|主頁|账号|帳號|page|like|follow|追[踪蹤])).{10,260}",
        "tail",
        260,
    ),
    _rule("pager", r"(?:[\[【(（]\d{1,3}[\]】)）]\s?){2,30}", "tail", 120),
    _rule("promotion", r"(?:感谢|感謝|欢迎)(?:您|你)?(?:访问|阅读|浏览|收看|关注)[^。，]{2,40}", "tail", 50),
    _rule("promotion", r"(?:相关|更多)(?:资讯|内容|信息|新闻)?(?:请|敬请)(?:继续)?关注\s?[:：]?.{1,30}", "tail", 50),
    _rule("disclaimer", r"(?:Notice|Disclaimer)\s?[:：].{10,300}", "tail", 320),
    _rule("end-mark", r"[-—–=*·.\s【\[(（]{0,20}(?:the\s?end|end|fin)[-—–=*·.\s】\])）]{0,20}", "tail", 50),
)

# A trailer glued to the last sentence: bracketed anywhere at the line's end, bare only after a sentence's end.
_GLUED_BRACKET: Final = re.compile(
    rf"\s*[(（\[【](?:{_SOURCE_LABEL}|{_EDITOR_LABEL}|原标题|原題"
    rf"|原標題)\s{{0,2}}[:：][^()（）\[\]【】]{{0,50}}[)）\]】]\s*$"
)
_GLUED_BARE: Final = re.compile(
    rf"(?<=[。！？!?”’…)）])\s{{0,8}}(?:{_SOURCE_LABEL}|(?:责任|責任)?(?:编辑|編輯)|责编"
    rf"|責編)\s{{0,2}}[:：]\s{{0,2}}[^\s。！？，,]{{1,30}}\s*$"
)
# 新京报记者 甲 编辑 乙 校对 丙: the byline stays, the credits behind it go.
_GLUED_CREDITS: Final = re.compile(
    r"(?:(?<=\s)|(?<=[)）]))\s{0,3}(?:责任|責任|实习)?(?:编辑|編輯|责编|校对|校對)[\s:：/丨|]{1,3}[^\s。，,:：]{1,8}"
    r"(?:[\s/、]{1,3}(?:(?:责任|責任|实习)?(?:编辑|編輯|责编|校对|校對)[\s:：/丨|]{1,3})?[^\s。，,:：]{1,8}){0,5}\s*$"
)
_BYLINE_START: Final = re.compile(r"[【\[(（]?(?:文|图|圖|撰文|采写|作者|记者|[^\s，。,:：]{2,10}记者)[\s/／|:：丨]")
_TRIGGER: Final = re.compile(
    r"[:：|｜丨/页頁篇则則在]|\d{4}|^\d{1,7}$|[图圖][片像)）】\]]|[图圖]$|编辑|編輯|责编|声明|聲明|代表|转载"
    r"|轉載|侵权|侵權|未经|未經|谨慎|据此"
    r"|版[权權]|copyright|©|[扫掃关關]|蓝字|藍字|更多|facebook|Facebook|fb|[Tt]witter|Google|google|粉[丝絲]|下[载載]|打[开開印]|[欢歡]迎|感[谢謝]|全文|原文|详情"
    r"|首页|返回|目[录錄]|列[表印]|分享|收藏|微信|微博"
    r"|朋友圈|[赞踩]|评论|[参檢举]|浏览器|加[载載]|播放|相[关關]|推[荐薦]|延伸|此前|往期|回顾|喜欢|END|end"
    r"|TOP|投[资資]|构成|QQ|字[号體体號]|纠错|歷史|"
    r"易信|来[自源]|轉寄|\]\[|】【"
)


def matching_rule(line: str, zones: Sequence[str]) -> Rule | None:
    """Return the first rule that takes `line` out when it stands in one of `zones` ("head", "tail")."""
    if len(line) > (MAX_RULED_LINE if "tail" in zones else MAX_SHORT_LINE) or not _TRIGGER.search(line):
        return None
    for rule in RULES:
        placed = rule.where == "anywhere" or rule.where in zones or (rule.where == "ends" and zones)
        if placed and len(line) <= rule.max_length and rule.pattern.fullmatch(line):
            return rule
    return None


def glued_trailer(line: str) -> tuple[str, str] | None:
    """Return (rule id, the line without its trailer) where a source or editor trailer is glued to the line's end."""
    tail = line[-70:]
    if "编" not in tail and "編" not in tail and "源" not in tail and "自" not in tail and "处" not in tail:
        return None
    for pattern in (_GLUED_BRACKET, _GLUED_BARE):
        if found := pattern.search(line, max(0, len(line) - 90)):
            rule_id = "source-trailer" if re.search(_SOURCE_LABEL, found[0]) else "editor"
            return rule_id, line[: found.start()].rstrip()
    if len(line) <= 60 and _BYLINE_START.match(line) and (found := _GLUED_CREDITS.search(line)):
        return "editor", line[: found.start()].rstrip()
    return None


def _scan(lines: Sequence[str], order: Sequence[int], zone: str, limit: int) -> dict[int, str]:
    """Return line index -> rule id, going inwards from one end until `limit` lines of text have been kept."""
    taken: dict[int, str] = {}
    kept = 0
    for index in order:
        line = squeeze(lines[index])
        if not line:
            continue
        if rule := matching_rule(line, (zone,)):
            taken[index] = rule.id
            continue
        kept += 1
        if kept >= limit:
            break
    return taken


def clean_lines(lines: Sequence[str]) -> list[tuple[int, str, str | None]]:
    """Return (line index, rule id, what remains or None for nothing) for each line that is not an article's text."""
    count = len(lines)
    taken = _scan(lines, range(count), "head", HEAD_LINES)
    taken.update(_scan(lines, range(count - 1, -1, -1), "tail", TAIL_LINES))
    for index, line in enumerate(lines):
        if index not in taken and (rule := matching_rule(squeeze(line), ())):
            taken[index] = rule.id
    found: list[tuple[int, str, str | None]] = [(index, rule_id, None) for index, rule_id in taken.items()]
    kept = [index for index in range(count) if index not in taken and lines[index].strip()]
    for index in kept[-TAIL_LINES:]:
        if cut := glued_trailer(lines[index]):
            found.append((index, cut[0], cut[1] or None))
    return sorted(found, key=lambda row: row[0])
