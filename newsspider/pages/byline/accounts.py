"""Names that stand in a header without a label: a medium or an account is the source, a person the author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from newsspider.pages.byline.credits import Credits
from newsspider.pages.byline.lines import BEHIND, BREADCRUMB, LOOSE_LENGTH, Header, loose_pieces
from newsspider.pages.byline.marks import (
    AUTHOR_CLASS,
    NAME_CLASS,
    SOURCE_CLASS,
    filed_under,
    is_account_link,
    is_called,
    is_marked,
    leads_to_account,
)
from newsspider.pages.document import Document, Hint, Line
from newsspider.text import fold
from newsspider.text.names import (
    BADGES,
    NO_SOURCE,
    is_region,
    is_transliterated,
    looks_like_channel,
    looks_like_medium,
    looks_like_person,
    names_a_position,
)

# Room for a badge beside a date and a name: 原创.
MAX_BESIDE: Final = 6
META_AUTHOR: Final = ("author", "article:author", "og:article:author", "parsely-author", "byl", "dc.creator")
_AUTHOR_NAME_CLASS: Final = re.compile(r"author[\w-]{0,14}?name", re.IGNORECASE)
# Words that forums, weblogs and pages of questions print, and what their software says of itself.
_COMMUNITY_WORDS: Final = re.compile(
    r"[楼樓]主|本[帖贴]|只看(?:该|該|TA|他)|[发發回][帖贴貼](?![区區])|回[复覆復][于於]|[沙沙]发|随笔|博主|部落格"
    r"|(?:文章|主题|主題|帖子|貼文|发帖)[数數]\s?[:：]\s?\d|^[积積]分\s?[:：]?\s?\d"
    r"|写回答|个回答|赞同|人赞了|倒序浏览|[Pp]osted (?:@|by)|[全個]人?站?分類|人氣\s?[(（]"
)
_COMMUNITY_SITE: Final = re.compile(
    r"博客|部落格|[论論][坛壇]|社[区區]|贴吧|blog|\bbbs\b|forum|community|wordpress|discuz|phpwind|typecho|hexo|hugo|jekyll|ghost|halo\b|blogger",
    re.IGNORECASE,
)
# 本文版权归 甲 所有，转载请联系作者: the one who wrote it put it there.
_OWN_WORK: Final = re.compile(r"[版著]权归.{1,160}?所有[，,].{0,12}联系作者")
_AUTHOR_LINK: Final = re.compile(r"rel=\"?[^\">]{0,20}\bauthor\b|href=\"[^\"]{0,80}/author/[^\"/?]{1,60}/?\"")
_WEBLOG: Final = re.compile(r"博客|部落格|空间|blog", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"[、，。,；;：:]")
_NOT_IN_NAMES: Final = re.compile(r"[|｜:：，。]|登[录錄]|注册|註冊|关注")
_DIGITS_ALONE: Final = re.compile(r"[\d:/年月日.\s-]{4,20}")
# What a bar of tools shows beside the date.
_NO_NAME: Final = re.compile(
    r"字[号號体體]|大小|打印|列印|收藏|分享|[评評][论論]|[阅閱][读讀]|[浏瀏][览覽]|[点點][击擊]|[时時][间間]|更新|编辑|編輯|播放|[频頻]道|[栏欄]目|\d年|\d月|\d日"
)
_FRONT_PAGE: Final = re.compile(r"https?://[^/?#]+/?", re.IGNORECASE)
_BRACKETED: Final = r"[\[【(（]\s?{}\s?[\]】)）]"
_TITLE_PARTS: Final = re.compile(r"[-_|–—·@]|::")
_TYPES: Final = "schema.org/"
_COMMUNITY_TYPES: Final = (
    "schema.org/BlogPosting", "schema.org/Blog\"", "schema.org/DiscussionForumPosting", "schema.org/QAPage",
    "schema.org/Question", "schema.org/Answer",
)  # fmt: skip
# Portals on which accounts publish say so beside the account, or offer to follow it.
_SELF_MEDIA: Final = re.compile(
    r"(?:[+＋]\s?)?(?:加?关注|關注|已关注)(?:作者)?|.{0,8}(?:官方|认证)?(?:[账帐]号|自媒体)|(?:[㐀-鿿]{2,4})号|.{0,20}(?:创作者|作者)平台.{0,40}|优质.{0,12}(?:作者|创作者)"
)
_SELF_MEDIA_NOTICE: Final = re.compile(r"(?:创作者|作者|自媒体|作者[平]台).{0,24}(?:上传|发布|观点)")


@dataclass(slots=True)
class Named:
    """An unlabelled name in a header with the evidence for what it is; `near` is 2 in the date's line, 1 beside it."""

    word: str
    line: Line
    near: int
    is_source: bool
    is_author: bool
    is_account: bool
    is_alone: bool

    @property
    def score(self) -> int:
        return 2 * self.near + 3 * self.is_source + looks_like_medium(self.word)


