"""Where a page sends its visitor without an HTTP redirect: a refresh, a script's literal URL, frames."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from newsspider.pages.document import Document
from newsspider.pages.markup.tag import value_of
from newsspider.urls import resolve

LONGEST_DELAY_S: Final = 5.0
# a page that redirects shows its visitor a line or two while he waits
FEW_CHARACTERS: Final = 160
FEW_LINKS: Final = 4
MAX_SCANNED_SCRIPT: Final = 50_000
MOST_FRAMES: Final = 12
# HTML Standard, "shared declarative refresh steps": a time, then an optional "url=" in any case, with quotes or not.
_REFRESH: Final = re.compile(
    r"\s*(?P<delay>\d*\.?\d*)\s*(?:[;,\s]\s*(?:url\s*=\s*)?(?P<url>.*))?$", re.IGNORECASE | re.DOTALL
)
# a literal alone: one that an expression goes on with (`'/a/' + id`) is no URL yet
_LITERAL: Final = r"\s*(?P<quote>['\"`])(?P<url>(?:\\.|(?!(?P=quote))[^\\\n$<>{}])+)(?P=quote)(?!\s*\+)"
_OPENERS: Final = (
    r"\blocation\s*(?:\.\s*href\s*)?=(?!=)",
    r"\blocation\s*\.\s*(?:replace|assign)\s*\(",
    r"\bwindow\s*\.\s*(?:navigate|open)\s*\(",
)
_JUMP: Final = re.compile(f"(?:{'|'.join(_OPENERS)}){_LITERAL}")
_OPENED: Final = re.compile(rf"(?:{'|'.join(_OPENERS)}|^\s*[\w.]{{1,40}}\s*\(){_LITERAL}", re.IGNORECASE)
_RELOAD: Final = re.compile(r"\blocation\s*\.\s*reload\s*\(|\bhistory\s*\.\s*go\s*\(\s*0")
_URL_LIKE: Final = re.compile(
    r"(?:https?:)?//|\.{0,2}/|[\w%\-./]+\.(?:s?html?|aspx?|jsp|php|do)(?:$|[?#])|[\w%\-./]*\?[\w\-]+=", re.IGNORECASE
)
_FRAME: Final = re.compile(r"<i?frame[\s/]", re.IGNORECASE)
_ESCAPED_SLASH: Final = re.compile(r"\\([/'\"`])")


def client_redirect(document: Document) -> str | None:
    """Return the absolute URL that a page without content of its own sends its visitor to, None without one.

    A refresh counts if it comes within 5 seconds, inside `noscript` too; a script's jump if its URL is a literal. No
    script is run. A page that refreshes to itself redirects nowhere.
    """
    own = document.url.partition("#")[0]
    for raw in (*_refreshes(document), *_jumps(document)):
        target = resolve(document.base_url, raw)
        if target and target.partition("#")[0] != own:
            return target if _is_bare(document) else None
    return None


def reloads_itself(document: Document) -> bool:
    """Return True if a page without content of its own loads the same URL again, by a refresh or by a script."""
    if not _is_bare(document):
        return False
    own = document.url.partition("#")[0]
    targets = (resolve(document.base_url, raw) or own for raw in _refreshes(document, or_itself=True))
    if any(target.partition("#")[0] == own for target in targets):
        return True
    return any(_RELOAD.search(code) for code in _scripts(document))


def opened_url(code: str) -> str | None:
    """Return the literal URL that an `onclick` or a `javascript:` href opens: `window.open('/a.html')`, `go("/a")`.

    None where the code names none, or one that is not written as a URL.
    """
    code = code.strip()
    if code[:11].lower() == "javascript:":
        code = code[11:]
    found = _OPENED.search(code[:2000])
    if found is None:
        return None
    url = _ESCAPED_SLASH.sub(r"\1", found["url"]).strip()
    return url if _URL_LIKE.match(url) else None


def href_of(raw: str) -> str | None:
    """Return the `href` of a link's start tag, or the URL that its code opens where the `href` leads nowhere."""
    href = value_of(raw, "href")
    if href is None or not href.startswith(("javascript:", "#")):
        return href
    return opened_url(href) or opened_url(value_of(raw, "onclick") or "") or href


def frame_urls(document: Document) -> list[str]:
    """Return the absolute URLs of a page's frames and iframes, at most 12, without those that show nothing."""
    found: dict[str, None] = {}
    if not _FRAME.search(document.source.text):
        return []
    for element in document.root.iter("frame", "iframe"):
        raw = (element.get("src") or element.get("data-src") or "").strip()
        target = resolve(document.base_url, raw) if raw and not _is_invisible(element) else None
        if target and target.partition("#")[0] != document.url.partition("#")[0]:
            found.setdefault(target)
    return list(found)[:MOST_FRAMES]


def _is_bare(document: Document) -> bool:
    shown = sum(len(line.text) for line in document.lines)
    return shown <= FEW_CHARACTERS and sum(len(line.anchors) for line in document.lines) <= FEW_LINKS


def _refreshes(document: Document, *, or_itself: bool = False) -> Iterator[str]:
    """Yield the URLs of the page's refreshes as written; with `or_itself` "" for one that names none."""
    if not any(word in document.source.text for word in ("refresh", "Refresh", "REFRESH")):
        return
    for element in document.root.iter("meta"):
        if (element.get("http-equiv") or "").strip().lower() == "refresh":
            yield from _target_of(element.get("content") or "", or_itself=or_itself)
    for element in document.root.iter("noscript"):
        # a parser with scripting on keeps its content as text
        for raw in re.findall(r"<meta[^>]+>", element.text or "", re.IGNORECASE):
            content = re.search(r"content\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", raw, re.IGNORECASE)
            if content and re.search(r"http-equiv\s*=\s*['\"]?refresh", raw, re.IGNORECASE):
                yield from _target_of(content[1].strip("\"'"), or_itself=or_itself)


def _target_of(content: str, *, or_itself: bool) -> Iterator[str]:
    found = _REFRESH.match(content)
    if found is None or float(found["delay"] or 0) > LONGEST_DELAY_S:
        return
    url = (found["url"] or "").strip().strip("\"'").strip()
    if url or or_itself:
        yield url


def _jumps(document: Document) -> Iterator[str]:
    for code in _scripts(document):
        for found in _JUMP.finditer(code):
            yield _ESCAPED_SLASH.sub(r"\1", found["url"])


def _scripts(document: Document) -> Iterator[str]:
    for script in document.source.scripts:
        yield script.text[:MAX_SCANNED_SCRIPT]
    body = next(document.source.tags("body"), None)
    if body is not None and (code := body.get("onload")):
        yield code


def _is_invisible(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    sizes = {
        (element.get("width") or "").strip().removesuffix("px"),
        (element.get("height") or "").strip().removesuffix("px"),
    }
    return bool(sizes & {"0", "1"}) or "display:none" in style or "visibility:hidden" in style or "width:0" in style
