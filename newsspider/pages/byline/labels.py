"""The labels of credit lines (来源, 作者, 责任编辑, 发布于, ...) and what each of them introduces. Strings only."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from newsspider.text.names import even_colons

# `作　者：` is set apart for looks.
_SPACED_LABEL: Final = re.compile(
    r"(来|來|作|记|記|编|編|责|責|时|時|日|出|撰|通讯|校)[ \u3000\xa0]{1,6}(源|者|辑|輯|间|間|期|处|處|编|編|稿"
    r"|文|员|对|對)"
    r"(?=[ \u3000\xa0]?[:：])"
)
_EDIT: Final = r"(?:更新|修改|编辑|編輯|修订|修訂|修正|[异異]动|異動|改动|改動|更改|变更|變更)"
_LABELS: Final[dict[str, str]] = {
    "source": r"(?<![注註]明)(?:文章|本文|稿件|信息|内容|內容|新闻|新聞|消息|原文|作品|稿)?(?:来源|來源|出处"
    "|出處)(?:于|於|自)?|稿源|"
    r"转载自|轉載自|转自|轉自|摘自|发布机构|發布機構|发布单位|发布部门|供稿单位|来稿单位|媒体",
    # of what is original here its medium, or its kind alone
    "original": r"原[创創](?=\s?[:：])",
    # of an article its medium, of a post its place or the device: without a colon ("device") it takes a medium's name
    "from": r"来自|來自",
    "author": r"(?:本文|文章|原文)?作者|撰文|撰稿人?|采写|採寫|执笔|執筆|供稿人|来稿人|投稿人?"
    r"|文字(?=\s?[:：/|丨｜])|文(?=\s?[:：/／|丨｜])|(?<![一-鿿])(?:报道|報導|報道|报导)(?=\s?[:：]\s?[㐀-鿿]{2,3}(?:[\s、,，(（]|$))|"
    r"(?:本报|本刊|本网|本社|本台|见习|实习|特约|首席|全媒体|融媒体?|文字){0,4}记者(?!站|协会|团|会|从|在|了|获|发|采|注|见|看|问"
    r"|对|们|节|招)|(?:本報|本刊|本社|本台|特約|見習|實習){0,4}記者|"
    r"通讯员|通訊員|评论员|[楼樓]主(?!发言|威武|您|你)|发[帖贴][人者]|發[帖貼][人者]|[发發上][布佈表传傳]者|[博题题答]主|发信人|發信人|寄信人|"
    r"(?<![A-Za-z])(?<!owered )(?:[Pp]osted\s)?(?:by|By|BY)(?=[\s:：])|[Aa]uthor|[Rr]eporter",
    # of an office the source, of a person the author
    "sender": r"供稿|来稿|來稿|发布(?=\s?[:：]\s?[一-鿿A-Za-z])",
    "editor": r"(?:责任|責任|本文|本期|实习|见习|值班|执行|栏目|新媒体|网络|网站|文字|美术|图片|视频|微信"
    "|审核|内容|流程){0,4}"
    r"(?:编辑|編輯|主编|主編|编审|責編|责编|编导|小编|编发|编校)|[Ee]ditor",
    "checker": r"校对|校對|校审|审校|审读|審讀|审核|審核|监审|监制|監製|终审|初审|复审"
    r"|一审|二审|三审|排版|签发|签审|统筹|策划",
    "updated": rf"(?:(?:最[后後近新]|上次|末次|本文|已)\s?)?(?:于|於)?{_EDIT}(?:时间|時間|日期|于|於|在)"
    rf"|(?:最[后後近]|上次|末次)(?:一次)?{_EDIT}|更新(?=\s?[:：/／]?\s?\d)"
    r"|(?:[Ll]ast\s)?(?:[Uu]pdated?|[Mm]odified|[Ee]dited|[Rr]evised)(?:\s(?:[Oo]n|[Aa]t|[Dd]ate))?",
    "time": r"(?:发布|發布|發佈|发表|發表|刊发|刊登|发稿|發稿|发文|發文|发帖|發帖|发贴|出版|录入|创建|建立|添加"
    "|上传|上載|上载|上线|上稿|张贴|張貼"
    "|推送|日期|撰写|(?<![一-鿿])(?:新闻|信息|文章)|公开|公示|登载|登載|见报|"
    r"公布|提交|采集|原创|稿件|播出|首发|刊出){0,4}(?:时间|時間|日期)|(?:发布|發布|發佈|发表|發表|刊发|刊登|张贴|張貼|上传"
    r"|首发|写|寫)(?:于|於|在)|时间戳|(?:出版|发布|發佈|發布|发表|發表|刊登|张贴|張貼|[Pp]osted|[Pp]ublished)(?=\s?[:：@/／]?\s?\d)|"
    r"[Pp]osted(?:\s(?:[Oo]n|[Aa]t|@))?|[Pp]ublished(?:\s[Oo]n)?|[Dd]ate",
    # a day that is none of publication
    "event": r"(?:访谈|訪談|活动|活動|会议|會議|直播|开始|结束|截止|截至|比赛|演出|拍摄|报名|考试|施行|生效|实施"
    "|有效|开庭|举办|举行|营业"
    r"|办理|服务|办公|开放|注册|加入|登录|最后登录|在线|上映|上市|答复|受理){1,2}(?:时间|時間|日期|至|于)"
    r"|(?:注册|註冊|加入|来访|上次登录)(?=\s?[:：])"
    r"|(?:最[后後])?(?:回[复復覆]|回帖|跟帖|评论|留言)(?:于|於|时间|時間|日期)|(?:推荐|推薦|相关|相關)文章于|最[后後](?:回[复復覆]|发表|發表)",
    "other": r"(?:图|圖|图片|圖片|题图|封面图?|照片|配图|视频|資料|资料|数据|數據|素材|热度|流量|信息图)"
    r"(?:来源|來源|来自|來自|源自)|(?:点击|點擊|浏览|瀏覽|阅读|閱讀|访问|查看|围观|收看|播放|评论|評論|回复|跟帖|点赞|转发|收藏"
    "|分享|参与|推荐|下载|观看)"
    r"(?:人数|次数|次數|总数|量|数|數|率|到|至|本文|此页)?|人气|人氣|热度|热门|字号|字號|字体|字體|字数|打印"
    r"|列印|纠错|举报|投诉|关闭|(?:成文|签发|印发)(?:时间|時間|日期)|"
    r"栏目|欄目|分类|分類|频道|专题|标签|標籤|关键词|關鍵詞|关键字|索引号|文号|主题词|编号|编码|语音|朗读"
    r"|扫一扫|手机看|视力保护|原文链接|链接|网址|"
    r"声明|版权|微信|微博|QQ|大\s中\s小|大\s?小|我要|用手机|海报|订阅|繁体|简体|正文|摘要|导读|核心提示|导语|楼层|IP\s?属地|属地|只看(?:[该該此])?(?:作者|[楼樓]主)?"
    r"|信区|信區|看板|标题(?=\s?[:：])|標題(?=\s?[:：])|发信站|發信站"
    r"|原标题|微信公众号|公众号|图片|圖片|图|圖|摄影|攝影|摄|攝|影片|视频|美编|制图|漫画",
}
# A label counts with a colon (or |, 丨, /) after it; these also count before a blank.
_BARE: Final = re.compile(
    r"(?:来源于?|來源於?|作者|By|by|BY|(?:本[報报刊网社台]|见习|見習|实习|實習|特约|特約|首席|全媒体|融媒体?|文字){0,4}(?:记者|記者)|通讯员|通訊員|责编|责任编辑|编辑|校对|审读|审核|撰文|采写|发布时间|发布日期|发布于|发表于"
    r"|發布於|發表於|更新时间|更新于|时间|日期|[楼樓]主|IP\s?属地|属地|只看|"
    r"字号|字號|字体|打印|分享|收藏|评论|阅读|点击|浏览|关闭|人气|举报|订阅|来自|转自)"
)
_BEFORE_LABEL: Final = frozenset(" \n\u3000|丨｜/／()（）【】[]0123456789日:：@□■◎●◆○•▲")
# The characters with which a label can begin: at all others the long list need not be tried.
_LABEL_STARTS: Final = (
    "ABDELMPQRUIabdelmprui题封照配資数數素热一三上下专主举二人会作來供信修值內全公关内出分刊列创初制办印原参发回围图圖執声复大媒字实審實审导小开录影微成我截手打执扫投报拍排採推提摄摘播撰攝收文新施日时時更最會有相变變服朗本来查标栏校核"
    "標欄正比活流浏海消添演漫瀏点热版特生用發監监直稿策签简索編繁纠终结统编网美考营融見见观视記訪評订记访评语責责资跟轉转通采链閱關阅频首點写寫建异張張张登答樓楼博末已只属注加在受留於于异異改報註寄標看"
)
_LABEL: Final = re.compile(
    f"(?=[{_LABEL_STARTS}])(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _LABELS.items())
    + r")(?:\s?(?P<colon>[:：丨|｜/／])\s?|(?P<blank>\s|(?=[\d(（【\[@]))"
    r"|(?P<glued>(?=[今昨前刚剛半一两兩二〇零大上A-Z]))|$)"
)
# 江岸发布 is an office's account, and a label only where it stands apart; 发布于 and 发布时间 are labels anywhere.
_WHOLE_TIME_LABEL: Final = re.compile(r"(?:[于於在至]|时间|時間|日期)\s?$")
# `2024-05-19 20:00 更新`: what the day was is said after it.
_EDIT_AFTER: Final = re.compile(rf"\s?[(（]?(?:{_EDIT}过?|[Uu]pdated?)(?!时间|時間|日期|于|於|在|[:：一-鿿])")
_POSTED_AFTER: Final = re.compile(
    r"\s?[(（]?(?:发布|發布|發佈|发表|發表|刊登|张贴|張貼)(?!时间|時間|日期|于|於|在|[:：一-鿿])"
)


def even(text: str) -> str:
    """Return `text` with odd colons as colons and labels without the blanks that set their characters apart."""
    text = even_colons(text)
    return _SPACED_LABEL.sub(r"\1\2", text) if "：" in text or ":" in text else text


def labels_in(text: str, date_starts: Collection[int] = ()) -> list[tuple[int, int, str]]:
    """Return (start, end, kind) of every label in `text`; 北京时间 and 时间财经 hold no label, as no colon follows.

    `date_starts` are the places where dates begin: right before one a label of a time needs no colon.
    """
    found = []
    for match in _LABEL.finditer(text):
        kind = _kind(match)
        has_colon = match["colon"] in (":", "：") or (match["colon"] is not None and kind != "other")
        is_apart = match.start() == 0 or text[match.start() - 1] in _BEFORE_LABEL
        is_of_date = kind in ("time", "updated", "event") and _next_word(text, match.end()) in date_starts
        if not has_colon and is_of_date and (is_apart or _WHOLE_TIME_LABEL.search(match[0])):
            found.append((match.start(), match.end(), kind))
            continue
        is_bare = match["glued"] is None and _BARE.fullmatch(match[0].strip(" \n丨|｜/／")) is not None
        if has_colon or (is_apart and is_bare):
            found.append((match.start(), match.end(), kind))
    return found


def begins_label(text: str, place: int) -> bool:
    """Return True if a label begins at `place`."""
    return _LABEL.match(text, place) is not None


def _next_word(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \n\u3000@":
        place += 1
    return place


def _kind(match: re.Match[str]) -> str:
    kind = next(name for name in _LABELS if match[name] is not None)
    if kind == "from" and not match["colon"]:
        return "device"
    return "duty" if kind == "editor" and match[0][0] in "责責" else kind


def kind_after(text: str, end: int) -> str | None:
    """Return "updated" or "time" where the words right after a date that ends at `end` say which it is."""
    if _EDIT_AFTER.match(text, end):
        return "updated"
    return "time" if _POSTED_AFTER.match(text, end) else None