class Accounts:
    """The unlabelled names of one header."""

    def __init__(self, document: Document, header: Header, trailing: list[Line]) -> None:
        self.document = document
        self.header = header
        self.trailing = trailing
        self._named: list[Named] | None = None
        self._declared: set[str] | None = None
        self._is_community: bool | None = None
        self._is_open: bool | None = None

    def source(self, taken: list[str]) -> str | None:
        """Return the medium or account that stands with the date or is marked up as a source; persons are none."""
        found = [
            (name.score, -place, name.word)
            for place, name in enumerate(self._names)
            if name.word not in taken and self._is_source(name)
        ]
        return max(found)[2] if found else None

    def authors(self) -> list[str]:
        """Return the persons and, on a forum's or weblog's page, the poster who are marked up or declared as authors.

        Of an account's page the declared author counts where another name is the account's.
        """
        if not self._may_name_author:
            return []
        found = [name.word for name in self._names if self._is_author(name)]
        if (
            not found
            and self._is_self_media
            and any(name.is_source and name.word not in self.declared for name in self._names)
        ):
            found = [
                name.word for name in self._names if name.word in self.declared and not looks_like_medium(name.word)
            ]
        persons = [word for word in found if looks_like_person(word) or word in self.declared]
        return list(dict.fromkeys(persons or found[:1]))

    def posters(self, names: list[str]) -> list[str]:
        """Return the authors among the names after a text: persons, on a forum's or weblog's page anybody."""
        return [name for name in names if looks_like_person(name) or self.is_community]

    def card_author(self) -> list[str]:
        """Return the one person whom elements beside the article call its author's name; none where there are several.

        On a forum's or weblog's page names of any form count.
        """
        longest = LOOSE_LENGTH if self.is_community else 3  # of hundreds of lines few
        names = {
            line.text
            for line in self.document.lines
            if 2 <= len(line.text) <= longest
            and not line.hints & BEHIND
            and is_called(self.document.blocks[line.block].tag, _AUTHOR_NAME_CLASS)
            and (self.is_community or looks_like_person(line.text))
            and line.text not in BADGES
            and not _NOT_IN_NAMES.search(line.text)
        }
        return list(names) if len(names) == 1 else []

    def linked_author(self) -> list[str]:
        """Return the one person whom links with rel=author, or to an author's page, name; any poster on a weblog."""
        names = {
            line.text[start:end].strip()
            for line in self.document.lines
            if line.anchors and not line.hints & (Hint.COMMENT | Hint.RELATED | Hint.SIDE)
            for raw, start, end in line.anchors
            if "author" in raw and _AUTHOR_LINK.search(raw)
        }
        names = {
            name
            for name in names
            if 2 <= len(name) <= LOOSE_LENGTH
            and name not in NO_SOURCE
            and not looks_like_medium(name)
            and not _NOT_IN_NAMES.search(name)
            and (self.is_community or looks_like_person(name))
        }
        return list(names) if len(names) == 1 else []

    def blog_owner(self) -> list[str]:
        """Return the name that a weblog's page shows by itself and has in its title, before that of the portal."""
        parts = [part.strip() for part in _TITLE_PARTS.split(self.document.title_tag or "")]
        if len(parts) < 3 or not _WEBLOG.search(parts[-1]) or not 2 <= len(parts[-2]) <= LOOSE_LENGTH:
            return []
        name = parts[-2]
        return [name] if any(line.text == name and not line.links for line in self.document.lines) else []

    def _is_source(self, name: Named) -> bool:
        if self._is_author(name) or (looks_like_channel(name.word) and not name.is_source):
            return False
        if name.is_source or (name.is_account and name.near):
            return not self.is_community and not (looks_like_person(name.word) and not self._is_self_media)
        if name.near and looks_like_medium(name.word) and (len(name.word) > 2 or name.word[-1] in "報报社"):
            return True
        is_apart = name.near == 2 and (name.is_alone or _leads_home(name)) and not self.is_community
        return is_apart and not looks_like_person(name.word) and _NO_NAME.search(name.word) is None

    def _is_author(self, name: Named) -> bool:
        if looks_like_medium(name.word) or (self._is_self_media and not self.is_community):
            return False
        is_marked = name.is_author or name.is_account or name.is_source
        if name.is_author and is_transliterated(name.word):
            return True
        if looks_like_person(name.word):
            return is_marked or name.word in self.declared or self._stands_by_date(name)
        is_declared = name.word in self.declared
        return (is_marked and (self.is_community or is_declared)) or (
            self.is_community and is_declared and name.near == 2
        )

    def _stands_by_date(self, name: Named) -> bool:
        """Return True for a person's full name beside the date, or a name there in brackets."""
        if name.near < 2 or looks_like_channel(name.word):
            return False
        bracketed = re.search(_BRACKETED.format(re.escape(name.word)), name.line.text)
        return bracketed is not None or len(name.word) == 3

    @property
    def _names(self) -> list[Named]:
        if self._named is None:
            self._named = list(self._unlabelled())
        return self._named

    def _unlabelled(self) -> Iterator[Named]:
        document, header = self.document, self.header
        dated = {line.index for line, credits in header.after if credits.published or credits.updated}
        if not dated and header.merged.published:
            dated = {line.index for line, _ in header.after if _DIGITS_ALONE.fullmatch(line.text)}
        for line, credits in header.after:
            if BREADCRUMB.search(line.text) and line.index not in dated:
                continue
            near = 2 if line.index in dated else 1 if {line.index - 1, line.index + 1} & dated else 0
            words = self._words(line, credits.rest)
            for word in words:
                yield Named(
                    word,
                    line,
                    near,
                    is_marked(document, line, word, SOURCE_CLASS)
                    or (near > 0 and is_marked(document, line, word, NAME_CLASS)),
                    is_marked(document, line, word, AUTHOR_CLASS),
                    leads_to_account(line, word),
                    len(words) == 1 and _fills(line, word, credits),
                )

    def _words(self, line: Line, rest: list[str]) -> list[str]:
        channels = filed_under(line)
        return [
            word
            for word in loose_pieces(line, rest)
            if len(word) <= LOOSE_LENGTH
            and word not in NO_SOURCE
            and word not in channels
            and not names_a_position(word)
            and not is_region(word)
            and not _SEVERAL.search(word)
        ]

    @property
    def declared(self) -> set[str]:
        """The names that metadata give as the author's."""
        if self._declared is None:
            self._declared = self._names_in_metadata()
        return self._declared

    def _names_in_metadata(self) -> set[str]:
        found = {value for key in META_AUTHOR if (value := self.document.meta.get(key))}
        for node in self.document.json_ld:
            author = node.get("author")
            for entry in author if isinstance(author, list) else [author]:
                name = entry.get("name") if isinstance(entry, dict) and entry.get("@type") == "Person" else entry
                if isinstance(name, str):
                    found.add(name.strip())
        if "schema.org/Person" in self.document.source.text:
            named = (tag.get("content") for tag in self.document.source.head_tags if tag.get("itemprop") == "name")
            found.update(name.strip() for name in named if name)
        return found

    @property
    def _may_name_author(self) -> bool:
        """False where no unlabelled word can be an author: spares most headers a second reading, line by line."""
        rest = self.header.merged.rest
        if self.is_community or any(looks_like_person(word) or is_transliterated(word) for word in rest):
            return True
        lines = self.header.lines[: self.header.count_after]
        return any(name in line.text for line in lines for name in self.declared) or any(
            is_account_link(link.href) for line in lines for link in line.links
        )

    @property
    def is_community(self) -> bool:
        """True for a page of a forum, a weblog or of questions: its account is an author and no medium."""
        if self._is_community is None:
            self._is_community = self._speaks_of_community()
        return self._is_community

    def _speaks_of_community(self) -> bool:
        document = self.document
        said = [*_TITLE_PARTS.split(document.title_tag or "")[1:]]
        said += [document.meta.get(key, "") for key in ("generator", "og:site_name", "application-name")]
        text = document.source.text
        if "联系作者" in text and _OWN_WORK.search(text):
            return True
        if any(map(_COMMUNITY_SITE.search, said)) or (
            _TYPES in text and any(name in text for name in _COMMUNITY_TYPES)
        ):
            return True
        near = [*self.header.lines, *self.trailing]
        return any(len(line.text) <= 80 and _COMMUNITY_WORDS.search(line.text) for line in near)

    @property
    def _is_self_media(self) -> bool:
        """True where a portal lets accounts publish: a button to follow, 企鹅号, 认证账号, its notice below."""
        if self._is_open is None:
            self._is_open = self._lets_accounts_publish()
        return self._is_open

    def _lets_accounts_publish(self) -> bool:
        for line in self.header.lines:
            pieces = [
                line.text,
                *(link.text for link in line.links),
                *(line.text[start:end] for start, end, _ in line.marks),
            ]
            if any(_SELF_MEDIA.fullmatch(piece.strip()) for piece in pieces if len(piece) <= LOOSE_LENGTH):
                return True
        return any(_SELF_MEDIA_NOTICE.search(line.text) for line in self.trailing)


def _leads_home(name: Named) -> bool:
    """Return True if a name is a link to a site's front page: that site is meant."""
    return any(link.text.strip() == name.word and _FRONT_PAGE.fullmatch(link.href) for link in name.line.links)


def _fills(line: Line, word: str, credits: Credits) -> bool:
    """Return True if a line holds a date, the word, hardly anything else, no link but to a front page."""
    moment = credits.published or credits.updated
    rest = len(line.text) - len(word) - len(moment.raw if moment else "")
    return rest <= MAX_BESIDE and all(_FRONT_PAGE.fullmatch(link.href) for link in line.links if word in link.text)


def same_name(first: str | None, second: str | None) -> bool:
    return fold(first or "") == fold(second or "")
