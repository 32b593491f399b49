"""`scrapy articles`: list, show, export and import stored articles."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.archive import doctor, persons, takedown
from newsspider.cli.archive import views as articles_show
from newsspider.cli.archive.export import FORMATS, write_export
from newsspider.cli.console import print_rows
from newsspider.cli.database import DatabaseAccess
from newsspider.cli.importing import actions as articles_import
from newsspider.mongo.archive import ArchiveError, ArticleFilter
from newsspider.text.zone import BEIJING
from newsspider.urls import registered_domain

LISTED = 50
CONFIDENT_FIELDS = ("title", "text", "source", "authors", "published_at")
COLUMNS = ("published (+08:00)", "site", "source", "title", "rev", "copy of", "id")
# on a terminal every column counts, and an id begins with its site
SHOWN_COLUMNS = tuple(name for name in COLUMNS if name != "site")
TOTAL_COLUMNS = ("site", "articles", "copies", "revisions", "undated", "oldest", "newest")


class Command(DatabaseAccess, ScrapyCommand):
    """Actions: see `syntax`."""

    def syntax(self) -> str:
        return (
            "[options] list | show ID | export | import FILE... | stats | story ID | history ID | recluster | doctor"
            " | migrate | find --person NAME | remove ID... --reason TEXT | tombstones export|import FILE | audit"
        )

    def short_desc(self) -> str:
        return "List, show, export and import stored articles"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        chosen = parser.add_argument_group("Which articles (list, export, stats; doctor: --site alone)")
        chosen.add_argument("--site", help="registered domain, or any URL of the site")
        chosen.add_argument("--source", help="來源/来源, exactly")
        chosen.add_argument("--since", metavar="DATE", help="published (else first seen) on or after; Beijing time")
        chosen.add_argument(
            "--until",
            metavar="DATE",
            help="published (else first seen) on or before DATE, or before a time; Beijing time",
        )
        chosen.add_argument("--text", help="text that title or body contain (scans what the other filters leave)")
        chosen.add_argument(
            "--sure", metavar="FIELD=SHARE", help="confidence for text, title, ... of at least SHARE, such as text=0.9"
        )
        chosen.add_argument("--unsure", metavar="FIELD=SHARE", help="confidence below SHARE")
        chosen.add_argument(
            "--limit", type=int, metavar="N", help=f"at most N articles (list: default {LISTED}; 0: all)"
        )
        parser.add_argument(
            "--format", choices=sorted(FORMATS), help="export format (default from the file name, else jsonl)"
        )
        parser.add_argument("--jobs", type=int, default=1, metavar="N", help="import in N processes (default 1)")
        parser.add_argument("--fix", action="store_true", help="doctor: put right what is found (default: show it)")
        parser.add_argument("--again", action="store_true", help="import files again that were imported before")
        parser.add_argument("--person", metavar="NAME", help="find: all that is stored of a person")
        parser.add_argument("--reason", metavar="TEXT", help="remove: why, for the audit log")
        parser.add_argument("--copies", action="store_true", help="remove: their copies on other sites as well")
        parser.add_argument("-o", "--output", metavar="FILE", help="export to FILE (default stdout)")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        actions: dict[str, tuple[int | None, Callable[..., None]]] = {
            "list": (0, self._list),
            "show": (1, self._show),
            "export": (0, self._export),
            "import": (None, self._import),
            "stats": (0, self._stats),
            "story": (1, self._story),
            "history": (1, self._history),
            "recluster": (0, self._recluster),
            "doctor": (0, self._doctor),
            "migrate": (0, self._migrate),
            "find": (0, self._find),
            "remove": (None, self._remove),
            "tombstones": (None, self._tombstones),
            "audit": (0, self._audit),
        }
        if not args or args[0] not in actions:
            raise UsageError(f"no action given: use one of {', '.join(actions)}", print_help=False)
        count, action = actions[args[0]]
        if len(args) - 1 != count and (count is not None or len(args) == 1):
            needs = "needs a name: an id, a URL or a file" if count != 0 else "takes options only (--help)"
            raise UsageError(f"articles {args[0]} {needs}", print_help=False)
        action(opts, *args[1:])

    def _list(self, opts: argparse.Namespace) -> None:
        wanted = filter_of(opts)
        limit = LISTED if opts.limit is None else opts.limit
        with self.archive() as archive:
            rows = [
                (
                    a.get("published_at"),
                    a["site"],
                    a.get("source"),
                    a["title"],
                    a["revision"],
                    a.get("duplicate_of"),
                    a["_id"],
                )
                for a in archive.find(wanted, limit=limit)
            ]
            if sys.stdout.isatty():
                print_rows(SHOWN_COLUMNS, (row[:1] + row[2:] for row in rows))
            else:
                print_rows(COLUMNS, rows)
            if limit and len(rows) == limit and sys.stdout.isatty():
                print(f"{limit} of {archive.count(wanted)}; more with --limit")

    def _show(self, opts: argparse.Namespace, name: str) -> None:
        with self.archive() as archive:
            articles_show.show(archive.get(name))

    def _story(self, opts: argparse.Namespace, name: str) -> None:
        with self.archive() as archive:
            articles_show.story(archive.story(archive.get(name)))

    def _history(self, opts: argparse.Namespace, name: str) -> None:
        with self.archive() as archive:
            article = archive.get(name)
            articles_show.history([*archive.versions(article["_id"]), article])

    def _stats(self, opts: argparse.Namespace) -> None:
        with self.archive() as archive:
            totals = archive.totals(filter_of(opts))
            print_rows(TOTAL_COLUMNS, [(row.pop("_id"), *row.values()) for row in totals])
            if sys.stdout.isatty():
                articles_show.last_runs(archive.last_runs(5))

    def _export(self, opts: argparse.Namespace) -> None:
        wanted, format_name = filter_of(opts), export_format(opts)
        with self.archive() as archive:
            articles = archive.find(wanted, limit=opts.limit or 0, is_whole=True)
            if not opts.output:
                write_export(articles, format_name, sys.stdout)
                return
            with closing(_opened(Path(opts.output))) as stream:
                count = write_export(articles, format_name, stream)
        print(f"{count} articles in {opts.output}", file=sys.stderr)

    def _import(self, opts: argparse.Namespace, *names: str) -> None:
        if opts.jobs < 1:
            raise UsageError(f"--jobs {opts.jobs} is not 1 or more", print_help=False)
        self.exitcode = articles_import.run(names, self.required_settings(), jobs=opts.jobs, is_again=opts.again)

    def _recluster(self, opts: argparse.Namespace) -> None:
        self.exitcode = articles_import.recluster(self.required_settings())

    def _doctor(self, opts: argparse.Namespace) -> None:
        given = [name for name in ("source", "since", "until", "text", "limit") if getattr(opts, name) is not None]
        if given:
            raise UsageError(f"articles doctor takes --site and --fix, not --{given[0]}", print_help=False)
        site = registered_domain(opts.site) if opts.site else None
        self.exitcode = doctor.run(self.required_settings(), site=site, is_fixing=opts.fix)

    def _find(self, opts: argparse.Namespace) -> None:
        if not opts.person:
            raise UsageError("articles find needs --person NAME", print_help=False)
        try:
            persons.name_pattern(opts.person)
        except ValueError as error:
            raise UsageError(f"--person {error}", print_help=False) from None
        with self.archive() as archive:
            persons.find(archive, opts.person, registered_domain(opts.site) if opts.site else None)

    def _remove(self, opts: argparse.Namespace, *names: str) -> None:
        if not (opts.reason or "").strip():
            raise UsageError("articles remove needs --reason TEXT: it is kept in the audit log", print_help=False)
        with self.archive() as archive:
            takedown.remove(self.required_settings(), archive, names, opts.reason.strip(), with_copies=opts.copies)

    def _tombstones(self, opts: argparse.Namespace, *words: str) -> None:
        if words == ("export",):
            with self.archive() as archive:
                takedown.export_tombstones(archive, opts.output)
        elif len(words) == 2 and words[0] == "import":
            takedown.import_tombstones(self.required_settings(), words[1])
        else:
            raise UsageError("articles tombstones: use export [-o FILE] or import FILE", print_help=False)

    def _audit(self, opts: argparse.Namespace) -> None:
        with self.archive() as archive:
            takedown.audit(archive)

    def _migrate(self, opts: argparse.Namespace) -> None:
        self.exitcode = articles_import.migrate(self.required_settings())


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ArchiveError(f"cannot write {path}: {error.strerror}") from None


def export_format(opts: argparse.Namespace) -> str:
    """Return the export's format: as asked for, else by the file's name, else jsonl."""
    if opts.format:
        return str(opts.format)
    suffix = Path(opts.output or "").suffix.lstrip(".")
    return suffix if suffix in FORMATS else "jsonl"


def filter_of(opts: argparse.Namespace) -> ArticleFilter:
    """Return the filter that the options name. Raises UsageError for a date that is none."""
    if opts.limit is not None and opts.limit < 0:
        raise UsageError(f"--limit {opts.limit} is not 0 or more", print_help=False)
    return ArticleFilter(
        site=registered_domain(opts.site) if opts.site else None,
        source=opts.source,
        since=_moment("--since", opts.since),
        until=_moment("--until", opts.until, is_end=True),
        text=opts.text,
        sure=_share("--sure", opts.sure),
        unsure=_share("--unsure", opts.unsure),
    )


def _share(option: str, text: str | None) -> tuple[str, float] | None:
    """Return (field, share). Raises UsageError for a field without confidence or a share outside 0 to 1."""
    if text is None:
        return None
    name, _, share = text.partition("=")
    try:
        value = float(share)
    except ValueError:
        value = -1.0
    if name not in CONFIDENT_FIELDS or not 0 <= value <= 1:
        expected = f"a field of {', '.join(CONFIDENT_FIELDS)}, = and a share from 0 to 1"
        raise UsageError(f"{option} {text!r} is not {expected}", print_help=False)
    return name, value


def _moment(option: str, text: str | None, *, is_end: bool = False) -> datetime | None:
    """Return an aware UTC time; a date alone is its beginning in Beijing, as an end the beginning of the next day."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a date (expected such as 2024-04-24)", print_help=False) from None
    if is_end and len(text.strip()) <= len("2024-04-24"):
        moment += timedelta(days=1)
    return (moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).astimezone(UTC)
