"""Names of persons and media, distinguished by surnames and endings."""

from __future__ import annotations

import re
from typing import Final

_FILLERS: Final = """
未知 网络 網絡 网路 互联网 本站 本站原创 原创 本网 转载 网友 其他 其它 佚名 不详 无 null None NULL undefined
admin 管理员 管理 小编 编辑 匿名 匿名用户 综合 站长 默认 手机 网络整理 网络综合 网友投稿 整理 小编整理 来源
最後 最后 更新 發佈 發布 By by BY Author author Posted
"""
_WEEKDAYS: Final = {f"{week}{day}" for week in ("星期", "周", "週", "礼拜", "禮拜") for day in "一二三四五六日天"}
NO_SOURCE: Final = frozenset(_FILLERS.split()) | _WEEKDAYS
_BADGE_WORDS: Final = """
原创 原創 转载 轉載 首发 独家 关注 已关注 + + 加关注 举报 展开 收藏 分享 打印 评论 订阅 赞 点赞 阅读 大 中 小
字号 字体 T A A+ A- T+ T- 复制 听新闻 朗读 收听 正文 首页 纠错 返回 繁體 简体 我要评论 发表评论 网友评论
手机看新闻 手机阅读 今天 更多 播报 暂停 微信 微博 QQ空间 朋友圈 新闻 发布 发表 来源 作者 时间 北京 阅 读 次 条 |
/ · 标准 超大 默认 原标题 个人中心 登录 注册 客户端 扫一扫 关闭 语音播报 点击 浏览 推荐 投诉 置顶 精选 热点
快讯 头条 文章 资讯
"""
BADGES: Final = frozenset(_BADGE_WORDS.split())
_NAME_SEPARATORS: Final = re.compile(r"[\s、,，;；/／╱&＆|｜丨]{1,3}")
_AND: Final = re.compile(r"(?P<first>[㐀-鿿]{2,3})[和与與及](?P<second>[㐀-鿿]{2,3})")
_POSITION: Final = re.compile(
    r"(?:主[笔筆]|主[编編]|专栏作[者家]|專欄作[者家]|(?:特约|签约|认证|优质|原创)作者|创作者|撰稿人|评论员|評論員)$"
)
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
    "常傅洪萧蕭赖賴阎阙闕秋鍾茅裘诸荀芮茹郗钮鈕杭习畢簡範閆叢荊藺計車鞏雍隗逄贝貝湛嵇戎晁竺蒯訾郏濮邴扈"
)
# What sites call their channels; the names of media are longer or other.
_CHANNEL: Final = re.compile(
    r"(?:时政|時政|要闻|要聞|国内|國內|国际|國際|社会|社會|财经|財經|经济|經濟|金融|科技|军事|軍事|体育|體育|娱乐|娛樂|文化|教育|健康|旅游|汽车|房产|生活|民生"
    r"|评论|評論|观点|本地|地方|全国|图片|视频|影音|专题|热点|熱點|滚动|综合|綜合|法治|港澳|台湾|兩岸|两岸|产经|宏观|即时|即時|最新|头条|頭條|焦點|焦点"
    r"|深度|人物|历史|政治|政务|党建|三农|环保|公益){1,2}(?:新闻|新聞|资讯|資訊|频道|頻道|动态|快讯|聚焦|播报)?"
)
_NAME: Final = re.compile(r"[㐀-鿿]{2,4}|[㐀-鿿]{1,7}[·•．][㐀-鿿·•．]{1,10}|[A-Za-z][A-Za-z0-9_.'-]{1,24}")
_ROLE: Final = re.compile(
    r"(?:[㐀-鿿A-Za-z·\-（）()《》“”\d]{0,18}?(?:见习|實習|实习|特约|首席|资深|高级|全媒体|融媒体|本报|本刊"
    r"|本网|驻[㐀-鿿]{2,6}){0,4}"
    r"(?:记者|記者|通讯员|通訊員|特约撰稿人?|撰稿人|评论员|特派员|实习生|作者|撰文|采写))\s{0,2}[:：/|｜丨]?\s{0,2}"
)
# Numbers that systems give their editors: `SN222`, `_NF123`.
_STAFF_NUMBER: Final = re.compile(r"[_\s]?\b[A-Z]{1,4}_?\d{2,6}\b|_[A-Z]{1,4}\d{2,6}")
_OTHER_ROLES: Final = re.compile(
    r"(?:台北|臺北|新北|桃園|台中|臺中|台南|臺南|高雄|基隆|新竹|苗栗|彰化|南投|雲林|嘉義|屏東|宜蘭|花蓮|台東|臺東|澎湖|金門|馬祖|北京|上海|香港"
    r"|東京|首爾|紐約|華盛頓|倫敦|巴黎|柏林|新加坡|曼谷)?\d{1,2}日(?:綜合外電|综合外电|專電|专电|電|电)$|\s{0,3}[／/╱]\s?[㐀-鿿]{1,10}(?:报道|报导|報導|報道|專電|专电|电|電|外電|採訪)$|\s{0,3}[(（]?(?:责任编辑|責任編輯|责编|实习编辑|编辑|編輯|校对|校對|摄影|攝影|图片|圖片|图|圖|影片|视频|制图|漫画"
    r"|翻译|审核|监制"
    r"|统筹|编审|美编|设计|剪辑|来源|部分|发自|报道|报导|综合|版式|视觉|题图|插图|海报)"
    r"(?:[\s:：/／|｜丨].*)?$|\s?[^\s]{1,10}(?:报道|报导|发自)[^\s]{0,10}$"
)


