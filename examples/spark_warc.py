"""Articles of WARC files, read on a Spark cluster; `scrapy articles import FOLDER` stores them.

    spark-submit examples/spark_warc.py FOLDER /mnt/CC-NEWS/2026/11/*.warc.gz

All machines see the files and FOLDER under the same names, and have newsspider installed. Each file gives one of JSON
lines, written whole or not at all: the same command again reads what is missing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from newsspider.cli.extraction import to_json
from newsspider.cli.importing.choice import RecordChoice
from newsspider.cli.importing.sources import articles_in


def convert(path: str, folder: str) -> int:
    """Write the Chinese articles of a WARC file as JSON lines, and return how many there are."""
    target = Path(folder, f"{Path(path).name}.jsonl")
    if target.exists():
        return 0
    lines = [json.dumps(to_json(article), ensure_ascii=False) for article in articles_in(path, RecordChoice("zh"))]
    unfinished = target.with_suffix(".part")
    unfinished.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    unfinished.rename(target)
    return len(lines)


if __name__ == "__main__":
    from pyspark.sql import SparkSession

    folder, *paths = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    context = SparkSession.builder.appName("newsspider").getOrCreate().sparkContext
    print(context.parallelize(paths, len(paths)).map(lambda path: convert(path, folder)).sum(), "articles")
