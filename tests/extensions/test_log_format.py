"""What is written to the log, and what is not even made for it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from project import ROOT

SCRIPT = """
import logging, sys
from scrapy.utils.log import configure_logging
from newsspider.extensions.log_threshold import LogThreshold
configure_logging({"LOG_LEVEL": sys.argv[1]})
LogThreshold().spider_opened()
levels = (logging.DEBUG, logging.INFO, logging.WARNING)
print([logging.getLogger("pymongo.command").isEnabledFor(level) for level in levels])
"""


@pytest.mark.parametrize(
    ("level", "made"), [("DEBUG", [True, True, True]), ("INFO", [False, True, True]), ("WARNING", [False, False, True])]
)
@pytest.mark.server
def test_records_below_what_is_shown_are_not_made(level: str, made: list[bool]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, level], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == str(made)
