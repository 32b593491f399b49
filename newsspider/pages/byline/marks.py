"""What classes and addresses say about a name in a header: a source, an author, an account, a channel."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.document import Document, Line, Link
from newsspider.pages.markup.tag import Tag
from newsspider.text.names import looks_like_medium

SOURCE_CLASS: Final = re.compile(
    r"source|origin|nick|account|(?:^|[-_ ])from|author|user-?(?:name|link)|wemedia|media-?(?:name|user)"
    r"|publisher|laiyuan"
    r"|mp-?name|js_name",
    re.IGNORECASE,
)
AUTHOR_CLASS: Final = re.compile(r"author|writer|reporter|zuozhe|by-?\s?line|vcard|h-card", re.IGNORECASE)
# Elements called no more than a name: one only beside the date.
NAME_CLASS: Final = re.compile(r"(?:^|[-_ ])(?:nick|user)?-?name(?:$|[-_ ])", re.IGNORECASE)
# What stands beside a name: its holder's trade, merits and followers, the time that reading takes.
_BADGE_CLASS: Final = re.compile(
    r"badge|desc|intro|signature|verif|authen|certif|level|fans|follow|slogan|read(?:ing)?-?time(?!.*author\b)",
    re.IGNORECASE,
)
_CHANNEL_CLASS: Final = re.compile(
    r"categor|catalog|channel|column|crumb|lanmu|pindao|section|topic|(?:^|[-_ ])(?:cat|tags?|node|board)(?:$|[-_ ])",
    re.IGNORECASE,
)
_CHANNEL_PAGE: Final = re.compile(
    r"/(?:channels?|columns?|category|categories|cat|tags?|topics?|lanmu|zhuanlan|node|forum|board|list)s?[/_-]",
    re.IGNORECASE,
)
_NOWHERE: Final = re.compile(r"\s*(?:#|$|javascript:)", re.IGNORECASE)
_ACCOUNT_PAGE: Final = re.compile(
    r"(?://|\.)(?:author|mp|space|user|media|account)s?\.|(?:^|/)(?:u|user|users|space|account|author|media|mp|home|people|profile|member)s?(?:[/?_-]|\.php|\d)"
    r"|[?&](?:uid|mid|author_?id|user_?id|media_?id|app_id|mp_?id)=|home\.php\?mod=space",
    re.IGNORECASE,
)
# Elements of a name: its own, that of a list's row, the list, the region around it.
_AROUND: Final = 4
# So much longer than a name may be what its element holds.
_MARGIN: Final = 8


def is_account_link(href: str) -> bool:
    """Return True if an address is that of a person's or an account's page."""
    return _ACCOUNT_PAGE.search(href) is not None


def leads_to_account(line: Line, word: str) -> bool:
    """Return True if `word` is the whole text of a link to an account's page."""
    return any(link.text.strip() == word and is_account_link(link.href) for link in line.links)


def filed_under(line: Line) -> set[str]:
    """Return the texts of a line's links to channels and tags and to nowhere: none of them is a medium."""
    found = {link.text.strip() for link in line.links if _is_channel_link(link)}
    called = {line.text[start:end].strip() for start, end, tag in line.marks if is_called(tag, SOURCE_CLASS)}
    found |= {
        link.text.strip() for link in line.links if _NOWHERE.match(link.href) and not looks_like_medium(link.text)
    } - called
    found.update(
        line.text[start:end].strip() for start, end, tag in line.marks if _CHANNEL_CLASS.search(tag.get("class") or "")
    )
    return found


def _is_channel_link(link: Link) -> bool:
    if link.rel and {"category", "tag"} & set(link.rel.lower().split()):
        return True
    return _CHANNEL_PAGE.search(link.href) is not None and not is_account_link(link.href)


def is_marked(document: Document, line: Line, word: str, pattern: re.Pattern[str]) -> bool:
    """Return True if an element that holds little but `word`, or its parent inside the line, has such a class or id."""
    if len(line.text) <= len(word) + _MARGIN and word in line.text:
        block = document.blocks[line.block]
        if _BADGE_CLASS.search(block.tag.names):
            return False
        for _ in range(_AROUND):
            if is_called(block.tag, pattern):
                return True
            block = document.blocks[block.parent] if block.parent >= 0 else block
            if block.last - block.first > 1:
                break
    return any(
        end - start <= len(word) + _MARGIN and word in line.text[start:end] and is_called(tag, pattern)
        for start, end, tag in line.marks
    )


def is_called(tag: Tag, pattern: re.Pattern[str]) -> bool:
    names = tag.names
    if "aria-label=" in tag.raw:
        names = f"{names} {tag.get('aria-label')}"
    return bool(names) and pattern.search(names) is not None and _BADGE_CLASS.search(names) is None
