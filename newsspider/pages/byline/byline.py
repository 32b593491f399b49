"""Who published an article, who wrote it, and when: found by block, so that a neighbour's name or date never counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from newsspider.pages.byline.accounts import Accounts, same_name
from newsspider.pages.byline.credits import Credits, is_count, read_credits
from newsspider.pages.byline.lines import (
    BEHIND,
    Header,
    is_tool,
    part_bounds,
    read_header,
    read_trailer,
    trailer_lines,
)
from newsspider.pages.byline.marks import AUTHOR_CLASS
from newsspider.pages.byline.signatures import (
    bare_byline,
    inline_authors,
    own_line_authors,
    own_line_persons,
    person_of_medium,
    photographers,
    signature,
)
from newsspider.pages.byline.times import published_time
from newsspider.pages.document import Document, Line
from newsspider.pages.markup.lines import part_starts
from newsspider.text import fold
from newsspider.text.dates import Published
from newsspider.text.names import BADGES, clean_name, looks_like_person

_ROLE_LINE: Final = re.compile(r"[㐀-鿿A-Za-z·\s]{0,12}(?:记者|記者|撰稿人|特派员|特派員|评论员|評論員|通讯员)")
# Below a lead and pictures a text's own byline may stand.
LINES_TO_BYLINE: Final = 14
_AROUND_TOOLS: Final = " -+·•|/"
_META_SOURCE: Final = (
    "source", "article:source", "og:article:source", "mediaid", "contentsource", "sourcename", "copyfrom",
)  # fmt: skip
# 皖江日报--2018年09月12日--要闻--…
_ISSUE_OF_PAPER: Final = re.compile(
    r"(?P<name>[一-鿿]{2,10}[报報])(?:数字报|數字報|电子版|电子报|電子報|多媒体版)?\s?[-—–_|｜·]{1,3}\s?(?:\d{4}[-年./]\d{1,2}|第?\s?[A-Z]?\d{1,3}\s?版)"
)


@dataclass(slots=True)
class Byline:
    """What the page says of an article's origin. `methods` names the place of each field: header, trailer, meta, ...

    `candidates` lists (field, value, method) of all that was seen, best first, for explanation; `times` the times.
    """

    source: str | None = None
    source_url: str | None = None
    source_trailer: str | None = None
    authors: list[str] = field(default_factory=list)
    editor: str | None = None
    published: Published | None = None
    is_time_labelled: bool = False
    times: list[tuple[Published, str]] = field(default_factory=list)
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
    trailing = trailer_lines(document, body)
    trailer = read_trailer(document, trailing)
    accounts = Accounts(document, header, trailing)
    _take_authors(found, document, header, body, trailer, accounts)
    _take_source(found, document, header, trailer, accounts)
    editor = header.merged.editor
    found.editor = found.note("editor", editor, "header") or found.note("editor", trailer.editor, "trailer")
    found.published, method, found.times = published_time(document, header, body, trailing)
    found.is_time_labelled = header.merged.is_time_labelled
    found.candidates += [("published_at", moment.raw, place) for moment, place in found.times]
    if found.published is not None:
        found.methods["published_at"] = method
    return found


def _site_names(document: Document) -> set[str]:
    names = {document.meta.get(key, "") for key in ("og:site_name", "application-name")}
    names.update(re.split(r"[-_|–—]", document.title_tag or "")[1:])
    return {fold(name) for name in names if name.strip()}


def _take_source(found: Byline, document: Document, header: Header, trailer: Credits, accounts: Accounts) -> None:
    """Choose the source: the header's label, then the trailer's, then an unlabelled name, then the metadata.

    A header that names only the site itself gives way to a trailer that names another.
    """
    labelled = found.note("source", _without_tools(header, header.merged.source), "header")
    found.source_trailer = trailer.source
    candidates = [labelled, trailer.source]
    if trailer.source:
        found.candidates.append(("source", trailer.source, "trailer"))
        if labelled and not same_name(labelled, trailer.source) and fold(labelled) in _site_names(document):
            candidates.reverse()
    chosen = next((name for name in candidates if name), None)
    if chosen and chosen is not labelled:
        found.methods["source"] = "trailer"
    chosen = chosen or found.note("source", accounts.source(found.authors), "account")
    declared, place = _metadata_source(document)
    chosen = chosen or found.note("source", declared, place)
    if declared and chosen is not declared:
        found.candidates.append(("source", declared, place))
    found.source = chosen
    others = [name for name in found.authors if not same_name(name, chosen)]
    if others or not any(looks_like_person(name) for name in found.authors):
        found.authors = others
    found.source_url = _link_of(header, chosen) if chosen else None


def _link_of(header: Header, name: str) -> str | None:
    links = (link for line in header.lines for link in line.links)
    return next((link.href for link in links if link.text.strip() == name and link.href.startswith("http")), None)


def _without_tools(header: Header, source: str | None) -> str | None:
    """Return a labelled source cut where its element ends, if a tool or a badge in an element of its own follows."""
    for line in header.lines if source else ():
        start = line.text.find(source or "")
        end = start + len(source or "")
        bounds = {*part_bounds(line, start, end), *part_starts(line)} if start >= 0 else set()
        for place in sorted(place for place in bounds if start < place < end):
            rest = line.text[place:end].strip(_AROUND_TOOLS)
            if not rest or rest in BADGES or is_tool(line, rest) or is_count(rest):
                return clean_name(line.text[start:place])
    return source


def _metadata_source(document: Document) -> tuple[str | None, str]:
    """Return (source, its place): what the head's tags call so, else the paper whose issue the title names."""
    for key in _META_SOURCE:
        if value := document.meta.get(key):
            credits = read_credits(value, document.fetched_at)
            if name := credits.source or clean_name(value):
                return name, f"meta {key}"
    issue = _ISSUE_OF_PAPER.match(document.title_tag or "")
    return (issue["name"], "title") if issue else (None, "")


