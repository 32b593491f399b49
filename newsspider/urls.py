"""Addresses: resolving links, one key for the many addresses of one article, and what an address alone tells."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit

import idna
import tldextract
import xxhash

KEY_BYTES = 500
HREF_CHARACTERS = 4000

_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200b\ufeff]+")
_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*):", re.I)
_PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_\-]+(?:[./][A-Za-z0-9_\-]+)*[/]?)?(?:\?[A-Za-z0-9_\-=&]+)?\Z")
_PLAIN_URL = re.compile(
    r"https?://[a-z0-9][a-z0-9.\-]*(/(?:[A-Za-z0-9_\-]+(?:[./][A-Za-z0-9_\-]+)*/?)?(?:\?[A-Za-z0-9_\-=&]+)?)\Z"
)
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|\{%|' ?\+|\" ?\+")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
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
_SESSION_VALUE = re.compile(r"[0-9a-f]{24,}\Z", re.I)
_PATH_SESSION = re.compile(
    r";jsessionid=[^/?]*|/\((?:[A-Z]\([A-Za-z0-9]+\))+\)(?=/)"
    r"|/(?:sid|sess|session|sessionid|phpsessid)[_\-=](?=[a-z]*\d)[0-9a-z]{8,64}(?=/)",
    re.I,
)
_INDEX_PAGE = re.compile(r"/(?:index|default)\.s?html?\Z", re.I)
_INDEX_LEAF = re.compile(r"/(?:index|default)\.(?:s?html?|php|aspx?|jsp)\Z", re.I)
_AMP_PATH = re.compile(r"^/amp(?=/.)|/amp/?\Z|\.amp(?=\.s?html?\Z|\Z)", re.I)
_MOBILE_PATH = re.compile(r"^/(?:m|wap|mobile|3g|h5)(?=/.)", re.I)
_MOBILE_LABELS = {"www", "m", "wap", "3g", "4g", "h5", "mobile", "touch", "amp"}


@lru_cache(maxsize=20_000)
def resolve(base: str, href: str) -> str | None:
    """Return the absolute http(s) address of `href` without its fragment, ready to request.

    None for javascript:, mailto:, data:, a bare fragment, an unrendered template, and what no browser could follow.
    """
    href = href.strip()
    if not href or href[0] == "#" or len(href) > HREF_CHARACTERS:
        return None
    if _PLAIN_PATH.match(href):
        origin = _origin(base)
        return origin + href if origin else None
    if _PLAIN_URL.match(href):
        return href
    href = _CONTROLS.sub("", href)
    scheme = _SCHEME.match(href)
    if _TEMPLATE.search(href) or (scheme and scheme[1].lower() not in ("http", "https")):
        return None
    try:
        parts = urlsplit(urljoin(base, href.replace("\\", "/")))
        host, port = _host(parts), parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or host in ("http", "https"):
        return None
    path = _escape(_without_dots(parts.path)) or "/"
    return _join(parts.scheme, host, port, path, _escape(parts.query))


def canonical_url(url: str) -> str:
    """Return the address as it is stored: scheme and host folded, trackers, sessions, index page and fragment gone.

    Never raises; what is not an http(s) address comes back stripped and percent-encoded, otherwise as it was.
    """
    url = _CONTROLS.sub("", url.strip())
    try:
        parts = urlsplit(url.replace("\\", "/"))
        host, port = _host(parts), parts.port
    except ValueError:
        return _escape(url)
    if parts.scheme not in ("http", "https") or not host:
        return _escape(url)
    path = _PATH_SESSION.sub("", _without_dots(_normal(parts.path))) or "/"
    path = _INDEX_PAGE.sub("/", path)
    query = "&".join(_identity_parameters(_normal(parts.query)))
    return _join(parts.scheme, host, port, path, query)


@lru_cache(maxsize=50_000)
def article_key(url: str) -> str:
    """Return the identity of the article at `url`: ASCII, without scheme, at most 500 bytes, readable.

    http and https, www and mobile hosts, `/m/` and AMP paths, parameter order and a final slash make no difference.
    """
    canonical = canonical_url(url)
    if "://" not in canonical[:10]:
        canonical = canonical_url("http://" + canonical)
    try:
        parts = urlsplit(canonical)
        host, port = _host(parts), parts.port
    except ValueError:
        return _shortened(canonical)
    path = re.sub(r"/{2,}", "/", parts.path)
    path = _INDEX_LEAF.sub("/", _MOBILE_PATH.sub("", _AMP_PATH.sub("", path))).rstrip("/")
    query = "&".join(sorted(parameter for parameter in parts.query.split("&") if parameter))
    port_text = f":{port}" if port and port not in (80, 443) else ""
    return _shortened(_twin_host(host) + port_text + path + (f"?{query}" if query else ""))


def registered_domain(url_or_host: str) -> str:
    """Return the domain someone registered (`news.a.com.cn` -> `a.com.cn`), from the bundled suffix list.

    An unknown suffix such as `.example` counts as one label; an IP address or a single label is returned as it is.
    """
    host = url_or_host.strip()
    if "/" in host or ":" in host:
        try:
            host = _host(urlsplit(host if "//" in host else "//" + host))
        except ValueError:
            return ""
    return _registered(host.lower().rstrip("."))


@lru_cache(maxsize=20_000)
def _registered(host: str) -> str:
    if _is_ip(host) or "." not in host:
        return host
    found = _SUFFIXES.extract_str(host, include_psl_private_domains=False)
    if found.domain and found.suffix:
        return f"{found.domain}.{found.suffix}"
    return found.suffix if found.suffix == host else ".".join(host.split(".")[-2:])


def is_public_address(ip: str) -> bool:
    """Return whether an IP address is one of the public internet; False for what is no IP address."""
    try:
        address = ipaddress.ip_address(ip.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_address(str(inner))
    return address.is_global and not address.is_multicast and not address.is_reserved


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _is_ip(host: str) -> bool:
    if not host or not (host[-1].isdigit() or ":" in host):
        return False
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def _origin(base: str) -> str | None:
    try:
        parts = urlsplit(base)
        host, port = _host(parts), parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    return _join(parts.scheme, host, port, "", "")


def _join(scheme: str, host: str, port: int | None, path: str, query: str) -> str:
    if port == {"http": 80, "https": 443}[scheme]:
        port = None
    netloc = f"[{host}]" if ":" in host else host
    return f"{scheme}://{netloc}{f':{port}' if port else ''}{path}{f'?{query}' if query else ''}"


def _host(parts: SplitResult) -> str:
    """Return the host in lower case and in its ASCII form; ValueError where it cannot be one."""
    host = (parts.hostname or "").rstrip(".")
    return host if host.isascii() and "%" not in host and " " not in host else _ascii_host(host)


@lru_cache(maxsize=4096)
def _ascii_host(host: str) -> str:
    decoded = unquote_to_bytes(host).decode("utf-8")
    return idna.encode(decoded, uts46=True).decode("ascii").lower() if decoded else ""


@lru_cache(maxsize=20_000)
def _twin_host(host: str) -> str:
    """Return the host without `www.`, `m.`, `wap.` in front, as long as the registered domain stays the same."""
    domain = _registered(host)
    while host != domain:
        label, _, rest = host.partition(".")
        if label not in _MOBILE_LABELS or not (rest == domain or rest.endswith("." + domain)):
            break
        host = rest
    return f"[{host}]" if ":" in host else host


def _escape(text: str) -> str:
    if _UNSAFE.search(text) is None:
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


def _without_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept) if len(kept) > 1 else "/"


def _identity_parameters(query: str) -> list[str]:
    if not query:
        return []
    pairs = [pair.removeprefix("amp;") for pair in query.split("&")]
    is_wechat = any(pair.startswith("__biz=") for pair in pairs)
    return [pair for pair in pairs if pair and not _is_tracker(pair, is_wechat)]


def _is_tracker(pair: str, is_wechat: bool) -> bool:
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
    return name in ("sid", "s", "token") and _SESSION_VALUE.match(value) is not None


def _shortened(key: str) -> str:
    """Return `key`, or its beginning and a hash of the whole where it is too long for an index."""
    if not key.isascii():
        key = _escape(key)
    if len(key) <= KEY_BYTES:
        return key
    head = re.sub(r"%[0-9A-F]?\Z", "", key[: KEY_BYTES - 40])
    return f"{head}~{xxhash.xxh3_128_hexdigest(key.encode())}"


# What an address tells before it is fetched

_DATE = re.compile(
    r"(?<!\d)(?:19[89]\d|20[0-4]\d)(?:([-/_]?)(?:0[1-9]|1[0-2])(?:[-/_]?(?:0[1-9]|[12]\d|3[01]))?"
    r"|[-/]\d{1,2}[-/]\d{1,2})(?!\d)"
)
_DIGITS = re.compile(r"\d+")
_LONG_DIGITS = 5
_STATIC_LEAF = re.compile(
    r"\.(?:css|js|mjs|json|map|xml|rss|atom|txt|jpe?g|png|gif|webp|svg|ico|bmp|avif|mp4|m3u8|ts|flv|avi|mov|mp3|wav"
    r"|m4a|pdf|docx?|xlsx?|pptx?|zip|rar|7z|gz|tar|exe|msi|dmg|apk|ipa|swf|woff2?|ttf|eot|csv)\Z",
    re.I,
)
_SERVICE_SEGMENT = re.compile(
    r"/(?:login|logout|signin|signup|register|passport|user|users|member|account|search|so|tags?|topics?|cart|comments?"
    r"|reply|feedback|share|vote|survey|print|download|apps?|client|subscribe|about|aboutus|terms|policy|agreement|contact|contactus|copyright"
    r"|privacy|help|faq|jobs?|sitemap|rss|feed|authors?|reporter|calendar|redirect|links?|go|out|goto|jump|click"
    r"|ads?|advert|api|static|assets|css|js|images?|img|upload|rili|mail|bbs|guestbook|zhaopin)(?=[/.?]|[_\-]\d|\Z)",
    re.I,
)
_LISTING_LEAF = re.compile(
    r"(?:^|/)(?:(?:index|default|home|main|lists?|more|page|p|channel|column|node|category|cat|roll|scroll)"
    r"(?:[_\-]?\d{1,4})*|news(?:[_\-]\d{1,2})?)(?:\.\w+)?/?\Z",
    re.I,
)
_LISTING_PATH = re.compile(r"/(?:page|lists?|category|cat|tags?)/[\w\-]{1,20}/?\Z|/p/\d{1,3}/?\Z", re.I)
_ARTICLE_WORDS = re.compile(
    r"(?:^|[/_\-=])(?:content|article|articles|detail|details|view|show|story|newsdetail|newsinfo|art|arc|post|read|doc"
    r"|a|c)(?=[/_\-.=]|\d)",
    re.I,
)
_ARTICLE_QUERY = re.compile(
    r"(?:^|&)(?:\w*(?:news|article|art|content|doc|info|story|post)_?id|id|aid|nid|tid|sn|docno|guid)=[\w\-]{2,}",
    re.I,
)
_LISTING_QUERY = re.compile(
    r"(?:^|&)(?:page|p|pn|pageno|page_no|pageindex|paged|offset|start|q|kw|keyword|wd|query|sort|order|filter|tag"
    r"|cat|catid|category|channel|column|node|date|day|month|year)=",
    re.I,
)
_LISTING_PROGRAM = re.compile(
    r"/(?:more|lists?|categor|cat|class|channel|column|sort|search|tag)\w*\.(?:php|aspx?|jsp|do)\Z", re.I
)
_CMS_SHOW = re.compile(r"(?:^|&)(?:a|act|action|mod|do|op)=(?:show|view|detail|article|read|content)(?:&|\Z)", re.I)
_CMS_LIST = re.compile(r"(?:^|&)(?:a|act|action|mod|do|op)=(?:lists?|index|init|search|category|login)(?:&|\Z)", re.I)
_KEY_TOKEN = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{8,}\Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
_SLUG = re.compile(r"[A-Za-z0-9%]+(?:[-_][A-Za-z0-9%]+){3,}\Z")
_LEAF_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?|jsp|do|xhtml|cgi)\Z", re.I)


@lru_cache(maxsize=20_000)
def article_likelihood(url: str) -> float:
    """Return how much `url` alone looks like one article: 0 (file, login, search) to 1, without having fetched it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return 0.0
    path, query = parts.path, parts.query
    if parts.scheme not in ("http", "https") or _STATIC_LEAF.search(path):
        return 0.0
    if _SERVICE_SEGMENT.match("/" + parts.netloc.partition(".")[0]):
        return 0.02
    score = 0.1 if _LISTING_PROGRAM.search(path) else _query_score(query)
    if score is None:
        score = _path_score(path)
        if query and _LISTING_QUERY.search(query):
            score = min(score, 0.15)
    if _SERVICE_SEGMENT.search(path):
        score *= 0.4 if _DATE.search(path) or _last_number(path) >= _LONG_DIGITS else 0.1
    return round(score, 3)


