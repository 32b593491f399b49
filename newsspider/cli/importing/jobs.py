"""Which files an import reads, and how they are shared among processes."""

from __future__ import annotations

import glob
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any, Final

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import SETTINGS_PRIORITIES, Settings
from scrapy.utils.project import get_project_settings

from newsspider.cli.console import complain
from newsspider.cli.importing.choice import RecordChoice
from newsspider.cli.importing.sources import is_importable
from newsspider.cli.importing.spider import ImportSpider
from newsspider.cli.running import run_to_end, storage_name
from newsspider.extensions import summary as outcome
from newsspider.messages import N_, _
from newsspider.mongo.archive import ArchiveError

# why records were left out -> as the summary has it
LEFT_OUT: Final = {"language": N_("not in Chinese"), "sites": N_("of other sites")}
WHAT: Final = "a .warc, .warc.gz, .warc.zst, .jsonl or .spool file, or the word spool"


def files_of(names: Iterable[str]) -> list[Path]:
    """Return the files that `names` (files, folders, patterns such as `*.warc.gz` or `**/*.warc`) stand for, once each.

    Raises ArchiveError for a name without files and for a file that cannot be imported.
    """
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            matches = sorted(below for below in path.rglob("*") if below.is_file() and is_importable(below))
        elif path.is_file():
            matches = [path]
        else:
            matches = [match for text in sorted(glob.glob(name, recursive=True)) if (match := Path(text)).is_file()]
        if not matches:
            raise ArchiveError(_("no such file: {name} ({what})").format(name=name, what=WHAT))
        if wrong := next((match for match in matches if not is_importable(match)), None):
            raise ArchiveError(_("{wrong}: neither .warc, .warc.gz, .warc.zst, .jsonl nor .spool").format(wrong=wrong))
        found |= dict.fromkeys(match.resolve() for match in matches)
    return list(found)


@dataclass(slots=True, frozen=True)
class ImportOrder:
    """What the processes of an import are to do; `began_at` is when the command began (aware)."""

    paths: Sequence[Path]
    choice: RecordChoice
    is_again: bool
    began_at: datetime

    def arguments(self, *, is_first: bool) -> dict[str, Any]:
        """Return the arguments of a process's spider."""
        order = {"paths": self.paths, "choice": self.choice, "is_again": self.is_again, "began_at": self.began_at}
        return order | {"is_first": is_first}


def import_files(
    paths: Sequence[Path], settings: Settings, *, jobs: int, is_again: bool, choice: RecordChoice | None = None
) -> int:
    """Import `paths` in `jobs` processes that share them; return the exit code, the worst of theirs."""
    order = ImportOrder(largest_first(paths), choice or RecordChoice(), is_again, datetime.now(UTC))
    jobs = min(jobs, len(paths))
    if jobs == 1:
        return _import(order, settings, is_first=True)
    overrides = {
        name: settings[name] for name in settings if (settings.getpriority(name) or 0) >= SETTINGS_PRIORITIES["cmdline"]
    }
    context = multiprocessing.get_context("spawn")
    processes: list[BaseProcess] = [
        context.Process(target=_job, args=(order, overrides, number == 0)) for number in range(jobs)
    ]
    with _signals_handed_on(processes):
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    codes = [process.exitcode or 0 for process in processes]
    for process, code in zip(processes, codes, strict=True):
        if code < 0:
            complain(
                _("process {pid} ended by signal {code}: what it left is read by the others or a later run").format(
                    pid=process.pid, code=-code
                )
            )
    return max(outcome.FAILED if code < 0 else code for code in codes)


def largest_first(paths: Iterable[Path]) -> list[Path]:
    """Return files in the order in which processes begin them: none is left alone with a large one at the end."""
    return sorted(paths, key=lambda path: (-path.stat().st_size, path))


@contextmanager
def _signals_handed_on(processes: Sequence[BaseProcess]) -> Iterator[None]:
    """Hand Ctrl-C and SIGTERM on to `processes`, which end in order; this process waits for them."""

    def hand_on(number: int, frame: FrameType | None) -> None:
        for process in processes:
            if process.is_alive():
                process.terminate()

    before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _job(order: ImportOrder, overrides: dict[str, Any], is_first: bool) -> None:
    os.setpgid(0, 0)  # a terminal's Ctrl-C goes to the first process, which hands it on once
    settings = get_project_settings()
    settings.setdict(overrides, "cmdline")
    sys.exit(_import(order, settings, is_first=is_first))


def _import(order: ImportOrder, settings: Settings, *, is_first: bool) -> int:
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(ImportSpider)
    return run_to_end(process, crawler, order.arguments(is_first=is_first), show=print_import)


def print_import(crawler: Crawler, stats: outcome.Stats) -> list[str]:
    """Print on stderr what an import stored, left out and lost; return these lines."""
    lines = import_lines(stats, storage_name(crawler.settings))
    for line in lines:
        print(line, file=sys.stderr)
    return lines


def import_lines(stats: outcome.Stats, where: str) -> list[str]:
    """Return what an import ends with."""
    files, before = stats.get("import/files", 0), stats.get("import/finished_before", 0)
    lines = outcome.stored_lines(stats, where)
    if files or not before:
        records, other = stats.get("import/records", 0), stats.get("import/other", 0)
        lines.append(f"{files} files, {records} records, {other} of them not articles")
    if before:
        lines.append(f"{before} files were imported before and have not changed (--again reads them anew)")
    left_out = [f"{count} {_(LEFT_OUT[name])}" for name in LEFT_OUT if (count := stats.get(f"import/left_out/{name}"))]
    if left_out:
        lines.append(f"left out: {', '.join(left_out)}")
    if skipped := stats.get("import/skipped_bytes"):
        lines.append(f"{skipped} bytes could not be read and were skipped")
    if unresolved := stats.get("import/unresolved"):
        lines.append(f"{unresolved} revisit records name an answer in another file")
    return lines + outcome.failures(stats)
