"""Who published an article, who wrote it, and when: found by block, so that a neighbour's name or date never counts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from newsspider.pages.byline.credits import Credits, read_credits
from newsspider.pages.byline.lines import (
    BEHIND,
    BREADCRUMB,
    LOOSE_LENGTH,
    MARKED,
    Header,
    is_tool,
    loose_pieces,
    part_bounds,
    read_header,
    read_trailer,
    trailer_lines,
)
from newsspider.pages.byline.signatures import inline_authors, own_line_authors, photographers, signature
from newsspider.pages.byline.times import header_time, machine_time, time_element, url_day
from newsspider.pages.document import Document, Line
from newsspider.pages.markup.tag import Tag
from newsspider.text import fold
from newsspider.text.dates import Published
from newsspider.text.names import (
    BADGES,
    NO_SOURCE,
    clean_name,
    looks_like_channel,
    looks_like_medium,
    looks_like_person,
    names_a_position,
)
from newsspider.text.zone import BEIJING

_CLASS_SOURCE: Final = re.compile(
    r"source|origin|nick|account|(?:^|[-_ ])from|author|user-?name|wemedia|media-?(?:name|user)|publisher"
    r"|laiyuan|mp-?name"
    r"|js_name",
    re.IGNORECASE,
)
_ROLE_LINE: Final = re.compile(r"[㐀-鿿A-Za-z·\s]{0,12}(?:记者|記者|撰稿人|特派员|特派員|评论员|評論員|通讯员)")
# What stands beside a name: its holder's trade, merits and followers.
_CLASS_BADGE: Final = re.compile(r"badge|desc|intro|signature|verif|level|fans|follow|slogan", re.IGNORECASE)
# Elements called no more than a name: one only beside the date.
_CLASS_NAME: Final = re.compile(r"(?:^|[-_ ])(?:nick|user)?-?name(?:$|[-_ ])", re.IGNORECASE)
_CLASS_AUTHOR: Final = re.compile(r"author|writer|reporter|zuozhe|byline", re.IGNORECASE)
_CLASS_AUTHOR_NAME: Final = re.compile(r"author\w{0,12}?[-_]{0,2}name", re.IGNORECASE)
_AROUND_TOOLS: Final = " -+·•|/"
_CHANNEL_PAGE: Final = re.compile(
    r"/(?:channels?|columns?|category|categories|cat|tags?|topics?|lanmu|zhuanlan)[/_-]", re.IGNORECASE
)
_ACCOUNT_PAGE: Final = re.compile(
    r"(?://|\.)(?:author|mp|space|user|media|account)s?\.|/(?:u|user|users|space|account|author|media|mp|home|people|profile|member)s?(?:[/?_-]|\d)"
    r"|[?&](?:uid|mid|author_?id|user_?id|media_?id|app_id|mp_?id)=",
    re.IGNORECASE,
)
_META_SOURCE: Final = (
    "source",
    "article:source",
    "og:article:source",
    "mediaid",
    "contentsource",
    "sourcename",
    "copyfrom",
)
_META_AUTHOR: Final = ("author", "article:author", "og:article:author", "parsely-author", "byl", "dc.creator")


@dataclass(slots=True)
class Byline:
    """What the page says of an article's origin. `methods` names the place of each field: header, trailer, meta, ...

    `candidates` lists (field, value, method) of all that was seen, best first, for explanation.
    """

    source: str | None = None
    source_url: str | None = None
    source_trailer: str | None = None
    authors: list[str] = field(default_factory=list)
    editor: str | None = None
    published: Published | None = None
    methods: dict[str, str] = field(default_factory=dict)
    candidates: list[tuple[str, str, str]] = field(default_factory=list)

    def note(self, name: str, value: str | None, method: str) -> str | None:
        """Return `value`, noted as a candidate and as the field's method where it is one."""
        if value:
            self.candidates.append((name, value, method))
            self.methods.setdefault(name, method)
        return value