def _query_score(query: str) -> float | None:
    """Return the likelihood that the parameters decide by themselves, None where the path has to."""
    if not query:
        return None
    if _CMS_LIST.search(query):
        return 0.05
    if _CMS_SHOW.search(query) and _ARTICLE_QUERY.search(query):
        return 0.9
    if _ARTICLE_QUERY.search(query):
        return 0.6 if _LISTING_QUERY.search(query) else 0.75
    return None


def _path_score(path: str) -> float:
    leaf = path.rsplit("/", 1)[-1]
    stem = _LEAF_EXTENSION.sub("", leaf)
    has_extension = stem != leaf
    if path in ("", "/"):
        return 0.02
    if _LISTING_LEAF.search(path) or _LISTING_PATH.search(path):
        return 0.06
    if not leaf:
        return _folder_score(path)
    has_date = _DATE.search(path) is not None
    digits = _last_number(path)
    if has_date and (has_extension or digits):
        is_bare_date = _DATE.search(stem) is not None and _DATE.sub("", stem).strip("/-_") == ""
        return 0.25 if is_bare_date else 0.95
    if digits >= _LONG_DIGITS:
        return 0.9 if has_extension or _ARTICLE_WORDS.search(path) else 0.75
    if _UUID.search(stem) or _KEY_TOKEN.match(stem):
        return 0.85 if has_extension else 0.7
    if digits:
        return 0.75 if _ARTICLE_WORDS.search(path) else 0.6 if has_extension else 0.4
    if _SLUG.match(stem):
        return 0.65
    return 0.25 if has_extension else 0.1


