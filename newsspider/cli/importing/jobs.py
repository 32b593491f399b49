"""Which files an import reads, and how they are shared among processes."""

from __future__ import annotations

import glob
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any, Final

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import SETTINGS_PRIORITIES, Settings
from scrapy.utils.project import get_project_settings

from newsspider.cli.console import complain
from newsspider.cli.importing.sources import is_importable
from newsspider.cli.importing.spider import ImportSpider
from newsspider.cli.running import run_to_end, storage_name
from newsspider.extensions import summary as outcome
from newsspider.mongo.archive import ArchiveError

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
            raise ArchiveError(f"no such file: {name} ({WHAT})")
        if wrong := next((match for match in matches if not is_importable(match)), None):
            raise ArchiveError(f"{wrong}: neither .warc, .warc.gz, .warc.zst, .jsonl nor .spool")
        found |= dict.fromkeys(match.resolve() for match in matches)
    return list(found)


def import_files(paths: Sequence[Path], settings: Settings, *, jobs: int, is_again: bool) -> int:
    """Import `paths` in `jobs` processes; return the exit code, the worst of theirs."""
    groups = shared_out(paths, jobs)
    if len(groups) == 1:
        return _import_group(groups[0], settings, is_again)
    overrides = {
        name: settings[name] for name in settings if (settings.getpriority(name) or 0) >= SETTINGS_PRIORITIES["cmdline"]
    }
    context = multiprocessing.get_context("spawn")
    processes: list[BaseProcess] = [context.Process(target=_job, args=(group, overrides, is_again)) for group in groups]
    with _signals_handed_on(processes):
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    codes = [process.exitcode or 0 for process in processes]
    for group, code in zip(groups, codes, strict=True):
        if code < 0:
            complain(f"a job ended by signal {-code}, {len(group)} files: the same command goes on where it was")
    return max(outcome.FAILED if code < 0 else code for code in codes)


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


def shared_out(paths: Sequence[Path], jobs: int) -> list[list[Path]]:
    """Return `paths` in at most `jobs` groups of about the same size in bytes, the largest files first."""
    groups: list[tuple[int, list[Path]]] = [(0, []) for _ in range(max(1, min(jobs, len(paths))))]
    sizes = {path: path.stat().st_size for path in paths}
    for path in sorted(paths, key=lambda path: -sizes[path]):
        groups.sort(key=lambda group: group[0])
        groups[0] = (groups[0][0] + sizes[path], [*groups[0][1], path])
    return [group for _, group in groups]


def _job(paths: Sequence[Path], overrides: dict[str, Any], is_again: bool) -> None:
    os.setpgid(0, 0)  # a terminal's Ctrl-C goes to the first process, which hands it on once
    settings = get_project_settings()
    settings.setdict(overrides, "cmdline")
    sys.exit(_import_group(paths, settings, is_again))


def _import_group(paths: Sequence[Path], settings: Settings, is_again: bool) -> int:
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(ImportSpider)
    return run_to_end(process, crawler, {"paths": paths, "is_again": is_again}, show=print_import)


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
    if skipped := stats.get("import/skipped_bytes"):
        lines.append(f"{skipped} bytes could not be read and were skipped")
    if unresolved := stats.get("import/unresolved"):
        lines.append(f"{unresolved} revisit records name an answer in another file")
    return lines + outcome.failures(stats)
