"""The progress line on a real terminal, and none in a pipe."""

import contextlib
import logging
import os
import re
import sys

import pytest
from rich.console import Console
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from newsspider.extensions.progress import ProgressLine


def written(master: int) -> str:
    """Return what was written to a terminal that is closed by now."""
    parts = [b""]
    with contextlib.suppress(OSError):  # EIO is the end of a terminal
        while part := os.read(master, 65_536):
            parts.append(part)
    os.close(master)
    return b"".join(parts).decode()


def test_log_records_stand_above_the_progress_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    master, slave = os.openpty()
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        handler = logging.StreamHandler()
        record = logging.LogRecord("x", logging.INFO, "", 0, "第一条 [red]", None, None)
        progress = ProgressLine(get_crawler().stats, Console(stderr=True))
        progress.start(handler)
        progress.draw()
        handler.emit(record)
        progress.stop()
        handler.emit(record)
        assert sys.stderr is terminal
    shown = written(master)
    lines = [line for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "\n").split("\n") if line]
    assert [line == "第一条 [red]" for line in (lines[0], lines[1], lines[2], lines[-1])] == [False, True, False, True]
    drawn = [line for line in lines if line != "第一条 [red]"]
    assert all(line.startswith("0:00 0 pages (0.0/s), 0 articles: 0 new") and len(line) <= 60 for line in drawn)
    assert "\x1b[2K" in shown.rpartition(drawn[-1])[2]  # the last one is erased


def test_a_pipe_gets_no_progress_line() -> None:
    with pytest.raises(NotConfigured):
        ProgressLine.from_crawler(get_crawler())
