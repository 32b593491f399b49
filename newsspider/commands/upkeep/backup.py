"""`scrapy backup`: the database into a file, the file checked, and back into an empty database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider import clock
from newsspider.cli.archive.takedown import export_tombstones, import_tombstones
from newsspider.cli.console import complain
from newsspider.cli.database import DatabaseAccess
from newsspider.cli.sites.actions import prepared, recount
from newsspider.messages import _
from newsspider.mongo.schema import SCHEMA_VERSION
from newsspider.mongo.upkeep.backup import BackupError, BackupReport, check_backup, restore_backup, write_backup
from newsspider.text.zone import BEIJING

TOMBSTONES = ".tombstones.jsonl"


class Command(DatabaseAccess, ScrapyCommand):
    """Actions: write FILE, check FILE, restore FILE."""

    def syntax(self) -> str:
        return "[options] write FILE | check FILE | restore FILE"

    def short_desc(self) -> str:
        return "Write the database to a file, check it, restore it"

    def long_desc(self) -> str:
        return (
            f"`write` writes the tombstones of removed articles to FILE{TOMBSTONES} as well; export them again after "
            "each removal. `restore` needs an empty database, and the tombstones of today: --tombstones names them."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--tombstones", metavar="FILE", help=f"restore: tombstones of today (default FILE{TOMBSTONES})"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        actions: dict[str, Callable[[Path, argparse.Namespace], None]] = {
            "write": self._write,
            "check": self._check,
            "restore": self._restore,
        }
        if len(args) != 2 or args[0] not in actions:
            raise UsageError(
                _("expected an action and a file: backup write FILE | check FILE | restore FILE"), print_help=False
            )
        try:
            actions[args[0]](Path(args[1]), opts)
        except BackupError as error:
            complain(error)
            self.exitcode = 1

    def _write(self, path: Path, opts: argparse.Namespace) -> None:
        with self.archive() as archive:
            report = write_backup(archive.database, path, clock.now())
            export_tombstones(archive, f"{path}{TOMBSTONES}")
        tell(report, path)

    def _check(self, path: Path, opts: argparse.Namespace) -> None:
        tell(check_backup(path), path)

    def _restore(self, path: Path, opts: argparse.Namespace) -> None:
        tombstones = Path(opts.tombstones or f"{path}{TOMBSTONES}")
        if not tombstones.is_file():
            raise BackupError(
                _("no tombstones at {tombstones}: what was removed would come back (--tombstones FILE)").format(
                    tombstones=tombstones
                )
            )
        report = check_backup(path)
        if report.schema_version > SCHEMA_VERSION:
            raise BackupError(
                _("{path} has schema version {schema_version}, this newsspider knows {known}: upgrade it").format(
                    path=path, schema_version=report.schema_version, known=SCHEMA_VERSION
                )
            )
        with self.archive() as archive:
            restore_backup(archive.database, path)
        prepared(self.required_settings())
        import_tombstones(self.required_settings(), str(tombstones))
        recount(self.required_settings())
        tell(report, path)


def tell(report: BackupReport, path: Path) -> None:
    """Say on stderr what is in a backup."""
    counts = ", ".join(f"{count} {name}" for name, count in report.documents.items() if count)
    made_at = f"{report.made_at.astimezone(BEIJING):%Y-%m-%d %H:%M}" if report.made_at else ""
    print(f"{path}: {report.database} of {made_at} (+08:00): {counts or 'empty'}", file=sys.stderr)