# Behind a source stand the page's tools: 【大 中 小】, [打印], （字号：…）.
_TOOLS: Final = re.compile(
    r"\s?[【\[〖〔（(]\s?(?:字[号號体體]|大[\s/|]?中|大号|大號|打印|列印|关闭|關閉|纠错|糾錯|复制|複製|收藏|分享|我要"
    r"|推荐|推薦|评论|評論|点击|點擊|繁[体體]?|简体|A[+\-]|T[|+\-]|加入|訂閱|订阅|手机看|编辑|編輯|责任编辑|责编).*"
    r"|\s[【\[〖〔].*"
)


_OPENING: Final = re.compile(r"[【\[〖〔（(]")
_CLOSED_EARLY: Final = re.compile(r"[)）】\]》].")
_NAME_END: Final = re.compile(r"[㐀-鿿)）]$")
_NEXT_START: Final = re.compile(r"[㐀-鿿(（\d]|[A-Z]\d")
_LETTER: Final = re.compile(r"[^\W\d_]")
# `河口青年报（ID：hekouqn）`: the account's name is what counts.
_ACCOUNT_ID: Final = re.compile(r"\s?[(（]\s?(?:微信)?(?:ID|id|Id|公众号|公眾號|微信号)\s?[:：].*")


def clean_name(text: str) -> str | None:
    """Return a source's name without brackets, badges and filler; None for 未知, 网络 and the like."""
    text = text.strip(" \n\t\u3000\u00a0|丨｜,，;；:：/·、-—>»©®").rstrip("【[(（ ")
    if text[:1] in "(（【[《" and text.endswith((")", "）", "】", "]", "》")) and not _CLOSED_EARLY.search(text):
        text = text[1:-1].strip()
    elif text.count("（") + text.count("(") < text.count("）") + text.count(")"):
        text = text.rstrip("）)")
    elif text[-1:] in "】]" and not any(mark in text for mark in "【["):
        text = text[:-1].rstrip()
    if _OPENING.search(text):
        text = _ACCOUNT_ID.sub("", _TOOLS.sub("", text))
    head, _, rest = text.partition(" ")
    if len(head) >= 2 and rest and _NAME_END.search(head) and _NEXT_START.match(rest):
        text = head
    if (
        not text
        or text in NO_SOURCE
        or text.lower().startswith(("http", "www."))
        or len(text) > 40
        or not _LETTER.search(text)
    ):
        return None
    return text


def split_names(text: str) -> list[str]:
    """Return the persons of `张三、李四`, `某报记者 张三 李四` or `张 三`, without roles; [] where there are none."""
    text = text.strip(" \t\u3000|丨｜,，;；:：/()（）【】[]-—·")
    text = _OTHER_ROLES.sub("", text)
    text = _STAFF_NUMBER.sub("", text).strip() or text
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
        if _NAME.fullmatch(token) and token not in NO_SOURCE and token not in BADGES and token not in names:
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
    """Return True if `name` is 2 or 3 Chinese characters that begin with a surname and end like no medium."""
    return 2 <= len(name) <= 3 and name[0] in SURNAMES and not _MEDIA_SUFFIX.search(name)


def looks_like_channel(name: str) -> bool:
    """Return True if `name` is what sites call a channel: 时政要闻, 社会新闻."""
    return _CHANNEL.fullmatch(name) is not None


def names_a_position(name: str) -> bool:
    """Return True if `name` says what somebody is at a medium, no more: 专栏作者, 某网主笔."""
    return _POSITION.search(name) is not None


def looks_like_medium(name: str) -> bool:
    """Return True if `name` ends as newspapers, sites and offices do."""
    return bool(_MEDIA_SUFFIX.search(name))
