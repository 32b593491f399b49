"""`scrapy sites`: which sites there are, what crawls have learned of them, and what an operator says of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider import clock
from newsspider.cli.console import print_json
from newsspider.cli.database import DatabaseAccess
from newsspider.cli.sites import listing
from newsspider.cli.sites.values import labels, moment, site_of
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError
from newsspider.mongo.crawl_state.site_records import overview
from newsspider.sites.control import STATES

SHOWN_DAYS = 7
# options that say something of a site -> the names that `control_changes` knows
SAID = ("owner", "notes", "interval", "quiet_hours", "daily_budget")


class Command(DatabaseAccess, ScrapyCommand):
    """Actions: add, list, show, pause, resume, retire, remove, set, recount."""

    def syntax(self) -> str:
        return (
            "[options] list | show SITE | add URL... | pause SITE... | resume SITE... | retire SITE... | remove SITE..."
            " | set SITE... | recount"
        )

    def short_desc(self) -> str:
        return "List, add, pause and remove sites; show what is known of one"

    def long_desc(self) -> str:
        return (
            "A SITE is a registered domain, or any host or URL of it. Times are Beijing time unless they name a zone."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        shown = parser.add_argument_group("list, show")
        shown.add_argument("--state", action="append", default=[], choices=[*STATES, listing.ALL], help="only these")
        shown.add_argument("--sort", choices=sorted(listing.SORTS), default="site", help="order (default site)")
        leases = shown.add_mutually_exclusive_group()
        leases.add_argument("--held", action="store_true", help="list: sites that a process crawls now")
        leases.add_argument("--waiting", action="store_true", help="list: sites that are due and that no process holds")
        shown.add_argument("--json", action="store_true", help="one JSON object per line")
        said = parser.add_argument_group("set, add")
        said.add_argument("--label", action="append", default=[], help="add a label; list: only sites with it")
        said.add_argument("--no-label", action="append", default=[], help="take a label away")
        said.add_argument("--owner", help="who looks after the site")
        said.add_argument("--notes", help="anything about it")
        said.add_argument("--interval", metavar="SPAN", help="shortest time between two visits of a page: 30m, 6h, 2d")
        said.add_argument(
            "--quiet-hours", metavar="HOURS", help="no requests then: 01:00-06:30, or '22:00-04:00 Europe/Berlin'"
        )
        said.add_argument(
            "--daily-budget", metavar="N", help="requests per day of Beijing time, all processes together"
        )
        parser.add_argument(
            "--file", metavar="FILE", help="add: a .txt with a URL per line, or a .csv with a column url"
        )
        parser.add_argument("--until", metavar="TIME", help="pause: until then (default: until resumed)")
        parser.add_argument("--articles", action="store_true", help="remove: the stored articles as well, for good")
        parser.add_argument("--reason", help="remove --articles: why; it is kept in the audit log")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        many: dict[str, Callable[[argparse.Namespace, list[str]], None]] = {
            "add": self._add,
            "pause": self._pause,
            "resume": self._resume,
            "retire": self._retire,
            "remove": self._remove,
            "set": self._set,
            "show": self._show,
        }
        none = {"list": self._list, "recount": self._recount}
        action, names = (args[0], args[1:]) if args else ("", [])
        if action not in (*many, *none):
            raise UsageError(
                _("no action given: use one of {names}").format(names=", ".join((*none, *many))), print_help=False
            )
        if action in none and names:
            raise UsageError(_("sites {action} takes options only (--help)").format(action=action), print_help=False)
        if action in many and not names and not (action == "add" and opts.file):
            raise UsageError(
                _("sites {action} needs a name: {more}").format(
                    action=action, more=_("a URL") if action == "add" else _("a site")
                ),
                print_help=False,
            )
        try:
            if action in none:
                none[action](opts)
            else:
                many[action](opts, names)
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None

    def _list(self, opts: argparse.Namespace) -> None:
        if opts.held or opts.waiting:
            self._list_leases(opts)
            return
        now = clock.now()
        with self.archive() as archive:
            rows = overview(archive.database, now)
        rows = listing.ordered(listing.chosen(rows, opts.state, opts.label, now), opts.sort)
        if opts.json:
            print_json(listing.as_json(row, now) for row in rows)
        else:
            listing.print_list(rows, now)

    def _list_leases(self, opts: argparse.Namespace) -> None:
        from newsspider.mongo.crawl_state.lease_views import held_hosts, pages_that_wait, waiting_hosts

        now = clock.now()
        with self.archive() as archive:
            database = archive.database
            hosts = (held_hosts if opts.held else waiting_hosts)(database)
            rows = overview(database, now, [host["_id"] for host in hosts]) if opts.state or opts.label else None
            if rows is not None:
                wanted = {row["site"] for row in listing.chosen(rows, opts.state, opts.label, now)}
                hosts = [host for host in hosts if host["_id"] in wanted]
            pages = pages_that_wait(database, [host["_id"] for host in hosts])
        if opts.json:
            print_json(listing.lease_json(host, pages) for host in hosts)
        else:
            listing.print_leases(hosts, pages)

    def _show(self, opts: argparse.Namespace, names: list[str]) -> None:
        from newsspider.cli.site_pages import site_registry
        from newsspider.cli.sites import show
        from newsspider.mongo.crawl_state.site_records import day_counts, page_counts, seeds_of
        from newsspider.mongo.crawl_state.sites import site_facts

        now, site = clock.now(), site_of(names[0])
        if len(names) > 1:
            raise UsageError(_("sites show takes one site"), print_help=False)
        files = sorted(str(rules.name) for rules in site_registry(self.required_settings()).of_site(site))
        with self.archive() as archive:
            database = archive.database
            rows, facts = overview(database, now, [site]), site_facts(database, site)
            days, seeds = day_counts(database, site, SHOWN_DAYS), seeds_of(database, site)
            pages = page_counts(database, site)
        if not rows:
            raise ArchiveError(
                _("unknown site {site} (`scrapy sites list --state all` shows the known ones)").format(site=site)
            )
        facts |= {"file": ", ".join(files), "pages": pages, "seeds": seeds}
        if opts.json:
            print_json([listing.as_json(rows[0], now) | {**facts, "days": days}])
        else:
            show.print_site(rows[0], facts, days, now)

    def _add(self, opts: argparse.Namespace, names: list[str]) -> None:
        from newsspider.cli.sites import actions

        given = said_of(opts) | ({"labels": " ".join(opts.label)} if opts.label else {})
        actions.prepared(self.required_settings())
        with self.archive() as archive:
            self.exitcode = actions.add(archive, names, opts.file, given, clock.now())

    def _pause(self, opts: argparse.Namespace, names: list[str]) -> None:
        from newsspider.cli.sites import actions

        until = moment(opts.until) if opts.until else None
        if until is not None and until <= clock.now():
            raise ValueError(_("--until {until}: this time is over").format(until=opts.until))
        with self.archive() as archive:
            actions.pause(archive, names, until)

    def _resume(self, opts: argparse.Namespace, names: list[str]) -> None:
        from newsspider.cli.sites import actions

        with self.archive() as archive:
            actions.resume(archive, names)

    def _retire(self, opts: argparse.Namespace, names: list[str]) -> None:
        from newsspider.cli.sites import actions

        with self.archive() as archive:
            actions.retire(archive, names)

    def _remove(self, opts: argparse.Namespace, names: list[str]) -> None:
        from newsspider.cli.archive.takedown import take_down_site
        from newsspider.cli.sites import actions

        if opts.articles != bool(opts.reason and opts.reason.strip()):
            raise UsageError(_("--articles needs --reason, and --reason --articles"), print_help=False)
        with self.archive() as archive:
            actions.remove(archive, names, self.required_settings(), opts.reason, take_down_site)

    def _set(self, opts: argparse.Namespace, names: list[str]) -> None:
        from newsspider.cli.sites import actions

        given = said_of(opts)
        added, taken = labels(" ".join(opts.label)), labels(" ".join(opts.no_label))
        if not (given or added or taken):
            raise UsageError(_("sites set needs an option: --label, --interval, --daily-budget, ..."), print_help=False)
        with self.archive() as archive:
            actions.change(archive, names, given, (added, taken))

    def _recount(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.sites import actions

        sites, days = actions.recount(self.required_settings())
        print(_("{sites} sites counted, {days} days of sites").format(sites=sites, days=days))


def said_of(opts: argparse.Namespace) -> dict[str, str]:
    """Return what the options say of sites; "" takes something back."""
    return {name: getattr(opts, name) for name in SAID if getattr(opts, name) is not None}
