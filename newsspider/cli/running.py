"""Running a crawl inside a command: result on the console, exit code."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler, CrawlerProcess
from scrapy.settings import BaseSettings

from newsspider.cli.console import complain, print_rows
from newsspider.cli.setting_values import wrong_setting
from newsspider.crawl.arguments import ArgumentError
from newsspider.extensions import summary as outcome
from newsspider.extensions.report import ArticleReport
from newsspider.mongo.server.errors import MongoUnavailableError, redact
from newsspider.recording.cases import RecordingError

COLUMNS = ("published (+08:00)", "source", "title", "id")


def run_to_end(
    process: AsyncCrawlerProcess | CrawlerProcess,
    crawler: Crawler,
    arguments: dict[str, Any],
    show: Callable[[Crawler, outcome.Stats], None] | None = None,
) -> int:
    """Run `crawler`, print its articles and a summary (or what `show` prints), and return the exit code."""
    if problem := wrong_setting(crawler.settings):
        complain(problem)
        return outcome.WRONG_USE
    failures: list[BaseException] = []

    def keep_failure(task: asyncio.Future[None]) -> None:
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            failures.append(failure)

    task = process.crawl(crawler, **arguments)
    if isinstance(task, asyncio.Future):
        task.add_done_callback(keep_failure)
    process.start()
    if failures:
        return explain_failure(failures[0])
    stats = crawler.stats.get_stats()
    (show or print_outcome)(crawler, stats)
    return outcome.FAILED if process.bootstrap_failed else outcome.exit_code(stats)


def explain_failure(failure: BaseException) -> int:
    """Print why a crawl could not start; return the exit code. Only an error of ours is worth a traceback."""
    if isinstance(failure, ArgumentError):
        complain(failure)
        return outcome.WRONG_USE
    if isinstance(failure, MongoUnavailableError | RecordingError):
        complain(failure)
    else:
        traceback.print_exception(failure)
    return outcome.FAILED


def print_outcome(crawler: Crawler, stats: outcome.Stats) -> None:
    """Print the crawl's articles on stdout (unless items go there) and the summary on stderr."""
    report = crawler.get_extension(ArticleReport)
    feeds = crawler.settings.getdict("FEEDS")
    if report is not None and not any(str(feed).startswith(("stdout:", "-")) for feed in feeds):
        articles = sorted(report.articles, key=lambda article: article._id)
        print_rows(COLUMNS, ((a.published_at, a.source, a.title, a._id) for a in articles))
        if report.scraped > len(articles) and sys.stdout.isatty():
            print(f"... and {report.scraped - len(articles)} more")
    for line in outcome.summary(stats, storage_name(crawler.settings)):
        print(line, file=sys.stderr)
    if outcome.articles(stats)["new"] and sys.stderr.isatty():
        print("look further: scrapy articles list | show ID | export --format csv", file=sys.stderr)


def storage_name(settings: BaseSettings) -> str:
    """Return where articles are stored, for a person, without credentials."""
    uri, database = settings["MONGO_URI"], settings["MONGO_DATABASE"]
    if uri:
        return f"{redact(uri)} database {database}"
    folder = Path(settings["MONGO_DATA_DIR"])
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    return f"the private MongoDB in {shown} database {database}"
