"""`scrapy alarms`: what has changed on the sites, with an example; acknowledge it, or judge all sites now."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider import clock
from newsspider.alarms.alarm import OPEN, Alarm, Example
from newsspider.alarms.sending import alert_problem
from newsspider.alarms.wording import LANGUAGES, Wording
from newsspider.cli.console import complain, padded, print_rows, shown_time
from newsspider.cli.database import DatabaseAccess
from newsspider.messages import _
from newsspider.mongo.alarms import AlarmLog, NoSuchAlarmError
from newsspider.mongo.server.connection import Connection, MongoSettings
from newsspider.printable import printable
from newsspider.urls import registered_domain

COLUMNS = ("id", "site", "since (+08:00)", "state", "what")
ACTIONS = {"list": 0, "show": 1, "ack": 1}


class Command(DatabaseAccess, ScrapyCommand):
    """Actions: list, show ID, ack ID; with `--check` all sites are judged first, and what is new is sent."""

    def syntax(self) -> str:
        return "[options] [list | show ID | ack ID]"

    def short_desc(self) -> str:
        return "Show and acknowledge alarms of sites"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object a line, times in UTC")
        parser.add_argument("--all", action="store_true", help="list: acknowledged and healed ones as well")
        parser.add_argument("--site", help="list: of this site alone; its registered domain, or any URL of it")
        parser.add_argument("--check", action="store_true", help="judge all sites now and send what is new; for cron")
        parser.add_argument("--fail-on-alarm", action="store_true", help="exit code 3 if an alarm is open")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        action, *names = args or ["list"]
        if action not in ACTIONS or len(names) != ACTIONS[action]:
            needs = _("needs the id of an alarm") if ACTIONS.get(action) else _("takes options only (--help)")
            problem = (
                _("alarms {action} {needs}").format(action=action, needs=needs)
                if action in ACTIONS
                else _("use list, show ID or ack ID")
            )
            raise UsageError(problem, print_help=False)
        settings = self.required_settings()
        if settings["ALERT_LANGUAGE"] not in LANGUAGES:
            raise UsageError(
                _("ALERT_LANGUAGE is not one of {languages}").format(languages=", ".join(LANGUAGES)), print_help=False
            )
        if opts.check and (problem := alert_problem(settings["ALERT_URLS"]) or ""):
            raise UsageError(f"ALERT_URLS: {problem}", print_help=False)
        try:
            asyncio.run(self._run(action, names, opts))
        except NoSuchAlarmError as error:
            complain(error)
            self.exitcode = 1

    async def _run(self, action: str, names: list[str], opts: argparse.Namespace) -> None:
        from newsspider.extensions.summary import ALARMED

        connection = await Connection.open(*MongoSettings.of(self.required_settings()))
        try:
            log = AlarmLog(connection.db)
            if opts.check:
                await self._check(log)
            actions: dict[str, Callable[..., Awaitable[None]]] = {
                "list": self._list,
                "show": self._show,
                "ack": self._acknowledge,
            }
            await actions[action](log, opts, *names)
            if opts.fail_on_alarm and not self.exitcode and await log.find():
                self.exitcode = ALARMED
        finally:
            await connection.close()

    async def _check(self, log: AlarmLog) -> None:
        from newsspider.extensions.alarms import judge_sites, tell

        now = clock.now()
        await log.prepare()
        await judge_sites(log, None, now, now)
        if not await tell(log, self.required_settings(), now):
            complain(_("alarms were not sent to all of ALERT_URLS: the next check sends them again"))
            self.exitcode = 1

    async def _list(self, log: AlarmLog, opts: argparse.Namespace) -> None:
        sites = [registered_domain(opts.site)] if opts.site else None
        alarms = await log.find(sites, is_open=not opts.all)
        if opts.json:
            for alarm in alarms:
                print(_json(alarm))
            return
        wording = Wording(_("en"))
        print_rows(COLUMNS, ((a.id, a.site, a.since, a.state, printable(wording.what(a))) for a in alarms), sys.stdout)
        if not alarms and sys.stdout.isatty():
            print(_("no alarms") if opts.all else _("no open alarms (--all shows the others)"))

    async def _show(self, log: AlarmLog, opts: argparse.Namespace, name: str) -> None:
        alarm = await log.get(name)
        if opts.json:
            print(_json(alarm))
            return
        is_terminal = sys.stdout.isatty()
        rows: list[tuple[str, Any]] = [
            (_("id"), alarm.id),
            (_("site"), alarm.site),
            (_("state"), alarm.state),
            (_("what"), Wording(_("en")).what(alarm)),
            (_("since"), alarm.since),
            (_("raised"), alarm.raised_at),
            (_("checked"), alarm.checked_at),
            (_("told"), alarm.told_at),
            (_("acknowledged"), alarm.acknowledged_at),
            (_("healed"), alarm.healed_at),
        ]
        for label, value in rows:
            if value is not None:
                shown = shown_time(value, is_terminal=is_terminal) if isinstance(value, datetime) else printable(value)
                print(padded(label, 13), shown)
        _print_examples(alarm)

    async def _acknowledge(self, log: AlarmLog, opts: argparse.Namespace, name: str) -> None:
        alarm = await log.get(name)
        if not await log.acknowledge(alarm, clock.now()):
            raise NoSuchAlarmError(f"{alarm.id} is {alarm.state}: only an open alarm can be acknowledged")
        if opts.json:
            print(_json(await log.get(alarm.id)))
        else:
            print(
                _("{id} acknowledged: what {site} shows since then is taken as usual").format(
                    id=alarm.id, site=alarm.site
                )
            )


def _print_examples(alarm: Alarm) -> None:
    examples: list[tuple[str, Example]] = [(_("first bad"), alarm.first_bad)] if alarm.first_bad else []
    if alarm.example is not None and alarm.example.url != (alarm.first_bad.url if alarm.first_bad else None):
        examples.append((_("example"), alarm.example))
    for label, example in examples:
        print(padded(label, 13), printable(example.url))
        for line in example.explain:
            print(f"  {printable(line) if not line.startswith(' ') else line}")
        if not example.explain and alarm.kind == "field" and alarm.state == OPEN:
            print(_("  how it is read: scrapy extract --explain '{url}'").format(url=printable(example.url)))


def _json(alarm: Alarm) -> str:
    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    document = alarm.to_document()
    return json.dumps({"id": document.pop("_id"), **document}, ensure_ascii=False, default=plain)
