"""`scrapy mongod`: start the private MongoDB so that it stays, stop it, show whether it runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.database import DatabaseAccess
from newsspider.messages import _
from newsspider.mongo.server.connection import MongoSettings

if TYPE_CHECKING:
    from newsspider.mongo.server.staying import ServerState

ACTIONS = ("start", "stop", "status")


class Command(DatabaseAccess, ScrapyCommand):
    """Actions: start, stop, status; exit code 1 for the status of a server that does not run."""

    def syntax(self) -> str:
        return "start | stop | status"

    def short_desc(self) -> str:
        return "Start and stop the private MongoDB"

    def long_desc(self) -> str:
        return (
            "Commands start the private MongoDB themselves, and it stops MONGO_IDLE_S seconds after the last one. "
            "`start` lets it stay until `stop`."
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        from newsspider.mongo.server import staying

        if len(args) != 1 or args[0] not in ACTIONS:
            raise UsageError(
                _("no action given: use one of {actions}").format(actions=", ".join(ACTIONS)), print_help=False
            )
        mongo = MongoSettings.of(self.required_settings())
        if mongo.uri:
            raise UsageError(_("MONGO_URI is set: that server is not started or stopped here"), print_help=False)
        folder = mongo.data_dir.resolve()
        if args[0] == "start":
            print(told(staying.start_to_stay(folder, mongo.idle_s), folder))
        elif args[0] == "stop":
            print(_("stopped") if staying.stop(folder) else told(None, folder))
        else:
            found = staying.state(folder)
            self.exitcode = 0 if found else 1
            print(told(found, folder))


def told(state: ServerState | None, folder: Path) -> str:
    """Return the line about a private MongoDB."""
    if state is None:
        return _("no MongoDB runs on {folder}").format(folder=folder)
    use = _("in use") if state.is_used else _("idle")
    end = _(", stays until `scrapy mongod stop`") if state.is_staying else ""
    return _("MongoDB runs on {folder}: process {process_id}, port {port}, {use}{end}").format(
        folder=folder, process_id=state.process_id, port=state.port, use=use, end=end
    )