def byline(document: Document, title_line: int | None, body: tuple[int, int] | None) -> Byline:
    """Return source, authors, editor and time of the article with its title and body on these lines (inclusive)."""
    found = Byline()
    header = read_header(document, title_line, body)
    behind = trailer_lines(document, body)
    trailer = read_trailer(document, behind)
    _take_authors(found, document, header, body, trailer)
    _take_source(found, document, header, trailer)
    editor = header.merged.editor
    found.editor = found.note("editor", editor, "header") or found.note("editor", trailer.editor, "trailer")
    _take_time(found, document, header, behind)
    return found


def _site_names(document: Document) -> set[str]:
    names = {document.meta.get(key, "") for key in ("og:site_name", "application-name")}
    names.update(re.split(r"[-_|–—]", document.title_tag or "")[1:])
    return {fold(name) for name in names if name.strip()}


def _take_source(found: Byline, document: Document, header: Header, trailer: Credits) -> None:
    """Choose the source: the header's label, then the trailer's, then an unlabelled name, then the metadata.

    A header that names only the site itself gives way to a trailer that names another.
    """
    labelled = found.note("source", _without_tools(header, header.merged.source), "header")
    found.source_trailer = trailer.source
    candidates = [labelled, trailer.source]
    if trailer.source:
        found.candidates.append(("source", trailer.source, "trailer"))
        if labelled and fold(labelled) != fold(trailer.source) and fold(labelled) in _site_names(document):
            candidates.reverse()
    chosen = next((name for name in candidates if name), None)
    if chosen and chosen is not labelled:
        found.methods["source"] = "trailer"
    if chosen is None:
        chosen = _unlabelled_source(found, document, header) or _metadata_source(found, document)
    found.source = chosen
    others = [name for name in found.authors if fold(name) != fold(chosen or "")]
    if others or not any(looks_like_person(name) for name in found.authors):
        found.authors = others
    if chosen:
        found.source_url = next(
            (
                link.href
                for line in header.lines
                for link in line.links
                if link.text.strip() == chosen and link.href.startswith("http")
            ),
            None,
        )


def _without_tools(header: Header, source: str | None) -> str | None:
    """Return a labelled source cut where its element ends, if a tool or a badge in an element of its own follows."""
    for line in header.lines if source else ():
        start = line.text.find(source or "")
        bounds = part_bounds(line, start, start + len(source or "")) if start >= 0 else []
        for place in bounds[1:-1]:
            rest = line.text[place : bounds[-1]].strip(_AROUND_TOOLS)
            if not rest or rest in BADGES or is_tool(line, rest):
                return clean_name(line.text[start:place])
    return source


def _unlabelled_source(found: Byline, document: Document, header: Header) -> str | None:
    """Return the account or medium whose bare name stands with the header's date, or is marked up as such."""
    dated = {line.index for line, credits in header.after if credits.published}
    scored: list[tuple[int, int, str]] = []
    for line, credits in header.after:
        if BREADCRUMB.search(line.text) and line.index not in dated:
            continue
        near = 2 if line.index in dated else 1 if {line.index - 1, line.index + 1} & dated else 0
        words = [
            word
            for word in loose_pieces(line, credits.rest)
            if len(word) <= LOOSE_LENGTH
            and word not in found.authors
            and word not in NO_SOURCE
            and not names_a_position(word)
            and word not in _filed_under(line)
        ]
        for word in words:
            is_marked = _is_marked(document, line, word, _CLASS_SOURCE) or (
                near > 0 and (_is_marked(document, line, word, _CLASS_NAME) or _leads_to_account(line, word))
            )
            is_medium = looks_like_medium(word)
            if not is_marked and looks_like_channel(word):
                continue
            if is_marked or (near and is_medium) or (near == 2 and len(words) == 1):
                scored.append((2 * near + 3 * is_marked + is_medium, -len(scored), word))
    return found.note("source", max(scored)[2], "account") if scored else None


