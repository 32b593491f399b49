"""URLs: canonical form, article key, hosts, likelihood of an article."""

from newsspider.urls.canonical import (
    KEY_BYTES,
    article_key,
    canonical_url,
    is_bare_url,
    is_mirror_url,
    resolve,
)
from newsspider.urls.hosts import ip_of, is_public_ip, registered_domain
from newsspider.urls.likelihood import article_likelihood, url_date, url_pattern
from newsspider.urls.redirectors import redirect_target

__all__ = [
    "KEY_BYTES",
    "article_key",
    "article_likelihood",
    "canonical_url",
    "ip_of",
    "is_bare_url",
    "is_mirror_url",
    "is_public_ip",
    "redirect_target",
    "registered_domain",
    "resolve",
    "url_date",
    "url_pattern",
]
