"""The grammar of credit lines: 来源, 作者, 记者, 责任编辑 and 时间, joined or apart, labelled or not. Strings only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from newsspider.pages.dates import Published, find_dates

_LABELS: Final[dict[str, str]] = {
    "source": r"(?:文章|本文|稿件|信息|内容|內容|新闻|新聞|消息|资料|原文|作品|稿)?(?:来源|來源|出处"
    "|出處)(?:于|於|自)?|来自|來自|稿源|"
    r"转载自|轉載自|转自|轉自|摘自|发布机构|發布機構|发布单位|发布部门|供稿单位|来稿单位|媒体",
    "author": r"(?:本文|文章|原文)?作者|撰文|撰稿人?|采写|採寫|执笔|執筆|供稿人?|来稿人?|投稿人?"
    r"|文字(?=\s?[:：/|丨])|文(?=\s?[:：/／|丨])|"
    r"(?:本报|本刊|本网|见习|实习|特约|首席|全媒体|文字)*记者(?!站|协会|团|会|从|在|了|获|发|采|注|见|看|问"
    r"|对|们|节|招)|(?:本報|特約)?記者|"
    r"通讯员|通訊員|评论员|(?<![A-Za-z])(?:by|By|BY)(?=[\s:：])|[Aa]uthor|[Rr]eporter",
    "editor": r"(?:责任|責任|本文|本期|实习|见习|值班|执行|栏目|新媒体|网络|网站|文字|美术|图片|视频|微信"
    "|审核|内容|流程)*"
    r"(?:编辑|編輯|主编|主編|编审|責編|责编|编导|小编|校对|校對|校审|审校|审核|審核|监审|监制|監製|终审|初审"
    r"|复审|一审|二审|三审|排版|编发|编校)|"
    r"签发|签审|统筹|策划|[Ee]ditor",
    "updated": r"(?:最后|最近|最後|最新)?(?:更新|修改|编辑|編輯)(?:时间|時間|日期|于|於)|(?:最后|最近)更新"
    r"|[Uu]pdated?(?:\s[Oo]n|\s[Aa]t)?",
    "time": r"(?:发布|發布|發佈|发表|發表|刊发|刊登|发稿|发文|发帖|出版|成文|录入|创建|添加|上传|上載|上线"
    "|推送|日期|撰写|新闻|信息|文章|公开|公示|"
    r"公布|提交|采集|原创|稿件|播出|首发|刊出)*(?:时间|時間|日期)|(?:发布|發布|發佈|发表|發表|刊发|刊登"
    r"|首发)(?:于|於)|时间戳|"
    r"[Pp]osted(?:\s[Oo]n)?|[Pp]ublished(?:\s[Oo]n)?|[Dd]ate",
    "other": r"(?:点击|點擊|浏览|瀏覽|阅读|閱讀|访问|查看|围观|收看|播放|评论|評論|回复|跟帖|点赞|转发|收藏"
    "|分享|参与|推荐|下载|观看)"
    r"(?:人数|次数|次數|总数|量|数|數|率|到|至|本文|此页)?|人气|人氣|热度|热门|字号|字號|字体|字體|字数|打印"
    r"|列印|纠错|纠错|举报|投诉|关闭|"
    r"栏目|欄目|分类|分類|频道|专题|标签|標籤|关键词|關鍵詞|关键字|索引号|文号|主题词|编号|编码|语音|朗读"
    r"|扫一扫|手机看|视力保护|原文链接|链接|网址|"
    r"声明|版权|微信|微博|QQ|大\s中\s小|大\s?小|我要|用手机|海报|订阅|繁体|简体|正文|摘要|导读|核心提示|导语"
    r"|原标题|微信公众号|公众号|图片|图|摄影|摄|视频|美编|制图|漫画",
}
# A label counts with a colon (or |, 丨, /) behind it; these also count before a blank.
_BARE: Final = re.compile(
    r"(?:来源|來源|作者|记者|記者|通讯员|责编|责任编辑|编辑|校对|撰文|采写|发布时间|发布日期|发布于|发表于"
    r"|發布於|發表於|更新时间|更新于|时间|日期|"
    r"字号|字號|字体|打印|分享|收藏|评论|阅读|点击|浏览|关闭|人气|举报|订阅|来自|转自)"
)
_BEFORE_LABEL: Final = frozenset(" \n\u3000|丨｜)）】]0123456789日:：")
_LABEL: Final = re.compile(
    "(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _LABELS.items())
    + r")(?:\s?(?P<colon>[:：丨|/／])\s?|(?P<blank>\s|(?=[\d(（【\[]))|$)"
)
_FILLERS: Final = """
未知 网络 網絡 网路 互联网 本站 本站原创 原创 本网 转载 网友 其他 其它 佚名 不详 无 null None NULL undefined
admin 管理员 管理 小编 编辑 匿名 匿名用户 综合 站长 默认 手机 网络整理 网络综合 网友投稿 整理 小编整理 来源
"""
NO_SOURCE: Final = frozenset(_FILLERS.split())
_BADGE_WORDS: Final = """
原创 原創 转载 轉載 首发 独家 关注 已关注 + + 加关注 举报 展开 收藏 分享 打印 评论 订阅 赞 点赞 阅读 大 中 小
字号 字体 T A A+ A- T+ T- 复制 听新闻 朗读 收听 正文 首页 纠错 返回 繁體 简体 我要评论 发表评论 网友评论
手机看新闻 手机阅读 今天 更多 播报 暂停 微信 微博 QQ空间 朋友圈 新闻 发布 发表 来源 作者 时间 北京 阅 读 次 条 |
/ · 个人中心 登录 注册 客户端 扫一扫 关闭 语音播报 点击 浏览 推荐 投诉 置顶 精选 热点 快讯 头条 文章 资讯
"""
_BADGES: Final = frozenset(_BADGE_WORDS.split())
_COUNT: Final = re.compile(
    r"[\d.,万亿千+]{1,12}\s?(?:万|次|人|条|篇|个|℃|°C)?(?:阅读|浏览|点击|评论|参与|跟贴|赞|观看|围观|热度"
    r"|收藏|转发)?|\W{1,6}"
)
_GLUED_SOURCE: Final = re.compile(r"(?:本文|文章|稿件|信息)?(?:来源|來源)(?:于|於|自)?(?=.{2})")
_PLACE_LINE: Final = re.compile(
    r"(?:報導|报道|報道|專電|专电|\d日電|\d日电|整理|攝影|摄影|编译|編譯)$|^(?:https?|www)\b|^(?:HKT|GMT|UTC|CST)$"
)
_BAR: Final = re.compile(r"[|丨｜\n]")
_SEPARATORS: Final = re.compile(r"[\s|丨｜•/／╱>＞»⋅]{1,6}|(?<=\s)·")
_NAME_SEPARATORS: Final = re.compile(r"[\s、,，;；/／╱&＆|丨]{1,3}")
_AND: Final = re.compile(r"(?P<first>[㐀-鿿]{2,3})[和与與及](?P<second>[㐀-鿿]{2,3})")
_MEDIA_SUFFIX: Final = re.compile(
    r"(?:网|網|报|報|社|台|臺|新闻|新聞|在线|線上|客户端|周刊|週刊|杂志|雜誌|频道|頻道|传媒|傳媒|资讯|資訊"
    r"|财经|財經|电视|广播|日报|晚报|快讯|头条|中心|"
    r"办公室|办事处|局|委|厅|政府|公司|集团|大学|学院|协会|部|院|号|热线|博客|论坛|观察|视频|视界|之声|发布|[\]】)）])$"
)
SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐"
    "易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳"
    "阳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵"
    "苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝封官谈匡鞠惠荆乐冀胥郁南班储原栗燕楚鄢劳谌奚皮"
    "粟冼蔺楼盘满闻厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初張劉陳楊黃趙吳孫馬羅鄭謝許韓"
    "馮鄧蔣葉蘇呂盧鐘譚陸賈韋鄒閻龍賀顧龔萬錢嚴湯溫齊喬龐顏莊聶魯歐關蘭紀單塗駱藍遊鮑華饒農時項連蘆麥婁竇黨宮費衛應"
    "閔鄔邊師欒榮鄺談樂儲勞諶樓滿聞厲區闞權強帥樸蓋練諸上令皇尉慕端公东拓轩"
)
_NAME: Final = re.compile(r"[㐀-鿿]{2,4}|[㐀-鿿]{1,7}[·•．][㐀-鿿·•．]{1,10}|[A-Za-z][A-Za-z0-9_.'-]{1,24}")
_ROLE: Final = re.compile(
    r"(?:[㐀-鿿A-Za-z·\-（）()《》“”\d]{0,18}?(?:见习|實習|实习|特约|首席|资深|高级|全媒体|融媒体|本报|本刊"
    r"|本网|驻[㐀-鿿]{2,6})*"
    r"(?:记者|記者|通讯员|通訊員|特约撰稿人?|撰稿人|评论员|特派员|实习生|作者|撰文|采写))\s{0,2}[:：/|丨]?\s{0,2}"
)
_NOT_TEXT_CREDIT: Final = re.compile(r"[摄攝图圖绘繪]|视频|拍|供稿?图|制图|漫画|剪辑|化名|来源|來源")
_INLINE: Final = re.compile(
    r"[(（【\[]\s?(?P<names>(?:[㐀-鿿A-Za-z·\-《》]{0,16})?(?:记者|記者|采写|撰文|作者|通讯员|文/|文／|文"
    r"|文\|)\s{0,2}[:：/|丨]?\s{0,2}[^()（）【】\[\]。！？]{2,60})[)）】\]]"
)
_BYLINE_LINE: Final = re.compile(
    r"[(（【\[\s]?(?:[㐀-鿿A-Za-z·\-《》]{0,16}(?:记者|記者)|(?:文字?|撰文|采写|作者|记者|文丨"
    r"|本文作者)\s?[:：/／|丨])\s{0,3}[:：/／|丨]?\s{0,2}"
    r"(?P<names>[^。！？!?“”\"《》]{2,60})[)）】\]\s]?"
)
_END_BYLINE: Final = re.compile(
    r"[。！？”」』\s](?:文[/／]|撰文\s?[:：/]?\s?)(?P<names>[㐀-鿿]{2,4}(?:[\s、][㐀-鿿]{2,4}){0,3})$"
)
_PHOTO_ONLY: Final = re.compile(r"[摄攝](?:影)?[)）】]?$|^[(（]?[摄攝图圖]")
_INLINE_MARKS: Final = ("记者", "記者", "文/", "文／", "采写", "作者")
_SIGNATURE: Final = re.compile(r"[(（](?P<names>[㐀-鿿]{2,3}(?:[\s、,，][㐀-鿿]{2,3}){0,3})[)）]\s?$")
_OTHER_ROLES: Final = re.compile(
    r"\s{0,3}[(（]?(?:责任编辑|責任編輯|责编|实习编辑|编辑|編輯|校对|校對|摄影|攝影|图片|图|视频|制图|漫画"
    r"|翻译|审核|监制"
    r"|统筹|编审|美编|设计|剪辑|来源|部分|发自|报道|报导|综合|版式|视觉|题图|插图|海报)"
    r"(?:[\s:：/／|丨].*)?$|\s?[^\s]{1,10}(?:报道|报导|发自)[^\s]{0,10}$"
)


@dataclass(slots=True)
class Credits:
    """What one run of text says about an article: None and empty where it does not say."""

    source: str | None = None
    has_source_label: bool = False
    authors: list[str] = field(default_factory=list)
    editor: str | None = None
    published: Published | None = None
    is_time_labelled: bool = False
    updated: Published | None = None
    rest: list[str] = field(default_factory=list)


def clean_name(text: str) -> str | None:
    """Return a source's name without brackets, badges and filler; None for 未知, 网络 and the like."""
    text = text.strip(" \n\t\u3000\u00a0|丨｜,，;；:：/·、-—>»").rstrip("【[(（ ")
    if text[:1] in "(（【[《" and text.endswith((")", "）", "】", "]", "》")) and not re.search(r"[)）】\]》].", text):
        text = text[1:-1].strip()
    elif text.count("（") + text.count("(") < text.count("）") + text.count(")"):
        text = text.rstrip("）)")
    head, _, rest = text.partition(" ")
    if rest and re.search(r"[㐀-鿿)）]$", head) and re.match(r"[㐀-鿿(（\d]", rest) and len(head) >= 2:
        text = head
    if (
        not text
        or text in NO_SOURCE
        or text.lower().startswith(("http", "www."))
        or len(text) > 40
        or not re.search(r"[^\W\d_]", text)
    ):
        return None
    return text