def _leads_to_account(line: Line, word: str) -> bool:
    """Tell whether a line is a link to an account's page and nothing else; a reporter's page is no account."""
    return (
        line.linked == len(line.text) == len(word)
        and not looks_like_person(word)
        and any(_ACCOUNT_PAGE.search(link.href) for link in line.links)
    )


def _filed_under(line: Line) -> set[str]:
    """Return the texts of a line's links to channels and tags, by their rel or their address: these are no media."""
    return {
        link.text
        for link in line.links
        if (link.rel and {"category", "tag"} & set(link.rel.lower().split())) or _CHANNEL_PAGE.search(link.href)
    }


def _is_marked(document: Document, line: Line, word: str, pattern: re.Pattern[str]) -> bool:
    """Tell whether an element that holds little but `word`, or its parent inside the line, has such a class or id."""
    if len(line.text) <= len(word) + 8 and word in line.text:
        block = document.blocks[line.block]
        around = document.blocks[block.parent] if block.parent >= 0 else block
        if _CLASS_BADGE.search(block.tag.names):
            return False
        if _is_called(block.tag, pattern) or (around.last - around.first <= 1 and _is_called(around.tag, pattern)):
            return True
    return any(
        end - start <= len(word) + 8 and word in line.text[start:end] and _is_called(tag, pattern)
        for start, end, tag in line.marks
    )


def _is_called(tag: Tag, pattern: re.Pattern[str]) -> bool:
    names = tag.names
    return bool(names) and pattern.search(names) is not None and _CLASS_BADGE.search(names) is None


def _metadata_source(found: Byline, document: Document) -> str | None:
    for key in _META_SOURCE:
        if value := document.meta.get(key):
            credits = read_credits(value, document.fetched_at)
            if name := credits.source or clean_name(value):
                return found.note("source", name, f"meta {key}")
    return None


def _take_authors(
    found: Byline, document: Document, header: Header, body: tuple[int, int] | None, trailer: Credits
) -> None:
    """Choose the authors: persons of the header, the body's own byline lines, its brackets, its signature, metadata."""
    header_names = header.merged.authors or _header_line_authors(header)
    persons = [name for name in header_names if looks_like_person(name)]
    by_body, place = _body_authors(document, body)
    for name in persons:
        found.note("authors", name, "header")
    for name in by_body:
        found.note("authors", name, place)
    chosen = persons or by_body
    if not chosen and header_names:
        chosen = [name for name in header_names if found.note("authors", name, "header")]
    if not chosen:
        chosen = [
            name for name in trailer.authors if looks_like_person(name) and found.note("authors", name, "trailer")
        ]
    if not chosen:
        chosen = [name for name in _marked_authors(document, header) if found.note("authors", name, "header")]
    if not chosen and (card := _card_author(document)):
        found.note("authors", card, "card")
        chosen = [card]
    found.authors = list(dict.fromkeys(chosen))


def _card_author(document: Document) -> str | None:
    """Return the one person whom elements beside the article call its author's name; None where there are several."""
    names = {
        line.text
        for line in document.lines
        if 2 <= len(line.text) <= 3  # of hundreds of lines few
        and looks_like_person(line.text)
        and not line.hints & BEHIND
        and _CLASS_AUTHOR_NAME.search(document.blocks[line.block].tag.names)
    }
    return names.pop() if len(names) == 1 else None


def _header_line_authors(header: Header) -> list[str]:
    """Return the authors of a header line that is a byline of its own: `记者甲／台北報導`, or a name above its role."""
    for line in header.lines:
        if names := own_line_authors(line.text):
            return names
    return next(
        (
            [line.text]
            for line, below in pairwise(header.lines[: header.count_after])
            if looks_like_person(line.text) and _ROLE_LINE.fullmatch(below.text)
        ),
        [],
    )


