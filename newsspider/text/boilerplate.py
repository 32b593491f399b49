"""Boilerplate removal: which rule removes a line, and what remains of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from newsspider.text.boilerplate_rules import (
    EDITOR_LABEL,
    HEAD_LINES,
    MAX_RULED_LINE,
    MAX_SHORT_LINE,
    RULES,
    SOURCE_LABEL,
    TAIL_LINES,
    Rule,
)
from newsspider.text.folding import squeeze
from newsspider.text.names import even_colons

# A trailer glued to the last sentence: bracketed anywhere at the line's end, bare only after a sentence's end.
_GLUED_BRACKET: Final = re.compile(
    rf"\s*[(（\[【](?:{SOURCE_LABEL}|{EDITOR_LABEL}|原标题|原題"
    rf"|原標題)\s{{0,2}}[:：][^()（）\[\]【】]{{0,50}}[)）\]】]\s*(?:\d{{6,8}}\s*)?$"
)
_GLUED_BARE: Final = re.compile(
    rf"(?<=[。！？!?”’…)）])\s{{0,8}}(?:{SOURCE_LABEL}|(?:责任|責任)?(?:编辑|編輯)|责编"
    rf"|責編)\s{{0,2}}[:：]\s{{0,2}}[^\s。！？，,]{{1,30}}\s*$"
)
# （记者 甲 编辑 乙）: a bracket of credits with an editor among them goes as one.
_CREDIT_BRACKET: Final = re.compile(
    rf"\s*[(（\[【][^()（）\[\]【】。！？，]{{0,30}}?(?:{EDITOR_LABEL})[\s:：/|丨]{{1,3}}[^()（）\[\]【】。！？，]{{1,40}}[)）\]】]\s*$"
)
# Credits that go with the editors' of the same block, and stay where they stand alone.
_PRODUCTION_CREDIT: Final = re.compile(
    r"(?:文字|摄影|攝影|图片|圖片|图|圖|视频|影片|摄像|攝像|拍摄|拍攝|航拍|剪辑|剪輯|后期|後期|配音|音频|海报|插画|插圖|漫画|漫畫|动画|供图|供圖|美術|技术|H5)"
    r"(?:记者)?\s?[:：/／|｜丨]\s?[^。！？!?；;，,]{2,40}"
)
LEAST_CREDITS: Final = 3
_BRACKETS: Final = {")": "(", "）": "（", "]": "[", "】": "【"}
_GLUED_MORE: Final = re.compile(r"(?<=[。！？!?”’…)）])\s{0,8}返回[^。，,\s]{1,12}[，,]\s?查看更多\s*$")
# 新京报记者 甲 编辑 乙 校对 丙: the byline stays, the credits after it go.
_GLUED_CREDITS: Final = re.compile(
    r"(?:(?<=\s)|(?<=[)）]))\s{0,3}(?:责任|責任|实习)?(?:编辑|編輯|责编|校对|校對)[\s:：/丨|｜]{1,3}[^\s。，,:：]{1,8}"
    r"(?:[\s/、]{1,3}(?:(?:责任|責任|实习)?(?:编辑|編輯|责编|校对|校對)[\s:：/丨|]{1,3})?[^\s。，,:：]{1,8}){0,5}\s*$"
)
_BYLINE_START: Final = re.compile(r"[【\[(（]?(?:文|图|圖|撰文|采写|作者|记者|[^\s，。,:：]{2,10}记者)[\s/／|:：丨]")
_TRIGGERS: Final = (
    r"[:：|｜丨/页頁篇则則在]|\d{4}|^\d{1,7}$|[图圖][片像)）】\]]|[图圖]$|编辑|編輯|责编|声明|聲明|代表|转载"
    r"|轉載|侵权|侵權|未经|未經|谨慎|据此"
    r"|版[权權]|copyright|©|[扫掃关關]|蓝字|藍字|更多|facebook|Facebook|fb|[Tt]witter|Google|google|粉[丝絲]|下[载載]|打[开開印]|[欢歡]迎|感[谢謝]|全文|原文|详情"
    r"|首页|返回|目[录錄]|列[表印]|分享|收藏|微信|微博"
    r"|朋友圈|[赞踩]|评论|[参檢举]|浏览器|瀏覽器|[☆★※]|評論|發表|标签|標籤|加[载載]|播放|相[关關]|推[荐薦]|延伸|此前|往期|回顾|喜欢|END|end"
    r"|股就看|本文源|往下|[订訂][阅閱][《我]|序列号|跳[过過]|End of|加注|打赏|阅读 \d|[—–=]\s?完|免责"
    r"|TOP|投[资資]|构成|QQ|字[号體体號]|纠错|歷史|"
    r"易信|广告|廣告|推[广廣]|[赞贊]助|^A[Dd]|Advertis|收起|展[开開]|[爆报報]料|[线線]索|生成|提炼|[尽盡]在|[點按]我|不用抽|LINE|用APP|追究|另[请請]|[選选综]自|源网|源[网網]|[返打][回开]|[點点][击擊]|反馈|文完|完[)）】]|[审審]|】|来[自源]|建立|子[报報邮郵]|[Nn]ewsletter|^[订訂][阅閱]$|免[费費][订訂]|[闻聞]信箱|[*=~#_]{5}|^完$|entry\swas|雷人|^鲜花|^握手|^路过|^鸡蛋|轉寄|\]\[|】【"
)
_FIRST: Final = re.compile(r"(?:\A|\|)\^?(\[(?:\\.|[^\]\\])*\]|\\.|.)(?:\[(?:\\.|[^\]\\])*\]|\\.|[^|\[\\])*")
# A look ahead at the first characters spares most places the long list.
_FIRSTS: Final = "".join(first[1:-1] if len(first) > 2 else first for first in _FIRST.findall(_TRIGGERS))
_TRIGGER: Final = re.compile(f"(?=[{_FIRSTS}])(?:{_TRIGGERS})")


def matching_rule(line: str, zones: tuple[str, ...]) -> Rule | None:
    """Return the first rule that takes `line` out when it stands in one of `zones` ("head", "tail")."""
    length = len(line)
    line = even_colons(line)
    if length > (MAX_RULED_LINE if "tail" in zones else MAX_SHORT_LINE) or not _TRIGGER.search(line):
        return None
    for rule in _rules(zones, length):
        if rule.pattern.fullmatch(line):
            return rule
    return None


@lru_cache(maxsize=4 * MAX_RULED_LINE)
def _rules(zones: tuple[str, ...], length: int) -> tuple[Rule, ...]:
    """Return the rules for lines of this length that stand in `zones`."""
    wheres = {"anywhere", *zones, *(("ends",) if zones else ())}
    return tuple(rule for rule in RULES if rule.where in wheres and length <= rule.max_length)


def glued_trailer(line: str) -> tuple[str, str] | None:
    """Return (rule id, the line without its trailer) where a source or editor trailer is glued to the line's end."""
    tail = line[-70:]
    if tail.endswith("更多") and (found := _GLUED_MORE.search(line, max(0, len(line) - 90))):
        return "more-link", line[: found.start()].rstrip()
    if "编" not in tail and "編" not in tail and "源" not in tail and "自" not in tail and "处" not in tail:
        return None
    for pattern in (_GLUED_BRACKET, _GLUED_BARE):
        if found := pattern.search(line, max(0, len(line) - 90)):
            rule_id = "source-trailer" if re.search(SOURCE_LABEL, found[0]) else "editor"
            return rule_id, line[: _whole_bracket(line, found.start())].rstrip()
    if found := _CREDIT_BRACKET.search(line, max(0, len(line) - 90)):
        return "editor", line[: found.start()].rstrip()
    if len(line) <= 60 and _BYLINE_START.match(line) and (found := _GLUED_CREDITS.search(line)):
        return "editor", line[: _whole_bracket(line, found.start())].rstrip()
    return None


