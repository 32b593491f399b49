"""The grammar of credit lines: 来源, 作者, 记者, 责任编辑 and 时间, joined or apart, labelled or not. Strings only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from newsspider.pages.byline.labels import even, kind_after, labels_in
from newsspider.text.dates import Published, find_dates, parse_date
from newsspider.text.names import BADGES, clean_name, is_place_or_device, looks_like_medium, split_names

# Who may be given as editor, the least telling first: a proofreader, any editor, the one on duty (责任编辑, 责编).
_EDITORS: Final = ("checker", "editor", "duty")
_TIME_LABELS: Final = ("time", "updated", "event")
_POSTED: Final = re.compile(r"\s?(?:发表|發表|发布|發佈|發布)(?:于|於|在)?(?:\s|$)")
_COUNT: Final = re.compile(
    r"[\d.,万亿千+]{1,12}\s?(?:万|次|人|条|篇|个|℃|°C|[秒楼樓]|分[钟鐘]|[字阅閱評评赞讚])?(?:阅读|浏览|点击|评论|参与|跟贴|赞|观看|围观|热度"
    r"|收藏|转发)?|\W{1,6}"
)
# Offices sign as 供稿 or 来稿: they are no authors.
_OFFICE: Final = re.compile(
    r".(?:部|局|委|办|辦|室|公司|政府|处|處|中心|协会|協會|大队|大隊|支队|支隊|院|学院|大学|系|科|组|組|团委|工会|工會|站|馆|館|校|中学|小学|集团|所)$"
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
_SET_UP: Final = r"(?:张贴|張貼|发表|發表|发布|發布|發佈|发帖|發帖|上传|上傳|撰写|贡献)"
# `本帖由河口客于2005年8月12日…发表`, `由 河口客 发布于 …`, `河口客 发表于 2005-…`, `河口客 發表在 …`
_POSTER: Final = re.compile(
    rf"(?:本?[帖贴貼文]\s?)?由\s?(?P<by>[^\s，。:：由]{{2,16}}?)\s?(?:[于於在]\s?(?=\d{{4}}|\d{{1,2}}[-/月])|{_SET_UP}[于於在]?[\s@]{{0,3}})"
    rf"|^(?P<who>[^\s，。:：|/]{{2,16}})\s(?:{_SET_UP}[于於在]|[於于](?=\s\d{{4}}))\s?",
    re.MULTILINE,
)
# `posted @ 2024-05-09 14:45 河口客 阅读(430)`
_POSTED_AT: Final = re.compile(
    r"^[Pp]osted\s?(?:@|on|at)?\s?(?P<date>\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:\s\d{1,2}:\d{2}(?::\d\d)?)?)\s(?P<name>[^\s(（]{2,20})\s?"
    r"(?=阅读|評論|评论|[(（]|Views|Comments|$)"
)
_MAY_BE_POSTER: Final = re.compile(r"由|[于於在]")
_PLACE_LINE: Final = re.compile(
    r"(?:報導|报道|報道|專電|专电|\d日電|\d日电|整理|攝影|摄影|编译|編譯)$|^(?:https?|www)\b|^(?:HKT|GMT|UTC|CST)$|^(?:北京|香港|台北|臺北)(?:时间|時間)$"
)
# windmill (风车): a member's account and what it is called.
_NICKNAME: Final = re.compile(r"(?<=^[A-Za-z])(?P<rest>[\w.-]{1,20})\s?[(（][^()（）]{0,24}[)）][\s,，]*$")
_COLON: Final = re.compile(r"(?<=.)[:：]")
_BAR: Final = re.compile(r"[|丨｜\n]")
# `作者, 林雅雯`: the label as a screen reader is to read it.
_COMMA_LABEL: Final = re.compile(r"^(作者|记者|記者|来源|來源)[,，] ", re.MULTILINE)
_ADDRESS: Final = re.compile(r"https?://[\x21-\x7e]{1,200}")
# Blanks inside of an English name do not part it: Huaxia Daily.
_PHRASE: Final = re.compile(r"(?<=[a-z.]) (?=[A-Z][a-z])")
_TIED: Final = "\ue000"
_SEPARATORS: Final = re.compile(r"[\s|丨｜•/／╱\\>＞»⋅]{1,6}|(?<=\s)·")
# 公告日期：, 受理时间：: a word before a label, glued to it, is a part of the label.
_OF_LABEL: Final = re.compile(r"(?:^|(?<=[\s|丨｜]))[一-鿿]{1,4}$")
# A day that begins a sentence: 2007年6月29日第十届全国人民代表大会…通过
_PROSE_AFTER: Final = re.compile(r"(?!.{0,6}(?:来源|來源|作者|记者|发布|编辑|星期))[一-鿿]{7}")


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
    is_posted: bool = False
    rest: list[str] = field(default_factory=list)


def read_credits(text: str, reference: datetime) -> Credits:
    """Return what a header or trailer run says. A label's value ends at the next label, date or bar.

    `来源:经济日报时间:2023-08-06 14:25:32` gives 经济日报 and the time; `来源:时间:…` gives no source.
    """
    credits = Credits()
    plain = _plainly_labelled(text)
    credits.is_posted = "发布于" in plain and "发布于" not in text
    text = plain
    dates = [found for found in find_dates(text, reference) if not _is_prose(text, found[1], found[2])]
    starts = {start for start, _, _ in dates}
    marks = sorted([*labels_in(text, starts), *((start, end, "date") for start, end, _ in dates)])
    moments = {start: moment for start, _, moment in dates}
    previous_kind, cursor = "", 0
    for start, end, kind in [*marks, (len(text), len(text), "end")]:
        if start < cursor:
            continue
        value = text[cursor:start]
        if previous_kind in ("", "date") and kind in _TIME_LABELS and (word := _OF_LABEL.search(value)):
            value = value if looks_like_medium(word[0]) else value[: word.start()]
        _take_value(credits, previous_kind, value, reference)
        if kind == "date":
            is_event = previous_kind == "event"
            _take_date(credits, previous_kind if is_event else kind_after(text, end) or previous_kind, moments[start])
        previous_kind, cursor = kind, end
    return credits


def _plainly_labelled(text: str) -> str:
    """Return `text` with the labels that sentences and spellings hide written as such."""
    text = even(text)
    if ", " in text or "， " in text:
        text = _COMMA_LABEL.sub(r"\g<1>：", text)
    if "公众号" in text or "公眾號" in text:
        text = _FROM_ACCOUNT.sub(r"来源：\g<name> ", text)
    if text[:6].lower() == "posted":
        text = _POSTED_AT.sub(r"发布于 \g<date> 作者：\g<name> ", text)
    return _POSTER.sub(_as_label, text) if _MAY_BE_POSTER.search(text) else text


def _as_label(found: re.Match[str]) -> str:
    name = found["by"] or found["who"]
    if labels_in(f"{name}："):
        return found[0]
    return f"{'来源' if looks_like_medium(name) else '作者'}：{name} 发布于 "


def _is_prose(text: str, end: int, moment: Published) -> bool:
    """Return True if a day without a time begins a sentence: it is told of, and not the article's."""
    return moment.precision == "day" and moment.raw.endswith("日") and _PROSE_AFTER.match(text, end) is not None


