"""The URL that a script fetches the links of an empty related block from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from newsspider.items import RelatedBlock
from newsspider.pages.assembly.pieces import Piece
from newsspider.pages.document import Document, Line
from newsspider.pages.load_more.script_values import EXPRESSION, PageScripts, inline_scripts
from newsspider.pages.markup.tag import Tag
from newsspider.pages.related.headings import line_heading
from newsspider.pages.related.script_place import script_place
from newsspider.urls import resolve
from newsspider.urls.paging import PAGE, parameters, with_parameter

MAX_CALLS: Final = 60
_ATTRIBUTE: Final = re.compile(
    r"(?:data-)?(?:[\w\-]*-)?(?:url|uri|href|src|api|ajax|load|source|link|path|remote|request|endpoint|include|fetch)\Z|hx-get\Z"
)
_CALL: Final = re.compile(
    r"""(?:\.load|\bfetch|\.get|\.getJSON|\.getScript|\.ajax|\baxios|\.request|\.jsonp|\bopen)\s*\(\s*"""
    r"""(?:["']GET["']\s*,\s*)?(?:\{\s*(?:[\w"']+\s*:\s*["'\w]+\s*,\s*){0,4}["']?url["']?\s*:\s*)?(?=[A-Za-z_$"'`(])""",
    re.IGNORECASE,
)
_DATA: Final = re.compile(r"""\s*,\s*(?:["']?(?:data|params)["']?\s*:\s*)?\{([^{}]{1,300})\}""")
_PAIR: Final = re.compile(r"""["']?([\w\-]{1,40})["']?\s*:\s*("[^"\n]{0,100}"|'[^'\n]{0,100}'|[\w$.()"'\-#]{1,60})""")
_POST: Final = re.compile(r"""(?:type|method)\s*:\s*["']post["']""", re.IGNORECASE)
_ABOUT_RELATED: Final = re.compile(
    r"relat|recomm|xiangguan|tuijian|(?:^|[/_.\-?&])(?:xg|tj)|like[sd]?list|guess|similar|extend", re.IGNORECASE
)
_NOT_LINKS: Final = re.compile(
    r"comment|login|user|count|stat|hits?\b|pv\b|click|share|like\b|vote|weather|captcha|token|collect|track|log\b"
    r"|\.(?:css|js|png|jpe?g|gif|svg|woff2?|mp4)(?:\?|\Z)",
    re.IGNORECASE,
)


def related_pieces(document: Document, blocks: Sequence[RelatedBlock]) -> list[Piece]:
    """Return where the links of the blocks stand that a script fills, as far as the page names it."""
    unread = {block.name for block in blocks if block.unread}
    places = list(_places(document, unread)) if unread else []
    if not places:
        return []
    calls: list[tuple[str, str]] | None = None
    found: dict[str, Piece] = {}
    for name, tag in places:
        url = _in_attribute(document, tag)
        if url is None:
            calls = list(_calls(document)) if calls is None else calls
            url = _in_script(calls, tag, is_only=len(places) == 1)
        if url is not None:
            found.setdefault(name, Piece(url, tag.name, tag.attributes, name))
    return list(found.values())


def _places(document: Document, names: set[str]) -> Iterator[tuple[str, Tag]]:
    for line in document.lines:
        name = line_heading(line) if _may_head(line) else None
        if name in names and name is not None and (tag := script_place(document, line)) is not None:
            yield name, tag


def _may_head(line: Line) -> bool:
    return 0 < len(line.text) <= 40


def _in_attribute(document: Document, tag: Tag) -> str | None:
    for name, value in tag.attributes.items():
        is_named = _ATTRIBUTE.match(name) and value and not _NOT_LINKS.search(value)
        if is_named and (url := resolve(document.base_url, value)):
            return url
    return None


def _in_script(calls: list[tuple[str, str]], tag: Tag, *, is_only: bool) -> str | None:
    """Return the URL of the call whose script names the place; that of another where its URL says what it answers."""
    identity, classes = tag.get("id"), (tag.get("class") or "").split()
    wanted = [rf"[#\"']{re.escape(identity)}\b"] if identity else []
    wanted += [rf"\.{re.escape(name)}\b" for name in classes]
    named = [url for url, around in calls if any(re.search(pattern, around) for pattern in wanted)]
    if named:
        return named[0]
    about = [url for url, _ in calls if _ABOUT_RELATED.search(url)]
    return about[0] if about and is_only else None


def _calls(document: Document) -> Iterator[tuple[str, str]]:
    """Yield (URL, script around the call) of what the page's scripts fetch."""
    inline = inline_scripts(document.root)
    scripts = PageScripts(document.root, inline, document.base_url)
    for index, script in enumerate(inline):
        for count, call in enumerate(_CALL.finditer(script)):
            expression = EXPRESSION.match(script, call.end())
            if count >= MAX_CALLS or expression is None:
                break
            assembled = scripts.assembled(index, expression[0])
            after = script[expression.end() : expression.end() + 400]
            if assembled is None or PAGE in assembled.text or _POST.search(call[0] + after[:160].partition("}")[0]):
                continue
            address = _with_data(scripts, index, assembled.text, after)
            if _NOT_LINKS.search(address) or not re.match(r"(?:https?:)?/|\.{1,2}/|[\w\-]+[/.?]", address):
                continue
            if url := resolve(document.base_url, address):
                yield url, script[max(0, call.start() - 300) : expression.end() + 900]


def _with_data(scripts: PageScripts, index: int, address: str, after: str) -> str:
    """Return the URL with the parameters of its call: `$.getJSON(url, {id: 63})`."""
    found = _DATA.match(after)
    for name, raw in _PAIR.findall(found[1]) if found else ():
        value = scripts.assembled(index, raw)
        if value is not None and PAGE not in value.text and name not in parameters(address):
            address = with_parameter(address, name, value.text)
    return address
