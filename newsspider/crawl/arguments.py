"""The arguments of a crawl (`-a name=value`), checked before it starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from newsspider.errors import NewsspiderError
from newsspider.messages import _
from newsspider.sites.blocks import block_names
from newsspider.text.zone import BEIJING

NAMES = ("url", "max_articles", "since", "depth", "follow_related", "sample", "offsite", "due", "forever", "processes")
_BETWEEN_URLS = re.compile(r"[,，]?\s+|[,，](?=[a-z]+://)|[,，]\Z")
_YES, _NO = ("1", "yes", "true", "on"), ("", "0", "no", "false", "off")
MAX_DEPTH = 20
MOST_PROCESSES = 64


class ArgumentError(NewsspiderError, ValueError):
    """A wrong crawl argument; the message is one line: its name, the value given, the values expected."""


@dataclass(slots=True, frozen=True)
class Reach:
    """What limits the links taken from a listing: a later visit with a wider reach reads it again.

    `since` is ISO 8601 in UTC, None without a limit.
    """

    since: str | None = None
    is_offsite: bool = False

    @classmethod
    def of_meta(cls, meta: Mapping[str, Any]) -> Reach:
        """Return the reach that is kept with a queued listing."""
        stored = meta.get("reach") or {}
        return cls(stored.get("since"), bool(stored.get("offsite")))

    def to_meta(self) -> dict[str, Any]:
        """Return what MongoDB keeps of it."""
        return {"since": self.since, "offsite": self.is_offsite}

    def covers(self, other: Reach) -> bool:
        """Return True if a visit with this reach followed all the links that one with `other` would."""
        is_as_early = self.since is None or (other.since is not None and self.since <= other.since)
        return is_as_early and (self.is_offsite or not other.is_offsite)


@dataclass(slots=True, frozen=True)
class CrawlArguments:
    """What a crawl was asked to do. None means not given: the spider's attribute or the setting decides.

    `follow_related` is "all", "none", or the names of blocks; `since` is aware UTC.
    """

    urls: tuple[str, ...] = ()
    max_articles: int | None = None
    since: datetime | None = None
    depth: int | None = None
    follow_related: str | frozenset[str] | None = None
    sample: int | None = None
    is_one_hop_offsite: bool = False
    is_due: bool = False
    is_forever: bool = False
    processes: int | None = None

    @property
    def is_all_due(self) -> bool:
        """Whether the crawl is for what is due on all known sites."""
        return self.is_due and not self.urls

    @property
    def reach(self) -> Reach:
        """What limits the links taken from a listing."""
        return Reach(self.since.isoformat() if self.since else None, self.is_one_hop_offsite)


def parse_arguments(given: Mapping[str, str | None], extra: tuple[str, ...] = ()) -> CrawlArguments:
    """Return the arguments; ArgumentError for an unknown name or a wrong value.

    Names that start with "_" are the scheduler's own (scrapyd passes `_job`) and are left alone.
    """
    for name in given:
        if not name.startswith("_") and name not in NAMES and name not in extra:
            raise ArgumentError(
                _("unknown argument {name!r}: known are {names}").format(name=name, names=", ".join((*NAMES, *extra)))
            )
    is_due, is_forever = _yes_or_no("due", given.get("due")), _yes_or_no("forever", given.get("forever"))
    if is_forever and not is_due:
        raise ArgumentError(_("forever: needs due=1 (expected: -a due=1 -a forever=1)"))
    return CrawlArguments(
        urls=seed_urls(given.get("url")),
        max_articles=_whole_number("max_articles", given.get("max_articles"), least=1),
        since=_moment("since", given.get("since")),
        depth=_whole_number("depth", given.get("depth"), least=0, most=MAX_DEPTH),
        follow_related=block_policy(given.get("follow_related")),
        sample=_whole_number("sample", given.get("sample"), least=1),
        is_one_hop_offsite=_offsite(given.get("offsite")),
        is_due=is_due,
        is_forever=is_forever,
        processes=_whole_number("processes", given.get("processes"), least=1, most=MOST_PROCESSES),
    )


def seed_urls(raw: str | None) -> tuple[str, ...]:
    """Return the URLs of a comma-separated list; a comma inside a URL stays."""
    found = [part for part in _BETWEEN_URLS.split((raw or "").strip()) if part]
    return tuple(dict.fromkeys(_seed(part) for part in found))


def _seed(raw: str) -> str:
    try:
        parts = urlsplit(raw)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host, parts = False, urlsplit("")
    if parts.scheme not in ("http", "https") or not has_host:
        raise ArgumentError(
            _("url: {raw!r} is not an http(s) URL (expected: https://news.example/china/)").format(raw=raw)
        )
    return raw


def block_policy(raw: str | None) -> str | frozenset[str] | None:
    """Return "all", "none", or the set of block names; None if nothing was given."""
    try:
        return block_names(raw) if raw is not None else None
    except ValueError as error:
        raise ArgumentError(_("follow_related: {error}").format(error=error)) from None


def _whole_number(name: str, raw: str | None, least: int, most: int | None = None) -> int | None:
    if raw is None:
        return None
    expected = _("a whole number from {least}").format(least=least) + (
        _(" to {most}").format(most=most) if most is not None else ""
    )
    try:
        number = int(str(raw))
    except ValueError:
        raise ArgumentError(
            _("{name}: {raw!r} is not {expected}").format(name=name, raw=raw, expected=expected)
        ) from None
    if number < least or (most is not None and number > most):
        raise ArgumentError(_("{name}: {raw!r} is not {expected}").format(name=name, raw=raw, expected=expected))
    return number


def _moment(name: str, raw: str | None) -> datetime | None:
    """Return the aware UTC time of an ISO date or time; without a time zone it is Beijing time."""
    if raw is None:
        return None
    try:
        moment = datetime.fromisoformat(raw.strip())
    except ValueError:
        raise ArgumentError(
            _("{name}: {raw!r} is not a date (expected: 2024-04-24 or 2024-04-24T08:00)").format(name=name, raw=raw)
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).astimezone(UTC)


def _offsite(raw: str | None) -> bool:
    if raw is None or raw in _NO:
        return False
    if raw != "one-hop":
        raise ArgumentError(
            _("offsite: {raw!r} is not one-hop (leave the argument out to follow no link off the site)").format(raw=raw)
        )
    return True


def _yes_or_no(name: str, raw: str | None) -> bool:
    value = (raw or "").strip().lower()
    if value in _YES:
        return True
    if value in _NO:
        return False
    raise ArgumentError(_("{name}: {raw!r} is not 1 or 0").format(name=name, raw=raw))
