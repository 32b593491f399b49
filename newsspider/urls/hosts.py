"""Hosts: registered domain, mirror hosts of one site, public IP addresses."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from newsspider.urls.parsing import host_of, parse_url

if TYPE_CHECKING:
    import tldextract

_MOBILE_LABELS = {"www", "m", "wap", "3g", "4g", "h5", "mobile", "touch", "amp"}


@lru_cache(maxsize=1)
def _suffixes() -> tldextract.TLDExtract:
    """Return the bundled suffix list; the import takes longer than all else that a command such as `list` does."""
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


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


@lru_cache(maxsize=4096)
def is_public_suffix(host: str) -> bool:
    """Return True if names below `host` belong to different owners: com.cn, github.io."""
    return not _suffixes().extract_str(host, include_psl_private_domains=True).domain


@lru_cache(maxsize=20_000)
def _registered(host: str) -> str:
    if _is_ip(host) or "." not in host:
        return host
    found = _suffixes().extract_str(host, include_psl_private_domains=False)
    if found.domain and found.suffix:
        return f"{found.domain}.{found.suffix}"
    return found.suffix if found.suffix == host else ".".join(host.split(".")[-2:])


# Not of the public internet, by the IANA special-purpose registries: https://www.iana.org/assignments/
# iana-ipv4-special-registry and iana-ipv6-special-registry. Stated here because Python's own list differs by version.
_NOT_PUBLIC_V4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
            *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
            *("224.0.0.0/4", "240.0.0.0/4"),
        ),
    )
)
# All that is assigned for global unicast; site-local, unique local, link-local and multicast lie outside of it.
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20"))
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)


def is_public_ip(ip: str) -> bool:
    """Return True if an IP address is one of the public internet; False if `ip` is not an IP address.

    An IPv6 address that carries IPv4 addresses (mapped, 6to4, Teredo, NAT64, ISATAP) is public if all of these are.
    """
    try:
        address = ipaddress.ip_address(ip.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if carried := _carried_addresses(address):
        return all(is_public_ip(str(inner)) for inner in carried)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _NOT_PUBLIC_V6)


def _carried_addresses(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that a packet to `address` is handed on to."""
    if address.teredo is not None:
        return list(address.teredo)
    inner = address.ipv4_mapped or address.sixtofour
    is_isatap = int(address) >> 32 & 0xFFFFFFFF in _ISATAP and address in _GLOBAL_UNICAST
    if inner is None and (address in _NAT64 or is_isatap):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return [inner] if inner is not None else []


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
