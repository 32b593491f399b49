"""What `scrapy sites` does to sites: add, pause, resume, retire, remove, set, recount."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from newsspider.cli.console import complain
from newsspider.cli.database import with_connection
from newsspider.cli.sites.seed_files import NewSite, read_seeds
from newsspider.cli.sites.values import control_changes, site_of, url_of
from newsspider.messages import _
from newsspider.mongo.archive import Archive, ArchiveError
from newsspider.mongo.crawl_state.lease_views import wake
from newsspider.mongo.crawl_state.site_controls import recount as recount_sites
from newsspider.mongo.crawl_state.site_records import (
    add_sites,
    change_labels,
    control_of,
    forget_site,
    known_of,
    write_control,
)
from newsspider.mongo.daily.counting import count_all
from newsspider.mongo.schema import prepare
from newsspider.mongo.server.connection import Connection
from newsspider.sites.control import ACTIVE, PAUSED, REMOVED, RETIRED
from newsspider.urls import registered_domain

# seeds that are written at once
BATCH = 1_000
# removes the stored articles of a site for good, for a reason; returns how many there were
RemoveArticles = Callable[[Settings, str, str], int]


def prepared(settings: Settings) -> None:
    """Create collections and indexes where they do not exist."""
    with_connection(settings, lambda connection: prepare(connection.db), is_prepared=False)


def add(archive: Archive, urls: Sequence[str], file: str | None, given: Mapping[str, str], now: datetime) -> int:
    """Add URLs and those of a file; return 1 if a line was wrong, all others are added all the same.

    `given` is said of all of them; what a line of the file says comes before it.
    """
    common, failed, new, known = control_changes(dict(given)), 0, 0, 0
    batch: dict[str, dict[str, Any]] = {}
    for found in _new_sites(urls, file):
        if isinstance(found, str):
            complain(found)
            failed += 1
            continue
        batch[found.url] = common | found.changes
        if len(batch) >= BATCH:
            added = _add_batch(archive, batch, now)
            new, known, batch = new + added[0], known + added[1], {}
    added = _add_batch(archive, batch, now)
    new, known = new + added[0], known + added[1]
    wrong = _(", {failed} lines are wrong").format(failed=failed) if failed else ""
    print(
        _("{new} added, {known} known already{wrong}; scrapy crawl news -a due=1 fetches them").format(
            new=new, known=known, wrong=wrong
        ),
        file=sys.stderr,
    )
    return 1 if failed else 0


def _add_batch(archive: Archive, batch: Mapping[str, Mapping[str, Any]], now: datetime) -> tuple[int, int]:
    """Add URLs, and have processes that stay crawl their sites; return how many were new, and how many known."""
    new, known = add_sites(archive.database, batch, now)
    wake(archive.database, {registered_domain(url) for url in new})
    return len(new), len(known)


def _new_sites(urls: Sequence[str], file: str | None) -> Iterator[NewSite | str]:
    for text in urls:
        try:
            yield NewSite(url_of(text))
        except ValueError as error:
            yield str(error)
    if file is not None:
        yield from read_seeds(Path(file))


def sites_of(archive: Archive, names: Sequence[str]) -> list[str]:
    """Return the sites that domains, hosts or URLs name. Raises ArchiveError if one of them is not known."""
    try:
        sites = list(dict.fromkeys(site_of(name) for name in names))
    except ValueError as error:
        raise ArchiveError(str(error)) from None
    known = known_of(archive.database, sites)
    if unknown := [site for site in sites if site not in known]:
        more = _(" and {count} more").format(count=len(unknown) - 1) if len(unknown) > 1 else ""
        raise ArchiveError(
            _("unknown site {unknown}{more} (`scrapy sites list --state all` shows the known ones)").format(
                unknown=unknown[0], more=more
            )
        )
    return sites


def pause(archive: Archive, names: Sequence[str], until: datetime | None) -> None:
    """Have sites not fetched until `until`, or until they are resumed."""
    _set_state(archive, names, PAUSED, until)


def resume(archive: Archive, names: Sequence[str]) -> None:
    """Have sites fetched again that were paused or retired."""
    for site in sites_of(archive, names):
        if control_of(archive.database, site).state == REMOVED:
            raise ArchiveError(_("{site} was removed: `scrapy sites add URL` begins it anew").format(site=site))
    _set_state(archive, names, ACTIVE)
    wake(archive.database, sites_of(archive, names))


def retire(archive: Archive, names: Sequence[str]) -> None:
    """Have sites never fetched again; their articles stay."""
    _set_state(archive, names, RETIRED)


def _set_state(archive: Archive, names: Sequence[str], state: str, until: datetime | None = None) -> None:
    sites = sites_of(archive, names)
    write_control(archive.database, {site: {"state": state, "paused_until": until} for site in sites})
    for site in sites:
        print(f"{site}\t{state}")


def remove(
    archive: Archive, names: Sequence[str], settings: Settings, reason: str | None, remove_articles: RemoveArticles
) -> None:
    """Forget sites: their crawl state, what was learnt of them, and with a reason their articles as well."""
    for site in sites_of(archive, names):
        pages = forget_site(archive.database, site)
        words = f"{site}\tremoved\t{pages} pages forgotten"
        if reason is not None:
            words += f"\t{remove_articles(settings, site, reason)} articles removed"
        print(words)


def change(archive: Archive, names: Sequence[str], given: Mapping[str, str], labels: Sequence[Sequence[str]]) -> None:
    """Write what is said of sites; `labels` are those to add and those to take away."""
    changes = control_changes(dict(given))
    sites = sites_of(archive, names)
    if changes:
        write_control(archive.database, dict.fromkeys(sites, changes))
    for site in sites:
        if any(labels):
            change_labels(archive.database, site, *labels)
        print(f"{site}\tset")


def recount(settings: Settings) -> tuple[int, int]:
    """Count the articles of all sites and days anew; return the number of sites, and of days of sites."""

    async def work(connection: Connection) -> tuple[int, int]:
        return await recount_sites(connection.db), await count_all(connection.db)

    return with_connection(settings, work)
