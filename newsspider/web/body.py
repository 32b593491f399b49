"""The text of an article as HTML that is safe to show, without pictures until the reader asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape, unescape
from typing import Any, Final
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup

from newsspider.pipelines.clean import ALLOWED_ATTRIBUTES, ALLOWED_TAGS
from newsspider.urls import ip_of, is_public_ip

PICTURE_TAGS: Final = frozenset({"img", "figure", "figcaption"})
HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?")
FIGURE: Final = re.compile(r'<figure[^<>]*>\s*<img src="([^"<>]*)"[^<>]*>\s*</figure>')
REST: Final = re.compile(r"<img[^<>]*>|</?fig[^<>]*>")


def safe_body(article: Mapping[str, Any], *, has_pictures: bool) -> Markup:
    """Return the body of an article; what is stored is sanitized once more, whoever has written it."""
    html = nh3.clean(
        article.get("body_html") or "",
        tags=set(ALLOWED_TAGS) | set(PICTURE_TAGS & set(ALLOWED_TAGS)),
        clean_content_tags={"script", "style", "iframe", "object", "noscript", "template"},
        attributes={name: set(names) for name, names in ALLOWED_ATTRIBUTES.items()},
        url_schemes={"http", "https"},
        strip_comments=True,
        link_rel="noopener noreferrer nofollow",
    )
    if not html.strip() and article.get("text"):
        html = "\n".join(f"<p>{escape(line)}</p>" for line in article["text"].split("\n"))
    captions = {image["url"]: image.get("caption") or "" for image in article.get("images") or ()}
    html = FIGURE.sub(lambda found: _figure(unescape(found[1]), captions) if has_pictures else "", html)
    if not has_pictures:
        html = REST.sub("", html)
    return Markup(html)  # noqa: S704 nh3 has cleaned it


def _figure(url: str, captions: Mapping[str, str]) -> str:
    origin = picture_origin(url)
    if origin is None:
        return ""
    caption = escape(captions.get(url, ""))
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    image = f'<img src="{escape(url)}" alt="{caption}" loading="lazy" referrerpolicy="no-referrer">'
    return f"<figure>{image}{below}</figure>"


def picture_origin(url: str) -> str | None:
    """Return scheme, host and port that a picture is loaded from; None for one that is not on a public host."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii").lower(), parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not HOST.fullmatch(host) or "." not in host:
        return None
    address = ip_of(host)
    if address is not None and not is_public_ip(address):
        return None
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def picture_origins(urls: Iterable[str]) -> tuple[str, ...]:
    """Return the origins of pictures, sorted."""
    return tuple(sorted({origin for url in urls if (origin := picture_origin(url))}))