def split_names(text: str) -> list[str]:
    """Return the persons of `张三、李四`, `某报记者 张三 李四` or `张 三`, without roles; [] where there are none."""
    text = text.strip(" \t\u3000|丨｜,，;；:：/()（）【】[]-—·")
    text = _OTHER_ROLES.sub("", text)
    text = _ROLE.sub(" ", text)
    tokens = [token for token in _NAME_SEPARATORS.split(text) if token]
    tokens = [part for token in tokens for part in _persons_joined_by_and(token)]
    if tokens and all(len(token) == 1 for token in tokens) and len(tokens) % 2 == 0:
        tokens = [first + last for first, last in zip(tokens[::2], tokens[1::2], strict=True)]
    elif any(len(token) == 1 and "㐀" <= token <= "鿿" for token in tokens):
        tokens = _join_single_characters(tokens)
    if any(looks_like_person(token) for token in tokens):
        tokens = [token for token in tokens if looks_like_person(token) or not looks_like_medium(token)]
    names: list[str] = []
    for token in tokens:
        if _NAME.fullmatch(token) and token not in NO_SOURCE and token not in _BADGES and token not in names:
            names.append(token)
    return names[:8]


def _persons_joined_by_and(token: str) -> list[str]:
    """Return both persons of `张三和李四`; a name such as 林和谦 is one."""
    found = _AND.fullmatch(token)
    if found and found["first"][0] in SURNAMES and found["second"][0] in SURNAMES:
        return [found["first"], found["second"]]
    return [token]


