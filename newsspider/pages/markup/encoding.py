"""Bytes to text as browsers decode them, and more suspicious: a header or a meta element may lie."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, resolve_encoding

from newsspider.text.mojibake import latin_pairs_and_han

SAMPLE_BYTES: Final = 24_000
# A UTF-8 page may hold a cut character or a foreign snippet; a larger share of bad ones is another encoding.
BAD_SHARE: Final = 0.02
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_FALLBACKS: Final = ("gb18030", "big5hkscs", "shift_jis", "euc-kr")
# The commonest characters of running Chinese text, in both scripts: wrong decodings hardly ever hit them.
_COMMON: Final = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为和地也子时要就出会可以对生能过得着那里后自之年发用"
    "這來個國說們為時會對過後發現學經開動長東車業無與從間關，。、：“”「」！？（）年月日时本新公市日"
)
MIN_LATIN_PAIRS: Final = 60
_HIGH: Final = re.compile(r"[^\x00-\x7f]")


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
        high = len(_HIGH.findall(text))
        if text.count("\ufffd") <= BAD_SHARE * high:
            return text, "utf-8"
    best = max(dict.fromkeys([*declared, *_FALLBACKS]), key=lambda name: _plausibility(body, name, declared))
    return body.decode(best, "replace"), best


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
        text = body[:SAMPLE_BYTES].decode(name, "replace")
    except LookupError:
        return -10.0
    high = _HIGH.findall(text)
    if not high:
        return 0.1 * (name in declared)
    common = sum(character in _COMMON for character in high)
    return (common - 3 * high.count("\ufffd")) / len(high) + 0.1 * (name in declared)
