"""`scrapy genspider -t site NAME URL`: create a working site file; the default template is `site`."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.commands.genspider import Command as ScrapyGenspider
from scrapy.commands.genspider import verify_url_scheme
from scrapy.exceptions import UsageError
from scrapy.utils.template import string_camelcase

from newsspider.cli.console import complain
from newsspider.cli.setting_names import CheckedSettings
from newsspider.cli.site_pages import module_name
from newsspider.messages import _
from newsspider.urls import ip_of, registered_domain

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
SPIDERS = Path(__file__).resolve().parent.parent / "spiders"


class Command(CheckedSettings, ScrapyGenspider):
    def syntax(self) -> str:
        return "[options] NAME URL"

    def short_desc(self) -> str:
        return "Create a site file"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.set_defaults(template="site")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.list or opts.dump:
            super().run(args, opts)
            return
        if len(args) != 2:
            raise UsageError(_("expected a name and a URL: scrapy genspider -t site NAME URL"), print_help=False)
        name, url = args[0], verify_url_scheme(args[1])
        if not NAME.match(name):
            raise UsageError(
                _("name {name!r}: lower-case letters, digits and _ only").format(name=name), print_help=False
            )
        host = urlsplit(url).hostname or ""
        if "." not in host.strip(".") and not ip_of(host):
            raise UsageError(_("{name!r} is not a URL").format(name=args[1]), print_help=False)
        template = Path(self.templates_dir, f"{opts.template}.tmpl")
        if not template.is_file():
            raise UsageError(
                _("no template {template!r} (--list shows which there are)").format(template=opts.template),
                print_help=False,
            )
        module = module_name(url)
        if not opts.force and self._is_taken(name, module):
            self.exitcode = 1
            return
        self._genspider(module, name, url, opts.template, template)
        print(
            _(
                "try it:\n  scrapy crawl {name} -a sample=5\n  scrapy record fixtures/{name} --crawl {name} -a "
                "sample=20"
            ).format(name=name)
        )

    def _is_taken(self, name: str, module: str) -> bool:
        if (SPIDERS / f"{module}.py").exists():
            complain(_("newsspider/spiders/{module}.py exists (--force overwrites it)").format(module=module))
            return True
        return bool(self._spider_exists(name))

    def _generate_template_variables(self, module: str, name: str, url: str, template_name: str) -> dict[str, Any]:
        values = super()._generate_template_variables(module, name, url, template_name)
        stem = string_camelcase(name)
        seed = url if urlsplit(url).path else f"{url}/"
        names = {"classname": f"{stem}Spider", "pagename": f"{stem}Page"}
        return values | names | {"seed": seed, "site": registered_domain(url)}

    @property
    def templates_dir(self) -> str:
        """The folder of our templates; Scrapy's own, which know no SiteSpider, are not offered."""
        return str(SPIDERS.parent / "templates" / "spiders")