def _take_authors(
    found: Byline,
    document: Document,
    header: Header,
    body: tuple[int, int] | None,
    trailer: Credits,
    accounts: Accounts,
) -> None:
    """Choose the authors: persons of the header, the body's own byline lines, its brackets, its signature, metadata."""
    labelled = header.merged.authors or _header_line_authors(header)
    persons = [name for name in labelled if looks_like_person(name)]
    by_body, place = _body_authors(document, body)
    ways: tuple[Callable[[], tuple[list[str], str]], ...] = (
        lambda: (labelled if persons else [], "header"),
        lambda: (by_body, place),
        lambda: (labelled, "header"),
        lambda: (accounts.authors(), "header, unlabelled"),
        lambda: (accounts.posters(trailer.authors), "trailer"),
        lambda: (accounts.card_author() or accounts.linked_author() or accounts.blog_owner(), "card"),
    )
    chosen, method = next((given for way in ways if (given := way())[0]), ([], ""))
    found.authors = list(dict.fromkeys(chosen))
    known = {method: chosen, "header": labelled, place: by_body} | {method: chosen}
    for seen, names in known.items():
        for name in names:
            found.note("authors", name, seen)
    found.candidates += [("authors", name, "meta author") for name in accounts.declared if name in found.authors]


def _header_line_authors(header: Header) -> list[str]:
    """Return the authors of a header line that is a byline of its own: `记者甲／台北報導`, a name above its role."""
    after = header.lines[: header.count_after]
    for line in header.lines:
        if names := own_line_authors(line.text):
            return names
    for line, below in pairwise(after):
        if looks_like_person(line.text) and _ROLE_LINE.fullmatch(below.text):
            return [line.text]
    return next((names for line in after if (names := person_of_medium(line.text))), [])


def _body_authors(document: Document, body: tuple[int, int] | None) -> tuple[list[str], str]:
    if body is None:
        return [], ""
    lines = document.lines[body[0] : body[1] + 1]
    trailing = list(_lines_after(document, body))
    ways = (
        ([*lines[:4], *lines[-6:], *trailing], own_line_authors, "body line"),
        (lines[4:LINES_TO_BYLINE], own_line_persons, "body line"),
        ([*_first_sentences(lines), *lines[-4:]], inline_authors, "inline"),
        (lines[-3:], signature, "signature"),
        (_around_title(document, body), bare_byline, "bare line"),
        ([line for line in lines[-2:] if " " in line.text], bare_byline, "bare line"),
    )
    for among, read, method in ways:
        for line in among:
            if names := read(line.text):
                return names, method
    for line in [*lines[-2:], *trailing]:
        if AUTHOR_CLASS.search(document.blocks[line.block].tag.names) and (names := photographers(line.text)):
            return names, "signature"
    return [], ""


def _first_sentences(lines: list[Line]) -> list[Line]:
    """Return the first lines of a text and, below captions and calls to use an app, its first sentences."""
    sentences = [line for line in lines[4:LINES_TO_BYLINE] if "。" in line.text or "，" in line.text]
    return [*lines[:4], *sentences[:2]]


def _around_title(document: Document, body: tuple[int, int]) -> list[Line]:
    """Return the short lines before the first sentence, where weblogs and essays print a name and nothing else."""
    found = []
    for line in document.lines[max(0, body[0] - 1) : body[0] + 4]:
        if len(line.text) > 40 or "。" in line.text:
            break
        found.append(line)
    return found


def _lines_after(document: Document, body: tuple[int, int]) -> list[Line]:
    found = []
    for line in document.lines[body[1] + 1 : body[1] + 5]:
        if line.hints & BEHIND:
            break
        found.append(line)
    return found
