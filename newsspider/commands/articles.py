"""`scrapy articles`: list, show, export and import stored articles."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.archive import choice, last_list
from newsspider.cli.archive.choice import filter_of
from newsspider.cli.console import print_json, shown_time
from newsspider.cli.database import DatabaseAccess
from newsspider.messages import _
from newsspider.mongo.archive import GROUPINGS, Archive, ArticleFilter
from newsspider.mongo.server.types import Document
from newsspider.urls import registered_domain

LISTED = 50
SHOWN_RUNS = 5
CHOOSING = (
    *("site", "source", "author", "tag", "section", "language", "story", "since", "until", "text", "sure", "unsure"),
    "limit",
)
# actions whose arguments are a query
QUERIED = ("list", "search", "export", "stats")


class Command(DatabaseAccess, ScrapyCommand):
    """Actions: see `syntax`."""

    def syntax(self) -> str:
        return (
            "[options] list [QUERY] | search QUERY | index | show ID | export [QUERY] | import FILE... | stats [QUERY]"
            " | story ID | history ID | recluster | doctor | migrate | reread SITE|ID... | find --person NAME"
            " | remove ID...|--site SITE --reason TEXT | tombstones export|import FILE | audit"
        )

    def short_desc(self) -> str:
        return "List, show, export and import stored articles"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from newsspider.cli.exporting.formats import EDGE_FORMATS, FORMATS

        super().add_options(parser)
        choice.add_options(parser, LISTED)
        parser.add_argument("--json", action="store_true", help="list, show, stats, history: JSON, one object per line")
        parser.add_argument("--ids", action="store_true", help="list: whole ids on a terminal too")
        parser.add_argument("--by", choices=sorted(GROUPINGS), default="site", help="stats: counts per (default site)")
        parser.add_argument(
            "-o", "--output", metavar="FILE", type=_file_name, help="export to FILE (default, and for -: stdout)"
        )
        parser.add_argument(
            "--format",
            choices=sorted({*FORMATS, *EDGE_FORMATS}),
            help="export format (default from the file name, else jsonl)",
        )
        parser.add_argument("--fields", metavar="A,B,...", help="export: these fields only")
        parser.add_argument("--edges", choices=("related", "reprints"), help="export: links between articles instead")
        parser.add_argument("--jobs", type=int, default=1, metavar="N", help="import in N processes (default 1)")
        parser.add_argument("--fix", action="store_true", help="doctor: put right what is found (default: show it)")
        parser.add_argument("--again", action="store_true", help="import files again that were imported before")
        parser.add_argument("--list", metavar="FILE", help="import: the files named in FILE (or FILE.gz), one a line")
        parser.add_argument("--sites", metavar="FILE", help="import: articles of the sites named in FILE only")
        parser.add_argument(
            "--page", type=int, nargs="?", const=1, metavar="N", help="show: the kept page (of its part N) as it came"
        )
        parser.add_argument("-n", "--dry-run", action="store_true", help="reread: show what changes, write nothing")
        parser.add_argument("--person", metavar="NAME", help="find: all that is stored of a person")
        parser.add_argument("--reason", metavar="TEXT", help="remove: why, for the audit log")
        parser.add_argument("--sort", choices=("relevance", "newest"), help="search: order (default relevance)")
        parser.add_argument("--follow", action="store_true", help="index: keep it up to date until Ctrl-C")
        parser.add_argument("--rebuild", action="store_true", help="index: build it anew")
        parser.add_argument("--copies", action="store_true", help="remove: their copies on other sites as well")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        actions: dict[str, tuple[int | None, Callable[..., None]]] = {
            "list": (0, self._list),
            "search": (0, self._search),
            "index": (0, self._index),
            "show": (1, self._show),
            "export": (0, self._export),
            "import": (None, self._import),
            "stats": (0, self._stats),
            "story": (1, self._story),
            "history": (1, self._history),
            "recluster": (0, self._recluster),
            "doctor": (0, self._doctor),
            "migrate": (0, self._migrate),
            "reread": (None, self._reread),
            "find": (0, self._find),
            "remove": (None, self._remove),
            "tombstones": (None, self._tombstones),
            "audit": (0, self._audit),
        }
        if not args or args[0] not in actions:
            raise UsageError(
                _("no action given: use one of {actions}").format(actions=", ".join(actions)), print_help=False
            )
        if args[0] in QUERIED:
            opts.text = " ".join([*filter(None, [opts.text]), *args[1:]]) or None
            args = args[:1]
        count, action = actions[args[0]]
        may_be_bare = {"reread": CHOOSING[:-1], "remove": ("site",), "import": ("list",)}.get(args[0], ())
        if (
            len(args) - 1 != count
            and (count is not None or len(args) == 1)
            and all(getattr(opts, name) is None for name in may_be_bare)
        ):
            needs = _("needs a name: an id, a URL or a file") if count != 0 else _("takes options only (--help)")
            raise UsageError(_("articles {action} {needs}").format(action=args[0], needs=needs), print_help=False)
        action(opts, *args[1:])

    def _list(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.archive import tables

        limit = LISTED if opts.limit is None else opts.limit
        wanted = self._wanted(opts)
        with self.archive() as archive:
            articles = list(archive.find(wanted, limit=limit))
            tables.articles_table(archive, articles, self._folder(), is_json=opts.json, has_ids=opts.ids)
            if not articles:
                print(_("0 articles"), file=sys.stderr)
            elif limit and len(articles) == limit and sys.stdout.isatty():
                print(
                    _("{limit} of {wanted}; more with --limit; `articles show NO.` or `show ID` for one").format(
                        limit=limit, wanted=archive.count(wanted)
                    )
                )

    def _wanted(self, opts: argparse.Namespace) -> ArticleFilter:
        """Return the filter of the options, with what their query finds."""
        wanted = filter_of(opts)
        if opts.text is None:
            return wanted
        from newsspider.cli.archive import searching

        query = searching.read_query(opts.text)
        return filter_of(opts, searching.ids_of(self.required_settings(), query))

    def _search(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.archive import searching

        if opts.text is None:
            raise UsageError(_("articles search needs a query, such as '产业链 -广告'"), print_help=False)
        given = [name for name in CHOOSING if name not in ("text", "limit") and getattr(opts, name) is not None]
        if given:
            raise UsageError(
                _("articles search: say {given}:VALUE in the query, not --{given}").format(given=given[0]),
                print_help=False,
            )
        query, limit = searching.read_query(opts.text), searching.SHOWN if opts.limit is None else opts.limit
        page = searching.found_page(self.required_settings(), query, limit or searching.MAX_LIMIT, opts.sort)
        with self.archive() as archive:
            searching.print_hits(page, self._folder(), archive.id_length(), is_json=opts.json)

    def _index(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.archive import searching

        self.exitcode = searching.build(self.required_settings(), is_rebuilt=opts.rebuild, is_following=opts.follow)

    def _folder(self) -> Path:
        return Path(self.required_settings()["DATA_DIR"])

    def _named(self, archive: Archive, name: str) -> Document:
        """Return the article that a number of the last list, an id, its beginning or a URL names."""
        return archive.get(last_list.key_of(self._folder(), name))

    def _show(self, opts: argparse.Namespace, name: str) -> None:
        from newsspider.cli.archive import views

        with self.archive() as archive:
            article = self._named(archive, name)
        if opts.page is not None:
            self._show_page(article, opts.page)
        elif opts.json:
            print_json([article])
        else:
            views.show(article)

    def _show_page(self, article: Document, number: int) -> None:
        from newsspider.cli.archive import reread

        page = reread.kept_page(self.required_settings(), article, number)
        print(
            _("{url} fetched {fetched_at}").format(
                url=page.url, fetched_at=shown_time(page.fetched_at, is_terminal=False)
            ),
            file=sys.stderr,
        )
        sys.stdout.flush()
        sys.stdout.buffer.write(page.body)

    def _reread(self, opts: argparse.Namespace, *names: str) -> None:
        wanted = self._wanted(opts)
        from newsspider.cli.archive import reread

        with self.archive() as archive:
            named = archive.named(last_list.key_of(self._folder(), name) for name in names)
            query = {"$and": [wanted.to_query(), named]}
        self.exitcode = reread.run(self.required_settings(), query, is_dry=opts.dry_run)

    def _story(self, opts: argparse.Namespace, name: str) -> None:
        from newsspider.cli.archive import views

        with self.archive() as archive:
            views.story(archive.story(self._named(archive, name)), archive.id_length())

    def _history(self, opts: argparse.Namespace, name: str) -> None:
        from newsspider.cli.archive import views

        with self.archive() as archive:
            article = self._named(archive, name)
            versions = [*archive.versions(article["_id"]), article]
        if opts.json:
            print_json(versions)
        else:
            views.history(versions)

    def _stats(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.archive import tables

        wanted = self._wanted(opts)
        with self.archive() as archive:
            tables.totals_table(archive.totals(wanted, opts.by), opts.by, is_json=opts.json)
            if sys.stdout.isatty() and not opts.json:
                tables.runs_table(archive.last_runs(SHOWN_RUNS, wanted.site))

    def _export(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.exporting.export import Export, chosen_options

        export, wanted = Export.of(opts), self._wanted(opts)
        with self.archive() as archive:
            articles = archive.find(wanted, limit=opts.limit or 0, is_whole=True)
            count, files = export.write(articles, chosen_options(opts, CHOOSING))
        if files:
            what = _("edges") if opts.edges else _("articles")
            print(
                _("{count} {what} in {files}").format(count=count, what=what, files=", ".join(map(str, files))),
                file=sys.stderr,
            )

    def _import(self, opts: argparse.Namespace, *names: str) -> None:
        from newsspider.cli.importing import actions
        from newsspider.cli.importing.choice import LANGUAGES, RecordChoice, read_list, read_sites

        if opts.jobs < 1:
            raise UsageError(_("--jobs {jobs} is not 1 or more").format(jobs=opts.jobs), print_help=False)
        if opts.language not in (None, *LANGUAGES):
            raise UsageError(
                _("articles import takes --language {languages} only").format(languages=" or ".join(LANGUAGES)),
                print_help=False,
            )
        given = [name for name in CHOOSING if name != "language" and getattr(opts, name) is not None]
        if given:
            raise UsageError(
                _("articles import takes --language and --sites, not --{given}").format(given=given[0]),
                print_help=False,
            )
        choice = RecordChoice(opts.language, read_sites(opts.sites) if opts.sites else None)
        files = [*names, *(read_list(opts.list) if opts.list else ())]
        settings = self.required_settings()
        self.exitcode = actions.run(files, settings, jobs=opts.jobs, is_again=opts.again, choice=choice)

    def _recluster(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.importing import actions

        self.exitcode = actions.recluster(self.required_settings())

    def _doctor(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.archive import doctor

        given = [name for name in CHOOSING[1:] if getattr(opts, name) is not None]
        if given:
            raise UsageError(
                _("articles doctor takes --site and --fix, not --{given}").format(given=given[0]), print_help=False
            )
        site = registered_domain(opts.site) if opts.site else None
        self.exitcode = doctor.run(self.required_settings(), site=site, is_fixing=opts.fix)

    def _find(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.archive import persons

        if not opts.person:
            raise UsageError(_("articles find needs --person NAME"), print_help=False)
        try:
            persons.name_pattern(opts.person)
        except ValueError as error:
            raise UsageError(_("--person {error}").format(error=error), print_help=False) from None
        with self.archive() as archive:
            persons.find(archive, opts.person, registered_domain(opts.site) if opts.site else None)

    def _remove(self, opts: argparse.Namespace, *names: str) -> None:
        from newsspider.cli.archive import searching

        self._take_down(opts, *names)
        searching.index_again(self.required_settings())

    def _take_down(self, opts: argparse.Namespace, *names: str) -> None:
        from newsspider.cli.archive import takedown

        if not (opts.reason or "").strip():
            raise UsageError(_("articles remove needs --reason TEXT: it is kept in the audit log"), print_help=False)
        given = [name for name in CHOOSING if getattr(opts, name) is not None]
        if given and (names or given != ["site"]):
            raise UsageError(_("articles remove takes ids, or --site alone"), print_help=False)
        if given:
            site = registered_domain(opts.site)
            removed = takedown.take_down_site(self.required_settings(), site, opts.reason.strip())
            print(
                _("{removed} articles of {site} removed; they are not stored again").format(removed=removed, site=site),
                file=sys.stderr,
            )
            return
        with self.archive() as archive:
            names = tuple(last_list.key_of(self._folder(), name) for name in names)
            takedown.remove(self.required_settings(), archive, names, opts.reason.strip(), with_copies=opts.copies)

    def _tombstones(self, opts: argparse.Namespace, *words: str) -> None:
        from newsspider.cli.archive import takedown

        if words == ("export",):
            with self.archive() as archive:
                takedown.export_tombstones(archive, opts.output)
        elif len(words) == 2 and words[0] == "import":
            takedown.import_tombstones(self.required_settings(), words[1])
        else:
            raise UsageError(_("articles tombstones: use export [-o FILE] or import FILE"), print_help=False)

    def _audit(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.archive import takedown

        with self.archive() as archive:
            takedown.audit(archive)

    def _migrate(self, opts: argparse.Namespace) -> None:
        from newsspider.cli.importing import actions

        self.exitcode = actions.migrate(self.required_settings())


def _file_name(given: str) -> str | None:
    """Return the name of a file, None for standard output."""
    return None if given == "-" else given
