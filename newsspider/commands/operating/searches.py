"""`scrapy searches`: searches that are kept, and send what is new."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider import clock
from newsspider.alarms.sending import alert_problem
from newsspider.cli.archive import searching
from newsspider.cli.console import complain, print_json, print_rows
from newsspider.cli.database import DatabaseAccess, with_connection
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError
from newsspider.mongo.search.saved import SavedSearch, SavedSearches, SearchNameError
from newsspider.mongo.server.connection import Connection
from newsspider.search.saved.alerting import Ran, run_searches

NAME = re.compile(r"[\w.-]{1,60}")
COLUMNS = ("name", "query", "alert", "saved", "last run")
RAN_COLUMNS = ("name", "new", "sent", "problem")


class Command(DatabaseAccess, ScrapyCommand):
    """Actions: add, list, show, remove, run."""

    def syntax(self) -> str:
        return "[options] list | add NAME QUERY | show NAME | remove NAME | run [NAME...]"

    def short_desc(self) -> str:
        return "Save searches, and have new articles that they find sent"

    def long_desc(self) -> str:
        return (
            "A QUERY is what `scrapy articles search` takes. What a search with --alert finds from then on is sent to "
            "ALERT_URLS at the end of each crawl and by `run`, each article once."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--alert", action="store_true", help="add: send new articles to ALERT_URLS")
        parser.add_argument("--json", action="store_true", help="list, show, run: one JSON object per line")
        parser.add_argument("--limit", type=int, default=searching.SHOWN, metavar="N", help="show: at most N articles")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        action, *words = args or ["list"]
        actions: dict[str, Callable[[argparse.Namespace, list[str]], None]] = {
            "list": self._list,
            "add": self._add,
            "show": self._show,
            "remove": self._remove,
            "run": self._run,
        }
        if action not in actions:
            raise UsageError(_("use one of {actions}").format(actions=", ".join(actions)), print_help=False)
        least = {"add": 2, "show": 1, "remove": 1}.get(action, 0)
        if len(words) < least or (action == "list" and words) or (action in ("show", "remove") and len(words) > 1):
            takes = {0: _("takes options only (--help)"), 1: _("needs one name"), 2: _("needs a name and a query")}[
                least
            ]
            raise UsageError(_("searches {action} {takes}").format(action=action, takes=takes), print_help=False)
        try:
            actions[action](opts, words)
        except SearchNameError as error:
            raise ArchiveError(str(error)) from None

    def _with(self, work: Callable[[SavedSearches], Awaitable[list[SavedSearch]]]) -> list[SavedSearch]:
        async def prepared(connection: Connection) -> list[SavedSearch]:
            saved = SavedSearches(connection.db)
            await saved.prepare()
            return await work(saved)

        return with_connection(self.required_settings(), prepared)

    def _list(self, opts: argparse.Namespace, words: list[str]) -> None:
        found = self._with(lambda saved: saved.find())
        if opts.json:
            print_json({name: getattr(search, name) for name in search.__slots__} for search in found)
            return
        rows = ((s.name, s.query, "yes" if s.is_alert else "", s.created_at, s.checked_at) for s in found)
        print_rows(COLUMNS, rows)
        if not found and sys.stdout.isatty():
            print(_("no searches (`scrapy searches add NAME QUERY` saves one)"))

    def _add(self, opts: argparse.Namespace, words: list[str]) -> None:
        name, text = words[0], " ".join(words[1:])
        if not NAME.fullmatch(name):
            raise UsageError(
                _("{name!r} is not a name: letters, digits, - . _, at most 60").format(name=name[:80]), print_help=False
            )
        searching.read_query(text)
        if opts.alert and (problem := alert_problem(self.required_settings()["ALERT_URLS"])):
            raise UsageError(f"ALERT_URLS: {problem}", print_help=False)
        search = SavedSearch(name, text, opts.alert, clock.now())

        async def work(saved: SavedSearches) -> list[SavedSearch]:
            await saved.add(search)
            return []

        self._with(work)
        how = _("what it finds from now on is sent") if opts.alert else _("`searches show` shows what it finds")
        print(_("{name} saved: {how}").format(name=name, how=how), file=sys.stderr)
        if opts.alert and not self.required_settings()["ALERT_URLS"]:
            complain(_("ALERT_URLS is not set: nobody is told until it is"))

    def _show(self, opts: argparse.Namespace, words: list[str]) -> None:
        search = self._with(lambda saved: saved.find(words))[0]
        settings = self.required_settings()
        page = searching.found_page(settings, searching.read_query(search.query), max(1, opts.limit), "newest")
        with self.archive() as archive:
            searching.print_hits(page, Path(settings["DATA_DIR"]), archive.id_length(), is_json=opts.json)

    def _remove(self, opts: argparse.Namespace, words: list[str]) -> None:
        async def work(saved: SavedSearches) -> list[SavedSearch]:
            await saved.remove(words[0])
            return []

        self._with(work)
        print(_("{word} removed").format(word=words[0]), file=sys.stderr)

    def _run(self, opts: argparse.Namespace, words: list[str]) -> None:
        settings = self.required_settings()
        if problem := alert_problem(settings["ALERT_URLS"]):
            raise UsageError(f"ALERT_URLS: {problem}", print_help=False)

        async def work(connection: Connection) -> list[Ran]:
            await searching.refresh_index(connection, settings)
            searches = await SavedSearches(connection.db).find(words)
            return await run_searches(connection, settings, searches, clock.now())

        ran = with_connection(settings, work)
        rows = [(one.search.name, one.new, one.sent, one.problem) for one in ran]
        if opts.json:
            print_json(dict(zip(RAN_COLUMNS, row, strict=True)) for row in rows)
        else:
            print_rows(RAN_COLUMNS, rows)
        if not all(one.is_sent for one in ran):
            complain(_("not all of ALERT_URLS took what was found: the next run sends it again"))
        if not all(one.is_sent and not one.problem for one in ran):
            self.exitcode = 1
