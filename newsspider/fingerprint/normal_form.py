"""Normal form of bodies and titles for comparison: one script, one width, one number notation."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from newsspider.text import narrow, simplified
from newsspider.text.boilerplate import clean_lines

HAN_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
HAN_UNITS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_MEASURES: Final = "名人个位次家年月日天岁倍项只辆台起件条套户张场座层间亩吨元米届所批部艘架枚株头对支种级岁成季期"

_BRACKETED: Final = r"(?:[【\[(（][^】\])）\n]{1,40}[】\])）]\s{0,2})"
_DATELINE: Final = re.compile(
    r"\A\s{0,4}" + _BRACKETED + r"?(?:"
    r"[\u4e00-\u9fffa-z]{0,12}?(?:讯|消息)\s{0,2}" + _BRACKETED + r"?(?:记者[\u4e00-\u9fff 、]{2,20}?[\s:])?"
    r"|[\u4e00-\u9fffa-z]{2,12}\d{0,2}[\u4e00-\u9fff]{0,8}\d{1,2}月\d{1,2}日(?:电|讯|消息)\s{0,2}" + _BRACKETED + r"?"
    r"|据[\u4e00-\u9fffa-z]{2,14}(?:报道|消息|获悉)[,:]"
    r")"
)
_DATELINE_REACH: Final = 90
ADVERTISEMENT_LENGTH: Final = 60
_ADVERTISEMENT: Final = re.compile(
    r"点击(?:查看|了解|领取|进入|立即|上方|下方|这里|图片|阅读|关注|订阅)|点此|免费(?:领取|试用|体验|下载)|首课免费|扫码|扫一扫"
    r"|二维码|加微信|微信(?:搜索|号)|公众号|小程序|红包|优惠券|限时(?:优惠|特惠|抢购)|新用户|包邮|\A\W{0,2}(?:广告|推广)\W"
    r"|(?:下载|打开).{0,14}(?:客户端|app)|(?:客户端|app).{0,6}(?:查看|打开|阅读)|投资有风险|投资需谨慎|风险提示|温馨提示"
    r"|侵删|点个在看|点个赞|版权归.{0,20}所有|一对一"
)
DISCLAIMER_LENGTH: Final = 260
_DISCLAIMER: Final = re.compile(
    r"免责(?:声明|条款)|仅代表(?:作者|个人|本人)|不代表.{0,10}(?:观点|立场)|未经.{0,10}(?:授权|许可|同意).{0,10}(?:转载|使用)|请自行核实"
)
FRAME_LINES: Final = 6
FRAME_LENGTH: Final = 45
_SENTENCE_END: Final = re.compile(r"[。!?;…,](?:[\"'”’」』)\]]{0,2})\Z|。")
_NUMERIC_DATE: Final = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_PADDED_DATE: Final = re.compile(r"(?<!\d)0(\d)(?=[月日])")
_SEPARATED: Final = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)")
_SCALED: Final = re.compile(r"(?<![\d.])(\d{1,12}(?:\.\d{1,6})?)(万亿|亿|万|千万|百万)")
_CLOCK: Final = re.compile(r"(?<!\d)(\d{1,2})[:时](\d{2})(?!\d)分?")
_PER_CENT: Final = re.compile(r"百分之([零〇一二两三四五六七八九十百点]{1,8}|\d{1,5}(?:\.\d{1,4})?)")
_HAN_NUMBER: Final = re.compile(
    r"(?<![零〇一二两三四五六七八九十百千万亿几数第])([零〇一二两三四五六七八九十百千]{1,8})(?=[" + _MEASURES + r"])"
)
_SCALES: Final = {"万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万亿": 10**12}
_FOREIGN_DOT: Final = re.compile(r"(?<!\d)\.|\.(?!\d)")
_UNKEPT: Final = re.compile(r"[^0-9a-z.%\u3400-\u9fff\U00020000-\U0003134f]+")
_LETTERS: Final = re.compile(r"[^0-9a-z\u3400-\u9fff\U00020000-\U0003134f]+")
_DIGIT: Final = re.compile(r"\d")


def folded(text: str) -> str:
    """Return `text` in one width, script and case; lines stay lines."""
    return simplified(narrow(text)).lower()


def normal_title(title: str) -> str:
    """Return the letters, digits and Han characters of `title`."""
    return _LETTERS.sub("", folded(title))


def normal_body(text: str) -> str:
    """Return `text` without boilerplate lines and dateline, numbers in one notation, else only letters and Han."""
    lines = [line for line in map(str.strip, folded(text).split("\n")) if line]
    for index, _, remainder in clean_lines(lines):
        lines[index] = remainder or ""
    body = "\n".join(_without_frame([line for line in lines if line and not is_advertisement(line)]))
    head = _DATELINE.match(body[:_DATELINE_REACH])
    if head is not None:
        body = body[head.end() :]
    return _UNKEPT.sub("", _FOREIGN_DOT.sub(" ", normal_numbers(body)))


def is_advertisement(line: str) -> bool:
    """Return True if a folded line asks to click, scan, register or follow, warns of risks or disclaims."""
    if len(line) <= ADVERTISEMENT_LENGTH:
        return _ADVERTISEMENT.search(line) is not None or _DISCLAIMER.search(line) is not None
    return len(line) <= DISCLAIMER_LENGTH and _DISCLAIMER.search(line) is not None


def _without_frame(lines: list[str]) -> list[str]:
    """Return `lines` without the short lines around the prose: sources, credits, titles of other articles.

    Left as they are where that is half of the text or more: then the short lines are the text.
    """
    start, end = 0, len(lines)
    while start < min(end, FRAME_LINES) and _is_frame(lines[start]):
        start += 1
    while end > max(start, len(lines) - FRAME_LINES) and _is_frame(lines[end - 1]):
        end -= 1
    kept = lines[start:end]
    return kept if 2 * sum(map(len, kept)) > sum(map(len, lines)) else lines


def _is_frame(line: str) -> bool:
    return len(line) <= FRAME_LENGTH and not _SENTENCE_END.search(line)


def normal_numbers(text: str) -> str:
    """Return `text` (NFKC, simplified) with numbers in one notation: 1,234 1.2万 百分之五 三名 2024-08-04 14:05."""
    text = _rewritten(_PER_CENT, _per_cent, text, "百分之")
    if _DIGIT.search(text):
        text = _SEPARATED.sub(lambda match: match.group().replace(",", ""), text)
        text = _NUMERIC_DATE.sub(r"\1年\3月\4日", text)
        text = _PADDED_DATE.sub(r"\1", text)
        text = _CLOCK.sub(r"\1点\2分", text)
        text = _SCALED.sub(_scaled, text)
    return _HAN_NUMBER.sub(_han_number, text)


def _rewritten(pattern: re.Pattern[str], change: Callable[[re.Match[str]], str], text: str, sign: str) -> str:
    return pattern.sub(change, text) if sign in text else text


def _scaled(match: re.Match[str]) -> str:
    whole, _, fraction = match.group(1).partition(".")
    scale = _SCALES[match.group(2)]
    fraction = fraction.rstrip("0")
    if 10 ** len(fraction) > scale:
        return match.group()
    return str(int(whole + fraction) * (scale // 10 ** len(fraction)))


def _per_cent(match: re.Match[str]) -> str:
    number = match.group(1)
    if number[0].isdigit():
        return f"{number}%"
    whole, dot, fraction = number.partition("点")
    value = han_value(whole)
    if value is None:
        return match.group()
    return f"{value}{'.' if dot else ''}{''.join(str(HAN_DIGITS.get(digit, '')) for digit in fraction)}%"


def _han_number(match: re.Match[str]) -> str:
    value = han_value(match.group(1))
    return match.group() if value is None else str(value)


def han_value(numeral: str) -> int | None:
    """Return the value of 三, 十二, 二百零五, 二〇二四; None if it is not a numeral."""
    if all(sign in HAN_DIGITS for sign in numeral):
        return int("".join(str(HAN_DIGITS[sign]) for sign in numeral))
    total, digit = 0, None
    for sign in numeral:
        if sign in HAN_DIGITS:
            digit = HAN_DIGITS[sign]
        elif sign in HAN_UNITS:
            total += (1 if digit is None else digit) * HAN_UNITS[sign]
            digit = None
        else:
            return None
    return total + (digit or 0)
