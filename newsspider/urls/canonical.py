"""Canonical URLs and article keys; resolving links."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import xxhash

from newsspider.urls.hosts import is_public_ip, mirror_host, registered_domain
from newsspider.urls.likelihood import article_likelihood, url_date, url_pattern
from newsspider.urls.parsing import host_of, parse_url

__all__ = [
    "article_key",
    "article_likelihood",
    "canonical_url",
    "is_bare_url",
    "is_mirror_url",
    "is_public_ip",
    "registered_domain",
    "resolve",
    "url_date",
    "url_pattern",
]

KEY_BYTES = 500
BARE_LIKELIHOOD = 0.6
HREF_CHARACTERS = 4000


_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200b\ufeff]+")
# nothing to escape, drop or refuse, as most URLs are
_PLAIN_URL = re.compile(r"https?://(?!https?[:/])[a-z0-9.\-]*[a-z0-9](?::\d+)?/[A-Za-z0-9\-._~:/?!$&*+,=]*(?<!\?)")
_SIMPLE = re.compile(r"[A-Za-z0-9\-._~:/?#@!$&()*+,;=]*")
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|\{%|' ?\+|\" ?\+")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_SAFE = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=|]*")
_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%|]|%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

# Parameters that say where a reader came from, never what is shown.
_TRACKER = re.compile(
    r"(?:spm|scm|from|for|wfr|isappinstalled|_t|_|from_?source|from_?uid|from_?module|fromid|newsfrom|wxfrom"
    r"|sharefrom|shareuid|sharetime|shareid|sharer|sharer_sharetime|sharer_shareid|mpshare|clicktime|enterid|ascene"
    r"|devicetype|ref|refer|referer|referrer|ref_src|ref_url|sudaref|vt|tt_from|tt_medium|nsukey|scene|srcid"
    r"|gclid|fbclid|msclkid|yclid|dclid|igshid|mc_cid|mc_eid|hmsr|hmpl|hmcu|hmkw|hmci|bd[_\-]vid|bd_source|bd_nid"
    r"|_trans_|track_?id|trace_?id|tracelog|click_?id|qz_gdt|gdt_vid|amp|outputtype|phpsessid|jsessionid|session_?id"
    r"|cfid|cftoken|nocache|cachebust|app_platform|app_version|recommend_?id|req_?id|pvid"
    r"|(?:utm_|share_|aspsessionid|pk_|wt\.|ga_).*)\Z"
)
_WECHAT_NOISE = re.compile(r"(?:chksm|pass_ticket|wx_header|key|uin|version|lang|exportkey|subscene)\Z")
_CLOCK_NAME = re.compile(r"(?:t|ts|time|timestamp|r|rnd|rand|random|v)\Z")
_CLOCK_VALUE = re.compile(r"1[3-9]\d{8}(?:\d{3})?\Z|0\.\d+\Z")
_FEED_ORIGIN = re.compile(r"[\w\-]*(?:recommend|relate|hot|list|index|push|share|guess|feed)[\w\-]*\Z", re.I)
_SESSION_NAMES = ("sid", "s", "token")
_SESSION_VALUE = re.compile(r"[0-9a-f]{24,}\Z", re.I)
_SHORT_SESSION_VALUE = re.compile(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{16,23}\Z", re.I)
_PART_PARAMETER = re.compile(r"(?:\w*page\w*|p|pn|pg|part)=\d", re.I)
_ARTICLE_NUMBER = re.compile(r"\d{5,}[^/]*/?\Z")
_JAVA_SESSION = re.compile(r";jsessionid=[^/?]*", re.I)
_PATH_SESSION = re.compile(
    r";jsessionid=[^/?]*|/\((?:[A-Z]\([A-Za-z0-9]+\))+\)(?=/)"
    r"|/(?:sid|sess|session|sessionid|phpsessid)[_\-=](?=[a-z]*\d)[0-9a-z]{8,64}(?=/)",
    re.I,
)
_INDEX_PAGE = re.compile(r"/(?:index|default)\.s?html?\Z", re.I)
_INDEX_LEAF = re.compile(r"/(?:index|default)\.(?:s?html?|php|aspx?|jsp)\Z", re.I)
_AMP_PATH = re.compile(r"^/amp(?=/.)|/amp/?\Z|\.amp(?=\.s?html?\Z|\Z)", re.I)
_MOBILE_PATH = re.compile(r"^/(?:m|wap|mobile|3g|h5)(?=/.)", re.I)


@lru_cache(maxsize=20_000)
def resolve(base: str, href: str) -> str | None:
    """Return the absolute http(s) URL of `href` without its fragment, ready to request.

    None for javascript:, mailto:, data:, a bare fragment, an unrendered template, and what no browser could follow.
    """
    href = href.strip()
    if not href or href[0] == "#" or len(href) > HREF_CHARACTERS:
        return None
    if not _SIMPLE.fullmatch(href):
        href = _CONTROLS.sub("", href)
        if _TEMPLATE.search(href):
            return None
    if href.startswith("///"):  # a path after an empty host; the standard would take its first segment for the host
        href = "/" + href.lstrip("/")
    parsed = parse_url(href, base)
    if parsed is not None and _PLAIN_URL.fullmatch(parsed.href):
        return parsed.href
    if parsed is None or (host := host_of(parsed)) in ("http", "https"):
        return None
    path = _escape(_JAVA_SESSION.sub("", parsed.pathname)) or "/"
    return _join(UrlParts(parsed.protocol, host, parsed.port, path, _escape(parsed.search[1:])))


def canonical_url(url: str) -> str:
    """Return the URL as it is stored: scheme and host folded, trackers, sessions, index page and fragment gone.

    Never raises; what is not an http(s) URL comes back stripped and percent-encoded, otherwise as it was.
    """
    parts = _canonical_parts(url)
    return _join(parts) if parts else _escape(_CONTROLS.sub("", url.strip()))


@lru_cache(maxsize=50_000)
def article_key(url: str) -> str:
    """Return the identity of the article at `url`: ASCII, without scheme, at most 500 bytes, readable.

    http and https, www and mobile hosts, `/m/` and AMP paths, parameter order and a final slash make no difference.
    """
    parts = _canonical_parts(url) or _canonical_parts("http://" + canonical_url(url))
    if parts is None:
        return _shortened(canonical_url(url))
    path = re.sub(r"/{2,}", "/", parts.path)
    path = _INDEX_LEAF.sub("/", _MOBILE_PATH.sub("", _AMP_PATH.sub("", path))).rstrip("/")
    query = "&".join(sorted(parameter for parameter in parts.query.split("&") if parameter))
    port = f":{parts.port}" if parts.port not in ("", "80", "443") else ""
    return _shortened(mirror_host(parts.host) + port + path + (f"?{query}" if query else ""))


def is_bare_url(stated: str, own: str) -> bool:
    """Return True if `stated` is `own` without some parameters and still identifies one article."""
    path, _, query = article_key(stated).partition("?")
    own_path, _, own_query = article_key(own).partition("?")
    kept, pairs = ({pair for pair in text.split("&") if pair} for text in (query, own_query))
    is_less = kept < pairs and not any(_PART_PARAMETER.match(pair) for pair in pairs - kept)
    return path == own_path and is_less and article_likelihood(stated) >= BARE_LIKELIHOOD


def is_mirror_url(first: str, second: str) -> bool:
    """Return True if two URLs of one site differ in their host alone, and name more than a front page."""
    (host, _, path), (other_host, _, other_path) = (article_key(url).partition("/") for url in (first, second))
    return bool(path) and path == other_path and registered_domain(host) == registered_domain(other_host)


class UrlParts(NamedTuple):
    """The parts of an http(s) URL: scheme with its colon, host without brackets, port "" for the default one."""

    scheme: str
    host: str
    port: str
    path: str
    query: str


def _canonical_parts(url: str) -> UrlParts | None:
    parsed = parse_url(_CONTROLS.sub("", url.strip()))
    if parsed is None:
        return None
    path = _PATH_SESSION.sub("", _normal(parsed.pathname)) or "/"
    path = _INDEX_PAGE.sub("/", path)
    query = "&".join(_identity_parameters(_normal(parsed.search[1:]), path))
    return UrlParts(parsed.protocol, host_of(parsed), parsed.port, path, query)


def _join(parts: UrlParts) -> str:
    host = f"[{parts.host}]" if ":" in parts.host else parts.host
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}//{host}{port}{parts.path}{query}"


def _escape(text: str) -> str:
    if _SAFE.fullmatch(text):  # nearly all are, and a search takes ten times as long
        return text
    return _UNSAFE.sub(lambda match: _percent(match[0].encode("utf-8", "surrogatepass")), text)


def _percent(raw: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in raw)


def _normal(text: str) -> str:
    """Return `text` with one way of percent-encoding: unreserved characters plain, hex digits in capitals."""
    text = _escape(text)
    return _ESCAPE.sub(_one_escape, text) if "%" in text else text


def _one_escape(match: re.Match[str]) -> str:
    byte = int(match[0][1:], 16)
    return chr(byte) if byte in _UNRESERVED else match[0].upper()


def _identity_parameters(query: str, path: str) -> list[str]:
    if not query:
        return []
    pairs = [pair.removeprefix("amp;") for pair in query.split("&")]
    is_wechat = any(pair.startswith("__biz=") for pair in pairs)
    is_named = _ARTICLE_NUMBER.search(path) is not None
    return [pair for pair in pairs if pair and not _is_tracker(pair, is_wechat, is_named=is_named)]


def _is_tracker(pair: str, is_wechat: bool, *, is_named: bool) -> bool:
    """Return True if a parameter tells nothing of the page; `is_named`: the path identifies the article by number."""
    name, _, value = pair.partition("=")
    name = name.lower()
    if _TRACKER.match(name):
        return True
    if is_wechat and _WECHAT_NOISE.match(name):
        return True
    if _CLOCK_NAME.match(name) and _CLOCK_VALUE.match(value):
        return True
    if name == "f":
        return _FEED_ORIGIN.match(value) is not None
    is_session = _SESSION_VALUE.match(value) or (is_named and _SHORT_SESSION_VALUE.match(value))
    return name in _SESSION_NAMES and bool(is_session)


def _shortened(key: str) -> str:
    """Return `key`, or its beginning and a hash of the whole where it is too long for an index."""
    if not key.isascii():
        key = _escape(key)
    if len(key) <= KEY_BYTES:
        return key
    head = re.sub(r"%[0-9A-F]?\Z", "", key[: KEY_BYTES - 40])
    return f"{head}~{xxhash.xxh3_128_hexdigest(key.encode())}"
