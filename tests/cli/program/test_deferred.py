"""Commands import what they use."""

from __future__ import annotations

import subprocess
import sys

import pytest
from project import ROOT

LOADED = """
import runpy, sys
sys.argv = ["scrapy", *sys.argv[1:]]
try:
    runpy.run_module("scrapy", run_name="__main__")
except SystemExit:
    pass
print("loaded", *sorted(name for name in sys.modules), file=sys.stderr)
"""
HEAVY = ("newsspider.pages", "newsspider.fingerprint", "newsspider.crawl", "newsspider.mongo.stories", "tldextract")


def loaded(*args: str) -> set[str]:
    """Return the modules that `scrapy <args>` loads; none of the commands here gets as far as a database."""
    done = subprocess.run([sys.executable, "-c", LOADED, *args], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split()[1:])


@pytest.mark.server
def test_a_command_of_scrapy_loads_no_database_and_no_page() -> None:
    assert not loaded("version") & {"pymongo", "rich", "newsspider.mongo.archive", *HEAVY}


@pytest.mark.server
def test_commands_of_the_archive_load_no_page_and_no_crawler() -> None:
    """`articles --sure x` and `sites show` are refused after all that a list needs has been loaded."""
    assert "pymongo" in loaded("articles", "list", "--sure", "x")
    for args in (("articles", "list", "--sure", "x"), ("sites", "list", "surplus")):
        assert not loaded(*args) & set(HEAVY)
