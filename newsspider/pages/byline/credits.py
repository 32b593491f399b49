"""The grammar of credit lines: 来源, 作者, 记者, 责任编辑 and 时间, joined or apart, labelled or not. Strings only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from newsspider.text.dates import Published, find_dates
from newsspider.text.names import BADGES, clean_name, looks_like_medium, split_names

_LABELS: Final[dict[str, str]] = {
    "source": r"(?<![注註]明)(?:文章|本文|稿件|信息|内容|內容|新闻|新聞|消息|原文|作品|稿)?(?:来源|來源|出处"
    "|出處)(?:于|於|自)?|来自|來自|稿源|"
    r"转载自|轉載自|转自|轉自|摘自|发布机构|發布機構|发布单位|发布部门|供稿单位|来稿单位|媒体",
    "author": r"(?:本文|文章|原文)?作者|撰文|撰稿人?|采写|採寫|执笔|執筆|供稿人?|来稿人?|投稿人?"
    r"|文字(?=\s?[:：/|丨｜])|文(?=\s?[:：/／|丨｜])|"
    r"(?:本报|本刊|本网|本社|本台|见习|实习|特约|首席|全媒体|融媒体?|文字){0,4}记者(?!站|协会|团|会|从|在|了|获|发|采|注|见|看|问"
    r"|对|们|节|招)|(?:本報|本刊|本社|本台|特約|見習|實習){0,4}記者|"
    r"通讯员|通訊員|评论员|(?<![A-Za-z])(?:by|By|BY)(?=[\s:：])|[Aa]uthor|[Rr]eporter",
    "editor": r"(?:责任|責任|本文|本期|实习|见习|值班|执行|栏目|新媒体|网络|网站|文字|美术|图片|视频|微信"
    "|审核|内容|流程){0,4}"
    r"(?:编辑|編輯|主编|主編|编审|責編|责编|编导|小编|编发|编校)|[Ee]ditor",
    "checker": r"校对|校對|校审|审校|审读|審讀|审核|審核|监审|监制|監製|终审|初审|复审"
    r"|一审|二审|三审|排版|签发|签审|统筹|策划",
    "updated": r"(?:最后|最近|最後|最新)?(?:更新|修改|编辑|編輯)(?:时间|時間|日期|于|於)"
    r"|(?:最后|最近)更新|更新(?=\s?[:：]\s?\d)"
    r"|[Uu]pdated?(?:\s[Oo]n|\s[Aa]t)?",
    "time": r"(?:发布|發布|發佈|发表|發表|刊发|刊登|发稿|发文|发帖|出版|录入|创建|添加|上传|上載|上线"
    "|推送|日期|撰写|(?<![一-鿿])(?:新闻|信息|文章)|公开|公示|"
    r"公布|提交|采集|原创|稿件|播出|首发|刊出){0,4}(?:时间|時間|日期)|(?:发布|發布|發佈|发表|發表|刊发|刊登"
    r"|首发)(?:于|於)|时间戳|(?:出版|发布|發佈|發布|发表|發表|刊登)(?=\s?[:：]\s?\d)|"
    r"[Pp]osted(?:\s[Oo]n)?|[Pp]ublished(?:\s[Oo]n)?|[Dd]ate",
    "other": r"(?:图|圖|图片|圖片|题图|封面图?|照片|配图|视频|資料|资料|数据|數據|素材|热度|流量|信息图)"
    r"(?:来源|來源|来自|來自|源自)|(?:点击|點擊|浏览|瀏覽|阅读|閱讀|访问|查看|围观|收看|播放|评论|評論|回复|跟帖|点赞|转发|收藏"
    "|分享|参与|推荐|下载|观看)"
    r"(?:人数|次数|次數|总数|量|数|數|率|到|至|本文|此页)?|人气|人氣|热度|热门|字号|字號|字体|字體|字数|打印"
    r"|列印|纠错|举报|投诉|关闭|"
    r"(?:访谈|訪談|活动|活動|会议|會議|直播|开始|结束|截止|比赛|演出|拍摄|报名|考试|施行|生效|成文|签发|印发|实施|有效|开庭|举办|举行|营业"
    r"|办理|服务|办公|开放){1,2}(?:时间|時間|日期)|"
    r"栏目|欄目|分类|分類|频道|专题|标签|標籤|关键词|關鍵詞|关键字|索引号|文号|主题词|编号|编码|语音|朗读"
    r"|扫一扫|手机看|视力保护|原文链接|链接|网址|"
    r"声明|版权|微信|微博|QQ|大\s中\s小|大\s?小|我要|用手机|海报|订阅|繁体|简体|正文|摘要|导读|核心提示|导语"
    r"|原标题|微信公众号|公众号|图片|圖片|图|圖|摄影|攝影|摄|攝|影片|视频|美编|制图|漫画",
}
# Who may be given as editor, the least telling first: a proofreader, any editor, the one on duty (责任编辑, 责编).
_EDITORS: Final = ("checker", "editor", "duty")
# A label counts with a colon (or |, 丨, /) behind it; these also count before a blank.
_BARE: Final = re.compile(
    r"(?:来源于?|來源於?|作者|By|by|BY|(?:本[报報刊网社台]|见习|見習|实习|實習|特约|特約|首席|全媒体|融媒体?|文字){0,4}(?:记者|記者)|通讯员|通訊員|责编|责任编辑|编辑|校对|审读|审核|撰文|采写|发布时间|发布日期|发布于|发表于"
    r"|發布於|發表於|更新时间|更新于|时间|日期|"
    r"字号|字號|字体|打印|分享|收藏|评论|阅读|点击|浏览|关闭|人气|举报|订阅|来自|转自)"
)
_BEFORE_LABEL: Final = frozenset(" \n\u3000|丨｜/／()（）【】[]0123456789日:：")
# The characters with which a label can begin: at all others the long list need not be tried.
_LABEL_STARTS: Final = (
    "ABDEPQRUabdepru题封照配資数數素热一三上下专主举二人会作來供信修值內全公关内出分刊列创初制办印原参发回围图圖執声复大媒字实审實審导小开录影微成我截手打执扫投报拍排採推提摄摘播撰攝收文新施日时時更最會有服朗本来查标栏校核"
    "標欄正比活流浏海消添演漫瀏点热版特生用發监監直稿策签简索編繁纠终结统编网美考营融見见观视記訪評订记访评语責责资跟轉转通采链閱關阅频首點"
)
_LABEL: Final = re.compile(
    f"(?=[{_LABEL_STARTS}])(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _LABELS.items())
    + r")(?:\s?(?P<colon>[:：丨|｜/／])\s?|(?P<blank>\s|(?=[\d(（【\[]))|$)"
)
_POSTED: Final = re.compile(r"\s?(?:发表|發表|发布|發佈|發布)(?:于|於)?(?:\s|$)")
_COUNT: Final = re.compile(
    r"[\d.,万亿千+]{1,12}\s?(?:万|次|人|条|篇|个|℃|°C)?(?:阅读|浏览|点击|评论|参与|跟贴|赞|观看|围观|热度"
    r"|收藏|转发)?|\W{1,6}"
)
# Offices sign as 供稿 or 来稿: they are no authors.
_OFFICE: Final = re.compile(
    r".(?:部|局|委|办|辦|办公室|辦公室|公司|政府|处|處|中心|协会|協會|大队|大隊|支队|支隊|法院|检察院)$"
)
_GLUED_AUTHOR: Final = re.compile(
    r"(?:本[报報刊网社台]|见习|見習|实习|實習|特约|特約|首席){0,4}(?:作者|记者|記者|通讯员|通訊員)(?=[㐀-鿿·\s]{2,16}$)"
)
_FROM: Final = re.compile(r"(?:来自|來自|转自|轉自|摘自|稿源)(?=.{2})")
_GLUED_SOURCE: Final = re.compile(r"(?:本文|文章|稿件|信息)?(?:来源|來源)(?:于|於|自)?(?=.{2})")
# `本文来自微信公众号“河口水文”（ID：hekou），作者：李明`
_FROM_ACCOUNT: Final = re.compile(
    r"(?:转载自|轉載自|来自|來自|首发于|首發於|来源于?|选自|源自)[:：\s]{0,2}(?:微信)?公[众眾][号號](?:平台)?\s?[:：]?\s?[“「‘《]?"
    r"(?P<name>[^”」’》“「（(，,。\s]{2,20})[”」’》]?"
)
_PLACE_LINE: Final = re.compile(
    r"(?:報導|报道|報道|專電|专电|\d日電|\d日电|整理|攝影|摄影|编译|編譯)$|^(?:https?|www)\b|^(?:HKT|GMT|UTC|CST)$"
)
_BAR: Final = re.compile(r"[|丨｜\n]")
# `作者, 林雅雯`: the label as a screen reader is to read it.
_COMMA_LABEL: Final = re.compile(r"^(作者|记者|記者|来源|來源)[,，] ", re.MULTILINE)
_ADDRESS: Final = re.compile(r"https?://[\x21-\x7e]{1,200}")
_SEPARATORS: Final = re.compile(r"[\s|丨｜•/／╱>＞»⋅]{1,6}|(?<=\s)·")


@dataclass(slots=True)
class Credits:
    """What one run of text says about an article: None and empty where it does not say."""

    source: str | None = None
    has_source_label: bool = False
    authors: list[str] = field(default_factory=list)
    editor: str | None = None
    editor_rank: int = -1
    published: Published | None = None
    is_time_labelled: bool = False
    updated: Published | None = None
    rest: list[str] = field(default_factory=list)


def _labels(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, kind) of every label in `text`; 北京时间 and 时间财经 hold no label, as no colon follows."""
    found = []
    for match in _LABEL.finditer(text):
        kind = _kind(match)
        has_colon = match["colon"] in (":", "：") or (match["colon"] is not None and kind != "other")
        is_apart = match.start() == 0 or text[match.start() - 1] in _BEFORE_LABEL
        if has_colon or (is_apart and _BARE.fullmatch(match[0].strip(" \n丨|｜/／"))):
            found.append((match.start(), match.end(), kind))
    return found