def _body_authors(document: Document, body: tuple[int, int] | None) -> tuple[list[str], str]:
    if body is None:
        return [], ""
    lines = document.lines[body[0] : body[1] + 1]
    behind = list(_behind(document, body))
    edges = [*lines[:4], *lines[-6:], *behind] if len(lines) > 10 else [*lines, *behind]
    for line in edges:
        if names := own_line_authors(line.text):
            return names, "body line"
    for line in [*lines[:4], *lines[-4:]]:
        if names := inline_authors(line.text):
            return names, "inline"
    for line in lines[-3:]:
        if names := signature(line.text):
            return names, "signature"
    for line in [*lines[-2:], *behind]:
        if _CLASS_AUTHOR.search(document.blocks[line.block].tag.names) and (names := photographers(line.text)):
            return names, "signature"
    return [], ""


def _behind(document: Document, body: tuple[int, int]) -> list[Line]:
    found = []
    for line in document.lines[body[1] + 1 : body[1] + 5]:
        if line.hints & BEHIND:
            break
        found.append(line)
    return found


def _marked_authors(document: Document, header: Header) -> list[str]:
    """Return unlabelled names in the header: the one that the metadata declare, persons marked up as authors."""
    declared = {value for key in _META_AUTHOR if (value := document.meta.get(key))}
    if not any(_names_author(document, line, declared) for line in header.lines[: header.count_after]):
        return []
    return [
        word
        for line, credits in header.after
        for word in dict.fromkeys([*credits.rest, *loose_pieces(line, credits.rest)])
        if word in declared or (looks_like_person(word) and _is_marked(document, line, word, _CLASS_AUTHOR))
    ]


def _names_author(document: Document, line: Line, declared: set[str]) -> bool:
    """Tell whether a line may hold an author's bare name: a declared one, or one marked up as such."""
    return (
        any(name in line.text for name in declared)
        or _CLASS_AUTHOR.search(document.blocks[line.block].tag.names) is not None
        or any(_CLASS_AUTHOR.search(tag.names) for _, _, tag in line.marks)
    )


def _take_time(found: Byline, document: Document, header: Header, behind: list[Line]) -> None:
    """Choose the time: shown in the header, shown right behind the text, machine-readable, the address's day."""
    shown, method = header_time(document, header.lines, header.merged)
    if shown is None:
        shown, method = _time_behind(document, behind)
    is_full = shown is not None and re.search(r"\d{4}|[〇零一二三四五六七八九]{4}|民", shown.raw) is not None
    if shown is not None:
        found.candidates.append(("published_at", shown.raw, method))
    if not is_full:
        machine = machine_time(document)
        if machine is not None:
            found.candidates.append(("published_at", machine[0].raw, machine[1]))
            shown, method = machine
    elif shown is not None and shown.precision == "day" and (finer := _finer(document, header, shown)):
        shown, method = finer, f"{method} and machine time"
    if shown is None and (day := url_day(document.url, document.fetched_at)):
        shown, method = day, "url"
    found.published = shown
    if shown is not None:
        found.methods["published_at"] = method


def _finer(document: Document, header: Header, shown: Published) -> Published | None:
    """Return the shown day with the time that the page's machine-readable moment of the same day has."""
    moments = [time_element(line, document.fetched_at) for line in header.lines]
    machine = machine_time(document)
    day = shown.at.astimezone(BEIJING).date()
    for moment in [*moments, machine[0] if machine else None]:
        if moment and moment.precision != "day" and moment.at.astimezone(BEIJING).date() == day:
            return Published(moment.at, shown.raw, moment.precision, moment.tz_assumed)
    return None


def _time_behind(document: Document, lines: list[Line]) -> tuple[Published | None, str]:
    """Return a date that stands behind the text: labelled, or alone on its line or marked up as a date."""
    for line in lines:
        if len(line.text) > 80:
            continue
        credits = read_credits(line.text, document.fetched_at)
        if credits.published is None:
            continue
        is_alone = len(line.text) <= len(credits.published.raw) + 8
        if credits.is_time_labelled or is_alone or line.hints & MARKED:
            return credits.published, "behind the text"
    return None, ""
