"""The page modules as C give what the Python they are made of gives, and never an older one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from project import ROOT

from benchmarks.extraction import compiled, copied

HEADER = Path(sysconfig.get_paths()["include"]) / "Python.h"
PAGES = sorted((ROOT / "fixtures").glob("*/*/page.html"))
FOLDERS = re.compile(r"^COMPILED = \(.+?\)$", re.M | re.S)

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(shutil.which("gcc") is None or not HEADER.exists(), reason="needs gcc and Python's headers"),
]


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(project), "SCRAPY_SETTINGS_MODULE": "newsspider.settings"}
    return subprocess.run([sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True)


def test_compiled_pages_give_the_same_items(tmp_path: Path, soak: Any) -> None:
    """In short the parser alone is compiled, which takes a third of the time."""
    plain, native = copied(tmp_path / "python"), copied(tmp_path / "compiled")
    for folder in (plain, native):
        shutil.copy(ROOT / "scrapy.cfg", folder)
    setup = native / "setup.py"
    assert FOLDERS.search(setup.read_text())
    setup.write_text(FOLDERS.sub(lambda found: soak('COMPILED = ("pages/markup",)', found[0]), setup.read_text()))
    built = compiled(native, opt_level=0)
    assert built.returncode == 0, built.stderr[-2000:]
    where = run(native, "-c", "import newsspider.pages.markup.read_lines as lines; print(lines.__file__)")
    assert where.stdout.strip().endswith(".so")
    pages = PAGES[:: soak(12, 2)]
    extract = ("-m", "scrapy", "extract", *map(str, pages))
    first, second = run(plain, *extract), run(native, *extract)
    assert len(first.stdout.splitlines()) == len(pages) > 20
    assert second.stdout == first.stdout

    edited = native / "newsspider" / "pages" / "markup" / "read_lines.py"
    os.utime(edited, (2**32, 2**32))
    stale = run(native, "-c", "import newsspider.pages.markup.read_lines")
    assert "is newer than read_lines." in stale.stderr and "make compile" in stale.stderr
