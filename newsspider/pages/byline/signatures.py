"""The authors that the text itself names: in brackets, on lines of their own, in a signature. Strings only."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.byline.labels import even
from newsspider.text.names import looks_like_channel, looks_like_medium, looks_like_person, split_names

_BOTH: Final = re.compile(
    r"\s?(?:摄影(?:报道|报导)|攝影(?:報導|報道)|(?:采写|撰文|文字|撰稿)?(?:并|並|、|/|／)(?:摄影|攝影|摄|攝)|文[/／、]图|文[/／、]圖"
    r"|图[/／、]文|圖[/／、]文|[图圖]文|文[并並][摄攝图圖])(?:报道|报导|報導|報道)?(?=[\s)）】〕\]]|$)"
)
_BOTH_FIRST: Final = re.compile(
    r"[(（【]?(?:[图圖]文|文[/／、]?[图圖]|[图圖][/／、]文|文[并並][摄攝图圖])[\s:：/／|｜丨]{1,3}"
)
_NOT_TEXT_CREDIT: Final = re.compile(r"[摄攝图圖绘繪]|视频|拍|供稿?图|制图|漫画|剪辑|化名|来源|來源")
_INLINE: Final = re.compile(
    r"[(（【\[〔]\s?(?P<names>(?:[㐀-鿿A-Za-z·\-《》]{0,16}(?:记者|記者|采写|撰文|作者|通讯员)|文[/／|]?)\s{0,2}[:：/|｜丨]?\s{0,2}[^()（）【】〔〕\[\]。！？]{2,60})[)）】〕\]]"
)
_BYLINE_LINE: Final = re.compile(
    r"[(（【\[\s□■◎●◆○•▲]{0,2}(?:(?:整合|综合|撰文|文|本文)[\s/\\|丨]{1,20})?(?:[㐀-鿿\dA-Za-z·\-《》]{0,16}(?:记者|記者|作者(?=\s)|撰稿人?(?=\s))"
    r"|(?:文字?|撰文|采写|採寫|报道|報導|報道|报导|作者|记者|文丨|本文作者|供稿|撰稿人?|执笔|執筆|通讯员|通訊員|编译|編譯|整理|[Bb][Yy])\s?[:：/／|｜丨\\])\s{0,3}[:：/／|｜丨\\]?\s{0,2}"
    r"(?P<names>[^。！？!?“”\"《》]{2,60})[)）】\]\s]?"
)
# `文 王晓晴　摄影 黄建昌`: nothing but blanks between labels and names.
_TEXT_AND_PHOTO: Final = re.compile(
    r"(?:撰?文|采写|採寫)\s(?P<names>[㐀-鿿]{2,4}(?:[、\s][㐀-鿿]{2,4}){0,2}?)\s{1,3}(?:[摄攝]影|[图圖摄攝](?=\s)|编辑|編輯|插[图圖畫画])[\s:：/／].{1,40}"
)
_DATELINE: Final = re.compile(
    r"(?:讯|訊|电|電|消息)[\s】）)\]]{0,3}(?:本报|本報|本網|本网|见习|全媒体)?(?:记者|記者)\s{0,2}(?P<names>[㐀-鿿]{2,3}(?:[\s、][㐀-鿿]{2,3}){0,3}?)"
    r"\s{0,2}(?:摄影)?(?:报道|报导|報導|報道|[:：，,])"
)
# `作者：李明（河口大学教授）`
_CALLING: Final = re.compile(r"(?<=[㐀-鿿])\s?[(（][^()（）]{2,30}[)）]\s?\Z")
_END_BYLINE: Final = re.compile(
    r"[。！？”」』\s](?:文[/／]|撰文\s?[:：/]?\s?)(?P<names>[㐀-鿿]{2,4}(?:[\s、][㐀-鿿]{2,4}){0,3})$"
)
_HAN_NAME: Final = re.compile(r"[㐀-鿿]{2,4}")
_PHOTO_ONLY: Final = re.compile(r"[摄攝](?:影)?[)）】]?$|^[(（]?[摄攝图圖]")
_PHOTO_ROLE: Final = re.compile(
    r"[(（【]?(?:[㐀-鿿A-Za-z·]{0,16}(?:记者|記者)\s{0,2}[:：]?|(?:摄影|攝影|图|圖|作者)\s?[:：/／|｜丨])\s{0,2}"
    r"(?P<names>[㐀-鿿·、\s]{2,30}?)\s{0,2}(?:摄|攝|摄影|攝影|摄影报道|攝影報導)?[)）】]?"
)
_SIGNATURE: Final = re.compile(r"[(（](?P<names>[㐀-鿿]{2,3}(?:[\s、,，][㐀-鿿]{2,3}){0,3})[)）]\s?$")


# （陳奕華報導）, 〔記者甲／青石鎮報導〕, （林書豪╱台北電）
_REPORTED: Final = re.compile(
    r"[(（【〔\[][◎●\s]{0,2}(?:[㐀-鿿]{0,10}(?:記者|记者|特派員|特派员|特約|新聞組)\s?)?(?P<names>[㐀-鿿]{2,4}(?:[、,，\s&][㐀-鿿]{2,4}){0,3})"
    r"(?:\s?[／/╱∕]\s?[㐀-鿿、]{0,12}?)?(?:綜合|综合|連線|特稿)?(?:報導|报道|报导|報道|專電|专电|\d{1,2}日[電电]|電|採訪)[)）】〕\]]"
)


def inline_authors(line: str) -> list[str]:
    """Return the reporters that a body line names in brackets: `本报讯（记者 张三）…`, `…（记者 张三、李四）`."""
    line = even(line)
    for found in _REPORTED.finditer(line):
        if found.start() < 60 or found.end() >= len(line) - 3:
            persons = [name for name in split_names(found["names"]) if _is_plausible(name)]
            if any(looks_like_person(name) for name in persons):
                return persons
    if not any(word in line for word in ("记者", "記者", "文/", "文／", "采写", "作者", "通讯员")):
        return []
    for found in _INLINE.finditer(line):
        names = _BOTH.sub("", found["names"])
        if not _NOT_TEXT_CREDIT.search(names) and (found.start() < 60 or found.end() >= len(line) - 3):
            persons = [name for name in split_names(re.sub(r"^文\s?[/／|｜]?\s?", "", names)) if _is_plausible(name)]
            if persons:
                return persons
    if (dateline := _DATELINE.search(line, 0, 60)) and (persons := split_names(dateline["names"])):
        return [name for name in persons if looks_like_person(name)]
    if at_end := _END_BYLINE.search(line[-40:]):
        return [name for name in split_names(at_end["names"]) if looks_like_person(name)]
    return []


def _is_plausible(name: str) -> bool:
    """Return True if `name` may be a person's where a label already says so: rarer surnames and pen names pass."""
    return (2 <= len(name) <= 4 and not looks_like_medium(name)) or "·" in name or name.isascii()