def _join_single_characters(tokens: list[str]) -> list[str]:
    """Return tokens with `李 四` joined: a lone surname takes the lone character that follows it."""
    joined: list[str] = []
    for token in tokens:
        if joined and len(joined[-1]) == 1 and len(token) <= 2:
            joined[-1] += token
        else:
            joined.append(token)
    return joined


def looks_like_person(name: str) -> bool:
    """Tell whether `name` is 2 or 3 Chinese characters that begin with a surname and end like no medium."""
    return 2 <= len(name) <= 3 and name[0] in SURNAMES and not _MEDIA_SUFFIX.search(name)


def looks_like_medium(name: str) -> bool:
    """Tell whether `name` ends as newspapers, sites and offices do."""
    return bool(_MEDIA_SUFFIX.search(name))


def _labels(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, kind) of every label in `text`; 北京时间 and 时间财经 hold no label, as no colon follows."""
    found = []
    for match in _LABEL.finditer(text):
        kind = _kind(match)
        has_colon = match["colon"] in (":", "：") or (match["colon"] is not None and kind != "other")
        is_apart = match.start() == 0 or text[match.start() - 1] in _BEFORE_LABEL
        if has_colon or (is_apart and _BARE.fullmatch(match[0].strip(" \n丨|/／"))):
            found.append((match.start(), match.end(), kind))
    return found


def _kind(match: re.Match[str]) -> str:
    return next(name for name in _LABELS if match[name] is not None)


def read_credits(text: str, reference: datetime) -> Credits:
    """Return what a header or trailer run says. A label's value ends at the next label, date or bar.

    `来源:经济日报时间:2023-08-06 14:25:32` gives 经济日报 and the time; `来源:时间:…` gives no source.
    """
    credits = Credits()
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
        value = _first_part(value)
        names = split_names(value) or _account(value)
        credits.authors.extend(name for name in names if name not in credits.authors)
    elif label == "editor":
        names = split_names(_first_part(value))
        credits.editor = credits.editor or (names[0] if len(names) == 1 else " ".join(names) or None)
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
    elif word[:2] in ("作者", "记者", "記者") and (names := split_names(word[2:])):
        credits.authors.extend(name for name in names if name not in credits.authors)
    elif not _PLACE_LINE.search(word):
        credits.rest.append(word)


def _account(value: str) -> list[str]:
    name = clean_name(value)
    return [name] if name and 2 <= len(name) <= 20 and not re.search(r"[。，！？]", name) else []


def loose_words(value: str) -> list[str]:
    """Return the unlabelled words of a header that may be a name."""
    words = []
    for word in _SEPARATORS.split(value):
        word = word.strip("()（）【】,，.。:：;；-—_<>《》\u200b")
        if len(word) >= 2 and word not in _BADGES and not _COUNT.fullmatch(word) and clean_name(word):
            words.append(word)
    return words


def inline_authors(line: str) -> list[str]:
    """Return the reporters that a body line names in brackets: `本报讯（记者 张三）…`, `…（记者 张三、李四）`."""
    if (
        "记者" not in line
        and "記者" not in line
        and "文/" not in line
        and "文／" not in line
        and "采写" not in line
        and "作者" not in line
    ):
        return []
    for found in _INLINE.finditer(line):
        names = found["names"]
        if not _NOT_TEXT_CREDIT.search(names) and (found.start() < 60 or found.end() >= len(line) - 3):
            persons = [name for name in split_names(re.sub(r"^文\s?[/／|]?\s?", "", names)) if _is_plausible(name)]
            if persons:
                return persons
    if at_end := _END_BYLINE.search(line[-40:]):
        return [name for name in split_names(at_end["names"]) if looks_like_person(name)]
    return []


def _is_plausible(name: str) -> bool:
    """Tell whether `name` may be a person's where a label already says so: rarer surnames and pen names pass."""
    return (2 <= len(name) <= 4 and not looks_like_medium(name)) or "·" in name or name.isascii()