def _take_date(credits: Credits, label: str, moment: Published) -> None:
    """Keep the first full time; a labelled one before an unlabelled one. Days of events are none of the article."""
    if label == "updated":
        credits.updated = credits.updated or moment
    elif label != "event" and (credits.published is None or (label == "time" and not credits.is_time_labelled)):
        credits.published, credits.is_time_labelled = moment, label == "time"


def _take_value(credits: Credits, label: str, value: str, reference: datetime) -> None:
    if label in ("source", "from", "device"):
        name = clean_name(_first_part(value))
        if name and (
            (label != "source" and is_place_or_device(name)) or (label == "device" and not looks_like_medium(name))
        ):
            return
        credits.has_source_label = True
        credits.source = credits.source or name
        if name:
            credits.rest += loose_words(_first_part(value).partition(name)[2])
    elif label == "original":
        name = clean_name(_first_part(value))
        if name and looks_like_medium(name):
            credits.source = credits.source or name
    elif label == "author":
        beside = [word for part in _BAR.split(value)[1:] for word in loose_words(part)]
        credits.rest += [word for word in beside if looks_like_medium(word)]
        value = _NICKNAME.sub(r"\g<rest>", _COLON.split(_POSTED.split(_first_part(value))[0])[0])
        names = [name for name in split_names(value) or _account(value) if not _OFFICE.search(name)]
        credits.authors.extend(name for name in names if name not in credits.authors)
    elif label == "sender":
        _take_sender(credits, _first_part(value))
    elif label in _EDITORS:
        names, rank = split_names(_first_part(value)), _EDITORS.index(label)
        if names and rank > credits.editor_rank:
            credits.editor, credits.editor_rank = " ".join(names), rank
    elif label in ("time", "updated"):
        if value.strip().isdigit() and (moment := parse_date(value.strip(), reference)):
            _take_date(credits, label, moment)
    elif label in ("", "date"):
        for word in loose_words(value):
            _take_word(credits, word)


def _take_sender(credits: Credits, value: str) -> None:
    name = clean_name(value.strip().partition(" ")[0])
    if name and (_OFFICE.search(name) or looks_like_medium(name)):
        credits.source = credits.source or name
        return
    names = split_names(value) or _account(value)
    credits.is_posted = credits.is_posted or bool(names)
    credits.authors.extend(name for name in names if name not in credits.authors)


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


def is_count(text: str) -> bool:
    """Return True if `text` is a number of readers, comments or characters: 12条评论."""
    return _COUNT.fullmatch(text) is not None


def _account(value: str) -> list[str]:
    name = clean_name(value)
    if not name or name in BADGES:
        return []
    return [name] if 2 <= len(name) <= 20 and not re.search(r"[。，！？]", name) else []


def loose_words(value: str) -> list[str]:
    """Return the unlabelled words of a header that may be a name."""
    words = []
    value = _PHRASE.sub(_TIED, value)
    for word in _SEPARATORS.split(_ADDRESS.sub(" ", value) if "://" in value else value):
        word = word.replace(_TIED, " ").strip("·•・()（）【】〔〕,，.。:：;；-—－_<>《》\u200b")
        if word[:1] == "[" and word[-1:] == "]":
            word = word[1:-1]
        if len(word) >= 2 and word not in BADGES and not _COUNT.fullmatch(word) and clean_name(word):
            words.append(word)
    return words
