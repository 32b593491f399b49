"""Articles of WARC files, read with Ray Data; `scrapy articles import FOLDER` stores them.

    python examples/ray_warc.py FOLDER /mnt/CC-NEWS/2026/11/*.warc.gz

All machines see the files and FOLDER under the same names, and have newsspider installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from newsspider.cli.extraction import to_json
from newsspider.cli.importing.choice import RecordChoice
from newsspider.cli.importing.sources import articles_in


def articles(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the Chinese articles of the WARC file `row["path"]` as `scrapy articles import` takes them."""
    return map(to_json, articles_in(row["path"], RecordChoice("zh")))


if __name__ == "__main__":
    import ray

    folder, *paths = sys.argv[1:]
    rows = ray.data.from_items([{"path": path} for path in paths], override_num_blocks=len(paths))
    rows.flat_map(articles).write_json(folder, force_ascii=False)
