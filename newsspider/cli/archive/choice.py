"""The options that choose articles (list, export, stats) and the filter they make."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta

from scrapy.exceptions import UsageError

from newsspider.cli.sites.values import moment
from newsspider.items import CONFIDENT_FIELDS
from newsspider.messages import _
from newsspider.mongo.archive import ArticleFilter
from newsspider.urls import registered_domain


def add_options(parser: argparse.ArgumentParser, listed: int) -> None:
    """Add the options of `filter_of`; `listed` is how many articles `list` shows."""
    chosen = parser.add_argument_group("Which articles (list, export, stats; doctor: --site alone)")
    chosen.add_argument("--site", help="registered domain, or any URL of the site")
    chosen.add_argument("--source", help="source (来源), exactly")
    chosen.add_argument("--author", help="one of its authors, exactly")
    chosen.add_argument("--tag", help="one of its tags, exactly")
    chosen.add_argument("--section", help="section as the site names it, exactly")
    chosen.add_argument("--language", metavar="CODE", help="such as zh-Hans, zh-Hant or en")
    chosen.add_argument("--story", metavar="ID", help="id of a story (`articles show`)")
    chosen.add_argument("--since", metavar="DATE", help="published (else first seen) on or after; Beijing time")
    chosen.add_argument(
        "--until", metavar="DATE", help="published (else first seen) on or before DATE, or before a time; Beijing time"
    )
    chosen.add_argument(
        "--text",
        "--query",
        metavar="QUERY",
        help='what `articles search` finds, in either script: words, "phrases", -not, OR, title:, source:, since:, ...',
    )
    chosen.add_argument(
        "--sure", metavar="FIELD=SHARE", help="confidence for text, title, ... of at least SHARE, such as text=0.9"
    )
    chosen.add_argument("--unsure", metavar="FIELD=SHARE", help="confidence below SHARE")
    chosen.add_argument("--limit", type=int, metavar="N", help=f"at most N articles (list: default {listed}; 0: all)")


def filter_of(opts: argparse.Namespace, ids: Sequence[str] | None = None) -> ArticleFilter:
    """Return the filter that the options name, for `ids` where a query has found these.

    Raises UsageError for a date or a share that is none.
    """
    if opts.limit is not None and opts.limit < 0:
        raise UsageError(_("--limit {limit} is not 0 or more").format(limit=opts.limit), print_help=False)
    return ArticleFilter(
        site=registered_domain(opts.site) if opts.site else None,
        source=opts.source,
        since=_moment("--since", opts.since),
        until=_moment("--until", opts.until, is_end=True),
        ids=ids,
        author=opts.author,
        tag=opts.tag,
        section=opts.section,
        language=opts.language,
        story=opts.story,
        sure=_share("--sure", opts.sure),
        unsure=_share("--unsure", opts.unsure),
    )


def _share(option: str, text: str | None) -> tuple[str, float] | None:
    """Return (field, share). Raises UsageError for a field without confidence or a share outside 0 to 1."""
    if text is None:
        return None
    name, __, share = text.partition("=")
    try:
        value = float(share)
    except ValueError:
        value = -1.0
    if name not in CONFIDENT_FIELDS or not 0 <= value <= 1:
        expected = _("a field of {fields}, = and a share from 0 to 1").format(fields=", ".join(CONFIDENT_FIELDS))
        raise UsageError(
            _("{option} {text!r} is not {expected}").format(option=option, text=text, expected=expected),
            print_help=False,
        )
    return name, value


def _moment(option: str, text: str | None, *, is_end: bool = False) -> datetime | None:
    """Return an aware UTC time; a date alone is its beginning in Beijing, as an end the beginning of the next day."""
    if text is None:
        return None
    try:
        found = moment(text)
    except ValueError as error:
        raise UsageError(f"{option} {error}", print_help=False) from None
    is_day = len(text.strip()) <= len("2024-04-24")
    return found + timedelta(days=1) if is_end and is_day else found
