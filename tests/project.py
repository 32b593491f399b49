"""The project under test: its folders and its command line."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def scrapy_command(*args: str) -> list[str]:
    """Return the command line that runs scrapy with this interpreter."""
    return [sys.executable, "-m", "scrapy", *args]
