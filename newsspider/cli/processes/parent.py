"""`scrapy crawl news -a processes=N`: N processes that share the sites, with one progress line and one summary."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, Final

from rich.console import Console
from scrapy.settings import SETTINGS_PRIORITIES, Settings

from newsspider.cli.console import complain
from newsspider.cli.processes import child
from newsspider.cli.processes.merged import merged, shares
from newsspider.cli.running import is_job, log_ending, print_result, say_wrong_use
from newsspider.cli.setting_values import wrong_setting
from newsspider.crawl.arguments import ArgumentError, CrawlArguments, parse_arguments
from newsspider.extensions import summary as outcome
from newsspider.extensions.progress import PROGRESS_INTERVAL_S, ProgressLine
from newsspider.extensions.report import SHOWN_ARTICLES
from newsspider.messages import N_, _
from newsspider.urls import registered_domain

COMMAND_LINE: Final = SETTINGS_PRIORITIES["cmdline"]
# settings that make a crawl the work of a single process
ALONE: Final = {"RECORD": N_("a recording"), "REPLAY": N_("a replay"), "FEEDS": N_("a file of items (-o)")}
# limits of a run that are divided among its processes
DIVIDED: Final = ("MAX_PAGES", "MAX_ARTICLES", "RENDER_MAX_PAGES")
DIVIDED_ARGUMENTS: Final = ("max_articles", "sample")
READ_BYTES: Final = 1 << 16


@dataclass(slots=True)
class Worker:
    """One of the processes, what it has told last, and the ends of its pipes, None once they are closed."""

    process: BaseProcess
    told: Connection | None
    said: Connection | None
    remote: tuple[Connection, Connection]
    news: child.News = field(default_factory=lambda: child.News({}))
    line: bytes = b""

    @property
    def is_over(self) -> bool:
        return self.told is None and not self.process.is_alive()

    def start(self) -> None:
        """Start the process, and leave its ends of the pipes to it alone: they are over when it is."""
        self.process.start()
        for end in self.remote:
            end.close()


def run(spider: str, given: Mapping[str, str], seeds: Sequence[str], settings: Settings) -> int:
    """Crawl in as many processes as `given` says; return the exit code, the worst of theirs.

    `seeds` are what the spider crawls where `given` has no URLs.
    """
    try:
        arguments = parse_arguments(given, _extra(given))
        problem = wrong_setting(settings) or _conflict(settings)
    except ArgumentError as error:
        problem = str(error)
    if problem:
        return say_wrong_use(problem, settings)
    count = _useful(arguments, seeds)
    with _Crew(spider, orders(spider, given, settings, count), settings) as crew:
        return crew.run()


def _extra(given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names that may be a spider's own: that spider checks them."""
    return tuple(given)


def _conflict(settings: Settings) -> str | None:
    """Return why a crawl with these settings cannot have several processes."""
    if what := next((what for name, what in ALONE.items() if settings.get(name)), None):
        words = _("processes: {what} is made by one process (scrapy articles export gives what many have stored)")
        return words.format(what=_(what))
    if not settings.getbool("CRAWL_STATE_ENABLED"):
        return _("processes: they share their sites by CRAWL_STATE_ENABLED, which is off")
    return None


def _useful(arguments: CrawlArguments, seeds: Sequence[str]) -> int:
    """Return how many processes have work: a site is crawled by one, an article fetched by one."""
    count = arguments.processes or 1
    sites = {registered_domain(url) for url in arguments.urls or seeds}
    most = [limit for limit in (arguments.max_articles, arguments.sample) if limit]
    if sites and not arguments.is_all_due:
        most.append(len(sites))
    useful = max(1, min([count, *most]))
    if useful < count:
        words = _("{useful} of {count} processes are started: the others would have nothing to do")
        complain(words.format(useful=useful, count=count))
    return useful


