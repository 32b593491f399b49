"""Names of persons and media, distinguished by surnames and endings."""

from __future__ import annotations

import re
from typing import Final

_FILLERS: Final = """
未知 网络 網絡 网路 互联网 本站 本站原创 原创 本网 转载 网友 其他 其它 佚名 不详 无 null None NULL undefined
admin 管理员 管理 小编 编辑 匿名 匿名用户 综合 站长 默认 手机 网络整理 网络综合 网友投稿 整理 小编整理 来源 最後
最后 更新 發佈 發布 By by BY Author author Posted 转载文章 轉載文章 转载内容 网络转载 網絡轉載 网络来源 网络文章
互联网转载 网上 网摘 转帖 转发 原创文章 来源网络 网络资料 媒体 其他媒体 不明 暂无 楼主 樓主 博主 版主 题主 作者
游客 訪客 访客 会员 會員 用户 用戶 热心网友 网民 本站编辑 系统管理员 超级管理员 网站管理员 分钟 分鐘 小时 小時
Mon Tue Wed Thu Fri Sat Sun 秒 楼 樓 最后更新 最後更新 编辑于 发布于 更新于
"""
_WEEKDAYS: Final = {f"{week}{day}" for week in ("星期", "周", "週", "礼拜", "禮拜") for day in "一二三四五六日天"}
NO_SOURCE: Final = frozenset(_FILLERS.split()) | _WEEKDAYS
_BADGE_WORDS: Final = """
原创 原創 转载 轉載 首发 独家 关注 已关注 + 加关注 举报 展开 收藏 分享 打印 评论 订阅 赞 点赞 阅读 大 中 小 字号
字体 T A A+ A- T+ T- 复制 听新闻 朗读 收听 正文 首页 纠错 返回 繁體 简体 我要评论 发表评论 网友评论 手机看新闻
手机阅读 今天 更多 播报 暂停 微信 微博 QQ空间 朋友圈 新闻 发布 发表 来源 作者 时间 北京 阅 读 次 条 | / · 标准
超大 默认 原标题 个人中心 登录 注册 客户端 扫一扫 关闭 语音播报 点击 浏览 推荐 投诉 置顶 精选 热点 快讯 头条
文章 资讯 喜欢 喜歡 点踩 投币 硬币 弹幕 赞同 反对 在看 关注者 粉丝 浏览量 阅读量 点击量 倒序浏览 阅读模式 楼主
沙发 回帖 发帖 只看该作者 电梯直达 倒序阅读 正序浏览 只看楼主 只看大图 显示全部楼层 查看全部 复制链接 板凳 地板
"""
BADGES: Final = frozenset(_BADGE_WORDS.split())
_NAME_SEPARATORS: Final = re.compile(r"[\s、,，;；/／╱\\&＆|｜丨]{1,3}")
_LISTED: Final = re.compile(r"[、,，;；&＆]|(?<=[a-z])\sand\s(?=[A-Z])")
_ENGLISH_NAME: Final = re.compile(r"[A-Z][A-Za-z.'-]{0,20}(?: [A-Z][A-Za-z.'-]{0,20}){1,3}")
# Li Ming in Hefei: where the report was sent from.
_ENGLISH_PLACE: Final = re.compile(r"(?<=[a-z]) (?:in|from|at) [A-Z][\w .,'-]{2,40}$")
_OCCUPATION: Final = re.compile(
    r"(?:職員|职员|教授|教師|教师|讲师|博士|硕士|研究员|研究員|律师|律師|医生|学者|學者|经理|主任|主席|作家|网友|讀者|读者|市民|学生|同学)$"
)
# What a name's holder did, as a word of its own between names: 陈智 整合, 甲 乙 台北報導.
_ROLE_WORD: Final = re.compile(
    r"(?:整合|整理|编译|編譯|综合|綜合|口述|采写|採寫|撰文|供稿|来稿|制图|製圖|策划|剪辑|特稿|专稿|专电|專電|文图|图文|圖文|[文图圖摄攝]|报[道导]|報[道導]"
    r"|见习|实习生?|[㐀-鿿]{2,4}(?:报[道导]|報[道導]|专电|專電|外電))"
)
# 林書豪青石鎮6日電: where the report was sent from.
_SENT_FROM: Final = re.compile(
    r"(?<=[㐀-鿿]{2})(?:新加坡|華盛頓|华盛顿|洛杉磯|洛杉矶|舊金山|旧金山|莫斯科|雅加達|吉隆坡|[㐀-鿿]{2})(?:[县縣市鎮镇区區村鄉乡])?\d{1,2}日(?:綜合外電|综合外电|專電|专电|電|电)$"
)
_GLUED_PHOTO: Final = re.compile(r"(?<=[㐀-鿿]{2})(?:摄影|攝影|图片|圖片)(?:报道|報導)?[\s:：/]?[㐀-鿿]{2,3}$")
_COMPOUNDS: Final = """
欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 东方 東方 独孤 南宫 夏侯 尉迟 公孙 公孫 慕容 令狐 皇甫 宇文 长孙 端木
轩辕 申屠 呼延 西门 東郭 东郭
"""
_COMPOUND_SURNAMES: Final = frozenset(_COMPOUNDS.split())
# Markup that a broken template printed: `size="20"`, `{author}`, `<%=source%>`.
_MARKUP: Final = re.compile(r"[<>{}\\]|=\s?[\"'\d]|&[a-z]{2,6};|\$\{|\bundefined\b|\bNaN\b")
_PROVINCES: Final = (
    "北京|天津|上海|重庆|重慶|河北|山西|江蘇|廣東|廣西|遼寧|黑龍江|陝西|貴州|雲南|山東|甘肅|內蒙古|寧夏|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|臺灣|台灣|内蒙古"
    "|广西|西藏|宁夏|新疆|香港|澳门|澳門|美国|美國|日本|英国|加拿大|澳大利亚|新加坡|马来西亚|韩国|泰国|法国|德国|海外|中国|中國"
)
_PLACE: Final = re.compile(
    rf"[-—－\s]{{0,3}}(?:IP\s?[:：]?\s?)?(?:{_PROVINCES})(?:省|市)?[\s·-]{{0,2}}(?:[㐀-鿿]{{2,4}}[市縣区區区]?)?"
)
_REGION: Final = re.compile(rf"(?:{_PROVINCES})(?:省|市)?")
_DEVICE: Final = re.compile(
    r"(?:苹果|华为|荣耀|小米|红米|三星)?\s?(?:iPhone|iPad|Android|安卓|HUAWEI|Redmi|vivo|OPPO|手机|电脑|网页版?)[\w\s-]{0,12}"
)
_HAN: Final = re.compile(r"[㐀-鿿]+")
_AND: Final = re.compile(r"(?P<first>[㐀-鿿]{2,3})[和与與及](?P<second>[㐀-鿿]{2,3})")
_POSITION: Final = re.compile(
    r"(?:主[笔筆]|主[编編]|专栏作[者家]|專欄作[者家]|(?:特约|签约|认证|优质|原创)作者|创作者|撰稿人|评论员|評論員)$"
)
_MEDIA_SUFFIX: Final = re.compile(
    r"(?:网|網|报|報|社|台|臺|新闻|新聞|在线|線上|客户端|周刊|週刊|杂志|雜誌|频道|頻道|传媒|傳媒|资讯|資訊"
    r"|财经|財經|电视|广播|日报|晚报|快讯|头条|中心|"
    r"办公室|办事处|局|委|厅|政府|公司|集团|大学|学院|协会|部|院|号|热线|博客|论坛|观察|视频|视界|之声|发布|[\]】)）]"
    r"|\b(?:Daily|News|Times|Post|Weekly|Herald|Online|Agency|Xinhua))$"
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
# Common words that begin like a surname.
_NO_PERSON_WORDS: Final = """
关注 关闭 关于 方法 方案 方便 高清 高中 高考 高校 高端 高层 金融 金额 金句 时间 时政 时事 时评 时尚 时代 时装
时讯 成都 成功 成长 温州 江苏 江西 安徽 安全 安排 武汉 武术 石家庄 张家口 周一 周二 周三 周四 周五 周六 周日
周末 周刊 周报 周边 单位 路线 路透 路况 车辆 车讯 车市 车型 农业 农村 农民 党建 党史 党员 党政 宣传 经验 经济
连载 连线 连接 印章 和平 和谐 常见 常州 常识 苏州 郑州 徐州 杭州 柳州 贺州 鲁网 明确 明星 明天 明日 白天 白银
黄金 黄河 黄山 花絮 花园 史料 史话 古代 古典 游戏 游记 游客 阳光 祝福 严肃 全国 全文 全部 全球 全省 全市 全媒体
全景 文章 文化 文字 文本 文学 文艺 文旅 文明 文稿 文摘 文件 路演 解读 解放 解析 解答 解说 强国 权威 权益 国际
国内 国家 国外 国学 国产 楼市 楼盘 房产 房价 房源 牛市 马上 家居 家庭 家电 商务 商业 商家 商讯 段落 平台 平安
平面 平均 计划 计算 项目 项链 祖国 祁门 车展 师生 师范 简介 简讯 简报 简体 简历 宁波 宁夏 康复 任务 任意 万象
万元 向导 公益 公司 公告 公众 公示 公开 公共 公交 应用 应急 应对 应该 广场 水平 冷暖 晚上 盛会 古镇 查看 查询
查阅 闻讯 云南 云上 辛苦 温馨 温度 相册 相关 相机 相片 相亲 尚未 包括 汽车 谈话 诸葛 令人 令牌 令狐 皮肤 皮革
阮囊 秋季 秋天 夏天 夏季 米兰 牛奶 石油 石材 雷电 景区 景点 官方 官网 官微 管理 管理员 邮箱 印刷 满意 满分 海南
海外 海报 东方 东莞 东部 南京 南昌 南宁 南方 北京 上海 上市 上传 上线 上架 上周 上班 端午 端口 强烈 原创 原标题
原题 原文 储存 储蓄 荣誉 荣耀 习惯 席位 巴黎 巴士 慕课 麦田 章节 章程 童话 童装 梅花 鲍鱼 顾问 顾客 毛利 毛重
齐全 易购 易趣 幸福 谢谢 宋体 黑体 楷体 齐鲁 燕赵 巢湖 国籍 习题
"""
_NO_PERSONS: Final = frozenset(_NO_PERSON_WORDS.split())
# What sites call their channels; the names of media are longer or other.
_CHANNEL: Final = re.compile(
    r"(?:时政|時政|要闻|要聞|国内|國內|国际|國際|社会|社會|财经|財經|经济|經濟|金融|科技|军事|軍事|体育|體育|娱乐|娛樂|文化|教育|健康|旅游|汽车|房产|生活|民生"
    r"|评论|評論|观点|本地|地方|全国|图片|视频|影音|专题|热点|熱點|滚动|综合|綜合|法治|港澳|台湾|兩岸|两岸|产经|宏观|即时|即時|最新|头条|頭條|焦點|焦点"
    r"|深度|人物|历史|政治|政务|党建|三农|环保|公益){1,2}(?:新闻|新聞|资讯|資訊|频道|頻道|动态|快讯|聚焦|播报)?"
)
_TRANSLITERATED: Final = re.compile(r"[㐀-鿿]{1,7}(?:[·•．][㐀-鿿]{1,8}){1,2}")
_NAME: Final = re.compile(
    r"[㐀-鿿]{2,4}|[㐀-鿿]{1,7}[·•．][㐀-鿿·•．]{1,10}|[A-Za-z][A-Za-z0-9_.'-]{1,24}(?: [A-Z][A-Za-z.'-]{0,24}){0,3}"
)
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


# After a source stand the page's tools: 【大 中 小】, [打印], （字号：…）.
_TOOLS: Final = re.compile(
    r"\s?[【\[〖〔（(]\s?(?:字[号號体體]|大[\s/|]?中|大号|大號|打印|列印|关闭|關閉|纠错|糾錯|复制|複製|收藏|分享|我要"
    r"|推荐|推薦|评论|評論|点击|點擊|繁[体體]?|简体|A[+\-]|T[|+\-]|加入|訂閱|订阅|手机看|编辑|編輯|责任编辑|责编).*"
    r"|\s[【\[〖〔].*"
)


_OPENING: Final = re.compile(r"[【\[〖〔（(]")
_CLOSED_EARLY: Final = re.compile(r"[)）】\]》].")
_NAME_END: Final = re.compile(r"[㐀-鿿)）]$")
_NEXT_START: Final = re.compile(r"[㐀-鿿(（\d]|[A-Z]\d")
_ODD_COLONS: Final = dict.fromkeys(map(ord, "︰﹕∶꞉ː"), "：")
_ODD_COLON: Final = re.compile("[︰﹕∶꞉ː]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_PRIVATE: Final = re.compile("[\ue000-\uf8ff\ufffd]")
# `河口青年报（ID：hekouqn）`: the account's name is what counts.
_ACCOUNT_ID: Final = re.compile(r"\s?[(（]\s?(?:微信)?(?:ID|id|Id|公众号|公眾號|微信号)\s?[:：].*")


def even_colons(text: str) -> str:
    """Return `text` with what only looks like a colon (U+FE30, U+FE55, U+2236, ...) as a wide colon."""
    return text.translate(_ODD_COLONS) if _ODD_COLON.search(text) else text


def clean_name(text: str) -> str | None:
    """Return a source's name without brackets, badges and filler; None for 未知, 网络 and the like."""
    if _MARKUP.search(text):
        return None
    text = _PRIVATE.sub("", text).strip(" \n\t\u3000\u00a0|丨｜,，;；:：/·、-—>»©®").rstrip("【[(（ ")
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
    text = _GLUED_PHOTO.sub("", _OTHER_ROLES.sub("", _SENT_FROM.sub("", text)))
    text = _STAFF_NUMBER.sub("", _ENGLISH_PLACE.sub("", text)).strip() or text
    text = _ROLE.sub(" ", text)
    tokens = [token for group in _LISTED.split(text) for token in _persons_first(group.strip()) if token]
    if any(len(token) > 1 and not _ROLE_WORD.fullmatch(token) for token in tokens):
        tokens = [token for token in tokens if not _ROLE_WORD.fullmatch(token)]
    tokens = [part for token in tokens for part in _persons_joined_by_and(token)]
    if tokens and all(len(token) == 1 for token in tokens) and (spelled := _spelled_out(tokens)):
        tokens = spelled
    elif any(len(token) == 1 and "㐀" <= token <= "鿿" for token in tokens):
        tokens = _join_single_characters(tokens)
    if any(looks_like_person(token) for token in tokens):
        tokens = [token for token in tokens if looks_like_person(token) or not looks_like_medium(token)]
    names: list[str] = []
    for token in tokens:
        if _NAME.fullmatch(token) and token not in NO_SOURCE and token not in BADGES and token not in names:
            names.append(token)
    return names[:8]


def _persons_first(group: str) -> list[str]:
    """Return what blanks part in `group`, beside persons without where they live and what they are: 李明 南通 职员."""
    if _ENGLISH_NAME.fullmatch(group):
        return [group]
    tokens = [token for token in _NAME_SEPARATORS.split(group) if token]
    if len(tokens) > 1 and any(map(looks_like_person, tokens)):
        return [token for token in tokens if looks_like_person(token) or len(token) == 1 or not _is_occupation(token)]
    return tokens


def _is_occupation(token: str) -> bool:
    return _PLACE.fullmatch(token) is not None or _OCCUPATION.search(token) is not None


def _persons_joined_by_and(token: str) -> list[str]:
    """Return both persons of `张三和李四`; a name such as 林和谦 is one."""
    found = _AND.fullmatch(token)
    if found and found["first"][0] in SURNAMES and found["second"][0] in SURNAMES:
        return [found["first"], found["second"]]
    return _glued_persons(token)


def _glued_persons(token: str) -> list[str]:
    """Return both persons of 张三丰李四光, where there is one way to part them by surnames; else the token."""
    is_name = token[:2] in _COMPOUND_SURNAMES or not _HAN.fullmatch(token)
    if not 4 <= len(token) <= 6 or is_name or _PLACE.fullmatch(token):
        return [token]
    ways = [
        [token[:cut], token[cut:]]
        for cut in (2, 3)
        if looks_like_person(token[:cut]) and looks_like_person(token[cut:]) and (len(token) > 4 or cut == 2)
    ]
    return ways[0] if len(ways) == 1 else [token]


def _spelled_out(characters: list[str]) -> list[str]:
    """Return the persons whose characters stand apart: 李 建 设, 张 三 李 四; [] where no surnames part them."""
    for size in (3, 2) if len(characters) == 3 else (2, 3):
        name, rest = "".join(characters[:size]), characters[size:]
        if len(name) == size and looks_like_person(name):
            others = _spelled_out(rest)
            if others or not rest:
                return [name, *others]
    return []


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
    return (
        2 <= len(name) <= 3
        and name[0] in SURNAMES
        and name not in _NO_PERSONS
        and name not in BADGES
        and name not in NO_SOURCE
        and not _MEDIA_SUFFIX.search(name)
    )


def is_transliterated(name: str) -> bool:
    """Return True if `name` may be a foreigner's in Chinese characters: 托马斯·克莱因. A column may be called so."""
    return _TRANSLITERATED.fullmatch(name) is not None and not looks_like_medium(name)


def looks_like_channel(name: str) -> bool:
    """Return True if `name` is what sites call a channel: 时政要闻, 社会新闻."""
    return _CHANNEL.fullmatch(name) is not None


def names_a_position(name: str) -> bool:
    """Return True if `name` says what somebody is at a medium, no more: 专栏作者, 某网主笔."""
    return _POSITION.search(name) is not None


def looks_like_medium(name: str) -> bool:
    """Return True if `name` ends as newspapers, sites and offices do."""
    return bool(_MEDIA_SUFFIX.search(name))


def is_region(name: str) -> bool:
    """Return True if `name` is that of a province, a region or a country."""
    return _REGION.fullmatch(name) is not None


def is_place_or_device(name: str) -> bool:
    """Return True if `name` says from where or by which device a post came, as forums and microblogs print it."""
    if _DEVICE.fullmatch(name):
        return True
    return _PLACE.fullmatch(name) is not None and not looks_like_medium(name)
