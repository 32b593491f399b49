"""Hosts: who registered them, which are twins of one site, which addresses are public."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

import tldextract

from newsspider.urls.parsing import host_of, parse_url

_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
_MOBILE_LABELS = {"www", "m", "wap", "3g", "4g", "h5", "mobile", "touch", "amp"}


@lru_cache(maxsize=20_000)
def registered_domain(url_or_host: str) -> str:
    """Return the domain someone registered (`news.a.com.cn` -> `a.com.cn`), from the bundled suffix list.

    An unknown suffix such as `.example` counts as one label; an IP address or a single label is returned as it is.
    """
    host = url_or_host.strip()
    if "/" in host or ":" in host:
        parsed = parse_url(host if "://" in host else "http://" + host.removeprefix("//"))
        host = host_of(parsed) if parsed else ""
    return _registered(host.lower().rstrip("."))


@lru_cache(maxsize=20_000)
def _registered(host: str) -> str:
    if _is_ip(host) or "." not in host:
        return host
    found = _SUFFIXES.extract_str(host, include_psl_private_domains=False)
    if found.domain and found.suffix:
        return f"{found.domain}.{found.suffix}"
    return found.suffix if found.suffix == host else ".".join(host.split(".")[-2:])


def is_public_ip(ip: str) -> bool:
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
            return is_public_ip(str(inner))
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


def ip_of(host: str) -> str | None:
    """Return the IP address that a host stands for (`127.1` and `0x7f.1` are 127.0.0.1), None for a name."""
    bare = host.strip("[]").partition("%")[0]
    parsed = parse_url(f"http://[{bare}]" if ":" in bare else f"http://{bare}")
    return host_of(parsed) if parsed and _is_ip(host_of(parsed)) else None


@lru_cache(maxsize=20_000)
def mirror_host(host: str) -> str:
    """Return the host without `www.`, `m.`, `wap.` in front, as long as the registered domain stays the same."""
    domain = _registered(host)
    while host != domain:
        label, _, rest = host.partition(".")
        if label not in _MOBILE_LABELS or not (rest == domain or rest.endswith("." + domain)):
            break
        host = rest
    return f"[{host}]" if ":" in host else host
