"""`scrapy serve`: the archive in a browser."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.database import DatabaseAccess
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError

PACKAGES = ("starlette", "jinja2", "uvicorn", "feedgenerator")


class Command(DatabaseAccess, ScrapyCommand):
    def syntax(self) -> str:
        return "[--port PORT]"

    def short_desc(self) -> str:
        return "Show the archive in a browser: search, articles, stories, plots"

    def long_desc(self) -> str:
        return (
            "Serves pages, feeds and a JSON API until it is stopped; for this machine alone unless SERVE_TOKEN is set."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--port", type=int, metavar="PORT", help="the port (default SERVE_PORT)")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(_("serve takes no arguments"), print_help=False)
        settings = self.required_settings()
        if opts.port is not None:
            settings.set("SERVE_PORT", opts.port, priority="cmdline")
        if any(find_spec(name) is None for name in PACKAGES):
            said = _("serve needs {packages}: pip install -r requirements-web.txt")
            raise ArchiveError(said.format(packages=", ".join(PACKAGES)))
        from newsspider.web.server import CannotServeError, serve

        try:
            with self.archive() as archive:
                serve(archive, settings)
        except CannotServeError as error:
            raise UsageError(str(error), print_help=False) from None