def _whole_bracket(line: str, cut: int) -> int:
    """Return `cut`, or where the bracket begins that a cut there would leave open."""
    opened: list[tuple[str, int]] = []
    for place, char in enumerate(line[:cut]):
        if char in "(（[【":
            opened.append((char, place))
        elif char in _BRACKETS and opened and opened[-1][0] == _BRACKETS[char]:
            opened.pop()
    return opened[0][1] if opened else cut


def _scan(lines: Sequence[str], order: Sequence[int], zone: str, limit: int) -> dict[int, str]:
    """Return line index -> rule id, going inwards from one end until `limit` lines of text have been kept."""
    taken: dict[int, str] = {}
    kept = 0
    for index in order:
        line = lines[index]
        if not line:
            continue
        if rule := matching_rule(line, (zone,)):
            taken[index] = rule.id
            continue
        kept += 1
        if kept >= limit:
            break
    return taken


def _production_credits(lines: Sequence[str], taken: Mapping[int, str]) -> dict[int, str]:
    """Return the lines such as 摄影：甲 inside a block of credits at the end, one of which is an editor's."""
    found: dict[int, str] = {}
    run: list[int] = []
    for index in [*range(len(lines) - 1, -1, -1), -1]:
        if index >= 0 and not lines[index]:
            continue
        if index >= 0 and (taken.get(index) == "editor" or _PRODUCTION_CREDIT.fullmatch(even_colons(lines[index]))):
            run.append(index)
            continue
        if len(run) >= LEAST_CREDITS and any(taken.get(place) == "editor" for place in run):
            found.update(dict.fromkeys((place for place in run if place not in taken), "editor"))
        if index >= 0 and index not in taken:
            break
        run = []
    return found


def clean_lines(lines: Sequence[str]) -> list[tuple[int, str, str | None]]:
    """Return (line index, rule id, what remains or None for nothing) for each line that is not an article's text."""
    count = len(lines)
    squeezed = [squeeze(line) for line in lines]
    taken = _scan(squeezed, range(count), "head", HEAD_LINES)
    taken.update(_scan(squeezed, range(count - 1, -1, -1), "tail", TAIL_LINES))
    taken.update(_production_credits(squeezed, taken))
    for index, line in enumerate(squeezed):
        if len(line) <= MAX_SHORT_LINE and index not in taken and (rule := matching_rule(line, ())):
            taken[index] = rule.id
    found: list[tuple[int, str, str | None]] = [(index, rule_id, None) for index, rule_id in taken.items()]
    kept = [index for index in range(count) if index not in taken and squeezed[index]]
    for index in kept[-TAIL_LINES:]:
        if cut := glued_trailer(lines[index]):
            found.append((index, cut[0], cut[1] or None))
    return sorted(found, key=lambda row: row[0])
