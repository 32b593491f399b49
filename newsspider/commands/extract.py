"""`scrapy extract`: the articles of saved or live pages as JSON lines, or with `--explain` how they were found."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.console import complain
from newsspider.cli.extraction import UnreadablePageError, check_is_text, extract, read_page, to_json
from newsspider.cli.fetching import fetch, is_url
from newsspider.cli.setting_names import CheckedSettings
from newsspider.cli.site_pages import site_registry
from newsspider.explanation import explained
from newsspider.extensions.gc_threshold import set_gc_threshold
from newsspider.messages import _
from newsspider.recording.cases import RecordedResponse
from newsspider.sites.registry import SiteRegistry

PAGES_A_TASK = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: a URL and a time given by hand, and whether the account is wanted."""

    url: str | None
    fetched_at: datetime | None
    is_explained: bool
    sites: SiteRegistry


@dataclass(slots=True)
class Answer:
    """What is printed for one page: `output` on stdout or `problem` on stderr."""

    output: str = ""
    problem: str = ""


class Command(CheckedSettings, ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] FILE_OR_URL..."

    def short_desc(self) -> str:
        return "Print the articles of pages as JSON lines"

    def long_desc(self) -> str:
        return (
            "Read saved pages (or folders with page.html and meta.json) or fetch URLs, and print one JSON object "
            "per line: the id (stem of the file name), then the fields of the cleaned article. A page that cannot be "
            "read gives one line on stderr and exit code 1; the others are still printed."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="URL of the page (one file only)")
        parser.add_argument(
            "--fetched-at", metavar="TIME", help="when the files were fetched, ISO 8601 (default modification time)"
        )
        parser.add_argument("--explain", action="store_true", help="show how each field was found")
        parser.add_argument("--jobs", type=int, default=1, metavar="N", help="number of processes (default 1)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        names = checked_names(args, opts)
        if self.settings is None:
            raise RuntimeError("extract runs inside `scrapy`")
        sites = site_registry(self.settings)
        reading = Reading(opts.url, parsed_time(opts.fetched_at), opts.explain, sites)
        urls = [name for name in names if is_url(name)]
        fetched = fetch(urls, self.settings.copy(), sites) if urls else None
        sources: list[str | RecordedResponse] = [fetched.pages.get(name, name) if fetched else name for name in names]
        problems = fetched.problems if fetched else {}
        threshold = self.settings.getint("COLLECTOR_THRESHOLD")
        for answer in answers(sources, reading, problems, opts.jobs, threshold):
            self._print(answer)

    def _print(self, answer: Answer) -> None:
        if answer.problem:
            complain(answer.problem)
            self.exitcode = 1
        else:
            print(answer.output)


def checked_names(args: list[str], opts: argparse.Namespace) -> list[str]:
    """Return the names of pages. Raises UsageError, one line, for options that do not go together."""
    unknown = [arg for arg in args if arg.startswith("--")]
    if unknown:
        raise UsageError(_("unknown option {unknown}").format(unknown=unknown[0]), print_help=False)
    if not args:
        raise UsageError(_("no page given: name files, fixture folders or URLs"), print_help=False)
    if opts.url and len(args) > 1:
        raise UsageError(_("--url needs exactly one file"), print_help=False)
    if opts.url and not is_url(opts.url):
        raise UsageError(_("--url {url!r} is not an http(s) URL").format(url=opts.url), print_help=False)
    if opts.jobs < 1:
        raise UsageError(_("--jobs {jobs} is not 1 or more").format(jobs=opts.jobs), print_help=False)
    return args


def parsed_time(text: str | None) -> datetime | None:
    """Return an aware time. Raises UsageError for a text that is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            _("--fetched-at {text!r} is not an ISO 8601 time").format(text=text), print_help=False
        ) from None
    if moment.tzinfo is None:
        raise UsageError(
            _("--fetched-at {text!r} has no time zone (such as Z or +08:00)").format(text=text), print_help=False
        )
    return moment


def answers(
    sources: Sequence[str | RecordedResponse], reading: Reading, problems: dict[str, str], jobs: int, threshold: int = 0
) -> Iterator[Answer]:
    """Yield an answer for every source in its order, from `jobs` processes; `threshold` is COLLECTOR_THRESHOLD."""
    work = partial(answer, reading=reading, problems=problems)
    if jobs == 1 or len(sources) == 1:
        set_gc_threshold(threshold)
        yield from map(work, sources)
        return
    start = partial(set_gc_threshold, threshold)
    with ProcessPoolExecutor(min(jobs, len(sources)), initializer=start) as pool:
        try:
            yield from pool.map(work, sources, chunksize=PAGES_A_TASK)
        except BrokenProcessPool:
            yield Answer(problem="a worker process died (out of memory?): run again with fewer --jobs")


def answer(source: str | RecordedResponse, reading: Reading, problems: dict[str, str]) -> Answer:
    """Return what to print for one page: a file's name, or a page that was fetched."""
    try:
        if isinstance(source, str) and is_url(source):
            return Answer(problem=f"{source}: {problems.get(source, 'no answer')}")
        if isinstance(source, str):
            page, name = read_page(Path(source), reading.url, reading.fetched_at), _stem(Path(source))
        else:
            check_is_text(source.body, source.url)
            page, name = source, None
        extraction = extract(page, reading.sites, is_explained=reading.is_explained)
    except UnreadablePageError as error:
        return Answer(problem=str(error))
    if reading.is_explained:
        return Answer("\n".join(explained(extraction.article, extraction.explanation)))
    fields = to_json(extraction.article)
    return Answer(json.dumps({"id": name or fields["_id"], **fields}, ensure_ascii=False))


def _stem(path: Path) -> str:
    """Return the id of a file: its stem; of a fixture, whose files are all called page, its folder's name."""
    is_fixture = path.stem == "page" and (path.parent / "meta.json").is_file()
    return path.absolute().parent.name if is_fixture else path.stem
