"""The help of the project's commands."""

import argparse
import importlib
import pkgutil
import re

import pytest
from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.settings import Settings

from newsspider import commands

PREFIX = f"{commands.__name__}."
NAMES = [
    module.name.removeprefix(PREFIX) for module in pkgutil.walk_packages(commands.__path__, PREFIX) if not module.ispkg
]


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_the_help_is_taken_for_a_heading(name: str) -> None:
    command: ScrapyCommand = importlib.import_module(f"{PREFIX}{name}").Command()
    command.settings = Settings()
    parser = argparse.ArgumentParser(
        prog="scrapy", formatter_class=ScrapyHelpFormatter, description=command.long_desc(), conflict_handler="resolve"
    )
    command.add_options(parser)
    headings = re.findall(r"^(.+)\n[=-]{4,}$", parser.format_help(), re.M)
    assert {heading.strip() for heading in headings} <= {
        "Usage",
        "Options",
        "Global Options",
        "Which Articles (List, Export, Stats; Doctor: --Site Alone)",
        "List, Show",
        "Set, Add",
    }
