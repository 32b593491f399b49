"""`scrapy genspider -t site NAME ADDRESS`: a site file that works at once; `site` is the template by default."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.commands.genspider import Command as ScrapyGenspider
from scrapy.commands.genspider import sanitize_module_name, verify_url_scheme
from scrapy.exceptions import UsageError

from newsspider.urls import registered_domain

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def module_name(name: str) -> str:
    """Return the module a site file is in."""
    return sanitize_module_name(name) if name else ""


class Command(ScrapyGenspider):
    def syntax(self) -> str:
        return "[options] NAME ADDRESS"

    def short_desc(self) -> str:
        return "Make a site file"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.set_defaults(template="site")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not opts.list and not opts.dump:
            if len(args) != 2:
                raise UsageError("give a name and an address: scrapy genspider -t site NAME HOST", print_help=False)
            if not NAME.match(args[0]):
                raise UsageError(f"name {args[0]!r}: lower-case letters, digits and _ only", print_help=False)
            if not urlsplit(verify_url_scheme(args[1])).hostname:
                raise UsageError(f"{args[1]!r} is no address", print_help=False)
            if self._spider_exists(args[0]) and not opts.force:
                self.exitcode = 1
                return
        super().run(args, opts)

    def _generate_template_variables(self, module: str, name: str, url: str, template_name: str) -> dict[str, Any]:
        values = super()._generate_template_variables(module, name, url, template_name)
        seed = url if urlsplit(url).path else f"{url}/"
        page_name = values["classname"].removesuffix("Spider") + "Page"
        return values | {"seed": seed, "site": registered_domain(url), "pagename": page_name}

    @property
    def templates_dir(self) -> str:
        """The folder of our templates; Scrapy's own, which know no SiteSpider, are not offered."""
        return str(Path(__file__).resolve().parent.parent / "templates" / "spiders")
