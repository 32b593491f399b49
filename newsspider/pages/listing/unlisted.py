"""Why a listing shows no articles though its readers may see some."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.client_redirects import frame_urls
from newsspider.pages.document import Document
from newsspider.urls import registered_domain

MAX_SCANNED: Final = 100_000
_CONTENT_FRAME: Final = re.compile(r"list|news|roll|article|info|column|channel|wz|xw|zx", re.IGNORECASE)
_FETCH: Final = re.compile(
    r"\$\.(?:ajax|get|post|getJSON)\s*\(|\bfetch\s*\(|\baxios\b|XMLHttpRequest|\.load\s*\(\s*[\"']|new\s+Vue\b|createApp"
)
_EMPTY_PLACE: Final = re.compile(
    r"<(ul|ol|div|tbody|section)\b[^>]*\b(?:id|class)\s*=\s*[\"']?[^>\"']*(?:list|news|content|main|data|app|feed|wrap)[^>]*>"
    r"\s*(?:(?:正在|努力)?(?:加载|加載|载入)[^<]{0,12}|loading[^<]{0,6})?\s*</\1>",
    re.IGNORECASE,
)


def unlisted_reason(document: Document) -> str | None:
    """Return where the rows of a page without articles are, or what stands before them; None where nothing tells."""
    if any(tag.get("type", "").lower() == "password" for tag in document.root.iter("input")):
        return "a login stands before it"
    site = registered_domain(document.url)
    for url in frame_urls(document):
        other = registered_domain(url)
        if other != site and _CONTENT_FRAME.search(url):
            return f"its rows stand in a frame of {other}"
    scripts = "\n".join(script.text for script in document.source.scripts)[:MAX_SCANNED]
    has_file = any(script.get("src") for script in document.root.iter("script"))
    if (has_file or _FETCH.search(scripts)) and _EMPTY_PLACE.search(document.source.text[:MAX_SCANNED]):
        return "a script fetches its rows in a way that is not understood"
    return None