def _kind(match: re.Match[str]) -> str:
    kind = next(name for name in _LABELS if match[name] is not None)
    return "duty" if kind == "editor" and match[0][0] in "责責" else kind


def read_credits(text: str, reference: datetime) -> Credits:
    """Return what a header or trailer run says. A label's value ends at the next label, date or bar.

    `来源:经济日报时间:2023-08-06 14:25:32` gives 经济日报 and the time; `来源:时间:…` gives no source.
    """
    credits = Credits()
    if ", " in text:
        text = _COMMA_LABEL.sub(r"\g<1>：", text)
    if "公众号" in text or "公眾號" in text:
        text = _FROM_ACCOUNT.sub(r"来源：\g<name> ", text)
    dates = find_dates(text, reference)
    marks = sorted([*_labels(text), *((start, end, "date") for start, end, _ in dates)])
    moments = {start: moment for start, _, moment in dates}
    previous_kind, cursor = "", 0
    for start, end, kind in [*marks, (len(text), len(text), "end")]:
        if start < cursor:
            continue
        _take_value(credits, previous_kind, text[cursor:start])
        if kind == "date":
            _take_date(credits, previous_kind, moments[start])
            kind = "date"
        previous_kind, cursor = kind, end
    return credits


def _take_date(credits: Credits, label: str, moment: Published) -> None:
    """Keep the first full time; a labelled one before an unlabelled one, a publication before an update."""
    if label == "updated":
        credits.updated = credits.updated or moment
    elif credits.published is None or (label == "time" and not credits.is_time_labelled):
        credits.published, credits.is_time_labelled = moment, label == "time"