_REPORTER: Final = re.compile(
    r"[◎【（(〔\[\s]{0,4}(?:[㐀-鿿]{1,8}(?:讯|訊|报|報|網|网|社|台|新聞)\s?)?(?:记者|記者|特派員|特约记者"
    r"|實習記者)?\s?(?P<names>[㐀-鿿、]{2,12})[／/]"
    r"[㐀-鿿]{0,12}(?:報導|报道|報道|綜合外電|專電|专电|電|採訪)[】）)〕\]\s]{0,3}"
)


def own_line_authors(line: str) -> list[str]:
    """Return the authors of a body line that is nothing but a byline: `采写：某报记者 甲 乙`, `文/甲 图/乙`."""
    line = even(line)
    if len(line) > 70:
        return []
    if line.startswith(("作者", "本文作者")):
        line = _CALLING.sub("", line)
    if both := _BOTH_FIRST.match(line):
        line = "文/" + line[both.end() :]
    found = _REPORTER.fullmatch(line) or _TEXT_AND_PHOTO.fullmatch(line) or _BYLINE_LINE.fullmatch(line)
    if found is None or (_PHOTO_ONLY.search(line) and "文" not in line):
        return []
    names = [name for name in split_names(found["names"]) if _is_plausible(name)]
    persons = [name for name in names if looks_like_person(name)]
    if persons:
        return [name for name in names if name in persons or len(name) == 4 or "·" in name or name.isascii()]
    if line[:2] in ("报道", "報導", "報道", "报导"):
        return []
    if line.startswith(("记者：", "记者:", "記者：", "記者:")):  # of an interview: 记者：您好
        names = [name for name in names if len(name) == 3 or "·" in name]
    return names if re.search(r"[:：/／|｜丨╱]", line) else []


def own_line_persons(line: str) -> list[str]:
    """Return `own_line_authors` where all are persons by their names: deeper in a text 记者：您好 opens an answer."""
    names = own_line_authors(line) if len(line) <= 40 else []
    return names if all(map(looks_like_person, names)) else []


# 河口青年报 and the like: what stands after the bar is where somebody works.
_PERSON_OF_MEDIUM: Final = re.compile(r"(?P<name>[㐀-鿿]{2,4})\s?[/／|｜]\s?(?P<medium>[㐀-鿿]{3,12})")


def person_of_medium(line: str) -> list[str]:
    """Return the person of a header line `张三/河口青年报`."""
    found = _PERSON_OF_MEDIUM.fullmatch(line.strip())
    if found and looks_like_person(found["name"]) and looks_like_medium(found["medium"]):
        return [found["name"]]
    return []


def bare_byline(line: str) -> list[str]:
    """Return the persons of a line that names them and nothing else: 张三丰, 张三 李四, 黃千容 賴世杰 台中."""
    if not 2 <= len(line) <= 20:
        return []
    tokens = [token for token in re.split(r"[\s、,，]+", line.strip()) if token]
    persons = [token for token in tokens if looks_like_person(token) and not looks_like_channel(token)]
    if not persons or len(tokens) - len(persons) > 1 or not all(map(_HAN_NAME.fullmatch, tokens)):
        return []
    return tokens if "、" in line else persons


def photographers(line: str) -> list[str]:
    """Return the persons of `某社记者 甲 乙 摄`: the authors of a photo story, where the line is marked up as such."""
    if len(line) > 70 or not (found := _PHOTO_ROLE.fullmatch(line)):
        return []
    return [name for name in split_names(found["names"]) if _is_plausible(name)]


def signature(line: str) -> list[str]:
    """Return the persons of a bare signature `…（张三）` at a line's end; words such as （完） are none."""
    found = _SIGNATURE.search(line[-30:])
    if found is None:
        return []
    if _NOT_TEXT_CREDIT.search(found["names"]):
        return []
    names = split_names(found["names"])
    return names if names and all(looks_like_person(name) for name in names) else []
