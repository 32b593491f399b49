"""Running a crawl inside a command: result on the console, exit code."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler, CrawlerProcess, CrawlerProcessBase
from scrapy.settings import BaseSettings, default_settings

from newsspider.cli.archive.last_list import remember
from newsspider.cli.console import complain, print_rows
from newsspider.cli.prompt_stop import OUT_OF_TIME, PromptStop
from newsspider.cli.setting_values import wrong_setting
from newsspider.crawl.arguments import ArgumentError
from newsspider.extensions import summary as outcome
from newsspider.extensions.report import ArticleReport
from newsspider.items import Article
from newsspider.messages import _
from newsspider.mongo.articles.documents import short_id
from newsspider.mongo.server.errors import MongoUnavailableError, redact
from newsspider.recording.cases import RecordingError
from newsspider.sites.registry import SiteFileError

logger = logging.getLogger("newsspider")

COLUMNS = ("title", "source", "time +08:00", "no.", "id")
PIPED_COLUMNS = ("title", "source", "published_at", "id")
SHOWN_DIGITS = 6


def run_to_end(
    process: AsyncCrawlerProcess | CrawlerProcess,
    crawler: Crawler,
    arguments: dict[str, Any],
    show: Callable[[Crawler, outcome.Stats], list[str]] | None = None,
) -> int:
    """Run `crawler`, print its articles and a summary (or what `show` prints), and return the exit code."""
    if problem := wrong_setting(crawler.settings):
        return say_wrong_use(problem, crawler.settings)
    failures: list[BaseException] = []

    def keep_failure(task: asyncio.Future[None]) -> None:
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            failures.append(failure)

    def finish(is_closed: bool) -> int:
        if not is_closed:
            complain(OUT_OF_TIME)
            log_ending(crawler.settings, [OUT_OF_TIME], outcome.FAILED)
            return outcome.FAILED
        if failures:
            return explain_failure(failures[0], crawler.settings)
        stats = crawler.stats.get_stats()
        lines = (show or print_outcome)(crawler, stats)
        code = outcome.FAILED if process.bootstrap_failed else _exit_code(crawler, stats)
        log_ending(crawler.settings, lines, code)
        return code

    stop = PromptStop(crawler, finish)
    stop.install()
    task = process.crawl(crawler, **arguments)
    if isinstance(task, asyncio.Future):
        task.add_done_callback(keep_failure)
        task.add_done_callback(lambda _: stop.closed())
    process.start()
    return stop.finish()


def _exit_code(crawler: Crawler, stats: outcome.Stats) -> int:
    return outcome.exit_code(stats, fails_on_alarm=crawler.settings.getbool("FAIL_ON_ALARM"))


def use_job_log(settings: BaseSettings | None) -> None:
    """Give a log file, such as that of a scrapyd job, Scrapy's level and dated lines, unless the command line differs.

    Tools that read logs of jobs know Scrapy's format only.
    """
    if settings is not None and settings["LOG_FILE"]:
        settings.set("LOG_LEVEL", "INFO", priority="project")
        for name in ("LOG_FORMAT", "LOG_DATEFORMAT"):
            settings.set(name, getattr(default_settings, name), priority="project")


def is_job(settings: BaseSettings) -> bool:
    """Return True if nobody watches: what a run has to say goes to its log file."""
    return bool(settings["LOG_FILE"]) and not sys.stderr.isatty()


def log_ending(settings: BaseSettings, lines: Sequence[str], code: int) -> None:
    """Write to the log file how a run ended; the last line names an exit code that is not 0."""
    if not settings["LOG_FILE"]:
        return
    for line in lines:
        logger.info("%s", line)
    if code != outcome.FINE:
        logger.error("ended with exit code %d%s", code, f": {lines[-1]}" if lines else "")


def say_wrong_use(problem: object, settings: BaseSettings | None) -> int:
    """Say what is wrong with how a command was called, in its log file as well; return the exit code."""
    complain(problem)
    if settings is not None:
        log_ending(settings, [str(problem)], outcome.WRONG_USE)
    return outcome.WRONG_USE


def without_storage(settings: BaseSettings | None) -> None:
    """Switch pipelines and crawl state off: a command that looks at pages starts no MongoDB."""
    if settings is not None:
        settings.set("ITEM_PIPELINES", {}, priority="cmdline")
        settings.set("CRAWL_STATE_ENABLED", False, priority="cmdline")


def spider_problem(process: CrawlerProcessBase | None, name: str | None) -> str | None:
    """Return what is wrong with the name of a spider, None where there is nothing wrong or no name."""
    names = sorted(process.spider_loader.list()) if process is not None and name else []
    return (
        _("no spider {name!r}; there are: {names}").format(name=name, names=", ".join(names))
        if name and name not in names
        else None
    )


def explain_failure(failure: BaseException, settings: BaseSettings) -> int:
    """Print why a crawl could not start; return the exit code. Only an error of ours is worth a traceback."""
    if isinstance(failure, ArgumentError | SiteFileError):
        return say_wrong_use(failure, settings)
    if isinstance(failure, MongoUnavailableError | RecordingError):
        complain(failure)
    else:
        traceback.print_exception(failure)
    log_ending(settings, [f"{type(failure).__name__}: {failure}"], outcome.FAILED)
    return outcome.FAILED


def print_outcome(crawler: Crawler, stats: outcome.Stats) -> list[str]:
    """Print a crawl's articles and its summary as `print_result` does; return the summary."""
    report = crawler.get_extension(ArticleReport)
    articles = list(report.articles) if report is not None else []
    return print_result(crawler.settings, stats, articles, report.scraped if report is not None else 0)


def print_result(settings: BaseSettings, stats: outcome.Stats, articles: Sequence[Article], scraped: int) -> list[str]:
    """Print the last articles on stdout (unless items go there) and the summary on stderr; return the summary.

    `scraped` is how many articles there were. Nothing is printed where a log file is written and nobody watches.
    """
    lines = outcome.summary(stats, storage_name(settings))
    if is_job(settings):
        return lines
    feeds = settings.getdict("FEEDS")
    if scraped and not any(str(feed).startswith(("stdout:", "-")) for feed in feeds):
        print_articles(articles, scraped, Path(settings["DATA_DIR"]))
    for line in lines:
        print(line, file=sys.stderr)
    if outcome.articles(stats)["new"] and sys.stderr.isatty():
        print(_("look further: scrapy articles list | show NO. | export -o articles.csv"), file=sys.stderr)
    return lines


def print_articles(articles: Sequence[Article], scraped: int, folder: Path) -> None:
    """Print the last articles of a crawl; on a terminal with the numbers that `scrapy articles show` takes."""
    if not sys.stdout.isatty():
        print_rows(PIPED_COLUMNS, ((a.title, a.source, a.published_at, a._id) for a in articles))
        return
    is_numbered = remember(folder, [article._id for article in articles])
    rows = (
        (a.title, a.source, a.published_at, number if is_numbered else None, short_id(a._id)[:SHOWN_DIGITS])
        for number, a in enumerate(articles, 1)
    )
    print_rows(COLUMNS, rows)
    if scraped > len(articles):
        print(_("the last {count} of {scraped}").format(count=len(articles), scraped=scraped))


def storage_name(settings: BaseSettings) -> str:
    """Return where articles are stored, for a person, without credentials."""
    uri, database = settings["MONGO_URI"], settings["MONGO_DATABASE"]
    if uri:
        return _("{uri} database {database}").format(uri=redact(uri), database=database)
    folder = Path(settings["MONGO_DATA_DIR"])
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    return _("the private MongoDB in {shown} database {database}").format(shown=shown, database=database)
