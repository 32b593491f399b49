"""Writes the invented sites as fixtures: python benchmarks/invented_sites.py --write fixtures/ [--only NAME]"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.invented import linhe, qingshan  # noqa: E402
from benchmarks.invented.site import Page, Site, Truth, write_fixtures  # noqa: E402

__all__ = ["SITES", "Page", "Site", "Truth", "write_fixtures"]

SITES: dict[str, Callable[[], Site]] = {
    "linhe": linhe.build,
    "qingshan": qingshan.build,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", choices=sorted(SITES), action="append")
    options = parser.parse_args()
    for name in options.only or SITES:
        site = SITES[name]()
        pages = write_fixtures(site, options.write)
        weight = sum(len(page.body) for page in site.pages.values()) // 1024
        print(f"{name:12} {pages:4} pages {weight:6} KB {len(site.articles):4} articles")


if __name__ == "__main__":
    main()
