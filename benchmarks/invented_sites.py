"""Writes the invented sites as fixtures: python benchmarks/invented_sites.py --write fixtures/ [--only NAME]"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.invented import guojing, haidao, hupan, linhe, liuguang, mizong, qingshan, yunding  # noqa: E402
from benchmarks.invented.site import Page, Site, Truth, read_fixtures, write_fixtures  # noqa: E402

__all__ = ["DISCOVERY", "LATER", "SITES", "Page", "Site", "Truth", "read_fixtures", "write_fixtures"]

DISCOVERY = ("hupan", "yunding", "liuguang", "haidao", "guojing", "mizong")
SITES: dict[str, Callable[[], Site]] = {
    "linhe": linhe.build,
    "qingshan": qingshan.build,
    "hupan": hupan.build,
    "yunding": yunding.build,
    "liuguang": liuguang.build,
    "haidao": haidao.build,
    "guojing": guojing.build,
    "mizong": mizong.build,
}
# the same sites a day later: 10 % of the articles edited, 5 % withdrawn, 20 new
LATER: dict[str, Callable[[], Site]] = {name: partial(SITES[name], is_later=True) for name in DISCOVERY}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", choices=sorted(SITES), action="append")
    options = parser.parse_args()
    for name in options.only or SITES:
        site = SITES[name]()
        pages = write_fixtures(site, options.write)
        weight = sum(len(page.body) for page in site.pages.values()) // 1024
        print(f"{name:10} {pages:4} pages {weight:5} KB {len(site.articles):4} articles")


if __name__ == "__main__":
    main()
