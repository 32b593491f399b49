"""Bytes to text as browsers decode them, and more suspicious: a header or a meta element may lie."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

import numpy as np
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, resolve_encoding

from newsspider.text.mojibake import latin_pairs_and_han

SAMPLE_BYTES: Final = 24_000
# A UTF-8 page may hold a cut character or a foreign snippet; a larger share of bad ones is another encoding.
BAD_SHARE: Final = 0.02
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_FALLBACKS: Final = ("gb18030", "big5hkscs", "shift_jis", "euc-kr")
# The commonest characters of running Chinese text, in both scripts: wrong decodings hardly ever hit them.
_COMMON_CHARACTERS: Final = (
    "的一是不了在人有我他这中大来上个国到说们为和地也子时要就出会可以对生能过得着那里后自之年发用"
    "這來個國說們為時會對過後發現學經開動長東車業無與從間關，。、：“”「」！？（）年月日时本新公市日"
)
_IS_COMMON: Final = np.zeros(0x10000, np.bool_)
_IS_COMMON[list(map(ord, _COMMON_CHARACTERS))] = True
# A declared encoding in which so many of the characters are common ones is right: in a wrong one hardly any are.
SURE_SHARE: Final = 0.3
DECLARED_BONUS: Final = 0.1
MIN_LATIN_PAIRS: Final = 60
# Codes of the Encoding Standard's Big5 that Python's big5hkscs lacks, with their characters: two runs, and others.
_BIG5_RUN: Final = (
    "㡵𡵓𣚞𦀡㻬𥣞㫵竼龗𤅡𨤍𣇪𠪊𣉞䌊蒄龖鐯䤰蘓墖靊鈘秐稲晠権袝瑌篅枂稬剏遆"
    "㓦珄𥶹瓆鿇垳䤯呌䄱𣚎堘穲𧭥讏䚮𦺈䆁𥶙箮𢒼鿈𢓁𢓉𢓌鿉蔄𣖻䂴鿊䓡𪷿拁灮鿋"
)
_BIG5_CODES: Final = (*range(0x877A, 0x877F), *range(0x87A1, 0x87E0))
_BIG5_OTHERS: Final = (
    "8e69箸 8e6f簆 8e7e糎 8eab緒 8eb4縝 8ecd者 8ed0耨 8f57菁 8f69蒨 8f6e萏 8fcb覦 8fcc覩 8ffe起 906d都 907a銹 90dc靜 "
    "90f1響 91bf鼖 9244蔃 92af兙 92b0兛 92b1兝 92b2兞 92c8鍮 92d1瑹 9447浧 94ca禛 95d9邗 9644靝 96ed瀞 96fc嬨 9b76爁 "
    "9b78矗 9b7b纇 9bc6駖 9bde釔 9bec惞 9bf6澶 9c42輶 9c53侻 9c62營 9c68鄄 9c6b鷰 9c77菏 9cbc尐 9cbd秣 9cd0婧 9d57輋 "
    "9d5a筑 9dc4拐 9ea9恢 9eef痹 9efd汊 9f60鬮 9f66鼗 9fcb僭 9fd8弌 a063蠏 a077拎 a0d5瑨 a0df煢 a0e4牐 a3e0␡ a3e1€ "
    "c6cf廴 c6d3无 c6d5癶 c6d7隶 c6de〃 c6df仝 fa5f倩 fa66偽 fabd包 fac5卄 fad5卿 fb48嘅 fbb8婷 fbf3幵 fbf9廐 fc4f彘 "
    "fc6c悤 fcb9撐 fce2晴 fcf1杞 fdb7沜 fdb8渝 fdbb港 fdf1煮 fe52猪 fe6f瑜 feaa瓩 fedd砉"
)
_BIG5_LACKS: Final = {
    **dict(zip(_BIG5_CODES, _BIG5_RUN, strict=True)),
    **{code: chr(0x2400 + code - 0xA3C0) for code in range(0xA3C0, 0xA3E0)},
    **{int(entry[:4], 16): entry[4:] for entry in _BIG5_OTHERS.split()},
}
# What Python's codecs give -> what the standard does. Not told apart: Big5 A241 and A242 come out as ／ and ＼.
_BIG5_DIFFERS: Final = dict(zip("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡", strict=True))
_GB_DIFFERS: Final = dict(zip(
    "\ue5e5\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7"
    "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
    "\u3000\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u1e3f"
    "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb",
    strict=True,
))  # fmt: skip
_DIFFERS: Final = {
    name: (re.compile(f"[{''.join(table)}]"), table)
    for name, table in (("big5hkscs", _BIG5_DIFFERS), ("gb18030", _GB_DIFFERS))
}
_LACKING: Final = "newsspider-lacking"


def _lacking(error: UnicodeError) -> tuple[str, int]:
    """Return what bytes are that a codec does not know, and where to go on, as the Encoding Standard has it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    lead, trail = error.object[error.start], error.object[error.start + 1 : error.start + 2]
    if error.encoding == "gb18030" and lead == 0x80:
        return "€", error.start + 1
    if error.encoding == "big5hkscs" and trail and (found := _BIG5_LACKS.get(lead << 8 | trail[0])):
        return found, error.start + 2
    if lead in (0x80, 0xFF) or (trail and trail[0] < 0x80):
        return "\ufffd", error.start + 1
    return "\ufffd", error.start + 1 + len(trail) if error.encoding == "big5hkscs" else error.end