def _folder_score(path: str) -> float:
    """Return the likelihood of a path that ends in a slash: mostly a channel, at times /2023/08/06/123456/."""
    last = path.rstrip("/").rsplit("/", 1)[-1]
    if last.isdigit() and len(last) >= _LONG_DIGITS and not _DATE.fullmatch(last):
        return 0.75
    if _UUID.search(last) or _KEY_TOKEN.match(last):
        return 0.6
    return 0.55 if _SLUG.match(last) else 0.06


def _last_number(path: str) -> int:
    """Return the length of the longest run of digits in the last segment, a date in it left out."""
    stem = _LEAF_EXTENSION.sub("", path.rstrip("/").rsplit("/", 1)[-1])
    runs = _DIGITS.findall(_DATE.sub("", stem))
    return max(map(len, runs), default=0)


@lru_cache(maxsize=50_000)
def url_shape(url: str) -> str:
    """Return the pattern of an address: `a.example/c/{date}/content_{id}.html`.

    `{date}`, `{n}` up to four digits, `{id}` longer ones, `{key}` letters mixed with digits, `{slug}` hyphened words,
    `{text}` percent-encoded words; parameters sorted, their values abstracted the same way.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = _DATE.sub("{date}", parts.path)
    shaped = "/".join(_shape_segment(segment) for segment in path.split("/"))
    query = "&".join(sorted(_shape_parameter(pair) for pair in parts.query.split("&") if pair))
    return f"{_twin_host(parts.netloc.lower())}{shaped}{f'?{query}' if query else ''}"


def _shape_segment(segment: str) -> str:
    if not segment or segment.isalpha():
        return segment
    stem = _LEAF_EXTENSION.sub("", segment)
    extension = segment[len(stem) :]
    if "{date}" not in stem and not stem.isdigit():
        if _UUID.fullmatch(stem) or _KEY_TOKEN.match(stem):
            return "{key}" + extension
        if "%" in stem:
            return "{text}" + extension
        if _SLUG.match(stem) and sum(part.isdigit() for part in re.split("[-_]", stem)) < 2:
            return "{slug}" + extension
    return _DIGITS.sub(_shape_digits, stem) + extension


def _shape_digits(match: re.Match[str]) -> str:
    return "{id}" if len(match[0]) >= _LONG_DIGITS else "{n}"


def _shape_parameter(pair: str) -> str:
    name, _, value = pair.partition("=")
    if value.isdigit():
        return f"{name}={{n}}"
    is_word = value.isascii() and value.isalpha() and len(value) <= 12
    return f"{name}={value}" if is_word else f"{name}={{v}}"


def url_date(url: str) -> tuple[int, int, int | None] | None:
    """Return (year, month, day or None) written in the path, `/2023/0806/` or `t20230806_1.html`; None without one."""
    match = _DATE.search(urlsplit(url).path) if _DATE.search(url) else None
    if match is None:
        return None
    numbers = re.findall(r"\d+", match[0])
    digits = "".join(number if len(number) > 1 else "0" + number for number in numbers)
    day = int(digits[6:8]) if len(digits) >= 8 else None
    month = int(digits[4:6])
    return (int(digits[:4]), month, day) if 1 <= month <= 12 and (day is None or 1 <= day <= 31) else None
