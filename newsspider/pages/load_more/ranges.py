"""Lists that ask by POST for a range of rows: a pager's options name the first and last row, the URL and the fields.

`$("#list").jpage({startrecord: 1, endrecord: 45, perpage: 15, proxyUrl: "/dataproxy.jsp", columnid: 99})` goes on with
`/dataproxy.jsp?startrecord=46&endrecord=90&perpage=15` and the other options in the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from newsspider.pages.load_more.post import FORM, Post
from newsspider.pages.load_more.script_values import inline_scripts
from newsspider.urls import resolve
from newsspider.urls.paging import is_size_name, range_names, range_url, with_parameter

MAX_OPTIONS: Final = 20
MAX_FIELDS: Final = 40
_OPTIONS: Final = re.compile(r"\.\s*\w{1,40}\s*\(\s*\{([^{}]{10,3000})\}")
_OPTION: Final = re.compile(
    r"""(?:\A|,)\s*["']?([A-Za-z_]\w{0,40})["']?\s*:\s*(?:"([^"\n]{0,300})"|'([^'\n]{0,300})'|(-?\d{1,12}|true|false))\s*(?=,|\Z)"""
)
_URL_NAME: Final = re.compile(
    r"(?:proxy|ajax|data|list|api|page|load|post|request|query)?_?(?:url|uri|href|src)\Z", re.I
)
# of the pager's own looks and counts, which its server is not told
_OWN_OPTION: Final = re.compile(r"total|style|theme|width|height|cookie|show|bar|text|class|current", re.I)


def ranged_lists(root: Any, base_url: str) -> Iterator[tuple[str, Post]]:
    """Yield (URL of the next range with the body's fields as parameters, how it is sent) of a page's pagers."""
    for script in inline_scripts(root):
        for number, found in enumerate(_OPTIONS.finditer(script)):
            if number >= MAX_OPTIONS:
                break
            options = {
                name: double or single or bare for name, double, single, bare in _OPTION.findall(found[1])[:MAX_FIELDS]
            }
            if step := _step(options, base_url):
                yield step


def _step(options: dict[str, str], base_url: str) -> tuple[str, Post] | None:
    names = range_names(options)
    href = next((value for name, value in options.items() if _URL_NAME.match(name) and value), None)
    url = resolve(base_url, href) if href else None
    if names is None or url is None:
        return None
    for name, value in options.items():
        if name in names or is_size_name(name):
            url = with_parameter(url, name, value)
    following = range_url(url)
    fields = [
        name
        for name, value in options.items()
        if name not in names and not is_size_name(name) and not _URL_NAME.match(name) and not _OWN_OPTION.search(name)
    ]
    if following is None or not fields:
        return None
    for name in fields:
        following = with_parameter(following, name, options[name])
    return following, Post(FORM, tuple(fields))