codecs.register_error(_LACKING, _lacking)


def decoded(body: bytes, name: str) -> str:
    """Return bytes as text by a codec of Python's, corrected after the Encoding Standard: Big5 and GB18030 differ."""
    text = body.decode(name, _LACKING)
    if name in _DIFFERS:
        pattern, table = _DIFFERS[name]
        if pattern.search(text):
            text = pattern.sub(lambda found: table[found[0]], text)
    return text


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Return (text, encoding). Never raises: what no encoding explains is decoded with replacement characters.

    gb2312 and gbk are read as gb18030 and big5 with its Hong Kong characters, as the WHATWG Encoding Standard has it.
    Valid UTF-8 is UTF-8 whatever is declared: text in other encodings is hardly ever valid UTF-8 by chance.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace"), name
    if (wide := _wide(body)) is not None:
        return body.decode(wide, "replace"), wide
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return _unmangled(text)
    declared = list(_declared(body, content_type))
    if "utf-8" in declared or not declared:
        text = body.decode("utf-8", "replace")
        high = len(text) - len(text.encode("ascii", "ignore"))
        if text.count("\ufffd") <= BAD_SHARE * high:
            return text, "utf-8"
    best = _likeliest(body, declared)
    return decoded(body, best), best


def _likeliest(body: bytes, declared: list[str]) -> str:
    """Return the encoding in which most characters are common ones; others are tried where what is declared is not."""
    scores: dict[str, float] = {}
    for name in (*declared, *_FALLBACKS):
        if name not in scores:
            scores[name] = _plausibility(body, name, declared)
            if name in declared and scores[name] >= SURE_SHARE + DECLARED_BONUS:
                break
    return max(scores, key=lambda name: scores[name])


def _unmangled(text: str) -> tuple[str, str]:
    """Return, as it was meant, text whose GB bytes were taken for a Western encoding and then written as UTF-8.

    Such text has hundreds of accented letters in pairs and hardly any Han; where the way back fails it stays as it is.
    """
    if "的" in text or "。" in text or text.isascii():
        return text, "utf-8"
    pairs, han = latin_pairs_and_han(text)
    if pairs < MIN_LATIN_PAIRS or 8 * han > pairs:
        return text, "utf-8"
    for western in ("cp1252", "iso-8859-15", "latin-1"):
        try:
            meant = text.encode(western).decode("gb18030")
        except UnicodeError:
            continue
        return meant, f"gb18030 as {western}"
    return text, "utf-8"


def _wide(body: bytes) -> str | None:
    """Return which UTF-16 a body without a mark is: every other byte of its markup is NUL."""
    head = body[:200]
    if len(head) < 4 or b"\0" not in head:
        return None
    if head[1::2].count(0) > len(head) * 0.3 and head[0::2].count(0) < len(head) * 0.05:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) * 0.3 and head[1::2].count(0) < len(head) * 0.05:
        return "utf-16-be"
    return None


def _declared(body: bytes, content_type: str | None) -> Iterator[str]:
    """Yield the encodings that the header and the markup name, as Python knows them."""
    header = http_content_type_encoding(content_type) if content_type else None
    for name in (header, html_body_declared_encoding(body[:8192])):
        resolved = resolve_encoding(name) if name else None
        if resolved:
            yield _python_name(resolved)


def _python_name(name: str) -> str:
    if name in ("gbk", "gb2312", "hz", "gb18030"):
        return "gb18030"
    return "big5hkscs" if name == "big5" else name


def _plausibility(body: bytes, name: str, declared: list[str]) -> float:
    """Return the share of common characters less that of undecodable ones; what is declared has a small start."""
    try:
        text = decoded(body[:SAMPLE_BYTES], name)
    except LookupError:
        return -10.0
    codes = np.minimum(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32), 0xFFFF)
    high = int(np.count_nonzero(codes > 0x7F))
    if not high:
        return DECLARED_BONUS * (name in declared)
    common = int(np.count_nonzero(_IS_COMMON[codes]))
    return (common - 3 * text.count("\ufffd")) / high + DECLARED_BONUS * (name in declared)
