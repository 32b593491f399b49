"""`scrapy bless`: update the expected.json of recorded pages and show the differences."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli import goldens
from newsspider.cli.console import complain, printable
from newsspider.cli.extraction import UnreadablePageError
from newsspider.cli.setting_names import CheckedSettings
from newsspider.cli.site_pages import site_registry
from newsspider.messages import _
from newsspider.recording.cases import RecordingError
from newsspider.sites.registry import SiteRegistry

FIXTURES = "fixtures"


class Command(CheckedSettings, ScrapyCommand):
    """Writes nothing where the result is wrong for certain; exit code 1 then."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [FOLDER...]"

    def short_desc(self) -> str:
        return "Update the expected results of recorded pages"

    def long_desc(self) -> str:
        return (
            "Derive expected.json anew for all cases under fixtures/ that have one, or under the folders named; a case "
            "named itself gets its first one. Prints a line for each field that changes: read them before you commit. "
            "Mojibake, a site's name in the title and times without zone are refused."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", "--dry-run", action="store_true", help="show the differences, write nothing")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        unknown = [arg for arg in args if arg.startswith("-")]
        if unknown:
            raise UsageError(_("unknown option {unknown}").format(unknown=unknown[0]), print_help=False)
        if self.settings is None:
            raise RuntimeError("bless runs inside `scrapy`")
        sites = site_registry(self.settings)
        changed = total = 0
        for case in self._cases(args or [FIXTURES]):
            total += 1
            changed += self._bless(case, sites, is_dry=opts.dry_run)
        print(
            _("{total} cases, {changed} {more}").format(
                total=total, changed=changed, more=_("would change") if opts.dry_run else _("changed")
            )
        )

    def _cases(self, names: list[str]) -> Iterator[Path]:
        for name in names:
            if not Path(name).is_dir():
                self._refuse(f"no such folder: {name}")
                continue
            yield from goldens.cases(Path(name))

    def _bless(self, case: Path, sites: SiteRegistry, *, is_dry: bool) -> bool:
        """Print what changes for `case`, write it unless it is refused; return whether it changed."""
        try:
            before, after = goldens.expected(case), goldens.derived(case, sites)
        except (RecordingError, UnreadablePageError) as error:
            self._refuse(str(error))
            return False
        lines = list(goldens.differences(before, after))
        for line in lines:
            print(f"{case}: {printable(line)}")
        faults = goldens.faults(after)
        for fault in faults:
            self._refuse(f"{case}: refused: {fault}")
        if faults or not lines:
            return False
        if not is_dry:
            try:
                goldens.write(case, after)
            except RecordingError as error:
                self._refuse(str(error))
                return False
        return True

    def _refuse(self, message: str) -> None:
        complain(message)
        self.exitcode = 1
