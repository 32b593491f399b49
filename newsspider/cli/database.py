"""Database access for commands, with one-line errors."""

from __future__ import annotations

import argparse
import asyncio
import atexit
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from newsspider.cli.console import complain
from newsspider.cli.setting_names import CheckedSettings
from newsspider.messages import _
from newsspider.mongo.archive import Archive, ArchiveError, PyMongoError, one_line
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError, open_sync

T = TypeVar("T")


def with_connection(settings: Settings, work: Callable[[Connection], Awaitable[T]], *, is_prepared: bool = True) -> T:
    """Run `work` with the connection of the settings and return its result; the connection is closed after it.

    Collections and indexes that do not exist are created before, unless not `is_prepared`. Raises
    MongoUnavailableError.
    """

    from newsspider.mongo.schema import prepare

    async def run() -> T:
        connection = await Connection.open(*MongoSettings.of(settings))
        try:
            if is_prepared:
                await prepare(connection.db)
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def end_at_once(command: DatabaseAccess) -> None:
    """End the process: the driver would wait half a second for its threads, and Python take all its modules apart."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # the reader of a pipe is gone
            continue
    os._exit(command.exitcode)


class DatabaseAccess(CheckedSettings):
    """Mixed into a ScrapyCommand (Scrapy makes a command of every class of that base that it finds here).

    Exit code 1 where MongoDB or the answer is missing, 2 for wrong use; neither with a traceback.
    """

    requires_project = True
    requires_crawler_process = False
    settings: Settings | None
    exitcode: int

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the work; ArchiveError, MongoUnavailableError and UsageError are told in one line."""
        raise NotImplementedError

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        unknown = [arg for arg in args if arg.startswith("-")]
        if unknown:
            raise UsageError(_("unknown option {unknown}").format(unknown=unknown[0]), print_help=False)
        try:
            self.execute(args, opts)
        except (ArchiveError, MongoUnavailableError) as error:
            complain(error)
            self.exitcode = 1
        except PyMongoError as error:
            complain(one_line(error, self.required_settings()["MONGO_URI"] or "the private server"))
            self.exitcode = 1
        except BrokenPipeError:
            self.exitcode = 0
        except KeyboardInterrupt:
            complain(_("stopped; what was written stays, and the same command goes on"))
            self.exitcode = 1
        atexit.register(end_at_once, self)

    def required_settings(self) -> Settings:
        if self.settings is None:
            raise RuntimeError("this command runs inside `scrapy`")
        return self.settings

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """Yield the stored articles. Raises MongoUnavailableError."""
        with open_sync(*MongoSettings.of(self.required_settings())) as database:
            yield Archive(database)