def orders(spider: str, given: Mapping[str, str], settings: Settings, count: int) -> list[child.Order]:
    """Return what each process is to do: the same, with its part of the limits and a port of its own."""
    asked = {name: settings[name] for name in settings if (settings.getpriority(name) or 0) >= COMMAND_LINE}
    asked |= {"PROGRESS_ENABLED": False, "RUN_ARGUMENTS": dict(given), "LOG_FILE_APPEND": True}
    is_forever = str(given.get("forever", "0")) not in ("", "0", "no", "false", "off")
    made = []
    for number in range(count):
        own = dict(asked)
        for name in DIVIDED:
            is_given = (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["project"]
            if settings.getint(name) and (is_given or not is_forever):
                own[name] = max(1, shares(settings.getint(name), count)[number])
        if settings.getint("METRICS_PORT"):
            own["METRICS_PORT"] = settings.getint("METRICS_PORT") + number
        divided = {name: str(shares(int(given[name]), count)[number]) for name in DIVIDED_ARGUMENTS if name in given}
        made.append(child.Order(spider, {**given, **divided}, own))
    return made


class _Crew:
    """The processes of a crawl, and what they say."""

    def __init__(self, spider: str, to_do: Sequence[child.Order], settings: Settings) -> None:
        self._settings = settings
        self._workers = [_worker(order) for order in to_do]
        self._complaints: set[bytes] = set()
        self._progress = None
        if sys.stderr.isatty() and settings.getbool("PROGRESS_ENABLED"):
            self._progress = ProgressLine(self, Console(stderr=True))

    def get_stats(self) -> dict[str, Any]:
        """Return the stats of all processes together."""
        return merged(worker.news.stats for worker in self._workers)

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *raised: object) -> None:
        for worker in self._workers:
            worker.process.join()

    def run(self) -> int:
        """Start the processes, wait until all have ended, print the outcome, and return the exit code."""
        with self._signals_handed_on():
            for worker in self._workers:
                worker.start()
            if self._progress is not None:
                self._progress.start(None)
            drawn_at = 0.0
            while not all(worker.is_over for worker in self._workers):
                self._listen()
                if self._progress is not None and time.monotonic() - drawn_at >= PROGRESS_INTERVAL_S:
                    self._progress.draw()
                    drawn_at = time.monotonic()
            for worker in self._workers:
                while worker.said is not None and worker.said.poll():
                    self._show(worker, worker.said)
            if self._progress is not None:
                self._progress.stop()
        return self._finish()

    def _listen(self) -> None:
        """Take in what the processes have told and said, for a moment."""
        open_ends = {end: worker for worker in self._workers for end in (worker.told, worker.said) if end is not None}
        if all(worker.told is None for worker in self._workers):
            for worker in self._workers:
                worker.process.join(PROGRESS_INTERVAL_S)
        for end in connection.wait(list(open_ends), PROGRESS_INTERVAL_S):
            assert isinstance(end, Connection)  # noqa: S101 for the type checker
            worker = open_ends[end]
            if end is worker.told:
                self._hear(worker, end)
            else:
                self._show(worker, end)

    def _hear(self, worker: Worker, end: Connection) -> None:
        try:
            worker.news = end.recv()
        except (EOFError, OSError):
            end.close()
            worker.told = None
            self._name_dead(worker)

    def _name_dead(self, worker: Worker) -> None:
        worker.process.join(PROGRESS_INTERVAL_S)
        code = worker.process.exitcode
        if not worker.news.is_end and code is not None and code < 0:
            by = signal.Signals(-code).name
            words = _("process {pid} was ended by {signal}: its sites are taken over by the others")
            complain(words.format(pid=worker.process.pid, signal=by))

    def _show(self, worker: Worker, end: Connection) -> None:
        """Print the whole lines that a process has written; what each of them complains of is printed once."""
        chunk = os.read(end.fileno(), READ_BYTES)
        *lines, worker.line = (worker.line + chunk).split(b"\n")
        if not chunk:
            lines, worker.line = [worker.line] if worker.line else [], b""
            end.close()
            worker.said = None
        for line in lines:
            if line.startswith(b"newsspider: ") and line in self._complaints:
                continue
            self._complaints.add(line)
            sys.stderr.write(line.decode("utf-8", "replace") + "\n")
        sys.stderr.flush()

    @contextmanager
    def _signals_handed_on(self) -> Iterator[None]:
        """Hand Ctrl-C and SIGTERM on to the processes, which end in order; this one waits for them."""

        def hand_on(number: int, frame: FrameType | None) -> None:
            for worker in self._workers:
                if worker.process.pid is not None and worker.process.exitcode is None:
                    os.kill(worker.process.pid, number)

        before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _finish(self) -> int:
        ended = [worker for worker in self._workers if worker.news.is_end]
        codes = [worker.process.exitcode or 0 for worker in self._workers]
        if not ended:
            return max(outcome.FAILED if code < 0 else code for code in codes)
        stats = self.get_stats()
        found = [article for worker in ended for article in worker.news.articles]
        last = sorted(found, key=lambda article: article.fetched_at)[-SHOWN_ARTICLES:]
        lines = print_result(self._settings, stats, last, sum(worker.news.scraped for worker in ended))
        code = worst(codes)
        if not is_job(self._settings) and any(code < 0 for code in codes):
            print(_("a process died: the exit code is 1"), file=sys.stderr)
        log_ending(self._settings, lines, code)
        return code


def worst(codes: Sequence[int]) -> int:
    """Return the exit code of a crawl by those of its processes, negative for one that was ended by a signal."""
    for bad in (outcome.FAILED, outcome.WRONG_USE, outcome.ALARMED):
        if bad in codes or (bad == outcome.FAILED and any(code < 0 or code > outcome.ALARMED for code in codes)):
            return bad
    return outcome.FINE


def _worker(order: child.Order) -> Worker:
    context = multiprocessing.get_context("spawn")
    told, tells = context.Pipe(duplex=False)
    said, says = context.Pipe(duplex=False)
    process = context.Process(target=child.run, args=(order, tells, says))
    return Worker(process, told, said, (tells, says))
