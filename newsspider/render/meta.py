"""Requests for a rendered page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from newsspider.sites.registry import SiteRegistry


# a slot that is not a host's: pages wait in it for their turn in the browser
RENDER_SLOT = "(render)"


def render_meta(response: Response) -> dict[str, Any]:
    """Return the meta of the request that renders the shell `response`: what RenderHandler takes up, once."""
    once = {"dont_retry": True, "dont_redirect": True}
    return {"render": True, "render_shell": response, "download_slot": RENDER_SLOT, **once}


def renders(settings: BaseSettings, sites: SiteRegistry, url: str) -> bool:
    """Return True if the scripts of the shell at `url` are run: the run asks for it, or the file of its site does."""
    own = sites.value(url, "RENDER")
    if is_rendering(settings):
        return own is None or bool(own)
    return bool(own) and settings.getbool("RENDER_SITES") and not settings.get("REPLAY")


def is_rendering(settings: BaseSettings) -> bool:
    """Return True if a crawl with `settings` runs scripts: never in a replay, not where RENDER is not a boolean."""
    try:
        return settings.getbool("RENDER") and not settings.get("REPLAY")
    except ValueError:
        return False