_REPORTER: Final = re.compile(
    r"[◎【（(\[\s]{0,4}(?:[㐀-鿿]{2,8}(?:讯|訊)\s?)?(?:记者|記者|特派員|特约记者"
    r"|實習記者)?\s?(?P<names>[㐀-鿿、]{2,12})[／/]"
    r"[㐀-鿿]{0,12}(?:報導|报道|報道|綜合外電|專電|专电|電|採訪)[】）)\]\s]{0,3}"
)


def own_line_authors(line: str) -> list[str]:
    """Return the authors of a body line that is nothing but a byline: `采写：某报记者 甲 乙`, `文/甲 图/乙`."""
    if len(line) > 70:
        return []
    found = _REPORTER.fullmatch(line) or _BYLINE_LINE.fullmatch(line)
    if found is None or (_PHOTO_ONLY.search(line) and "文" not in line):
        return []
    names = [name for name in split_names(found["names"]) if _is_plausible(name)]
    persons = [name for name in names if looks_like_person(name)]
    if persons:
        return [name for name in names if name in persons or len(name) == 4 or "·" in name or name.isascii()]
    return names if re.search(r"[:：/／|丨╱]", line) else []


def signature(line: str) -> list[str]:
    """Return the persons of a bare signature `…（张三）` at a line's end; words such as （完） are none."""
    found = _SIGNATURE.search(line[-30:])
    if found is None:
        return []
    if _NOT_TEXT_CREDIT.search(found["names"]):
        return []
    names = split_names(found["names"])
    return names if names and all(looks_like_person(name) for name in names) else []
