"""The invented sites under host names that every library accepts as public."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from benchmarks.invented_sites import Page, Site

GZIP = b"\x1f\x8b"


def public(text: bytes) -> bytes:
    """Return bytes of a site with names that every library takes for names of the internet, without TLS."""
    if text.startswith(GZIP):
        return gzip.compress(public(gzip.decompress(text)), mtime=0)
    return text.replace(b"https://", b"http://").replace(b".example", b".com")


def public_page(page: Page) -> Page:
    headers = {name: public(value.encode()).decode() for name, value in page.headers.items()}
    return Page(public(page.body), page.status, headers)


def made_page(make: Callable[[str], Page], path: str) -> Page:
    return public_page(make(path))


def public_name(name: str) -> str:
    return public(name.encode()).decode()


def public_site(site: Site) -> Site:
    """Return the site under public-looking names, the bare domain redirecting to its www host as sites do."""
    pages = {(public_name(host), path): public_page(page) for (host, path), page in site.pages.items()}
    host = public_name(site.host)
    bare = host.removeprefix("www.")
    if bare != host:
        for known, path in list(pages):
            if known == host:
                headers = {"location": f"http://{host}{path}", "content-type": "text/html"}
                pages.setdefault((bare, path), Page(b"", 301, headers))
    endless = {start: partial(made_page, make) for start, make in site.endless.items()}
    return replace(site, host=host, scheme="http", seeds=[f"http://{host}/"], pages=pages, endless=endless, upgraded=[])
