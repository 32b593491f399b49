"""What a crawl prints on a terminal and into a pipe."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Callable
from subprocess import CompletedProcess

from project import ROOT, scrapy_command

Run = Callable[..., CompletedProcess[str]]


LINHE = ROOT / "fixtures" / "linhe"


CRAWL = ("crawl", "linhe", "-s", f"REPLAY={LINHE}", "-a", "sample=6")


WAIT_S = 60


def run_on_terminal(arguments: tuple[str, ...], environment: dict[str, str]) -> str:
    """Return all that `scrapy` writes to a terminal of 200 columns."""
    master, slave = pty.openpty()
    environment = environment | {"TERM": "xterm", "COLUMNS": "200"}
    process = subprocess.Popen(
        scrapy_command(*arguments), cwd=ROOT, env=environment, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    written = b""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 1)
        if not ready:
            continue
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(master)
    assert process.wait(WAIT_S) == 0, written.decode(errors="replace")[-2000:]
    return written.decode(errors="replace")


def test_terminal_gets_progress_table_and_summary(scrapy_environment: dict[str, str]) -> None:
    shown = run_on_terminal(CRAWL, scrapy_environment)
    assert re.search(r"\r\x1b\[2K0:0\d \d+ pages \([\d.]+/s\), \d+ articles?: ", shown)
    # the progress line is gone before the table is drawn
    table = shown.rpartition("\x1b[2K")[2]
    assert "time +08:00" in table
    assert "6 new, 0 changed, 0 unchanged articles" in table
    assert "look further: scrapy articles list" in table


def test_pipe_gets_no_progress(run_scrapy: Run) -> None:
    done = run_scrapy(*CRAWL)
    assert "\x1b" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 3
    assert all(line.count("\t") == 3 for line in done.stdout.splitlines())
