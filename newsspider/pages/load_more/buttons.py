"""Load-more URLs of a listing, from attributes of its 加载更多 (load more) element and from its scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from newsspider.pages.load_more.cursors import row_field
from newsspider.pages.load_more.post import Post
from newsspider.pages.load_more.ranges import ranged_lists
from newsspider.pages.load_more.script_urls import NOT_LIST, script_urls
from newsspider.urls import resolve
from newsspider.urls.paging import (
    PAGE,
    is_cursor_name,
    page_number,
    parameters,
    with_page_mark,
    with_page_number,
    with_parameter,
)

MAX_FOUND = 8

_ADDRESS_ATTRIBUTE = re.compile(
    r"data-(?:[\w\-]*-)?(?:url|uri|href|api|ajax|more|next|load|source|action|link|path|request|endpoint)\Z"
    r"|(?:hx-get|url|more-url|api-url|ajax-url)\Z"
)
_IMAGE_ATTRIBUTE = re.compile(r"img|image|src|share|login|avatar|video|qr|weibo|wechat|print|cover|poster|pic")
_MORE_ELEMENT = re.compile(
    r"load|more|next|ajax|list|feed|page|stream|scroll|flow|news|roll|infinite|pull|gengduo|jiazai", re.I
)
_MORE_TEXT = re.compile(r"更多|加载|下一|继续|more|load|next", re.I)
MAX_SCRIPT_CHARACTERS = 400_000
_PAGES_VARIABLE = re.compile(
    r"\b(?:countPage|pageCount|totalPages?|page_count|total_pages?|allPages?|maxPages?|pageTotal)\s*[:=]\s*[\"']?(\d{1,4})\b"
)
_PAGES_ATTRIBUTES = (
    "data-total-page",
    "data-total-pages",
    "data-totalpage",
    "data-page-count",
    "data-pagecount",
    "data-pages",
)
_SHOWN_NAMES = ("page", "p", "pageno", "currentpage", "curpage", "pagenum", "pageindex")
_FURTHER_WORDS = re.compile(r"more|next|btn|button|gengduo|jiazai|更多|下一|继续", re.I)
_MORE_FACTS = ("hasmore", "hasnext", "nomore", "isend")
_CURSOR_NAMES = ("cursor", "lastid", "maxid", "nextcursor", "next", "after", "since", "lasttime")


@dataclass(slots=True)
class LoadMore:
    """A URL that gives more of the list. `kind` is what it seems to answer: json, jsonp or html.

    `url` is the page after what the page shows; `template` has `{page}` for the number, None where a cursor counts.
    `last` is the number of the list's last page, where the page tells. `is_first` where the page itself shows nothing
    of the list: `url` is its beginning, `fallback_url` the page after that, for servers that answer no first page.
    `cursor` is (parameter, name of the row's field that it goes on by), where the page tells.
    `post` says how the step is sent if not by GET: some parameters of `url` are then fields of the body.
    """

    url: str
    kind: str
    template: str | None = None
    is_first: bool = False
    fallback_url: str | None = None
    last: int | None = None
    post: Post | None = None
    cursor: tuple[str, ...] = ()

    def after(self, own: str) -> LoadMore:
        """Return the page after the one at `own`, where that is one of the list's pages itself."""
        if self.template is None:
            return self
        head, _, tail = self.template.partition(PAGE)
        shown = re.fullmatch(rf"{re.escape(head)}(\d{{1,5}}){re.escape(tail)}", own)
        return replace(self, url=f"{head}{int(shown[1]) + 1}{tail}") if shown else self

    @property
    def goes_beyond(self) -> bool:
        """True if the step lies after the last page of its list."""
        return self.template is not None and is_beyond(self.url, self.last)

    def from_the_start(self) -> LoadMore:
        """Return the same list from its first page; as it is where a cursor says how far the page has come."""
        if any(_folded(name) in _CURSOR_NAMES and value for name, value in parameters(self.url).items()):
            return self
        first = self.url
        if page_number(self.url) == 2:
            first = with_page_number(self.url, 1) or self.url
        return replace(self, url=first, is_first=True, fallback_url=self.url if first != self.url else None)


def load_more(root: Any, base_url: str, last: int | None = None) -> list[LoadMore]:
    """Return the load-more URLs named in a page, elements before scripts, at most `MAX_FOUND`.

    `last` is the number of the last page, where the page shows it to readers.
    """
    found: dict[str, LoadMore] = {}
    last = last or last_page(root)
    named = (
        replace(step, post=post)
        for address, number, post in script_urls(root, base_url)
        for step in _steps(address, number, base_url)
    )
    ranged = (LoadMore(url, _kind(url), post=post) for url, post in ranged_lists(root, base_url))
    for step in [*_from_elements(root, base_url), *named, *ranged]:
        step = replace(step.after(base_url), last=last)
        if step.template is None:
            step = replace(step, cursor=row_field(root, step.url) or ())
        if step.url != base_url and not step.goes_beyond:
            found.setdefault(step.url, step)
    return [step for step in found.values() if not any(_is_fuller(other.url, step.url) for other in found.values())][
        :MAX_FOUND
    ]


def _is_fuller(other: str, url: str) -> bool:
    """Return True if `other` is `url` with more parameters: what a script adds to the URL in an attribute."""
    if other.partition("?")[0] != url.partition("?")[0]:
        return False
    return parameters(url).items() < parameters(other).items()


def is_beyond(url: str, last: int | None) -> bool:
    """Return True if the page number in a URL lies after the last page."""
    number = page_number(url)
    return last is not None and number is not None and number > last


def last_page(root: Any) -> int | None:
    """Return the number of pages that an attribute or a script says the page's list has; None where two say so."""
    scripts = (element.text or "" for element in root.iter("script") if not element.get("src"))
    found = {int(number) for text in scripts for number in _PAGES_VARIABLE.findall(text[:MAX_SCRIPT_CHARACTERS])}
    for name in _PAGES_ATTRIBUTES:
        found |= {int(value) for value in root.xpath(f"//@{name}") if value.isdigit()}
    return found.pop() if len(found) == 1 else None


def cursor_facts(root: Any, url: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return what the attributes of a piece of markup say of the page after `url`: facts beside the rows, and the rows.

    Facts are what `url` asks with (`?last_id=` and `data-last-id`) and whether there is more; a row is a `data-id`.
    """
    asked = {_folded(name).removeprefix("next") for name in parameters(url) if is_cursor_name(name)}
    facts: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    wanted = {*asked, *_MORE_FACTS}
    for element in root.iter():
        for name, value in element.attrib.items() if isinstance(element.tag, str) and asked else ():
            if name == "data-id" and value:
                rows.append({"id": value})
            elif name.startswith("data-") and value and _folded(name).removeprefix("next") in wanted:
                facts[name.removeprefix("data-").replace("-", "_")] = value
    return facts, rows or ([{"id": ""}] if facts else [])


def _from_elements(root: Any, base_url: str) -> Iterator[LoadMore]:
    for element in root.iter():
        attributes = element.attrib if isinstance(element.tag, str) else {}
        for name, value in attributes.items():
            if not _ADDRESS_ATTRIBUTE.match(name) or not value or _IMAGE_ATTRIBUTE.search(name):
                continue
            if _is_more_element(element) and not NOT_LIST.search(value):
                steps = _element_steps(element, value.strip(), base_url)
                is_empty = _is_empty_list(element, name)
                yield from (step.from_the_start() if is_empty else step for step in steps)


def _is_more_element(element: Any) -> bool:
    if element.tag == "a" and not _MORE_TEXT.search("".join(element.itertext())[:40]):
        return False
    naming = f"{element.get('class', '')} {element.get('id', '')}"
    return _MORE_ELEMENT.search(naming) is not None or _MORE_TEXT.search("".join(element.itertext())[:40]) is not None


def _is_empty_list(element: Any, attribute: str) -> bool:
    """Return True if the rows of a URL are to be put into this element, which has none yet."""
    naming = f"{element.get('class', '')} {element.get('id', '')} {attribute} {''.join(element.itertext())[:40]}"
    is_further = element.tag in ("a", "button", "input") or _FURTHER_WORDS.search(naming) is not None
    shown = _first_number_of({_folded(name): text for name, text in element.attrib.items()}, _SHOWN_NAMES)
    return not is_further and (shown or 1) <= 1 and element.find(".//a") is None


def _element_steps(element: Any, value: str, base_url: str) -> Iterator[LoadMore]:
    """Yield the step of an element's URL, its number and cursor from the attributes beside it."""
    beside = {_folded(name): text for name, text in element.attrib.items() if name.startswith("data-")}
    shown = _first_number_of(beside, _SHOWN_NAMES)
    following = _first_number_of(beside, ("nextpage", "next"))
    number = following if following is not None else (shown or 1) + 1
    cursor = _cursor(element, value)
    if cursor is not None:
        value = with_parameter(value, *cursor)
    elif page_number(value) == 1:
        value = with_page_number(value, max(number, 2)) or value
    elif not (shown is None and following is None) and page_number(value) is None and PAGE not in with_page_mark(value):
        value = with_parameter(value, "page", PAGE).replace("%7Bpage%7D", PAGE)
    yield from _steps(with_page_mark(value), number, base_url)


def _folded(attribute: str) -> str:
    return attribute.removeprefix("data-").replace("-", "").replace("_", "").lower()


def _first_number_of(beside: dict[str, str], names: tuple[str, ...]) -> int | None:
    return next((int(beside[name]) for name in names if beside.get(name, "").isdigit()), None)


def _cursor(element: Any, value: str) -> tuple[str, str] | None:
    """Return (parameter, value) of a cursor that stands beside a URL and not yet in it."""
    for attribute, text in element.attrib.items():
        name = _folded(attribute)
        is_number = name == "next" and text.isdigit()
        if name in _CURSOR_NAMES and text and "/" not in text and not is_number:
            if f"{name}=" in value.lower().replace("_", ""):
                return None
            return attribute.removeprefix("data-").replace("-", "_").removeprefix("next_"), text
    return None


def _steps(address: str, number: int, base_url: str) -> Iterator[LoadMore]:
    if PAGE not in address:
        url = resolve(base_url, address)
        if url:
            yield LoadMore(url, _kind(url))
        return
    url = resolve(base_url, address.replace(PAGE, str(number)))
    marked = resolve(base_url, address.replace(PAGE, "PAGEMARK"))
    if url and marked:
        yield LoadMore(url, _kind(url), marked.replace("PAGEMARK", PAGE))


def _kind(url: str) -> str:
    lowered = url.lower()
    if re.search(r"[?&](?:callback|jsonp|cb|jsoncallback)=", lowered) or ".jsonp" in lowered:
        return "jsonp"
    return "html" if re.search(r"\.s?html?(?:\?|\Z)|[?&](?:format|type|dataType)=html", lowered, re.I) else "json"