def _take_value(credits: Credits, label: str, value: str) -> None:
    if label == "source":
        credits.has_source_label = True
        credits.source = credits.source or clean_name(_first_part(value))
    elif label == "author":
        value = _POSTED.split(_first_part(value))[0]
        names = [name for name in split_names(value) or _account(value) if not _OFFICE.search(name)]
        credits.authors.extend(name for name in names if name not in credits.authors)
    elif label in _EDITORS:
        names, rank = split_names(_first_part(value)), _EDITORS.index(label)
        if names and rank > credits.editor_rank:
            credits.editor, credits.editor_rank = " ".join(names), rank
    elif label in ("", "date"):
        for word in loose_words(value):
            _take_word(credits, word)


def _first_part(value: str) -> str:
    """Return the value up to the next bar or line end: what follows belongs to nobody."""
    return _BAR.split(value.strip(" \n|丨｜"))[0]


def _take_word(credits: Credits, word: str) -> None:
    """Sort in an unlabelled word; a label may be glued to it, as in `来源某网` or `本文来源于某社`."""
    if (glued := _GLUED_SOURCE.match(word)) and credits.source is None:
        credits.has_source_label, credits.source = True, clean_name(word[glued.end() :])
    elif (glued := _FROM.match(word)) and looks_like_medium(word):
        credits.has_source_label, credits.source = True, credits.source or clean_name(word[glued.end() :])
    elif (glued := _GLUED_AUTHOR.match(word)) and (names := split_names(word[glued.end() :])):
        credits.authors.extend(name for name in names if name not in credits.authors)
    elif not _PLACE_LINE.search(word):
        credits.rest.append(word)


def _account(value: str) -> list[str]:
    name = clean_name(value)
    return [name] if name and 2 <= len(name) <= 20 and not re.search(r"[。，！？]", name) else []


def loose_words(value: str) -> list[str]:
    """Return the unlabelled words of a header that may be a name."""
    words = []
    for word in _SEPARATORS.split(_ADDRESS.sub(" ", value) if "://" in value else value):
        word = word.strip("·•()（）【】〔〕,，.。:：;；-—_<>《》\u200b")
        if word[:1] == "[" and word[-1:] == "]":
            word = word[1:-1]
        if len(word) >= 2 and word not in BADGES and not _COUNT.fullmatch(word) and clean_name(word):
            words.append(word)
    return words
