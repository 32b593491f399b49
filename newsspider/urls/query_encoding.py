"""Queries in the encoding of their page, as the URL Standard has it: https://url.spec.whatwg.org/#query-state.

A browser writes the path of a link in UTF-8 and its query in the encoding of the page. Servers of pages in GBK or Big5
read the query accordingly.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# (codec, first lead byte) in the order in which they are tried: the encoders of the Encoding Standard, as close as
# Python's codecs come to them
_ENCODERS: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    **dict.fromkeys(("gbk", "gb2312", "gb18030", "cp936"), (("gb18030", 0x81),)),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), (("cp950", 0xA1), ("big5hkscs", 0xA1))),
    **dict.fromkeys(("shift_jis", "cp932"), (("cp932", 0),)),
    **dict.fromkeys(("euc-kr", "euc_kr", "cp949"), (("cp949", 0),)),
    **dict.fromkeys(("euc-jp", "euc_jp"), (("euc_jp", 0),)),
    **dict.fromkeys(("iso-8859-1", "latin-1", "cp1252", "windows-1252"), (("cp1252", 0),)),
}
_GBK_LENGTH: Final = 2
_GBK_EURO: Final = b"\x80"
_LINK: Final = re.compile(
    r"(?P<start>\b(?:href|src|action)\s{0,3}=\s{0,3})(?P<quote>[\"']?)(?P<path>[^\"'<>\s?#]{0,2000}\?)"
    r"(?P<query>[^\"'<>#]{1,2000})",
    re.I,
)
# What any link with more than ASCII in its query holds; few pages do, and this is found faster.
_MAY_CHANGE: Final = re.compile(r"\?[^\"'<>#\x80-\U0010ffff]{0,2000}+[^\x00-\x7f]")
_REFERENCE: Final = re.compile(r"&#(?:x([0-9a-f]{1,6})|(\d{1,7}));", re.I)
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_FULL_GB18030: Final = re.compile(r"charset\s{0,3}=\s{0,3}[\"']?gb18030\b", re.I)
_HEAD_CHARACTERS: Final = 2_000


def with_encoded_queries(markup: str, encoding: str) -> str:
    """Return a page's markup with the queries of its links as a browser sends them; `encoding` is the page's."""
    name = encoding.lower()
    if name not in _ENCODERS or not _MAY_CHANGE.search(markup):
        return markup
    is_gbk = _FULL_GB18030.search(markup[:_HEAD_CHARACTERS]) is None

    def encoded(match: re.Match[str]) -> str:
        query, rest = match["query"], ""
        if not match["quote"]:
            query, blank, rest = re.split(r"(\s|\Z)", query, maxsplit=1)
            rest = blank + rest
        if query.isascii() and "&#" not in query:
            return match[0]
        return f"{match['start']}{match['quote']}{match['path']}{encoded_query(query, name, is_gbk=is_gbk)}{rest}"

    return _LINK.sub(encoded, markup)


def encoded_query(query: str, encoding: str, *, is_gbk: bool = True) -> str:
    """Return `query` with its characters beyond ASCII percent-encoded in `encoding`, what it lacks as `&#1234;`.

    `is_gbk`: of GB18030 only what GBK has. Character references to such characters in `query` are read as these.
    """
    query = _REFERENCE.sub(_referred, query)
    return _BEYOND_ASCII.sub(lambda match: _escaped(match[0], encoding, is_gbk), query)


def _referred(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    return chr(code) if 0x80 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match[0]


@lru_cache(maxsize=4096)
def _escaped(character: str, encoding: str, is_gbk: bool) -> str:
    raw = _bytes_of(character, encoding, is_gbk)
    if raw is None:
        return f"%26%23{ord(character)}%3B"
    return "".join(chr(byte) if 0x3F < byte < 0x7F or 0x30 <= byte <= 0x39 else f"%{byte:02X}" for byte in raw)


def _bytes_of(character: str, encoding: str, is_gbk: bool) -> bytes | None:
    """Return a character's bytes, None where the encoding has none for it."""
    for codec, first_lead in _ENCODERS[encoding]:
        try:
            raw = character.encode(codec)
        except UnicodeEncodeError:
            continue
        if codec == "gb18030" and is_gbk:
            if character == "€":
                return _GBK_EURO
            return raw if len(raw) <= _GBK_LENGTH else None
        if raw[0] >= first_lead:
            return raw
    return None
